/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A demultiplexer: one bound datagram socket that stays unconnected, seen as one message channel a peer. It tells peers
 * apart by the address their datagrams come from.
 *
 * It holds one datagram at most: while its peer's session cannot take that, no further one is read, and the kernel's
 * queue does what it does with a slow reader.
 */
#ifndef SOCKT_ENDPOINT_DEMUX_H
#define SOCKT_ENDPOINT_DEMUX_H

#include "step/loop.h"
#include "stream/layer.h"

/* The longest datagram there can be: 65,507 over IPv4, 65,527 over IPv6; of Unix sockets up to the send buffer. */
#define DEMUX_DATAGRAM_MAX ((size_t)256 * 1024)

struct demux;

/* A peer: the undermost layer of its stream. Embedded in its owner. */
struct demux_peer {
	struct layer layer;
	struct demux *demux;
	struct addr addr;
	struct task *task; /* posted when there is something for it */
	struct demux_peer *next;
	uint32_t session;
};

/*
 * A datagram has come from an address that no peer has. The receiver may make a peer of it (demux_add) and answer true;
 * false: the datagram is dropped.
 */
typedef bool demux_new_fn(void *ctx, const struct addr *from, size_t len);

/* Take over sk, a bound socket. Returns 0 or -errno. buf: room for one datagram, gotten when first needed. */
int demux_open(struct stepper *st, struct loop *loop, struct sock *sk, demux_new_fn *on_new, void *ctx,
	       struct demux **demux);
/* Make a channel for the peer at addr. task is posted when it is readable or may be writable again. */
void demux_add(struct demux *demux, struct demux_peer *peer, const struct addr *addr, uint32_t session,
	       struct task *task);
/* The sock under it. */
struct sock *demux_sock(struct demux *demux);
/* Unwatch, close, free. The peers are their owners', and are to be closed before. NULL: nothing. */
void demux_close(struct demux *demux);

#endif
