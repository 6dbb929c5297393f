/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files, FIFOs, devices and terminals as a layer: see file_layer.h. */
#include "stream/file_layer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/term.h"
#include "base/util.h"
#include "step/pipes.h"

/* No event tells that somebody has opened a FIFO to read, or the other side of a pty, or has read it. */
#define LOOK_NS (50 * NS_PER_MS)

/* So long a terminal may say nothing, once all was said to it, before that is its end. */
#define QUIET_NS NS_PER_S

static struct file_layer *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct file_layer, layer);
}

/* The task that is woken: that of the half that there is. */
static struct task *task_of(const struct file_layer *fl)
{
	return fl->in.task != NULL ? fl->in.task : fl->out.task;
}

static void look_again(struct file_layer *fl)
{
	if (fl->loop != NULL && !timer_is_set(&fl->timer))
		loop_timer_set_after(fl->loop, &fl->timer, LOOK_NS);
}

/* ---- A FIFO to be written ---- */

/* fifo(7): ENXIO, as long as nobody has it open to read. */
static void open_fifo(struct file_layer *fl)
{
	int fd = open(fl->fifo, O_WRONLY | O_NONBLOCK | O_CLOEXEC), ret;

	if (fd == -1 && errno == ENXIO) {
		look_again(fl);
		return;
	}
	fl->fifo = NULL;
	if (fd == -1) {
		fl->error = errno;
		return;
	}
	fl->out.fd = fd;
	fl->out.kind = SOCK_KIND_PIPE;
	ret = loop_watch(fl->loop, &fl->out, fl->out.task);
	if (ret < 0)
		fl->error = -ret;
}

bool file_layer_lacks_reader(const struct file_layer *fl)
{
	return fl->fifo != NULL;
}

bool file_layer_lacks_writer(const struct file_layer *fl)
{
	return fl->is_fifo_in && pipe_lacks_writer(fl->in.fd);
}

/* ---- A pty ---- */

/* Has nobody the other side open? */
static bool is_hung_up(const struct file_layer *fl)
{
	struct pollfd out = { .fd = fl->out.fd, .events = 0 };

	return poll(&out, 1, 0) == 1 && (out.revents & POLLHUP) != 0;
}

/*
 * Is there nothing to be read yet, since nobody has opened the other side? pty(7): a read would be EIO, as it is once
 * somebody has closed it again, which is an end.
 */
static bool is_not_open_yet(struct file_layer *fl)
{
	struct pollfd in = { .fd = fl->in.fd, .events = POLLIN };

	if (!fl->is_pty || fl->was_open)
		return false;
	poll(&in, 1, 0);
	if ((in.revents & POLLIN) == 0 && (in.revents & POLLHUP) != 0) {
		fl->in.ready &= (uint8_t)~READY_IN;
		look_again(fl);
		return true;
	}
	fl->was_open = true;
	return false;
}

/* Is it too early to try again what the other side was not ready for? To try it is what would wake us at once. */
static bool is_too_early(struct file_layer *fl)
{
	if (fl->look_ns == 0 || loop_now_ns(fl->loop) >= fl->look_ns)
		return false;
	look_again(fl);
	return true;
}

/* Not before half of a pause has gone by. */
static void try_later(struct file_layer *fl)
{
	fl->look_ns = loop_now_ns(fl->loop) + LOOK_NS / 2;
	look_again(fl);
}

/*
 * A write found it full. Where nobody has the other side open, the next one would be tried at once, and again: the
 * kernel tells of EPOLLHUP anew after each write that fails. So it is tried with each look; and who has left it full
 * reads no more.
 */
static ssize_t pty_is_full(struct file_layer *fl)
{
	if (!is_hung_up(fl))
		return -EAGAIN;
	if (fl->was_open)
		return -EPIPE;
	fl->out.ready &= (uint8_t)~READY_OUT;
	try_later(fl);
	return -EAGAIN;
}

/*
 * The end of what is written. A terminal has no such thing but that it is closed, and then what was not read is gone:
 * so it is waited until all is read, or, where who had it open has left, not any more.
 */
static int pty_shut_write(struct file_layer *fl)
{
	bool is_left = fl->was_open && is_hung_up(fl);

	if (is_too_early(fl))
		return -EAGAIN;
	/* To look opens and closes the other side. */
	try_later(fl);
	if (!term_is_read_up(fl->out.fd, fl->terminal)) {
		fl->is_read_up = false;
		return is_left ? -EPIPE : -EAGAIN;
	}
	/* Who is reading at this moment may still be ahead of the kernel's work: it has to be so twice. */
	if (!fl->is_read_up && !is_left && fl->was_open) {
		fl->is_read_up = true;
		return -EAGAIN;
	}
	return 0;
}

/* ---- The layer ---- */

/*
 * A terminal that is TO has no end of its own while somebody has it open. Once nothing more is to be written to it, it
 * is over when it has said nothing for a moment.
 */
static bool is_quiet_end(struct file_layer *fl)
{
	uint64_t now_ns = loop_now_ns(fl->loop);

	if (!fl->is_late || !fl->is_shut || fl->in.kind != SOCK_KIND_TERMINAL)
		return false;
	look_again(fl);
	if (fl->quiet_ns == 0)
		fl->quiet_ns = now_ns + QUIET_NS;
	return now_ns >= fl->quiet_ns;
}

static ssize_t file_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct file_layer *fl = of_layer(layer);
	ssize_t n;

	(void)flags;
	if (fl->in.fd == -1)
		return fl->is_late && !fl->is_shut ? -EAGAIN : 0;
	/* A read from the background would stop us (SIGTTIN). */
	if (fl->in.kind == SOCK_KIND_TERMINAL && !fl->is_pty && !term_is_foreground(fl->in.fd)) {
		look_again(fl);
		fl->in.ready &= (uint8_t)~READY_IN;
		return -EAGAIN;
	}
	if (is_not_open_yet(fl))
		return is_quiet_end(fl) ? 0 : -EAGAIN;
	n = step_read(st, &fl->in, buf, size);
	if (n > 0)
		fl->quiet_ns = 0;
	if (n == -EAGAIN && is_quiet_end(fl))
		return 0;
	/* A terminal that hangs up gives EIO: that is an end of input. */
	return n == -EIO && fl->in.kind == SOCK_KIND_TERMINAL ? 0 : n;
}

static ssize_t file_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	struct file_layer *fl = of_layer(layer);

	if (fl->error != 0)
		return -fl->error;
	if (fl->is_pty && is_too_early(fl)) {
		fl->out.ready &= (uint8_t)~READY_OUT;
		return -EAGAIN;
	}
	if (fl->out.fd != -1) {
		ssize_t n = step_write(st, &fl->out, data, len);

		return n == -EAGAIN && fl->is_pty ? pty_is_full(fl) : n;
	}
	if (fl->fifo != NULL)
		return -EAGAIN;
	if (fl->is_shut)
		return -EPIPE;
	fl->dropped += len;
	return (ssize_t)len;
}

/* Close a half; close(2): a file on NFS, or beyond a quota, tells only now that what was written is lost. */
static int half_close(struct file_layer *fl, struct sock *sk)
{
	int ret = 0;

	if (sk->fd == -1)
		return 0;
	if (fl->loop != NULL)
		loop_unwatch(fl->loop, sk);
	if (close(sk->fd) == -1)
		ret = -errno;
	sk->fd = -1;
	return ret;
}

/* What was handed in is another name of the same open file: who reads it sees its end only without that. */
static int close_handed(struct file_layer *fl)
{
	int fd = fl->handed, null_fd, ret = 0;

	fl->handed = -1;
	if (fd == -1)
		return 0;
	if (fd > STDERR_FILENO)
		return close(fd) == -1 ? -errno : 0;
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null_fd == -1 || dup2(null_fd, fd) == -1)
		ret = -errno;
	if (null_fd != -1)
		close(null_fd);
	return ret;
}

static int file_shut_write(struct layer *layer, struct stepper *st)
{
	struct file_layer *fl = of_layer(layer);
	int ret = 0, ret_handed;

	(void)st;
	if (fl->is_shut)
		return 0;
	if (fl->error != 0)
		return -fl->error;
	/* Who waits to read it is to see an end. */
	if (fl->fifo != NULL)
		return -EAGAIN;
	if (fl->is_pty)
		ret = pty_shut_write(fl);
	if (ret < 0)
		return ret;
	fl->is_shut = true;
	if (fl->in.kind == SOCK_KIND_TERMINAL)
		look_again(fl);
	if (fl->is_pty)
		return 0;
	ret = half_close(fl, &fl->out);
	ret_handed = close_handed(fl);
	return ret < 0 ? ret : ret_handed;
}

static int file_abort(struct layer *layer, struct stepper *st)
{
	(void)layer;
	(void)st;
	return 0;
}

static unsigned file_wants(const struct layer *layer, enum half half)
{
	const struct file_layer *fl = CONTAINER_OF(layer, const struct file_layer, layer);

	if (half == HALF_READ && fl->in.fd == -1)
		return fl->is_late && !fl->is_shut ? READY_IN : 0;
	if (half == HALF_READ)
		return (fl->in.ready & READY_IN) != 0 ? 0 : READY_IN;
	if (fl->fifo != NULL)
		return READY_OUT;
	/* READY_ERR: the reader has gone; the write tells. */
	return fl->out.fd == -1 || (fl->out.ready & (READY_OUT | READY_ERR)) != 0 ? 0 : READY_OUT;
}

static size_t file_pending(const struct layer *layer, enum half half)
{
	(void)layer;
	(void)half;
	return 0;
}

/* A terminal and what has to be polled are not spliced. */
static struct sock *file_raw(struct layer *layer, enum half half)
{
	struct file_layer *fl = of_layer(layer);
	struct sock *sk = half == HALF_READ ? &fl->in : &fl->out;

	if (sk->fd == -1 || sk->kind == SOCK_KIND_TERMINAL || sk->needs_poll || fl->error != 0)
		return NULL;
	return sk;
}

static int file_close(struct layer *layer, struct stepper *st)
{
	struct file_layer *fl = of_layer(layer);

	(void)st;
	if (fl->loop != NULL)
		loop_timer_clear(fl->loop, &fl->timer);
	fl->fifo = NULL;
	half_close(fl, &fl->in);
	half_close(fl, &fl->out);
	return close_handed(fl);
}

static const struct layer_ops file_ops = {
	.name = "file",
	.description = "a file, a FIFO, a device or a terminal",
	.read = file_read,
	.write = file_write,
	.shut_write = file_shut_write,
	.abort = file_abort,
	.wants = file_wants,
	.pending = file_pending,
	.raw = file_raw,
	.close = file_close,
};

/* Something has to be looked at again. */
static void file_look(struct timer *timer)
{
	struct file_layer *fl = CONTAINER_OF(timer, struct file_layer, timer);

	if (fl->fifo != NULL) {
		open_fifo(fl);
		if (fl->fifo != NULL)
			return;
	}
	if (fl->is_pty && !fl->was_open) {
		fl->was_open = !is_hung_up(fl);
		if (!fl->was_open)
			look_again(fl);
	}
	if (fl->in.fd != -1)
		fl->in.ready |= READY_IN;
	if (fl->is_pty)
		fl->out.ready |= READY_OUT;
	loop_post(fl->loop, task_of(fl));
}

enum sock_kind file_kind_of(int fd, mode_t mode)
{
	if (S_ISFIFO(mode))
		return SOCK_KIND_PIPE;
	if (S_ISREG(mode) || S_ISBLK(mode))
		return SOCK_KIND_FILE;
	return S_ISCHR(mode) && isatty(fd) ? SOCK_KIND_TERMINAL : SOCK_KIND_OTHER;
}

static void half_init(struct sock *sk, int fd, bool needs_poll)
{
	struct stat stat;

	sock_init(sk);
	sk->fd = fd;
	/* The open file may have other names: the loop has to be told that this one goes. */
	sk->is_shared = true;
	sk->needs_poll = needs_poll;
	if (fd != -1 && fstat(fd, &stat) == 0)
		sk->kind = (uint8_t)file_kind_of(fd, stat.st_mode);
}

void file_layer_init(struct file_layer *fl, const struct file_ends *ends)
{
	*fl = (struct file_layer){
		.layer = { .ops = &file_ops },
		.timer = { .fire = file_look },
		.fifo = ends->fifo,
		.handed = ends->handed,
		.terminal = ends->terminal,
		.is_pty = ends->terminal != NULL,
		.is_late = ends->is_late,
	};
	half_init(&fl->in, ends->in, ends->in_polls);
	half_init(&fl->out, ends->out, ends->out_polls);
	fl->is_fifo_in = ends->handed == -1 && fl->in.kind == SOCK_KIND_PIPE;
}

int file_layer_watch(struct file_layer *fl, struct loop *loop, struct task *task, uint32_t session)
{
	int ret = 0;

	fl->loop = loop;
	fl->in.session = session;
	fl->out.session = session;
	fl->in.task = task;
	fl->out.task = task;
	if (fl->in.fd != -1)
		ret = loop_watch(loop, &fl->in, task);
	if (ret == 0 && fl->out.fd != -1)
		ret = loop_watch(loop, &fl->out, task);
	if (ret == 0 && fl->fifo != NULL)
		open_fifo(fl);
	if (fl->is_pty)
		fl->was_open = !is_hung_up(fl);
	if (ret == 0 && fl->is_pty && !fl->was_open)
		look_again(fl);
	loop_post(loop, task);
	return ret;
}
