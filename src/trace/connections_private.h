/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of connections.h share: the sockets that are followed, and making packets of them. */
#ifndef SOCKT_TRACE_CONNECTIONS_PRIVATE_H
#define SOCKT_TRACE_CONNECTIONS_PRIVATE_H

#include "trace/connections.h"
#include "trace/ends.h"

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
	uint32_t ordinal;
	struct connection_half out, in;
	struct addr local, remote; /* as events tell them */
	char *asked;               /* the comment of a SYN that waits for its local address; NULL: none waits */
	uint64_t asked_ns;
	uint32_t number;                 /* both ends are here: of the connection; 0: not */
	struct connection *next_carrier; /* of those with a number */
	bool is_detached;                /* closed: only in that list */
	char *last; /* where packets are seen: the comment of the last call; NULL: none yet */
};

#define CONNECTION_BUCKETS 1024

struct connections {
	connections_fn *emit;
	void *ctx;
	bool has_packets;
	struct ends *ends;     /* both ends are here; else NULL */
	struct ends_seen seen; /* what the event at hand is to them */
	struct connection *carriers;
	struct held *held, *held_last; /* packets that wait, in their order */
	size_t held_count, held_bytes;
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
	uint64_t flow;      /* both ends are here: which bytes the packets have; 0: none */
	uint64_t flow_end;  /* behind the last that is made: counted in bytes from 1 */
	bool is_unanswered; /* nobody acknowledges them */
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
void connection_free(struct connections *all, struct connection *cn);
/* Take a socket out of its bucket, but keep it; and give that back. */
void connection_detach(struct connections *all, struct connection *cn);
void connection_destroy(struct connection *cn);

/* The client's socket of a connection whose other end is here, or will be. */
void connections_pair_begin(struct connections *all, struct connection *cn, uint32_t number);
void connections_pair_forget(struct connections *all, struct connection *cn);
/* What a call does to such a connection. Returns whether it is one. */
bool connections_pair_turn(const struct turn *told);

/* Hand the packet on; where both ends are here, later: it waits for who takes what is in it. */
void connections_hold(const struct making *making, const struct connections_packet *packet);
/* A call has taken the bytes of a flow up to end. from: who sent it, known now; NULL: nothing new. */
void connections_taken(struct connections *all, uint64_t flow, uint64_t end, const char *comment,
		       const struct addr *from);

/* The handshake of a socket that came to us connected, where there is none yet. */
void turn_handshake(const struct turn *turn);
/* The end of one direction, and its acknowledgement, where it has not ended. */
void turn_end_half(const struct turn *turn, bool is_out);
/* A reset, after which nothing comes. */
void turn_reset(const struct turn *turn, bool is_out);
/* SEND, RECV; RECVMMSG, SENDMSG, SENDMMSG. */
void turn_io(const struct turn *told);
void turn_messages(const struct turn *told);

/* Is it a stream: do its bytes make segments of TCP? */
bool connection_is_stream(const struct connection *cn);
/* One segment of TCP without data: flags as of TH_SYN ... */
void make_segment(const struct making *making, bool is_out, uint8_t flags);
/* len bytes of the stream as segments, and their acknowledgement. data: have of them; NULL where have is 0. */
void make_stream(struct making *making, bool is_out, const void *data, size_t have, size_t len);
/*
 * One datagram of len bytes, between local and remote (NULL: those of the socket). Where it is longer than one of UDP
 * can be, it becomes several.
 */
void make_datagram(const struct making *making, bool is_out, const struct addr *local, const struct addr *remote,
		   const void *data, size_t have, size_t len);

/* The words of comments (connections_words.c): `session 3: `, where it has one, ... */
void connections_add_session(struct text *text, const struct event *event);
/* ... and with it the call, with the number of its event. */
void connections_add_comment(struct text *text, uint64_t seq, const struct event *event);
/* Keep what is known of the last call on a socket, for the packets that are seen behind it. */
void connections_remember(struct connection *cn, uint64_t seq, const struct event *event);

#endif
