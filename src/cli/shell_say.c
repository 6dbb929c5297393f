/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the shell says: on standard output, since it is its product. Calls are shown in the words of the text trace,
 * from the same events.
 */
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/term.h"
#include "base/util.h"
#include "base/wrap.h"
#include "cli/shell_private.h"
#include "cli/stepping.h"
#include "trace/guide.h"
#include "trace/names.h"
#include "trace/text_marks.h"

#define PROMPT "sockt> "
#define INDENT 7            /* as wide as the prompt */
#define PREVIEW 64          /* bytes of data shown, where the line has room */
#define LINE_SIZE SHELL_SAY_MAX
#define SOURCE_PIECE ((size_t)512)

void shell_say_line(struct shell *sh, const char *line)
{
	char rendered[MARKS_RENDERED_MAX(LINE_SIZE)];
	struct text text;

	text_init(&text, rendered, sizeof(rendered));
	marks_render(line, sh->is_colored, &text);
	fputs(rendered, sh->out);
	putc('\n', sh->out);
	sh->is_prompted = false;
}

void shell_say(struct shell *sh, const char *format, ...)
{
	char line[LINE_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	shell_say_line(sh, line);
}

void shell_say_source(struct shell *sh, const char *before, const char *line, size_t len)
{
	char piece[ESCAPE_TERM_MAX(SOURCE_PIECE)];
	struct escape_term escape = { 0 };

	fputs(before, sh->out);
	do {
		size_t part = len < SOURCE_PIECE ? len : SOURCE_PIECE;
		size_t done = escape_term(&escape, line, part, part == len, piece);

		fwrite(piece, 1, done, sh->out);
		line += part;
		len -= part;
	} while (len > 0);
	putc('\n', sh->out);
	sh->is_prompted = false;
}

void shell_say_begin(struct shell *sh)
{
	sh->out = stdout;
	/* Whole, lest a line is written where a question stands. */
	if (sh->rn->stepping != NULL && sh->editor == NULL)
		setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
	if (sh->editor != NULL)
		sh->out = open_memstream(&sh->said, &sh->said_size);
	if (sh->out == NULL)
		sh->out = stdout;
}

void shell_say_flush(struct shell *sh)
{
	bool is_beside = sh->out == stdout && __fpending(stdout) > 0;

	if (is_beside)
		stepping_stand_aside(sh->rn);
	if (fflush(sh->out) == EOF && sh->out_error == 0)
		sh->out_error = errno;
	if (is_beside)
		stepping_come_back(sh->rn);
	if (sh->out == stdout || sh->said_size == 0)
		return;
	fclose(sh->out);
	screen_say(editor_screen(sh->editor), SCREEN_RECEIVED, sh->said);
	free(sh->said);
	sh->said = NULL;
	shell_say_begin(sh);
}

void shell_say_prompt(struct shell *sh)
{
	if (!sh->is_interactive || sh->is_prompted)
		return;
	if (sh->editor != NULL)
		editor_set_prompt(sh->editor, PROMPT);
	else
		fputs(PROMPT, sh->out);
	sh->is_prompted = true;
}

void shell_say_printed(struct shell *sh, void (*print)(FILE *out, const void *ctx), const void *ctx)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return;
	print(out, ctx);
	if (fclose(out) == 0)
		fputs(text, sh->out);
	free(text);
	sh->is_prompted = false;
}

/* ---- Calls ---- */

/* Keep what an event says: it lives for its delivery only. */
static void keep_event(struct shell_call *call, const struct event *event)
{
	struct shell_seen *seen = &call->seen;
	int state_from = seen->is_there ? seen->event.state_from : event->state_from;

	seen->event = *event;
	seen->is_there = true;
	seen->event.state_from = state_from;
	seen->event.text = NULL;
	seen->event.summary = NULL;
	if (event->local != NULL)
		seen->local = *event->local;
	seen->event.local = event->local == NULL ? NULL : &seen->local;
	if (event->remote != NULL)
		seen->remote = *event->remote;
	seen->event.remote = event->remote == NULL ? NULL : &seen->remote;
	if (event->tcp != NULL)
		seen->tcp = *event->tcp;
	seen->event.tcp = event->tcp == NULL ? NULL : &seen->tcp;
	if (event->args == NULL)
		return;
	seen->args = *event->args;
	seen->event.args = &seen->args;
	switch (event->step) {
	case STEP_ACCEPT:
		seen->args.accept.addr = NULL;
		break;
	case STEP_BIND:
	case STEP_CONNECT:
	case STEP_GETSOCKNAME:
	case STEP_GETPEERNAME:
		seen->name = *event->args->name.addr;
		seen->args.name.addr = &seen->name;
		break;
	case STEP_POLL:
		seen->args.poll.fds = call->polled;
		break;
	case STEP_SETSOCKOPT:
	case STEP_GETSOCKOPT:
		seen->args.sockopt.optval = NULL;
		if (event->args->sockopt.optval != NULL && event->args->sockopt.optlen <= sizeof(seen->value)) {
			memcpy(seen->value, event->args->sockopt.optval, event->args->sockopt.optlen);
			seen->args.sockopt.optval = seen->value;
		}
		break;
	default:
		break;
	}
}

/* The verdict of a connect that was waited for, as the answer of the call that it is to whoever waits. */
static void keep_verdict(struct shell_call *call, const struct event *event)
{
	struct shell_seen *seen = &call->seen;

	seen->event.state_to = event->state_to;
	seen->event.error = event->error;
	seen->event.result = event->error == 0 ? 0 : -1;
}

/* A socket has changed its state by itself. */
static void say_state(struct shell *sh, const struct event *event)
{
	struct shell_sock *sock = sh->socks;
	struct event seen = *event;
	char words[160];
	struct text text;

	while (sock != NULL && (sock->sk.fd != event->fd || sock->sk.fd == -1))
		sock = sock->next;
	text_init(&text, words, sizeof(words));
	if (sock == NULL)
		return;
	seen.state_to = shell_sock_state(sock);
	if (!text_states(&text, &seen, &sh->view))
		return;
	shell_say(sh, "%*s%s: %s", INDENT, "", sock->name, words);
}

static void on_event(struct bus_tap *tap, const struct event *event)
{
	struct shell *sh = CONTAINER_OF(tap, struct shell, tap);
	struct shell_call *call = sh->making;

	if (event->step == STEP_STATE) {
		say_state(sh, event);
		return;
	}
	if (call == NULL || (call->verb->steps >> event->step & 1) == 0)
		return;
	if (event->step == STEP_FCNTL && event->args->fcntl.is_own)
		return;
	/* What is looked at behind a call has the same steps as calls that look. */
	if (call->seen.is_there && step_is_observing(event->step))
		return;
	if (event->step == STEP_CONNECTED)
		keep_verdict(call, event);
	else
		keep_event(call, event);
}

void shell_say_open(struct shell *sh)
{
	const struct options *options = sh->rn->options;

	sh->view = (struct text_view){
		.level = 2,
		.preview = options->preview > PREVIEW ? options->preview : PREVIEW,
		.is_literal = true,
		.is_utf8 = term_wants_utf8(),
	};
	sh->is_colored = term_wants_color(STDOUT_FILENO, options->color);
	sh->tap = (struct bus_tap){ .event = on_event, .level = 3 };
	bus_set_tap(&sh->rn->bus, &sh->tap);
	bus_watch_pieces(&sh->rn->bus, false, false);
	bus_watch_ends(&sh->rn->bus);
}

void shell_say_close(struct shell *sh)
{
	bus_set_tap(&sh->rn->bus, NULL);
}

void shell_say_waiting(struct shell *sh, const struct shell_call *call)
{
	if (call->statement.is_background)
		shell_say(sh, _("       %1$s waits for %2$s, in the background"), call->verb->name,
			  _(call->verb->waits_for));
	else if (sh->is_interactive)
		shell_say(sh, _("       waiting for %s; Ctrl-C gives the prompt back"), _(call->verb->waits_for));
	else
		shell_say(sh, _("       waiting for %s"), _(call->verb->waits_for));
	shell_say_flush(sh);
}

/* A sentence that may be longer than a line of the terminal. */
static void say_wrapped(struct shell *sh, const char *sentence)
{
	struct buf rows = { .len = 0 };

	wrap_rows(sentence, term_columns(STDOUT_FILENO), &rows);
	/* The last row ends as every line that is said does. */
	shell_say(sh, MARK_ERROR "%.*s" MARK_END, (int)(rows.len - (rows.len > 0)), buf_peek(&rows));
	buf_clear(&rows);
}

void shell_say_mistake(struct shell *sh, size_t line, const char *sentence)
{
	if (sh->is_interactive)
		say_wrapped(sh, sentence);
	else
		shell_say(sh, MARK_ERROR "line %zu: %s" MARK_END, line, sentence);
}
