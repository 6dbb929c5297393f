/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What faults do to one direction: a line that data are put into as they are read and that says when, and in what
 * pieces, they are to be sent. Pure but for memory: time is passed in, and all that is drawn comes from a seed.
 *
 *     read --> [limits] --> loss, corrupt, duplicate, reorder --> held for latency and jitter --> rate, slice --> send
 *
 * Order is kept (but for reorder, which is for messages). The source's end or reset goes through it as data do. What it
 * holds is bounded: where it has no room, nothing is to be read, and the sender feels it.
 *
 * The counts of limit, reset and stall, and their times, begin when they are given. Rules that differ in others only
 * do not begin them anew.
 */
#ifndef SOCKT_ENGINE_FAULT_LINE_H
#define SOCKT_ENGINE_FAULT_LINE_H

#include "engine/fault.h"

/* The most bytes that a line holds, what it needs beside them included. */
#define FAULT_LINE_MAX ((size_t)64 << 20)

struct fault_line;

/* What is to be done now. */
enum fault_verdict {
	FAULT_WAIT = 0, /* nothing; ask again when something is put in, too */
	FAULT_SEND,     /* send data, len bytes or one message, in one piece, and say so by fault_line_sent() */
	FAULT_ENDED,    /* pass on that the source has ended; told once */
	FAULT_BROKEN,   /* pass on that the source was reset; told once */
	FAULT_END_BOTH, /* limit: all that may be delivered is sent; end both sides */
	FAULT_RESET_BOTH, /* reset: its time has come, or all that may be delivered is sent; reset both sides */
};

struct fault_next {
	enum fault_verdict verdict;
	const char *data;
	size_t len;
	uint64_t wake_ns; /* ask again then; 0: no time will change anything */
};

/*
 * A fault has been done: which, to how many bytes (0: not to bytes), and for how long (0: not for a time; of jitter
 * less than 0 where it was early).
 */
typedef void fault_done(void *ctx, enum fault_kind kind, uint64_t bytes, int64_t ns);

/* A line with these rules from now on. done (may be NULL) is told of each fault that is done. */
struct fault_line *fault_line_new(const struct fault_rules *rules, uint64_t seed, bool is_messages, uint64_t now_ns,
				  fault_done *done, void *ctx);
/* Forget what it holds. NULL: nothing. */
void fault_line_free(struct fault_line *line);

/*
 * Other rules from now on. What is held is due when it would have been had they held all the time: without latency, or
 * a stall, at once.
 */
void fault_line_set_rules(struct fault_line *line, const struct fault_rules *rules, uint64_t now_ns);

/* How many bytes may be put in now; of a line of messages: 0, or any other number for one message. */
size_t fault_line_room(const struct fault_line *line);
/* Put in what was read at now_ns (copied): bytes, or one message, which may be empty. */
void fault_line_put(struct fault_line *line, const void *data, size_t len, uint64_t now_ns);
/*
 * Where at most FAULT_LINE_PLACE bytes of a stream may be read to, so that they need no copying; then they are put in
 * by fault_line_placed(), which is told how many were read. NULL: not worth it, since little came before.
 */
#define FAULT_LINE_PLACE ((size_t)128 * 1024 - 128)
char *fault_line_place(struct fault_line *line);
void fault_line_placed(struct fault_line *line, size_t len, uint64_t now_ns);
/* The source has ended, or was reset. Nothing is put in behind that. */
void fault_line_end(struct fault_line *line, bool is_reset, uint64_t now_ns);

/*
 * What is to be done at now_ns? Asked twice, the answer is the same, but for an end or a reset of the source, which
 * have come through by being told.
 */
void fault_line_next(struct fault_line *line, uint64_t now_ns, struct fault_next *next);
/* len bytes of what FAULT_SEND told (1 to all of them; of a message: all) were taken. */
void fault_line_sent(struct fault_line *line, size_t len, uint64_t now_ns);

/* The wake_ns of the last fault_line_next(), whatever the verdict was. */
uint64_t fault_line_wake(const struct fault_line *line);
/* Did it then hold something that nothing but time kept back? */
bool fault_line_waits(const struct fault_line *line);
/* Is this fault, which is asked for, one of a time rather than of a count? */
bool fault_line_is_timed(const struct fault_line *line, enum fault_kind kind);
/* Does it do nothing: it has no rules, holds nothing, and its source has not ended? */
bool fault_line_is_plain(const struct fault_line *line);
/* Is anything in it: data, or an end that has not come through? */
bool fault_line_holds(const struct fault_line *line);
/* Bytes of data that it holds. */
uint64_t fault_line_held(const struct fault_line *line);

#endif
