/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls of the shell while they go on: tried, waiting, held, and done. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/util.h"
#include "cli/shell_private.h"
#include "trace/names.h"

/* A call that waits longer than this says on what; what is over sooner is not worth a line. */
#define TELL_NS (300 * NS_PER_MS)

void shell_call_free(struct shell_call *call)
{
	if (call == NULL)
		return;
	loop_timer_clear(call->sh->rn->loop, &call->timer);
	shell_sock_free(call->other);
	shell_statement_clear(&call->statement);
	shell_result_clear(&call->result);
	free(call->trace.file);
	free(call->data);
	free(call);
}

void shell_call_unlink(struct shell_call *call)
{
	struct shell_call **at = &call->sh->calls;

	while (*at != NULL && *at != call)
		at = &(*at)->next;
	if (*at == call)
		*at = call->next;
	if (call->sock != NULL && call->sock->call == call)
		call->sock->call = NULL;
	if (call->sh->foreground == call)
		call->sh->foreground = NULL;
	if (call->sh->asked == call)
		call->sh->asked = NULL;
	call->is_pending = false;
}

void shell_call_again(struct shell_call *call, uint64_t pause_ns)
{
	struct shell *sh = call->sh;

	loop_timer_set(sh->rn->loop, &call->timer, sh->rn->st.env->now_ns() + pause_ns);
}

bool shell_answer_check(struct shell *sh, const struct shell_result *answer)
{
	char sentence[SHELL_ERROR_MAX], number[32];

	if (sh->is_interactive || !answer->is_there || answer->error == 0 || answer->is_given_up)
		return true;
	snprintf(sentence, sizeof(sentence),
		 _("%1$s failed with %2$s in the background, and no `wait` has asked for that"), answer->call,
		 name_errno(answer->error, number, sizeof(number)));
	shell_complain(sh, answer->line, sentence);
	return false;
}

bool shell_answers_check(struct shell *sh)
{
	for (const struct shell_sock *sock = sh->socks; sock != NULL; sock = sock->next) {
		if (!shell_answer_check(sh, &sock->answer))
			return false;
	}
	return true;
}

bool shell_calls_check(struct shell *sh)
{
	const struct shell_call *first = NULL;
	char sentence[SHELL_ERROR_MAX];

	if (sh->is_interactive)
		return true;
	for (const struct shell_call *call = sh->calls; call != NULL; call = call->next) {
		if (first == NULL || call->line < first->line)
			first = call;
	}
	if (first == NULL)
		return true;
	snprintf(sentence, sizeof(sentence),
		 _("%1$s still waits for %2$s where the script ends: `wait %3$s` waits for it, `close %4$s` "
		   "gives it up"),
		 first->verb->name, _(first->verb->waits_for),
		 first->statement.target[0] != '\0' ? first->statement.target : first->sock->name, first->sock->name);
	shell_complain(sh, first->line, sentence);
	return false;
}

/* The result of a call: the last one from now on, or that of its socket, where nobody has waited for it yet. */
static void keep_result(struct shell_call *call, int64_t result)
{
	struct shell *sh = call->sh;
	struct shell_result *to = call->statement.is_background && call->sock != NULL ? &call->sock->answer
			: &sh->last;

	call->result.is_there = true;
	call->result.call = call->verb->name;
	call->result.line = call->line;
	memcpy(call->result.made, call->statement.target, sizeof(call->result.made));
	call->result.value = result < 0 ? -1 : result;
	call->result.error = result < 0 ? (int)-result : 0;
	if (to != &sh->last)
		shell_answer_check(sh, to);
	shell_result_clear(to);
	*to = call->result;
	call->result.data = NULL;
	if (to == &sh->last) {
		sh->has_error = result < 0;
		sh->error_line = call->line;
	}
}

void shell_calls_give_up(struct shell_sock *sock)
{
	struct shell_call *call = sock->call;

	if (call == NULL)
		return;
	shell_call_unlink(call);
	shell_say(sock->sh, _("       %1$s is given up: %2$s is closed"), call->verb->name, sock->name);
	call->result.is_given_up = true;
	keep_result(call, -EBADF);
	shell_call_free(call);
}

const struct shell_call *shell_call_making(const struct shell *sh, const char *name)
{
	const struct shell_call *call = sh->calls;

	while (call != NULL && (call->other == NULL || strcmp(call->other->name, name) != 0))
		call = call->next;
	return call;
}

void shell_calls_move(struct shell *sh, const struct shell_sock *from, struct shell_sock *to)
{
	for (struct shell_call *call = sh->calls; call != NULL; call = call->next) {
		if (call->sock == from)
			call->sock = to;
	}
}

/* A call is done: say what it was and what it answered. */
static void call_finish(struct shell_call *call, int64_t result)
{
	struct shell *sh = call->sh;
	bool is_foreground = !call->statement.is_background;

	shell_call_unlink(call);
	call->result.dur_ns = sh->rn->st.env->now_ns() - call->began_ns;
	if (result == SHELL_FAILS) {
		shell_complain(sh, call->line, call->why);
	} else if (result != SHELL_SAID) {
		if (call->seen.is_there && call->seen.event.step == STEP_CONNECT && result < 0)
			call->seen.event.error = (int)-result;
		call->result.value = result < 0 ? -1 : result;
		shell_say_call(sh, call);
		if (call->result.poll_count > 0 && result >= 0)
			shell_poll_tell(call);
		keep_result(call, result);
	}
	/* Somebody may wait for it. */
	if (!is_foreground && call->sock != NULL)
		loop_post(sh->rn->loop, &call->sock->task);
	shell_call_free(call);
	if (is_foreground)
		loop_post_later(sh->rn->loop, &sh->task);
	else
		shell_say_prompt(sh);
	shell_say_flush(sh);
}

/* Is it to be said, after a while, that the call waits? Of a sleep that is plain. */
static bool is_to_be_told(const struct shell_call *call)
{
	return !call->is_told && call->verb->waits_for != NULL && call->verb->attempt != shell_sleep_attempt;
}

void shell_call_on_timer(struct timer *timer)
{
	struct shell_call *call = CONTAINER_OF(timer, struct shell_call, timer);
	uint64_t now_ns = call->sh->rn->st.env->now_ns();

	if (call->limit_ns != 0 && now_ns - call->began_ns >= call->limit_ns)
		call->is_late = true;
	if (is_to_be_told(call) && now_ns - call->began_ns >= TELL_NS) {
		call->is_told = true;
		shell_say_waiting(call->sh, call);
	}
	shell_call_attempt(call);
}

/* When to look at a call that waits, if nothing happens before: to say that it waits, and when its time is over. */
static void set_timer(struct shell_call *call)
{
	uint64_t due_ns = UINT64_MAX;

	if (timer_is_set(&call->timer))
		return;
	if (is_to_be_told(call))
		due_ns = call->began_ns + TELL_NS;
	if (call->limit_ns != 0 && call->began_ns + call->limit_ns < due_ns)
		due_ns = call->began_ns + call->limit_ns;
	if (due_ns != UINT64_MAX)
		loop_timer_set(call->sh->rn->loop, &call->timer, due_ns);
}

/* A person is asked about a call for the background (--step): the next line follows when it has been made. */
static void hold_lines(struct shell_call *call, bool is_held)
{
	struct shell *sh = call->sh;

	if (is_held && call->statement.is_background && !call->is_pending) {
		sh->asked = call;
	} else if (!is_held && sh->asked == call) {
		sh->asked = NULL;
		loop_post_later(sh->rn->loop, &sh->task);
	}
}

void shell_call_attempt(struct shell_call *call)
{
	struct shell *sh = call->sh;
	int64_t ret;

	/* How long it was held counts for nobody. */
	if (call->held_ns != 0)
		call->began_ns += sh->rn->st.env->now_ns() - call->held_ns;
	sh->making = call;
	ret = call->verb->attempt(call);
	sh->making = NULL;
	call->held_ns = ret == STEP_HELD ? sh->rn->st.env->now_ns() : 0;
	hold_lines(call, ret == STEP_HELD);
	if (ret != SHELL_WAITS && ret != STEP_HELD) {
		call_finish(call, ret);
		return;
	}
	if (ret == SHELL_WAITS)
		call->has_waited = true;
	if (!call->is_pending) {
		call->is_pending = true;
		call->next = sh->calls;
		sh->calls = call;
		if (call->sock != NULL && call->verb->may_wait)
			call->sock->call = call;
		if (call->statement.is_background && ret == SHELL_WAITS) {
			call->is_told = true;
			shell_say_waiting(sh, call);
		}
	}
	/* The line waits with it. */
	if (sh->editor != NULL && sh->foreground == call)
		editor_set_prompt(sh->editor, NULL);
	if (ret == SHELL_WAITS)
		set_timer(call);
}
