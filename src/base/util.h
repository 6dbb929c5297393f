/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every file may want: array length, container_of, memory that cannot fail. */
#ifndef SOCKT_BASE_UTIL_H
#define SOCKT_BASE_UTIL_H

#include <stddef.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define CONTAINER_OF(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* malloc, calloc, realloc, strdup that end the program with one line and status 1 when there is no memory. */
void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *ptr, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *string) __attribute__((malloc, returns_nonnull));

#endif
