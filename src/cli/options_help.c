/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options that ask for help. */
#include "cli/options_records.h"

const struct option_record options_help[] = {
	[OPTION_HELP - OPTION_FIRST_HELP] = {
		.name = "help",
		.letter = 'h',
		.commands = EVERY,
		.apply = apply_flag,
		.offset = FILLS(is_help),
		.help = N_("show this"),
	},
	[OPTION_VERSION - OPTION_FIRST_HELP] = {
		.name = "version",
		.commands = EVERY,
		.apply = apply_flag,
		.offset = FILLS(is_version),
		.help = N_("show the version"),
	},
};

static_assert(ARRAY_LEN(options_help) == OPTION_END_HELP - OPTION_FIRST_HELP, "a record for each id");
