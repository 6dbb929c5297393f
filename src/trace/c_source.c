/* SPDX-License-Identifier: GPL-3.0-or-later */
/* C source under construction: see c_source.h. */
#include "trace/c_source.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/util.h"

#define TAB 8            /* columns of a tab */
#define WIDTH 80         /* columns of a line */
#define PIECE 48         /* bytes of a literal that is one of several */
#define PIECE_MAX (PIECE * 4 + 1) /* the same, each of them escaped */
#define ROW 12           /* numbers in a line of an array */
#define LITERAL_MAX 4000 /* C99 5.2.4.1: 4095 characters are a literal that every compiler takes */

void source_add(struct source *source, const char *text)
{
	buf_append(&source->text, text, strlen(text));
}

static void add_format(struct source *source, const char *format, va_list args)
{
	char small[256];
	va_list again;
	char *large;
	int len;

	va_copy(again, args);
	len = vsnprintf(small, sizeof(small), format, args);
	if (len >= 0 && (size_t)len < sizeof(small)) {
		buf_append(&source->text, small, (size_t)len);
	} else if (len >= 0) {
		large = xmalloc((size_t)len + 1);
		vsnprintf(large, (size_t)len + 1, format, again);
		buf_append(&source->text, large, (size_t)len);
		free(large);
	}
	va_end(again);
}

void source_addf(struct source *source, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_format(source, format, args);
	va_end(args);
}

void source_indent(struct source *source)
{
	for (unsigned i = 0; i < source->depth; i++)
		source_add(source, "\t");
}

void source_line(struct source *source, const char *format, ...)
{
	va_list args;

	if (*format != '\0')
		source_indent(source);
	va_start(args, format);
	add_format(source, format, args);
	va_end(args);
	source_add(source, "\n");
}

/* The inside of a literal, of at most PIECE bytes. */
static void add_piece(struct source *source, const char *data, size_t len)
{
	char escaped[PIECE_MAX];
	size_t done = 0;

	/* A question mark behind another is escaped: ??/ and others are single characters in older standards. */
	for (size_t i = 1; i < len; i++) {
		if (data[i] != '?' || data[i - 1] != '?')
			continue;
		escape_c(data + done, i - done, escaped, sizeof(escaped));
		source_add(source, escaped);
		source_add(source, "\\?");
		done = i + 1;
	}
	escape_c(data + done, len - done, escaped, sizeof(escaped));
	source_add(source, escaped);
}

void source_string(struct source *source, const void *data, size_t len)
{
	const char *bytes = data;

	source_add(source, "\"");
	while (len > 0) {
		size_t part = len < PIECE ? len : PIECE;

		add_piece(source, bytes, part);
		bytes += part;
		len -= part;
		/* A literal that begins anew ends an escape, and divides question marks. */
		if (len > 0)
			source_add(source, "\" \"");
	}
	source_add(source, "\"");
}

void source_strings(struct source *source, const void *data, size_t len)
{
	const char *bytes = data;

	while (len > 0) {
		const char *end = memchr(bytes, '\n', len);
		size_t part = end != NULL ? (size_t)(end + 1 - bytes) : len;

		if (part > PIECE)
			part = PIECE;
		source_indent(source);
		source_add(source, "\"");
		add_piece(source, bytes, part);
		source_add(source, "\"");
		bytes += part;
		len -= part;
		if (len > 0)
			source_add(source, "\n");
	}
}

bool source_is_short(const void *data, size_t len, size_t columns)
{
	char escaped[PIECE_MAX];

	if (len > PIECE || (len > 0 && memchr(data, '\n', len - 1) != NULL))
		return false;
	escape_c(data, len, escaped, sizeof(escaped));
	return columns + strlen(escaped) + 2 <= WIDTH;
}

bool source_is_text(const void *data, size_t len)
{
	const uint8_t *bytes = data;
	size_t odd = 0;

	if (len > LITERAL_MAX / 2)
		return false;
	for (size_t i = 0; i < len; i++)
		odd += (bytes[i] < 0x20 && bytes[i] != '\n' && bytes[i] != '\r' && bytes[i] != '\t') ||
		       bytes[i] >= 0x7f;
	return len <= 16 || odd <= len / 4;
}

void source_array(struct source *source, const char *name, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	source_line(source, "static const unsigned char %s[] = {", name);
	for (size_t i = 0; i < len; i++) {
		source_addf(source, "%s0x%02x,", i % ROW == 0 ? "\t" : " ", bytes[i]);
		if (i % ROW == ROW - 1 || i + 1 == len)
			source_add(source, "\n");
	}
	source_line(source, "};");
}

/* How many columns UTF-8 takes, a code point each. */
static size_t columns_of(const char *text, size_t len)
{
	size_t columns = 0;

	for (size_t i = 0; i < len; i++)
		columns += ((unsigned char)text[i] & 0xc0) != 0x80;
	return columns;
}

/* The next word of a paragraph, whose length is returned; 0: there is none. *at stands at it afterwards. */
static size_t next_word(const char **at)
{
	*at += strspn(*at, " \t");
	return strcspn(*at, " \t\n");
}

/* One paragraph, in lines that begin with " * ". Returns what follows it. */
static const char *add_paragraph(struct source *source, const char *text)
{
	size_t room = WIDTH - source->depth * TAB;
	size_t used = 0;
	size_t len;

	if (*text == *SOURCE_AS_IT_IS) {
		len = strcspn(text, "\n");
		source_line(source, " *     %.*s", (int)len - 1, text + 1);
		return text + len;
	}
	while ((len = next_word(&text)) > 0) {
		size_t columns = columns_of(text, len);

		if (used > 0 && used + 1 + columns > room) {
			source_add(source, "\n");
			used = 0;
		}
		if (used == 0) {
			source_indent(source);
			source_add(source, " *");
			used = 2;
		}
		source_add(source, " ");
		buf_append(&source->text, text, len);
		used += columns + 1;
		text += len;
	}
	source_add(source, "\n");
	return text;
}

/* Make text harmless inside a comment: no control character, no end of a comment, no trigraph. To be freed. */
static char *make_harmless(const char *text)
{
	struct escape_term filter = { .held_len = 0 };
	size_t len = strlen(text);
	char *shown = xmalloc(ESCAPE_TERM_MAX(len) + 1);
	char *safe = xmalloc(2 * ESCAPE_TERM_MAX(len) + 1);
	size_t used = 0;

	shown[escape_term(&filter, text, len, true, shown)] = '\0';
	for (const char *at = shown; *at != '\0'; at++) {
		char before = used > 0 ? safe[used - 1] : '\0';

		if ((before == '*' && *at == '/') || (before == '/' && *at == '*') || (before == '?' && *at == '?'))
			safe[used++] = ' ';
		safe[used++] = *at == '\r' ? ' ' : *at;
	}
	safe[used] = '\0';
	free(shown);
	return safe;
}

void source_comment(struct source *source, const char *text)
{
	char *safe = make_harmless(text);
	const char *at = safe;

	if (strchr(safe, '\n') == NULL && source->depth * TAB + columns_of(safe, strlen(safe)) + 6 <= WIDTH) {
		source_line(source, "/* %s */", safe);
		free(safe);
		return;
	}
	source_line(source, "/*");
	while (*at != '\0') {
		if (at != safe)
			source_line(source, " *");
		at = add_paragraph(source, at);
		if (*at == '\n')
			at++;
	}
	source_line(source, " */");
	free(safe);
}
