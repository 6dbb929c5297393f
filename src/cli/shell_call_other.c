/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statements that are no calls of sockets: sleep, help, quit. */
#include <errno.h>
#include <stdio.h>

#include "base/i18n.h"
#include "base/near.h"
#include "base/parse.h"
#include "cli/shell_private.h"

#define USAGE_MAX 128

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

/* All statements, a line each. */
static void print_verbs(FILE *out, const void *ctx)
{
	char usage[USAGE_MAX];

	(void)ctx;
	for (size_t i = 0; shell_verb_at(i) != NULL; i++) {
		const struct shell_verb *verb = shell_verb_at(i);

		fprintf(out, "%s\n    %s\n", shell_verb_usage(verb, usage, sizeof(usage)), _(verb->help));
	}
}

static void print_verb(FILE *out, const void *ctx)
{
	const struct shell_verb *verb = ctx;
	char usage[USAGE_MAX];

	fprintf(out, "%s\n    %s\n", shell_verb_usage(verb, usage, sizeof(usage)), _(verb->help));
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

int64_t shell_quit_attempt(struct shell_call *call)
{
	shell_end(call->sh, STATUS_OK);
	return SHELL_SAID;
}
