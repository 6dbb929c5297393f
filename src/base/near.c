/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nearest of some words to a mistyped one. Pure. */
#include "base/near.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define WORD_MAX 64

static size_t min_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool is_same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Three rows of the usual table: swapping neighbours looks two rows back. */
size_t near_distance(const char *a, const char *b)
{
	size_t a_len = strnlen(a, WORD_MAX);
	size_t b_len = strnlen(b, WORD_MAX);
	size_t rows[3][WORD_MAX + 1];

	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i + 2) % 3];
		const size_t *above2 = rows[(i + 1) % 3];
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t replaced = above[j - 1] + !is_same_letter(a[i - 1], b[j - 1]);
			row[j] = min_of(replaced, min_of(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && is_same_letter(a[i - 1], b[j - 2]) && is_same_letter(a[i - 2], b[j - 1]))
				row[j] = min_of(row[j], above2[j - 2] + 1);
		}
	}
	return rows[a_len % 3][b_len];
}

/* Does the longer of two words begin with the shorter one (which is not empty)? */
static bool is_beginning(const char *a, const char *b)
{
	size_t len = min_of(strlen(a), strlen(b));
	return len > 0 && strncasecmp(a, b, len) == 0;
}

/* Is the word among those found? */
static bool is_found(const char *word, const char **found, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(word, found[i]) == 0)
			return true;
	return false;
}

size_t near_find(const char *word, const char *(*next)(const void *ctx, size_t i), const void *ctx,
		 const char **found, size_t max)
{
	size_t bound = strlen(word) / 3 > 0 ? strlen(word) / 3 : 1;
	size_t count = 0;
	const char *candidate;

	for (size_t i = 0; max > 0 && (candidate = next(ctx, i)) != NULL; i++) {
		size_t distance = near_distance(word, candidate);
		if ((distance > bound && !is_beginning(word, candidate)) || is_found(candidate, found, count))
			continue;

		/* Insert in order; equals stay in the order they came, the farthest falls off the end. */
		size_t at = count;
		while (at > 0 && near_distance(word, found[at - 1]) > distance)
			at--;
		if (at == max)
			continue;
		if (count < max)
			count++;
		memmove(&found[at + 1], &found[at], (count - 1 - at) * sizeof(found[0]));
		found[at] = candidate;
	}
	return count;
}
