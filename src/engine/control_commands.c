/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of commands, and what each does: see control_commands.h. */
#include "engine/control_commands.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/near.h"
#include "base/parse.h"
#include "base/util.h"

static_assert(CONTROL_ERROR_MAX >= FAULT_ERROR_MAX && CONTROL_ERROR_MAX >= PARSE_ERROR_MAX,
	      "the lines of others fit");

#define SHOWN_MAX 64 /* bytes of a mistyped word that are shown */

static void write_address(struct json *json, const char *key, const struct addr *addr)
{
	char words[ADDR_TEXT_MAX];

	json_key(json, key);
	json_string(json, addr->len == 0 ? NULL : addr_format(addr, words, sizeof(words)));
}

static void write_count(struct json *json, const char *key, uint64_t count)
{
	json_key(json, key);
	json_uint(json, count);
}

static void add_peer(void *ctx, const struct control_peer *peer)
{
	struct json *json = ctx;

	json_open(json, '{');
	write_count(json, "session", peer->session);
	write_address(json, "client", peer->client);
	write_address(json, "target", peer->target);
	json_key(json, "state");
	json_string(json, peer->state);
	write_count(json, "up_bytes", peer->up_bytes);
	write_count(json, "down_bytes", peer->down_bytes);
	write_count(json, "age_ms", peer->age_ns / NS_PER_MS);
	json_close(json, '}');
}

static void run_peers(const struct control_ops *ops, void *ctx, const struct control_request *request,
		      struct control_answer *answer)
{
	(void)request;
	ops->for_each_peer(ctx, add_peer, &answer->peers);
}

static void write_peers(const struct control_answer *answer, struct json *json)
{
	json_key(json, "peers");
	json_open(json, '[');
	json_raw(json, answer->peers.data, answer->peers.len);
	json_close(json, ']');
}

static void run_stats(const struct control_ops *ops, void *ctx, const struct control_request *request,
		      struct control_answer *answer)
{
	(void)request;
	ops->stats(ctx, &answer->stats);
}

static void write_stats(const struct control_answer *answer, struct json *json)
{
	const struct control_stats *stats = &answer->stats;
	const struct relay_counts *counts = &stats->counts;

	write_count(json, "opened", counts->opened);
	write_count(json, "open", stats->open);
	write_count(json, "failed", counts->failed);
	write_count(json, "refused", counts->refused);
	write_count(json, "denied", counts->denied);
	write_count(json, "headerless", counts->headerless);
	write_count(json, "reset", counts->reset);
	write_count(json, "dropped", counts->dropped);
	write_count(json, "undelivered", counts->undelivered);
	write_count(json, "up_bytes", counts->up_bytes);
	write_count(json, "down_bytes", counts->down_bytes);
	write_count(json, "uptime_ms", stats->uptime_ns / NS_PER_MS);
}

static void run_fault(const struct control_ops *ops, void *ctx, const struct control_request *request,
		      struct control_answer *answer)
{
	answer->is_error = ops->set_faults(ctx, request->text, answer->error) < 0;
}

static void run_fault_clear(const struct control_ops *ops, void *ctx, const struct control_request *request,
			    struct control_answer *answer)
{
	(void)request;
	(void)answer;
	ops->clear_faults(ctx);
}

/* What came of ending a session. */
static void take_verdict(struct control_answer *answer, uint32_t session, int ret)
{
	if (ret == 0)
		return;
	answer->is_error = true;
	answer->is_unknown = ret == -ENOENT;
	snprintf(answer->error, sizeof(answer->error),
		 ret == -EALREADY ? _("session %u is ending already") : _("there is no session %u"), session);
}

static void run_kick(const struct control_ops *ops, void *ctx, const struct control_request *request,
		     struct control_answer *answer)
{
	take_verdict(answer, request->session, ops->kick(ctx, request->session));
}

static void run_reset(const struct control_ops *ops, void *ctx, const struct control_request *request,
		      struct control_answer *answer)
{
	take_verdict(answer, request->session, ops->reset(ctx, request->session));
}

static void run_drain(const struct control_ops *ops, void *ctx, const struct control_request *request,
		      struct control_answer *answer)
{
	(void)request;
	(void)answer;
	ops->drain(ctx);
}

static void write_help(const struct control_answer *answer, struct json *json)
{
	const struct control_command *command;

	(void)answer;
	json_key(json, "commands");
	json_open(json, '[');
	for (size_t i = 0; (command = control_command_at(i)) != NULL; i++) {
		json_open(json, '{');
		json_key(json, "name");
		json_string(json, command->name);
		json_key(json, "arguments");
		json_string(json, command->arguments);
		json_key(json, "help");
		json_string(json, _(command->help));
		json_close(json, '}');
	}
	json_close(json, ']');
}

/* A name of two words stands before the one that is its first word. */
static const struct control_command commands[] = {
	{
		.name = "peers",
		.arguments = "",
		.help = N_("list the sessions"),
		.run = run_peers,
		.write = write_peers,
	},
	{
		.name = "stats",
		.arguments = "",
		.help = N_("tell the totals since the start"),
		.run = run_stats,
		.write = write_stats,
	},
	{
		.name = "fault clear",
		.arguments = "",
		.help = N_("end all faults; what they hold back is delivered"),
		.is_change = true,
		.run = run_fault_clear,
	},
	{
		.name = "fault",
		.arguments = "[up:|down:]KIND=VALUE[,KIND=VALUE]...",
		.help = N_("add faults, as --fault does, for open sessions and new ones"),
		.argument = CONTROL_TEXT,
		.is_change = true,
		.run = run_fault,
	},
	{
		.name = "kick",
		.arguments = "N",
		.help = N_("end session N: what has arrived is delivered, then both sides see an end"),
		.argument = CONTROL_SESSION,
		.is_change = true,
		.is_of_one = true,
		.run = run_kick,
	},
	{
		.name = "reset",
		.arguments = "N",
		.help = N_("reset both sides of session N"),
		.argument = CONTROL_SESSION,
		.is_change = true,
		.is_of_one = true,
		.run = run_reset,
	},
	{
		.name = "drain",
		.arguments = "",
		.help = N_("take no more clients, and leave when those that are there have finished"),
		.is_change = true,
		.run = run_drain,
	},
	{
		.name = "help",
		.arguments = "",
		.help = N_("list the commands"),
		.write = write_help,
	},
};

const struct control_command *control_command_at(size_t index)
{
	return index < ARRAY_LEN(commands) ? &commands[index] : NULL;
}

const struct control_command *control_command_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

static const char *next_name(const void *ctx, size_t index)
{
	(void)ctx;
	return index < ARRAY_LEN(commands) ? commands[index].name : NULL;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

/* Take blanks off both ends. */
static void trim(const char **text, size_t *len)
{
	while (*len > 0 && is_blank(**text)) {
		(*text)++;
		(*len)--;
	}
	while (*len > 0 && is_blank((*text)[*len - 1]))
		(*len)--;
}

/* If text begins with the words of name, how many bytes they take there; else 0. */
static size_t match_name(const char *name, const char *text, size_t len)
{
	size_t at = 0;

	for (; *name != '\0'; name++) {
		if (at >= len || (*name == ' ' ? !is_blank(text[at]) : *name != text[at]))
			return 0;
		at++;
		while (*name == ' ' && at < len && is_blank(text[at]))
			at++;
	}
	return at == len || is_blank(text[at]) ? at : 0;
}

/* There is no such command: name the nearest. */
static int refuse_unknown(const char *text, size_t len, const char *mark, char *error)
{
	char word[SHOWN_MAX], shown[SHOWN_MAX * 4];
	const char *nearest;
	size_t end = 0;

	while (end < len && !is_blank(text[end]) && end < sizeof(word) - 1)
		end++;
	memcpy(word, text, end);
	word[end] = '\0';
	escape_c(word, end, shown, sizeof(shown));
	if (near_find(word, next_name, NULL, &nearest, 1) == 1)
		snprintf(error, CONTROL_ERROR_MAX, _("there is no command \"%1$s\"; did you mean %2$s%3$s?"), shown,
			 mark, nearest);
	else
		snprintf(error, CONTROL_ERROR_MAX, _("there is no command \"%1$s\"; %2$shelp lists them"), shown, mark);
	return -EINVAL;
}

/* Read what stands behind the name. */
static int parse_argument(const struct control_command *command, const char *mark, struct control_request *request,
			  char *error)
{
	bool is_given = request->text[0] != '\0';
	char what[PARSE_ERROR_MAX];
	uint64_t number;
	int ret;

	if (command->argument == CONTROL_NOTHING) {
		if (is_given)
			snprintf(error, CONTROL_ERROR_MAX, _("nothing may follow %1$s%2$s"), mark, command->name);
		return is_given ? -EINVAL : 0;
	}
	if (!is_given) {
		snprintf(error, CONTROL_ERROR_MAX, _("something is missing: %1$s%2$s %3$s"), mark, command->name,
			 command->arguments);
		return -EINVAL;
	}
	if (command->argument == CONTROL_TEXT)
		return 0;
	ret = parse_uint(request->text, "session", 1, UINT32_MAX, &number, what);
	if (ret < 0)
		snprintf(error, CONTROL_ERROR_MAX, "%s", what);
	else
		request->session = (uint32_t)number;
	return ret < 0 ? -EINVAL : 0;
}

int control_parse(const char *line, size_t len, const char *mark, struct control_request *request, char *error)
{
	size_t at = 0, i = 0;

	trim(&line, &len);
	if (len > CONTROL_LINE_MAX) {
		snprintf(error, CONTROL_ERROR_MAX, _("the line is longer than %d bytes"), CONTROL_LINE_MAX);
		return -E2BIG;
	}
	if (len == 0) {
		snprintf(error, CONTROL_ERROR_MAX, _("the line is empty; %shelp lists the commands"), mark);
		return -EINVAL;
	}
	if (memchr(line, '\0', len) != NULL) {
		snprintf(error, CONTROL_ERROR_MAX, _("there is a zero byte in the line"));
		return -EINVAL;
	}
	while (i < ARRAY_LEN(commands) && (at = match_name(commands[i].name, line, len)) == 0)
		i++;
	if (i == ARRAY_LEN(commands))
		return refuse_unknown(line, len, mark, error);
	line += at;
	len -= at;
	trim(&line, &len);
	request->command = &commands[i];
	request->session = 0;
	memcpy(request->text, line, len);
	request->text[len] = '\0';
	return parse_argument(request->command, mark, request, error);
}
