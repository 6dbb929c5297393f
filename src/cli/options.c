/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads the command line with getopt_long(3), from the table of options. Mistakes are worded in
 * options_mistake.c.
 */
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "cli/lessons.h"
#include "cli/options_chain.h"
#include "cli/options_check.h"
#include "cli/options_endpoints.h"
#include "cli/options_mistake.h"
#include "cli/options_table.h"
#include "cli/usage.h"
#include "engine/access.h"

/* What getopt_long() returns for the option number id; below are the letters. */
#define LONG_VALUE 256

#define BACKLOG_DEFAULT 128
/* Many clients may come at once, and one who finds the queue full waits a second for its next SYN. */
#define BACKLOG_RELAY 1024
#define PREVIEW_DEFAULT 32
#define HTTP_STATUS_DEFAULT 200

/* The tables that getopt_long() wants, of the options of every command. */
struct getopt_tables {
	char letters[2 + OPTION_COUNT * 2 + 1];
	struct option names[OPTION_COUNT + 1];
};

/*
 * Fill the tables. The "-" in front makes getopt_long() give arguments in their order, as the value
 * 1, and leave argv as it is; the ":" makes it tell a missing argument from an unknown option.
 */
static void fill_tables(struct getopt_tables *tables)
{
	char *letter = tables->letters;
	struct option *name = tables->names;

	*letter++ = '-';
	*letter++ = ':';
	for (int id = 0; id < OPTION_COUNT; id++) {
		const struct option_record *record = option_at((size_t)id);

		if (record->letter != '\0') {
			*letter++ = record->letter;
			if (record->argument != NULL)
				*letter++ = ':';
		}
		if (record->name != NULL) {
			*name++ = (struct option){
				.name = record->name,
				.has_arg = record->is_optional	      ? optional_argument :
					   record->argument != NULL ? required_argument :
								      no_argument,
				.val = LONG_VALUE + id,
			};
		}
	}
	*letter = '\0';
	*name = (struct option){ 0 };
}

/* The option behind a value of getopt_long(). */
static enum option_id find_id(int value)
{
	size_t id = 0;

	if (value >= LONG_VALUE)
		return (enum option_id)(value - LONG_VALUE);
	while (id < OPTION_COUNT && option_at(id)->letter != value)
		id++;
	return (enum option_id)id;
}

static void add_word(struct options *options, const char *word)
{
	if (options->word_count < ARRAY_LEN(options->words))
		options->words[options->word_count] = word;
	else if (options->word_count == ARRAY_LEN(options->words))
		options->extra_word = word;
	options->word_count++;
}

/* One option, as getopt_long() found it in element of argv. */
static int take_option(struct options *options, int value, const char *element, char *error)
{
	enum option_id id = find_id(value);
	const struct option_record *record = option_at(id);
	char reason[PARSE_ERROR_MAX];

	if (value >= LONG_VALUE && strcspn(element + 2, "=") != strlen(record->name))
		return options_mistake_abbreviated(options->command, element, error);
	if ((record->commands & options->command->bit) == 0)
		return options_mistake_other_command(options->command, record, error);
	options->seen[id / 64] |= UINT64_C(1) << id % 64;
	if (record->apply(options, record, optarg, reason) < 0) {
		snprintf(error, OPTIONS_ERROR_MAX, "%s", reason);
		return -EINVAL;
	}
	return 0;
}

/* A number that stands in an element of its own behind an option may be the port that is missing. */
static void keep_taken(struct options *options, int value, const char *element)
{
	if (optarg != element || optarg[strspn(optarg, "0123456789")] != '\0')
		return;
	options->taker = option_at(find_id(value));
	options->taken_word = optarg;
}

/* Sort options from words. argv[0] is the name of the command. */
static int read_arguments(struct options *options, int argc, char **argv, char *error)
{
	struct getopt_tables tables;
	int ret = 0;

	fill_tables(&tables);
	/* 0, not 1, makes glibc start afresh (getopt(3)). */
	optind = 0;
	opterr = 0;
	while (ret == 0 && !options->is_help && !options->is_version) {
		int at = optind == 0 ? 1 : optind;
		int value = getopt_long(argc, argv, tables.letters, tables.names, NULL);
		const char *element = at < argc ? argv[at] : NULL;

		if (value == -1)
			break;
		if (value == 1)
			add_word(options, optarg);
		else if (value == ':')
			ret = options_mistake_no_argument(option_at(find_id(optopt)), error);
		else if (value == '?')
			ret = options_mistake_unknown(options->command, element, (char)optopt,
						      error);
		else
			ret = take_option(options, value, element, error);
		if (ret == 0 && value != 1)
			keep_taken(options, value, argv[optind - 1]);
	}
	for (; ret == 0 && optind < argc && !options->is_help && !options->is_version; optind++)
		add_word(options, argv[optind]);
	return ret;
}

/*
 * -v is a text trace on standard error; --explain and --step stand for it, and --packets where there is no trace
 * to show them. Where there is a trace on standard error already, it is that one which shows as much.
 */
static void add_verbose_trace(struct options *options)
{
	/* The shell shows each call by itself. */
	bool is_stepping = options->is_stepping && options->command->bit != COMMAND_SHELL;

	if (options->verbose == 0 &&
	    (options->is_explaining || is_stepping || (options->is_packets && options->trace_count == 0)))
		options->verbose = 1;
	if (options->verbose == 0)
		return;
	for (size_t i = 0; i < options->trace_count; i++) {
		struct options_trace *trace = &options->traces[i];

		if (trace->file == NULL) {
			trace->level = trace->level < options->verbose ? (uint8_t)options->verbose
								       : trace->level;
			return;
		}
	}
	memmove(&options->traces[1], &options->traces[0],
		options->trace_count * sizeof(options->traces[0]));
	options->traces[0] =
		(struct options_trace){ .kind = &sink_text, .level = (uint8_t)options->verbose };
	options->trace_count++;
}

/* The script of a shell, if there is one. */
static int read_shell(struct options *options, char *error)
{
	if (options->word_count > 1) {
		options->extra_word = options->words[1];
		return options_mistake_words(options, error);
	}
	add_verbose_trace(options);
	return 0;
}

static void init(struct options *options, const struct command *command)
{
	memset(options, 0, sizeof(*options));
	options->command = command;
	endpoint_clear(&options->endpoint);
	endpoint_clear(&options->target);
	endpoint_clear(&options->own);
	options->wish.role = command->role;
	options->connect_timeout_ns = OPTIONS_UNSET;
	options->accept_timeout_ns = OPTIONS_UNSET;
	options->idle_timeout_ns = OPTIONS_UNSET;
	options->limit = OPTIONS_UNSET;
	options->limit_messages = OPTIONS_UNSET;
	options->limit_reads = OPTIONS_UNSET;
	options->total_timeout_ns = OPTIONS_UNSET;
	options->quit_after_ns = OPTIONS_UNSET;
	options->retry_pause_ns = NS_PER_S;
	options->ready_fd = -1;
	options->max_conns = OPTIONS_UNSET;
	options->backlog = command->bit == COMMAND_RELAY ? BACKLOG_RELAY : BACKLOG_DEFAULT;
	options->drain_ns = OPTIONS_UNSET;
	options->workers = OPTIONS_UNSET;
	options->seed = OPTIONS_UNSET;
	options->stats_ns = OPTIONS_UNSET;
	options->preview = PREVIEW_DEFAULT;
	options->http_status = HTTP_STATUS_DEFAULT;
}

int options_parse(struct options *options, const struct command *command, int argc, char **argv,
		  char *error)
{
	init(options, command);
	if (read_arguments(options, argc - 1, argv + 1, error) < 0)
		return -EINVAL;
	if (options->is_help || options->is_version || command->bit == COMMAND_HELP)
		return 0;
	if (options_check(options, error) < 0)
		return -EINVAL;
	if (command->bit == COMMAND_SHELL)
		return read_shell(options, error);
	if (options_read_endpoints(options, error) < 0)
		return -EINVAL;
	add_verbose_trace(options);
	return 0;
}

void options_clear(struct options *options)
{
	for (size_t i = 0; i < options->trace_count; i++)
		free(options->traces[i].file);
	options->trace_count = 0;
	free(options->program);
	options->program = NULL;
	access_free(options->access);
	options->access = NULL;
	identity_clear(&options->user);
	free(options->chroot);
	options->chroot = NULL;
	options_chain_clear(options);
	endpoint_clear(&options->endpoint);
	endpoint_clear(&options->target);
	for (size_t i = 0; i < options->more_count; i++)
		endpoint_clear(&options->more[i]);
	free(options->more);
	options->more = NULL;
	options->more_count = 0;
	endpoint_clear(&options->own);
	port_list_clear(&options->ports);
}

bool options_read(struct options *options, const struct command *command, int argc, char **argv,
		  int *status)
{
	char error[OPTIONS_ERROR_MAX];

	if (options_parse(options, command, argc, argv, error) < 0) {
		fprintf(stderr, command->nc == NULL ? _("sockt: %s\n") : _("nc: %s\n"), error);
		*status = STATUS_USAGE;
	} else if (options->is_help) {
		*status = usage_print_command(command);
	} else if (options->is_version) {
		*status = usage_print_version();
	} else if (options->is_lessons) {
		*status = lessons_list();
	} else {
		return true;
	}
	options_clear(options);
	return false;
}
