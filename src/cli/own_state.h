/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of a relay with an end of our own: one session, told when SIGUSR1 asks. */
#ifndef SOCKT_CLI_OWN_STATE_H
#define SOCKT_CLI_OWN_STATE_H

#include "cli/running.h"

/* SIGUSR1: say it. As running->signaled, with running->session set. */
bool own_state_signaled(struct running *rn, int number);

#endif
