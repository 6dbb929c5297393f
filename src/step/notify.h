/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Telling a service manager how it goes, as sd_notify(3) describes the protocol. */
#ifndef SOCKT_STEP_NOTIFY_H
#define SOCKT_STEP_NOTIFY_H

#include "step/step.h"

/*
 * Send state ("READY=1") to the datagram socket of that name: a path, or @NAME for an abstract one. Does not wait; a
 * step of level 3 (probe), for it is no part of what the run is about. Returns 0, or -errno: -EAFNOSUPPORT for a name
 * of another form, -ENAMETOOLONG for one that no socket can have.
 */
int notify_send(struct stepper *st, const char *socket_name, const char *state);

#endif
