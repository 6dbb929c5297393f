/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Many objects of one size, side by side: what is allocated and freed while they come does not leave holes between
 * them, and each costs its size and nothing else. Memory is given back when none is left.
 */
#ifndef SOCKT_BASE_POOL_H
#define SOCKT_BASE_POOL_H

#include <stddef.h>

/* Zeroed but for size. */
struct pool {
	size_t size; /* of an object, at least a pointer's and a multiple of it */
	size_t used; /* objects that are out */
	struct pool_chunk *chunks;
	struct pool_free *unused;
};

/* An object, zeroed. */
void *pool_take(struct pool *pool);
/* Give it back. NULL: nothing. */
void pool_give(struct pool *pool, void *object);
/* Free everything, also what is out. */
void pool_clear(struct pool *pool);

#endif
