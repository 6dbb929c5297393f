/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sockt connect */
#include "cli/command.h"
#include "cli/dialing.h"

int cmd_connect_run(const struct command *command, int argc, char **argv)
{
	return running_command(command, argc, argv, dialing_run);
}
