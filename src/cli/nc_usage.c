/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `sockt nc -h` prints: see nc_usage.h. */
#include "cli/nc_usage.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "cli/nc.h"
#include "cli/usage.h"

#define HELP_COLUMN 18

static void print_letter(const struct nc_letter *letter)
{
	char names[HELP_COLUMN + 1];
	struct text text;

	text_init(&text, names, sizeof(names));
	text_addf(&text, "  -%c", letter->letter);
	if (letter->argument != NULL)
		text_addf(&text, " %s", letter->argument);
	text_pad(&text, HELP_COLUMN, 0);
	printf("%s", names);
	usage_print_filled(HELP_COLUMN, _(letter->help));
}

int nc_usage_print(const struct command *command)
{
	char usage[USAGE_LINE_MAX];
	const struct nc_letter *letter;

	printf("%s\n\n", usage_format(command, usage, sizeof(usage)));
	printf(_("sockt nc: %s.\n"
		 "\n"
		 "The letters are those of OpenBSD's nc, as Debian has it. PORT is a number or the\n"
		 "name of a service; without -l there may be several, and ranges: 20-30.\n"
		 "With -v the command of sockt's own that is the same is told first.\n"
		 "\n"),
	       _(command->summary));
	for (size_t i = 0; (letter = nc_letter_at(i)) != NULL; i++)
		print_letter(letter);
	printf(_("\nExamples:\n"));
	for (size_t i = 0; command->examples[i] != NULL; i += 2)
		printf("  %s\n      %s\n", command->examples[i], _(command->examples[i + 1]));
	printf(_("\nMore, and what differs from nc: man sockt-nc\n"));
	return usage_finish_output();
}
