/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints what an option does, from its record: `sockt help --retry`. */
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "cli/help.h"
#include "cli/options_table.h"

#define HELP_TEXT_MAX 1024 /* the sentences of an option */

/* Is element that option by its name, "--retry" or "--retry=5"? */
static bool is_name(const struct option_record *record, const char *element)
{
	size_t len = strcspn(element + 2, "=");

	return record->name != NULL && strlen(record->name) == len && memcmp(record->name, element + 2, len) == 0;
}

/* The option of that element: "--retry", "-w", "-w5"; of several letters ("-kv") the first. NULL: there is none. */
static const struct option_record *find(const char *element)
{
	for (size_t id = 0; id < OPTION_COUNT; id++) {
		const struct option_record *record = option_at(id);

		if (element[1] == '-' ? is_name(record, element) : record->letter == element[1])
			return record;
	}
	return NULL;
}

const char *help_find_option(int argc, char **argv)
{
	const struct option_record *record;
	int at = 2;

	while (at < argc && (argv[at][0] != '-' || argv[at][1] == '\0'))
		at++;
	if (at == argc || strcmp(argv[at], "--") == 0)
		return NULL;
	record = find(argv[at]);
	return record != NULL && (record->commands & COMMAND_HELP) != 0 ? NULL : argv[at];
}

/* The names of the commands that have it, each between before and after, with commas. */
static void add_commands(struct text *text, const struct option_record *record, const char *before, const char *after)
{
	const struct command *command;
	const char *comma = "";

	for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
		if ((record->commands & command->bit) == 0)
			continue;
		text_addf(text, "%s%s%s%s", comma, before, command->name, after);
		comma = ", ";
	}
}

/* What it does: one sentence, or where it is not the same in all commands one for each. */
static void add_sentences(struct text *text, const struct option_record *record)
{
	const struct command *command;

	if (record->other[0].commands == 0) {
		text_addf(text, "%s\n", _(record->help));
		return;
	}
	for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
		if ((record->commands & command->bit) != 0)
			text_addf(text, "%s: %s\n", command->name, option_help(record, command->bit));
	}
}

const char *help_option_topic(const struct option_record *record)
{
	const char *name = record->topic != NULL ? record->topic : record->name;

	return name != NULL && guide_find(name) != NULL ? name : NULL;
}

bool help_print_option(FILE *out, const char *element)
{
	const struct option_record *record = find(element);
	char sentences[HELP_TEXT_MAX];
	const char *topic;
	struct text text;

	if (record == NULL)
		return false;
	text_init(&text, sentences, sizeof(sentences));
	option_add_names(&text, record);
	if (record->argument != NULL)
		text_addf(&text, record->is_optional ? "%s" : " %s", record->argument);
	fputs(sentences, out);
	text_init(&text, sentences, sizeof(sentences));
	add_commands(&text, record, "", "");
	fprintf(out, _(" (option of %s)\n\n"), sentences);
	text_init(&text, sentences, sizeof(sentences));
	add_sentences(&text, record);
	text_add(&text, _("\nSee sockt(1), "));
	add_commands(&text, record, "sockt-", "(1)");
	topic = help_option_topic(record);
	if (topic != NULL)
		text_addf(&text, _("; 'sockt help %s'"), topic);
	text_add(&text, ".\n");
	help_print_text(out, sentences);
	return true;
}
