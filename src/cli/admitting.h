/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may connect: what has to be known of the access rules before a run listens. */
#ifndef SOCKT_CLI_ADMITTING_H
#define SOCKT_CLI_ADMITTING_H

#include "cli/running.h"

/*
 * Ask for the addresses of the names among the rules, and let the loop go until they are there. Returns false where the
 * run is over: a name has no address, a signal, a time limit.
 */
bool admitting_prepare(struct running *rn);

#endif
