/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop's timers: see timers.h. */
#include "step/timers.h"

#include <stdlib.h>

#include "base/util.h"

/* Put a timer at a place of the heap. */
static void timers_place(struct timers *timers, struct timer *timer, uint32_t index)
{
	timers->heap[index] = timer;
	timer->index = index;
}

/* Move the timer at index up while it is earlier than its parent. */
static void timers_lift(struct timers *timers, uint32_t index)
{
	struct timer *timer = timers->heap[index];

	while (index > 1 && timers->heap[index / 2]->due_ns > timer->due_ns) {
		timers_place(timers, timers->heap[index / 2], index);
		index /= 2;
	}
	timers_place(timers, timer, index);
}

/* Move it down while a child is earlier. */
static void timers_sink(struct timers *timers, uint32_t index)
{
	struct timer *timer = timers->heap[index];
	uint32_t child;

	while ((child = index * 2) <= timers->count) {
		if (child < timers->count && timers->heap[child + 1]->due_ns < timers->heap[child]->due_ns)
			child++;
		if (timers->heap[child]->due_ns >= timer->due_ns)
			break;
		timers_place(timers, timers->heap[child], index);
		index = child;
	}
	timers_place(timers, timer, index);
}

void timers_set(struct timers *timers, struct timer *timer, uint64_t due_ns)
{
	timers_remove(timers, timer);
	timer->due_ns = due_ns;
	if (timers->count + 1 >= timers->size) {
		timers->size = timers->size == 0 ? 16 : timers->size * 2;
		timers->heap = xrealloc(timers->heap, timers->size * sizeof(struct timer *));
	}
	timers_place(timers, timer, ++timers->count);
	timers_lift(timers, timer->index);
}

void timers_remove(struct timers *timers, struct timer *timer)
{
	uint32_t index = timer->index;
	struct timer *last;

	if (index == 0)
		return;
	last = timers->heap[timers->count--];
	if (last != timer) {
		timers_place(timers, last, index);
		timers_lift(timers, index);
		timers_sink(timers, last->index);
	}
	timer->index = 0;
	timer->due_ns = 0;
}

uint64_t timers_next_ns(const struct timers *timers)
{
	return timers->count == 0 ? 0 : timers->heap[1]->due_ns;
}

void timers_fire(struct timers *timers, uint64_t now_ns)
{
	struct timer *timer;

	while (timers->count > 0 && timers->heap[1]->due_ns <= now_ns) {
		timer = timers->heap[1];
		timers_remove(timers, timer);
		timer->fire(timer);
	}
}

void timers_clear(struct timers *timers)
{
	free(timers->heap);
	*timers = (struct timers){ .heap = NULL };
}
