/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A layer over a connection on which TELNET is spoken (--telnet): what the peer wants to negotiate is refused, told as
 * a note, and taken out of what is read; what is written is such that nothing of it is taken for a command.
 */
#ifndef SOCKT_STREAM_TELNET_LAYER_H
#define SOCKT_STREAM_TELNET_LAYER_H

#include "base/buf.h"
#include "step/loop.h"
#include "stream/layer.h"
#include "stream/telnet.h"

struct telnet_layer {
	struct layer layer;
	struct telnet_parser parser;
	struct loop *loop;
	struct task *task;       /* who reads and writes it */
	struct buf waiting;      /* made ready, and answers; not yet taken */
	uint64_t added, removed; /* bytes beside those of the user: sent, received */
	uint32_t session;        /* for notes */
	int error;               /* -errno of a write whose bytes were taken: the next one returns it */
	bool was_cr;             /* the last byte to be sent was a CR */
	bool is_shut;            /* nothing is answered any more */
};

/* Put it on top of below, a stream of bytes. task is of who reads it: it is posted where a turn has read enough. */
void telnet_layer_init(struct telnet_layer *tl, struct layer *below, uint32_t session, struct loop *loop,
		       struct task *task);

#endif
