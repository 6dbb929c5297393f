/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A layer from which only so many bytes, or messages, are read (--limit, --limit-messages): behind them is its end. Not
 * one more is read from below. Messages are not cut: that which reaches the limit is the last. Of a stream each read
 * that gives something is one (--limit-reads).
 */
#ifndef SOCKT_STREAM_LIMIT_LAYER_H
#define SOCKT_STREAM_LIMIT_LAYER_H

#include "stream/layer.h"

struct limit_layer {
	struct layer layer;
	uint64_t left;          /* bytes that may still be read */
	uint64_t messages_left; /* likewise, empty ones too */
	bool is_messages;
};

#define LIMIT_NONE UINT64_MAX

/* Put it on top of below; limit in bytes, messages a count of them, either LIMIT_NONE. */
void limit_layer_init(struct limit_layer *limited, struct layer *below, uint64_t limit, uint64_t messages,
		      bool is_messages);
/* Has all been read that may be? */
bool limit_layer_is_reached(const struct limit_layer *limited);

#endif
