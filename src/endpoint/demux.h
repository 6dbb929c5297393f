/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A demultiplexer: one bound datagram socket that stays unconnected, seen as one message channel a peer. It tells peers
 * apart by the address their datagrams come from.
 *
 * It receives again when what it received last was taken by its peers. Until then the kernel's queue does what it does
 * with a slow reader; or, where one peer is not to hold up others (is_lossy), what a peer does not take is set aside
 * for it, up to a bound, beyond which its datagrams are dropped.
 */
#ifndef SOCKT_ENDPOINT_DEMUX_H
#define SOCKT_ENDPOINT_DEMUX_H

#include "step/loop.h"
#include "stream/batch.h"
#include "stream/layer.h"
#include "stream/undelivered.h"

struct demux;

/* A peer's address, and the one of ours that it writes to (len 0: nobody asks). */
struct demux_names {
	struct addr peer, local;
	struct undelivered undelivered; /* of what was sent to it */
};

/* A peer: the undermost layer of its stream. Embedded in its owner. */
struct demux_peer {
	struct layer layer;
	struct demux *demux;
	struct task *task;       /* posted when there is something for it */
	struct demux_peer *next; /* of the same place in the table */
	struct demux_peer *next_waiting;
	struct held_queue queue;
	struct demux_names *names; /* whom it is; NULL: it is closed */
	uint32_t session;
	bool is_waiting; /* something is in line since the last call */
};

/*
 * A datagram has come from an address that no peer has. The receiver may make a peer of it (demux_add) and answer true;
 * false: the datagram is dropped.
 */
typedef bool demux_new_fn(void *ctx, const struct addr *from, size_t len);

struct demux_settings {
	struct stepper *st;
	struct loop *loop;
	bool is_many;     /* receive and send many datagrams a call: where nobody wants to see their bytes */
	bool is_lossy;    /* drop what is beyond the bound */
	bool is_forgiving; /* what cannot be sent to a peer is dropped, and no failure */
	bool wants_local; /* answer from the address that was written to: the socket is bound to all of them */
	demux_new_fn *on_new;
	void *ctx;
};

/* Take over sk, a bound socket. Returns 0 or -errno. */
int demux_open(const struct demux_settings *settings, struct sock *sk, struct demux **demux);
/* Make a channel for the peer at addr. task is posted when it is readable or may be writable again. */
void demux_add(struct demux *demux, struct demux_peer *peer, const struct addr *addr, uint32_t session,
	       struct task *task);
/* The ICMP errors that what was sent to the peer has met. A closed one has none. */
struct icmp_tally demux_peer_icmp(const struct demux_peer *peer);
/* The sock under it. */
struct sock *demux_sock(struct demux *demux);
/* Datagrams that were dropped since their peer took too few. */
uint64_t demux_dropped(const struct demux *demux);
/* Unwatch, close, free. The peers are their owners', and are to be closed before. NULL: nothing. */
void demux_close(struct demux *demux);

#endif
