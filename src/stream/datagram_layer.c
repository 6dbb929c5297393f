/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A connected datagram socket as a layer: see datagram_layer.h. */
#include "stream/datagram_layer.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/i18n.h"
#include "base/util.h"

/* News of earlier datagrams that are passed over in one call. */
#define NEWS_MAX 4
/* Entries of the error queue that are taken at a time. */
#define ERRORS_MAX 256

/* The kernel makes twice of what is asked, for its own needs (socket(7)); what it has made is that much. */
static void say_buffer(struct stepper *st, struct sock *sk)
{
	socklen_t len = sizeof(int);
	int value;

	if (step_getsockopt(st, sk, SOL_SOCKET, SO_RCVBUF, &value, &len) == 0 && value / 2 < DATAGRAM_BUFFER)
		step_note(st, sk->session,
			  _("the receive buffer has %d KiB and not %d: net.core.rmem_max allows no more"),
			  value / 2 / 1024, DATAGRAM_BUFFER / 1024);
}

void datagram_prepare(struct stepper *st, struct sock *sk, bool is_many, bool has_rcvbuf, bool has_sndbuf, bool says)
{
	if (!has_rcvbuf)
		step_tune(st, sk, SOL_SOCKET, SO_RCVBUF, DATAGRAM_BUFFER);
	if (!has_sndbuf)
		step_tune(st, sk, SOL_SOCKET, SO_SNDBUF, DATAGRAM_BUFFER);
	if (is_many && sk->protocol == PROTOCOL_UDP)
		step_tune(st, sk, IPPROTO_UDP, UDP_GRO, 1);
	if (says && !has_rcvbuf && st->bus->level > 0)
		say_buffer(st, sk);
}

struct sender datagram_sender(const struct sock *sk, bool is_many)
{
	return (struct sender){
		.max_segment = is_many && sk->protocol == PROTOCOL_UDP ? UINT16_MAX : 0,
		.is_many = is_many,
	};
}

bool datagram_is_soft(const struct sock *sk, int error)
{
	switch (error) {
	case EMSGSIZE:
		return true;
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EHOSTDOWN:
	case ENETDOWN:
	case ENOPROTOOPT:
	case EPROTO:
	case EPERM:
	case EACCES:
		/* A Unix socket is refused when its peer is gone for good: another one there is another socket. */
		return sk->protocol == PROTOCOL_UDP;
	default:
		return false;
	}
}

static struct datagram_layer *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct datagram_layer, layer);
}

/* Take what waits in the error queue, but no more than ERRORS_MAX. Returns how many entries those were. */
static unsigned take_errors(struct datagram_layer *dl, struct stepper *st)
{
	struct sock *sk = &dl->below->sock;
	struct errqueue_entry entry;
	unsigned count = 0;

	while (count < ERRORS_MAX && errqueue_next(st, sk, &entry) > 0) {
		count++;
		if (entry.is_error && !entry.error.is_local)
			undelivered_icmp(&dl->undelivered, st, sk, &entry.error, sk->session);
	}
	return count;
}

bool datagram_take_errors(struct datagram_layer *dl, struct stepper *st)
{
	struct sock *sk = &dl->below->sock;
	unsigned count;

	if ((sk->ready & READY_ERR) == 0)
		return false;
	count = take_errors(dl, st);
	/* None: it is an error of the socket alone, which the next recv() takes. */
	if (count > 0 && count < ERRORS_MAX)
		sk->ready &= (uint8_t)~READY_ERR;
	return count == ERRORS_MAX;
}

void datagram_take_last_errors(struct datagram_layer *dl, struct stepper *st)
{
	if (dl->below->sock.fd != -1)
		take_errors(dl, st);
}

/* A call has failed by news of an earlier datagram. The error queue knows more, and is in the way of the next call. */
static void take_news(struct datagram_layer *dl, struct stepper *st, int error)
{
	if (take_errors(dl, st) == 0)
		undelivered_errno(&dl->undelivered, error);
}

/* Nothing is in line any more: give the memory back. */
static void give_batch(struct datagram_layer *dl)
{
	if (dl->batch == NULL || dl->queue.first != NULL)
		return;
	batch_give(dl->pool, dl->batch);
	dl->batch = NULL;
}

/* Receive what is there. Returns 0 with something in line, or -errno. */
static int receive(struct datagram_layer *dl, struct stepper *st)
{
	const struct batch_wish wish = { .is_many = dl->pool->is_many };
	struct sock *sk = &dl->below->sock;
	int n, news = 0;

	if (dl->queue.first != NULL)
		return 0;
	dl->batch = batch_take(dl->pool, (enum protocol)sk->protocol);
	do {
		n = batch_receive(dl->batch, st, sk, &wish);
		if (n < 0 && datagram_is_soft(sk, -n))
			take_news(dl, st, -n);
	} while (n < 0 && datagram_is_soft(sk, -n) && news++ < NEWS_MAX);
	/* The error has been taken with the calls. */
	if (n == -EAGAIN)
		sk->ready &= (uint8_t)~READY_ERR;
	for (int i = 0; i < n; i++)
		held_add(&dl->queue, &dl->batch->held[i]);
	give_batch(dl);
	if (n < 0)
		return datagram_is_soft(sk, -n) ? -EAGAIN : n;
	undelivered_answered(&dl->undelivered);
	return 0;
}

static ssize_t datagram_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct datagram_layer *dl = of_layer(layer);
	int ret = receive(dl, st);
	struct iovec part;

	if (ret < 0)
		return ret;
	held_peek(&dl->queue, &part);
	*flags |= LAYER_EOM;
	if (part.iov_len > size || dl->queue.first->is_cut)
		*flags |= LAYER_TRUNC;
	if (dl->queue.first->is_cut && size > BATCH_UNIX_MAX)
		size = BATCH_UNIX_MAX;
	memcpy(buf, part.iov_base, part.iov_len < size ? part.iov_len : size);
	held_release(&dl->queue, 1);
	give_batch(dl);
	return (ssize_t)part.iov_len;
}

static int datagram_read_messages(struct layer *layer, struct stepper *st, struct messages *messages)
{
	struct datagram_layer *dl = of_layer(layer);
	int ret = receive(dl, st);

	if (ret < 0)
		return ret;
	held_view(&dl->queue, messages);
	return 0;
}

static void datagram_release_messages(struct layer *layer, unsigned count)
{
	struct datagram_layer *dl = of_layer(layer);

	held_release(&dl->queue, count);
	give_batch(dl);
}

static int datagram_write_messages(struct layer *layer, struct stepper *st, const struct messages *messages)
{
	struct datagram_layer *dl = of_layer(layer);
	struct sock *sk = &dl->below->sock;
	int n, news = 0;

	do {
		n = sender_send(&dl->sender, st, sk, messages, NULL, NULL);
		if (n >= 0 || !datagram_is_soft(sk, -n))
			return n;
		/* The call told of an earlier datagram and sent none: once more. */
		take_news(dl, st, -n);
	} while (news++ < NEWS_MAX);
	dl->lost++;
	return 1;
}

static ssize_t datagram_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	struct messages messages;
	int n;

	messages.parts[0] = (struct iovec){ (void *)data, len };
	messages.count = 1;
	n = datagram_write_messages(layer, st, &messages);
	return n < 0 ? n : (ssize_t)len;
}

static unsigned datagram_wants(const struct layer *layer, enum half half)
{
	const struct datagram_layer *dl = CONTAINER_OF(layer, const struct datagram_layer, layer);
	uint8_t ready = dl->below->sock.ready;

	if (half == HALF_READ)
		return dl->queue.first != NULL || (ready & (READY_IN | READY_ERR)) != 0 ? 0 : READY_IN;
	return (ready & READY_OUT) != 0 ? 0 : READY_OUT;
}

/* What is in line was of nobody else: it goes with the socket. */
static int datagram_close(struct layer *layer, struct stepper *st)
{
	struct datagram_layer *dl = of_layer(layer);

	held_clear(&dl->queue);
	give_batch(dl);
	return layer_close(layer->below, st);
}

static int datagram_abort(struct layer *layer, struct stepper *st)
{
	struct datagram_layer *dl = of_layer(layer);

	held_clear(&dl->queue);
	give_batch(dl);
	return layer_abort(layer->below, st);
}

/* It has no end that could be told. */
static int datagram_shut_write(struct layer *layer, struct stepper *st)
{
	(void)layer;
	(void)st;
	return 0;
}

static const struct layer_ops datagram_ops = {
	.name = "datagrams",
	.description = "a connected datagram socket, many datagrams a call",
	.read = datagram_read,
	.write = datagram_write,
	.read_messages = datagram_read_messages,
	.release_messages = datagram_release_messages,
	.write_messages = datagram_write_messages,
	.shut_write = datagram_shut_write,
	.abort = datagram_abort,
	.wants = datagram_wants,
	.close = datagram_close,
};

void datagram_layer_init(struct datagram_layer *dl, struct socket_layer *below, struct batch_pool *pool)
{
	*dl = (struct datagram_layer){
		.layer = { .ops = &datagram_ops, .below = &below->layer },
		.below = below,
		.pool = pool,
		.sender = datagram_sender(&below->sock, pool->is_many),
	};
}
