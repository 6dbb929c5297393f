/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The event loop: see loop.h. Timers are in timers.c. */
#include "step/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/util.h"
#include "step/timers.h"

/* Events taken in one wait. */
#define LOOP_BATCH 64

struct loop {
	struct stepper *st;
	int epoll_fd;
	bool is_stopped;
	uint64_t now_ns; /* 0: to be read anew */
	struct task *first, **last; /* the run queue */
	struct timers timers;
	struct sock signals;
	struct task signal_task;
	void (*on_signal)(void *ctx, int number);
	void *signal_ctx;
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
	sock_init(&loop->signals);
	*loop_out = loop;
	return 0;
}

void loop_close(struct loop *loop)
{
	if (loop == NULL)
		return;
	if (loop->signals.fd != -1)
		close(loop->signals.fd);
	close(loop->epoll_fd);
	timers_clear(&loop->timers);
	free(loop);
}

int loop_watch(struct loop *loop, struct sock *sk, struct task *task)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = sk };

	sk->task = task;
	if (sk->is_unpollable)
		return 0;
	if (epoll_ctl(loop->epoll_fd, sk->is_watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, sk->fd, &event) == -1) {
		/* epoll_ctl(2): EPERM is the answer to regular files, directories and devices without poll. */
		if (errno != EPERM)
			return -errno;
		sk->is_unpollable = true;
		sk->ready |= READY_IN | READY_OUT;
		loop_post(loop, task);
		return 0;
	}
	sk->is_watched = true;
	return 0;
}

void loop_unwatch(struct loop *loop, struct sock *sk)
{
	if (!sk->is_watched)
		return;
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, sk->fd, NULL);
	sk->is_watched = false;
}

void loop_forget(struct loop *loop, struct sock *sk)
{
	if (sk->is_shared)
		loop_unwatch(loop, sk);
	sk->is_watched = false;
}

void loop_post(struct loop *loop, struct task *task)
{
	if (task->is_queued)
		return;
	task->is_queued = true;
	task->next = NULL;
	*loop->last = task;
	loop->last = &task->next;
}

void loop_unpost(struct loop *loop, struct task *task)
{
	struct task **at = &loop->first;

	if (!task->is_queued)
		return;
	while (*at != task)
		at = &(*at)->next;
	*at = task->next;
	if (*at == NULL)
		loop->last = at;
	task->is_queued = false;
}

void loop_timer_set(struct loop *loop, struct timer *timer, uint64_t due_ns)
{
	timers_set(&loop->timers, timer, due_ns);
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

/* Hand the signals that have come to their receiver. */
static void loop_take_signals(struct task *task)
{
	struct loop *loop = CONTAINER_OF(task, struct loop, signal_task);
	struct signalfd_siginfo info;

	while (read(loop->signals.fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		loop->on_signal(loop->signal_ctx, (int)info.ssi_signo);
	loop->signals.ready = 0;
}

/*
 * Without those of set that were ignored when the program started: nohup(1) and a shell's background jobs
 * count on it. (A blocked signal is queued even where it is ignored.)
 */
static void without_ignored(sigset_t *set)
{
	static const int candidates[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct sigaction action;

	for (size_t i = 0; i < ARRAY_LEN(candidates); i++)
		if (sigismember(set, candidates[i]) == 1 && sigaction(candidates[i], NULL, &action) == 0 &&
		    action.sa_handler == SIG_IGN)
			sigdelset(set, candidates[i]);
}

int loop_signals(struct loop *loop, const sigset_t *set, void (*on_signal)(void *ctx, int number), void *ctx)
{
	sigset_t wanted = *set;
	int fd;

	without_ignored(&wanted);
	if (sigprocmask(SIG_BLOCK, &wanted, NULL) == -1)
		return -errno;
	fd = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd == -1)
		return -errno;
	loop->signals.fd = fd;
	loop->signal_task.run = loop_take_signals;
	loop->on_signal = on_signal;
	loop->signal_ctx = ctx;
	return loop_watch(loop, &loop->signals, &loop->signal_task);
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
	return facts;
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

/* The longest that epoll_wait() may wait, in ms: rounded up, so that a timer has run out when it returns. */
static int loop_timeout_ms(struct loop *loop)
{
	uint64_t due_ns, now_ns;

	if (loop->first != NULL)
		return 0;
	due_ns = timers_next_ns(&loop->timers);
	if (due_ns == 0)
		return -1;
	now_ns = loop->st->env->now_ns();
	if (due_ns <= now_ns)
		return 0;
	due_ns = (due_ns - now_ns + 999999) / 1000000;
	return due_ns > 3600000 ? 3600000 : (int)due_ns;
}

/* Wait once and set the facts of what came. Returns 0 or -errno. */
static int loop_wait(struct loop *loop)
{
	struct epoll_event events[LOOP_BATCH];
	int count;

	if (loop->st->bus->level != 0)
		bus_flush(loop->st->bus);
	count = epoll_wait(loop->epoll_fd, events, LOOP_BATCH, loop_timeout_ms(loop));
	loop->now_ns = 0;
	if (count == -1)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < count; i++) {
		struct sock *sk = events[i].data.ptr;

		sk->ready |= facts_of(events[i].events);
		loop_post(loop, sk->task);
		if (UNLIKELY(loop->st->bus->level >= step_level(STEP_EPOLL_WAIT)))
			loop_trace(loop, sk, events[i].events);
	}
	return 0;
}

/*
 * Run what is on the run queue now; what is put there meanwhile has its turn after the next look at the descriptors.
 * The turns are counted before: a last task could be taken out by another, and would then never come as the end.
 */
static void loop_run_tasks(struct loop *loop)
{
	struct task *task;
	size_t turns = 0;

	for (task = loop->first; task != NULL; task = task->next)
		turns++;
	while (turns-- > 0 && loop->first != NULL && !loop->is_stopped) {
		task = loop->first;
		loop_unpost(loop, task);
		task->run(task);
	}
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
	}
	return 0;
}

void loop_stop(struct loop *loop)
{
	loop->is_stopped = true;
}
