/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop's timers: see timers.h. */
#include "step/timers.h"

#include <assert.h>
#include <stdlib.h>

#include "base/util.h"

static_assert(sizeof(struct timer) <= 32, "each session has one");

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

/* Put a timer that is not set into the heap. */
static void timers_push(struct timers *timers, struct timer *timer)
{
	if (timers->count + 1 >= timers->size) {
		timers->size = timers->size == 0 ? 16 : timers->size * 2;
		timers->heap = xrealloc(timers->heap, timers->size * sizeof(struct timer *));
	}
	timers_place(timers, timer, ++timers->count);
	timers_lift(timers, timer->index);
}

/* Take the timer at a place out of the heap. */
static void timers_pull(struct timers *timers, uint32_t index)
{
	struct timer *last = timers->heap[timers->count--];

	if (index > timers->count)
		return;
	timers_place(timers, last, index);
	timers_lift(timers, index);
	timers_sink(timers, last->index);
}

static bool list_is_empty(const struct timer_list *list)
{
	return list->head.next == NULL || list->head.next == &list->head;
}

/* The list of a delay, or one that is free; NULL: there is none. */
static struct timer_list *timers_list_of(struct timers *timers, uint64_t delay_ns)
{
	struct timer_list *list, *unused = NULL;

	for (size_t i = 0; i < TIMERS_LISTS; i++) {
		list = &timers->lists[i];
		if (!list_is_empty(list) && list->delay_ns == delay_ns)
			return list;
		if (list_is_empty(list))
			unused = list;
	}
	if (unused != NULL) {
		unused->head.next = unused->head.previous = &unused->head;
		unused->delay_ns = delay_ns;
	}
	return unused;
}

static void list_append(struct timer_list *list, struct timer *timer)
{
	timer->next = &list->head;
	timer->previous = list->head.previous;
	timer->previous->next = timer;
	list->head.previous = timer;
}

void timers_set(struct timers *timers, struct timer *timer, uint64_t due_ns)
{
	timers_remove(timers, timer);
	timer->due_ns = due_ns;
	timers_push(timers, timer);
}

void timers_set_after(struct timers *timers, struct timer *timer, uint64_t now_ns, uint64_t delay_ns)
{
	struct timer_list *list;

	timers_remove(timers, timer);
	timer->due_ns = now_ns + delay_ns;
	list = timers_list_of(timers, delay_ns);
	/* The order of a list is the clock's; a clock that a caller has put back finds its place in the heap. */
	if (list == NULL || (!list_is_empty(list) && list->head.previous->due_ns > timer->due_ns))
		timers_push(timers, timer);
	else
		list_append(list, timer);
}

void timers_remove(struct timers *timers, struct timer *timer)
{
	if (!timer_is_set(timer))
		return;
	if (timer->next == NULL) {
		timers_pull(timers, (uint32_t)timer->index);
	} else {
		timer->previous->next = timer->next;
		timer->next->previous = timer->previous;
		timer->next = NULL;
	}
	timer->index = 0;
	timer->due_ns = 0;
}

/* The earliest, or NULL. */
static struct timer *timers_first(const struct timers *timers)
{
	struct timer *first = timers->count == 0 ? NULL : timers->heap[1];

	for (size_t i = 0; i < TIMERS_LISTS; i++) {
		const struct timer_list *list = &timers->lists[i];

		if (!list_is_empty(list) && (first == NULL || list->head.next->due_ns < first->due_ns))
			first = list->head.next;
	}
	return first;
}

uint64_t timers_next_ns(const struct timers *timers)
{
	const struct timer *first = timers_first(timers);

	return first == NULL ? 0 : first->due_ns;
}

void timers_fire(struct timers *timers, uint64_t now_ns)
{
	struct timer *timer;

	while ((timer = timers_first(timers)) != NULL && timer->due_ns <= now_ns) {
		timers_remove(timers, timer);
		timer->fire(timer);
	}
}

void timers_clear(struct timers *timers)
{
	free(timers->heap);
	*timers = (struct timers){ .heap = NULL };
}
