/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of a relay. */
#include "cli/options_records.h"

const struct option_record options_relay[] = {
	[OPTION_DRAIN - OPTION_FIRST_RELAY] = {
		.name = "drain",
		.argument = "TIME",
		.commands = RELAY,
		.apply = apply_time,
		.offset = FILLS(drain_ns),
		.min = 1,
		.help = N_("after SIGTERM take no more clients, and give those that are there TIME "
			   "to finish"),
	},
	[OPTION_WORKERS - OPTION_FIRST_RELAY] = {
		.name = "workers",
		.argument = "N",
		.commands = RELAY,
		.apply = apply_number,
		.offset = FILLS(workers),
		.min = 1,
		.max = OPTIONS_WORKERS_MAX,
		.help = N_("share the port between N processes"),
	},
	[OPTION_FAULT - OPTION_FIRST_RELAY] = {
		.name = "fault",
		.argument = "[up:|down:]KIND=VALUE[,...]",
		.commands = RELAY,
		.apply = apply_fault,
		.help = N_("make the network bad on purpose: latency=200ms, rate=64k, ...; up is from the "
			   "client to the target; repeatable"),
	},
	[OPTION_SEED - OPTION_FIRST_RELAY] = {
		.name = "seed",
		.argument = "N",
		.commands = RELAY,
		.apply = apply_number,
		.offset = FILLS(seed),
		.max = UINT32_MAX,
		.help = N_("let chance take the same turns again as with the seed N"),
		.topic = "fault",
	},
	[OPTION_CONTROL - OPTION_FIRST_RELAY] = {
		.name = "control",
		.argument = "unix:PATH",
		.commands = RELAY,
		.apply = apply_text,
		.offset = FILLS(control),
		.help = N_("take commands on this Unix socket, a line each, and answer in JSON"),
	},
};

static_assert(ARRAY_LEN(options_relay) == OPTION_END_RELAY - OPTION_FIRST_RELAY, "a record for each id");
