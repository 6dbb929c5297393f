/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of a chat: see chat.h. */
#include "engine/chat.h"

#include <stdio.h>
#include <string.h>

#include "base/escape.h"

/* Tell the line that has begun, and forget it. */
static void say(struct chat_line *line, const char *name, chat_said_fn *said, void *ctx)
{
	const char *data = buf_peek(&line->begun);
	size_t len = line->begun.len, at;
	struct escape_term escape = { .held_len = 0 };
	char text[CHAT_TEXT_MAX + 1];

	if (len > 0 && data[len - 1] == '\r')
		len--;
	at = (size_t)snprintf(text, sizeof(text), "<%.*s> ", CHAT_NAME_MAX, name);
	at += escape_term(&escape, data, len, true, text + at);
	text[at++] = '\n';
	said(ctx, text, at);
	buf_consume(&line->begun, line->begun.len);
}

void chat_take(struct chat_line *line, const char *name, const char *data, size_t len, chat_said_fn *said, void *ctx)
{
	while (len > 0) {
		const char *newline = memchr(data, '\n', len);
		size_t part = newline == NULL ? len : (size_t)(newline - data), room;
		bool is_whole;

		if (part > 0 && line->begun.len == CHAT_LINE_MAX)
			say(line, name, said, ctx);
		room = CHAT_LINE_MAX - line->begun.len;
		is_whole = newline != NULL && part <= room;
		part = part < room ? part : room;
		if (part > 0)
			buf_append(&line->begun, data, part);
		data += part + is_whole;
		len -= part + is_whole;
		if (is_whole)
			say(line, name, said, ctx);
	}
}

void chat_end(struct chat_line *line, const char *name, chat_said_fn *said, void *ctx)
{
	if (line->begun.len > 0)
		say(line, name, said, ctx);
}

void chat_clear(struct chat_line *line)
{
	buf_clear(&line->begun);
}
