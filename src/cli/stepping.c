/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Step mode: its life, and the answers. See stepping.h; the gate is in stepping_gate.c. */
#include "cli/stepping.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/util.h"
#include "cli/console.h"
#include "cli/stepping_private.h"
#include "trace/names.h"
#include "trace/sink_out.h"

/* So long behind the key c nothing follows: it was all. */
#define PAUSE_NS (600 * NS_PER_MS)
/* Whoever leaves waits so long for what was sent to be acknowledged, as /quit does. */
#define QUIT_WAIT_NS (NS_PER_S)

/* ---- Answers ---- */

void stepping_leave(struct running *rn)
{
	struct stepping *stepping = rn->stepping;

	if (stepping == NULL)
		return;
	if (stepping->asked.task != NULL)
		stepping_question_close(stepping);
	stepping->mode = STEPPING_RUNS;
	stepping->count = 0;
	stepping_forget(&stepping->turn);
	stepping_forget(&stepping->granted);
}

/* Ask no more, and leave as /quit does. */
static void answer_quit(struct stepping *stepping)
{
	struct running *rn = stepping->rn;

	stepping_leave(rn);
	if (rn->console != NULL) {
		console_quit(rn->console);
		return;
	}
	if (rn->leave == NULL || !rn->leave(rn->run)) {
		rn->abandon(rn->run, ENDED_USER, NULL);
		return;
	}
	stepping->is_quitting = true;
	loop_timer_set(rn->loop, &stepping->pause, rn->st.env->now_ns() + QUIT_WAIT_NS);
}

/* The step that was asked about is made. */
static void answer_go(struct stepping *stepping)
{
	stepping->granted = stepping->asked;
	loop_post(stepping->rn->loop, stepping->asked.task);
	stepping_question_close(stepping);
}

/* And others without a question, all of them or up to the next one of a name. */
static void answer_run(struct stepping *stepping, enum stepping_mode mode)
{
	answer_go(stepping);
	stepping->mode = mode;
	/* What was typed ahead was meant for other questions. */
	stepping->tty.ahead_len = 0;
	stepping_release_queue(stepping);
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

/* A key: what does it answer? */
static void take_key(struct stepping *stepping, char key)
{
	struct running *rn = stepping->rn;

	loop_timer_clear(rn->loop, &stepping->pause);
	answer(stepping, stepping_keys_take(&stepping->keys, key));
	if (stepping->is_shown && stepping_keys_waits(&stepping->keys))
		loop_timer_set(rn->loop, &stepping->pause, rn->st.env->now_ns() + PAUSE_NS);
}

/* Of the editor. */
static void on_editor_key(void *ctx, char key)
{
	struct stepping *stepping = ctx;

	if (stepping->is_shown)
		take_key(stepping, key);
}

/* Keys have come, or have been typed ahead. */
static void on_keys(struct task *task)
{
	struct stepping *stepping = CONTAINER_OF(task, struct stepping, keys_task);
	char key;
	int ret = 0;

	stepping_tty_flush(&stepping->tty);
	while (stepping->is_shown && stepping_tty_is_ours(&stepping->tty) &&
	       (ret = stepping_tty_key(&stepping->tty, &key)) == 1)
		take_key(stepping, key);
	/* Nobody is left who could answer. */
	if (ret < 0)
		answer_quit(stepping);
}

/*
 * Nothing follows the key c; or the terminal was not ours when it was to be asked; or what is to be acknowledged before
 * we leave has been waited for.
 */
static void on_pause(struct timer *timer)
{
	struct stepping *stepping = CONTAINER_OF(timer, struct stepping, pause);

	if (stepping->is_quitting)
		stepping->rn->abandon(stepping->rn->run, ENDED_USER, NULL);
	if (stepping->asked.task == NULL)
		return;
	if (stepping->is_shown)
		answer(stepping, stepping_keys_pause(&stepping->keys));
	else
		stepping_question_show(stepping);
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
	stepping->next_task.run = stepping_next;
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

void stepping_use_editor(struct running *rn, struct editor *editor)
{
	struct stepping *stepping = rn->stepping;

	if (stepping == NULL)
		return;
	stepping->tty.editor = editor;
	stepping->tty.key = on_editor_key;
	stepping->tty.ctx = stepping;
}

void stepping_stand_aside(struct running *rn)
{
	if (rn->stepping != NULL && rn->stepping->is_shown)
		stepping_tty_prompt(&rn->stepping->tty, NULL);
}

void stepping_come_back(struct running *rn)
{
	if (rn->stepping != NULL && rn->stepping->is_shown)
		stepping_tell_prompt(rn->stepping);
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

	/* An editor sees to the terminal by itself. */
	if (stepping == NULL || stepping->tty.editor != NULL || (number != SIGTSTP && number != SIGCONT))
		return false;
	if (stepping->is_shown) {
		stepping_tty_prompt(&stepping->tty, NULL);
		stepping_tty_end(&stepping->tty);
	}
	stepping->is_shown = false;
	if (number == SIGTSTP)
		raise(SIGSTOP);
	if (stepping->asked.task != NULL)
		stepping_question_show(stepping);
	return number == SIGTSTP;
}
