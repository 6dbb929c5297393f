/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A connected socket as a layer: see socket_layer.h. */
#include "stream/socket_layer.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/util.h"

static struct socket_layer *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct socket_layer, layer);
}

static ssize_t socket_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct socket_layer *sl = of_layer(layer);
	ssize_t n;

	/* recv(2): MSG_TRUNC makes the result the real length of a message, of any kind of socket that has messages. */
	n = step_recv(st, &sl->sock, buf, size, sl->is_messages ? MSG_TRUNC : 0, NULL);
	if (n < 0 || !sl->is_messages)
		return n;
	if (n > 0 || sl->is_datagram)
		*flags |= LAYER_EOM;
	if ((size_t)n > size)
		*flags |= LAYER_TRUNC;
	return n;
}

static ssize_t socket_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	struct sock *sk = &of_layer(layer)->sock;
	ssize_t n = step_send(st, sk, data, len, 0, NULL);

	if (n > 0 && sk->is_deferred) {
		sk->is_deferred = false;
		sk->is_opening = true;
	}
	return n;
}

/*
 * Is the handshake of a connection not over that began with data in its SYN? shutdown() would undo it then, with the
 * data (inet_shutdown() of Linux: disconnect).
 */
static bool is_opening(struct sock *sk, struct stepper *st)
{
	struct tcp_facts facts;

	if (sk->is_deferred && step_begin_deferred(st, sk) < 0)
		return false;
	if (!sk->is_opening)
		return false;
	sk->is_opening = step_tcp_facts(st, sk, &facts) == 0 && facts.state == TCP_SYN_SENT;
	if (sk->is_opening)
		sk->ready &= (uint8_t)~READY_OUT;
	return sk->is_opening;
}

static int socket_shut_write(struct layer *layer, struct stepper *st)
{
	struct sock *sk = &of_layer(layer)->sock;

	/* READY_OUT comes when it is over. */
	if (UNLIKELY(sk->is_deferred || sk->is_opening) && is_opening(sk, st))
		return -EAGAIN;
	return step_shutdown(st, sk, SHUT_WR);
}

static int socket_abort(struct layer *layer, struct stepper *st)
{
	struct socket_layer *sl = of_layer(layer);

	return sl->sock.protocol == PROTOCOL_TCP ? step_reset(st, &sl->sock) : step_close(st, &sl->sock);
}

static unsigned socket_wants(const struct layer *layer, enum half half)
{
	const struct socket_layer *sl = CONTAINER_OF(layer, const struct socket_layer, layer);
	unsigned fact = half == HALF_READ ? READY_IN : READY_OUT;

	/* An error is told by the call that meets it: worth trying. */
	return (sl->sock.ready & (fact | READY_ERR)) != 0 ? 0 : fact;
}

static size_t socket_pending(const struct layer *layer, enum half half)
{
	(void)layer;
	(void)half;
	return 0;
}

static struct sock *socket_raw(struct layer *layer, enum half half)
{
	struct socket_layer *sl = of_layer(layer);

	(void)half;
	/* splice(2) to a socket looks at O_NONBLOCK only, which an inherited one may not have. */
	return sl->sock.is_inherited ? NULL : &sl->sock;
}

static int socket_close(struct layer *layer, struct stepper *st)
{
	return step_close(st, &of_layer(layer)->sock);
}

static const struct layer_ops socket_ops = {
	.name = "socket",
	.description = "a connected socket",
	.read = socket_read,
	.write = socket_write,
	.shut_write = socket_shut_write,
	.abort = socket_abort,
	.wants = socket_wants,
	.pending = socket_pending,
	.raw = socket_raw,
	.close = socket_close,
};

void socket_layer_init(struct socket_layer *sl, struct sock *sk, bool is_datagram, bool is_messages)
{
	sl->layer.ops = &socket_ops;
	sl->layer.below = NULL;
	sl->sock = *sk;
	sl->is_datagram = is_datagram;
	sl->is_messages = is_messages;
	sock_init(sk);
}
