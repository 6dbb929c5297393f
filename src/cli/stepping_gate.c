/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The gate of step mode: which steps are asked about, which of them stands as the question, and who waits behind it.
 * What is answered, see stepping.c.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/util.h"
#include "cli/stepping_private.h"

/* How often to look whether the terminal is ours, where no SIGCONT tells. */
#define FOREGROUND_NS (NS_PER_S / 2)

/* ---- What is asked about ---- */

/* What moves bytes that are there already, or room that is: in or out. 0: neither. */
static short events_of(enum step_id step)
{
	switch (step) {
	case STEP_ACCEPT:
	case STEP_RECV:
	case STEP_RECVMMSG:
	case STEP_READ:
		return POLLIN;
	case STEP_SEND:
	case STEP_SENDMSG:
	case STEP_SENDMMSG:
	case STEP_WRITE:
		return POLLOUT;
	default:
		return 0;
	}
}

/* Would it do anything? A call that could only answer EAGAIN is not asked about. */
static bool is_due(const struct intent *intent)
{
	struct pollfd at = { .fd = intent->sock->fd, .events = events_of(intent->step) };

	return at.events == 0 || poll(&at, 1, 0) != 0;
}

/* Standard input and output are no sockets: only who sees all calls is asked about them. */
static bool is_of_interest(const struct stepping *stepping, const struct intent *intent)
{
	if (intent->step != STEP_READ && intent->step != STEP_WRITE)
		return true;
	return intent->sock->kind != SOCK_KIND_TERMINAL &&
	       stepping->rn->bus.level >= step_level(intent->step);
}

bool stepping_is_named(const char *word, enum step_id step)
{
	static const struct {
		const char *word;
		enum step_id step;
	} families[] = {
		{ "send", STEP_SENDMSG }, { "send", STEP_SENDMMSG }, { "sendto", STEP_SEND },
		{ "recv", STEP_RECVMMSG }, { "recvfrom", STEP_RECV },
	};

	if (strcmp(word, step_name(step)) == 0)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (families[i].step == step && strcmp(word, families[i].word) == 0)
			return true;
	return false;
}

/* ---- What is held ---- */

static struct stepping_held held_of(const struct intent *intent)
{
	return (struct stepping_held){
		.task = intent->sock->task,
		.step = intent->step,
		.fd = intent->step == STEP_SOCKET ? -1 : intent->sock->fd,
		.session = intent->sock->session,
	};
}

/* Is it the step that was held? The sock may have moved since, and have another task. */
static bool is_same(const struct stepping_held *held, const struct stepping_held *other)
{
	return held->task != NULL && held->step == other->step && held->fd == other->fd &&
	       held->session == other->session;
}

/* At the end of the queue, once. */
static void queue_add(struct stepping *stepping, const struct stepping_held *held)
{
	for (size_t i = 0; i < stepping->count; i++) {
		if (is_same(&stepping->queue[i], held)) {
			stepping->queue[i].task = held->task;
			return;
		}
	}
	if (stepping->count == stepping->room) {
		stepping->room = stepping->room * 2 + 8;
		stepping->queue = xrealloc(stepping->queue, stepping->room * sizeof(*stepping->queue));
	}
	stepping->queue[stepping->count++] = *held;
}

static void queue_remove(struct stepping *stepping, size_t index)
{
	stepping->count--;
	memmove(&stepping->queue[index], &stepping->queue[index + 1],
		(stepping->count - index) * sizeof(*stepping->queue));
}

/* Nothing is asked for now: whoever waits goes on. */
void stepping_release_queue(struct stepping *stepping)
{
	for (size_t i = 0; i < stepping->count; i++)
		loop_post(stepping->rn->loop, stepping->queue[i].task);
	stepping->count = 0;
	stepping_forget(&stepping->turn);
}

/* ---- The question ---- */

/* Put it on the terminal, or look again later whether that is ours. */
void stepping_question_show(struct stepping *stepping)
{
	struct running *rn = stepping->rn;

	if (!stepping_tty_is_ours(&stepping->tty) || stepping_tty_begin(&stepping->tty) < 0) {
		loop_timer_set(rn->loop, &stepping->pause, rn->st.env->now_ns() + FOREGROUND_NS);
		return;
	}
	stepping->is_shown = true;
	bus_flush(&rn->bus);
	/* What the shell has said. */
	fflush(stdout);
	stepping_tell_question(stepping);
	loop_post(rn->loop, &stepping->keys_task);
}

/* Ask about a step. Limits rest from now on. */
static void question_open(struct stepping *stepping, const struct intent *intent)
{
	stepping->asked = held_of(intent);
	stepping->gate.resting_ns = stepping->rn->st.env->now_ns();
	stepping->keys = (struct stepping_keys){ .state = KEYS_IDLE };
	stepping_tell_about(stepping, intent);
	stepping_question_show(stepping);
}

/* It is answered, or there is nothing to ask about any more. */
void stepping_question_close(struct stepping *stepping)
{
	struct running *rn = stepping->rn;

	stepping->gate.rested_ns += rn->st.env->now_ns() - stepping->gate.resting_ns;
	stepping->gate.resting_ns = 0;
	stepping_forget(&stepping->asked);
	loop_timer_clear(rn->loop, &stepping->pause);
	if (stepping->is_shown) {
		stepping_tty_prompt(&stepping->tty, NULL);
		stepping_tty_pause(&stepping->tty);
	}
	stepping->is_shown = false;
	if (stepping->reader != NULL)
		loop_post(rn->loop, stepping->reader);
	stepping->reader = NULL;
	/*
	 * Behind the step itself, whose task may have put itself off until the next look at the descriptors; also where
	 * the one of the question before, which was answered at once, has not come yet.
	 */
	loop_unpost(rn->loop, &stepping->next_task);
	loop_post_later(rn->loop, &stepping->next_task);
}

/* The one that was let go has had its turn: the next of the queue. */
void stepping_next(struct task *task)
{
	struct stepping *stepping = CONTAINER_OF(task, struct stepping, next_task);

	/* It has not come to the same call: something has happened meanwhile, and it does something else. */
	stepping_forget(&stepping->granted);
	stepping_forget(&stepping->turn);
	if (stepping->asked.task != NULL)
		return;
	if (stepping->count == 0) {
		stepping_tty_end(&stepping->tty);
		return;
	}
	stepping->turn = stepping->queue[0];
	queue_remove(stepping, 0);
	loop_post(stepping->rn->loop, stepping->turn.task);
	loop_post_later(stepping->rn->loop, task);
}

/* ---- The gate ---- */

/* Steps of its kind are not asked about now. Ends RUNS_TO where the step is reached. */
static bool is_running_on(struct stepping *stepping, const struct intent *intent)
{
	if (stepping->mode == STEPPING_RUNS_TO && stepping_is_named(stepping->until, intent->step) &&
	    is_due(intent))
		stepping->mode = STEPPING_ASKS;
	return stepping->mode != STEPPING_ASKS;
}

bool stepping_admits(struct gate *gate, const struct intent *intent)
{
	struct stepping *stepping = CONTAINER_OF(gate, struct stepping, gate);
	const struct stepping_held held = held_of(intent);

	gate->asked = STEP_COUNT;
	if (is_same(&stepping->granted, &held)) {
		stepping_forget(&stepping->granted);
		gate->asked = intent->step;
		return true;
	}
	/* A step without a task could not be come back to. */
	if (!stepping->is_open || held.task == NULL || is_running_on(stepping, intent))
		return true;
	/* What is typed now is the answer to a question, and nobody's input. */
	if (stepping->asked.task != NULL && intent->step == STEP_READ && intent->sock->kind == SOCK_KIND_TERMINAL) {
		stepping->reader = held.task;
		return false;
	}
	if (!is_of_interest(stepping, intent))
		return true;
	if (is_same(&stepping->asked, &held)) {
		stepping->asked.task = held.task;
		return false;
	}
	if (!is_due(intent))
		return true;
	if (stepping->asked.task != NULL || stepping->granted.task != NULL ||
	    (stepping->turn.task != NULL ? !is_same(&stepping->turn, &held) : stepping->count > 0)) {
		queue_add(stepping, &held);
		return false;
	}
	stepping_forget(&stepping->turn);
	question_open(stepping, intent);
	return false;
}

/* Whose step it was is gone: a time limit, a peer's reset, a signal. */
void stepping_forgets(struct gate *gate, const struct task *task)
{
	struct stepping *stepping = CONTAINER_OF(gate, struct stepping, gate);

	for (size_t i = stepping->count; i-- > 0;) {
		if (stepping->queue[i].task == task)
			queue_remove(stepping, i);
	}
	if (stepping->granted.task == task)
		stepping_forget(&stepping->granted);
	if (stepping->turn.task == task)
		stepping_forget(&stepping->turn);
	if (stepping->reader == task)
		stepping->reader = NULL;
	if (stepping->asked.task == task) {
		stepping_question_close(stepping);
		stepping_tell(stepping, _("not made: what it belonged to is over"));
	}
}
