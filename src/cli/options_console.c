/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of the console. */
#include "cli/options_records.h"

const struct option_record options_console[] = {
	[OPTION_ESCAPE - OPTION_FIRST_CONSOLE] = {
		.name = "escape",
		.argument = "CHAR|none",
		.commands = BOTH,
		.apply = apply_escape,
		.offset = FILLS(escape),
		.help = N_("commands begin with CHAR, not with a slash; none: there are no commands"),
		.topic = "console",
	},
	[OPTION_HISTORY - OPTION_FIRST_CONSOLE] = {
		.name = "history",
		.argument = "FILE|none",
		.commands = MOVERS | COMMAND_SHELL,
		.apply = apply_text,
		.offset = FILLS(history),
		.help = N_("keep the lines that are typed in FILE, or nowhere"),
		.topic = "console",
	},
};

static_assert(ARRAY_LEN(options_console) == OPTION_END_CONSOLE - OPTION_FIRST_CONSOLE, "a record for each id");
