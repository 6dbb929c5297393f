/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A process forked off that goes on as this same program: with a channel to it for messages, and a pipe from it for
 * events. It ends when its parent does.
 */
#ifndef SOCKT_STEP_CHILD_H
#define SOCKT_STEP_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "step/sock.h"

struct child {
	pid_t pid;           /* 0: none */
	struct sock channel; /* a stream both ways, non-blocking */
	struct sock events;  /* the end of a pipe that is read, non-blocking */
};

/* What the child holds of it. */
struct child_end {
	int channel, events;
};

/* No child. */
void child_init(struct child *child);
/*
 * Fork. Returns 1 in the child, with end filled and nothing else closed yet; 0 in the parent, with child filled; or
 * -errno. The signals that are blocked stay blocked.
 */
int child_fork(struct child *child, struct child_end *end);
/* Close every descriptor above 2 but those. */
void child_keep_only(const int *fds, size_t count);
/* Has it ended? Then status is that of waitpid(2), and nothing is left of it but the descriptors. Does not wait. */
bool child_reap(struct child *child, int *status);
/* End it now, wait for that, and close. None: nothing. */
void child_kill(struct child *child);
/* Close the descriptors. */
void child_close(struct child *child);

#endif
