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
	blank = memrchr(text, ' ', len + 1);
	if (blank == NULL || blank == text) {
		*rest = text + len;
		return len;
	}
	*rest = blank + 1;
	return (size_t)(blank - text);
}
