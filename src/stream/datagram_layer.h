/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A connected datagram socket that many datagrams go through in one call, on top of its socket layer. What is told of a
 * datagram that did not arrive is no end: the next one may.
 */
#ifndef SOCKT_STREAM_DATAGRAM_LAYER_H
#define SOCKT_STREAM_DATAGRAM_LAYER_H

#include "stream/batch.h"
#include "stream/sender.h"
#include "stream/socket_layer.h"
#include "stream/undelivered.h"

/* What is asked for as receive and send buffer, so that a burst finds room. */
#define DATAGRAM_BUFFER (4 << 20)

struct datagram_layer {
	struct layer layer;
	struct socket_layer *below;
	struct batch_pool *pool;
	struct batch *batch; /* while messages of it are in line */
	struct held_queue queue;
	struct sender sender;
	uint64_t lost;       /* datagrams that could not be sent */
	struct undelivered undelivered; /* who owns the layer says it */
};

/*
 * Make the socket ready for many datagrams a call. Buffers are asked for that are not has_rcvbuf, has_sndbuf: set by
 * a person. With says a note tells of a receive buffer that the kernel has made smaller.
 */
void datagram_prepare(struct stepper *st, struct sock *sk, bool is_many, bool has_rcvbuf, bool has_sndbuf, bool says);
/* What its datagrams are sent by, once it is prepared. */
struct sender datagram_sender(const struct sock *sk, bool is_many);
/*
 * Where READY_ERR is set: empty the error queue, in which ICMP errors of earlier datagrams wait. What is there is told,
 * counted, and does not stand in the way of the next call any more. Returns true where there may be more: again soon.
 */
bool datagram_take_errors(struct datagram_layer *dl, struct stepper *st);
/* The same before the socket is closed, be READY_ERR set or not: the loop will tell no more. Not without a bound. */
void datagram_take_last_errors(struct datagram_layer *dl, struct stepper *st);
/* Is it news of an earlier datagram, or of this one alone, so that the next may go? */
bool datagram_is_soft(const struct sock *sk, int error);

/* Stand on below, which outlives it. The pool is borrowed. */
void datagram_layer_init(struct datagram_layer *dl, struct socket_layer *below, struct batch_pool *pool);

#endif
