/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is done to the bytes of each connection, from the options. */
#ifndef SOCKT_CLI_RUNNING_DRESSING_H
#define SOCKT_CLI_RUNNING_DRESSING_H

#include "cli/running.h"

/* Have the engine dress its sessions, where an option asks for it. Once it is there, and the copies are open. */
void running_dressing_set(struct running *rn);

#endif
