/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What commands do to a relay: see relay_control.h. */
#include "engine/relay_control.h"

#include <errno.h>

#include "base/util.h"
#include "engine/pair_private.h"

/* The other end of a side, as it is known or the kernel knows it: that costs nothing while nobody wants to know. */
static void ask_peer(const struct relay *relay, struct pair_side *side, const struct addr *known, struct addr *addr)
{
	/* No sink is told of it: it is no part of the session. */
	struct bus bus = { .level = 0 };
	struct stepper quiet = { .bus = &bus, .env = relay->settings.engine->st->env };

	*addr = known != NULL ? *known : (struct addr){ .len = 0 };
	if (addr->len > 0 || side->stream.top == NULL || side->layer.sock.fd == -1)
		return;
	if (step_peer_addr(&quiet, &side->layer.sock, addr) < 0)
		addr->len = 0;
}

static void tell_peer(const struct relay *relay, struct pair *pair, control_peer_fn *each, void *each_ctx)
{
	const struct addr *from = pair_peer_addr(pair);
	struct addr client = { .len = 0 }, target = { .len = 0 };
	const struct control_peer peer = {
		.session = pair->number,
		.state = pair_phase_name((enum pair_phase)pair->phase),
		.client = from != NULL ? from : &client,
		.target = &target,
		.up_bytes = pair->up.bytes,
		.down_bytes = pair->down.bytes,
		.age_ns = relay->settings.engine->st->env->now_ns() - pair->opened_ns,
	};

	if (from == NULL)
		ask_peer(relay, &pair->client, pair->rare->names != NULL ? &pair->rare->names->client : NULL, &client);
	if (pair->has_target)
		ask_peer(relay, &pair->target, pair->rare->names != NULL ? &pair->rare->names->target : NULL, &target);
	each(each_ctx, &peer);
}

/* The one before it in the list, which is newer; NULL: it is the first. */
static struct pair *pair_before(const struct relay *relay, const struct pair *pair)
{
	return pair->at == &relay->pairs ? NULL : CONTAINER_OF(pair->at, struct pair, next);
}

static void for_each_peer(void *ctx, control_peer_fn *each, void *each_ctx)
{
	struct relay *relay = ctx;
	struct pair *last = relay->pairs;

	/* The newest is the first of the list; a person reads on from the oldest. */
	while (last != NULL && last->next != NULL)
		last = last->next;
	for (struct pair *pair = last; pair != NULL; pair = pair_before(relay, pair))
		tell_peer(relay, pair, each, each_ctx);
}

static void tell_stats(void *ctx, struct control_stats *stats)
{
	struct relay *relay = ctx;

	*stats = (struct control_stats){
		.counts = relay_total(relay),
		.open = relay->pair_count,
		.uptime_ns = relay->settings.engine->st->env->now_ns() - relay->started_ns,
	};
}

static int set_faults(void *ctx, const char *text, char *error)
{
	struct relay *relay = ctx;
	/* What an inherited descriptor is shows in how it is read. */
	bool is_messages = relay->settings.from->kind->is_messages || relay->ports != NULL;
	struct fault_list faults = { 0 };
	int ret;

	fault_list_copy(&faults, &relay->faults);
	ret = control_add_faults(&faults, text, is_messages, error);
	if (ret == 0)
		relay_set_faults(relay, &faults);
	fault_list_clear(&faults);
	return ret;
}

static void clear_faults(void *ctx)
{
	const struct fault_list none = { 0 };

	relay_set_faults(ctx, &none);
}

static int kick(void *ctx, uint32_t session)
{
	struct pair *pair = relay_find(ctx, session);

	if (pair == NULL)
		return -ENOENT;
	if (pair->phase >= PAIR_ABORTING)
		return -EALREADY;
	pair_abort(pair, ENDED_KICKED, true);
	return 0;
}

static int reset(void *ctx, uint32_t session)
{
	struct pair *pair = relay_find(ctx, session);

	if (pair == NULL)
		return -ENOENT;
	pair_abandon(pair, ENDED_USER);
	return 0;
}

static void drain(void *ctx)
{
	relay_drain(ctx);
}

const struct control_ops relay_control_ops = {
	.for_each_peer = for_each_peer,
	.stats = tell_stats,
	.set_faults = set_faults,
	.clear_faults = clear_faults,
	.kick = kick,
	.reset = reset,
	.drain = drain,
};
