/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands that show something. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "base/wrap.h"
#include "cli/console_private.h"
#include "cli/help.h"
#include "engine/control_commands.h"
#include "trace/names.h"
#include "trace/sink_out.h"
#include "trace/sink_recall.h"
#include "trace/text_kernel.h"

#define ANSWER_MAX 4096
#define HELP_NAME 22 /* columns before the help of a command */
#define HELP_NARROW 4 /* the same where there are few: its name has a row of its own */

/* ---- A peer ---- */

/* The name of the state of the peer's socket. */
static const char *state_of(struct console_peer *peer, char *dst, size_t size)
{
	struct tcp_facts facts;

	if (step_tcp_facts(&peer->console->quiet, peer->session->sock, &facts) == 0)
		return name_or_number(&names_tcp_state, facts.state, dst, size);
	snprintf(dst, size, "%s", peer->typed.is_ended ? _("your side has ended") : _("open"));
	return dst;
}

static void add_size(struct text *text, const char *what, uint64_t bytes)
{
	text_add(text, what);
	text_size(text, bytes);
}

/* "[1] 127.0.0.1:51834  ESTABLISHED  received 12 B, sent 6 B, for 3 s" */
static void add_peer(struct text *text, struct console_peer *peer)
{
	const struct session *session = peer->session;
	char state[40], age[32];
	uint64_t age_ns = peer->console->rn->st.env->now_ns() - session->opened_ns;

	text_addf(text, "[%u] %s  %s  ", peer->number, peer->name, state_of(peer, state, sizeof(state)));
	add_size(text, _("received "), session->in.bytes);
	add_size(text, _(", sent "), session->out.bytes);
	text_addf(text, _(", for %s\n"),
		  parse_format_duration(age_ns / NS_PER_S * NS_PER_S, age, sizeof(age)));
}

void console_do_peers(struct console *console, const char *text)
{
	char answer[ANSWER_MAX];
	bool is_any = false;

	(void)text;
	for (struct console_peer *peer = console->peers; peer != NULL; peer = peer->next) {
		struct text line;

		if (peer->session == NULL)
			continue;
		is_any = true;
		text_init(&line, answer, sizeof(answer));
		add_peer(&line, peer);
		console_show(console, answer);
	}
	if (!is_any)
		console_tell(console, _("nobody is connected"));
}

/* Lines below /info, from the words of the trace. */
struct info_lines {
	struct text_below below;
	struct text *text;
	bool has_part;
};

static void info_line(struct text_below *below, const char *line)
{
	struct info_lines *lines = CONTAINER_OF(below, struct info_lines, below);

	text_addf(lines->text, "  %s\n", line);
}

static void info_part(struct text_below *below, const char *part)
{
	struct info_lines *lines = CONTAINER_OF(below, struct info_lines, below);

	if (part != NULL)
		text_addf(lines->text, "%s%s", lines->has_part ? "; " : "  ", part);
	else if (lines->has_part)
		text_add(lines->text, "\n");
	lines->has_part = part != NULL;
}

/* Queues, buffers, counters. */
static void add_facts(struct text *text, struct console_peer *peer)
{
	struct session *session = peer->session;
	struct tcp_facts facts = { .is_valid = false };
	struct info_lines lines = { .below = { .line = info_line, .part = info_part }, .text = text };
	const struct text_view view = { .level = 2, .is_utf8 = term_wants_utf8() };

	step_facts(&peer->console->quiet, session->sock, NULL, &facts);
	if (facts.is_valid)
		text_kernel_turn(&lines.below, &facts, true, &view);
	if (lines.has_part)
		text_add(text, "\n");
	if (facts.has_queues)
		text_addf(text, _("  queues: %1$u B arrived and not read, %2$u B sent and not acknowledged\n"),
			  facts.unread, facts.unsent);
	if (peer->typed.queue.len > 0)
		text_addf(text, _("  %zu B that you have typed wait here\n"), peer->typed.queue.len);
}

static void add_info(struct text *text, struct console_peer *peer)
{
	struct session *session = peer->session;
	char state[40], words[ADDR_TEXT_MAX];
	struct addr local = session->names->local;

	if (local.len == 0 && step_local_addr(&peer->console->quiet, session->sock, &local) < 0)
		local.len = 0;
	addr_unmap(&local);
	if (peer->console->where == CONSOLE_CROWD)
		text_addf(text, "[%u] ", peer->number);
	text_addf(text, "%s %s %s ", protocol_name(session->sock->protocol),
		  local.len > 0 ? addr_format(&local, words, sizeof(words)) : "?",
		  term_wants_utf8() ? "\u21c4" : "<->");
	text_addf(text, "%s  %s\n", peer->name, state_of(peer, state, sizeof(state)));
	add_size(text, _("  received "), session->in.bytes);
	add_size(text, _(", sent "), session->out.bytes);
	text_addf(text, _("; turns: %u; "), session->talk.turns);
	text_duration(text, peer->console->rn->st.env->now_ns() - session->opened_ns);
	text_add(text, _(" since it began\n"));
	add_facts(text, peer);
}

void console_do_info(struct console *console, const char *text)
{
	struct console_peer *peer = console_next(console, NULL);
	char answer[ANSWER_MAX];

	(void)text;
	if (peer == NULL)
		console_tell(console, _("nobody is connected"));
	for (; peer != NULL; peer = console_next(console, peer)) {
		struct text info;

		text_init(&info, answer, sizeof(answer));
		add_info(&info, peer);
		console_show(console, answer);
	}
}

void console_do_stats(struct console *console, const char *text)
{
	uint64_t received = console->received_bytes, sent = console->sent_bytes;
	char answer[ANSWER_MAX];
	struct text line;

	(void)text;
	for (const struct console_peer *peer = console->peers; peer != NULL; peer = peer->next) {
		received += peer->session != NULL ? peer->session->in.bytes : 0;
		sent += peer->session != NULL ? peer->session->out.bytes : 0;
	}
	text_init(&line, answer, sizeof(answer));
	text_addf(&line, _("connections: %1$" PRIu64 " now, %2$" PRIu64 " in all"),
		  console->opened_count - console->closed_count, console->opened_count);
	add_size(&line, _(", received "), received);
	add_size(&line, _(", sent "), sent);
	text_add(&line, _(", in "));
	text_duration(&line, console->rn->st.env->now_ns() - console->began_ns);
	console_show(console, answer);
}

/* ---- Help ---- */

/* A command, and what it does in as many lines as the terminal is wide for. */
static void print_command(const struct console *console, FILE *out, const char *name, const char *arguments,
			  const char *help)
{
	char words[64], mark[2] = { console->escape, '\0' };
	size_t columns = console->screen->columns, indent = columns < 2 * HELP_NAME ? HELP_NARROW : HELP_NAME;
	const char *rest = help;

	snprintf(words, sizeof(words), "%s%s %s", mark, name, arguments);
	columns = columns < 2 * indent ? 2 * indent : columns;
	for (bool is_first = true; *rest != '\0'; is_first = false) {
		const char *line = rest;
		size_t len = wrap_line(line, columns - indent - 1, &rest);

		/* A long one has a line of its own. */
		if (is_first && strlen(words) + 4 > indent)
			fprintf(out, "  %s\n%*s%.*s\n", words, (int)indent, "", (int)len, line);
		else
			fprintf(out, "  %-*s%.*s\n", (int)indent - 2, is_first ? words : "", (int)len, line);
	}
}

static void list_commands(struct console *console, FILE *out)
{
	const struct console_command *command;
	const struct control_command *control;

	for (size_t i = 0; (command = console_command_at(i)) != NULL; i++) {
		if ((command->where & console->where) == 0)
			continue;
		print_command(console, out, command->name, command->arguments, _(command->help));
	}
	for (size_t i = 0; console->where == CONSOLE_RELAY && (control = control_command_at(i)) != NULL; i++) {
		if (strcmp(control->name, "help") == 0)
			continue;
		print_command(console, out, control->name, control->arguments, _(control->help));
	}
	if (console->where == CONSOLE_RELAY)
		fputs(_("The slash may be left out. Ctrl-C leaves at once.\n"), out);
	else
		fprintf(out,
			_("What does not begin with %1$c is sent; %1$c%1$c sends a %1$c.\n"
			  "Ctrl-D on an empty line ends your side, Ctrl-C leaves at once.\n"),
			console->escape);
}

/* What print writes, shown as an answer. */
static void show_printed(struct console *console, void (*print)(struct console *console, FILE *out, const char *text),
			 const char *text)
{
	char *answer = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&answer, &size);

	if (out == NULL)
		return;
	print(console, out, text);
	if (fclose(out) == 0 && size > 0)
		console_show(console, answer);
	free(answer);
}

static void print_help(struct console *console, FILE *out, const char *text)
{
	const struct console_command *command;

	if (text[0] == console->escape)
		text++;
	for (size_t i = 0; text[0] != '\0' && (command = console_command_at(i)) != NULL; i++) {
		if (strcmp(command->name, text) != 0 || (command->where & console->where) == 0)
			continue;
		print_command(console, out, command->name, command->arguments, _(command->help));
		return;
	}
	if (text[0] != '\0')
		fprintf(out, _("there is no command %s here; these are\n"), text);
	list_commands(console, out);
}

void console_do_help(struct console *console, const char *text)
{
	show_printed(console, print_help, text);
}

static void print_topics(struct console *console, FILE *out, const char *text)
{
	const struct guide_topic *topic = guide_find(text);

	(void)console;
	if (topic == NULL && text[0] != '\0')
		fprintf(out, _("there is no topic %s; the tab key lists them\n"), text);
	if (topic == NULL && text[0] == '\0')
		help_print_list(out);
	for (; topic != NULL; topic = guide_find_next(text, topic))
		help_print_topic(out, topic);
}

void console_do_explain(struct console *console, const char *text)
{
	show_printed(console, print_topics, text);
}

/* ---- What is shown of the steps and of data ---- */

void console_do_hex(struct console *console, const char *text)
{
	bool is_on = strcmp(text, "on") == 0;

	if (!is_on && strcmp(text, "off") != 0) {
		console_tell(console, _("/hex is on or off"));
		return;
	}
	console->shared.is_hex = is_on;
	console_tell(console, is_on ? _("what arrives is shown as a hex dump; /hex off ends that") :
				      _("what arrives is shown as text again"));
}

/* The trace in text on this terminal, opened where there is none yet; NULL: it cannot be. */
static struct sink *text_sink(struct console *console, uint8_t level)
{
	struct running *rn = console->rn;
	const struct sink_options options = {
		.file = isatty(STDERR_FILENO) ? NULL : "fd:1",
		.level = level,
		.preview = rn->options->preview,
		.color = rn->options->color,
		.is_relay = console->where == CONSOLE_RELAY,
		.screen = console->screen,
		.start_ns = rn->bus.start_ns,
	};
	struct sink *sink;

	for (sink = rn->bus.sinks; sink != NULL; sink = sink->next) {
		if (sink->kind == &sink_text && term_is_same(sink_out_fd(sink->out), rn->io.out.fd))
			return sink;
	}
	if (level == 0 || sink_open(&sink_text, &options, &sink) < 0)
		return NULL;
	bus_add(&rn->bus, sink);
	return sink;
}

void console_do_trace(struct console *console, const char *text)
{
	char error[PARSE_ERROR_MAX];
	struct sink *sink;
	uint64_t level;

	if (parse_uint(text, "/trace", 0, 3, &level, error) < 0) {
		console_say(console, error);
		return;
	}
	sink = text_sink(console, (uint8_t)level);
	if (sink != NULL)
		bus_set_level(&console->rn->bus, sink, (uint8_t)level);
	if (console->rn->leveled != NULL)
		console->rn->leveled(console->rn->run);
	console->rn->has_stderr_sink = sink != NULL && level > 0 && isatty(STDERR_FILENO);
	console_tell(console, level == 0 ? _("steps are shown no more") : _("steps are shown at level %u"),
		     (unsigned)level);
}

void console_do_ladder(struct console *console, const char *text)
{
	struct running *rn = console->rn;
	const struct sink_options options = {
		.file = "fd:1",
		.level = 2,
		.preview = rn->options->preview,
		.color = rn->options->color,
		.is_relay = console->where == CONSOLE_RELAY,
		.screen = console->screen,
		.start_ns = rn->bus.start_ns,
	};
	struct sink *ladder;
	uint64_t forgotten;

	(void)text;
	if (console->recall == NULL || sink_open(&sink_ladder, &options, &ladder) < 0) {
		console_tell(console, _("it cannot be drawn"));
		return;
	}
	forgotten = sink_recall_replay(console->recall, ladder);
	sink_close(ladder, NULL, 0);
	if (forgotten > 0)
		console_tell(console, _("%" PRIu64 " steps before these are kept no more"), forgotten);
}
