/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard input and output on a connection: see dialing.h. */
#include "cli/dialing.h"

#include "cli/console.h"
#include "engine/dialer.h"

static void dialing_abandon(void *run, enum ended_by ended, const char *limit)
{
	dialer_abandon(run, ended, limit);
}

static bool dialing_leave(void *run)
{
	return dialer_leave(run);
}

static void dialing_wake(void *run)
{
	dialer_wake(run);
}

void dialing_run(struct running *rn)
{
	const struct options *options = rn->options;
	const struct dialer_settings settings = {
		.engine = &rn->engine,
		.endpoint = &options->endpoint,
		.chain = options->chain,
		.rules = &rn->rules,
		.end = &rn->end,
		.attendant = running_attendant(rn),
		.connect_timeout_ns = options->connect_timeout_ns,
		.retries = options->retries == OPTIONS_FOREVER ? UINT64_MAX : options->retries,
		.retry_pause_ns = options->retry_pause_ns,
	};
	struct dialer *dialer = dialer_start(&settings, &rn->result);

	rn->run = dialer;
	rn->abandon = dialing_abandon;
	rn->wake = dialing_wake;
	rn->leave = dialing_leave;
	running_loop(rn);
	dialer_free(dialer);
}
