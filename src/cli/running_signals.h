/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ends a run, or wakes it, from outside: signals, --total-timeout, the terminal that is ours again. */
#ifndef SOCKT_CLI_RUNNING_SIGNALS_H
#define SOCKT_CLI_RUNNING_SIGNALS_H

#include "cli/running.h"

/*
 * Take signals from the loop of rn, which is open, and start the timers. What ends the run goes to rn->abandon, what
 * wakes it to rn->wake. Returns 0 or -errno.
 */
int running_signals_open(struct running *rn);

#endif
