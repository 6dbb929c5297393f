/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Step mode: the gate, and the order of questions. See stepping.h. */
#include "cli/stepping.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/util.h"
#include "cli/stepping_private.h"
#include "trace/names.h"
#include "trace/sink_out.h"

/* So long behind the key c nothing follows: it was all. */
#define PAUSE_NS (600 * NS_PER_MS)
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

static void forget(struct stepping_held *held)
{
	held->task = NULL;
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
static void release_queue(struct stepping *stepping)
{
	for (size_t i = 0; i < stepping->count; i++)
		loop_post(stepping->rn->loop, stepping->queue[i].task);
	stepping->count = 0;
	forget(&stepping->turn);
}

/* ---- The question ---- */

/* Put it on the terminal, or look again later whether that is ours. */
static void question_show(struct stepping *stepping)
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
	question_show(stepping);
}

/* It is answered, or there is nothing to ask about any more. */
static void question_close(struct stepping *stepping)
{
	struct running *rn = stepping->rn;

	stepping->gate.rested_ns += rn->st.env->now_ns() - stepping->gate.resting_ns;
	stepping->gate.resting_ns = 0;
	forget(&stepping->asked);
	loop_timer_clear(rn->loop, &stepping->pause);
	if (stepping->is_shown) {
		stepping_tty_prompt(&stepping->tty, NULL);
		stepping_tty_end(&stepping->tty);
	}
	stepping->is_shown = false;
	if (stepping->reader != NULL)
		loop_post(rn->loop, stepping->reader);
	stepping->reader = NULL;
	/* Behind the step itself, whose task may have put itself off until the next look at the descriptors. */
	loop_post_later(rn->loop, &stepping->next_task);
}

/* The one that was let go has had its turn: the next of the queue. */
static void on_next(struct task *task)
{
	struct stepping *stepping = CONTAINER_OF(task, struct stepping, next_task);

	/* It has not come to the same call: something has happened meanwhile, and it does something else. */
	forget(&stepping->granted);
	forget(&stepping->turn);
	if (stepping->asked.task != NULL || stepping->count == 0)
		return;
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

static bool stepping_admits(struct gate *gate, const struct intent *intent)
{
	struct stepping *stepping = CONTAINER_OF(gate, struct stepping, gate);
	const struct stepping_held held = held_of(intent);

	gate->asked = STEP_COUNT;
	if (is_same(&stepping->granted, &held)) {
		forget(&stepping->granted);
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
	forget(&stepping->turn);
	question_open(stepping, intent);
	return false;
}

/* Whose step it was is gone: a time limit, a peer's reset, a signal. */
static void stepping_forgets(struct gate *gate, const struct task *task)
{
	struct stepping *stepping = CONTAINER_OF(gate, struct stepping, gate);

	for (size_t i = stepping->count; i-- > 0;) {
		if (stepping->queue[i].task == task)
			queue_remove(stepping, i);
	}
	if (stepping->granted.task == task)
		forget(&stepping->granted);
	if (stepping->turn.task == task)
		forget(&stepping->turn);
	if (stepping->reader == task)
		stepping->reader = NULL;
	if (stepping->asked.task == task) {
		question_close(stepping);
		stepping_tell(stepping, _("not made: what it belonged to is over"));
	}
}

/* ---- Answers ---- */

void stepping_leave(struct running *rn)
{
	struct stepping *stepping = rn->stepping;

	if (stepping == NULL)
		return;
	if (stepping->asked.task != NULL)
		question_close(stepping);
	stepping->mode = STEPPING_RUNS;
	stepping->count = 0;
	forget(&stepping->turn);
	forget(&stepping->granted);
}

/* Ask no more, and leave as /quit does. */
static void answer_quit(struct stepping *stepping)
{
	struct running *rn = stepping->rn;

	stepping_leave(rn);
	rn->abandon(rn->run, ENDED_USER, NULL);
}

/* The step that was asked about is made. */
static void answer_go(struct stepping *stepping)
{
	stepping->granted = stepping->asked;
	loop_post(stepping->rn->loop, stepping->asked.task);
	question_close(stepping);
}

/* And others without a question, all of them or up to the next one of a name. */
static void answer_run(struct stepping *stepping, enum stepping_mode mode)
{
	answer_go(stepping);
	stepping->mode = mode;
	/* What was typed ahead was meant for other questions. */
	stepping->tty.ahead_len = 0;
	release_queue(stepping);
}

/* Is there a step of that name that is asked about? close() is by the shell only. */
static bool is_word(const struct stepping *stepping, const char *word)
{
	bool is_shell = stepping->rn->options->command->bit == COMMAND_SHELL;

	for (enum step_id step = 0; step < STEP_COUNT; step++) {
		if (!step_is_observing(step) && (is_shell || step != STEP_CLOSE) && stepping_is_named(word, step))
			return true;
	}
	return false;
}

static void answer_run_to(struct stepping *stepping)
{
	if (!is_word(stepping, stepping->keys.word)) {
		stepping_tell(stepping, _("no step \"%s\" is asked about; there are connect, accept, send, recv ..."),
			      stepping->keys.word);
		stepping_tell_prompt(stepping);
		return;
	}
	snprintf(stepping->until, sizeof(stepping->until), "%s", stepping->keys.word);
	answer_run(stepping, STEPPING_RUNS_TO);
}

static void answer(struct stepping *stepping, enum stepping_answer answer)
{
	switch (answer) {
	case STEPPING_NONE:
		stepping_tell_prompt(stepping);
		break;
	case STEPPING_GO:
		answer_go(stepping);
		break;
	case STEPPING_EXPLAIN:
		stepping_tell_topics(stepping);
		stepping_tell_question(stepping);
		break;
	case STEPPING_SOCKETS:
		stepping_tell_sockets(stepping);
		stepping_tell_question(stepping);
		break;
	case STEPPING_RUN:
		answer_run(stepping, STEPPING_RUNS);
		break;
	case STEPPING_RUN_TO:
		answer_run_to(stepping);
		break;
	case STEPPING_QUIT:
		answer_quit(stepping);
		break;
	case STEPPING_KEYS:
		stepping_tell_keys(stepping);
		stepping_tell_prompt(stepping);
		break;
	case STEPPING_UNKNOWN:
		stepping_tell(stepping, _("%s is no answer; ? lists the keys"), stepping->keys.word);
		stepping_tell_prompt(stepping);
		break;
	case STEPPING_ANSWER_COUNT:
		break;
	}
}

/* Keys have come, or have been typed ahead. */
static void on_keys(struct task *task)
{
	struct stepping *stepping = CONTAINER_OF(task, struct stepping, keys_task);
	struct running *rn = stepping->rn;
	char key;
	int ret = 0;

	stepping_tty_flush(&stepping->tty);
	while (stepping->is_shown && stepping_tty_is_ours(&stepping->tty) &&
	       (ret = stepping_tty_key(&stepping->tty, &key)) == 1) {
		loop_timer_clear(rn->loop, &stepping->pause);
		answer(stepping, stepping_keys_take(&stepping->keys, key));
	}
	/* Nobody is left who could answer. */
	if (ret < 0)
		answer_quit(stepping);
	else if (stepping->is_shown && stepping_keys_waits(&stepping->keys))
		loop_timer_set(rn->loop, &stepping->pause, rn->st.env->now_ns() + PAUSE_NS);
}

/* Nothing follows the key c; or the terminal was not ours when it was to be asked. */
static void on_pause(struct timer *timer)
{
	struct stepping *stepping = CONTAINER_OF(timer, struct stepping, pause);

	if (stepping->asked.task == NULL)
		return;
	if (stepping->is_shown)
		answer(stepping, stepping_keys_pause(&stepping->keys));
	else
		question_show(stepping);
}

/* ---- Its life ---- */

int stepping_open(struct running *rn, struct failure *fail)
{
	struct stepping *stepping = xcalloc(1, sizeof(*stepping));
	int ret = stepping_tty_open(&stepping->tty, rn->options->color);
	char name[32];

	if (ret < 0) {
		free(stepping);
		return failure_usage(fail, _("--step: there is no terminal to ask at: /dev/tty: %1$s (%2$s)"),
				     strerror(-ret), name_errno(-ret, name, sizeof(name)));
	}
	stepping->rn = rn;
	stepping->gate.admits = stepping_admits;
	stepping->gate.forgets = stepping_forgets;
	stepping->keys_task.run = on_keys;
	stepping->next_task.run = on_next;
	stepping->pause.fire = on_pause;
	rn->stepping = stepping;
	rn->st.gate = &stepping->gate;
	return 0;
}

/* Where the trace goes that stands on standard error; NULL: none does. */
static struct sink_out *trace_output(const struct running *rn)
{
	for (const struct sink *sink = rn->bus.sinks; sink != NULL; sink = sink->next) {
		if (sink->out != NULL && sink_out_fd(sink->out) == STDERR_FILENO && !rn->bus.is_json_stderr)
			return sink->out;
	}
	return NULL;
}

int stepping_begin(struct running *rn)
{
	struct stepping *stepping = rn->stepping;
	int ret = stepping_tty_set_output(&stepping->tty, trace_output(rn));

	if (ret == 0)
		ret = loop_watch(rn->loop, &stepping->tty.sock, &stepping->keys_task);
	stepping->is_open = ret == 0;
	return ret;
}

void stepping_close(struct running *rn)
{
	struct stepping *stepping = rn->stepping;

	if (stepping == NULL)
		return;
	stepping_leave(rn);
	rn->st.gate = NULL;
	if (stepping->is_open) {
		loop_timer_clear(rn->loop, &stepping->pause);
		loop_unpost(rn->loop, &stepping->next_task);
		loop_unpost(rn->loop, &stepping->keys_task);
		loop_unwatch(rn->loop, &stepping->tty.sock);
	}
	stepping_tty_close(&stepping->tty);
	free(stepping->queue);
	free(stepping);
	rn->stepping = NULL;
}

bool stepping_signaled(struct running *rn, int number)
{
	struct stepping *stepping = rn->stepping;

	if (stepping == NULL || (number != SIGTSTP && number != SIGCONT))
		return false;
	if (stepping->is_shown) {
		stepping_tty_prompt(&stepping->tty, NULL);
		stepping_tty_end(&stepping->tty);
	}
	stepping->is_shown = false;
	if (number == SIGTSTP)
		raise(SIGSTOP);
	if (stepping->asked.task != NULL)
		question_show(stepping);
	return number == SIGTSTP;
}
