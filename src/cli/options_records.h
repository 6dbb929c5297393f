/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The records of the options, a table and a file (options_GROUP.c) for each group of --help. For
 * those files and options_table.c only.
 */
#ifndef SOCKT_CLI_OPTIONS_RECORDS_H
#define SOCKT_CLI_OPTIONS_RECORDS_H

#include <assert.h>
#include <limits.h>
#include <stddef.h>

#include "base/i18n.h"
#include "base/util.h"
#include "cli/options_apply.h"
#include "cli/options_table.h"

/* Which commands have an option. */
#define LISTEN COMMAND_LISTEN
#define CONNECT COMMAND_CONNECT
#define BOTH (COMMAND_LISTEN | COMMAND_CONNECT)
#define RELAY COMMAND_RELAY
#define MOVERS (LISTEN | CONNECT | RELAY)
#define RUNNERS (MOVERS | COMMAND_SHELL)
#define EVERY (RUNNERS | COMMAND_HELP)

/* The member that an apply function fills. */
#define FILLS(its_member) offsetof(struct options, its_member)

extern const struct option_record options_address[OPTION_END_ADDRESS - OPTION_FIRST_ADDRESS];
extern const struct option_record options_listener[OPTION_END_LISTENER - OPTION_FIRST_LISTENER];
extern const struct option_record options_access[OPTION_END_ACCESS - OPTION_FIRST_ACCESS];
extern const struct option_record options_relay[OPTION_END_RELAY - OPTION_FIRST_RELAY];
extern const struct option_record options_http[OPTION_END_HTTP - OPTION_FIRST_HTTP];
extern const struct option_record options_ending[OPTION_END_ENDING - OPTION_FIRST_ENDING];
extern const struct option_record options_limits[OPTION_END_LIMITS - OPTION_FIRST_LIMITS];
extern const struct option_record options_proxy[OPTION_END_PROXY - OPTION_FIRST_PROXY];
extern const struct option_record options_data[OPTION_END_DATA - OPTION_FIRST_DATA];
extern const struct option_record options_scan[OPTION_END_SCAN - OPTION_FIRST_SCAN];
extern const struct option_record options_program[OPTION_END_PROGRAM - OPTION_FIRST_PROGRAM];
extern const struct option_record options_socket[OPTION_END_SOCKET - OPTION_FIRST_SOCKET];
extern const struct option_record options_rights[OPTION_END_RIGHTS - OPTION_FIRST_RIGHTS];
extern const struct option_record options_console[OPTION_END_CONSOLE - OPTION_FIRST_CONSOLE];
extern const struct option_record options_shown[OPTION_END_SHOWN - OPTION_FIRST_SHOWN];
extern const struct option_record options_help[OPTION_END_HELP - OPTION_FIRST_HELP];

#endif
