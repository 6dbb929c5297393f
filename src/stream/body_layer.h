/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A layer that lets through the body of one HTTP message, and throws away what comes behind it: of a client of a proxy
 * that would be another request, for whom nobody has looked.
 */
#ifndef SOCKT_STREAM_BODY_LAYER_H
#define SOCKT_STREAM_BODY_LAYER_H

#include "step/loop.h"
#include "stream/http_body.h"
#include "stream/layer.h"

struct body_layer {
	struct layer layer;
	struct http_body body;
	struct loop *loop;
	struct task *task;
	uint64_t thrown; /* bytes behind it */
};

/*
 * Over below. body: begun, by the head that was read. task is of who reads: it is posted where a turn has thrown enough
 * away.
 */
void body_layer_init(struct body_layer *bl, struct layer *below, const struct http_body *body, struct loop *loop,
		     struct task *task);

#endif
