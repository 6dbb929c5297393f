/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of what a person wrote, and messages that point at them. */
#include "endpoint/written.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/i18n.h"

#define SHOWN_COLUMNS 64 /* of the words in a message */

struct span span_of(const char *word)
{
	return (struct span){ .at = word, .len = strlen(word) };
}

struct span span_until(struct span span, const char *end)
{
	return (struct span){ .at = span.at, .len = (size_t)(end - span.at) };
}

struct span span_from(struct span span, const char *start)
{
	return (struct span){ .at = start, .len = span.len - (size_t)(start - span.at) };
}

const char *span_find(struct span span, char c)
{
	return span.len == 0 ? NULL : memchr(span.at, c, span.len);
}

const char *span_find_unquoted(struct span span, char c)
{
	for (size_t i = 0; i < span.len; i++) {
		if (span.at[i] == c)
			return &span.at[i];
		if (span.at[i] == '\\' && i + 1 < span.len &&
		    (span.at[i + 1] == ',' || span.at[i + 1] == '\\'))
			i++;
	}
	return NULL;
}

bool span_consists_of(struct span span, const char *set)
{
	for (size_t i = 0; i < span.len; i++) {
		if (span.at[i] == '\0' || strchr(set, span.at[i]) == NULL)
			return false;
	}
	return true;
}

bool span_begins(struct span span, const char *prefix)
{
	size_t len = strlen(prefix);

	return span.len >= len && memcmp(span.at, prefix, len) == 0;
}

bool span_copy(struct span span, char *dst, size_t size)
{
	if (span.len >= size)
		return false;
	memcpy(dst, span.at, span.len);
	dst[span.len] = '\0';
	return true;
}

size_t span_unquote(struct span span, char *dst, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < span.len; i++) {
		if (span.at[i] == '\\' && i + 1 < span.len &&
		    (span.at[i + 1] == ',' || span.at[i + 1] == '\\'))
			i++;
		if (len + 1 < size)
			dst[len] = span.at[i];
		len++;
	}
	if (size > 0)
		dst[len < size ? len : size - 1] = '\0';
	return len;
}

/*
 * Add one byte, escaped, unless the text would then be wider than limit. Returns false where it
 * would.
 */
static bool add_escaped(struct text *text, char byte, size_t limit)
{
	char escaped[8];

	escape_c(&byte, 1, escaped, sizeof(escaped));
	if (text->len + strlen(escaped) > limit)
		return false;
	text_add(text, escaped);
	return true;
}

const char *span_show(struct span span, char *dst)
{
	struct text text;

	text_init(&text, dst, SPAN_SHOWN_MAX);
	for (size_t i = 0; i < span.len; i++) {
		if (!add_escaped(&text, span.at[i], SPAN_SHOWN_MAX - sizeof("..."))) {
			text_add(&text, "...");
			break;
		}
	}
	return dst;
}

/*
 * Write the words, escaped and cut, as they stood on the command line. Returns the column of the
 * byte at place, SIZE_MAX where that was cut off.
 */
static size_t show_words(const struct written *written, const char *place, struct text *text)
{
	size_t column = SIZE_MAX;

	for (size_t w = 0; w < written->word_count; w++) {
		const char *word = written->words[w];
		size_t len = strlen(word);

		if (w > 0)
			text_add(text, " ");
		for (size_t i = 0; i <= len; i++) {
			if (&word[i] == place)
				column = text->len;
			if (i < len && !add_escaped(text, word[i], SHOWN_COLUMNS)) {
				text_add(text, "...");
				return column;
			}
		}
	}
	return column;
}

int written_mistake(const struct written *written, struct span where, const char *format, ...)
{
	char words[SHOWN_COLUMNS + sizeof(" ...")];
	char sentence[320];
	struct text shown, error;
	va_list args;
	size_t column;
	bool is_all;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	text_init(&shown, words, sizeof(words));
	column = show_words(written, where.at, &shown);
	is_all = written->word_count == 1 && where.at == written->words[0] &&
		 where.at[where.len] == '\0';

	text_init(&error, written->error, written->error_size);
	text_addf(&error, _("%s \"%s\": %s"), written->what, words, sentence);
	if (column != SIZE_MAX && !is_all)
		text_addf(&error, "\n  %s\n  %*s", words, (int)column + 1, "^");
	return -EINVAL;
}
