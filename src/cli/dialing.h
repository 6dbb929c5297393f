/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connecting standard input and output to an endpoint: what `connect` does, and `relay -`. */
#ifndef SOCKT_CLI_DIALING_H
#define SOCKT_CLI_DIALING_H

#include "cli/running.h"

/* Dial the endpoint of the options, and let the loop go until it is over. */
void dialing_run(struct running *rn);

#endif
