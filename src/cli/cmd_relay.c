/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sockt relay */
#include <signal.h>

#include "cli/command.h"
#include "cli/dialing.h"
#include "cli/ready.h"
#include "cli/relay_workers.h"
#include "cli/running.h"
#include "engine/relay.h"

static void on_abandon(void *run, enum ended_by ended, const char *limit)
{
	relay_abandon(run, ended, limit);
}

static void on_wake(void *run)
{
	(void)run;
}

/* The first SIGTERM begins to drain, where that is asked for; the next one ends at once. */
static bool on_signal(struct running *rn, int number)
{
	struct relay *relay = rn->run;

	if (number != SIGTERM || rn->options->drain_ns == OPTIONS_UNSET || relay->is_draining)
		return false;
	relay_drain(relay);
	return true;
}

/* Relay, and let the loop go until it is over. */
static void relay_run(struct running *rn)
{
	const struct options *options = rn->options;
	const struct relay_settings settings = {
		.engine = &rn->engine,
		.from = &options->endpoint,
		.target = &options->target,
		.backlog = options->backlog,
		.is_reuseaddr = !options->is_no_reuseaddr,
		.wants_names = options->ready_fd != -1,
		.max_conns = options->max_conns,
		.connect_ns = options->connect_timeout_ns,
		.idle_ns = options->idle_timeout_ns,
		.drain_ns = options->drain_ns,
		.ready = ready_tell,
		.ctx = rn,
	};
	struct relay *relay;

	if (options->is_dialing) {
		dialing_run(rn);
		return;
	}
	if (options->workers != OPTIONS_UNSET) {
		relay_workers_run(rn, &settings);
		return;
	}
	relay = relay_start(&settings, &rn->result);
	rn->run = relay;
	rn->abandon = on_abandon;
	rn->wake = on_wake;
	rn->signaled = on_signal;
	running_loop(rn);
	relay_free(relay);
}

int cmd_relay_run(const struct command *command, int argc, char **argv)
{
	return running_command(command, argc, argv, relay_run);
}
