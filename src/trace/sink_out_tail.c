/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file with a tail is written at places of its own (pwrite(2)): new records and the tail behind them in one
 * write, over the tail that was there, so that the file is whole at any moment.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/sink_out_private.h"

bool sink_out_keep_tail(struct sink_out *out)
{
	struct stat st;
	int flags = fcntl(out->fd, F_GETFL);
	off_t start = lseek(out->fd, 0, SEEK_CUR);

	/* Of a file that is opened to append to, Linux ignores the places (pwrite(2), BUGS). */
	if (fstat(out->fd, &st) == -1 || !S_ISREG(st.st_mode) || flags == -1 || (flags & O_APPEND) != 0)
		return false;
	if (start == -1 || st.st_size > start || out_is_standard(out))
		return false;
	out->start = start;
	out->end = start;
	out->has_tail = true;
	return true;
}

/* Write all of data at a place of the file. Returns 0 or -errno. */
static int out_write_at(const struct sink_out *out, off_t at, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = pwrite(out->fd, data, len, at);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -errno;
		data += n;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

/* After a write that failed: the tail that was there, again, and nothing behind it. Best effort. */
static void out_restore_tail(struct sink_out *out)
{
	off_t end = out->end + (off_t)out->tail.len;

	if (out_write_at(out, out->end, buf_peek(&out->tail), out->tail.len) < 0)
		end = out->end;
	if (ftruncate(out->fd, end) == -1)
		return;
}

void sink_out_tail(struct sink_out *out, const char *tail, size_t len)
{
	size_t records = out->held.len, written;
	int ret;

	if (out->error != 0)
		return;
	buf_append(&out->held, tail, len);
	out->padding = out->tail.len > out->held.len ? out->tail.len - out->held.len : 0;
	/* Over what is left of a longer tail: to cut it off first would leave a moment without one. */
	for (size_t i = 0; i < out->padding; i++)
		buf_append(&out->held, " ", 1);
	written = out->held.len;
	ret = out_write_at(out, out->end, buf_peek(&out->held), written);
	if (ret < 0) {
		out_restore_tail(out);
		out_fail(out, ret);
		return;
	}
	out->end += (off_t)records;
	buf_clear(&out->tail);
	buf_append(&out->tail, buf_peek(&out->held) + records, written - records);
	buf_clear(&out->held);
}

void out_leave_tail(struct sink_out *out)
{
	off_t end = out->end + (off_t)(out->tail.len - out->padding);

	if (!out->has_tail || out->error != 0)
		return;
	if (out->padding > 0 && ftruncate(out->fd, end) == -1)
		end += (off_t)out->padding;
	/* Who shares the open file goes on behind it. */
	lseek(out->fd, end, SEEK_SET);
}

void sink_out_patch(struct sink_out *out, size_t at, const char *data, size_t len)
{
	int ret = out->error != 0 ? 0 : out_write_at(out, out->start + (off_t)at, data, len);

	if (ret < 0)
		out_fail(out, ret);
}
