/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of the console's commands, and how a line becomes one. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/near.h"
#include "base/util.h"
#include "cli/console_private.h"
#include "endpoint/sockopt_named.h"
#include "engine/control_commands.h"
#include "trace/guide.h"

#define TALK (CONSOLE_ONE | CONSOLE_CROWD)
#define EVERY (TALK | CONSOLE_RELAY)
#define SHOWN_MAX 64

/* ---- Completion ---- */

static void complete_files(struct console *console, struct editor_words *words)
{
	(void)console;
	editor_words_add_files(words);
}

static void complete_switch(struct console *console, struct editor_words *words)
{
	(void)console;
	editor_words_add(words, "on");
	editor_words_add(words, "off");
}

static void complete_level(struct console *console, struct editor_words *words)
{
	(void)console;
	for (char level[] = "0"; level[0] <= '3'; level[0]++)
		editor_words_add(words, level);
}

static void complete_option(struct console *console, struct editor_words *words)
{
	const char *name;

	(void)console;
	for (size_t i = 0; (name = sockopt_named_at(NULL, i)) != NULL; i++)
		editor_words_add(words, name);
}

static void complete_peer(struct console *console, struct editor_words *words)
{
	char number[16];

	for (const struct console_peer *peer = console->peers; peer != NULL; peer = peer->next) {
		snprintf(number, sizeof(number), "%u", peer->number);
		editor_words_add(words, number);
	}
}

static void complete_to(struct console *console, struct editor_words *words)
{
	editor_words_add(words, "all");
	complete_peer(console, words);
}

static void complete_topic(struct console *console, struct editor_words *words)
{
	const char *name;

	(void)console;
	for (size_t i = 0; (name = guide_name_at(NULL, i)) != NULL; i++)
		editor_words_add(words, name);
}

static void complete_command(struct console *console, struct editor_words *words)
{
	const struct console_command *command;

	for (size_t i = 0; (command = console_command_at(i)) != NULL; i++) {
		if ((command->where & console->where) != 0)
			editor_words_add(words, command->name);
	}
}

/* ---- The table ---- */

static const struct console_command commands[] = {
	{ "help", "[COMMAND]", N_("list the commands, or explain one"), EVERY, true, console_do_help,
	  complete_command },
	{ "info", "", N_("show both addresses, the state, the round trip, queues and counters"), TALK, true,
	  console_do_info, NULL },
	{ "send", "TEXT", N_("send TEXT without a newline; C escapes stand for bytes: \"\\x00\\n\""), TALK, false,
	  console_do_send, NULL },
	{ "file", "PATH|stop", N_("send a file; stop: send no more of it"), TALK, false, console_do_file,
	  complete_files },
	{ "shutdown", "", N_("end your sending side (as Ctrl-D): the peer reads to an end, and may still send"), TALK,
	  true, console_do_shutdown, NULL },
	{ "close", "", N_("send what waits, then close: the peer sees an end (over TCP a FIN)"), TALK, true,
	  console_do_close, NULL },
	{ "reset", "[N]",
	  N_("close at once with a reset (RST): the peer sees an error, and may lose what it has not read"), TALK,
	  true, console_do_reset, complete_peer },
	{ "quit", "", N_("close, and leave"), EVERY, true, console_do_quit, NULL },
	{ "peers", "", N_("list who is connected"), TALK, true, console_do_peers, NULL },
	{ "to", "N|all", N_("send what you type to peer N only, or to all again"), CONSOLE_CROWD, false,
	  console_do_to, complete_to },
	{ "kick", "N", N_("send peer N what waits for it, then close its connection"), CONSOLE_CROWD, false,
	  console_do_kick, complete_peer },
	{ "hex", "on|off", N_("show what arrives as a hex dump"), TALK, false, console_do_hex, complete_switch },
	{ "trace", "N",
	  N_("show each step on this terminal: 1 the life of sockets, 2 also data, 3 all data, 0 nothing; a trace that "
	     "goes elsewhere keeps its level"), EVERY, false,
	  console_do_trace, complete_level },
	{ "opt", "NAME[=VALUE]", N_("read a socket option by its name in the manual pages, or set it"), TALK, true,
	  console_do_opt, complete_option },
	{ "stats", "", N_("tell the totals since the start"), TALK, true, console_do_stats, NULL },
	{ "ladder", "", N_("draw what has happened so far"), EVERY, true, console_do_ladder, NULL },
	{ "explain", "TOPIC", N_("explain a call, a state, an error or an idea, as sockt help does"), EVERY, true,
	  console_do_explain, complete_topic },
};

const struct console_command *console_command_at(size_t index)
{
	return index < ARRAY_LEN(commands) ? &commands[index] : NULL;
}

/* ---- From a line to a command ---- */

/* The names that may be meant, for near_find(). */
static const char *next_name(const void *ctx, size_t index)
{
	const struct console *console = ctx;
	const struct control_command *control;
	size_t left = index;

	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if ((commands[i].where & console->where) != 0 && left-- == 0)
			return commands[i].name;
	}
	control = console->where == CONSOLE_RELAY ? control_command_at(left) : NULL;
	return control == NULL ? NULL : control->name;
}

/* Where there is a command that is none here; NULL: nowhere. */
static const char *place_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].where == CONSOLE_CROWD ? N_("listen -k") : N_("listen and connect");
	}
	for (size_t i = 0; control_command_at(i) != NULL; i++) {
		if (strcmp(control_command_at(i)->name, name) == 0)
			return N_("relay");
	}
	return NULL;
}

static const struct console_command *find(const struct console *console, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (strcmp(commands[i].name, name) == 0 && (commands[i].where & console->where) != 0)
			return &commands[i];
	}
	return NULL;
}

/* What people type who know other programs in which one talks, and the command here. */
static const struct {
	const char *word, *name;
} others[] = {
	{ "exit", "quit" },   { "q", "quit" },	    { "bye", "quit" },	 { "who", "peers" },	{ "list", "peers" },
	{ "users", "peers" }, { "clients", "peers" }, { "names", "peers" }, { "status", "info" }, { "msg", "to" },
	{ "disconnect", "close" }, { "eof", "shutdown" }, { "?", "help" }, { "h", "help" },
};

/* The command that may be meant; NULL: none. */
static const char *nearest_of(const struct console *console, const char *name)
{
	const char *nearest;

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		if (strcmp(others[i].word, name) == 0 && find(console, others[i].name) != NULL)
			return others[i].name;
	}
	return near_find(name, next_name, console, &nearest, 1) == 1 ? nearest : NULL;
}

static void refuse(struct console *console, const char *name)
{
	char shown[4 * SHOWN_MAX];
	const char *nearest = nearest_of(console, name), *place = place_of(name);

	escape_c(name, strlen(name), shown, sizeof(shown));
	if (place != NULL)
		console_tell(console, _("/%1$s is a command in the console of %2$s only"), shown, _(place));
	else if (nearest != NULL)
		console_tell(console, _("there is no command /%1$s here; did you mean /%2$s?"), shown, nearest);
	else if (console->where == CONSOLE_RELAY)
		console_tell(console, _("there is no command /%s; /help lists them"), shown);
	else
		console_tell(console, _("there is no command /%1$s; /help lists them, //%1$s sends it"), shown);
}

/* Split text, which is changed: its first word, and what stands behind that. */
static char *split(char *text)
{
	size_t len = strcspn(text, " \t");
	char *rest = text + len;

	while (*rest == ' ' || *rest == '\t')
		*rest++ = '\0';
	for (size_t end = strlen(rest); end > 0 && (rest[end - 1] == ' ' || rest[end - 1] == '\t'); end--)
		rest[end - 1] = '\0';
	return rest;
}

void console_run_command(struct console *console, const char *line, size_t len)
{
	const struct console_command *command;
	char *text = xmalloc(len + 1), *name = text, *rest;

	memcpy(text, line, len);
	text[len] = '\0';
	while (*name == ' ')
		name++;
	rest = split(name);
	command = find(console, name);
	if (command == NULL && console->where == CONSOLE_RELAY && console_do_relay(console, line, len))
		;
	else if (command == NULL)
		refuse(console, name);
	else if (rest[0] == '\0' && !command->takes_any)
		console_tell(console, _("something is missing: /%1$s %2$s"), command->name, command->arguments);
	else if (rest[0] != '\0' && command->arguments[0] == '\0')
		console_tell(console, _("nothing may follow /%s"), command->name);
	else
		command->run(console, rest);
	free(text);
}

/* ---- Completion of a line ---- */

/* Add each command with a mark before its name: "/help". */
static void add_commands(struct console *console, const char *mark, struct editor_words *words)
{
	const struct control_command *control;
	char word[SHOWN_MAX];

	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		snprintf(word, sizeof(word), "%s%s", mark, commands[i].name);
		if ((commands[i].where & console->where) != 0)
			editor_words_add(words, word);
	}
	for (size_t i = 0; console->where == CONSOLE_RELAY && (control = control_command_at(i)) != NULL; i++) {
		snprintf(word, sizeof(word), "%s%.*s", mark, (int)strcspn(control->name, " "), control->name);
		if (find(console, control->name) == NULL)
			editor_words_add(words, word);
	}
}

void console_complete(void *ctx, const char *line, size_t start, struct editor_words *words)
{
	struct console *console = ctx;
	char mark[2] = { console->escape, '\0' }, name[SHOWN_MAX];
	const struct console_command *command;

	if (start == 0) {
		if (line[0] == console->escape && console->escape != '\0')
			add_commands(console, mark, words);
		else if (console->where == CONSOLE_RELAY)
			add_commands(console, "", words);
		return;
	}
	if (line[0] == console->escape)
		line++;
	else if (console->where != CONSOLE_RELAY)
		return;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(line, " \t"), line);
	command = find(console, name);
	if (command != NULL && command->complete != NULL)
		command->complete(console, words);
}
