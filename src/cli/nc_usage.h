/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `sockt nc -h` prints, made from the table of nc's letters. */
#ifndef SOCKT_CLI_NC_USAGE_H
#define SOCKT_CLI_NC_USAGE_H

#include "cli/command.h"

/* Print it to standard output; return 0, or 6 where it cannot be written, with a message. */
int nc_usage_print(const struct command *command);

#endif
