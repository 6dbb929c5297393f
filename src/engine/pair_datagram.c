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
	bool has_layer;   /* the target is datagrams */
	struct addr dest; /* its address */
};

/* Made when first needed. */
static struct pair_datagrams *pair_datagrams(struct pair *pair)
{
	if (pair->rare->datagrams == NULL)
		pair_rare_make(pair)->datagrams = xcalloc(1, sizeof(*pair->rare->datagrams));
	return pair->rare->datagrams;
}

int pair_open_peer(struct pair *pair, const struct pair_rules *rules, uint32_t number, struct demux *demux,
		   const struct addr *from)
{
	struct demux_peer *peer;

	pair_init(pair, rules, number, from);
	peer = &pair_datagrams(pair)->peer;
	pair->rare->datagrams->has_peer = true;
	demux_add(demux, peer, from, number, &pair->task);
	sock_init(&pair->client.layer.sock);
	pair->client.layer.sock.protocol = demux_sock(demux)->protocol;
	pair->client.layer.sock.side = SIDE_SERVER;
	pair->client.stream = (struct stream){ .top = &peer->layer, .is_messages = true };
	if (pair->rare->names != NULL)
		step_local_addr(rules->engine->st, demux_sock(demux), &pair->rare->names->client_local);
	pair_begin(pair, NULL);
	return 0;
}

void pair_datagram_target(struct pair *pair, const struct addr *remote)
{
	struct pair_side *side = &pair->target;
	const struct endpoint *target = pair->rules->target;
	struct batch_pool *pool = pair->rules->pool;

	if (side->stream.has_end || pool == NULL)
		return;
	datagram_prepare(pair_engine(pair)->st, &side->layer.sock, pool->is_many,
			 endpoint_has_option(target, SOL_SOCKET, SO_RCVBUF),
				 endpoint_has_option(target, SOL_SOCKET, SO_SNDBUF), false);
	datagram_layer_init(&pair_datagrams(pair)->target, &side->layer, pool);
	side->stream.top = &pair->rare->datagrams->target.layer;
	pair->rare->datagrams->has_layer = true;
	pair->rare->datagrams->dest = *remote;
}

void pair_datagram_errors(struct pair *pair)
{
	if (pair->rare->datagrams != NULL && pair->rare->datagrams->has_layer &&
	    datagram_take_errors(&pair->rare->datagrams->target, pair_engine(pair)->st))
		loop_post_later(pair_engine(pair)->loop, &pair->task);
}

void pair_datagram_last_errors(struct pair *pair)
{
	if (pair->rare->datagrams == NULL || !pair->rare->datagrams->has_layer)
		return;
	datagram_take_last_errors(&pair->rare->datagrams->target, pair_engine(pair)->st);
	pair_datagram_say(pair);
}

void pair_datagram_say(struct pair *pair)
{
	const struct pair_rules *rules = pair->rules;
	struct undelivered *undelivered;
	char sentence[320];
	struct text text;

	if (pair->rare->datagrams == NULL || !pair->rare->datagrams->has_layer)
		return;
	undelivered = &pair->rare->datagrams->target.undelivered;
	switch (undelivered_take(undelivered)) {
	case UNDELIVERED_NONE:
	case UNDELIVERED_SAID:
		return;
	case UNDELIVERED_OVER:
		rules->undelivered(rules->ctx, pair, NULL);
		return;
	case UNDELIVERED_NEW:
		break;
	}
	text_init(&text, sentence, sizeof(sentence));
	undelivered_format(undelivered, pair_engine(pair)->st, &pair->rare->datagrams->dest, &text);
	rules->undelivered(rules->ctx, pair, sentence);
}

struct icmp_tally pair_target_icmp(const struct pair *pair)
{
	const struct pair_datagrams *datagrams = pair->rare->datagrams;

	return datagrams == NULL ? (struct icmp_tally){ .count = 0 } : datagrams->target.undelivered.icmp;
}

struct icmp_tally pair_client_icmp(const struct pair *pair)
{
	return pair_has_peer(pair) ? demux_peer_icmp(&pair->rare->datagrams->peer) : (struct icmp_tally){ .count = 0 };
}

bool pair_has_peer(const struct pair *pair)
{
	return pair->rare->datagrams != NULL && pair->rare->datagrams->has_peer;
}

const struct addr *pair_peer_addr(const struct pair *pair)
{
	if (!pair_has_peer(pair) || pair->rare->datagrams->peer.names == NULL)
		return NULL;
	return &pair->rare->datagrams->peer.names->peer;
}

uint64_t pair_undelivered(const struct pair *pair)
{
	return (uint64_t)pair_target_icmp(pair).count + pair_client_icmp(pair).count;
}

void pair_datagram_close(struct pair *pair)
{
	if (pair_has_peer(pair))
		layer_close(&pair->rare->datagrams->peer.layer, pair_engine(pair)->st);
}

uint64_t pair_moved(const struct pair *pair)
{
	uint64_t moved = pair->up.bytes + pair->down.bytes;

	/* An empty datagram is one, too. */
	return pair->rare->datagrams == NULL ? moved : moved + pair->up.moves + pair->down.moves;
}

void pair_datagram_clear(struct pair *pair)
{
	free(pair->rare->datagrams);
	pair_rare_make(pair)->datagrams = NULL;
}
