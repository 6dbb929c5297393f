/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sockt shell */
#include <signal.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/running.h"
#include "cli/shell.h"

static void on_abandon(void *run, enum ended_by ended, const char *limit)
{
	shell_abandon(run, ended, limit);
}

static void on_wake(void *run)
{
	shell_signaled(run, SIGCONT);
}

static const char *named(void *run, int fd)
{
	return shell_name_of(run, fd);
}

static bool on_signal(struct running *rn, int number)
{
	if (shell_signaled(rn->run, number))
		return true;
	return number == SIGINT && shell_interrupt(rn->run);
}

/* Read statements, and let the loop go until they are done. */
static void shell_run(struct running *rn)
{
	struct shell *sh = shell_open(rn);

	rn->has_status_own = true;
	rn->status_own = STATUS_OUTPUT;
	if (sh == NULL)
		return;
	rn->run = sh;
	rn->abandon = on_abandon;
	rn->wake = on_wake;
	rn->name_of = named;
	rn->signaled = on_signal;
	running_loop(rn);
	rn->status_own = shell_status(sh);
	if (rn->signal != 0)
		rn->has_status_own = false;
	shell_close(sh);
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		rn->status_own = STATUS_OUTPUT;
}

int cmd_shell_run(const struct command *command, int argc, char **argv)
{
	return running_command(command, argc, argv, shell_run);
}
