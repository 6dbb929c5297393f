/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What coalesce.c and coalesce_early.c share: the ends of connections. Nobody else includes it. */
#ifndef SOCKT_TRACE_COALESCE_PRIVATE_H
#define SOCKT_TRACE_COALESCE_PRIVATE_H

#include "trace/coalesce.h"

/* What pieces are of. */
enum way {
	WAY_SEGMENTS_IN = 0, /* segments that came, taken by receives */
	WAY_SEGMENTS_OUT,    /* sends, taken by segments that left */
	WAY_RELAYED,         /* receives, taken by the sends of the other side */
	WAY_PEER,            /* sends of the other end in this process, taken by receives */
	WAY_COUNT,
};

/* One end of a connection: the one of that side in a session. */
struct end {
	uint32_t session;
	uint8_t side;
	bool is_known;        /* a call told of it; false: a SYN did, and nobody knows yet what comes of it */
	bool has_seq[2];      /* of segments, by is_out: */
	uint32_t next_seq[2]; /* what comes next, if nothing is sent again */
	struct end *peer;     /* the other end, where that is in this process, too */
	struct addr local, remote;
	struct coalesce_stream *streams[WAY_COUNT]; /* NULL: nothing went in */
	struct end *next;     /* of its bucket */
	struct end *older;    /* in the list of those without a peer, or not accepted yet */
};

/* A segment of end: what is new of it goes in, or comes out, with a verdict in the event. */
void coalesce_packet(struct end *end, struct event *event);

/*
 * Segments of no session are those of a client who waits to be accepted, or of none that will be. A list keeps them,
 * the newest first, until accept() gives them to an end.
 */

/* A segment of no session. A SYN makes its client known. */
void coalesce_early_packet(struct end **early, struct event *event);
/* The client of an ACCEPT: what has come from it meanwhile is what end receives. */
void coalesce_early_accept(struct end **early, struct end *end, const struct event *event);
/* Forget all from *at on. */
void coalesce_early_free(struct end **at);

#endif
