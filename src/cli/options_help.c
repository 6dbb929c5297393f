/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options that ask for help. */
#include "cli/options_records.h"

static const struct option_word completion_words[] = {
	{ "bash", COMPLETION_BASH },
	{ "zsh", COMPLETION_ZSH },
	{ "fish", COMPLETION_FISH },
	{ NULL, 0 },
};

const struct option_record options_help[] = {
	[OPTION_COMPLETION - OPTION_FIRST_HELP] = {
		.name = "completion",
		.argument = "bash|zsh|fish",
		.commands = COMMAND_HELP,
		.apply = apply_word,
		.offset = FILLS(completion),
		.words = completion_words,
		.help = N_("write the completion for this shell, which the package installs"),
	},
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
