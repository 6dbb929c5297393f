/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Objects of one size: see pool.h. */
#include "base/pool.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

/* AddressSanitizer is told which objects are out, so that it finds the use of one that was given back. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

/* Objects that are allocated together. */
#define CHUNK_OBJECTS 64

struct pool_chunk {
	struct pool_chunk *next;
	alignas(max_align_t) char objects[];
};

/* An object that is not out. */
struct pool_free {
	struct pool_free *next;
};

static void pool_put(struct pool *pool, void *object)
{
	struct pool_free *unused = object;

	unused->next = pool->unused;
	pool->unused = unused;
	ASAN_POISON_MEMORY_REGION(object, pool->size);
}

static void pool_grow(struct pool *pool)
{
	struct pool_chunk *chunk = xmalloc(sizeof(*chunk) + CHUNK_OBJECTS * pool->size);

	chunk->next = pool->chunks;
	pool->chunks = chunk;
	/* The first object is the first to be taken. */
	for (size_t i = CHUNK_OBJECTS; i-- > 0;)
		pool_put(pool, chunk->objects + i * pool->size);
}

void *pool_take(struct pool *pool)
{
	struct pool_free *object;

	if (pool->unused == NULL)
		pool_grow(pool);
	object = pool->unused;
	ASAN_UNPOISON_MEMORY_REGION(object, pool->size);
	pool->unused = object->next;
	pool->used++;
	return memset(object, 0, pool->size);
}

void pool_give(struct pool *pool, void *object)
{
	if (object == NULL)
		return;
	pool_put(pool, object);
	/* One chunk is kept for the next. */
	if (--pool->used == 0 && pool->chunks->next != NULL)
		pool_clear(pool);
}

void pool_clear(struct pool *pool)
{
	struct pool_chunk *next;

	for (struct pool_chunk *chunk = pool->chunks; chunk != NULL; chunk = next) {
		next = chunk->next;
		ASAN_UNPOISON_MEMORY_REGION(chunk->objects, CHUNK_OBJECTS * pool->size);
		free(chunk);
	}
	*pool = (struct pool){ .size = pool->size };
}
