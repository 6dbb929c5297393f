/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options that bound how long, and how often. */
#include "cli/options_records.h"

const struct option_record options_limits[] = {
	[OPTION_CONNECT_TIMEOUT - OPTION_FIRST_LIMITS] = {
		.name = "connect-timeout",
		.letter = 'w',
		.argument = "TIME",
		.commands = CONNECT | RELAY,
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
	[OPTION_MAX_CONNS - OPTION_FIRST_LIMITS] = {
		.name = "max-conns",
		.letter = 'm',
		.argument = "N",
		.commands = MOVERS,
		.apply = apply_number,
		.offset = FILLS(max_conns),
		.min = 1,
		.max = UINT32_MAX,
		.help = N_("at most N at once: clients (with listen those of -k), of which the others wait in the "
			   "accept queue; or ports that are tried (100)"),
	},
};

static_assert(ARRAY_LEN(options_limits) == OPTION_END_LIMITS - OPTION_FIRST_LIMITS, "a record for each id");
