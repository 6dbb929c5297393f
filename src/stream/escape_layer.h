/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A layer over standard output where that is a terminal: what arrives is shown escaped, so that a peer cannot
 * drive it.
 */
#ifndef SOCKT_STREAM_ESCAPE_LAYER_H
#define SOCKT_STREAM_ESCAPE_LAYER_H

#include "base/buf.h"
#include "base/escape.h"
#include "stream/layer.h"

struct escape_layer {
	struct layer layer;
	struct escape_term state;
	struct buf waiting; /* escaped, not yet written */
	bool is_ended;
};

/* Put it on top of below. */
void escape_layer_init(struct escape_layer *el, struct layer *below);

#endif
