/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A dressing: the layers that options of the bytes (--crlf, --hex, --limit ...) put around the two ends of a session.
 * Where none of them is given there is none, and a session costs nothing more.
 *
 * From the socket up: pace, witness (sees what passes on the connection), telnet, crlf, line, limit (of what is
 * received); over our own end: traffic, limit (of what is sent).
 */
#ifndef SOCKT_ENGINE_DRESSING_H
#define SOCKT_ENGINE_DRESSING_H

#include "engine/session.h"
#include "stream/crlf_layer.h"
#include "stream/limit_layer.h"
#include "stream/line_layer.h"
#include "stream/pace_layer.h"
#include "stream/telnet_layer.h"
#include "stream/traffic_layer.h"
#include "stream/witness_layer.h"

#define DRESSING_NO_LIMIT UINT64_MAX

struct dressing;

/* What all sessions of a run have moved. Zeroed: nothing. */
struct tally {
	struct dressing *live;    /* sessions that are not freed */
	uint64_t sent, received;  /* by the others */
	uint64_t began_ns;        /* when the first began; 0: none has */
};

/* What the options ask for. */
struct dressing_wish {
	const struct witness *witness; /* NULL: nobody wants to see the bytes */
	struct tally *tally;           /* NULL: nobody counts */
	uint64_t limit;                /* bytes each way; DRESSING_NO_LIMIT: as many as there are */
	uint64_t limit_messages;       /* that are received; DRESSING_NO_LIMIT: likewise */
	uint64_t limit_reads;          /* of a stream; likewise */
	struct pace_wish pace;
	struct traffic_wish traffic;
	bool is_crlf, is_telnet;
	bool is_line; /* what arrives is given to our end in whole lines */
};

/* The layers over a connection that those of a session and the target's of a pair have in common. Zeroed: none. */
struct dressing_wire {
	struct pace_layer pace;
	struct telnet_layer telnet;
	struct crlf_layer crlf;
};

/* Does the wish ask for a pace? Put it over stream, whose task is to run when it is time. */
bool dressing_has_pace(const struct dressing_wish *wish);
void dressing_put_pace(struct dressing_wire *wire, const struct dressing_wish *wish, struct stream *stream,
		       struct loop *loop, struct task *task);
/* Put --telnet and --crlf over stream, which is that of the session or pair at that place, and has the socket sk. */
void dressing_put_text(struct dressing_wire *wire, const struct dressing_wish *wish, struct stream *stream,
		       struct stepper *st, struct sock *sk, const struct witness_place *place);
/* How many bytes these have sent beside what was given to them, or taken out of what was received. */
uint64_t dressing_wire_added(const struct dressing_wire *wire);
uint64_t dressing_wire_removed(const struct dressing_wire *wire);

/* Is there anything to be done? */
bool dressing_is_wanted(const struct dressing_wish *wish);
/* Is standard input not read, since something else is sent? NULL: it is read. */
bool dressing_is_deaf(const struct dressing_wish *wish);

/* Dress a session whose ends are known. To be freed when it is closed. */
struct dressing *dressing_put(const struct dressing_wish *wish, struct session *session);
/* Put what its layers have taken and not sent into the buffer. NULL: nothing. */
void dressing_take_unsent(struct dressing *dressing, struct buf *into);
/* NULL: nothing. */
void dressing_free(struct dressing *dressing);
/* Has the limit been reached by what was received? */
bool dressing_is_in_ended(const struct dressing *dressing);
/* How many bytes were sent beside those that our end gave, or received and not given to it. NULL: none. */
uint64_t dressing_added(const struct dressing *dressing);
uint64_t dressing_removed(const struct dressing *dressing);
/* Of a connection that has tested a network: say what it has carried, and how fast. */
void dressing_say_goodput(const struct dressing *dressing);
/* What has been sent and received so far. */
void dressing_count(const struct tally *tally, uint64_t *sent, uint64_t *received);

#endif
