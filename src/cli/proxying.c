/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A proxy server: see proxying.h. */
#include "cli/proxying.h"

#include <stdio.h>

#include "base/clock.h"
#include "cli/ready.h"
#include "engine/relay.h"
#include "step/capture.h"

/* So long may connecting to a target take: a client has to be told something in the end. */
#define CONNECT_LIMIT_NS (30 * NS_PER_S)

static void on_abandon(void *run, enum ended_by ended, const char *limit)
{
	relay_abandon(run, ended, limit);
}

static void on_wake(void *run)
{
	(void)run;
}

void proxying_run(struct running *rn)
{
	const struct options *options = rn->options;
	struct reception_rules reception = {
		.kind = options->proxy_server == PROXY_SERVER_SOCKS5 ? RECEPTION_SOCKS5 : RECEPTION_HTTP,
		.users = options->users.lines == NULL ? NULL : &options->users,
	};
	const struct relay_settings settings = {
		.engine = &rn->engine,
		.from = &options->endpoint,
		.reception = &reception,
		.backlog = options->backlog,
		.is_reuseaddr = !options->is_no_reuseaddr,
		.wants_names = options->ready_fd != -1,
		.access = options->access,
		.max_per_host = options->max_per_host,
		.max_conns = options->max_conns,
		.connect_ns = CONNECT_LIMIT_NS,
		.idle_ns = options->idle_timeout_ns,
		.drain_ns = OPTIONS_UNSET,
		.ready = ready_tell,
		.ctx = rn,
	};
	struct relay *relay;

	/* By it a request that comes back is known: no other proxy may have it. */
	snprintf(reception.name, sizeof(reception.name), "sockt-%08x", rn->st.env->seed());
	if (reception.users != NULL && rn->st.capture != NULL)
		capture_hide_clients(rn->st.capture);
	relay = relay_start(&settings, &rn->result);
	rn->run = relay;
	rn->abandon = on_abandon;
	rn->wake = on_wake;
	running_loop(rn);
	relay_free(relay);
}
