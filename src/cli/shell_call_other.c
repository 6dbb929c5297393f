/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statements that are no calls of sockets: sleep, help, quit. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/near.h"
#include "base/parse.h"
#include "base/wrap.h"
#include "cli/help.h"
#include "cli/options_apply.h"
#include "cli/options_table.h"
#include "cli/shell_private.h"
#include "engine/report.h"
#include "step/sandbox.h"
#include "trace/guide.h"
#include "trace/names.h"

#define USAGE_MAX 128
#define HELP_INDENT 4

/* The socket whose call NAME stands for: its own, or the one that makes NAME (`peer = accept server &`). */
static struct shell_sock *find_waiting(const struct shell *sh, const char *name)
{
	struct shell_sock *sock = shell_sock_find(sh, name);

	for (const struct shell_call *call = sh->calls; call != NULL; call = call->next) {
		if (call->sock != NULL && call->verb->may_wait && strcmp(call->statement.target, name) == 0)
			return call->sock;
	}
	if (sock != NULL && (sock->call != NULL || sock->answer.is_there))
		return sock;
	for (struct shell_sock *other = sh->socks; other != NULL; other = other->next) {
		if (other->answer.is_there && strcmp(other->answer.made, name) == 0)
			return other;
	}
	return NULL;
}

int shell_wait_begin(struct shell_call *call, char *error)
{
	const struct shell_word *word = shell_arg(call, 0);
	char shown[USAGE_MAX];

	call->sock = find_waiting(call->sh, word->text);
	if (call->sock != NULL)
		return 0;
	return shell_mistake(error, _("%s has no call in the background: an & behind a statement puts it there"),
			     shell_shown(word, shown, sizeof(shown)));
}

int64_t shell_wait_attempt(struct shell_call *call)
{
	struct shell *sh = call->sh;
	struct shell_sock *sock = call->sock;

	if (sock->call != NULL)
		return SHELL_WAITS;
	shell_result_clear(&sh->last);
	sh->last = sock->answer;
	sock->answer = (struct shell_result){ .is_there = false };
	sh->has_error = sh->last.error != 0;
	sh->error_line = call->line;
	return SHELL_SAID;
}

/* ---- The network, and traces ---- */

int shell_sandbox_begin(struct shell_call *call, char *error)
{
	const struct shell *sh = call->sh;

	if (sh->rn->options->is_sandbox)
		return 0;
	if (sh->has_statement)
		return shell_mistake(error,
				_("sandbox has to be the first statement: sockets stay in the network they "
						"were made in"));
	if (sh->rn->has_packets)
		return shell_mistake(error,
				_("packets are seen of the network outside: sockt shell --sandbox --packets"));
	return 0;
}

int64_t shell_sandbox_attempt(struct shell_call *call)
{
	struct shell *sh = call->sh;
	struct failure fail = { .domain = FAILURE_NONE };
	struct sandbox sandbox = { .count = 0 };
	struct text text;
	int ret = 0;

	if (!sh->rn->options->is_sandbox)
		ret = sandbox_enter(&sandbox, sh->rn->st.env, &fail);
	sandbox_tell(&sandbox, &sh->rn->st);
	for (size_t i = 0; i < sandbox.count; i++) {
		char number[32];

		shell_say(sh, "       %s = %s", sandbox.calls[i].what,
			  sandbox.calls[i].result < 0 ? name_errno(-sandbox.calls[i].result, number,
					sizeof(number)) : "0");
	}
	if (ret == 0)
		return SHELL_SAID;
	text_init(&text, call->why, sizeof(call->why));
	report_format(&fail, NULL, &text);
	call->why[strcspn(call->why, "\n")] = '\0';
	return SHELL_FAILS;
}

int shell_trace_begin(struct shell_call *call, char *error)
{
	struct running *rn = call->sh->rn;
	char reason[PARSE_ERROR_MAX];
	struct options options = *rn->options;

	/* A copy, in which the new one is the last; those before are borrowed. */
	if (apply_trace(&options, option_at(OPTION_TRACE), shell_arg(call, 0)->text, reason) < 0)
		return shell_mistake(error, "%s", reason);
	call->trace = options.traces[options.trace_count - 1];
	return 0;
}

int64_t shell_trace_attempt(struct shell_call *call)
{
	if (running_add_sink(call->sh->rn, &call->trace) == STATUS_OK) {
		shell_editor_share(call->sh);
		return SHELL_SAID;
	}
	snprintf(call->why, sizeof(call->why), _("the trace could not be opened"));
	return SHELL_FAILS;
}

/* ---- Time ---- */

int shell_sleep_begin(struct shell_call *call, char *error)
{
	char reason[PARSE_ERROR_MAX];

	if (parse_duration(shell_arg(call, 0)->text, "sleep", &call->limit_ns, reason) < 0)
		return shell_mistake(error, "%s", reason);
	return 0;
}

int64_t shell_sleep_attempt(struct shell_call *call)
{
	return call->is_late || call->limit_ns == 0 ? SHELL_SAID : SHELL_WAITS;
}

/* One statement: how it is written, and below what it does. */
static void print_verb(FILE *out, const void *ctx)
{
	const struct shell_verb *verb = ctx;
	const char *rest = _(verb->help), *line;
	char usage[USAGE_MAX];
	size_t len;

	fprintf(out, "%s\n", shell_verb_usage(verb, usage, sizeof(usage)));
	while (*rest != '\0') {
		line = rest;
		len = wrap_line(line, HELP_COLUMNS - HELP_INDENT, &rest);
		fprintf(out, "%*s%.*s\n", HELP_INDENT, "", (int)len, line);
	}
}

static void print_verbs(FILE *out, const void *ctx)
{
	(void)ctx;
	for (size_t i = 0; shell_verb_at(i) != NULL; i++)
		print_verb(out, shell_verb_at(i));
}

int64_t shell_help_attempt(struct shell_call *call)
{
	const struct shell_word *word = shell_arg(call, 0);
	const struct shell_verb *verb = word == NULL ? NULL : shell_verb_find(word->text);
	char shown[USAGE_MAX];

	if (word == NULL) {
		shell_say_printed(call->sh, print_verbs, NULL);
		return SHELL_SAID;
	}
	if (verb != NULL) {
		shell_say_printed(call->sh, print_verb, verb);
		return SHELL_SAID;
	}
	snprintf(call->why, sizeof(call->why), _("there is no statement %s; help lists them all"),
		 shell_shown(word, shown, sizeof(shown)));
	return SHELL_FAILS;
}

/* The words behind the verb as one. */
static void join_words(const struct shell_call *call, char *dst, size_t size)
{
	struct text text;

	text_init(&text, dst, size);
	for (size_t i = 0; shell_arg(call, i) != NULL; i++)
		text_addf(&text, "%s%s", i > 0 ? " " : "", shell_arg(call, i)->text);
}

static void print_topics(FILE *out, const void *ctx)
{
	const char *words = ctx;
	const struct guide_topic *topic = guide_find(words);
	enum guide_group group = guide_find_group(words);

	if (group != GUIDE_GROUP_COUNT)
		help_print_group(out, group);
	while (topic != NULL) {
		help_print_topic(out, topic);
		topic = guide_find_next(words, topic);
		if (topic != NULL)
			putc('\n', out);
	}
}

int64_t shell_explain_attempt(struct shell_call *call)
{
	char words[USAGE_MAX], shown[4 * USAGE_MAX];
	const char *nearest;

	join_words(call, words, sizeof(words));
	if (guide_find(words) != NULL || guide_find_group(words) != GUIDE_GROUP_COUNT) {
		shell_say_printed(call->sh, print_topics, words);
		return SHELL_SAID;
	}
	escape_c(words, strlen(words), shown, sizeof(shown));
	if (near_find(words, guide_name_at, NULL, &nearest, 1) == 1)
		snprintf(call->why, sizeof(call->why), _("there is no topic \"%1$s\"; the nearest is %2$s"),
				shown, nearest);
	else
		snprintf(call->why, sizeof(call->why), _("there is no topic \"%s\"; sockt help lists them"), shown);
	return SHELL_FAILS;
}

int64_t shell_history_attempt(struct shell_call *call)
{
	struct shell *sh = call->sh;
	size_t first = sh->history_count > SHELL_HISTORY_MAX ? sh->history_count - SHELL_HISTORY_MAX : 0;
	char number[32];

	for (size_t i = first; i < sh->history_count; i++) {
		const char *line = sh->history[i % SHELL_HISTORY_MAX];

		snprintf(number, sizeof(number), "%5zu  ", i + 1);
		shell_say_source(sh, number, line, strlen(line));
	}
	return SHELL_SAID;
}

int64_t shell_quit_attempt(struct shell_call *call)
{
	if (shell_answers_check(call->sh))
		shell_end(call->sh, STATUS_OK);
	return SHELL_SAID;
}
