/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A proxy server: see proxying.h. */
#include "cli/proxying.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/util.h"
#include "cli/copies.h"
#include "cli/progress.h"
#include "cli/ready.h"
#include "engine/relay.h"
#include "engine/relay_control.h"
#include "step/capture.h"

/* So long may connecting to a target take, unless -w says otherwise: a client has to be told something in the end. */
#define CONNECT_LIMIT_NS (30 * NS_PER_S)

static void on_abandon(void *run, enum ended_by ended, const char *limit)
{
	relay_abandon(run, ended, limit);
}

static void on_wake(void *run)
{
	(void)run;
}

/* What a proxy server has, beside its relay. */
struct proxying {
	struct running *rn;
	struct reception_rules reception;
	struct addr *own; /* where it listens */
};

static bool on_ready(void *ctx, struct listening *sockets, size_t count)
{
	struct proxying *proxying = ctx;

	proxying->own = xcalloc(count, sizeof(*proxying->own));
	for (size_t i = 0; i < count; i++)
		proxying->own[i] = sockets[i].bound;
	proxying->reception.own = proxying->own;
	proxying->reception.own_count = count;
	return ready_tell(proxying->rn, sockets, count);
}

static void tell_counts(struct running *rn, bool is_end)
{
	struct control_stats stats;

	relay_control_ops.stats(rn->run, &stats);
	progress_relay(rn->progress, &stats, is_end);
}

static void ask_counts(struct running *rn)
{
	tell_counts(rn, false);
}

void proxying_run(struct running *rn)
{
	const struct options *options = rn->options;
	struct proxying proxying = {
		.rn = rn,
		.reception = {
			.kind = options->proxy_server == PROXY_SERVER_SOCKS5 ? RECEPTION_SOCKS5 : RECEPTION_HTTP,
			.users = options->users.lines == NULL ? NULL : &options->users,
		},
	};
	struct reception_rules *reception = &proxying.reception;
	const struct relay_settings settings = {
		.engine = &rn->engine,
		.from = &options->endpoint,
		.more = options->more,
		.more_count = options->more_count,
		.reception = reception,
		.backlog = options->backlog,
		.is_reuseaddr = !options->is_no_reuseaddr,
		.wants_names = true, /* by them a loop is seen */
		.access = options->access,
		.max_per_host = options->max_per_host,
		.max_conns = options->max_conns,
		.connect_ns = options->connect_timeout_ns == OPTIONS_UNSET ? CONNECT_LIMIT_NS :
									     options->connect_timeout_ns,
		.witness = copies_witness(rn->copies),
		.dressing = pair_dress_is_wanted(&rn->dressing) ? &rn->dressing : NULL,
		.idle_ns = options->idle_timeout_ns,
		.drain_ns = OPTIONS_UNSET,
		.ready = on_ready,
		.ctx = &proxying,
	};
	struct relay *relay;

	/* By it a request that comes back is known: no other proxy may have it. */
	snprintf(reception->name, sizeof(reception->name), "sockt-%08x", rn->st.env->seed());
	/* A client of HTTP may tell who it is without being asked. */
	if ((reception->users != NULL || reception->kind == RECEPTION_HTTP) && rn->st.capture != NULL)
		capture_hide_clients(rn->st.capture);
	relay = relay_start(&settings, &rn->result);
	rn->run = relay;
	rn->abandon = on_abandon;
	rn->wake = on_wake;
	rn->ask_counts = ask_counts;
	running_loop(rn);
	tell_counts(rn, true);
	relay_free(relay);
	free(proxying.own);
}
