/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion: see completion.h. */
#include "cli/completion.h"

#include <stdio.h>
#include <string.h>

#include "cli/completion_private.h"
#include "cli/options_apply.h"
#include "endpoint/hop.h"
#include "endpoint/sockopt_named.h"
#include "engine/fault.h"
#include "trace/guide.h"

/* The levels that a trace may have, from 1 on. */
#define TRACE_LEVELS 3

/* One more word; between stands before all but the first. */
static void add_between(struct text *words, const char *between, const char *word, const char *end)
{
	text_addf(words, "%s%s%s", words->len == 0 ? "" : between, word, end);
}

static void add_word(struct text *words, const char *word, const char *end)
{
	add_between(words, " ", word, end);
}

/* The kinds of --trace; those that need a file go on with it. */
static void add_trace_kinds(struct text *words)
{
	const struct sink_kind *kind;

	for (size_t i = 0; (kind = sink_kind_at(i)) != NULL; i++)
		add_word(words, kind->name, kind->needs_file ? ":" : "");
}

static void add_faults(struct text *words)
{
	for (size_t kind = 0; kind < FAULT_KIND_COUNT; kind++)
		add_word(words, fault_record((enum fault_kind)kind)->word, "=");
}

/* By the names of the manual pages. */
static void add_sockopts(struct text *words)
{
	const char *name;

	for (size_t i = 0; (name = sockopt_named_at(NULL, i)) != NULL; i++)
		add_word(words, name, "=");
}

static void add_hops(struct text *words)
{
	for (size_t kind = 0; kind < HOP_KIND_COUNT; kind++)
		add_word(words, hop_kind_record((enum hop_kind)kind)->name, "://");
}

bool completion_is_optional(const struct option_record *option)
{
	return option->argument != NULL && strncmp(option->argument, "[=", 2) == 0;
}

bool completion_is_offered(const struct option_record *option, const struct command *command)
{
	return (option->commands & command->bit) != 0 || command->bit == COMMAND_HELP;
}

bool completion_takes_argument(const struct option_record *option, const struct command *command)
{
	return (option->commands & command->bit) != 0 && option->argument != NULL && !completion_is_optional(option);
}

/* ADDR, ADDR[:PORT] */
static bool is_address(const char *argument)
{
	return strncmp(argument, "ADDR", strlen("ADDR")) == 0;
}

enum completes completion_of_letter(const struct nc_letter *letter)
{
	return is_address(letter->argument) ? COMPLETES_HOSTS : COMPLETES_NOTHING;
}

enum completes completion_of_option(const struct option_record *option, struct text *words)
{
	if (option->apply == apply_trace) {
		add_trace_kinds(words);
		return COMPLETES_NAMED_FILES;
	}
	if (option == option_at(OPTION_CONTROL)) {
		add_word(words, "unix:", "");
		return COMPLETES_NAMED_FILES;
	}
	if (option == option_at(OPTION_EXEC) || option == option_at(OPTION_SH))
		return COMPLETES_PROGRAMS;
	if (option == option_at(OPTION_USER) || option == option_at(OPTION_OWNER))
		return COMPLETES_USERS;
	if (option == option_at(OPTION_CHROOT))
		return COMPLETES_DIRECTORIES;
	if (is_address(option->argument))
		return COMPLETES_HOSTS;
	if (option->apply == apply_fault)
		add_faults(words);
	else if (option->apply == apply_proxy)
		add_hops(words);
	else if (option == option_at(OPTION_SOCKOPT))
		add_sockopts(words);
	for (size_t i = 0; option->words != NULL && option->words[i].word != NULL; i++)
		add_word(words, option->words[i].word, "");
	if (words->len > 0)
		return COMPLETES_WORDS;
	return strstr(option->argument, "FILE") != NULL || strstr(option->argument, "PATH") != NULL ? COMPLETES_FILES :
												    COMPLETES_NOTHING;
}

const char *completion_tails(const struct option_record *option, char *dst, size_t size)
{
	char level[16];
	struct text words;

	text_init(&words, dst, size);
	for (int i = 1; i <= TRACE_LEVELS && option->apply == apply_trace; i++) {
		snprintf(level, sizeof(level), "level=%d", i);
		add_word(&words, level, "");
	}
	return dst;
}

/* The kinds of endpoint of a command that have one of some forms (bits). */
static void add_kinds(struct text *words, const struct command *command, const char *between, unsigned forms)
{
	const struct endpoint_kind *kind;

	for (size_t i = 0; (kind = endpoint_kind_at(i)) != NULL; i++)
		if (endpoint_kind_has_role(kind, command->role) && (forms >> kind->form & 1) != 0)
			add_between(words, between, kind->name, "");
}

/* All kinds of endpoint of a command, each as it goes on. */
static void add_all_kinds(struct text *words, const struct command *command)
{
	const struct endpoint_kind *kind;

	for (size_t i = 0; (kind = endpoint_kind_at(i)) != NULL; i++)
		if (endpoint_kind_has_role(kind, command->role))
			add_word(words, kind->name, kind->form == FORM_NONE || kind->form == FORM_PTY ? "" : ":");
}

/* The options that an endpoint of a command takes. */
static void add_endpoint_options(struct text *words, const struct command *command)
{
	const struct endpoint_option *own;
	const struct sockopt *option;

	if (command->role == 0)
		return;
	for (size_t i = 0; (option = sockopt_at(i)) != NULL; i++) {
		if (sockopt_is_first(option, command->role))
			add_word(words, option->name, sockopt_syntax(option)[0] == '=' ? "=" : "");
	}
	for (size_t i = 0; (own = endpoint_option_at(i)) != NULL; i++) {
		if (endpoint_option_has_role(own, command->role))
			add_word(words, own->name, strchr(own->syntax, '=') != NULL ? "=" : "");
	}
}

/* Those whose value is an address. */
static void add_address_options(struct text *words, const struct command *command, const char *between)
{
	const struct endpoint_option *own;

	for (size_t i = 0; command->role != 0 && (own = endpoint_option_at(i)) != NULL; i++) {
		const char *value = strchr(own->syntax, '=');

		if (value != NULL && is_address(value + 1) && endpoint_option_has_role(own, command->role))
			add_between(words, between, own->name, "");
	}
}

void completion_fill_endpoint(const struct command *command, const char *between, struct completion_endpoint *words)
{
	struct text text;

	text_init(&text, words->kinds, sizeof(words->kinds));
	add_all_kinds(&text, command);
	text_init(&text, words->options, sizeof(words->options));
	add_endpoint_options(&text, command);
	text_init(&text, words->files, sizeof(words->files));
	add_kinds(&text, command, between, 1U << FORM_PATH | 1U << FORM_FILE);
	text_init(&text, words->programs, sizeof(words->programs));
	add_kinds(&text, command, between, 1U << FORM_COMMAND);
	text_init(&text, words->hosts, sizeof(words->hosts));
	add_kinds(&text, command, between, 1U << FORM_HOST_PORT);
	text_init(&text, words->addresses, sizeof(words->addresses));
	add_address_options(&text, command, between);
	/* Of connect it is the host that one looks for. */
	words->is_port_alone = command->role == ROLE_LISTEN || command->role == ROLE_RELAY;
}

void completion_add_letters(struct text *words)
{
	const struct nc_letter *letter;

	for (size_t i = 0; (letter = nc_letter_at(i)) != NULL; i++)
		text_addf(words, "%s-%c", words->len == 0 ? "" : " ", letter->letter);
}

void completion_add_topics(struct text *words)
{
	const char *name;

	for (size_t i = 0; (name = guide_name_at(NULL, i)) != NULL; i++)
		add_word(words, name, "");
}

void completion_print(FILE *out, enum completion_shell shell)
{
	static void (*const print[])(FILE *out) = {
		[COMPLETION_BASH] = completion_print_bash,
		[COMPLETION_ZSH] = completion_print_zsh,
		[COMPLETION_FISH] = completion_print_fish,
	};

	print[shell](out);
}
