/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals as calls of a function, from within the loop: signalfd(2). */
#ifndef SOCKT_STEP_SIGNALS_H
#define SOCKT_STEP_SIGNALS_H

#include <signal.h>

#include "step/loop.h"

struct signals {
	struct sock sock; /* the signalfd, for the loop */
	struct task task;
	void (*on_signal)(void *ctx, int number);
	void *ctx;
	sigset_t mask_before; /* of blocked signals */
};

/* None are asked for. */
void signals_init(struct signals *signals);
void signals_clear(struct signals *signals);
/*
 * Block the signals of set, but for those ignored when the program started, and make a descriptor that tells of them:
 * sock and task are to be watched. Returns 0 or -errno.
 */
int signals_open(struct signals *signals, const sigset_t *set, void (*on_signal)(void *ctx, int number), void *ctx);

#endif
