/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard input and output as a layer: see stdio_layer.h. */
#include "stream/stdio_layer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/term.h"
#include "base/util.h"

static struct stdio_layer *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct stdio_layer, layer);
}

static ssize_t stdio_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct stdio_layer *io = of_layer(layer);
	ssize_t n;

	(void)flags;
	if (io->is_in_missing)
		return 0;
	if (io->in.kind == SOCK_KIND_TERMINAL) {
		/* A read from the background would stop us (SIGTTIN), or fail for ever (EIO). */
		io->is_background = !term_is_foreground(io->in.fd);
		if (io->is_background) {
			io->in.ready &= (uint8_t)~READY_IN;
			return -EAGAIN;
		}
	}
	n = step_read(st, &io->in, buf, size);
	/* A terminal that hangs up (its window was closed) gives EIO: that is an end of input. */
	return n == -EIO && io->in.kind == SOCK_KIND_TERMINAL ? 0 : n;
}

static ssize_t stdio_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	struct stdio_layer *io = of_layer(layer);

	if (io->is_out_missing)
		return -EBADF;
	return step_write(st, &io->out, data, len);
}

/* Close standard output, so that what reads it can finish: /dev/null takes its number. */
static int stdio_shut_write(struct layer *layer, struct stepper *st)
{
	struct stdio_layer *io = of_layer(layer);
	int null_fd, ret = 0;

	(void)st;
	if (io->is_out_closed || io->is_out_missing)
		return 0;
	io->is_out_closed = true;
	null_fd = io->null_fd > 0 ? io->null_fd : open("/dev/null", O_WRONLY | O_CLOEXEC);
	io->null_fd = 0;
	if (null_fd == -1)
		return -errno;
	if (io->out.fd != STDOUT_FILENO && close(io->out.fd) == -1)
		ret = -errno;
	io->out.fd = -1;
	/* close(2): a file on NFS, or beyond a quota, tells only now that what was written is lost. */
	if (close(STDOUT_FILENO) == -1 && ret == 0)
		ret = -errno;
	if (dup2(null_fd, STDOUT_FILENO) == -1 && ret == 0)
		ret = -errno;
	if (null_fd != STDOUT_FILENO)
		close(null_fd);
	return ret;
}

static int stdio_abort(struct layer *layer, struct stepper *st)
{
	(void)layer;
	(void)st;
	return 0;
}

static unsigned stdio_wants(const struct layer *layer, enum half half)
{
	const struct stdio_layer *io = CONTAINER_OF(layer, const struct stdio_layer, layer);

	if (half == HALF_READ)
		return io->is_in_missing || (io->in.ready & READY_IN) != 0 ? 0 : READY_IN;
	/* READY_ERR: the reader has gone; the write tells. */
	return io->is_out_missing || (io->out.ready & (READY_OUT | READY_ERR)) != 0 ? 0 : READY_OUT;
}

static size_t stdio_pending(const struct layer *layer, enum half half)
{
	(void)layer;
	(void)half;
	return 0;
}

/* A terminal, a missing descriptor, a socket and what has to be polled are not spliced. */
static struct sock *stdio_raw(struct layer *layer, enum half half)
{
	struct stdio_layer *io = of_layer(layer);
	struct sock *sk = half == HALF_READ ? &io->in : &io->out;
	bool is_missing = half == HALF_READ ? io->is_in_missing : io->is_out_missing;

	if (is_missing || sk->kind == SOCK_KIND_TERMINAL || sk->kind == SOCK_KIND_SOCKET)
		return NULL;
	if (half == HALF_READ && sk->needs_poll)
		return NULL;
	return sk;
}

static int stdio_close(struct layer *layer, struct stepper *st)
{
	struct stdio_layer *io = of_layer(layer);

	(void)st;
	if (io->in.fd > STDERR_FILENO)
		close(io->in.fd);
	if (io->out.fd > STDERR_FILENO)
		close(io->out.fd);
	if (io->null_fd > 0)
		close(io->null_fd);
	io->null_fd = 0;
	sock_init(&io->in);
	sock_init(&io->out);
	return 0;
}

static const struct layer_ops stdio_ops = {
	.name = "stdio",
	.description = "standard input and output",
	.read = stdio_read,
	.write = stdio_write,
	.shut_write = stdio_shut_write,
	.abort = stdio_abort,
	.wants = stdio_wants,
	.pending = stdio_pending,
	.raw = stdio_raw,
	.close = stdio_close,
};

static enum sock_kind kind_of_mode(int fd, mode_t mode)
{
	if (S_ISSOCK(mode))
		return SOCK_KIND_SOCKET;
	if (S_ISFIFO(mode))
		return SOCK_KIND_PIPE;
	if (S_ISREG(mode) || S_ISBLK(mode))
		return SOCK_KIND_FILE;
	return S_ISCHR(mode) && isatty(fd) ? SOCK_KIND_TERMINAL : SOCK_KIND_OTHER;
}

/* Get a description of our own, non-blocking, or make do with polling. */
static void sock_adopt(struct sock *sk, int fd, mode_t mode, int access)
{
	char path[32] = "/proc/self/fd/0";
	int own;

	sk->fd = fd;
	sk->is_inherited = true;
	sk->is_shared = true;
	sk->kind = (uint8_t)kind_of_mode(fd, mode);
	if (sk->kind == SOCK_KIND_SOCKET) {
		sk->needs_poll = true;
		return;
	}
	/* A device may block (/dev/kmsg): asking costs little. */
	if (sk->kind == SOCK_KIND_OTHER && access == O_RDONLY)
		sk->needs_poll = true;
	if (sk->kind != SOCK_KIND_PIPE && sk->kind != SOCK_KIND_TERMINAL)
		return;
	path[sizeof("/proc/self/fd/0") - 2] = (char)('0' + fd);
	own = open(path, access | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (own == -1)
		sk->needs_poll = true;
	else
		sk->fd = own;
}

int stdio_layer_open(struct stdio_layer *io)
{
	struct stat stat[3];
	bool is_missing[3];

	*io = (struct stdio_layer){ .layer = { .ops = &stdio_ops } };
	sock_init(&io->in);
	sock_init(&io->out);
	for (int fd = 0; fd < 3; fd++) {
		is_missing[fd] = fstat(fd, &stat[fd]) == -1;
		/* open(2) gives the lowest free number: this one, since those below are there. */
		if (is_missing[fd] && open("/dev/null", O_RDWR) == -1)
			return -errno;
	}
	io->is_in_missing = is_missing[0];
	io->is_out_missing = is_missing[1];
	if (!is_missing[0])
		sock_adopt(&io->in, STDIN_FILENO, stat[0].st_mode, O_RDONLY);
	/*
	 * Worth trying at once: a FIFO that was opened anew after its last writer had gone is at its end, and no
	 * edge will tell (fifo_open() of the kernel).
	 */
	if (io->in.kind == SOCK_KIND_PIPE)
		io->in.ready |= READY_IN;
	if (!is_missing[1])
		sock_adopt(&io->out, STDOUT_FILENO, stat[1].st_mode, O_WRONLY);
	return 0;
}

void stdio_layer_lend(struct stdio_layer *io, int fd)
{
	if (fd == STDIN_FILENO) {
		if (io->in.fd > STDERR_FILENO)
			close(io->in.fd);
		io->is_in_missing = true;
		sock_init(&io->in);
	}
	if (fd == STDOUT_FILENO) {
		if (io->out.fd > STDERR_FILENO)
			close(io->out.fd);
		io->is_out_missing = true;
		sock_init(&io->out);
	}
}

void stdio_layer_prepare(struct stdio_layer *io)
{
	if (io->null_fd <= 0)
		io->null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
}

bool stdio_layer_is_background(const struct stdio_layer *io)
{
	return io->is_background;
}
