/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shell: see shell.h. One statement after the other; calls that wait; what stops a script. */
#include "cli/shell.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/util.h"
#include "cli/shell_private.h"
#include "trace/names.h"

#define HISTORY_LINE_MAX 1024

void shell_end(struct shell *sh, int status)
{
	if (sh->is_over)
		return;
	sh->is_over = true;
	sh->status = status;
	loop_stop(sh->rn->loop);
}

int shell_status(const struct shell *sh)
{
	return sh->status;
}

/* A line is wrong: a script ends with it. */
void shell_complain(struct shell *sh, size_t line, const char *sentence)
{
	shell_say_mistake(sh, line, sentence);
	if (!sh->is_interactive)
		shell_end(sh, STATUS_FAILED);
}

/* ---- Statements ---- */

/* Do the words fit the statement? */
static int check_words(const struct shell_statement *statement, const struct shell_verb *verb, char *error)
{
	size_t count = statement->count - 1;
	char usage[160];

	shell_verb_usage(verb, usage, sizeof(usage));
	if (verb->is_assigning && statement->target[0] == '\0')
		return shell_mistake(error, _("%1$s makes a socket, which needs a name: %2$s"), verb->name, usage);
	if (!verb->is_assigning && statement->target[0] != '\0')
		return shell_mistake(error, _("%1$s makes no socket: %2$s"), verb->name, usage);
	if (count < verb->min)
		return shell_mistake(error, _("something is missing: %s"), usage);
	if (count > verb->max)
		return shell_mistake_much(statement, verb, error);
	if (statement->is_background && !verb->may_wait)
		return shell_mistake(error, verb->waits_for == NULL
						    ? _("%s never waits: & has nothing to do there")
						    : _("%s cannot go on in the background"),
				     verb->name);
	return 0;
}

/* Has the socket a call already that waits? */
static int check_pending(const struct shell_call *call, char *error)
{
	if (call->sock == NULL || call->sock->call == NULL || !call->verb->may_wait)
		return 0;
	return shell_mistake(error, _("%1$s has a %2$s that waits: one at a time; wait %1$s waits for it"),
			call->sock->name,
			     call->sock->call->verb->name);
}

/* Make a call of a statement, which it takes, and begin it. */
static void begin_statement(struct shell *sh, struct shell_statement *statement)
{
	struct shell_call *call = xcalloc(1, sizeof(*call));
	char error[SHELL_ERROR_MAX];
	int ret;

	call->sh = sh;
	call->line = sh->script.line;
	call->statement = *statement;
	call->timer.fire = shell_call_on_timer;
	call->began_ns = sh->rn->st.env->now_ns();
	call->verb = shell_verb_find(statement->words[0].text);
	if (call->verb == NULL)
		ret = shell_mistake_verb(sh, &statement->words[0], error);
	else
		ret = check_words(statement, call->verb, error);
	if (ret == 0 && call->verb->begin != NULL)
		ret = call->verb->begin(call, error);
	if (ret == 0)
		ret = check_pending(call, error);
	if (ret < 0) {
		shell_complain(sh, call->line, error);
		shell_call_free(call);
		loop_post_later(sh->rn->loop, &sh->task);
		return;
	}
	sh->has_statement = sh->has_statement || call->verb->begin != NULL;
	if (!statement->is_background)
		sh->foreground = call;
	/* What is said goes before what traces and questions tell of the call. */
	shell_say_flush(sh);
	shell_call_attempt(call);
	if (statement->is_background)
		loop_post_later(sh->rn->loop, &sh->task);
}

/*
 * An error that nobody has expected ends a script, when the next statement, or the end, shows that nobody
 * will. Returns
 * false where it does.
 */
static bool check_error(struct shell *sh, const struct shell_statement *next)
{
	char sentence[SHELL_ERROR_MAX], number[32];
	const char *name;
	bool is_expect = next != NULL && strcmp(next->words[0].text, "expect") == 0;

	if (!sh->has_error)
		return true;
	if (is_expect) {
		/* What it says of the error is its own affair. */
		sh->has_error = !shell_expect_is_outcome(next);
		return true;
	}
	sh->has_error = false;
	if (sh->is_interactive)
		return true;
	name = name_errno(sh->last.error, number, sizeof(number));
	snprintf(sentence, sizeof(sentence),
		 _("%1$s failed with %2$s, which no `expect %2$s` behind it says is meant"), sh->last.call, name);
	shell_complain(sh, sh->error_line, sentence);
	return false;
}

/* A line that only shows something. */
static void narrate(struct shell *sh, const struct shell_statement *line)
{
	if (line->kind == SHELL_ANSWER && !sh->rn->options->is_answers) {
		sh->has_hidden = true;
		return;
	}
	if (!sh->is_interactive)
		shell_say_source(sh, line->kind == SHELL_ANSWER ? "    " : "", line->text, line->text_len);
}

/* Keep a statement for `history`. */
static void remember(struct shell *sh, const struct shell_statement *statement, const char *line, size_t len)
{
	char **place = &sh->history[sh->history_count % SHELL_HISTORY_MAX];

	if (statement->kind != SHELL_STATEMENT || len > HISTORY_LINE_MAX)
		return;
	free(*place);
	*place = xmalloc(len + 1);
	memcpy(*place, line, len);
	(*place)[len] = '\0';
	sh->history_count++;
}

/* Take a line and do what it says. */
static void take_line(struct shell *sh, const char *line, size_t len)
{
	const struct shell_values values = { .find = shell_sock_value, .ctx = sh };
	struct shell_statement statement;
	char error[SHELL_ERROR_MAX];
	int ret = shell_parse(&statement, line, len, &values, error);

	sh->is_prompted = false;
	remember(sh, &statement, line, len);
	if (ret == 0 && statement.kind != SHELL_STATEMENT) {
		narrate(sh, &statement);
		loop_post_later(sh->rn->loop, &sh->task);
		return;
	}
	if (ret == 0 && !check_error(sh, &statement)) {
		shell_statement_clear(&statement);
		return;
	}
	/* What an expect says is for the script alone, unless it does not hold. */
	if (!sh->is_interactive && (ret < 0 || strcmp(statement.words[0].text, "expect") != 0))
		shell_say_source(sh, "sockt> ", line, len > 0 && line[len - 1] == '\r' ? len - 1 : len);
	if (ret == 0) {
		begin_statement(sh, &statement);
		return;
	}
	shell_complain(sh, sh->script.line, error);
	shell_statement_clear(&statement);
	loop_post_later(sh->rn->loop, &sh->task);
}

/* The lines have come to their end. */
static void finish(struct shell *sh)
{
	if (sh->is_interactive && sh->is_prompted && sh->editor == NULL)
		putc('\n', sh->out);
	if (!check_error(sh, NULL) || !shell_answers_check(sh) || !shell_calls_check(sh))
		return;
	if (sh->has_hidden)
		shell_say(sh, _("\nThe answers: sockt shell --answers %s"),
			  sh->script.name == NULL ? "-" : sh->script.name);
	shell_end(sh, STATUS_OK);
}

/* Take the next line, unless a call is waited for. */
static void on_task(struct task *task)
{
	struct shell *sh = CONTAINER_OF(task, struct shell, task);
	const char *line;
	size_t len;
	int ret;

	if (sh->is_over || sh->foreground != NULL || sh->asked != NULL)
		return;
	if (sh->has_statement)
		shell_socks_look(sh);
	if (ferror(stdout) != 0) {
		shell_end(sh, STATUS_OUTPUT);
		return;
	}
	ret = shell_script_next(sh, &line, &len);
	if (ret == 1)
		take_line(sh, line, len);
	else if (ret == -ENODATA)
		finish(sh);
	else if (ret == -EINVAL)
		shell_complain(sh, sh->script.line, _("the line is too long: 64 KiB at most"));
	if (ret == 0)
		shell_say_prompt(sh);
	shell_say_flush(sh);
}

/* ---- Beginning and end ---- */

/* What the shell says could not be written. */
static void say_unwritten(int error)
{
	char number[32];

	fprintf(stderr, _("sockt: standard output: %1$s (%2$s)\n"), strerror(error),
		name_errno(error, number, sizeof(number)));
}

/* The script cannot be read. */
static void say_unread(const struct shell_script *script, int error)
{
	char number[32], name[SHELL_ERROR_MAX];

	if (script->name == NULL)
		snprintf(name, sizeof(name), "%s", _("standard input"));
	else
		escape_c(script->name, strlen(script->name), name, sizeof(name));
	if (script->name != NULL && error == ENOENT)
		fprintf(stderr, _("sockt: there is neither a script nor a lesson %s (ENOENT); sockt shell --lessons "
				  "lists the lessons\n"), name);
	else
		fprintf(stderr, _("sockt: script %1$s: %2$s (%3$s)\n"), name, strerror(error),
			name_errno(error, number, sizeof(number)));
}

struct shell *shell_open(struct running *rn)
{
	struct shell *sh;
	int ret;

	if (rn->io.is_out_missing) {
		say_unwritten(EBADF);
		return NULL;
	}
	sh = xcalloc(1, sizeof(*sh));
	sh->rn = rn;
	sh->task.run = on_task;
	bus_init(&sh->quiet_bus, rn->bus.start_ns);
	sh->quiet = (struct stepper){ .bus = &sh->quiet_bus, .env = rn->st.env };
	if (shell_is_typed(rn))
		shell_editor_open(sh);
	shell_say_begin(sh);
	ret = shell_script_open(sh);
	if (ret < 0) {
		say_unread(&sh->script, -ret);
		shell_close(sh);
		return NULL;
	}
	sh->is_interactive = sh->script.name == NULL && rn->io.in.kind == SOCK_KIND_TERMINAL;
	shell_say_open(sh);
	if (sh->is_interactive)
		shell_say(sh, "%s", _("server = socket tcp makes a socket; help lists all statements; Ctrl-D leaves"));
	loop_post_later(rn->loop, &sh->task);
	return sh;
}

void shell_abandon(struct shell *sh, enum ended_by ended, const char *limit)
{
	run_result_set(&sh->rn->result, ended, NULL, limit);
	shell_end(sh, STATUS_OK);
}

bool shell_interrupt(struct shell *sh)
{
	struct shell_call *call = sh->foreground != NULL ? sh->foreground : sh->asked;

	if (!sh->is_interactive)
		return false;
	if (sh->editor == NULL)
		putc('\n', sh->out);
	sh->is_prompted = false;
	if (call != NULL) {
		/* It may be held: nobody is to be asked about it any more. */
		if (call->sock != NULL)
			loop_unpost(sh->rn->loop, &call->sock->task);
		shell_call_unlink(call);
		shell_say(sh, _("       %s is given up"), call->verb->name);
		shell_call_free(call);
		loop_post_later(sh->rn->loop, &sh->task);
	} else {
		shell_say_prompt(sh);
	}
	shell_say_flush(sh);
	return true;
}

void shell_close(struct shell *sh)
{
	if (sh == NULL)
		return;
	shell_say_close(sh);
	while (sh->calls != NULL) {
		struct shell_call *call = sh->calls;

		shell_call_unlink(call);
		shell_call_free(call);
	}
	while (sh->socks != NULL) {
		struct shell_sock *sock = sh->socks;

		sh->socks = sock->next;
		shell_sock_free(sock);
	}
	loop_unpost(sh->rn->loop, &sh->task);
	shell_script_close(sh);
	shell_say_flush(sh);
	if (sh->out_error != 0)
		say_unwritten(sh->out_error);
	if (sh->out != stdout)
		fclose(sh->out);
	free(sh->said);
	shell_editor_close(sh);
	shell_result_clear(&sh->last);
	for (size_t i = 0; i < SHELL_HISTORY_MAX; i++)
		free(sh->history[i]);
	free(sh);
}
