/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop's timers: a binary heap of intrusive timers, the earliest on top. Pure but for memory. */
#ifndef SOCKT_STEP_TIMERS_H
#define SOCKT_STEP_TIMERS_H

#include <stddef.h>
#include <stdint.h>

#include "step/loop.h"

/* Zeroed: no timers. */
struct timers {
	struct timer **heap; /* from 1: heap[0] is not used */
	uint32_t count, size;
};

/* Set or move. */
void timers_set(struct timers *timers, struct timer *timer, uint64_t due_ns);
/* Not set: nothing. */
void timers_remove(struct timers *timers, struct timer *timer);
/* When the earliest is due; 0: there is none. */
uint64_t timers_next_ns(const struct timers *timers);
/* Fire those that are due at now_ns. A timer is not set any more while it fires, and may be set anew. */
void timers_fire(struct timers *timers, uint64_t now_ns);
/* Give the memory back; timers are their owners'. */
void timers_clear(struct timers *timers);

#endif
