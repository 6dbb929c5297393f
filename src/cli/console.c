/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console's life: see console.h. */
#include "cli/console.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/util.h"
#include "cli/console_private.h"
#include "cli/history.h"
#include "cli/stepping.h"
#include "trace/sink_out.h"
#include "trace/sink_recall.h"

bool console_is_wanted(const struct running *rn)
{
	const struct options *options = rn->options;

	/* The shell has a prompt of its own; a scan talks with nobody, and the clients of a proxy with others. */
	if (options->endpoint.kind == NULL || options->is_scan || options->proxy_server != PROXY_SERVER_NONE)
		return false;
	/* nc has no prompt, and a line that begins with a slash is sent. */
	if (options->command->nc != NULL)
		return false;
	/* A program has the place of the one who would type, and what tests a network is no conversation. */
	if (options->is_joining || (options->own.kind != NULL && endpoint_is_file(&options->own)))
		return false;
	if (options->program != NULL || options->is_null || options->is_discard || options->is_echo)
		return false;
	return editor_can_open(&rn->io.in, &rn->io.out) && !options->is_recv_only && !options->is_hold &&
	       !options_speaks_http(options);
}

/* ---- What is said ---- */

/* Which addresses a bound one stands for, where that is not plain. */
static const char *scope_of(const struct addr *addr)
{
	if (!addr_is_wildcard(addr))
		return "";
	return _(", every address of this host");
}

void console_listening(struct console *console, const struct listening *sockets, size_t count)
{
	char addr[ADDR_TEXT_MAX], hint[CONSOLE_HINT_MAX];

	for (size_t i = 0; i < count; i++)
		console_tell_event(console, _("listening on %1$s %2$s%3$s%4$s"),
				   protocol_name(sockets[i].sock.protocol),
				   addr_format(&sockets[i].bound, addr, sizeof(addr)), scope_of(&sockets[i].bound),
				   i + 1 == count ? console_hint(console, hint) : "");
	console_set_prompt(console);
}

/* How many are connected. */
static unsigned count_peers(const struct console *console)
{
	unsigned count = 0;

	for (const struct console_peer *peer = console->peers; peer != NULL; peer = peer->next)
		count += peer->session != NULL;
	return count;
}

/* The prompt names whom a line goes to. */
static void format_prompt(struct console *console, char *dst, size_t size)
{
	struct console_peer *peer = console_next(console, NULL);
	char file[64];

	if (console->where == CONSOLE_RELAY)
		snprintf(dst, size, "relay> ");
	else if (peer == NULL && console->rn->options->command->bit == COMMAND_LISTEN)
		snprintf(dst, size, _("nobody> "));
	else if (peer == NULL)
		snprintf(dst, size, _("connecting> "));
	else if (console->where == CONSOLE_ONE)
		snprintf(dst, size, "%s%s> ", console_file_format(peer, file, sizeof(file)), peer->name);
	else if (console->to != 0)
		snprintf(dst, size, "%s[%u] %s> ", console_file_format(peer, file, sizeof(file)), peer->number,
			 peer->name);
	else
		snprintf(dst, size, _("all (%u)> "), count_peers(console));
}

void console_set_prompt(struct console *console)
{
	char prompt[2 * CONSOLE_NAME_MAX];

	format_prompt(console, prompt, sizeof(prompt));
	editor_set_prompt(console->editor, prompt);
}

/* ---- Signals ---- */

void console_add_signals(sigset_t *set)
{
	editor_add_signals(set);
}

/* Ctrl-C */
static void on_interrupted(void *ctx)
{
	struct console *console = ctx;
	struct running *rn = console->rn;

	rn->signal = SIGINT;
	stepping_leave(rn);
	rn->abandon(rn->run, ENDED_SIGNAL, "SIGINT");
}

bool console_signaled(struct console *console, int number)
{
	return editor_signaled(console->editor, number) || number == SIGCONT;
}

/* ---- Its life ---- */

/* The screen has room: every session may go on. */
static void on_room(void *ctx)
{
	struct console *console = ctx;

	for (struct console_peer *peer = console->peers; peer != NULL; peer = peer->next) {
		if (peer->session != NULL)
			session_wake(peer->session);
	}
}

static enum console_where where_of(const struct options *options)
{
	if (options->command->bit == COMMAND_RELAY && !options->is_dialing)
		return CONSOLE_RELAY;
	return options->is_keep_open ? CONSOLE_CROWD : CONSOLE_ONE;
}

/* Keep the last events, for /ladder. */
static void open_recall(struct console *console)
{
	const struct sink_options options = {
		.file = "/dev/null",
		.level = console->where == CONSOLE_RELAY ? 1 : 2,
		.preview = console->rn->options->preview,
	};

	if (sink_open(&sink_recall, &options, &console->recall) == 0)
		bus_add(&console->rn->bus, console->recall);
	else
		console->recall = NULL;
}

/* Sinks that write to this terminal write above the line. */
static void share_screen(struct console *console, struct screen *screen)
{
	for (struct sink *sink = console->rn->bus.sinks; sink != NULL; sink = sink->next) {
		if (term_is_same(sink_out_fd(sink->out), console->rn->io.out.fd))
			sink_out_set_screen(sink->out, screen);
	}
}

/* Where the history is kept; NULL: nowhere. */
static const char *history_file(const struct options *options, char *dst, size_t size)
{
	/* It is written when another user, in another root directory, has taken the place of this one. */
	if (options_drops_rights(options))
		return NULL;
	if (options->history != NULL)
		return strcmp(options->history, "none") == 0 ? NULL : options->history;
	return history_path(dst, size) ? dst : NULL;
}

static void open_editor(struct console *console)
{
	struct running *rn = console->rn;
	char path[4096];
	const struct editor_settings settings = {
		.loop = rn->loop,
		.st = &rn->st,
		.in = &rn->io.in,
		.out = &rn->io.out,
		.history = history_file(rn->options, path, sizeof(path)),
		.is_colored = term_wants_color(STDOUT_FILENO, rn->options->color),
		.escape = console->where == CONSOLE_RELAY ? '\0' : console->escape,
		.line = console_line,
		.interrupted = on_interrupted,
		.complete = console_complete,
		.has_room = on_room,
		.ctx = console,
	};

	console->editor = editor_open(&settings);
	console->screen = editor_screen(console->editor);
	console->shared = (struct typed_screen){ .screen = console->screen, .is_raw = rn->options->is_raw };
}

struct console *console_open(struct running *rn)
{
	struct console *console = xcalloc(1, sizeof(*console));

	console->rn = rn;
	console->quiet = (struct stepper){ .bus = &console->no_bus, .env = rn->st.env };
	console->where = where_of(rn->options);
	console->escape = rn->options->escape == NULL ? '/' : rn->options->escape[0];
	if (rn->options->escape != NULL && strcmp(rn->options->escape, "none") == 0)
		console->escape = '\0';
	console->began_ns = rn->st.env->now_ns();
	console_init_attendant(console);
	open_editor(console);
	share_screen(console, console->screen);
	stepping_use_editor(rn, console->editor);
	open_recall(console);
	if (console->where == CONSOLE_RELAY)
		console_watch_relay(console);
	console_set_prompt(console);
	return console;
}

const struct attendant *console_attendant(struct console *console)
{
	return console == NULL || console->where == CONSOLE_RELAY ? NULL : &console->attendant;
}

void console_close(struct console *console)
{
	if (console == NULL)
		return;
	console_drop_early(console);
	share_screen(console, NULL);
	/* The bus closes them, later. */
	if (console->watch != NULL)
		bus_set_level(&console->rn->bus, console->watch, 0);
	loop_timer_clear(console->rn->loop, &console->quit);
	editor_close(console->editor);
	console_forget(console);
	free(console);
}
