/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Socket activation: see activation.h. */
#include "cli/activation.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/parse.h"
#include "base/util.h"

/* The number in a variable, from 1 to max; 0: it is not set, or no such number. */
static uint64_t take_number(const char *name, uint64_t max)
{
	const char *text = getenv(name);
	uint64_t number;

	return text != NULL && parse_uint(text, NULL, 1, max, &number, NULL) == 0 ? number : 0;
}

struct activation activation_take(void)
{
	/* LISTEN_FDNAMES and LISTEN_PIDFDID go with the others. */
	static const char *const names[] = { "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID",
					     "NOTIFY_SOCKET" };
	uint64_t pid = take_number("LISTEN_PID", INT_MAX);
	uint64_t count = take_number("LISTEN_FDS", INT_MAX - ACTIVATION_FIRST);
	struct activation activation = { .count = 0, .notify = getenv("NOTIFY_SOCKET") };

	if (pid == (uint64_t)getpid())
		activation.count = (int)count;
	else if (count > 0)
		activation.foreign_pid = pid;
	if (activation.notify != NULL && activation.notify[0] == '\0')
		activation.notify = NULL;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unsetenv(names[i]);
	/* A number that is too large ends at the first descriptor that is none. */
	for (int i = 0; i < activation.count; i++)
		if (fcntl(ACTIVATION_FIRST + i, F_SETFD, FD_CLOEXEC) == -1)
			break;
	return activation;
}
