/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The event loop: edge-triggered epoll (each descriptor registered once), a run queue of tasks, timers, signals as
 * descriptors. A readiness event sets facts in the sock and puts its task on the run queue; a task that stopped
 * with work left (its bound of bytes for one wake-up) puts itself there again.
 */
#ifndef SOCKT_STEP_LOOP_H
#define SOCKT_STEP_LOOP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "step/step.h"
#include "trace/failure.h"

struct loop;
struct resolver;

/* Work to be done soon. Embedded in its owner (CONTAINER_OF); zeroed but for run. */
struct task {
	void (*run)(struct task *task);
	struct task *next;
	bool is_queued;
};

/* A moment. Embedded in its owner; zeroed but for fire. */
struct timer {
	void (*fire)(struct timer *timer);
	uint64_t due_ns; /* of env->now_ns(); 0: not set */
	struct timer *next; /* in a list of equal delays; NULL: in none */
	union {
		struct timer *previous; /* in that list */
		uint64_t index;         /* without one: the place in the heap, from 1; 0: not set */
	};
};

static inline bool timer_is_set(const struct timer *timer)
{
	return timer->due_ns != 0;
}

/* Returns 0 and *loop, or -errno with fail filled. */
int loop_open(struct stepper *st, struct loop **loop, struct failure *fail);
/* Closes what the loop owns; socks and tasks are their owners'. NULL: nothing. */
void loop_close(struct loop *loop);

/*
 * Register sk for both directions, edge-triggered, with its task. A descriptor that epoll refuses becomes always ready
 * (is_unpollable) and its task is queued. One that is watched already and has moved in memory is known by its new place
 * from then on, and its task is queued. Returns 0 or -errno.
 */
int loop_watch(struct loop *loop, struct sock *sk, struct task *task);
/* Take sk out: before its descriptor is closed or changes hands. Not watched: nothing. */
void loop_unwatch(struct loop *loop, struct sock *sk);

/*
 * Take sk out without a call: it is about to be closed, and the kernel forgets a file that nobody holds any more
 * (epoll(7)). What is shared is unwatched.
 */
void loop_forget(struct loop *loop, struct sock *sk);

/* Put a task at the end of the run queue, once. */
void loop_post(struct loop *loop, struct task *task);
/*
 * The same, but its turn comes after the next look at the descriptors: for work that has reached its bound, so that
 * nobody is starved by it.
 */
void loop_post_later(struct loop *loop, struct task *task);
/* Take it out, if it is there, and let the gate forget what it holds of it: before its owner is freed. */
void loop_unpost(struct loop *loop, struct task *task);

/* Set or move a timer to fire at due_ns. */
void loop_timer_set(struct loop *loop, struct timer *timer, uint64_t due_ns);
/* The same, to fire after delay_ns, at a cost that does not grow: for limits that many timers share (timers.h). */
void loop_timer_set_after(struct loop *loop, struct timer *timer, uint64_t delay_ns);
/* Not set: nothing. */
void loop_timer_clear(struct loop *loop, struct timer *timer);

/* The time of the loop: env->now_ns(), read at most once between two waits unless refreshed. */
uint64_t loop_now_ns(struct loop *loop);
/* The same of the time by which limits are counted (step_limit_now()). */
uint64_t loop_limit_now_ns(struct loop *loop);
/*
 * Of a timer that fires for a limit: is it not over yet, since that time stood still meanwhile? Then the timer is set
 * to look again. since_ns: when the limit began, by that time; limit_ns: how long it is.
 */
bool loop_limit_is_early(struct loop *loop, struct timer *timer, uint64_t since_ns, uint64_t limit_ns);

/*
 * Deliver the signals of set, but for those ignored when the program started, as calls of on_signal(ctx, number).
 * They are blocked in the process. Once a loop. Returns 0 or -errno.
 */
int loop_signals(struct loop *loop, const sigset_t *set, void (*on_signal)(void *ctx, int number), void *ctx);

/* The mask of blocked signals as it was before that: for programs that are started. */
void loop_mask_before(const struct loop *loop, sigset_t *mask);

/* The threads that ask the resolver for those on this loop (resolver.h). */
struct resolver *loop_resolver(struct loop *loop);

/* Run until loop_stop(). Returns 0, or -errno where waiting itself failed. It may be run again. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

#endif
