/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line of a call in the shell: what was called, what it answered, and what that means. See shell_say.c. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/term.h"
#include "base/util.h"
#include "cli/shell_private.h"
#include "trace/guide.h"
#include "trace/names.h"
#include "trace/text_marks.h"

#define INDENT 7        /* as wide as the prompt */
#define STATE_COLUMN 53 /* as in the trace */
#define RIGHT_EDGE 80
#define PREVIEW_MAX 64 /* bytes of data, unless more are asked for */
#define PREVIEW_MIN 8  /* so many are always shown */
#define TOLD_NS (100 * NS_PER_MS)

/* The columns of the last of the lines in text. */
static size_t last_columns(const struct text *text)
{
	const char *newline = strrchr(text->dst, '\n');

	return marks_columns(newline == NULL ? text->dst : newline + 1);
}

/* How wide lines may be that can be made shorter: 80 columns, or as wide as the terminal is. */
static size_t width(const struct shell *sh)
{
	size_t columns = term_columns(sh->rn->io.out.fd);

	return columns > RIGHT_EDGE ? columns : RIGHT_EDGE;
}

/* Add blanks up to column, or begin a new line that far in where it is passed and what comes has no room. */
static void go_to_column(struct text *line, size_t column, size_t needed)
{
	size_t have = last_columns(line);

	if (have + 2 + needed > RIGHT_EDGE && have + 2 > column) {
		text_add(line, "\n");
		have = 0;
	}
	for (size_t i = have; i < column || (have > 0 && i < have + 2); i++)
		text_add(line, " ");
}

static bool is_any(const struct shell_sock *sock)
{
	(void)sock;
	return true;
}

static bool is_listening(const struct shell_sock *sock)
{
	return sock->is_listening;
}

static bool is_without_peer(const struct shell_sock *sock)
{
	return sock->sk.protocol == PROTOCOL_TCP && !sock->is_connected;
}

static bool is_bound(const struct shell_sock *sock)
{
	return sock->local.len > 0 && (addr_family(&sock->local) == AF_UNIX || addr_port(&sock->local) != 0);
}

/* Errors that say little by themselves, where the socket tells what is behind them: the first that holds. */
static const struct meaning {
	enum step_id step;
	int error;
	bool (*holds)(const struct shell_sock *sock);
	const char *sentence;
} meanings[] = {
	{ STEP_ACCEPT, EINVAL, is_any, N_("invalid argument: the socket does not listen; listen comes first") },
	{ STEP_BIND, EINVAL, is_bound, N_("invalid argument: the socket has an address already") },
	{ STEP_CONNECT, EISCONN, is_listening, N_("it listens: a client needs a socket of its own") },
	{ STEP_RECV, ENOTCONN, is_listening, N_("not connected: it listens; what accept returns has a peer") },
	{ STEP_SEND, EPIPE, is_listening, N_("broken pipe: it listens; what accept returns has a peer") },
	{ STEP_SEND, EPIPE, is_without_peer, N_("broken pipe: the socket has no peer; connect comes first") },
};

/* What an error of a call means. */
static const char *meaning_of(const struct shell_call *call, const char *name)
{
	const struct event *event = &call->seen.event;
	const struct guide_topic *topic = guide_find_in(GUIDE_ERRORS, name);

	for (size_t i = 0; i < ARRAY_LEN(meanings) && call->sock != NULL; i++) {
		if (meanings[i].step == event->step && meanings[i].error == event->error &&
		    meanings[i].holds(call->sock))
			return _(meanings[i].sentence);
	}
	return topic != NULL ? _(topic->title) : strerror(event->error);
}

/* The same in a line. */
static void say_meaning(struct shell *sh, const struct shell_call *call)
{
	char number[32];
	const char *name = name_errno(call->seen.event.error, number, sizeof(number));

	shell_say(sh, "%*s" MARK_DIM "%s: %s" MARK_END, INDENT, "", name, meaning_of(call, name));
}

/* Data that went, or came, in more than one call of ours, are those of one call to whoever waits for it. */
static void join_pieces(struct shell_call *call)
{
	struct event *event = &call->seen.event;

	if (event->step != STEP_SEND && event->step != STEP_RECV)
		return;
	if (call->done == 0 || call->done == (size_t)event->result)
		return;
	call->seen.args.io.data = call->data;
	call->seen.args.io.buf = call->data;
	call->seen.args.io.len = call->len;
	event->data = call->data;
	event->result = (int64_t)call->done;
	event->error = 0;
}

/* How long it had to wait, where that says something. */
static void add_duration(struct text *line, const struct shell_call *call)
{
	char words[64];
	struct text part;

	if (!call->has_waited || call->result.dur_ns < NS_PER_MS)
		return;
	text_init(&part, words, sizeof(words));
	text_add(&part, MARK_DIM);
	text_duration(&part, call->result.dur_ns);
	text_add(&part, MARK_END);
	/* A line of its own is for what somebody has felt. */
	if (call->result.dur_ns < TOLD_NS && last_columns(line) + 2 + marks_columns(words) > RIGHT_EDGE)
		return;
	go_to_column(line, RIGHT_EDGE - marks_columns(words), marks_columns(words));
	text_add(line, words);
}

/* Whose call it is, the call, and its answer. */
static void add_call(struct text *line, const struct shell_call *call, const struct text_view *view)
{
	if (call->statement.is_background && call->sock != NULL)
		text_addf(line, "[%s] ", call->sock->name);
	text_pad(line, INDENT, 0);
	text_call(line, &call->seen.event, view);
}

/*
 * A line of the call with as much of its data as there is room for beside needed columns. Returns false where a few
 * bytes are too many already.
 */
static bool fit_call(struct text *line, const struct shell_call *call, size_t needed)
{
	struct text_view view = call->sh->view;
	size_t most = width(call->sh);

	for (;; view.preview--) {
		line->len = 0;
		line->dst[0] = '\0';
		add_call(line, call, &view);
		if (last_columns(line) + needed <= most)
			return true;
		if (view.preview <= PREVIEW_MIN || view.preview > PREVIEW_MAX)
			return false;
	}
}

/* A line of the call, and the remark, which stands below where it has no room. */
static void add_call_and_remark(struct text *line, const struct shell_call *call)
{
	char words[512];
	struct text remark;

	text_init(&remark, words, sizeof(words));
	text_remark(&remark, &call->seen.event, &call->sh->view);
	if (!fit_call(line, call, marks_columns(words))) {
		fit_call(line, call, 0);
		if (words[0] != '\0')
			text_addf(line, "\n%*s", INDENT, "");
	}
	text_add(line, words);
}

void shell_say_call(struct shell *sh, struct shell_call *call)
{
	char storage[SHELL_SAY_MAX], states[160];
	struct event *event = &call->seen.event;
	struct text line, part;

	if (!call->seen.is_there)
		return;
	join_pieces(call);
	text_init(&line, storage, sizeof(storage));
	add_call_and_remark(&line, call);
	text_init(&part, states, sizeof(states));
	if (text_states(&part, event, &sh->view)) {
		go_to_column(&line, STATE_COLUMN, marks_columns(states));
		text_add(&line, states);
	}
	add_duration(&line, call);
	shell_say_line(sh, storage);
	if (event->error != 0)
		say_meaning(sh, call);
	if (call->chosen.len > 0)
		shell_say(sh, _("       the kernel chose %s"), addr_format(&call->chosen, states, sizeof(states)));
}
