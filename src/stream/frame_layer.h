/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A layer over standard input that cuts the bytes into messages, for endpoints that keep the bounds of messages:
 * one read, one line, or so many bytes are one datagram (--datagram).
 */
#ifndef SOCKT_STREAM_FRAME_LAYER_H
#define SOCKT_STREAM_FRAME_LAYER_H

#include "base/buf.h"
#include "stream/layer.h"

/* udp(7): 65,507 bytes fit one datagram over IPv4. Messages of Unix sockets may be longer, but no line is. */
#define FRAME_MAX_UDP 65507
#define FRAME_MAX_UNIX 65536

enum frame_mode {
	FRAME_READ = 0, /* one read, of at most max bytes */
	FRAME_LINE,     /* one line with its newline; one longer than max is -EMSGSIZE */
	FRAME_SIZE,     /* max bytes; the last may be shorter */
};

struct frame_layer {
	struct layer layer;
	enum frame_mode mode;
	size_t max;
	struct buf held; /* bytes of a message that is not whole */
	bool is_ended;
};

void frame_layer_init(struct frame_layer *fl, struct layer *below, enum frame_mode mode, size_t max);

#endif
