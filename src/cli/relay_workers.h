/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay --workers N: the parent's run, and that of each worker. */
#ifndef SOCKT_CLI_RELAY_WORKERS_H
#define SOCKT_CLI_RELAY_WORKERS_H

#include "cli/running.h"
#include "engine/relay.h"

/* Start the workers of a relay with these settings, and let the loop go until it is over. */
void relay_workers_run(struct running *rn, const struct relay_settings *settings);

#endif
