/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a sink writes. A regular file takes what it is given. A pipe or a terminal may be full, and O_NONBLOCK may
 * not be set on a descriptor that other programs share; so it is opened once more through /proc, with an O_NONBLOCK of
 * its own. Where that is not allowed, poll(2) is asked before each write of at most PIPE_BUF bytes, which a pipe that
 * is ready takes whole (pipe(7)).
 */
#include "trace/sink_out.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/parse.h"
#include "base/util.h"
#include "trace/sink_out_private.h"

#define HELD_MAX ((size_t)1 << 20)   /* bytes held for an output that does not keep up */
#define GATHER_MAX ((size_t)64 << 10) /* bytes gathered for an output that is not looked at */
#define CLOSE_WAIT_MS 1000

/* Find out how out->fd is written to without waiting. */
static void out_choose_way(struct sink_out *out)
{
	char path[32];
	struct stat st;
	int fd;

	out->way_fd = out->fd;
	out->way = OUT_POLLED;
	if (fstat(out->fd, &st) == -1)
		return;
	if (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)) {
		out->way = OUT_FILE;
		return;
	}
	if (!S_ISFIFO(st.st_mode) && !isatty(out->fd))
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", out->fd);
	fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		return;
	out->way_fd = fd;
	out->way = OUT_NONBLOCKING;
}

/* The descriptor that "N" of "fd:N" names. Returns it, or -errno. */
static int out_parse_fd(const char *number)
{
	uint64_t fd;
	int flags;

	if (parse_uint(number, "fd", 0, INT_MAX, &fd, NULL) < 0)
		return -EINVAL;
	flags = fcntl((int)fd, F_GETFL);
	if (flags == -1)
		return -errno;
	if ((flags & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	/* Standard output is closed when the peer ends; the trace goes on until the end. */
	if (fd == STDOUT_FILENO) {
		flags = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		return flags == -1 ? -errno : flags;
	}
	return (int)fd;
}

/* Are both the same regular file? Of others nothing can be written over. */
static bool is_same_file(int a, int b)
{
	struct stat of_a, of_b;

	return fstat(a, &of_a) == 0 && fstat(b, &of_b) == 0 && S_ISREG(of_a.st_mode) && of_a.st_dev == of_b.st_dev &&
	       of_a.st_ino == of_b.st_ino;
}

bool out_is_standard(const struct sink_out *out)
{
	return is_same_file(out->fd, STDIN_FILENO) || is_same_file(out->fd, STDOUT_FILENO) ||
	       is_same_file(out->fd, STDERR_FILENO);
}

bool sink_out_is_same(const struct sink_out *out, const struct sink_out *other)
{
	return (out->is_made || other->is_made) && is_same_file(out->fd, other->fd);
}

/* Open a file by its name. Returns 0 or -errno. */
static int out_open_name(struct sink_out *out, const char *name)
{
	int append = out->is_appending ? O_APPEND : 0;

	/* O_NONBLOCK: a FIFO that nobody reads is an error (ENXIO, fifo(7)), not a wait before anything is said. */
	out->fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | append, 0666);
	if (out->fd == -1)
		return -errno;
	out->is_owned = true;
	out->is_made = true;
	return out_is_standard(out) ? -EEXIST : 0;
}

int sink_out_empty(struct sink_out *out)
{
	struct stat st;

	if (!out->is_made || out->is_appending || fstat(out->fd, &st) == -1 || !S_ISREG(st.st_mode))
		return 0;
	return ftruncate(out->fd, 0) == -1 ? -errno : 0;
}

/* Open what file names, into out->fd. Returns 0 or -errno. */
static int out_open_file(struct sink_out *out, const char *file)
{
	int fd;

	if (file == NULL) {
		out->fd = STDERR_FILENO;
		return 0;
	}
	if (strncmp(file, "fd:", 3) == 0) {
		fd = out_parse_fd(file + 3);
		if (fd < 0)
			return fd;
		out->fd = fd;
		out->is_owned = fd > STDERR_FILENO;
		/* A program started by us shall not hold the trace open; best effort. */
		if (out->is_owned)
			fcntl(fd, F_SETFD, FD_CLOEXEC);
		return 0;
	}
	return out_open_name(out, file);
}

/* Open file for out, which is freed where that fails. Returns 0 or -errno. */
static int out_open(struct sink_out *out, const char *file, struct sink_out **out_ptr)
{
	int ret = out_open_file(out, file);

	if (ret < 0) {
		if (out->is_owned)
			close(out->fd);
		free(out);
		return ret;
	}
	out->name = xstrdup(file != NULL ? file : "standard error");
	out_choose_way(out);
	out->is_immediate = out->fd == STDERR_FILENO || isatty(out->fd);
	*out_ptr = out;
	return 0;
}

int sink_out_open(const char *file, struct sink_out **out_ptr)
{
	return out_open(xcalloc(1, sizeof(struct sink_out)), file, out_ptr);
}

int sink_out_open_bytes(const char *file, bool is_appending, struct sink_out **out_ptr)
{
	struct sink_out *out = xcalloc(1, sizeof(*out));
	int ret;

	out->is_bytes = true;
	out->is_appending = is_appending;
	ret = out_open(out, file, &out);
	if (ret < 0)
		return ret;
	ret = sink_out_empty(out);
	if (ret < 0)
		sink_out_close(out, NULL, 0);
	else
		*out_ptr = out;
	return ret;
}

bool sink_out_is_file(const struct sink_out *out)
{
	return out->way == OUT_FILE && !out->is_immediate && !out->has_tail;
}

int sink_out_fd(const struct sink_out *out)
{
	return out->fd;
}

/* Is the output ready for a write within wait_ms? */
static bool out_is_ready(const struct sink_out *out, int wait_ms)
{
	struct pollfd pollfd = { .fd = out->way_fd, .events = POLLOUT };

	return poll(&pollfd, 1, wait_ms) == 1;
}

void sink_out_set_blocks(struct sink_out *out, size_t (*block_len)(const char *data, size_t len))
{
	out->block_len = block_len;
}

/*
 * How many of the first n bytes held (n > 0) are whole records; the first may be the end of one. *rest: how many bytes
 * of a block that is cut there come behind them.
 */
static size_t out_whole(const struct sink_out *out, size_t n, size_t *rest)
{
	const char *data = buf_peek(&out->held), *newline;
	size_t end = 0, at = out->rest;

	*rest = 0;
	if (out->is_bytes)
		return n;
	if (out->block_len == NULL) {
		newline = memrchr(data, '\n', n);
		return newline != NULL ? (size_t)(newline + 1 - data) : 0;
	}
	while (at < n) {
		end = at;
		at += out->block_len(data + at, out->held.len - at);
	}
	*rest = at - n;
	return at == n ? n : end;
}

/*
 * How much of what is held to write at once. To a pipe, whole records of at most PIPE_BUF bytes together: it takes
 * them whole or not at all, so that no other writer comes between and no end of ours cuts one.
 */
static size_t out_chunk(const struct sink_out *out)
{
	size_t whole, rest;

	if (out->way == OUT_FILE || out->is_waited || out->held.len <= PIPE_BUF)
		return out->held.len;
	whole = out_whole(out, PIPE_BUF, &rest);
	return whole > 0 ? whole : PIPE_BUF;
}

/* Write once. Returns the bytes taken, 0: it takes none now, or -errno. */
static ssize_t out_write(struct sink_out *out)
{
	ssize_t n;

	if (out->screen != NULL)
		return screen_lines(out->screen, buf_peek(&out->held), out->held.len) ? (ssize_t)out->held.len : 0;
	if (out->way == OUT_POLLED && !out_is_ready(out, 0))
		return 0;
	do
		n = write(out->way_fd, buf_peek(&out->held), out_chunk(out));
	while (n == -1 && errno == EINTR);
	if (n >= 0)
		return n;
	return errno == EAGAIN ? 0 : -errno;
}

void out_fail(struct sink_out *out, int error)
{
	off_t end = out->is_made && out->partial > 0 ? lseek(out->fd, 0, SEEK_CUR) : -1;

	/* Best effort: where the file cannot be cut, its last line stays unfinished. */
	if (end >= (off_t)out->partial && ftruncate(out->fd, end - (off_t)out->partial) == 0)
		out->partial = 0;
	out->error = error;
	buf_clear(&out->held);
}

/* Take n bytes that were written off what is held. */
static void out_taken(struct sink_out *out, size_t n)
{
	size_t rest, whole = out_whole(out, n, &rest);

	out->partial = whole > 0 ? n - whole : out->partial + n;
	out->rest = rest;
	buf_consume(&out->held, n);
}

bool sink_out_flush(struct sink_out *out)
{
	bool has_moved = false;

	while (!out->has_tail && out->error == 0 && out->held.len > 0) {
		ssize_t n = out_write(out);

		if (n == 0)
			break;
		if (n < 0) {
			out_fail(out, (int)n);
		} else {
			out_taken(out, (size_t)n);
			out->is_unread = false;
			has_moved = true;
		}
	}
	return has_moved;
}

/* Is there room for a record of len bytes? One that is larger than the bound is taken alone. */
static bool out_has_room(struct sink_out *out, size_t len)
{
	if (out->error != 0)
		return false;
	if (out->is_full && out->held.len > HELD_MAX / 2)
		return false;
	out->is_full = out->held.len > 0 && out->held.len + len > HELD_MAX;
	return !out->is_full;
}

void sink_out_set_waited(struct sink_out *out, int wait_ms)
{
	out->is_waited = true;
	out->wait_ms = wait_ms;
	out->is_bytes = true;
}

/* Let the reader make room for a record of len bytes. */
static void out_wait(struct sink_out *out, size_t len)
{
	while (out->error == 0 && !out->is_unread && out->held.len > 0 && out->held.len + len > HELD_MAX) {
		out->is_unread = !out_is_ready(out, out->wait_ms);
		sink_out_flush(out);
	}
}

bool sink_out_record(struct sink_out *out, const char *data, size_t len)
{
	/* What is held goes first: the output may have come back since. */
	if (out->held.len + len > GATHER_MAX)
		sink_out_flush(out);
	if (out->is_waited)
		out_wait(out, len);
	if (!out_has_room(out, len)) {
		out->lost++;
		return false;
	}
	if (out->status != NULL)
		buf_append(&out->held, OUT_ERASE_LINE, sizeof(OUT_ERASE_LINE) - 1);
	buf_append(&out->held, data, len);
	if (out->status != NULL)
		buf_append(&out->held, out->status, strlen(out->status));
	if (out->is_immediate || out->held.len >= GATHER_MAX)
		sink_out_flush(out);
	return true;
}

size_t sink_out_held(const struct sink_out *out)
{
	return out->held.len;
}

bool sink_out_holds(const struct sink_out *out)
{
	return out->held.len > 0;
}

int sink_out_error(const struct sink_out *out)
{
	return out->error;
}

const char *sink_out_name(const struct sink_out *out)
{
	return out->name;
}

uint64_t sink_out_lost(struct sink_out *out)
{
	uint64_t lost = out->lost;

	out->lost = 0;
	return lost;
}

void sink_out_drain(struct sink_out *out)
{
	uint64_t now_ns = clock_now_ns();
	uint64_t wait_ns = (uint64_t)(out->is_waited ? out->wait_ms : CLOSE_WAIT_MS) * NS_PER_MS;

	if (out->drain_end_ns == 0)
		out->drain_end_ns = now_ns + wait_ns;
	for (;;) {
		bool has_moved = sink_out_flush(out);

		now_ns = clock_now_ns();
		/* Who reads on will have it all. */
		if (has_moved && out->is_waited)
			out->drain_end_ns = now_ns + wait_ns;
		if (out->has_tail || out->held.len == 0 || now_ns >= out->drain_end_ns)
			return;
		out_is_ready(out, (int)((out->drain_end_ns - now_ns) / NS_PER_MS) + 1);
	}
}

int sink_out_close(struct sink_out *out, char *file, size_t size)
{
	int error;

	if (out == NULL)
		return 0;
	sink_out_drain(out);
	if (out->error == 0 && out->held.len > 0)
		out->error = SINK_OUT_UNREAD;
	out_leave_tail(out);
	buf_clear(&out->held);
	buf_clear(&out->tail);
	if (out->way_fd != out->fd)
		close(out->way_fd);
	/* A full disk may be told by close() only (close(2), NFS). */
	if (out->is_owned && close(out->fd) == -1 && out->error == 0)
		out->error = -errno;
	error = out->error;
	if (error != 0 && file != NULL)
		snprintf(file, size, "%s", out->name);
	free(out->status);
	free(out->name);
	free(out);
	return error;
}
