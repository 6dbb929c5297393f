/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * C source under construction: lines, string literals, arrays and comments, whatever bytes they are made of. Knows
 * nothing of sockets. Pure.
 */
#ifndef SOCKT_TRACE_C_SOURCE_H
#define SOCKT_TRACE_C_SOURCE_H

#include "base/buf.h"

/* Zero it to start; buf_clear(&text) frees it. */
struct source {
	struct buf text;
	unsigned depth; /* tabs before each line */
};

void source_add(struct source *source, const char *text);
void source_addf(struct source *source, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The tabs of a line that is put together from parts. */
void source_indent(struct source *source);
/* A whole line: its tabs, the text, a newline. An empty text is an empty line. */
void source_line(struct source *source, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Data as one string literal, with its quotes: escaped so that a compiler reads these very bytes in any C standard
 * (trigraphs too), and a terminal shows no control character.
 */
void source_string(struct source *source, const void *data, size_t len);
/* The same in literals that follow each other: after each newline of the data, and where a line would be too long. */
void source_strings(struct source *source, const void *data, size_t len);
/* Does it fit into a line, as a literal behind columns others? */
bool source_is_short(const void *data, size_t len, size_t columns);
/* Is it a text that a person reads better as a literal than as numbers? */
bool source_is_text(const void *data, size_t len);
/* static const unsigned char name[] = { ... }; */
void source_array(struct source *source, const char *name, const void *data, size_t len);

/*
 * A comment of paragraphs that newlines divide, wrapped; one that begins with SOURCE_AS_IT_IS is a line of its own,
 * indented, and not wrapped. Whatever they hold, the comment ends where it ends.
 */
#define SOURCE_AS_IT_IS "\t"
void source_comment(struct source *source, const char *text);

#endif
