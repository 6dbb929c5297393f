/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The smallest parts of the text sink's lines: names, addresses, data, amounts. All but text_arrow() add to line. */
#ifndef SOCKT_TRACE_TEXT_WORDS_H
#define SOCKT_TRACE_TEXT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "trace/names.h"

/* What the writer of a line has to know of the sink. */
struct text_view {
	uint8_t level;
	size_t preview; /* bytes of data shown */
	bool is_relay;  /* the two connections of a session are told apart */
	bool is_literal; /* flags are those that a person has given: MSG_DONTWAIT goes without saying no more */
	bool is_utf8;   /* arrows may be drawn; else they are ASCII */
};

/* "→", "←", "⇄" or their like in ASCII. */
enum text_arrow {
	ARROW_RIGHT = 0,
	ARROW_LEFT,
	ARROW_BOTH,
};
const char *text_arrow(const struct text_view *view, enum text_arrow arrow);

/* What stands in front of each line of an explanation: "│ ", or its like in ASCII. */
const char *text_bar(bool is_utf8);

/* The name of a value, or its number. */
void text_name(struct text *line, const struct name_table *table, long value);
/* Flags joined by |. */
void text_flags(struct text *line, const struct name_table *table, unsigned long flags);
/* "127.0.0.1:9000"; "NULL" for NULL. */
void text_addr(struct text *line, const struct addr *addr);
/* A string as in C, with its quotes; NULL for NULL. */
void text_string(struct text *line, const char *string);
/* Up to view->preview bytes of data, of len in all, as a C string: `"GET / HT"...`. */
void text_preview(struct text *line, const void *data, size_t len, const struct text_view *view);
/* A duration, an amount of bytes, as a person reads them: `0.21 ms`, `14 ms`, `6 B`, `1.5 MiB`. */
void text_duration(struct text *line, uint64_t ns);
void text_size(struct text *line, uint64_t bytes);

#endif
