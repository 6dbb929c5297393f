/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of a demultiplexer: what demux.c (the socket, the table of peers) and demux_peer.c (a peer) share. */
#ifndef SOCKT_ENDPOINT_DEMUX_PRIVATE_H
#define SOCKT_ENDPOINT_DEMUX_PRIVATE_H

#include "endpoint/demux.h"
#include "stream/datagram_layer.h"

/* Entries of the error queue in one turn. */
#define DEMUX_ERRORS 64

struct demux {
	struct demux_settings settings;
	struct sock sock;
	struct task task;
	struct sender sender;
	struct batch_wish wish;
	struct demux_peer **table; /* by the address; a power of two places */
	size_t table_size, peer_count;
	uint32_t seed;
	struct batch *batch;
	struct demux_peer *waiting; /* those who may have something left of the batch */
	uint64_t taken;             /* datagrams that peers took; had by the last look */
	uint64_t taken_seen;
	uint64_t dropped;
	bool is_blocked; /* a peer could not send */
};

/* What a peer does as a layer. */
extern const struct layer_ops demux_peer_ops;

/*
 * Empty the error queue. The socket is unconnected, and has IP_RECVERR: an ICMP error about one peer is told to
 * whichever call comes next, be it for another peer (udp(7)). Here it is known whom it was for. Returns how many
 * entries were taken; DEMUX_ERRORS: there may be more.
 */
unsigned demux_take_errors(struct demux *demux);
/* The peer is none any more: take it out of the table, and from those who wait. */
void demux_forget(struct demux *demux, struct demux_peer *peer);

#endif
