/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What --help and --version print, made from the tables of commands and options. */
#include "cli/usage.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/util.h"
#include "cli/options_table.h"
#include "trace/names.h"

#define COLUMNS 80
#define HELP_COLUMN 30 /* where the sentences of options begin */

/* What is left of the width of a line. */
struct filler {
	size_t column, indent;
};

/* Print words of a sentence, broken at blanks, each line but the first after indent blanks. */
static void print_filled(struct filler *filler, const char *sentence)
{
	bool is_first = true;

	while (*sentence != '\0') {
		size_t len = strcspn(sentence, " ");

		if (!is_first && filler->column + 1 + len >= COLUMNS) {
			printf("\n%*s", (int)filler->indent, "");
			filler->column = filler->indent;
		} else if (!is_first) {
			putchar(' ');
			filler->column++;
		}
		printf("%.*s", (int)len, sentence);
		filler->column += len;
		is_first = false;
		sentence += len;
		sentence += strspn(sentence, " ");
	}
	putchar('\n');
}

void usage_print_filled(size_t column, const char *sentence)
{
	struct filler filler = { .column = column, .indent = column };

	print_filled(&filler, sentence);
}

/* "  -w, --connect-timeout TIME   give up ..." */
static void print_option(const struct command *command, const struct option_record *record)
{
	struct filler filler = { .column = HELP_COLUMN, .indent = HELP_COLUMN };
	char names[64];
	struct text text;

	text_init(&text, names, sizeof(names));
	/* Long names stand below each other. */
	text_add(&text, record->letter != '\0' ? "  " : "      ");
	option_add_names(&text, record);
	if (record->argument != NULL)
		text_addf(&text, record->is_optional ? "%s" : " %s", record->argument);
	if (text.len + 2 > HELP_COLUMN)
		printf("%s\n%*s", names, HELP_COLUMN, "");
	else
		printf("%-*s", HELP_COLUMN, names);
	print_filled(&filler, option_help(record, command->bit));
}

/* The options of a command, by group. */
static void print_options(const struct command *command)
{
	for (enum option_group group = 0; group < GROUP_COUNT; group++) {
		bool is_headed = false;
		size_t id, end;

		for (option_group_range(group, &id, &end); id < end; id++) {
			const struct option_record *record = option_at(id);

			if ((record->commands & command->bit) == 0)
				continue;
			if (!is_headed)
				printf("\n%s:\n", option_group_heading(group));
			is_headed = true;
			print_option(command, record);
		}
	}
}

/* Is the option of endpoints also one of the command, under this name? */
static bool is_of_command(const struct command *command, const char *name)
{
	for (size_t id = 0; id < OPTION_COUNT; id++) {
		const struct option_record *record = option_at(id);

		if (record->name != NULL && (record->commands & command->bit) != 0 && strcmp(record->name, name) == 0)
			return true;
	}
	return false;
}

/* The options that endpoints take, but those that the command has, and so were shown before. */
static void print_endpoint_options(const struct command *command)
{
	enum endpoint_role role = command->role;
	const struct endpoint_option *own;
	const struct sockopt *option;

	printf(role == ROLE_RELAY ? _("\nOptions of endpoints:\n") :
				    _("\nOptions of endpoints: those of the socket, above, without the hyphens, as in\n"
				      "9000,nodelay,ttl=5, any other by its name in the manual pages, and\n"));
	for (size_t i = 0; (option = sockopt_at(i)) != NULL; i++) {
		struct filler filler = { .column = HELP_COLUMN, .indent = HELP_COLUMN };

		if (!sockopt_is_first(option, role) || is_of_command(command, option->name))
			continue;
		printf("  %s%-*s", option->name, (int)(HELP_COLUMN - 2 - strlen(option->name)), sockopt_syntax(option));
		print_filled(&filler, _(option->help));
	}
	for (size_t i = 0; (own = endpoint_option_at(i)) != NULL; i++) {
		struct filler filler = { .column = HELP_COLUMN, .indent = HELP_COLUMN };

		if (!endpoint_option_has_role(own, role) || is_of_command(command, own->name))
			continue;
		printf("  %-*s", HELP_COLUMN - 2, own->syntax);
		print_filled(&filler, _(own->help));
	}
}

/* The kinds of endpoint that the command takes, and the options of those. */
static void print_endpoints(const struct command *command)
{
	enum endpoint_role role = command->role;
	const struct endpoint_kind *kind;

	printf(_("\nENDPOINT is [KIND:]REST[,OPTION[=VALUE]]..., with one of these kinds:\n"));
	for (size_t i = 0; (kind = endpoint_kind_at(i)) != NULL; i++) {
		struct filler filler = { .column = HELP_COLUMN, .indent = HELP_COLUMN };

		if (!endpoint_kind_has_role(kind, role) || kind->is_variant)
			continue;
		printf("  %-*s", HELP_COLUMN - 2, kind->syntax);
		print_filled(&filler, _(kind->help));
	}
	if (role == ROLE_RELAY)
		printf("%s\n", _("A PORT alone means every address of this machine as FROM, localhost as TO."));
	else
		printf("%s\n", role == ROLE_LISTEN ? _("A PORT alone means every address of this machine.")
						   : _("A PORT alone means localhost."));
	print_endpoint_options(command);
}

const char *usage_format(const struct command *command, char *dst, size_t size)
{
	struct text text;

	text_init(&text, dst, size);
	for (size_t i = 0; command->synopsis[i] != NULL; i++) {
		text_addf(&text, "%s sockt %s %s", i == 0 ? _("usage:") : "\n      ", command->name,
			  command->synopsis[i]);
	}
	return dst;
}

int usage_finish_output(void)
{
	char name[32];
	int error;

	errno = 0;
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return STATUS_OK;
	error = errno != 0 ? errno : EIO;
	fprintf(stderr, _("sockt: write to standard output: %s (%s)\n"), strerror(error),
		name_errno(error, name, sizeof(name)));
	return STATUS_OUTPUT;
}

int usage_print_command(const struct command *command)
{
	char usage[USAGE_LINE_MAX];

	printf("%s\n\n", usage_format(command, usage, sizeof(usage)));
	printf("sockt %s: %s.\n", command->name, _(command->summary));
	print_options(command);
	if (command->role != 0)
		print_endpoints(command);
	printf(_("\nExamples:\n"));
	for (size_t i = 0; command->examples[i] != NULL; i += 2)
		printf("  %s\n      %s\n", command->examples[i], _(command->examples[i + 1]));
	if (command->bit != COMMAND_HELP)
		printf(_("\nMore: man sockt-%s, sockt help\n"), command->name);
	else
		printf(_("\nMore: man sockt\n"));
	return usage_finish_output();
}

int usage_print_program(void)
{
	const struct command *command;

	printf(_("usage: sockt COMMAND [OPTION]... [ARGUMENT]...\n"
		 "\n"
		 "A socket toolkit that moves data and shows every step while it does.\n"
		 "\n"
		 "Commands:\n"));
	for (size_t i = 0; (command = command_at(i)) != NULL; i++)
		printf("  %-10s%s\n", command->name, _(command->summary));
	printf(_("\n"
		 "To begin, in two terminals; what is typed in one appears in the other:\n"
		 "  sockt listen -v 9000\n"
		 "  sockt connect -v localhost 9000\n"
		 "\n"
		 "sockt COMMAND --help shows the options of a command, sockt --version the\n"
		 "version. To read on: sockt help, man sockt, and man sockt-socket, which\n"
		 "tells what a socket is. sockt shell --lessons lists lessons to play.\n"));
	return usage_finish_output();
}

int usage_print_version(void)
{
	/* What configure may have found or not. */
	static const struct {
		const char *name;
		bool is_there;
	} parts[] = {
#ifdef HAVE_READLINE
		{ "readline", true },
#else
		{ "readline", false },
#endif
	};

	printf("sockt %s\n", PACKAGE_VERSION);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		printf("%s%s%s", i == 0 ? _("built with: ") : ", ", parts[i].is_there ? "" : _("no "), parts[i].name);
	printf("\n");
	return usage_finish_output();
}
