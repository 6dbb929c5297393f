/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pipes for splice(2): see pipes.h. */
#include "step/pipes.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/util.h"

/* The size asked for first: more measured no faster (HACKING, Decisions). */
#define PIPE_WIDE ((size_t)1 << 20)

void pipe_widen(int fd)
{
	int size = fcntl(fd, F_GETPIPE_SZ);

	/* A plain user has 64 MiB of pipes in all, and may be refused (EPERM, pipe(7)): halve what is asked for. */
	for (size_t wish = PIPE_WIDE; size != -1 && wish > (size_t)size; wish /= 2)
		if (fcntl(fd, F_SETPIPE_SZ, (int)wish) != -1)
			return;
}

struct pipe *pipes_borrow(struct pipes *pipes)
{
	struct pipe *pipe = pipes->free;
	int fds[2];

	if (pipe != NULL) {
		pipes->free = pipe->next;
		pipes->free_count--;
		return pipe;
	}
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) == -1)
		return NULL;
	pipe = xcalloc(1, sizeof(*pipe));
	sock_init(&pipe->in);
	sock_init(&pipe->out);
	pipe->out.fd = fds[0];
	pipe->in.fd = fds[1];
	pipe_widen(fds[1]);
	return pipe;
}

/* Close it. */
static void pipe_free(struct pipe *pipe)
{
	close(pipe->in.fd);
	close(pipe->out.fd);
	free(pipe);
}

void pipes_return(struct pipes *pipes, struct pipe *pipe)
{
	if (pipe == NULL)
		return;
	if (pipe->held > 0 || pipes->free_count == PIPES_KEPT) {
		pipe_free(pipe);
		return;
	}
	pipe->next = pipes->free;
	pipes->free = pipe;
	pipes->free_count++;
}

void pipes_clear(struct pipes *pipes)
{
	while (pipes->free != NULL) {
		struct pipe *pipe = pipes->free;

		pipes->free = pipe->next;
		pipe_free(pipe);
	}
	pipes->free_count = 0;
}

bool pipe_lacks_writer(int fd)
{
	bool lacks;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) == -1)
		return false;
	/* tee(2): 0 where nobody could write, as read(2) of an empty pipe; EAGAIN where somebody could. */
	lacks = tee(fd, fds[1], 1, SPLICE_F_NONBLOCK) == 0;
	close(fds[0]);
	close(fds[1]);
	return lacks;
}
