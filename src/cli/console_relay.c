/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console of a relay: its commands are those of --control, its answers are lines. */
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"
#include "cli/console_private.h"
#include "cli/relay_commands.h"
#include "engine/control_lines.h"

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
	if (control_parse(line, len, &request, error) < 0)
		console_say(console, error);
	else if (strcmp(request.command->name, "peers") == 0)
		relay_commands_tell_state(commands);
	else
		relay_commands_ask(commands, &request, answered, console);
	return true;
}
