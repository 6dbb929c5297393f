/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The values that a frame consists of: see wire.h. Each function serves for both ways: written, a value comes out as it
 * went in; read, as the frame has it, and what went in does not matter. Only wire*.c include this.
 */
#ifndef SOCKT_TRACE_WIRE_VALUES_H
#define SOCKT_TRACE_WIRE_VALUES_H

#include "trace/wire.h"

/* The longest string or value of a socket option: what is longer is no frame of ours. */
#define WIRE_BLOB_MAX ((size_t)64 << 10)

/* One way through a frame. */
struct wire {
	struct buf *dst;         /* writing; NULL: reading */
	const uint8_t *at, *end; /* reading: what is left */
	const struct wire_bounds *bounds;
	bool has_payload; /* all bytes that moved go along with this frame */
	bool is_bad;
};

/* A number without a sign. */
uint64_t wire_number(struct wire *w, uint64_t value);
/* A number with a sign. */
int64_t wire_integer(struct wire *w, int64_t value);
int wire_small(struct wire *w, int value);
/* A number below count. */
int wire_choice(struct wire *w, int value, int count);
bool wire_truth(struct wire *w, bool value);
/* len bytes, known to both sides. Read, they are where they stand in the frame; NULL: there are not so many. */
const void *wire_bytes(struct wire *w, const void *bytes, size_t len);
/* A string with its NUL, or NULL. */
const char *wire_string(struct wire *w, const char *value);
/* The same where an event is none without it: NULL makes it bad. */
const char *wire_words(struct wire *w, const char *value);
/* An address, or NULL. Read, it stands in room. */
struct addr *wire_address(struct wire *w, const struct addr *value, struct addr *room);

#endif
