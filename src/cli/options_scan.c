/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of trying ports. */
#include "cli/options_records.h"

const struct option_record options_scan[] = {
	[OPTION_SCAN - OPTION_FIRST_SCAN] = {
		.name = "scan",
		.letter = 'z',
		.commands = CONNECT,
		.apply = apply_flag,
		.offset = FILLS(is_scan),
		.help = N_("try ports, a list as 22,80-90,https, and write a line for each; over TCP nothing is sent"),
	},
	[OPTION_JSON - OPTION_FIRST_SCAN] = {
		.name = "json",
		.commands = CONNECT,
		.apply = apply_flag,
		.offset = FILLS(is_json),
		.help = N_("with --scan: an object of JSON a line"),
		.topic = "scan",
	},
	[OPTION_SHUFFLE - OPTION_FIRST_SCAN] = {
		.name = "shuffle",
		.commands = CONNECT,
		.apply = apply_flag,
		.offset = FILLS(is_shuffled),
		.help = N_("with --scan: try the ports in a random order"),
	},
	[OPTION_PAUSE - OPTION_FIRST_SCAN] = {
		.name = "pause",
		.argument = "TIME",
		.commands = CONNECT,
		.apply = apply_time,
		.offset = FILLS(pause_ns),
		.min = 1,
		.help = N_("with --scan: try one port after another, with TIME between"),
	},
};

static_assert(ARRAY_LEN(options_scan) == OPTION_END_SCAN - OPTION_FIRST_SCAN, "a record for each id");
