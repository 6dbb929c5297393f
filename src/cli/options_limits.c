/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options that bound how long, and how often. */
#include "cli/options_records.h"

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/parse.h"

/* Without an argument a second. */
static int apply_reconnect(struct options *options, const struct option_record *record, const char *argument,
			   char *error)
{
	uint64_t pause_ns = NS_PER_S;

	(void)record;
	if (argument != NULL && parse_duration(argument, "--reconnect", &pause_ns, error) < 0)
		return -EINVAL;
	if (pause_ns < NS_PER_MS) {
		snprintf(error, PARSE_ERROR_MAX, "%s",
			 _("--reconnect: the pause before another connection is at least 1ms"));
		return -ERANGE;
	}
	options->reconnect_ns = pause_ns;
	return 0;
}

const struct option_record options_limits[] = {
	[OPTION_CONNECT_TIMEOUT - OPTION_FIRST_LIMITS] = {
		.name = "connect-timeout",
		.letter = 'w',
		.argument = "TIME",
		.commands = BOTH | RELAY,
		.apply = apply_time,
		.offset = FILLS(connect_timeout_ns),
		.min = 1,
		.help = N_("give up when there is no connection after TIME, all addresses together"),
	},
	[OPTION_ACCEPT_TIMEOUT - OPTION_FIRST_LIMITS] = {
		.name = "accept-timeout",
		.argument = "TIME",
		.commands = LISTEN,
		.apply = apply_time,
		.offset = FILLS(accept_timeout_ns),
		.min = 1,
		.help = N_("give up when no client has come after TIME"),
	},
	[OPTION_IDLE_TIMEOUT - OPTION_FIRST_LIMITS] = {
		.name = "idle-timeout",
		.letter = 'i',
		.argument = "TIME",
		.commands = MOVERS,
		.apply = apply_time,
		.offset = FILLS(idle_timeout_ns),
		.min = 1,
		.help = N_("end a connection that was silent for TIME"),
	},
	[OPTION_TOTAL_TIMEOUT - OPTION_FIRST_LIMITS] = {
		.name = "total-timeout",
		.argument = "TIME",
		.commands = RUNNERS,
		.apply = apply_time,
		.offset = FILLS(total_timeout_ns),
		.min = 1,
		.help = N_("end after TIME, whatever is going on"),
	},
	[OPTION_RETRY - OPTION_FIRST_LIMITS] = {
		.name = "retry",
		.argument = "N|forever[,TIME]",
		.commands = CONNECT,
		.apply = apply_retry,
		.max = UINT32_MAX,
		.help = N_("try again N times when the peer is not there, TIME (1s) apart"),
	},
	[OPTION_RECONNECT - OPTION_FIRST_LIMITS] = {
		.name = "reconnect",
		.argument = "[=TIME]",
		.is_optional = true,
		.commands = CONNECT,
		.apply = apply_reconnect,
		.help = N_("connect again when the connection is lost, after TIME (1s), then ever longer pauses"),
	},
	[OPTION_MAX_CONNS - OPTION_FIRST_LIMITS] = {
		.name = "max-conns",
		.letter = 'm',
		.argument = "N",
		.commands = MOVERS,
		.apply = apply_number,
		.offset = FILLS(max_conns),
		.min = 1,
		.max = UINT32_MAX,
		.help = N_("serve at most N clients at once; the others wait in the accept queue"),
		.other = {
			{ LISTEN, N_("with -k: serve at most N clients at once; the others wait in the accept queue") },
			{ CONNECT, N_("with --scan: try at most N ports at once (100)") },
		},
	},
};

static_assert(ARRAY_LEN(options_limits) == OPTION_END_LIMITS - OPTION_FIRST_LIMITS, "a record for each id");
