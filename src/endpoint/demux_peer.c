/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer of a demultiplexer as the undermost layer of its stream: see demux.h. */
#include "endpoint/demux_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/util.h"

/* How often a datagram is sent again where the call only told of another one. */
#define DEMUX_NEWS 4

static struct demux_peer *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct demux_peer, layer);
}

/* count datagrams of a peer are done with. */
static void peer_release(struct layer *layer, unsigned count)
{
	struct demux_peer *peer = of_layer(layer);
	struct demux *demux = peer->demux;

	held_release(&peer->queue, count);
	demux->taken += count;
	if (demux->batch->left == 0)
		loop_post(demux->settings.loop, &demux->task);
}

static ssize_t peer_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct demux_peer *peer = of_layer(layer);
	size_t room = peer->demux->batch->slot;
	struct iovec part;

	(void)st;
	if (!held_peek(&peer->queue, &part))
		return -EAGAIN;
	*flags |= LAYER_EOM;
	if (part.iov_len > size || peer->queue.first->is_cut)
		*flags |= LAYER_TRUNC;
	if (size > room)
		size = room;
	memcpy(buf, part.iov_base, part.iov_len < size ? part.iov_len : size);
	peer_release(layer, 1);
	return (ssize_t)part.iov_len;
}

static int peer_read_messages(struct layer *layer, struct stepper *st, struct messages *messages)
{
	struct demux_peer *peer = of_layer(layer);

	(void)st;
	held_view(&peer->queue, messages);
	return messages->count > 0 ? 0 : -EAGAIN;
}

static int peer_write_messages(struct layer *layer, struct stepper *st, const struct messages *messages)
{
	struct demux_peer *peer = of_layer(layer);
	struct demux *demux = peer->demux;
	int n, news = 0;

	/* A Unix datagram socket without a name cannot be answered. */
	if (peer->names->peer.len <= offsetof(struct sockaddr, sa_data))
		return demux->settings.is_forgiving ? (int)messages->count : -EDESTADDRREQ;
	do {
		/* For so long it works for the peer's session, whose task a gate that holds the call has to wake. */
		demux->sock.session = peer->session;
		demux->sock.task = peer->task;
		n = sender_send(&demux->sender, st, &demux->sock, messages, &peer->names->peer, &peer->names->local);
		demux->sock.session = 0;
		demux->sock.task = &demux->task;
		/* The call may have told of a datagram to another peer, and sent none. */
	} while (n < 0 && n != STEP_HELD && datagram_is_soft(&demux->sock, -n) && demux_take_errors(demux) > 0 &&
		 news++ < DEMUX_NEWS);
	if (n == -EAGAIN)
		demux->is_blocked = true;
	if (n >= 0 || n == STEP_HELD || !demux->settings.is_forgiving || !datagram_is_soft(&demux->sock, -n))
		return n;
	demux->dropped++;
	return 1;
}

static ssize_t peer_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	struct messages messages;
	int n;

	messages.parts[0] = (struct iovec){ (void *)data, len };
	messages.count = 1;
	n = peer_write_messages(layer, st, &messages);
	return n < 0 ? n : (ssize_t)len;
}

static int peer_shut_write(struct layer *layer, struct stepper *st)
{
	(void)layer;
	(void)st;
	return 0;
}

static unsigned peer_wants(const struct layer *layer, enum half half)
{
	const struct demux_peer *peer = CONTAINER_OF(layer, const struct demux_peer, layer);

	if (half == HALF_READ)
		return peer->queue.first != NULL ? 0 : READY_IN;
	if ((peer->demux->sock.ready & READY_OUT) != 0)
		return 0;
	peer->demux->is_blocked = true;
	return READY_OUT;
}

static size_t peer_pending(const struct layer *layer, enum half half)
{
	const struct demux_peer *peer = CONTAINER_OF(layer, const struct demux_peer, layer);
	struct iovec part;

	return half == HALF_READ && held_peek(&peer->queue, &part) ? part.iov_len : 0;
}

static struct sock *peer_raw(struct layer *layer, enum half half)
{
	(void)layer;
	(void)half;
	return NULL;
}

/* The peer is forgotten; the socket is the demultiplexer's. */
static int peer_close(struct layer *layer, struct stepper *st)
{
	struct demux_peer *peer = of_layer(layer);
	struct demux *demux = peer->demux;

	(void)st;
	if (peer->names == NULL)
		return 0;
	demux_forget(demux, peer);
	held_clear(&peer->queue);
	free(peer->names);
	peer->names = NULL;
	loop_post(demux->settings.loop, &demux->task);
	return 0;
}

const struct layer_ops demux_peer_ops = {
	.name = "peer",
	.description = "the datagrams of one peer",
	.read = peer_read,
	.write = peer_write,
	.read_messages = peer_read_messages,
	.release_messages = peer_release,
	.write_messages = peer_write_messages,
	.shut_write = peer_shut_write,
	.abort = peer_close,
	.wants = peer_wants,
	.pending = peer_pending,
	.raw = peer_raw,
	.close = peer_close,
};
