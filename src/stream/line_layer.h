/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A layer that gives whole lines (--line): what is read of a line waits until its newline has come, or the end. A line
 * of more than LINE_LAYER_MAX bytes is given in pieces.
 */
#ifndef SOCKT_STREAM_LINE_LAYER_H
#define SOCKT_STREAM_LINE_LAYER_H

#include "base/buf.h"
#include "stream/layer.h"

#define LINE_LAYER_MAX ((size_t)16 << 20)

struct line_layer {
	struct layer layer;
	struct buf held;
	size_t whole; /* bytes held up to the last newline: they may be read */
	ssize_t end;  /* 0 or -errno: what comes behind what is held */
	bool is_ended;
};

/* Put it on top of below. line_layer_clear() is due where the layer is not closed. */
void line_layer_init(struct line_layer *lines, struct layer *below);
/* Free what it holds. */
void line_layer_clear(struct line_layer *lines);

#endif
