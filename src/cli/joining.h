/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A relay between two ends that are no sockets. */
#ifndef SOCKT_CLI_JOINING_H
#define SOCKT_CLI_JOINING_H

#include "cli/running.h"

/* Join them, and let the loop go until it is over. */
void joining_run(struct running *rn);

#endif
