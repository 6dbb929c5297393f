/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that cannot fail: the one place of the lower floors that may end the program. */
#include "base/util.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Say that there is no memory, in one write that needs none, and end. */
static void __attribute__((noreturn)) die_without_memory(void)
{
	static const char message[] = "sockt: out of memory\n";

	/* Nothing is left to do where not even this can be written. */
	ssize_t written = write(STDERR_FILENO, message, sizeof(message) - 1);
	(void)written;
	_exit(EXIT_FAILURE);
}

void *xmalloc(size_t size)
{
	/* malloc(0) may return NULL, which would look like a failure. */
	void *ptr = malloc(size > 0 ? size : 1);
	if (ptr == NULL)
		die_without_memory();
	return ptr;
}

void *xcalloc(size_t count, size_t size)
{
	bool is_empty = count == 0 || size == 0;
	void *ptr = is_empty ? calloc(1, 1) : calloc(count, size);
	if (ptr == NULL)
		die_without_memory();
	return ptr;
}

void *xrealloc(void *ptr, size_t size)
{
	void *moved = realloc(ptr, size > 0 ? size : 1);
	if (moved == NULL)
		die_without_memory();
	return moved;
}

char *xstrdup(const char *string)
{
	size_t size = strlen(string) + 1;
	return memcpy(xmalloc(size), string, size);
}
