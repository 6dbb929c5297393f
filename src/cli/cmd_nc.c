/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sockt nc: nc's command line, made one of ours, which is run. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/util.h"
#include "cli/command.h"
#include "cli/nc.h"
#include "cli/nc_asking.h"
#include "cli/nc_telling.h"
#include "cli/nc_usage.h"
#include "cli/usage.h"
#include "endpoint/port_list.h"
#include "step/env.h"

/* The names under which the program is nc. */
static const char *const names[] = { "nc", "netcat", "nc.openbsd" };

bool cmd_nc_is_name(const char *program)
{
	const char *slash = strrchr(program, '/');
	const char *name = slash == NULL ? program : slash + 1;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* What the runs of a line have in common. */
struct nc_runs {
	struct nc_command *made;
	const struct nc_line *line;
	struct nc_asking asking;
	char *text; /* the command as a person can type it; of several ports NULL: of each */
};

/* Run our command, which says what nc says. Sets *has_connected where a connection stood. */
static int run_one(struct nc_runs *runs, bool *has_connected)
{
	struct command command = *command_find(runs->made->argv[1]);
	char *text = runs->text == NULL ? nc_command_format(runs->made) : NULL;
	struct nc_telling telling = {
		.command = text != NULL ? text : runs->text,
		.is_verbose = runs->line->verbose > 0,
		.is_numeric = nc_has(runs->line, 'n'),
	};
	int status;

	command.nc = &telling;
	do {
		telling.is_again = telling.wants_password;
		telling.wants_password = false;
		telling.may_ask = nc_asking_may(&runs->asking);
		nc_asking_give(&runs->asking);
		status = command.run(&command, runs->made->argc, (char **)(uintptr_t)runs->made->argv);
	} while (telling.wants_password && nc_asking_password(&runs->asking));
	free(text);
	*has_connected = telling.has_opened;
	return status;
}

/*
 * Connect to several ports, one after another: each gets what is left of standard input. nc's status is 0 where one of
 * them could be connected to; of those that could it is the worst here, since 0 means that nothing was lost.
 */
static int run_ports(struct nc_runs *runs)
{
	struct nc_command *made = runs->made;
	char error[PORT_LIST_ERROR_MAX], number[8], protocol[4] = "tcp";
	int status = STATUS_FAILED, output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	bool has_connected = false, has_any = false;
	struct port_list ports;

	if (nc_has(runs->line, 'u'))
		memcpy(protocol, "udp", sizeof(protocol));
	if (port_list_parse(&ports, made->argv[made->port_at], port_list_service, protocol, error) < 0) {
		fprintf(stderr, _("nc: %s\n"), error);
		return STATUS_USAGE;
	}
	free(made->argv[made->port_at]);
	made->argv[made->port_at] = number;
	if (nc_has(runs->line, 'r'))
		port_list_shuffle(&ports, env_system.seed());
	for (size_t i = 0; i < ports.count && status < STATUS_SIGNAL && status != STATUS_USAGE; i++) {
		int one;

		snprintf(number, sizeof(number), "%u", ports.ports[i]);
		one = run_one(runs, &has_connected);
		/* A run closes the output when the peer has ended. */
		if (output != -1)
			dup2(output, STDOUT_FILENO);
		if (has_connected || !has_any || one >= STATUS_SIGNAL)
			status = has_any && status > one ? status : one;
		has_any = has_any || has_connected;
	}
	made->argv[made->port_at] = NULL;
	port_list_clear(&ports);
	if (output != -1)
		close(output);
	return status;
}

/* Is standard input a file? */
static bool is_input_file(void)
{
	struct stat input;

	return fstat(STDIN_FILENO, &input) == 0 && S_ISREG(input.st_mode);
}

/* Put /dev/null in the place of standard input, for a command that is to have none. */
static void take_no_input(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd == -1 || fd == STDIN_FILENO)
		return;
	dup2(fd, STDIN_FILENO);
	close(fd);
}

static int run_made(struct nc_command *made, const struct nc_line *line)
{
	struct nc_runs runs = { .made = made, .line = line };
	char error[NC_ERROR_MAX];
	bool has_connected;
	int status = STATUS_USAGE;

	/* Before a file of this process takes the place of FILE. */
	runs.text = made->port_at != 0 ? NULL : nc_command_format(made);
	if (made->has_no_input)
		take_no_input();
	if (nc_asking_begin(&runs.asking, line, made, error) < 0)
		fprintf(stderr, "nc: %s\n", error);
	else
		status = made->port_at != 0 ? run_ports(&runs) : run_one(&runs, &has_connected);
	nc_asking_end(&runs.asking);
	free(runs.text);
	return status;
}

/* argv: without the names of program and command. */
static int run(const struct command *command, int argc, char **argv)
{
	const struct nc_surroundings around = { .is_input_file = is_input_file(), .service = port_list_service };
	struct nc_command made = { .argc = 0 };
	char error[NC_ERROR_MAX];
	struct nc_line line;
	int status = STATUS_USAGE;

	if (nc_line_read(&line, argc, argv, error) < 0)
		fprintf(stderr, "nc: %s\n", error);
	else if (line.is_help)
		status = nc_usage_print(command);
	else if (line.is_version)
		status = usage_print_version();
	else if (nc_translate(&made, &line, &around, error) < 0)
		fprintf(stderr, "nc: %s\n", error);
	else
		status = run_made(&made, &line);
	nc_command_clear(&made);
	nc_line_clear(&line);
	return status;
}

int cmd_nc_run(const struct command *command, int argc, char **argv)
{
	return run(command, argc - 2, argv + 2);
}

int cmd_nc_run_called(int argc, char **argv)
{
	return run(command_find("nc"), argc - 1, argv + 1);
}
