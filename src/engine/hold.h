/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Holding (`listen --hold`): sockets listen and nobody is accepted, so that the accept queue is seen filling, and the
 * client that finds it full is seen waiting.
 */
#ifndef SOCKT_ENGINE_HOLD_H
#define SOCKT_ENGINE_HOLD_H

#include "endpoint/listener.h"
#include "engine/engine.h"

/* Zeroed: nothing is held. */
struct hold {
	struct engine *engine;
	struct listening *sockets; /* the listener's */
	size_t socket_count;
	struct task task;   /* the listening sockets' */
	struct timer again; /* a queue is full: who comes now is turned away, and nothing tells */
};

/* Begin: say so, and look whenever somebody has come. Returns 0 or -errno. */
int hold_start(struct hold *hold, struct engine *engine, struct listening *sockets, size_t count);
/* End. May be called of one that was not begun. */
void hold_stop(struct hold *hold);

#endif
