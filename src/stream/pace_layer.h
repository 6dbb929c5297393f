/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A layer that lets bytes through no faster than it is to be: so many a second each way (--rate), and a pause behind
 * each line that is sent (--delay-lines). It is a link of that rate: free_ns is when the last byte has passed it.
 */
#ifndef SOCKT_STREAM_PACE_LAYER_H
#define SOCKT_STREAM_PACE_LAYER_H

#include "step/loop.h"
#include "stream/layer.h"

struct pace_wish {
	uint64_t rate;     /* bytes a second; 0: as fast as it goes */
	uint64_t delay_ns; /* behind each line, or message; 0: none */
};

struct pace_layer {
	struct layer layer;
	struct pace_wish wish;
	struct loop *loop;
	struct task *task;   /* to be run when something may pass again */
	struct timer timer;
	uint64_t free_ns[2]; /* of each half; 0: nothing has passed yet */
	uint64_t line_ns;    /* when the next line may be sent */
	bool is_messages;
};

/* Put it on top of below. task outlives it. */
void pace_layer_init(struct pace_layer *pace, struct layer *below, const struct pace_wish *wish, struct loop *loop,
		     struct task *task, bool is_messages);

#endif
