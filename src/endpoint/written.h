/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a person wrote, kept so that a mistake can be pointed at: the words, pieces of them, and the
 * message with a caret below the place. Pure; knows nothing of what the words mean.
 */
#ifndef SOCKT_ENDPOINT_WRITTEN_H
#define SOCKT_ENDPOINT_WRITTEN_H

#include <stdbool.h>
#include <stddef.h>

/* A piece of a word; not ended by NUL. */
struct span {
	const char *at;
	size_t len;
};

struct written {
	const char *what; /* "endpoint" */
	const char *const *words;
	size_t word_count;
	char *error; /* where messages go */
	size_t error_size;
};

#define SPAN_SHOWN_MAX 48

/* A piece in a message: escaped and cut, SPAN_SHOWN_MAX bytes at dst. Returns dst. */
const char *span_show(struct span span, char *dst);

/* The whole of a word. */
struct span span_of(const char *word);
/* What lies before and from the byte at end on, which lies in span. */
struct span span_until(struct span span, const char *end);
struct span span_from(struct span span, const char *start);
/*
 * The first byte c in span that no backslash quotes, or NULL. (A backslash quotes a comma and a
 * backslash.)
 */
const char *span_find_unquoted(struct span span, char c);
/* The first byte c in span, or NULL. */
const char *span_find(struct span span, char c);
/* Is every byte of span one of the bytes of set? True of an empty span. */
bool span_consists_of(struct span span, const char *set);
bool span_begins(struct span span, const char *prefix);
/* Copy with a NUL. Returns false, writing nothing, where size is too small. */
bool span_copy(struct span span, char *dst, size_t size);
/*
 * Copy with "\," and "\\" made "," and "\"; ended by NUL, cut to size. Returns the length that it
 * has uncut.
 */
size_t span_unquote(struct span span, char *dst, size_t size);

/*
 * Write the message: `WHAT "WORDS": SENTENCE`, and the words with a caret under where, unless where
 * is all there is or lies behind what can be shown. Returns -EINVAL.
 */
int written_mistake(const struct written *written, struct span where, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
