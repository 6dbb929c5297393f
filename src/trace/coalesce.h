/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What becomes of the pieces of a byte stream: several may arrive as one, and one as several. Learned from the events
 * alone, wherever they show both: in a relay (what was received from one side, and sent to the other), where both ends
 * of a connection are in this process, and where packets are seen. The verdict is put into the event of the call that
 * ends such a piece. Pure but for memory.
 */
#ifndef SOCKT_TRACE_COALESCE_H
#define SOCKT_TRACE_COALESCE_H

#include "base/buf.h"
#include "trace/event.h"

/* ---- One stream ---- */

#define COALESCE_PIECES 32 /* that are told apart; further ones are counted together */

/* Zeroed: nothing went in. */
struct coalesce_stream {
	uint64_t in, out; /* bytes that went in, and came out; more may come out than is known to have gone in */
	uint32_t lens[COALESCE_PIECES], counts[COALESCE_PIECES]; /* the pieces that are not all out, as a ring */
	uint8_t first, used;
	uint32_t first_out;   /* bytes of the first that are out */
	uint32_t first_calls; /* in so many calls */
	uint32_t vague;       /* a bit for each place of the ring: how many pieces that was is not known */
};

/* A piece of len bytes went in. */
void coalesce_put(struct coalesce_stream *stream, uint64_t len);
/* len bytes went in, as nobody knows how many pieces: one at least. */
void coalesce_put_vague(struct coalesce_stream *stream, uint64_t len);
/*
 * A call took len bytes out. Returns false where that is one whole piece, or the end of the matter is not reached yet;
 * else true with pieces and calls filled, of which one is 1.
 */
bool coalesce_take(struct coalesce_stream *stream, uint64_t len, struct coalesced *verdict);

/* ---- All streams of a run ---- */

struct coalesce;

/*
 *   is_relay    what one side sent is what the other received
 *   has_header  but not from the client to the target: a PROXY header is taken away, or put before it
 */
struct coalesce *coalesce_new(bool is_relay, bool has_header);
/* NULL: nothing. */
void coalesce_free(struct coalesce *coalesce);
/* Learn from the event, and fill its verdict (event->coalesced), which is zeroed. */
void coalesce_event(struct coalesce *coalesce, struct event *event);

/* Add the sentence of a verdict: `3 segments arrived as 1 receive`. */
void coalesce_format(const struct event *event, struct text *text);
/* The JSON word of what went in: "segments". */
const char *coalesce_word(enum coalesced_what what);

#endif
