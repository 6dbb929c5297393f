/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sockt connect */
#include "cli/command.h"
#include "cli/dialing.h"
#include "cli/scanning.h"

static void run(struct running *rn)
{
	if (rn->options->is_scan)
		scanning_run(rn);
	else
		dialing_run(rn);
}

int cmd_connect_run(const struct command *command, int argc, char **argv)
{
	return running_command(command, argc, argv, run);
}
