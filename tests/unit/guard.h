/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory whose last byte is the last of a page that nothing follows: a parser that reads one byte too far, or a writer
 * that writes one, is killed on the spot.
 */
#ifndef SOCKT_UNIT_GUARD_H
#define SOCKT_UNIT_GUARD_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* As much room as there is guard; a multiple of every page size. */
#define GUARD_ROOM ((size_t)65536)

struct guard {
	char *base;
};

static inline struct guard guard_open(void)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	struct guard guard = { mmap(NULL, 2 * GUARD_ROOM, PROT_READ | PROT_WRITE, flags, -1, 0) };
	if (guard.base == MAP_FAILED || mprotect(guard.base + GUARD_ROOM, GUARD_ROOM, PROT_NONE) == -1)
		abort();
	return guard;
}

/* The place of size bytes (<= GUARD_ROOM) that end where the guard begins. */
static inline char *guard_room(const struct guard *guard, size_t size)
{
	return guard->base + GUARD_ROOM - size;
}

/* Copy len bytes to where the guard ends them. */
static inline char *guard_bytes(const struct guard *guard, const void *data, size_t len)
{
	return memcpy(guard_room(guard, len), data, len);
}

static inline char *guard_string(const struct guard *guard, const char *string)
{
	return guard_bytes(guard, string, strlen(string) + 1);
}

static inline void guard_close(struct guard *guard)
{
	munmap(guard->base, 2 * GUARD_ROOM);
}

#endif
