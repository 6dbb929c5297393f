/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A layer that shows a witness each piece of what passes, unchanged (--hex, --output): what is written once it is
 * taken, what is read as it comes. While the witness has enough to do, nothing passes: it misses no byte.
 */
#ifndef SOCKT_STREAM_WITNESS_LAYER_H
#define SOCKT_STREAM_WITNESS_LAYER_H

#include "step/loop.h"
#include "stream/layer.h"

/* What passed in one call, or one message. */
struct witness_piece {
	uint32_t session; /* its number */
	bool is_out;      /* written */
	uint64_t offset;  /* of its first byte, in that direction */
	const void *data; /* for this call only */
	size_t len;
};

struct witness {
	void (*seen)(void *ctx, const struct witness_piece *piece);
	/* Can it take no more at the moment? It is asked again some ms later. */
	bool (*is_busy)(void *ctx);
	void *ctx;
	bool is_in, is_out; /* which directions it wants to see */
};

struct witness_layer {
	struct layer layer;
	const struct witness *witness;
	struct loop *loop;
	struct task *task;  /* to be run when the witness may have time again */
	struct timer timer;
	uint64_t in, out;   /* bytes so far */
	uint32_t session;
	bool is_messages;
};

/* Where it stands. */
struct witness_place {
	struct loop *loop;
	struct task *task; /* as above */
	uint32_t session;  /* its number */
	bool is_messages;  /* of a channel of messages, which are not cut */
};

/* Put it on top of below. witness and task outlive it. */
void witness_layer_init(struct witness_layer *wl, struct layer *below, const struct witness *witness,
			const struct witness_place *place);
/* Ask the witness no more: due before it is freed, where the layer is not closed itself. */
void witness_layer_stop(struct witness_layer *wl);

#endif
