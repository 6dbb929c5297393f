/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of connections.h share: the sockets that are followed, and making packets of them. */
#ifndef SOCKT_TRACE_CONNECTIONS_PRIVATE_H
#define SOCKT_TRACE_CONNECTIONS_PRIVATE_H

#include "trace/connections.h"

#define COMMENT_MAX 512

/* One direction of a byte stream. */
struct connection_half {
	uint32_t seq;   /* of the next byte */
	bool has_ended; /* its FIN is there */
};

/* A socket. */
struct connection {
	struct connection *next; /* in its bucket */
	int fd;
	uint32_t session;
	enum protocol protocol;
	bool is_client : 1;  /* connect() was called: the peer is the server */
	bool is_up : 1;      /* its handshake is there */
	bool is_over : 1;    /* nothing more can come: reset */
	bool is_abrupt : 1;  /* SO_LINGER 0: close() resets it */
	bool was_reset : 1;  /* SO_ERROR said so; what came before may still be read */
	bool has_unread : 1; /* close() resets it: bytes are left in it */
	bool is_told : 1;    /* it was said that its addresses are made up */
	bool is_paired : 1;  /* the peer is followed as well, or was: each end tells what it sends */
	struct connection *other; /* that peer; NULL: none, or closed */
	uint64_t sent, to_take;   /* bytes it sent; of those of its pair, what it has not received */
	uint32_t ordinal;
	struct connection_half out, in;
	struct addr local, remote; /* as events tell them */
	char *asked;               /* the comment of a SYN that waits for its local address; NULL: none waits */
	uint64_t asked_ns;
	char *last; /* where packets are seen: the comment of the last call; NULL: none yet */
};

#define CONNECTION_BUCKETS 1024

struct connections {
	connections_fn *emit;
	void *ctx;
	bool has_packets;
	uint32_t count; /* of all there have been */
	size_t open;
	struct connection *buckets[CONNECTION_BUCKETS];
};

/* Packets being made of one event. */
struct making {
	struct connections *all;
	struct connection *cn;
	uint64_t t_ns;
	const char *comment;
};

/* An event and whose it is. */
struct turn {
	struct making making; /* its connection may be NULL */
	const struct event *event;
};

/* The socket with that descriptor, of that session. Workers have equal descriptors, sessions only one. */
struct connection *connection_find(struct connections *all, int fd, uint32_t session);
/*
 * The socket of an event, or NULL. One that was made for no session yet is the session's from its first event on; that
 * of a datagram socket stays with all.
 */
struct connection *connection_of(struct connections *all, const struct event *event);
/* A new socket with that descriptor, of the event's session and protocol. */
struct connection *connection_add(struct connections *all, int fd, const struct event *event);
/*
 * The other end of a connection, where this program has both: the one with its addresses the other way round. NULL:
 * none, or there are too many sockets to look for it.
 */
struct connection *connection_other(struct connections *all, const struct connection *cn);
void connection_free(struct connections *all, struct connection *cn);

/* The handshake of a socket that came to us connected, where there is none yet. */
void turn_handshake(const struct turn *turn);
/* The end of one direction, and its acknowledgement, where it has not ended. */
void turn_end_half(const struct turn *turn, bool is_out);
/* A reset, after which nothing comes. */
void turn_reset(const struct turn *turn, bool is_out);
/* SEND, RECV; RECVMMSG, SENDMSG, SENDMMSG. */
void turn_io(const struct turn *told);
void turn_messages(const struct turn *told);

/* An IPv4 address that stands in an IPv6 one becomes what it is on the wire. */
void connection_unmap(struct addr *addr);
/* Is it a stream: do its bytes make segments of TCP? */
bool connection_is_stream(const struct connection *cn);
/* One segment of TCP without data: flags as of TH_SYN ... */
void make_segment(const struct making *making, bool is_out, uint8_t flags);
/* len bytes of the stream as segments, and their acknowledgement. data: have of them; NULL where have is 0. */
void make_stream(const struct making *making, bool is_out, const void *data, size_t have, size_t len);
/*
 * One datagram of len bytes, between local and remote (NULL: those of the socket). Where it is longer than one of UDP
 * can be, it becomes several.
 */
void make_datagram(const struct making *making, bool is_out, const struct addr *local, const struct addr *remote,
		   const void *data, size_t have, size_t len);

#endif
