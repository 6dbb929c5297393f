/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is open and no socket as a layer: a file, a FIFO, a device, a pipe that was handed in, a terminal that was made
 * for somebody (pty). Either half may be missing: what would be read from one that is only written is an end, what
 * comes for one that is only read is counted and thrown away.
 *
 * A FIFO that nobody has open yet is waited for, and so is the other side of a pty; nothing blocks.
 */
#ifndef SOCKT_STREAM_FILE_LAYER_H
#define SOCKT_STREAM_FILE_LAYER_H

#include <sys/stat.h>

#include "step/loop.h"
#include "stream/layer.h"

/* What it is put over. */
struct file_ends {
	int in, out;      /* -1: there is no such half; each its own descriptor, taken */
	int handed;       /* what out is another name of is closed with it; -1: nothing is */
	const char *fifo; /* with out -1: its path, to be opened once somebody reads it; borrowed; NULL: none */
	const char *terminal; /* in and out are the master of a pty: the name of its other side; borrowed; NULL: not */
	bool is_late;     /* it is TO: with in -1 that end comes once nothing more is to be written */
	bool in_polls, out_polls; /* it may block: poll(2) is asked before each call */
};

struct file_layer {
	struct layer layer;
	struct sock in, out;
	struct loop *loop; /* NULL until it is watched */
	struct timer timer;
	const char *fifo;
	const char *terminal;
	uint64_t quiet_ns; /* when its silence is its end; 0: it has said something since the last look */
	uint64_t look_ns;  /* of a pty: when what takes the other side may be tried again; 0: at any time */
	uint64_t dropped;  /* bytes that came for a half that is missing */
	int handed;
	int error;         /* of opening the FIFO; 0: none */
	bool is_pty;
	bool is_late;
	bool is_fifo_in;   /* what is read is a FIFO that was opened by its name */
	bool is_shut;
	bool was_open;     /* of a pty: somebody has opened the other side */
	bool is_read_up;   /* of a pty: at the last look nothing was left to be read */
};

/* Make one. The descriptors are taken. */
void file_layer_init(struct file_layer *fl, const struct file_ends *ends);
/* Let it wake task. session: the number of what it works for. Returns 0 or -errno. */
int file_layer_watch(struct file_layer *fl, struct loop *loop, struct task *task, uint32_t session);
/* Is the FIFO to be written open for nobody to read? */
bool file_layer_lacks_reader(const struct file_layer *fl);
/* Is the FIFO to be read, as far as it shows, open for nobody to write? */
bool file_layer_lacks_writer(const struct file_layer *fl);

/* What a descriptor with that mode (fstat(2)) is. */
enum sock_kind file_kind_of(int fd, mode_t mode);

#endif
