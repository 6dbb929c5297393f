/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A layer: one transform over a byte channel (a descriptor, TLS, a proxy's handshake, escaping for a terminal).
 * Layers stand on
 * each other; the undermost holds the descriptors. A layer that writes only what differs leaves the other operations
 * NULL: they pass to the layer below.
 */
#ifndef SOCKT_STREAM_LAYER_H
#define SOCKT_STREAM_LAYER_H

#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "step/step.h"
#include "stream/messages.h"

struct layer;

/* Which half of a channel is asked about. */
enum half {
	HALF_READ = 0,
	HALF_WRITE,
};

/* Flags of read and write. */
enum layer_flag {
	LAYER_EOM = 1U << 0,   /* what was read is a message, whole (it may be empty) */
	LAYER_TRUNC = 1U << 1, /* the message was longer than the room for it */
};

/* All operations return 0 or more, -errno, or STEP_HELD. -EAGAIN: not now, the readiness was cleared. None blocks. */
struct layer_ops {
	const char *name;
	const char *description;
	/* Go on with setting up. 0: done. NULL: nothing to set up. */
	int (*handshake)(struct layer *layer, struct stepper *st);
	/*
	 * Read up to size bytes, or one message. 0 without LAYER_EOM in *flags: the end of the channel.
	 * With LAYER_TRUNC the result is the message's real length, of which size bytes were read.
	 */
	ssize_t (*read)(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags);
	/* Write up to len bytes; of a channel of messages: one message, whole. Returns how many were taken. */
	ssize_t (*write)(struct layer *layer, struct stepper *st, const void *data, size_t len);
	/*
	 * Take back the last len bytes that were read, or the message: they will be read again. NULL: the layer cannot;
	 * it is never asked of those below.
	 */
	void (*give_back)(struct layer *layer, size_t len);
	/*
	 * The three below, together or none, are of channels of messages that take several in one call; asked of the
	 * top layer only. Look at those that are there: fills messages with 1 or more, which stay where they are until
	 * they are released, and will be seen again if they are not. Returns 0, -EAGAIN or another -errno.
	 */
	int (*read_messages)(struct layer *layer, struct stepper *st, struct messages *messages);
	/* The first count of them are done with. */
	void (*release_messages)(struct layer *layer, unsigned count);
	/* Write the messages, whole, the first one first. Returns how many are done with, 1 or more; or -errno. */
	int (*write_messages)(struct layer *layer, struct stepper *st, const struct messages *messages);
	/* Say that no more will be written. -EAGAIN: what is held back has to go first. */
	int (*shut_write)(struct layer *layer, struct stepper *st);
	/*
	 * Say that no more will be read: who writes there, and might wait for that, is to know. It may be said again.
	 * NULL: nobody does.
	 */
	void (*shut_read)(struct layer *layer, struct stepper *st);
	/* End both ways at once and let the peer see a failure (RST), where the kind has such a thing. */
	int (*abort)(struct layer *layer, struct stepper *st);
	/* The readiness (READY_*) that half waits for; 0: it may be tried now. */
	unsigned (*wants)(const struct layer *layer, enum half half);
	/* Bytes held inside that could be read (HALF_READ) or are still to be written (HALF_WRITE). */
	size_t (*pending)(const struct layer *layer, enum half half);
	/* The descriptor under half, where data may take the kernel-only path; else NULL. */
	struct sock *(*raw)(struct layer *layer, enum half half);
	/* Give back what it owns, descriptors too. Called once, whatever happened before. */
	int (*close)(struct layer *layer, struct stepper *st);
	/* Has who was at its other end gone altogether, as a program that has exited? NULL: that is not known. */
	bool (*is_gone)(const struct layer *layer);
};

struct layer {
	const struct layer_ops *ops;
	struct layer *below; /* NULL: the undermost */
};

/* Call an operation of layer, or the nearest below that has it. */
int layer_handshake(struct layer *layer, struct stepper *st);
ssize_t layer_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags);
ssize_t layer_write(struct layer *layer, struct stepper *st, const void *data, size_t len);
int layer_shut_write(struct layer *layer, struct stepper *st);
/*
 * Write what waits for layer, which is the one below whose it is. Returns 0 when nothing is left, or -errno (-EAGAIN
 * too): then the rest goes on waiting.
 */
int layer_write_waiting(struct layer *layer, struct stepper *st, struct buf *waiting);
/*
 * The same, for a write that has put its bytes to what waits: it has taken them, whatever comes of that. An error that
 * passes leaves them waiting; another one goes into *error, which the next write is to return.
 */
void layer_write_taken(struct layer *layer, struct stepper *st, struct buf *waiting, int *error);
/* Nothing, where no layer has it. */
void layer_shut_read(struct layer *layer, struct stepper *st);
int layer_abort(struct layer *layer, struct stepper *st);
unsigned layer_wants(const struct layer *layer, enum half half);
size_t layer_pending(const struct layer *layer, enum half half);
struct sock *layer_raw(struct layer *layer, enum half half);
int layer_close(struct layer *layer, struct stepper *st);
/* False where no layer knows. */
bool layer_is_gone(const struct layer *layer);

#endif
