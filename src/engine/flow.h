/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A flow: one direction between two streams.
 *
 *     OPEN --(the source has ended)--> DRAIN --(all is written)--> SHUT --(acknowledged)--> CLOSED
 *       any of them --(failure, or the session leaves)--> CLOSED
 *
 * It moves data by copying, or inside the kernel by splice(2) through a borrowed pipe once a read has filled the
 * buffer; when it is quiet it copies again and owns nothing. It never holds more than one buffer or one pipe, and reads
 * nothing while what it holds is not written: backpressure.
 *
 * With a line of faults (fault_line.h) all goes through that, which says when and how it goes on.
 */
#ifndef SOCKT_ENGINE_FLOW_H
#define SOCKT_ENGINE_FLOW_H

#include "base/buf.h"
#include "engine/engine.h"
#include "stream/stream.h"

/* Bytes and moves (messages may be empty) in one turn of the loop at most, so that one busy flow starves nobody. */
#define FLOW_BUDGET ((uint64_t)1 << 20)
#define FLOW_MOVES 1024

struct fault_line;

enum flow_state {
	FLOW_OPEN = 0,
	FLOW_DRAIN,
	FLOW_SHUT,
	FLOW_CLOSED,
};

enum flow_path {
	FLOW_COPY = 0, /* read and write through the buffer */
	FLOW_SPLICE,   /* splice(2) through a borrowed pipe */
};

/* What a flow can do next: a pure function of readiness and state, flow_next(). */
enum flow_act {
	FLOW_ACT_WAIT = 0, /* nothing until a fact changes */
	FLOW_ACT_WRITE,    /* what is held */
	FLOW_ACT_READ,     /* and write what was read */
	FLOW_ACT_DRAINED,  /* the source has ended and nothing is held */
	FLOW_ACT_DONE,     /* nothing ever */
};

struct flow_view {
	enum flow_state state;
	bool holds;         /* bytes read and not written */
	bool can_read, can_write;
};

enum flow_act flow_next(const struct flow_view *view);

/* How a run of a flow ended. */
enum flow_result {
	FLOW_WAITS = 0,    /* for readiness, or for the gate */
	FLOW_MORE,         /* its bound of bytes is reached while it could go on: run it again soon */
	FLOW_ENDED,        /* DRAIN, and nothing is held: to be shut */
	FLOW_LACKS,        /* the kernel has no memory for it now (ENOBUFS, ENOMEM): nothing will tell when it has */
	FLOW_FAILED_FROM,  /* reading failed (error), and all that was read is written */
	FLOW_FAILED_TO,    /* writing failed (error) */
	FLOW_END_BOTH,     /* a fault: both sides are to see an end now */
	FLOW_RESET_BOTH,   /* a fault: both sides are to be reset now */
};

/* The lines of faults of a connection's two flows, by is_out; NULL: that one has none. */
struct flow_lines {
	struct fault_line *line[2];
};

/* What the two flows of a connection share: the engine, faults, and who spoke when. */
struct talk {
	struct engine *engine;
	struct flow_lines *lines; /* the owner's; NULL: no faults */
	uint32_t turns;      /* runs of data in one direction */
	uint8_t first, last; /* enum who */
};

struct flow {
	struct talk *talk;
	struct stream *from, *to;
	struct pipe *pipe;     /* SPLICE: while something moves */
	char *held;            /* COPY: bytes that wait to be written: a lent buffer, or memory of their size */
	uint32_t held_at, held_len;
	uint64_t bytes;        /* moved in all */
	uint64_t moves;        /* reads (of a flow from a connection) or writes that moved data */
	uint64_t other_bytes;  /* at the end that bytes and moves do not count: read where those are written ... */
	uint64_t other_moves;
	uint32_t wait_mark;    /* bytes when it last waited, its lower half */
	int error;             /* errno of a failure */
	uint8_t state, path;
	uint8_t quiet_waits;   /* waits running between which little has moved */
	bool is_out;           /* from here to the peer: moves counts writes */
	bool is_held_lent;     /* held is the engine's buffer */
	bool is_held_message;  /* held is one message, to be written whole (it may be empty) */
	bool is_discarding;    /* what is read is thrown away */
	bool has_no_splice;    /* splice(2) was refused once, or is slower here: copy for good */
	bool is_wide;          /* COPY: by the whole buffer */
	bool is_error_from;    /* error is of reading */
	bool has_come;         /* the turn of what waits to be read is counted already */
	bool was_truncated;    /* a message was cut: the session says so */
	uint32_t truncated_len;
};

void flow_init(struct flow *flow, struct engine *engine, struct talk *talk, struct stream *from, struct stream *to,
	       bool is_out);
/* Move what can be moved, at most a bounded number of bytes. */
enum flow_result flow_run(struct flow *flow);
/* The one setter of the state. */
void flow_set_state(struct flow *flow, enum flow_state next);
/* No more is to be read: go to DRAIN. OPEN only; else nothing. */
void flow_end_source(struct flow *flow);
/* Does it hold bytes that are read and not written? */
bool flow_holds(const struct flow *flow);
/*
 * A message has been received for the flow that it has not read yet: its turn begins now, whatever the other flow moves
 * before it is read.
 */
void flow_has_come(struct flow *flow);
/* Throw away what it holds, give back what it borrowed, and close. */
void flow_close(struct flow *flow);
/*
 * Hold len bytes at buffer + at, or one message, until they can be written. buffer is the engine's, and is taken
 * or given back.
 */
void flow_hold(struct flow *flow, char *buffer, size_t at, size_t len, bool is_message);
/* Whoever took what is written takes no more: throw it away from now on, and what is held. */
void flow_discard(struct flow *flow);
/* Take away what it holds: it is put into the buffer. Returns whether it was a message. */
bool flow_take(struct flow *flow, struct buf *into);
/* Let it hold these bytes, or that message (copied). It has to hold nothing. */
void flow_give(struct flow *flow, const void *data, size_t len, bool is_message);
/* Forget the message that is held: it cannot be written. */
void flow_drop_held(struct flow *flow);
/* The name of a state, for the trace and messages. */
const char *flow_state_name(enum flow_state state);

/* The two paths (flow_copy.c, flow_splice.c): make one move. 1: something moved or changed, 0: not now, -errno. */
int flow_copy_move(struct flow *flow);
int flow_splice_move(struct flow *flow);
/*
 * Many messages at once (flow_batch.c), where both sides can, nothing is held and nobody wants to see the bytes. The
 * move is as those above.
 */
bool flow_batch_can(const struct flow *flow);
int flow_batch_move(struct flow *flow);
/* Shall the flow leave copying for splicing, a read having filled the buffer? Changes the path if so. */
void flow_splice_try(struct flow *flow);
/* Is nothing left to be read? (Observing: asks the source.) */
bool flow_splice_is_drained(struct flow *flow);
/* Take what is in the borrowed pipe out of it, to be held. Returns 0 or -errno. */
int flow_splice_unload(struct flow *flow);
/* While the flow waits: give an empty borrowed pipe back to the pool, to be borrowed again for the next move. */
void flow_splice_rest(struct flow *flow);
/* Give the pipe back and copy again. Only when nothing is held. */
void flow_splice_leave(struct flow *flow);
/* The path through the line (flow_fault.c), once nothing is held that was read before there was one. */
enum flow_result flow_fault_run(struct flow *flow);
/* Its line; NULL: it has none. */
static inline struct fault_line *flow_line(const struct flow *flow)
{
	return flow->talk->lines == NULL ? NULL : flow->talk->lines->line[flow->is_out];
}
/* Give it a line (taken), where talk->lines has a place for it and it has none. */
void flow_set_line(struct flow *flow, struct fault_line *line);
/* Free its line, and what that holds. */
void flow_drop_line(struct flow *flow);
/* Count a move of n bytes: a write, or a read. */
void flow_count(struct flow *flow, size_t n, bool is_write);
/* Count several moves, of n bytes in all. */
void flow_count_moves(struct flow *flow, size_t n, unsigned moves, bool is_write);
/* Record a failure: error of reading, or of writing. Returns -error. */
int flow_fail(struct flow *flow, int error, bool is_from);

#endif
