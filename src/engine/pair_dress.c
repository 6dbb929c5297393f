/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What options do to the bytes of a pair (--rate, --limit, --delay-lines, --crlf, --telnet): to its connection with the
 * target, as they do to that of `connect`. What comes from the client is sent, what comes from the target arrives. See
 * pair.h.
 */
#include <stdlib.h>

#include "base/util.h"
#include "engine/dressing.h"
#include "engine/pair_private.h"

struct pair_dress {
	struct dressing_wire wire;
	struct limit_layer in, out; /* in: over the target's side, out: over the client's */
	bool is_limited;
};

bool pair_dress_is_wanted(const struct dressing_wish *wish)
{
	return dressing_has_pace(wish) || wish->limit != DRESSING_NO_LIMIT || wish->is_crlf || wish->is_telnet;
}

static void put_limits(struct pair *pair, struct pair_dress *dress, const struct dressing_wish *wish)
{
	struct stream *client = &pair->client.stream, *target = &pair->target.stream;

	dress->is_limited = wish->limit != DRESSING_NO_LIMIT;
	if (!dress->is_limited)
		return;
	limit_layer_init(&dress->in, target->top, wish->limit, LIMIT_NONE, target->is_messages);
	target->top = &dress->in.layer;
	limit_layer_init(&dress->out, client->top, wish->limit, LIMIT_NONE, client->is_messages);
	client->top = &dress->out.layer;
}

void pair_dress_put(struct pair *pair)
{
	const struct dressing_wish *wish = pair->rules->dressing;
	struct engine *engine = pair_engine(pair);
	struct stream *target = &pair->target.stream;
	const struct witness_place place = { engine->loop, &pair->task, pair->number, target->is_messages };
	struct pair_dress *dress;

	if (wish == NULL)
		return;
	dress = xcalloc(1, sizeof(*dress));
	pair_rare_make(pair)->dress = dress;
	dressing_put_pace(&dress->wire, wish, target, engine->loop, &pair->task);
	dressing_put_text(&dress->wire, wish, target, engine->st, &pair->target.layer.sock, &place);
	put_limits(pair, dress, wish);
}

bool pair_dress_ends(const struct pair *pair, const struct flow *flow)
{
	const struct pair_dress *dress = pair->rare->dress;

	return dress != NULL && dress->is_limited &&
	       limit_layer_is_reached(flow == &pair->up ? &dress->out : &dress->in);
}

void pair_dress_open(struct pair *pair)
{
	struct pair_dress *dress = pair->rare->dress;

	if (dress == NULL)
		return;
	dress->in.left = LIMIT_NONE;
	dress->out.left = LIMIT_NONE;
}

uint64_t pair_dress_added(const struct pair *pair)
{
	const struct pair_dress *dress = pair->rare->dress;

	return dress == NULL ? 0 : dressing_wire_added(&dress->wire);
}

uint64_t pair_dress_removed(const struct pair *pair)
{
	return pair->rare->dress == NULL ? 0 : dressing_wire_removed(&pair->rare->dress->wire);
}

void pair_dress_end(struct pair *pair)
{
	struct pair_dress *dress = pair->rare->dress;

	if (dress == NULL)
		return;
	loop_timer_clear(pair_engine(pair)->loop, &dress->wire.pace.timer);
	buf_clear(&dress->wire.telnet.waiting);
	buf_clear(&dress->wire.crlf.waiting);
}

void pair_dress_clear(struct pair *pair)
{
	if (pair->rare->dress == NULL)
		return;
	free(pair->rare->dress);
	pair_rare_make(pair)->dress = NULL;
}
