/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whose packets are ours: the connections that steps were made on, and the sockets that wait for others; and what has
 * to be remembered of each to read its segments (RFC 9293, RFC 7323). Pure: no socket, no clock.
 */
#ifndef SOCKT_STEP_PACKET_TABLE_H
#define SOCKT_STEP_PACKET_TABLE_H

#include "step/packet_key.h"
#include "trace/event.h"
#include "trace/packet_parse.h"

#define PACKET_RESTING_MAX 4096  /* connections that are closed, or were never accepted: the oldest leave */
#define PACKET_EARLY_MAX ((size_t)1 << 20) /* bytes of packets that are kept, of all connections */
#define PACKET_GAPS 4            /* of a side's numbers, that may still be filled; of more it is not known */
#define PACKET_COPIES 4          /* packets remembered, of which another interface shows a copy */

/* What one side sends. */
struct packet_flow {
	bool has_base, has_syn, has_fin, is_fin_acked;
	int8_t wscale;     /* of its SYN; -1: none */
	uint32_t base;     /* the number of its first byte */
	uint32_t fin_end;  /* the number behind its FIN */
	bool has_next;
	uint8_t gap_count; /* PACKET_GAPS + 1: there were too many to know them */
	uint32_t next;     /* the number behind the last that was seen */
	struct {
		uint32_t from, to;
	} gaps[PACKET_GAPS]; /* numbers before next that were not seen: lost on the way, or to come later */
};

/* A packet of a connection that is not known yet, kept until it is; numbered. */
struct packet_early {
	struct packet_early *next;
	uint64_t at_ns;
	struct packet_headers headers;
	size_t size;      /* of all this */
	uint8_t bytes[];  /* those of the packet */
};

struct packet_conn {
	struct packet_key key;
	uint32_t zone;      /* of an IPv6 address */
	bool is_mapped;     /* the socket shows IPv4 addresses as IPv6 */
	bool is_known;      /* a step told of it; false: it has not been accepted */
	bool is_closed;     /* its descriptor has been given back */
	bool is_hidden;     /* there may be a password in its data: nobody may see them */
	bool was_reset;
	enum side side;
	int fd;             /* -1: none */
	uint32_t session;   /* 0: none yet */
	uint64_t quiet_ns;  /* when it was closed, or its last packet passed since */
	struct packet_flow in, out;
	struct packet_conn *mirror; /* the other end, where that is ours as well; NULL: it is not, or is gone */
	struct {
		uint32_t hash;
		int interface;
	} copies[PACKET_COPIES];
	unsigned next_copy;
	struct packet_early *early, **early_end; /* a list */
	struct packet_conn *next;           /* in its place of the table */
	struct packet_conn *older, *newer;  /* of those that rest */
	bool is_resting;
};

struct packet_table;

struct packet_table *packet_table_new(uint32_t seed);
void packet_table_free(struct packet_table *table);

/* A socket waits at addr (TCP: it listens; UDP: it is bound), as descriptor fd. */
void packet_table_listen(struct packet_table *table, uint8_t protocol, const struct addr *addr, int fd);
/* The address at which a packet to addr is waited for; NULL: nobody waits there. */
const struct addr *packet_table_listener(const struct packet_table *table, uint8_t protocol, const struct addr *addr);

/* Where the socket fd waits; NULL: it does not. */
const struct addr *packet_table_bound(const struct packet_table *table, int fd);

/*
 * A step told of a connection: it is known from now on, or known anew. Where it is the descriptor of another already,
 * or of a listener, that is not any more.
 */
struct packet_conn *packet_table_know(struct packet_table *table, const struct packet_key *key,
				      const struct addr *local, uint32_t session, enum side side, int fd);
/*
 * Let the other end see the segment too, where that is ours as well: it goes on where this one has counted to. To be
 * called before packet_conn_number(), which changes it.
 */
void packet_conn_reflect(struct packet_conn *conn, const struct packet *packet);
/* A packet told of one that comes to a listener, which shows addresses like bound. */
struct packet_conn *packet_table_meet(struct packet_table *table, const struct packet_key *key,
				      const struct addr *bound);
/*
 * The connection of a packet with these ends that passed at at_ns; NULL: there is none. One that was closed too long
 * before is forgotten by that: of TCP what ends it is still under way, of UDP nothing is.
 */
struct packet_conn *packet_table_find(struct packet_table *table, const struct packet_key *key, uint64_t at_ns);
/* Forget a connection: its ends have become somebody else's. */
void packet_table_forget(struct packet_table *table, struct packet_conn *conn);
/* The descriptor has been given back. Its connection rests, since its last segments are still under way. */
void packet_table_close(struct packet_table *table, int fd, uint64_t now_ns);
/* May the data of the connection of that descriptor be seen? None: nothing. */
void packet_table_hide(struct packet_table *table, int fd, bool is_hidden);
/* How many connections are closed whose end has not been acknowledged on its way, though it is to be expected. */
size_t packet_table_unfinished(const struct packet_table *table);

/* Keep a packet that passed at at_ns (copied) until its connection is known, as long as there is room. */
void packet_table_keep(struct packet_table *table, struct packet_conn *conn, const struct packet_headers *headers,
		       uint64_t at_ns);
/* The first of the packets that were kept, to be freed; NULL: there is none. */
struct packet_early *packet_table_take(struct packet_table *table, struct packet_conn *conn);

/* The addresses of a connection as its socket shows them. */
void packet_conn_addrs(const struct packet_conn *conn, struct addr *local, struct addr *remote);
/*
 * Has the packet been seen already, on another interface? A connection through a bridge or a tunnel passes several
 * interfaces of one host. Remembers it where not.
 */
bool packet_conn_is_copy(struct packet_conn *conn, const struct packet *packet, int interface);
/*
 * Make the numbers of a segment relative and its window bytes, say whether it is seen again, and remember what later
 * ones need. is_out is to be set.
 */
void packet_conn_number(struct packet_conn *conn, struct packet *packet);
/* Is a SYN the first of a new connection, whose ends were those of conn before? */
bool packet_conn_is_renewed(const struct packet_conn *conn, const struct packet *packet);
/* May its ends be those of another connection by now? */
bool packet_conn_is_over(const struct packet_conn *conn);

#endif
