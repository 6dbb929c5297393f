/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The payload of sends and receives as a hex dump whose offsets run on for each descriptor and direction. */
#ifndef SOCKT_TRACE_TEXT_HEX_H
#define SOCKT_TRACE_TEXT_HEX_H

#include "base/buf.h"
#include "trace/event.h"

struct text_hex; /* the offsets, of a bounded number of descriptors */

struct text_hex *text_hex_new(void);
/* NULL: nothing. */
void text_hex_free(struct text_hex *hex);

/* The payload of one event on its way into lines. */
struct text_hex_cursor {
	const char *data;
	size_t len;      /* bytes left */
	uint64_t offset; /* of the first of them */
	bool is_sent;
};

/*
 * Begin with the payload of event, which may have none. A descriptor that is made or closed by the event begins at 0
 * again.
 */
void text_hex_begin(struct text_hex *hex, struct text_hex_cursor *cursor, const struct event *event);
/* Add the next line of up to 16 bytes: `> 00000000  68 65 ...`. Returns false where nothing is left. */
bool text_hex_line(struct text_hex_cursor *cursor, struct text *line);

#endif
