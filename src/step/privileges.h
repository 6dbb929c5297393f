/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Giving up rights for good: another root directory, another user (--chroot, --user). */
#ifndef SOCKT_STEP_PRIVILEGES_H
#define SOCKT_STEP_PRIVILEGES_H

#include "step/identity.h"
#include "step/step.h"
#include "trace/failure.h"

/*
 * Make root the root directory (NULL: it stays as it is), and then become user (NULL: who we are): its groups, its
 * group, itself. Each call is a step; no gate is asked. Of another user than root no capability is left, and that none
 * of it can be had back is tried out. Who is that user already only gives capabilities up. All threads change, as
 * setuid(2) of libc does it.
 * Returns 0, or -errno with fail filled: then the process may be in between, and the run is over.
 */
int privileges_drop(struct stepper *st, const char *root, const struct identity *user, struct failure *fail);

#endif
