/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The reply to a request that a proxy has forwarded: a layer over the target's connection, through which heads come as
 * a client of a proxy is to get them (RFC 9110, section 7.6): without the fields of the connection with the target, and
 * with the word that this one is closed behind the reply, whatever the target says. Interim replies before it, too.
 * Behind the head the layer passes on what comes, as it is.
 */
#ifndef SOCKT_STREAM_REPLY_LAYER_H
#define SOCKT_STREAM_REPLY_LAYER_H

#include "base/buf.h"
#include "stream/http_head.h"
#include "stream/layer.h"

struct reply_layer {
	struct layer layer;
	const char *name;       /* of the proxy, for Via */
	struct http_head *head; /* while it comes; NULL: it is over, or has not begun */
	struct buf received;    /* of it */
	struct buf made;        /* what is to be read next */
	bool is_past;           /* the head of the reply itself is over */
	const char *wrong;      /* what is no reply in what has come, a sentence not translated yet; NULL: nothing */
};

/*
 * Put it over below. name outlives it. Reading fails with -EPROTO where what comes is no reply, or where there is none
 * before the end: wrong says why then.
 */
void reply_layer_init(struct reply_layer *rl, struct layer *below, const char *name);
/* Give back what it owns. May be called again. */
void reply_layer_clear(struct reply_layer *rl);

#endif
