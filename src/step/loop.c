/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The event loop: see loop.h. Timers are in timers.c. */
#include "step/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/util.h"
#include "step/resolver.h"
#include "step/sight.h"
#include "step/signals.h"
#include "step/timers.h"

/* Events taken in one wait. */
#define LOOP_BATCH 64
/* What is told of every descriptor. */
#define LOOP_EVENTS (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET)
/* Tasks that run between two looks at the descriptors. */
#define LOOP_TURNS 1024
/* A wait that is to last longer lasts so long. */
#define LONGEST_NS (3600 * NS_PER_S)

struct loop {
	struct stepper *st;
	int epoll_fd;
	bool is_stopped;
	bool lacks_pwait2; /* the kernel */
	uint64_t now_ns; /* 0: to be read anew */
	struct task *first, **last; /* the run queue */
	struct task *later, **later_last; /* what runs after the next look at the descriptors */
	struct sock **socks; /* what is watched, by descriptor */
	size_t sock_room;
	struct timers timers;
	struct signals signals;
	struct resolver *resolver; /* NULL: nobody has asked */
};

int loop_open(struct stepper *st, struct loop **loop_out, struct failure *fail)
{
	struct loop *loop;
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd == -1)
		return failure_set(fail, STEP_EPOLL_WAIT, errno, NULL);
	loop = xcalloc(1, sizeof(*loop));
	loop->st = st;
	loop->epoll_fd = fd;
	loop->last = &loop->first;
	loop->later_last = &loop->later;
	signals_init(&loop->signals);
	*loop_out = loop;
	return 0;
}

void loop_close(struct loop *loop)
{
	if (loop == NULL)
		return;
	signals_clear(&loop->signals);
	close(loop->epoll_fd);
	timers_clear(&loop->timers);
	resolver_release(loop->resolver);
	free(loop->socks);
	free(loop);
}

/* Know sk by its descriptor. */
static void loop_note_sock(struct loop *loop, struct sock *sk)
{
	size_t fd = (size_t)sk->fd, room = loop->sock_room;

	if (fd >= room) {
		loop->sock_room = fd + 1 > 2 * room ? fd + 1 : 2 * room;
		loop->socks = xrealloc(loop->socks, loop->sock_room * sizeof(struct sock *));
		memset(loop->socks + room, 0, (loop->sock_room - room) * sizeof(struct sock *));
	}
	loop->socks[fd] = sk;
}

int loop_watch(struct loop *loop, struct sock *sk, struct task *task)
{
	struct epoll_event event = { .events = LOOP_EVENTS, .data.fd = sk->fd };

	sk->task = task;
	if (sk->is_unpollable)
		return 0;
	if (sk->is_watched) {
		loop_note_sock(loop, sk);
		/* The facts have moved with it: let the new owner look at them. */
		loop_post(loop, task);
		return 0;
	}
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, sk->fd, &event) == -1) {
		/* epoll_ctl(2): EPERM is the answer to regular files, directories and devices without poll. */
		if (errno != EPERM)
			return -errno;
		sk->is_unpollable = true;
		sk->ready |= READY_IN | READY_OUT;
		loop_post(loop, task);
		return 0;
	}
	loop_note_sock(loop, sk);
	sk->is_watched = true;
	return 0;
}

void loop_unwatch(struct loop *loop, struct sock *sk)
{
	if (!sk->is_watched)
		return;
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, sk->fd, NULL);
	loop->socks[sk->fd] = NULL;
	sk->is_watched = false;
}

void loop_forget(struct loop *loop, struct sock *sk)
{
	if (sk->is_shared)
		loop_unwatch(loop, sk);
	if (sk->is_watched)
		loop->socks[sk->fd] = NULL;
	sk->is_watched = false;
}

/* Put a task at the end of a queue. */
static void queue_add(struct task ***last, struct task *task)
{
	if (task->is_queued)
		return;
	task->is_queued = true;
	task->next = NULL;
	**last = task;
	*last = &task->next;
}

void loop_post(struct loop *loop, struct task *task)
{
	queue_add(&loop->last, task);
}

void loop_post_later(struct loop *loop, struct task *task)
{
	queue_add(&loop->later_last, task);
}

/* Take a task out of a queue. Returns false where it is not in it. */
static bool queue_remove(struct task **first, struct task ***last, struct task *task)
{
	struct task **at = first;

	while (*at != NULL && *at != task)
		at = &(*at)->next;
	if (*at == NULL)
		return false;
	*at = task->next;
	if (*at == NULL)
		*last = at;
	task->is_queued = false;
	return true;
}

/* Take a task out of the queue it is in. */
static void queues_remove(struct loop *loop, struct task *task)
{
	if (task->is_queued && !queue_remove(&loop->first, &loop->last, task))
		queue_remove(&loop->later, &loop->later_last, task);
}

void loop_unpost(struct loop *loop, struct task *task)
{
	struct gate *gate = loop->st->gate;

	queues_remove(loop, task);
	if (UNLIKELY(gate != NULL) && gate->forgets != NULL)
		gate->forgets(gate, task);
}

void loop_timer_set(struct loop *loop, struct timer *timer, uint64_t due_ns)
{
	timers_set(&loop->timers, timer, due_ns);
}

void loop_timer_set_after(struct loop *loop, struct timer *timer, uint64_t delay_ns)
{
	timers_set_after(&loop->timers, timer, loop->st->env->now_ns(), delay_ns);
}

void loop_timer_clear(struct loop *loop, struct timer *timer)
{
	timers_remove(&loop->timers, timer);
}

uint64_t loop_now_ns(struct loop *loop)
{
	if (loop->now_ns == 0)
		loop->now_ns = loop->st->env->now_ns();
	return loop->now_ns;
}

uint64_t loop_limit_now_ns(struct loop *loop)
{
	return loop->st->gate == NULL ? loop_now_ns(loop) : step_limit_now(loop->st);
}

bool loop_limit_is_early(struct loop *loop, struct timer *timer, uint64_t since_ns, uint64_t limit_ns)
{
	uint64_t taken_ns = step_limit_now(loop->st) - since_ns;

	if (taken_ns >= limit_ns)
		return false;
	loop_timer_set_after(loop, timer, step_limit_wait(loop->st, limit_ns - taken_ns));
	return true;
}

int loop_signals(struct loop *loop, const sigset_t *set, void (*on_signal)(void *ctx, int number), void *ctx)
{
	int ret = signals_open(&loop->signals, set, on_signal, ctx);

	return ret < 0 ? ret : loop_watch(loop, &loop->signals.sock, &loop->signals.task);
}

void loop_mask_before(const struct loop *loop, sigset_t *mask)
{
	if (loop->signals.on_signal != NULL)
		*mask = loop->signals.mask_before;
	else
		sigprocmask(SIG_BLOCK, NULL, mask);
}

struct resolver *loop_resolver(struct loop *loop)
{
	if (loop->resolver == NULL)
		loop->resolver = resolver_new();
	return loop->resolver;
}

/* The facts that an epoll event tells. */
static uint8_t facts_of(uint32_t events)
{
	uint8_t facts = 0;

	if ((events & EPOLLIN) != 0)
		facts |= READY_IN;
	if ((events & EPOLLOUT) != 0)
		facts |= READY_OUT;
	if ((events & EPOLLRDHUP) != 0)
		facts |= READY_IN | READY_END;
	if ((events & EPOLLHUP) != 0)
		facts |= READY_IN | READY_OUT | READY_HUP;
	if ((events & EPOLLERR) != 0)
		facts |= READY_ERR;
	if ((events & EPOLLPRI) != 0)
		facts |= READY_URGENT;
	return facts;
}

/*
 * Is what a wait has brought to be told? Of an output that the trace may be written to as well, a terminal or one that
 * was handed in, only what was not known: each line of the trace that goes there is followed by word that there is room
 * again, and were that a line of the trace, it would go on for ever. That a terminal has room is never told: where one
 * is so slow that it is full each time, that would be no better.
 */
static bool is_news(const struct sock *sk, uint8_t facts)
{
	if (sk->is_hidden)
		return false;
	if (sk->kind != SOCK_KIND_TERMINAL && !sk->is_inherited && !sk->is_shared)
		return true;
	if (sk->kind == SOCK_KIND_TERMINAL)
		facts &= (uint8_t)~READY_OUT;
	return (facts & ~sk->ready) != 0;
}

/* Tell what a wait has brought, to those who look at everything. */
static void loop_trace(struct loop *loop, const struct sock *sk, uint32_t events)
{
	struct bus *bus = loop->st->bus;
	union step_args args = { .wait.events = events };
	struct event event = {
		.step = STEP_EPOLL_WAIT,
		.t_ns = loop->st->env->now_ns() - bus->start_ns,
		.session = sk->session,
		.side = sk->side,
		.fd = sk->fd,
		.args = &args,
		.has_result = true,
		.result = 1,
	};

	bus_emit(bus, &event);
}

/*
 * The longest that a wait may last, in ns; UINT64_MAX: there is nothing to wake up for. sinks_ns: when a sink has
 * something to write, UINT64_MAX: never.
 */
static uint64_t loop_timeout_ns(struct loop *loop, uint64_t sinks_ns)
{
	uint64_t due_ns, now_ns;

	if (loop->first != NULL || loop->later != NULL)
		return 0;
	due_ns = timers_next_ns(&loop->timers);
	if (due_ns == 0 || sinks_ns < due_ns)
		due_ns = sinks_ns;
	if (due_ns == UINT64_MAX)
		return UINT64_MAX;
	now_ns = loop->st->env->now_ns();
	if (due_ns <= now_ns)
		return 0;
	return due_ns - now_ns < LONGEST_NS ? due_ns - now_ns : LONGEST_NS;
}

/*
 * epoll_pwait2(2), of Linux 5.11, waits to the nanosecond: a delay that is asked for is not half a ms longer than it
 * should be. epoll_wait(2), of older kernels, waits for whole ms: rounded up, so that a timer has run out then.
 */
static int loop_sleep(struct loop *loop, struct epoll_event *events, uint64_t limit_ns)
{
	struct timespec limit = { .tv_sec = (time_t)(limit_ns / NS_PER_S), .tv_nsec = (long)(limit_ns % NS_PER_S) };
	int count, limit_ms = limit_ns == UINT64_MAX ? -1 : (int)((limit_ns + NS_PER_MS - 1) / NS_PER_MS);

#ifdef HAVE_EPOLL_PWAIT2
	if (limit_ms > 0 && !loop->lacks_pwait2) {
		count = epoll_pwait2(loop->epoll_fd, events, LOOP_BATCH, &limit, NULL);
		if (count != -1 || errno != ENOSYS)
			return count;
		loop->lacks_pwait2 = true;
	}
#endif
	return epoll_wait(loop->epoll_fd, events, LOOP_BATCH, limit_ms);
}

/* Without what time stamps alone have caused, which are told and gone. */
static uint32_t events_left(struct loop *loop, struct sock *sk, uint32_t events)
{
	if (UNLIKELY(loop->st->sight != NULL) && (events & EPOLLERR) != 0)
		return sight_events(loop->st, sk, events);
	return events;
}

/* Wait once and set the facts of what came. Returns 0 or -errno. */
static int loop_wait(struct loop *loop)
{
	struct epoll_event events[LOOP_BATCH];
	uint64_t sinks_ns = UINT64_MAX;
	int count;

	if (loop->st->bus->level != 0)
		sinks_ns = bus_flush(loop->st->bus);
	count = loop_sleep(loop, events, loop_timeout_ns(loop, sinks_ns));
	loop->now_ns = 0;
	if (count == -1)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < count; i++) {
		struct sock *sk = loop->socks[events[i].data.fd];
		uint8_t facts;
		bool is_told;

		if (sk == NULL)
			continue;
		facts = facts_of(events_left(loop, sk, events[i].events));
		is_told = UNLIKELY(loop->st->bus->level >= step_level(STEP_EPOLL_WAIT)) && is_news(sk, facts);
		sk->ready |= facts;
		loop_post(loop, sk->task);
		if (is_told)
			loop_trace(loop, sk, events[i].events);
	}
	return 0;
}

/*
 * Run what is on the run queue, and what is put there meanwhile; but only so many, so that the descriptors are looked
 * at again however busy the tasks keep each other.
 */
static void loop_run_tasks(struct loop *loop)
{
	size_t turns = LOOP_TURNS;

	while (turns-- > 0 && loop->first != NULL && !loop->is_stopped) {
		struct task *task = loop->first;

		queues_remove(loop, task);
		task->run(task);
	}
}

/* The look at the descriptors is done: those that waited for it have their turn. */
static void loop_take_later(struct loop *loop)
{
	if (loop->later == NULL)
		return;
	*loop->last = loop->later;
	loop->last = loop->later_last;
	loop->later = NULL;
	loop->later_last = &loop->later;
}

int loop_run(struct loop *loop)
{
	int ret;

	while (!loop->is_stopped) {
		timers_fire(&loop->timers, loop_now_ns(loop));
		loop_run_tasks(loop);
		if (loop->is_stopped)
			break;
		ret = loop_wait(loop);
		if (ret < 0)
			return ret;
		loop_take_later(loop);
	}
	loop->is_stopped = false;
	return 0;
}

void loop_stop(struct loop *loop)
{
	loop->is_stopped = true;
}
