/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run tells the person: see telling.h. */
#include "cli/telling.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/term.h"
#include "base/util.h"
#include "base/wrap.h"
#include "cli/nc_telling.h"
#include "engine/report.h"
#include "trace/names.h"
#include "trace/sink_out.h"

#define HEARD_WAIT_MS 1000

/* Does standard error take a line now, or within wait_ms? */
static bool has_room(int wait_ms)
{
	struct pollfd output = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&output, 1, wait_ms) == 1;
}

/*
 * Wait until a terminal that was stopped goes on. No loop hears of signals any more, and they may be blocked for it:
 * here they act by themselves, or nothing could end the program.
 */
static void wait_for_terminal(void)
{
	struct pollfd output = { .fd = STDERR_FILENO, .events = POLLOUT };
	static const int ends[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	sigset_t mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		sigdelset(&mask, ends[i]);
	while (ppoll(&output, 1, NULL, &mask) == -1 && errno == EINTR)
		continue;
}

/*
 * Does standard error take a line? A pipe that is full for a second is not waited for: nobody reads it, and a run that
 * is over has to end. A terminal may be stopped for a while.
 */
static bool is_heard(void)
{
	if (!isatty(STDERR_FILENO))
		return has_room(HEARD_WAIT_MS);
	if (!has_room(0))
		wait_for_terminal();
	return true;
}

/* Further lines of a sentence that a terminal has no room for stand so far in. */
#define SENTENCE_INDENT 2

/* A sentence on a terminal: broken between words. */
static void tell_wrapped(const char *sentence, unsigned columns)
{
	size_t indent = sizeof("sockt: ") - 1;
	const char *rest = sentence;

	fputs("sockt: ", stderr);
	for (;;) {
		size_t len = wrap_line(sentence, columns > indent ? columns - indent : 1, &rest);

		fprintf(stderr, "%.*s\n", (int)len, sentence);
		if (*rest == '\0')
			return;
		fprintf(stderr, "%*s", SENTENCE_INDENT, "");
		indent = SENTENCE_INDENT;
		sentence = rest;
	}
}

void telling_line(const char *sentence)
{
	if (!is_heard())
		return;
	if (isatty(STDERR_FILENO))
		tell_wrapped(sentence, term_columns(STDERR_FILENO));
	else
		fprintf(stderr, "sockt: %s\n", sentence);
}

void telling_plain(const char *line)
{
	if (is_heard())
		fprintf(stderr, "%s\n", line);
}

int telling_file(const char *file, int error)
{
	char name[32];

	file = file == NULL ? _("standard error") : file;
	/* Who has not read the trace for a second may be who would read this. */
	if (error == -SINK_OUT_UNREAD ? !has_room(0) : !is_heard())
		return STATUS_OUTPUT;
	if (error == -SINK_OUT_UNREAD)
		fprintf(stderr,
			_("sockt: trace to %s: its reader has not read for a second; the end of the trace is lost\n"),
			file);
	else
		fprintf(stderr, _("sockt: trace to %s: %s (%s)\n"), file, strerror(error),
			name_errno(error, name, sizeof(name)));
	return STATUS_OUTPUT;
}

int telling_file_in_use(const char *file)
{
	if (is_heard())
		fprintf(stderr,
			_("sockt: trace to %s: the same file is another trace, an end of the relay, or standard "
			  "input, output or error\n"),
			file);
	return STATUS_OUTPUT;
}

/* The time limit of an ending, in ns; 0: it has none. */
static uint64_t limit_of(enum ended_by ended, const struct options *options)
{
	if (ended == ENDED_IDLE_TIMEOUT)
		return options->idle_timeout_ns;
	return ended == ENDED_TOTAL_TIMEOUT ? options->total_timeout_ns : 0;
}

/* The failure to tell: the one that was recorded, or the one that the ending stands for. */
static void failure_of(const struct run_result *result, const struct options *options, struct failure *fail)
{
	*fail = result->fail;
	if (fail->domain != FAILURE_NONE)
		return;
	fail->addr = result->remote;
	fail->protocol = result->protocol;
	fail->side = result->side;
	fail->code = result->ended;
	if (limit_of(result->ended, options) != 0 || result->ended == ENDED_UNACKNOWLEDGED) {
		fail->domain = FAILURE_LIMIT;
		fail->limit_ns = limit_of(result->ended, options);
	}
}

/* With so many blanks a line of a report goes on that only the width of a terminal has broken. */
#define REPORT_INDENT "       "

/* Join the broken lines. */
static void unfold(char *report)
{
	const size_t indent = sizeof(REPORT_INDENT) - 1;
	char *fold;

	while ((fold = strstr(report, "\n" REPORT_INDENT)) != NULL) {
		*fold = ' ';
		memmove(fold + 1, fold + 1 + indent, strlen(fold + 1 + indent) + 1);
	}
}

/* Each part of a report (what, why, try) as a note, for those who read JSON on standard error. */
static void tell_notes(struct stepper *st, char *report)
{
	unfold(report);
	for (char *line = strtok_r(report, "\n", &report); line != NULL; line = strtok_r(NULL, "\n", &report))
		bus_note(st->bus, st->env->now_ns(), 0, "%s", line);
}

void telling_result(struct stepper *st, const struct run_result *result, const struct options *options,
		    bool has_stderr_sink)
{
	char report[REPORT_MAX];
	struct failure fail;
	struct facts facts = { 0 };
	struct text text;
	struct nc_telling *nc = options->command->nc;
	bool wants_more;

	if (result->ended == ENDED_SIGNAL)
		return;
	failure_of(result, options, &fail);
	if (fail.domain == FAILURE_NONE || (nc != NULL && nc_telling_asks(nc, &fail)))
		return;
	wants_more = isatty(STDERR_FILENO) || options->verbose > 0 || (nc != NULL && nc->is_verbose);
	if (wants_more)
		facts_gather(st, &fail, &facts);
	facts.is_sandboxed = options->is_sandbox;
	text_init(&text, report, sizeof(report));
	report_format(&fail, wants_more ? &facts : NULL, &text);
	if (nc != NULL)
		nc_telling_report(nc, &fail, report, sizeof(report));
	if (st->bus->is_json_stderr) {
		tell_notes(st, report);
		return;
	}
	if (has_stderr_sink)
		bus_flush(st->bus);
	if (is_heard())
		fputs(report, stderr);
}
