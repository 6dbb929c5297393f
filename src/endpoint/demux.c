/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One datagram socket as a channel a peer: see demux.h. */
#include "endpoint/demux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/util.h"

/* Datagrams looked at in one turn of the loop. */
#define DEMUX_BURST 64

struct demux {
	struct stepper *st;
	struct loop *loop;
	struct sock sock;
	struct task task;
	demux_new_fn *on_new;
	void *ctx;
	struct demux_peer *peers;
	struct demux_peer *owner; /* whose the held datagram is; NULL: none is held */
	size_t held_len;          /* its real length */
	char *held;
};

/* The peer with that address, or NULL. */
static struct demux_peer *find_peer(struct demux *demux, const struct addr *from)
{
	struct demux_peer *peer = demux->peers;

	while (peer != NULL && !addr_equal(&peer->addr, from))
		peer = peer->next;
	return peer;
}

/* Read one datagram and find whose it is. Returns 1: go on, 0: nothing more now. */
static int demux_receive(struct demux *demux)
{
	struct addr from = { .len = 0 };
	struct demux_peer *peer;
	ssize_t n;

	n = step_recv(demux->st, &demux->sock, demux->held, DEMUX_DATAGRAM_MAX, MSG_TRUNC, &from);
	if (n == STEP_HELD || n == -EAGAIN)
		return 0;
	/* An ICMP error about something sent earlier: of no peer in particular, and gone with this call. */
	if (n < 0)
		return 1;
	peer = find_peer(demux, &from);
	if (peer == NULL && demux->on_new(demux->ctx, &from, (size_t)n))
		peer = find_peer(demux, &from);
	if (peer == NULL)
		return 1;
	demux->owner = peer;
	demux->held_len = (size_t)n;
	loop_post(demux->loop, peer->task);
	return 0;
}

/* Something has happened on the socket, or the held datagram was taken. */
static void demux_run(struct task *task)
{
	struct demux *demux = CONTAINER_OF(task, struct demux, task);
	int burst = DEMUX_BURST;

	if ((demux->sock.ready & READY_OUT) != 0)
		for (struct demux_peer *peer = demux->peers; peer != NULL; peer = peer->next)
			loop_post(demux->loop, peer->task);
	while (demux->owner == NULL && (demux->sock.ready & READY_IN) != 0 && burst-- > 0)
		if (demux_receive(demux) == 0)
			return;
	if (burst <= 0)
		loop_post_later(demux->loop, task);
}

static struct demux_peer *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct demux_peer, layer);
}

static ssize_t peer_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct demux_peer *peer = of_layer(layer);
	struct demux *demux = peer->demux;
	size_t len = demux->held_len;

	(void)st;
	if (demux->owner != peer)
		return -EAGAIN;
	*flags |= LAYER_EOM;
	if (len > size || len > DEMUX_DATAGRAM_MAX)
		*flags |= LAYER_TRUNC;
	memcpy(buf, demux->held, len < size ? len : size);
	demux->owner = NULL;
	loop_post(demux->loop, &demux->task);
	return (ssize_t)len;
}

static ssize_t peer_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	struct demux_peer *peer = of_layer(layer);
	ssize_t n;

	/* A Unix datagram socket without a name cannot be answered. */
	if (peer->addr.len <= offsetof(struct sockaddr, sa_data))
		return -EDESTADDRREQ;
	peer->demux->sock.session = peer->session;
	n = step_send(st, &peer->demux->sock, data, len, 0, &peer->addr);
	peer->demux->sock.session = 0;
	return n;
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
		return peer->demux->owner == peer ? 0 : READY_IN;
	return (peer->demux->sock.ready & READY_OUT) != 0 ? 0 : READY_OUT;
}

static size_t peer_pending(const struct layer *layer, enum half half)
{
	const struct demux_peer *peer = CONTAINER_OF(layer, const struct demux_peer, layer);

	return half == HALF_READ && peer->demux->owner == peer ? peer->demux->held_len : 0;
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
	struct demux_peer *peer = of_layer(layer), **at = &peer->demux->peers;

	(void)st;
	while (*at != NULL && *at != peer)
		at = &(*at)->next;
	if (*at != NULL)
		*at = peer->next;
	if (peer->demux->owner == peer) {
		peer->demux->owner = NULL;
		loop_post(peer->demux->loop, &peer->demux->task);
	}
	return 0;
}

static const struct layer_ops peer_ops = {
	.name = "peer",
	.description = "the datagrams of one peer",
	.read = peer_read,
	.write = peer_write,
	.shut_write = peer_shut_write,
	.abort = peer_close,
	.wants = peer_wants,
	.pending = peer_pending,
	.raw = peer_raw,
	.close = peer_close,
};

void demux_add(struct demux *demux, struct demux_peer *peer, const struct addr *addr, uint32_t session,
	       struct task *task)
{
	*peer = (struct demux_peer){
		.layer = { .ops = &peer_ops },
		.demux = demux,
		.addr = *addr,
		.task = task,
		.next = demux->peers,
		.session = session,
	};
	demux->peers = peer;
}

struct sock *demux_sock(struct demux *demux)
{
	return &demux->sock;
}

int demux_open(struct stepper *st, struct loop *loop, struct sock *sk, demux_new_fn *on_new, void *ctx,
	       struct demux **demux_out)
{
	struct demux *demux = xcalloc(1, sizeof(*demux));
	int ret;

	demux->st = st;
	demux->loop = loop;
	demux->sock = *sk;
	demux->sock.ready |= READY_OUT;
	demux->task.run = demux_run;
	demux->on_new = on_new;
	demux->ctx = ctx;
	demux->held = xmalloc(DEMUX_DATAGRAM_MAX);
	ret = loop_watch(loop, &demux->sock, &demux->task);
	if (ret < 0) {
		free(demux->held);
		free(demux);
		return ret;
	}
	sock_init(sk);
	*demux_out = demux;
	return 0;
}

void demux_close(struct demux *demux)
{
	if (demux == NULL)
		return;
	loop_unwatch(demux->loop, &demux->sock);
	loop_unpost(demux->loop, &demux->task);
	step_close(demux->st, &demux->sock);
	free(demux->held);
	free(demux);
}
