/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What step mode writes:
 *
 *     next  connect(5, 127.0.0.1:9000)
 *           asks port 9000 of this host for a connection: SYN is sent
 *           [enter, e, i, c, q, ?]
 *
 * The call stands in the column of the trace's calls, of which one follows when it is made.
 */
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"
#include "cli/help.h"
#include "cli/stepping_private.h"
#include "cli/stepping_sockets.h"
#include "trace/explain_next.h"
#include "trace/names.h"
#include "trace/text_call.h"

#define INDENT "          " /* up to the column of calls */
#define NEXT "    next  "
#define PREVIEW 32
#define LINE_SIZE 2048

/* ---- The words of a step ---- */

/* The step as the event that it will be, without its answer. */
static struct event event_of(const struct intent *intent)
{
	const struct sock *sk = intent->sock;

	return (struct event){
		.step = intent->step,
		.session = sk->session,
		.side = sk->side,
		.protocol = sk->protocol,
		.fd = intent->step == STEP_SOCKET ? -1 : sk->fd,
		.args = &intent->args,
	};
}

/* What there is to take, as far as it can be known without taking it. */
static void look_ahead(struct stepping *stepping, const struct intent *intent, struct explain_next *next)
{
	struct pollfd at = { .fd = intent->sock->fd, .events = POLLIN | POLLRDHUP };
	int unread;

	if (intent->step != STEP_RECV && intent->step != STEP_CLOSE)
		return;
	unread = step_unread(&stepping->rn->st, intent->sock);
	next->unread = unread > 0 ? (uint64_t)unread : 0;
	if (intent->step == STEP_CLOSE || unread != 0 || poll(&at, 1, 0) != 1)
		return;
	next->has_error = (at.revents & POLLERR) != 0;
	next->is_end = (at.revents & POLLRDHUP) != 0;
}

/* Which topics explain it: of setsockopt() that of the option, then that of the call. */
static void find_topics(struct stepping *stepping, const struct intent *intent)
{
	const struct name_table *table;

	stepping->topics[0] = step_name(intent->step);
	stepping->topics[1] = NULL;
	if (intent->step != STEP_SETSOCKOPT)
		return;
	table = names_of_level(intent->args.sockopt.level);
	stepping->topics[1] = table == NULL ? NULL : name_of(table, intent->args.sockopt.optname);
}

/* Whose it is; a socket that is not bound or connected yet does not tell. */
static enum side role_of(const struct options *options, const struct sock *sk)
{
	if (sk->side != SIDE_NONE || options->command->bit == COMMAND_SHELL)
		return (enum side)sk->side;
	/* Connections have a number from the beginning. */
	return sk->session == 0 && (options->wish.role & ROLE_LISTEN) != 0 ? SIDE_SERVER : SIDE_CLIENT;
}

void stepping_tell_about(struct stepping *stepping, const struct intent *intent)
{
	const struct options *options = stepping->rn->options;
	const struct text_view view = {
		.level = 2,
		.preview = options->preview < PREVIEW ? (size_t)options->preview : PREVIEW,
		.is_utf8 = stepping->tty.is_utf8,
	};
	struct explain_next next = { .event = event_of(intent) };
	struct text text;

	next.role = role_of(options, intent->sock);
	look_ahead(stepping, intent, &next);
	text_init(&text, stepping->call, sizeof(stepping->call));
	/* As the trace has it: where there is more than one, and always in a relay. */
	if (intent->sock->session > 0 &&
	    (stepping->rn->engine.sessions > 1 || options->command->bit == COMMAND_RELAY))
		text_addf(&text, "[%" PRIu32 "] ", intent->sock->session);
	text_call(&text, &next.event, &view);
	text_init(&text, stepping->why, sizeof(stepping->why));
	explain_next(&next, &text);
	find_topics(stepping, intent);
}

/* ---- On the terminal ---- */

void stepping_tell(struct stepping *stepping, const char *format, ...)
{
	char line[LINE_SIZE] = INDENT;
	va_list args;

	va_start(args, format);
	vsnprintf(line + sizeof(INDENT) - 1, sizeof(line) - sizeof(INDENT) + 1, format, args);
	va_end(args);
	/* Above it, lest it is written again behind each line. */
	stepping_tty_prompt(&stepping->tty, NULL);
	stepping_tty_line(&stepping->tty, line);
}

void stepping_tell_prompt(struct stepping *stepping)
{
	char line[128], typed[STEPPING_WORD_MAX + 4];

	stepping_keys_typed(&stepping->keys, typed, sizeof(typed));
	snprintf(line, sizeof(line), INDENT "[%s] %s", _("enter, e, i, c, q, ?"), typed);
	stepping_tty_prompt(&stepping->tty, line);
}

void stepping_tell_question(struct stepping *stepping)
{
	char line[LINE_SIZE];

	stepping_tty_prompt(&stepping->tty, NULL);
	snprintf(line, sizeof(line), MARK_STATE NEXT MARK_END "%s", stepping->call);
	stepping_tty_line(&stepping->tty, line);
	stepping_tell(stepping, MARK_DIM "%s" MARK_END, stepping->why);
	if (stepping->count > 0)
		stepping_tell(stepping, stepping->count == 1 ? _("(%zu more step waits behind this one)") :
							       _("(%zu more steps wait behind this one)"),
			      stepping->count);
	stepping_tell_prompt(stepping);
}


/* One topic of the guide, as `sockt help` prints it. */
static void tell_topic(struct stepping *stepping, const struct guide_topic *topic)
{
	char *words = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&words, &len);

	if (out == NULL)
		return;
	help_print_topic(out, topic);
	if (fclose(out) == 0) {
		char *rest = words;

		/* As wide as it is it stands at the left edge. */
		for (char *line = strsep(&rest, "\n"); rest != NULL; line = strsep(&rest, "\n"))
			stepping_tty_line(&stepping->tty, line);
	}
	free(words);
}

void stepping_tell_topics(struct stepping *stepping)
{
	stepping_tty_prompt(&stepping->tty, NULL);
	for (size_t i = ARRAY_LEN(stepping->topics); i-- > 0;) {
		const struct guide_topic *topic;

		if (stepping->topics[i] == NULL)
			continue;
		topic = guide_find_in(GUIDE_CALLS, stepping->topics[i]);
		if (topic == NULL)
			topic = guide_find_in(GUIDE_OPTIONS, stepping->topics[i]);
		if (topic == NULL)
			topic = guide_find_in(GUIDE_MORE_OPTIONS, stepping->topics[i]);
		if (topic != NULL)
			tell_topic(stepping, topic);
	}
}

void stepping_tell_sockets(struct stepping *stepping)
{
	char lines[STEPPING_SOCKETS_MAX], *rest = lines;
	struct text text;

	text_init(&text, lines, sizeof(lines));
	stepping_sockets_list(&stepping->rn->st, stepping->tty.is_utf8, stepping->rn->name_of, stepping->rn->run,
			      &text);
	for (char *line = strsep(&rest, "\n"); rest != NULL; line = strsep(&rest, "\n"))
		stepping_tell(stepping, "%s", line);
}

void stepping_tell_keys(struct stepping *stepping)
{
	static const char *const keys[] = {
		N_("enter    make this call"),
		N_("e        explain it"),
		N_("i        show all sockets, their states and what is in their queues"),
		N_("c        go on without questions"),
		N_("c STEP   go on up to the next STEP (c accept, c send), and enter"),
		N_("q        leave"),
	};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		stepping_tell(stepping, "%s", _(keys[i]));
}
