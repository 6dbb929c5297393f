/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The run of `listen --proxy-server`: a relay whose clients say where they want to go. */
#ifndef SOCKT_CLI_PROXYING_H
#define SOCKT_CLI_PROXYING_H

#include "cli/running.h"

/* Serve, and let the loop go until it is over. */
void proxying_run(struct running *rn);

#endif
