/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loop's timers, all intrusive. Those of equal delays stand in first-in-first-out lists: the clock does not go
 * back, so who comes later is due later, and setting and removing cost the same however many there are. All others are
 * in a binary heap, the earliest on top. Pure but for memory.
 */
#ifndef SOCKT_STEP_TIMERS_H
#define SOCKT_STEP_TIMERS_H

#include <stddef.h>
#include <stdint.h>

#include "step/loop.h"

/* So many delays have a list at the same time; what comes beyond that goes to the heap. */
#define TIMERS_LISTS 8

/* Timers that were all set with the same delay. An empty list is free for the next delay that has none. */
struct timer_list {
	struct timer head; /* of a ring: next is the first, previous the last; itself: empty; NULL: not used yet */
	uint64_t delay_ns;
};

/* Zeroed: no timers. */
struct timers {
	struct timer **heap; /* from 1: heap[0] is not used */
	uint32_t count, size; /* of the heap */
	struct timer_list lists[TIMERS_LISTS];
};

/* Set or move, to any moment. */
void timers_set(struct timers *timers, struct timer *timer, uint64_t due_ns);
/*
 * Set or move, to a delay after now_ns. For limits that many timers share; a delay of its own for each timer belongs
 * into timers_set(), or it would keep a list from those that are shared.
 */
void timers_set_after(struct timers *timers, struct timer *timer, uint64_t now_ns, uint64_t delay_ns);
/* Not set: nothing. */
void timers_remove(struct timers *timers, struct timer *timer);
/* When the earliest is due; 0: there is none. */
uint64_t timers_next_ns(const struct timers *timers);
/* Fire those that are due at now_ns. A timer is not set any more while it fires, and may be set anew. */
void timers_fire(struct timers *timers, uint64_t now_ns);
/* Give the memory back; timers are their owners'. */
void timers_clear(struct timers *timers);

#endif
