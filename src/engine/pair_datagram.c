/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairs of which a side is datagrams: a client that is an address, a target that may not be there. See pair.h. */
#include <stdlib.h>

#include "base/util.h"
#include "engine/pair_private.h"

/* What such a pair has more than others. */
struct pair_datagrams {
	struct demux_peer peer; /* the client; of no use where it has a connection */
	struct datagram_layer target;
	bool has_peer;
};

/* Made when first needed. */
static struct pair_datagrams *pair_datagrams(struct pair *pair)
{
	if (pair->datagrams == NULL)
		pair->datagrams = xcalloc(1, sizeof(*pair->datagrams));
	return pair->datagrams;
}

int pair_open_peer(struct pair *pair, const struct pair_rules *rules, uint32_t number, struct demux *demux,
		   const struct addr *from)
{
	struct demux_peer *peer;

	pair_init(pair, rules, number, from);
	peer = &pair_datagrams(pair)->peer;
	pair->datagrams->has_peer = true;
	demux_add(demux, peer, from, number, &pair->task);
	sock_init(&pair->client.layer.sock);
	pair->client.layer.sock.protocol = demux_sock(demux)->protocol;
	pair->client.layer.sock.side = SIDE_SERVER;
	pair->client.stream = (struct stream){ .top = &peer->layer, .is_messages = true };
	if (pair->names != NULL)
		step_local_addr(rules->engine->st, demux_sock(demux), &pair->names->client_local);
	pair_begin(pair, NULL);
	return 0;
}

void pair_datagram_target(struct pair *pair)
{
	struct pair_side *side = &pair->target;
	const struct endpoint *target = pair->rules->target;
	struct batch_pool *pool = pair->rules->pool;

	if (side->stream.has_end || pool == NULL)
		return;
	datagram_prepare(pair_engine(pair)->st, &side->layer.sock, pool->is_many,
			 endpoint_has_option(target, SO_RCVBUF), endpoint_has_option(target, SO_SNDBUF), false);
	datagram_layer_init(&pair_datagrams(pair)->target, &side->layer, pool);
	side->stream.top = &pair->datagrams->target.layer;
}

bool pair_has_peer(const struct pair *pair)
{
	return pair->datagrams != NULL && pair->datagrams->has_peer;
}

const struct addr *pair_peer_addr(const struct pair *pair)
{
	if (!pair_has_peer(pair) || pair->datagrams->peer.names == NULL)
		return NULL;
	return &pair->datagrams->peer.names->peer;
}

void pair_datagram_close(struct pair *pair)
{
	if (pair_has_peer(pair))
		layer_close(&pair->datagrams->peer.layer, pair_engine(pair)->st);
}

uint64_t pair_moved(const struct pair *pair)
{
	uint64_t moved = pair->up.bytes + pair->down.bytes;

	/* An empty datagram is one, too. */
	return pair->datagrams == NULL ? moved : moved + pair->up.moves + pair->down.moves;
}

void pair_datagram_clear(struct pair *pair)
{
	free(pair->datagrams);
	pair->datagrams = NULL;
}
