/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the endpoints of a run are, before it begins. */
#ifndef SOCKT_CLI_RUNNING_ENDPOINTS_H
#define SOCKT_CLI_RUNNING_ENDPOINTS_H

#include "cli/running.h"

/* The first of them whose descriptor (fd:N) is not open; NULL: none. To be asked before anything of ours can be N. */
const struct endpoint *running_endpoints_missing(const struct options *options);
/* Standard descriptors that are endpoints are not read or written otherwise. */
void running_endpoints_lend(struct running *rn);
/*
 * Find which type their sockets are of, and whether that can be. missing: see above. Returns 0, or -EINVAL with fail
 * filled.
 */
int running_endpoints_look(struct running *rn, const struct endpoint *missing, struct failure *fail);

#endif
