/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Standard input and output as a layer: this program's own end of a session.
 *
 * O_NONBLOCK is never set on what was inherited, which would break the shell and the other programs of the pipe. A pipe
 * or terminal is opened once more through /proc/self/fd, which gives a description of our own that may be
 * non-blocking; where that is not allowed, poll(2) is asked before each read and write. Files never block.
 */
#ifndef SOCKT_STREAM_STDIO_LAYER_H
#define SOCKT_STREAM_STDIO_LAYER_H

#include "stream/layer.h"

struct stdio_layer {
	struct layer layer;
	struct sock in, out;
	bool is_in_missing;  /* was closed when the program started: an ended input */
	bool is_out_missing; /* the first byte written fails (EBADF) */
	bool is_out_closed;  /* closed by shut_write */
	int null_fd;         /* of /dev/null, for shut_write; 0: it is opened then */
	bool is_background;  /* the terminal was not read, since another job has it */
};

/*
 * Put /dev/null in the place of those of descriptors 0 to 2 that are closed, so that no socket gets their number, and
 * look what 0 and 1 are. To be called before any other descriptor is opened. Returns 0 or -errno.
 */
int stdio_layer_open(struct stdio_layer *io);

/*
 * Descriptor fd (0 or 1) is the endpoint itself (fd:0): it is not ours to read or write any more. Others: nothing.
 */
void stdio_layer_lend(struct stdio_layer *io, int fd);

/* Open now what would be opened later: another root directory may not have it. */
void stdio_layer_prepare(struct stdio_layer *io);

/* Has another job had the terminal when it was to be read? To be tried again after SIGCONT, or later. */
bool stdio_layer_is_background(const struct stdio_layer *io);

#endif
