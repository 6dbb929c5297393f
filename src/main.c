/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the command in the table, runs it, returns its status. */
#include "cli/command.h"
#include "cli/usage.h"

int main(int argc, char **argv)
{
	const struct command *command = argc > 1 ? command_find(argv[1]) : NULL;

	if (argc > 0 && cmd_nc_is_name(argv[0]))
		return cmd_nc_run_called(argc, argv);
	return command != NULL ? command->run(command, argc, argv) : usage_without_command(argc, argv);
}
