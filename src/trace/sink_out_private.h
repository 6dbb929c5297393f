/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of sink_out share. */
#ifndef SOCKT_TRACE_SINK_OUT_PRIVATE_H
#define SOCKT_TRACE_SINK_OUT_PRIVATE_H

#include <sys/types.h>

#include "base/buf.h"
#include "trace/sink_out.h"

enum out_way {
	OUT_FILE = 0,    /* a regular file: a write waits for nobody */
	OUT_NONBLOCKING, /* a file description of our own, with O_NONBLOCK */
	OUT_POLLED,      /* shared: small writes, each after poll() */
};

#define OUT_ERASE_LINE "\r\033[K" /* to the left edge, and clear to the right one */

struct sink_out {
	char *name;  /* as an error message calls it */
	int fd;      /* as the user named it */
	int way_fd;  /* written to: fd, or the same file opened once more */
	enum out_way way;
	bool is_owned;     /* fd is ours to close */
	bool is_immediate; /* each record is written at once */
	bool is_full;      /* records are refused until half of the buffer is free */
	bool is_bytes;     /* there are no records: bytes may be cut anywhere */
	bool is_waited;    /* its reader is of this run: where there is no room for a record it is waited for ... */
	int wait_ms;       /* ... for so long */
	bool is_unread;    /* it has not read for a while, and is not waited for until it does */
	bool is_appending; /* a file that is there is kept, and written behind */
	bool is_made;      /* a file made by us: a record that was cut by an error is taken back */
	int error;         /* -errno of the first write that failed; nothing is written after it */
	size_t partial;    /* bytes written of a record whose end is still held */
	size_t rest;       /* bytes of that end, where records are blocks */
	size_t (*block_len)(const char *data, size_t len); /* NULL: records are lines */
	uint64_t lost;
	struct screen *screen; /* of the terminal, where somebody types; NULL: none */
	char *status;    /* the line at the bottom; NULL: none */
	uint64_t drain_end_ns; /* when waiting for the output ends; 0: not begun */
	struct buf held;
	bool has_tail;      /* records wait for sink_out_tail() */
	off_t start, end;  /* where what we wrote begins, and where its records end */
	struct buf tail; /* as it was written behind them, with its padding */
	size_t padding;    /* blanks at its end, over what was there before */
};

/* Is it the regular file that standard input, output or error is? */
bool out_is_standard(const struct sink_out *out);
/* Nothing can be written any more: forget what is held, and take back a record that was written in part. */
void out_fail(struct sink_out *out, int error);
/* Before it is closed: no padding, and who shares the descriptor goes on behind what we wrote. Best effort. */
void out_leave_tail(struct sink_out *out);

#endif
