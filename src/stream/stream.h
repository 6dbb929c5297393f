/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stream: a connected byte channel, seen from the top of its chain of layers. What the engine moves data between.
 */
#ifndef SOCKT_STREAM_STREAM_H
#define SOCKT_STREAM_STREAM_H

#include "stream/layer.h"

struct stream {
	struct layer *top;
	bool is_messages; /* keeps the bounds of messages: a flow never merges or splits them */
	bool has_end;     /* its reading half can end (datagrams have no end) */
};

/* May this half be tried now, as far as is known? */
static inline bool stream_is_ready(const struct stream *stream, enum half half)
{
	return layer_wants(stream->top, half) == 0;
}

/* The descriptor that data may be spliced from or to, or NULL: the one question that decides about that path. */
static inline struct sock *stream_raw(const struct stream *stream, enum half half)
{
	return stream->is_messages ? NULL : layer_raw(stream->top, half);
}

#endif
