/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML and HTML: marks, and text that can never become one. */
#include "trace/markup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define MARKS_MAX 512 /* of one markup_addf() */

void markup_add(struct buf *out, const char *marks)
{
	buf_append(out, marks, strlen(marks));
}

void markup_addf(struct buf *out, const char *format, ...)
{
	char marks[MARKS_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(marks, sizeof(marks), format, args);
	va_end(args);
	markup_add(out, marks);
}

/* What a code point is written as; NULL: as it is. */
static const char *entity_of(uint32_t code)
{
	switch (code) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;"; /* of ]]> */
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\n':
		return "&#10;"; /* in an attribute of XML it would be a blank */
	default:
		return NULL;
	}
}

void markup_text_bytes(struct buf *out, const char *text, size_t len)
{
	size_t i = 0;

	while (i < len) {
		uint32_t code;
		int taken = utf8_decode((const uint8_t *)text + i, len - i, &code);
		const char *entity = taken > 0 ? entity_of(code) : NULL;

		if (entity != NULL) {
			markup_add(out, entity);
		} else if (taken > 0 && utf8_is_printable(code)) {
			buf_append(out, text + i, (size_t)taken);
		} else {
			taken = 1;
			markup_addf(out, "\\x%02x", (unsigned char)text[i]);
		}
		i += (size_t)taken;
	}
}

void markup_text(struct buf *out, const char *text)
{
	markup_text_bytes(out, text, strlen(text));
}
