/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The undermost layer of a connection: a connected socket of any kind. */
#ifndef SOCKT_STREAM_SOCKET_LAYER_H
#define SOCKT_STREAM_SOCKET_LAYER_H

#include "stream/layer.h"

struct socket_layer {
	struct layer layer;
	struct sock sock;
	bool is_datagram; /* an empty read is an empty datagram, not the end */
	bool is_messages; /* datagrams, and SOCK_SEQPACKET */
};

/* Take the connected socket of sk (which is left without one). */
void socket_layer_init(struct socket_layer *sl, struct sock *sk, bool is_datagram, bool is_messages);

#endif
