/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paragraphs made lines: see wrap.h. */
#include "base/wrap.h"

#include <stdbool.h>
#include <string.h>

#define HANGING 2
#define ROOM_MIN 10

/* Is byte one in the middle of a code point? */
static bool is_continuation(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/* The last blank of len bytes at which text may be broken, or NULL. */
static const char *last_blank(const char *text, size_t len)
{
	const char *blank = memrchr(text, ' ', len), *open = strrchr(text, '(');
	bool ends_in_it = open != NULL && open > text && open[-1] == ' ' && strcspn(open, ")") == strlen(open) - 1;

	return ends_in_it && blank != NULL && blank > open ? open - 1 : blank;
}

size_t wrap_line(const char *text, size_t columns, const char **rest)
{
	size_t end = strcspn(text, "\n"), len = 0;
	const char *blank;

	while (len < end && (columns > 0 || is_continuation(text[len]))) {
		columns -= !is_continuation(text[len]);
		len++;
	}
	if (len == end) {
		*rest = text + len + (text[len] == '\n');
		return len;
	}
	blank = last_blank(text, len + 1);
	if (blank == NULL || blank == text) {
		*rest = text + len;
		return len;
	}
	*rest = blank + 1;
	return (size_t)(blank - text);
}

/* Add one row, so far in. */
static void add_row(struct buf *rows, size_t indent, const char *text, size_t len)
{
	for (size_t i = 0; i < indent && len > 0; i++)
		buf_append(rows, " ", 1);
	buf_append(rows, text, len);
	buf_append(rows, "\n", 1);
}

void wrap_rows(const char *text, size_t columns, struct buf *rows)
{
	const char *end;

	for (; *text != '\0'; text = end + (*end == '\n')) {
		size_t indent = strspn(text, " ");
		const char *rest = text + indent;

		end = text + strcspn(text, "\n");
		if (columns < indent + HANGING + ROOM_MIN) {
			add_row(rows, 0, text, (size_t)(end - text));
			continue;
		}
		for (size_t further = 0; further == 0 || rest < end; further = HANGING) {
			const char *row = rest;
			size_t len = wrap_line(row, columns - indent - further, &rest);

			add_row(rows, indent + further, row, len);
		}
	}
}
