/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a chat makes of bytes (--chat): lines, each with who says it in front, safe for a terminal. Pure.
 *
 * A line ends with a newline, of which a CR before it is a part; a longer one than CHAT_LINE_MAX is cut into several,
 * so that nobody is kept in memory without a bound. What could drive a terminal is escaped (base/escape.h).
 */
#ifndef SOCKT_ENGINE_CHAT_H
#define SOCKT_ENGINE_CHAT_H

#include "base/buf.h"

#define CHAT_LINE_MAX ((size_t)4096) /* bytes of a line, as they came */
#define CHAT_NAME_MAX 24
/* The longest that a line becomes: "<name> ", each byte escaped, a newline. */
#define CHAT_TEXT_MAX (CHAT_NAME_MAX + 3 + 4 * (CHAT_LINE_MAX + 4) + 1)

/* A line that is not whole yet. */
struct chat_line {
	struct buf begun;
};

/* A line is whole: text of len bytes, with its newline. */
typedef void chat_said_fn(void *ctx, const char *text, size_t len);

/* Bytes of name have come: tell each line that is whole with them. */
void chat_take(struct chat_line *line, const char *name, const char *data, size_t len, chat_said_fn *said, void *ctx);
/* No more comes for now (the end, or that of a message): what has begun is a line. */
void chat_end(struct chat_line *line, const char *name, chat_said_fn *said, void *ctx);
void chat_clear(struct chat_line *line);

#endif
