/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the command in the table, runs it, returns its status. */
#include "cli/command.h"
#include "cli/usage.h"

int main(int argc, char **argv)
{
	const struct command *command = argc > 1 ? command_find(argv[1]) : NULL;

	return command != NULL ? command->run(command, argc, argv) : usage_without_command(argc, argv);
}
