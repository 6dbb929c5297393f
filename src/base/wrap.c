/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paragraphs made lines: see wrap.h. */
#include "base/wrap.h"

#include <stdbool.h>
#include <string.h>

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
