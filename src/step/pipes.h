/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pipes for splice(2): a pool of a few that are lent to flows with much to move and given back when they are
 * quiet, so that an idle connection owns none.
 */
#ifndef SOCKT_STEP_PIPES_H
#define SOCKT_STEP_PIPES_H

#include <stdbool.h>
#include <stddef.h>

#include "step/sock.h"

struct pipe {
	struct sock in;  /* what is spliced into it goes to its write end */
	struct sock out;
	size_t held;     /* bytes in it now: its borrower keeps count */
	struct pipe *next;
};

#define PIPES_KEPT 8

/* Zeroed: empty. */
struct pipes {
	struct pipe *free;
	size_t free_count;
};

/* Borrow an empty pipe. NULL where none can be had (EMFILE, ENFILE): copy instead. */
struct pipe *pipes_borrow(struct pipes *pipes);
/* Give it back. One that still holds bytes is closed, a clean one kept. NULL: nothing. */
void pipes_return(struct pipes *pipes, struct pipe *pipe);
void pipes_clear(struct pipes *pipes);

/*
 * Make the pipe fd as large as may be, up to 1 MiB (F_SETPIPE_SZ): the 64 KiB that a shell gives cost two switches of
 * process for each. Where that is refused it stays as it is.
 */
void pipe_widen(int fd);

/*
 * Is the pipe or FIFO fd, of which this is the end that is read, empty and open for nobody to write? Takes nothing out
 * of it and does not wait.
 */
bool pipe_lacks_writer(int fd);

#endif
