/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trying ports (connect --scan): what was found is written to standard output, a line a port. */
#ifndef SOCKT_CLI_SCANNING_H
#define SOCKT_CLI_SCANNING_H

#include "cli/running.h"

/* The run. Its exit status is 0 where a port is open or has answered, 1 where none is. */
void scanning_run(struct running *rn);

#endif
