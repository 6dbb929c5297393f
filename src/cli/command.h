/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The commands (listen, connect, relay, shell, nc, help): one table of const records, from which main, the help and
 * the manual come.
 */
#ifndef SOCKT_CLI_COMMAND_H
#define SOCKT_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "endpoint/kinds.h"

/* Exit statuses; 128 + N for signal N (design: "How a session ends"). */
enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,  /* a step failed before data flowed */
	STATUS_USAGE = 2,   /* the command line is wrong */
	STATUS_REFUSED = 3, /* by a rule, by verification, by a proxy */
	STATUS_TIMEOUT = 4, /* a time limit ran out */
	STATUS_RESET = 5,   /* reset, or bytes that were never acknowledged */
	STATUS_OUTPUT = 6,  /* the local input or output failed */
	STATUS_SIGNAL = 128,
};

/* Bits: which commands an option is of. */
enum command_bit {
	COMMAND_LISTEN = 1U << 0,
	COMMAND_CONNECT = 1U << 1,
	COMMAND_HELP = 1U << 2,
	COMMAND_RELAY = 1U << 3,
	COMMAND_SHELL = 1U << 4,
	COMMAND_NC = 1U << 5,
};

struct nc_telling;

struct command {
	const char *name;
	const char *summary;         /* one line, for _() */
	const char *const *synopsis; /* what stands behind "sockt NAME", one a line, NULL-ended */
	const char *const *examples; /* pairs: a command line, what it does (for _()); NULL-ended */
	enum command_bit bit;
	enum endpoint_role role; /* of its endpoint; 0: it takes none */
	/*
	 * Run it. argv is the program's own, whole and in its order (argv[0] "sockt", argv[1] the
	 * name). Returns the exit status.
	 */
	int (*run)(const struct command *command, int argc, char **argv);
	struct nc_telling *nc; /* it was asked for in nc's words, and says what nc says; NULL: it was not */
};

/* The commands there are: index 0, 1, ... until NULL. */
const struct command *command_at(size_t index);
/* The command of that name, or NULL. */
const struct command *command_find(const char *name);

/* One function a command, each in its own file (cmd_listen.c, ...). */
int cmd_listen_run(const struct command *command, int argc, char **argv);
int cmd_connect_run(const struct command *command, int argc, char **argv);
int cmd_relay_run(const struct command *command, int argc, char **argv);
int cmd_shell_run(const struct command *command, int argc, char **argv);
int cmd_nc_run(const struct command *command, int argc, char **argv);
int cmd_help_run(const struct command *command, int argc, char **argv);

/* Is the program called nc, by its name (argv[0])? Then cmd_nc_run_called() is what to run, with main()'s argv. */
bool cmd_nc_is_name(const char *program);
int cmd_nc_run_called(int argc, char **argv);

#endif
