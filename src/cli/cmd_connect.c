/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sockt connect */
#include "cli/command.h"
#include "cli/running.h"
#include "engine/dialer.h"

static void connect_abandon(void *run, enum ended_by ended, const char *limit)
{
	dialer_abandon(run, ended, limit);
}

static void connect_wake(void *run)
{
	dialer_wake(run);
}

/* Dial, and let the loop go until it is over. */
static void connect_run(struct running *rn)
{
	const struct options *options = rn->options;
	const struct dialer_settings settings = {
		.engine = &rn->engine,
		.endpoint = &options->endpoint,
		.rules = &rn->rules,
		.end = &rn->end,
		.connect_timeout_ns = options->connect_timeout_ns,
		.retries = options->retries == OPTIONS_FOREVER ? UINT64_MAX : options->retries,
		.retry_pause_ns = options->retry_pause_ns,
	};
	struct dialer *dialer = dialer_start(&settings, &rn->result);

	rn->run = dialer;
	rn->abandon = connect_abandon;
	rn->wake = connect_wake;
	running_loop(rn);
	dialer_free(dialer);
}

int cmd_connect_run(const struct command *command, int argc, char **argv)
{
	return running_command(command, argc, argv, connect_run);
}
