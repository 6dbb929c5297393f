/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of a wrong command line. */
#include "cli/options_mistake.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/near.h"
#include "base/util.h"
#include "cli/options_apply.h"
#include "cli/usage.h"

#define SHOWN_MAX 64
#define NEAREST_MAX 3

/* The longest name of an option: what is longer is none. */
#define NAME_MAX_LEN 32

/* Names to look for a near one in. */
struct names {
	const char *name[OPTION_COUNT];
	size_t count;
};

static const char *next_name(const void *ctx, size_t index)
{
	const struct names *names = ctx;

	return index < names->count ? names->name[index] : NULL;
}

/* Has the command the option? command NULL: has any? */
static bool is_of(const struct option_record *record, const struct command *command)
{
	return command == NULL || (record->commands & command->bit) != 0;
}

/* Find the long names of the options of command (NULL: of any) that are nearest to a word. Returns how many. */
static size_t find_nearest(const struct command *command, const char *word, const char **nearest)
{
	struct names names = { 0 };

	for (size_t id = 0; id < OPTION_COUNT; id++) {
		const struct option_record *record = option_at(id);

		if (record->name != NULL && is_of(record, command))
			names.name[names.count++] = record->name;
	}
	return near_find(word, next_name, &names, nearest, NEAREST_MAX);
}

int options_mistake_abbreviated(const struct command *command, const char *element, char *error)
{
	size_t len = strcspn(element + 2, "=");
	char shown[SHOWN_MAX];
	const char *sentence = option_foreign_name(element + 2, len);
	struct text text;
	size_t count = 0;

	escape_c(element, len + 2, shown, sizeof(shown));
	text_init(&text, error, OPTIONS_ERROR_MAX);
	/* What is the name of an option elsewhere is not meant as the beginning of one of ours. */
	if (sentence != NULL) {
		text_addf(&text, "%s: %s", shown, sentence);
		return -EINVAL;
	}
	text_addf(&text, _("%s: options are written out:"), shown);
	for (size_t id = 0; id < OPTION_COUNT; id++) {
		const struct option_record *record = option_at(id);

		if (record->name == NULL || strncmp(record->name, element + 2, len) != 0 || !is_of(record, command))
			continue;
		text_addf(&text, "%s --%s", count > 0 ? "," : "", record->name);
		count++;
	}
	if (count > 0)
		return -EINVAL;
	/* It begins only options of other commands. */
	for (size_t id = 0; id < OPTION_COUNT; id++) {
		const struct option_record *record = option_at(id);

		if (record->name != NULL && strncmp(record->name, element + 2, len) == 0)
			return options_mistake_other_command(command, record, error);
	}
	return -EINVAL;
}

#define PROGRAM_END N_("a program is an end of a relay: exec:PROGRAM ARG..., sh:COMMAND")
#define DIALS_ANEW N_("a relay connects to its target anew for each client, who may try again")
#define FAULT_AHEAD N_("a relay ahead of it has faults: sockt relay --fault KIND=VALUE FROM TO")

/* What there is in a command for an option that it does not have. */
static const struct {
	unsigned commands; /* enum command_bit */
	enum option_id option;
	const char *sentence; /* for _() */
} hints[] = {
	{ COMMAND_LISTEN, OPTION_SOURCE_PORT, N_("the port to listen on is an argument: sockt listen PORT") },
	{ COMMAND_LISTEN, OPTION_SOURCE, N_("the address to listen on is an argument: sockt listen ADDRESS PORT") },
	{ COMMAND_LISTEN, OPTION_PROXY, N_("to be a proxy: --proxy-server http|socks5") },
	{ COMMAND_LISTEN, OPTION_HTTP_GET, N_("to answer by HTTP: --http") },
	{ COMMAND_LISTEN | COMMAND_CONNECT, OPTION_FAULT, FAULT_AHEAD },
	{ COMMAND_CONNECT, OPTION_KEEP_OPEN, N_("to connect again when the connection is lost: --reconnect") },
	{ COMMAND_CONNECT, OPTION_PROXY_SERVER, N_("to go through a proxy: --proxy KIND://HOST:PORT") },
	{ COMMAND_CONNECT, OPTION_HTTP, N_("to ask by HTTP: --http-get PATH") },
	{ COMMAND_RELAY, OPTION_KEEP_OPEN, N_("a relay serves many clients anyway") },
	{ COMMAND_RELAY, OPTION_EXEC, PROGRAM_END },
	{ COMMAND_RELAY, OPTION_SH, PROGRAM_END },
	{ COMMAND_RELAY, OPTION_PTY, N_("it stands on the end that is a program: exec:PROGRAM,pty") },
	{ COMMAND_RELAY, OPTION_SOURCE, N_("it stands on the target: HOST:PORT,bind=ADDRESS") },
	{ COMMAND_RELAY, OPTION_SOURCE_PORT, N_("it stands on the target: HOST:PORT,bind=ADDRESS:PORT") },
	{ COMMAND_RELAY, OPTION_RETRY, DIALS_ANEW },
	{ COMMAND_RELAY, OPTION_RECONNECT, DIALS_ANEW },
	{ COMMAND_RELAY, OPTION_ACCEPT_TIMEOUT, N_("a relay waits for as long as it runs: --total-timeout ends it") },
	{ COMMAND_RELAY, OPTION_NULL, N_("a source of zeros is a program: exec:cat /dev/zero") },
	{ COMMAND_RELAY, OPTION_DISCARD, N_("what takes all and says nothing is a file: file:/dev/null") },
	{ COMMAND_RELAY, OPTION_ECHO, N_("an echo is a program: exec:cat") },
	{ COMMAND_RELAY, OPTION_DATAGRAM, N_("a relay neither merges nor splits messages") },
	{ COMMAND_RELAY, OPTION_LIMIT_MESSAGES, N_("a relay ends a session by --limit SIZE, or --idle-timeout") },
	{ COMMAND_RELAY, OPTION_LINE, N_("a relay passes on what comes, as it comes") },
	{ COMMAND_RELAY, OPTION_QUIT_AFTER, N_("a relay ends a session that is silent by --idle-timeout") },
};

int options_mistake_other_command(const struct command *command, const struct option_record *record,
				  char *error)
{
	const struct command *other;
	struct text text;
	size_t count = 0;

	text_init(&text, error, OPTIONS_ERROR_MAX);
	option_add_names(&text, record);
	text_addf(&text, _(": sockt %s has no such option; these have it:"), command->name);
	for (size_t i = 0; (other = command_at(i)) != NULL; i++) {
		if ((record->commands & other->bit) != 0)
			text_addf(&text, "%s sockt %s", count++ > 0 ? "," : "", other->name);
	}
	if (command->bit == COMMAND_RELAY &&
	    (record->apply == apply_sockopt || record == option_at(OPTION_MD5_KEY_FILE)))
		text_addf(&text, _("; in a relay it stands on one of the endpoints: HOST:PORT,%s"),
			  record == option_at(OPTION_SOCKOPT) ? record->argument : record->name);
	for (size_t i = 0; i < ARRAY_LEN(hints); i++) {
		if ((hints[i].commands & command->bit) != 0 && record == option_at(hints[i].option))
			text_addf(&text, "; %s", _(hints[i].sentence));
	}
	return -EINVAL;
}

int options_mistake_no_argument(const struct option_record *record, char *error)
{
	struct text text;

	text_init(&text, error, OPTIONS_ERROR_MAX);
	option_add_names(&text, record);
	text_addf(&text, _(": the argument is missing: %s"), record->argument);
	return -EINVAL;
}

/* "--ssll: sockt listen has no such option" */
static void add_none(struct text *text, const char *shown, const struct command *command)
{
	if (command != NULL)
		text_addf(text, _("%1$s: sockt %2$s has no such option"), shown, command->name);
	else
		text_addf(text, _("%s: no command has such an option"), shown);
}

/* "; sockt listen --help shows all" */
static void add_pointer(struct text *text, const struct command *command)
{
	if (command != NULL)
		text_addf(text, _("; sockt %s --help shows all"), command->name);
	else
		text_add(text, _("; sockt COMMAND --help shows those of a command"));
}

/* A long option that is none, or has an argument too many. */
static int mistake_long(const struct command *command, const char *element, char *error)
{
	const char *name = element + 2, *sentence, *nearest[NEAREST_MAX];
	size_t len = strcspn(name, "="), count;
	char shown[SHOWN_MAX], copy[NAME_MAX_LEN];
	struct text text;

	for (size_t id = 0; id < OPTION_COUNT; id++) {
		const char *known = option_at(id)->name;

		if (known != NULL && strlen(known) == len && memcmp(known, name, len) == 0) {
			snprintf(error, OPTIONS_ERROR_MAX, _("--%s takes no argument"), known);
			return -EINVAL;
		}
	}
	text_init(&text, error, OPTIONS_ERROR_MAX);
	escape_c(element, len + 2, shown, sizeof(shown));
	sentence = option_foreign_name(name, len);
	if (sentence != NULL) {
		text_addf(&text, "%s: %s", shown, sentence);
		return -EINVAL;
	}
	snprintf(copy, sizeof(copy), "%.*s", len < sizeof(copy) ? (int)len : (int)sizeof(copy) - 1,
		 name);
	count = find_nearest(command, copy, nearest);
	add_none(&text, shown, command);
	for (size_t i = 0; i < count; i++)
		text_addf(&text, i == 0 ? _("; near to it: --%s") : ", --%s", nearest[i]);
	if (count == 0)
		add_pointer(&text, command);
	return -EINVAL;
}

/*
 * Does element begin the name of an option? (getopt_long() calls that ambiguous where there are
 * several.)
 */
static bool is_abbreviation(const char *element)
{
	size_t len = strcspn(element + 2, "=");

	for (size_t id = 0; len > 0 && id < OPTION_COUNT; id++) {
		const char *known = option_at(id)->name;

		if (known != NULL && strncmp(known, element + 2, len) == 0 && strlen(known) > len)
			return true;
	}
	return false;
}

int options_mistake_unknown(const struct command *command, const char *element, char letter,
			    char *error)
{
	const char *sentence;
	char shown[SHOWN_MAX], dashed[8];
	struct text text;

	if (element[0] == '-' && element[1] == '-') {
		if (is_abbreviation(element))
			return options_mistake_abbreviated(command, element, error);
		return mistake_long(command, element, error);
	}
	escape_c(element, strlen(element), shown, sizeof(shown));
	dashed[0] = '-';
	escape_c(&letter, 1, dashed + 1, sizeof(dashed) - 1);
	sentence = option_foreign_letter(element, letter);
	if (isdigit((unsigned char)element[1])) {
		snprintf(error, OPTIONS_ERROR_MAX,
			 _("%s is neither an option nor a port (a number up to 65535)"), shown);
	} else if (sentence != NULL) {
		snprintf(error, OPTIONS_ERROR_MAX, "%s: %s", dashed, sentence);
	} else {
		text_init(&text, error, OPTIONS_ERROR_MAX);
		add_none(&text, dashed, command);
		add_pointer(&text, command);
	}
	return -EINVAL;
}

/* " (--drain has taken "9500")", where that may be the word that is missing; else nothing. */
static void add_taken(struct text *text, const struct options *options)
{
	char shown[SHOWN_MAX];

	if (options->taker == NULL)
		return;
	escape_c(options->taken_word, strlen(options->taken_word), shown, sizeof(shown));
	text_add(text, " (");
	option_add_names(text, options->taker);
	text_addf(text, _(" has taken \"%1$s\" as its %2$s)"), shown, options->taker->argument);
}

/* Of a relay whose two ends are written as ssh -L has them, PORT:HOST:PORT: how they are written here. */
static void add_two_ends(struct text *text, const struct options *options, const char *shown)
{
	size_t port = strspn(shown, "0123456789");

	if (options->command->role == ROLE_RELAY && port > 0 && shown[port] == ':' &&
	    strchr(shown + port + 1, ':') != NULL)
		text_addf(text, _("; it is a word of its own: sockt relay %.*s %s"), (int)port, shown,
			  shown + port + 1);
}

/* There are more words than the command takes. */
static void add_extra(struct text *text, const struct options *options)
{
	char shown[SHOWN_MAX], first[SHOWN_MAX];

	escape_c(options->extra_word, strlen(options->extra_word), shown, sizeof(shown));
	text_addf(text, _("\"%s\" is one argument too many"), shown);
	if (!options->is_scan)
		return;
	escape_c(options->words[1], strlen(options->words[1]), first, sizeof(first));
	text_addf(text, _(": several ports are one word, as in %1$s,%2$s"), first, shown);
}

int options_mistake_words(const struct options *options, char *error)
{
	char usage[USAGE_LINE_MAX], shown[SHOWN_MAX];
	struct text text;

	usage_format(options->command, usage, sizeof(usage));
	text_init(&text, error, OPTIONS_ERROR_MAX);
	if (options->word_count == 0) {
		text_add(&text, options->command->role == ROLE_LISTEN ? _("there is no port to listen on") :
				options->command->role == ROLE_RELAY
				? _("a relay needs where its clients come from, and where to connect them to")
				: _("there is nothing to connect to"));
		add_taken(&text, options);
		text_addf(&text, "\n%s", usage);
		return -EINVAL;
	}
	if (options->extra_word == NULL) {
		escape_c(options->words[0], strlen(options->words[0]), shown, sizeof(shown));
		text_addf(&text,
			  options->is_scan ? _("the ports to try are missing after \"%s\": 22,80-90,https") :
					     _("the target to connect to is missing after \"%s\""),
			  shown);
		add_two_ends(&text, options, shown);
		add_taken(&text, options);
		text_addf(&text, "\n%s", usage);
		return -EINVAL;
	}
	add_extra(&text, options);
	text_addf(&text, "\n%s", usage);
	return -EINVAL;
}
