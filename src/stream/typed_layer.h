/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our end of a session where a person types: what is to be sent is put into a queue, what arrives goes to a screen that
 * is shared with others (base/screen.h), made safe for a terminal, or as a hex dump.
 */
#ifndef SOCKT_STREAM_TYPED_LAYER_H
#define SOCKT_STREAM_TYPED_LAYER_H

#include "base/buf.h"
#include "base/escape.h"
#include "base/screen.h"
#include "stream/layer.h"

/* More is not taken for a peer that does not read: a person is told instead. */
#define TYPED_QUEUE_MAX ((size_t)2 << 20)

struct typed_layer;

/* What all ends on one screen share. */
struct typed_screen {
	struct screen *screen;
	const struct typed_layer *last; /* whose data were written last */
	bool is_raw, is_hex;
};

struct typed_layer {
	struct layer layer;
	struct typed_screen *shared;
	struct buf queue;  /* to be sent; of messages each behind its length */
	struct escape_term state;
	uint64_t hex_at;   /* offset of the next byte of a dump */
	uint32_t tag;      /* number before each line; 0: none */
	bool is_messages;
	bool is_ended;     /* nothing more will be queued */
	bool is_mid_line;  /* what arrived last had no newline at its end */
	/* The queue has less than is worth waiting for. NULL: nobody waits. */
	void (*hungry)(void *ctx);
	/* A message without a byte has come: there is nothing of it to show. NULL: nobody tells of it. */
	void (*empty)(void *ctx);
	void *ctx;
};

void typed_layer_init(struct typed_layer *typed, struct typed_screen *shared, uint32_t tag, bool is_messages);
/* Queue bytes, or one message, whole. Returns false, with nothing done, where it is full or has ended. */
bool typed_layer_queue(struct typed_layer *typed, const void *data, size_t len);
/* Has the queue less than is worth waiting for? hungry() is called where it has not. */
bool typed_layer_is_hungry(const struct typed_layer *typed);

#endif
