/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An undermost layer that does as it is told: what each read gives and how much each write takes is written down,
 * and what was written is kept. For tests of layers, flows and the hub.
 */
#ifndef SOCKT_UNIT_SCRIPTED_H
#define SOCKT_UNIT_SCRIPTED_H

#include "base/buf.h"
#include "stream/layer.h"

/* What one read gives. */
struct scripted_read {
	const char *data; /* NULL: error is the answer */
	size_t len;       /* 0: the end, or with is_message an empty message */
	bool is_message;
	int error; /* -errno, STEP_HELD */
};

/* One call, of whichever layer shares this, is answered so instead. */
struct fault {
	size_t calls; /* how many there have been */
	size_t at;    /* the one that is answered so */
	int answer;   /* -errno, STEP_HELD; 0: none */
};

#define SCRIPTED_MESSAGES_MAX 64

struct scripted {
	struct layer layer;
	const struct scripted_read *reads; /* behind the last: EAGAIN */
	size_t read_count, read_at;
	size_t read_used;    /* bytes of the current read that are taken */
	const int *writes;   /* how many bytes each takes at most, or -errno; behind the last: all */
	size_t write_count, write_at;
	struct fault *fault; /* NULL: none */
	struct buf written;
	size_t messages[SCRIPTED_MESSAGES_MAX]; /* the length of each write */
	size_t message_count;
	bool is_readable, is_writable; /* cleared by EAGAIN */
	int shut_error; /* the answer to shut_write */
	int shuts, closes, aborts;
};

/* Make it: readable, writable, with nothing to give. */
void scripted_init(struct scripted *scripted);
/* Both readinesses are there (again). */
void scripted_edge(struct scripted *scripted);
/* Forget what was written. */
void scripted_clear(struct scripted *scripted);

#endif
