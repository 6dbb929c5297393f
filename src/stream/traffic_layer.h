/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our end of a connection that tests a network: zeros are sent (--null), what arrives is thrown away (--discard), or
 * goes back to the peer (--echo). What is not replaced passes to the layer below.
 */
#ifndef SOCKT_STREAM_TRAFFIC_LAYER_H
#define SOCKT_STREAM_TRAFFIC_LAYER_H

#include "base/buf.h"
#include "step/loop.h"
#include "stream/layer.h"

struct traffic_wish {
	bool is_null, is_discard, is_echo;
	size_t message_size; /* bytes of each message of zeros */
};

struct traffic_layer {
	struct layer layer;
	struct traffic_wish wish;
	struct loop *loop;
	struct task *task; /* to be run when the other half may go on */
	struct buf echo;   /* to go back; of messages each behind its length */
	bool is_messages;
	bool is_unheard;   /* nothing goes back any more: what comes is thrown away */
	bool is_ended;     /* nothing more comes to be echoed */
};

/* Put it on top of below. task outlives it. traffic_layer_clear() is due; layer_close() passes down. */
void traffic_layer_init(struct traffic_layer *traffic, struct layer *below, const struct traffic_wish *wish,
			struct loop *loop, struct task *task, bool is_messages);
/* Free what it holds. */
void traffic_layer_clear(struct traffic_layer *traffic);

#endif
