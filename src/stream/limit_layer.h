/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A layer from which only so many bytes are read (--limit): behind them is its end. Not one more is read from below.
 * Messages are not cut: that which reaches the limit is the last.
 */
#ifndef SOCKT_STREAM_LIMIT_LAYER_H
#define SOCKT_STREAM_LIMIT_LAYER_H

#include "stream/layer.h"

struct limit_layer {
	struct layer layer;
	uint64_t left; /* bytes that may still be read */
	bool is_messages;
};

/* Put it on top of below; limit in bytes. */
void limit_layer_init(struct limit_layer *limited, struct layer *below, uint64_t limit, bool is_messages);

#endif
