/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of programs that are run for connections. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/parse.h"
#include "cli/options_records.h"
#include "endpoint/command_words.h"

/* Keep the words of a command, in the place of those of an earlier one. */
static int keep(struct options *options, const struct option_record *record, int ret, char **argv, const char *why,
		char *error)
{
	if (ret < 0) {
		snprintf(error, PARSE_ERROR_MAX, "--%s: %s", record->name, why);
		return -EINVAL;
	}
	free(options->program);
	options->program = argv;
	return 0;
}

static int apply_exec(struct options *options, const struct option_record *record, const char *argument, char *error)
{
	char why[COMMAND_WORDS_ERROR_MAX];
	char **argv = NULL;
	int ret = command_words_parse(argument, &argv, why);

	return keep(options, record, ret, argv, why, error);
}

static int apply_sh(struct options *options, const struct option_record *record, const char *argument, char *error)
{
	char why[COMMAND_WORDS_ERROR_MAX];
	char **argv = NULL;
	int ret = command_words_shell(argument, &argv, why);

	return keep(options, record, ret, argv, why, error);
}

const struct option_record options_program[] = {
	[OPTION_EXEC - OPTION_FIRST_PROGRAM] = {
		.name = "exec",
		.argument = "'PROGRAM ARG...'",
		.commands = BOTH,
		.apply = apply_exec,
		.help = N_("run a program for each connection: what arrives is its standard input, its "
			   "standard output is sent; no shell is asked"),
	},
	[OPTION_SH - OPTION_FIRST_PROGRAM] = {
		.name = "sh",
		.argument = "COMMAND",
		.commands = BOTH,
		.apply = apply_sh,
		.help = N_("the same with a command of the shell (/bin/sh -c COMMAND)"),
	},
	[OPTION_PTY - OPTION_FIRST_PROGRAM] = {
		.name = "pty",
		.commands = BOTH,
		.apply = apply_flag,
		.offset = FILLS(has_pty),
		.help = N_("the program gets a terminal of its own"),
	},
};

static_assert(ARRAY_LEN(options_program) == OPTION_END_PROGRAM - OPTION_FIRST_PROGRAM, "a record for each id");
