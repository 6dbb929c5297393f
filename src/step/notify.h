/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Telling a service manager how it goes, as sd_notify(3) describes the protocol. */
#ifndef SOCKT_STEP_NOTIFY_H
#define SOCKT_STEP_NOTIFY_H

#include "step/step.h"

/*
 * Connect a datagram socket with the one of that name: a path, or @NAME for an abstract one. Returns the descriptor, or
 * -errno: -EAFNOSUPPORT for a name of another form, -ENAMETOOLONG for one that no socket can have.
 */
int notify_open(const char *socket_name);
/*
 * Send state ("READY=1") over fd, which notify_open() has returned (its -errno is returned then) and which is closed.
 * Does not wait; a step of level 3 (probe), for it is no part of what the run is about. Returns 0 or -errno.
 */
int notify_send(struct stepper *st, const char *socket_name, int fd, const char *state);

#endif
