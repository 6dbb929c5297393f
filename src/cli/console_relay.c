/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console of a relay: its commands are those of --control, its answers are lines. */
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"
#include "cli/console_private.h"
#include "cli/relay_commands.h"
#include "engine/control_lines.h"
#include "trace/text_words.h"

/* ---- Who has come, and who has left: from the events, which workers send too ---- */

/* An address as a sentence names it. */
static const char *name_of_addr(const struct addr *addr, char *dst, size_t size)
{
	struct addr plain;

	if (addr == NULL || addr->len == 0)
		return _("a client");
	plain = *addr;
	addr_unmap(&plain);
	return addr_format(&plain, dst, size);
}

static void tell_client_left(struct console *console, const struct event *event)
{
	const struct summary *summary = event->summary;
	char name[ADDR_TEXT_MAX], how[160], up[32], down[32];
	struct text text;

	text_init(&text, up, sizeof(up));
	text_size(&text, summary->received_bytes);
	text_init(&text, down, sizeof(down));
	text_size(&text, summary->sent_bytes);
	console_tell_event(console, _("[%1$u] %2$s has gone: %3$s; up %4$s, down %5$s"), event->session,
		   name_of_addr(event->remote, name, sizeof(name)),
		   ended_format(summary->ended_by, summary->limit, how, sizeof(how)), up, down);
}

static void watch_event(struct sink *sink, const struct event *event)
{
	struct console *console = sink->state;
	const struct addr *from = event->remote;
	char name[ADDR_TEXT_MAX];

	if (event->step == STEP_ACCEPT && event->error == 0 && event->session != 0) {
		if (event->args != NULL && event->args->accept.addr != NULL)
			from = event->args->accept.addr;
		console_tell_event(console, _("[%1$u] %2$s has connected"), event->session,
			   name_of_addr(from, name, sizeof(name)));
	} else if (event->step == STEP_END && event->side == SIDE_SERVER && event->summary != NULL) {
		tell_client_left(console, event);
	}
}

static int watch_open(struct sink *sink, const struct sink_options *options)
{
	(void)sink;
	(void)options;
	return 0;
}

static size_t watch_lost(struct sink *sink, uint64_t count, char *dst)
{
	(void)sink;
	(void)count;
	dst[0] = '\n';
	return 1;
}

static const struct sink_kind sink_watch = {
	.name = "watch",
	.help = "",
	.level_default = 1,
	.is_silent = true,
	.open = watch_open,
	.event = watch_event,
	.lost = watch_lost,
};

void console_watch_relay(struct console *console)
{
	const struct sink_options options = { .file = "/dev/null", .level = 1 };

	if (sink_open(&sink_watch, &options, &console->watch) < 0) {
		console->watch = NULL;
		return;
	}
	console->watch->state = console;
	bus_add(&console->rn->bus, console->watch);
}

/* ---- Commands ---- */

static void answered(void *ctx, const struct control_request *request, const struct control_answer *answer)
{
	struct console *console = ctx;
	char line[CONTROL_LINE_SIZE];

	if (answer->is_error) {
		console_say(console, answer->error);
		return;
	}
	if (strcmp(request->command->name, "stats") == 0) {
		console_show(console, control_line_of_stats(&answer->stats, &(struct control_stats){ 0 }, line,
							    sizeof(line)));
		return;
	}
	console_tell(console, _("done: %1$s %2$s"), request->command->name, request->text);
}

bool console_do_relay(struct console *console, const char *line, size_t len)
{
	struct relay_commands *commands = console->rn->commands;
	struct control_request request;
	char error[CONTROL_ERROR_MAX];
	const struct control_command *command;
	bool is_known = false;

	for (size_t i = 0; (command = control_command_at(i)) != NULL; i++) {
		size_t first = strcspn(command->name, " ");

		is_known = is_known || (len >= first && strncmp(line, command->name, first) == 0 &&
					(len == first || line[first] == ' '));
	}
	if (!is_known || commands == NULL)
		return false;
	if (control_parse(line, len, "/", &request, error) < 0)
		console_say(console, error);
	else if (strcmp(request.command->name, "peers") == 0)
		relay_commands_tell_state(commands);
	else
		relay_commands_ask(commands, &request, answered, console);
	return true;
}
