/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nearest of some words to a mistyped one. Pure. */
#ifndef SOCKT_BASE_NEAR_H
#define SOCKT_BASE_NEAR_H

#include <stddef.h>

/*
 * Edit distance (insert, delete, replace, swap of neighbours; letter case counts nothing) between two words.
 * Words over 64 bytes are compared in their first 64.
 */
size_t near_distance(const char *a, const char *b);

/*
 * Find the words nearest to word. next(ctx, i) returns the i-th word or NULL behind the last.
 * Fills found with up to max of them, nearest first, none farther than a third of the word's length (at least 1)
 * unless one begins with the other, and none twice (letter case counts nothing). Returns how many were found.
 */
size_t near_find(const char *word, const char *(*next)(const void *ctx, size_t i), const void *ctx,
		 const char **found, size_t max);

#endif
