/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A layer that ends each line that is sent with CR LF (--crlf), as the protocols of the Internet do. A line that ends
 * so already is left alone, wherever the pieces are cut; nothing that arrives is changed.
 */
#ifndef SOCKT_STREAM_CRLF_LAYER_H
#define SOCKT_STREAM_CRLF_LAYER_H

#include "base/buf.h"
#include "stream/layer.h"

struct crlf_layer {
	struct layer layer;
	struct buf waiting; /* with its line ends, not yet taken */
	uint64_t added;     /* CRs that were put in */
	int error;          /* -errno of a write whose bytes were taken: the next one returns it */
	bool is_messages;   /* each write is one message: taken whole or not at all */
	bool was_cr;        /* the last byte was a CR */
};

/* Put it on top of below. */
void crlf_layer_init(struct crlf_layer *crlf, struct layer *below, bool is_messages);

#endif
