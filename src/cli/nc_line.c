/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a command line of nc's: see nc.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/util.h"
#include "cli/nc.h"

#define SHOWN_MAX 48

/* Letters of other programs that are called nc. */
static const struct {
	char letter;
	const char *sentence;
} others[] = {
	{ 'c', N_("-c is not OpenBSD nc's; a shell command is run with: sockt listen --sh COMMAND PORT") },
	{ 'e', N_("-e is not OpenBSD nc's; a program is run with: sockt listen --exec 'PROGRAM ARG...' PORT") },
	{ 'g', N_("-g and -G are not OpenBSD nc's, and routers drop packets that name their way") },
	{ 'G', N_("-g and -G are not OpenBSD nc's, and routers drop packets that name their way") },
	{ 'o', N_("-o is not OpenBSD nc's; what passes is dumped with: sockt connect --hex-file FILE HOST PORT") },
};

bool nc_has(const struct nc_line *line, char letter)
{
	return line->is_given[(unsigned char)letter];
}

/* nc has no such letter. */
static int refuse_letter(char letter, char *error)
{
	char shown[8];

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		if (others[i].letter != letter)
			continue;
		snprintf(error, NC_ERROR_MAX, "%s", _(others[i].sentence));
		return -EINVAL;
	}
	escape_c(&letter, 1, shown, sizeof(shown));
	snprintf(error, NC_ERROR_MAX, _("nc has no option -%s; sockt nc -h shows those it has"), shown);
	return -EINVAL;
}

/* A word that begins with two hyphens. */
static int read_long(struct nc_line *line, const char *word, char *error)
{
	char shown[SHOWN_MAX];

	line->is_help = strcmp(word, "--help") == 0;
	line->is_version = strcmp(word, "--version") == 0;
	if (line->is_help || line->is_version)
		return 0;
	escape_c(word, strlen(word), shown, sizeof(shown));
	snprintf(error, NC_ERROR_MAX,
		 _("nc has letters only, and no option %s; long ones are sockt's own: sockt %s --help"), shown,
		 line->is_given['l'] ? "listen" : "connect");
	return -EINVAL;
}

/* Put down that a letter was given. Of -4 and -6 the last one counts, as with nc, where both set the family. */
static void give(struct nc_line *line, char letter)
{
	line->is_given[(unsigned char)letter] = true;
	if (letter == '4' || letter == '6')
		line->is_given[letter == '4' ? '6' : '4'] = false;
	line->verbose += letter == 'v';
	line->is_help = line->is_help || letter == 'h';
}

/* The letters of one element of argv. One that takes an argument has the rest of it, or next, which is then used up. */
static int read_cluster(struct nc_line *line, const char *cluster, const char *next, bool *has_used_next, char *error)
{
	for (const char *at = cluster; *at != '\0'; at++) {
		const struct nc_letter *letter = nc_letter_find(*at);
		const char *argument = at[1] != '\0' ? at + 1 : next;

		if (letter == NULL)
			return refuse_letter(*at, error);
		give(line, *at);
		if (letter->argument == NULL)
			continue;
		if (argument == NULL) {
			snprintf(error, NC_ERROR_MAX, _("-%1$c wants an argument: -%1$c %2$s"), *at, letter->argument);
			return -EINVAL;
		}
		line->arguments[(unsigned char)*at] = argument;
		*has_used_next = at[1] == '\0';
		return letter->check == NULL ? 0 : letter->check(letter, argument, error);
	}
	return 0;
}

int nc_line_read(struct nc_line *line, int argc, char **argv, char *error)
{
	bool has_options = true;
	int ret = 0;

	*line = (struct nc_line){ .words = xcalloc((size_t)argc + 1, sizeof(*line->words)) };
	for (int i = 0; ret == 0 && i < argc && !line->is_help && !line->is_version; i++) {
		bool has_used_next = false;

		if (!has_options || argv[i][0] != '-' || argv[i][1] == '\0')
			line->words[line->word_count++] = argv[i];
		else if (strcmp(argv[i], "--") == 0)
			has_options = false;
		else if (argv[i][1] == '-')
			ret = read_long(line, argv[i], error);
		else
			ret = read_cluster(line, argv[i] + 1, i + 1 < argc ? argv[i + 1] : NULL, &has_used_next, error);
		i += has_used_next;
	}
	return ret;
}

void nc_line_clear(struct nc_line *line)
{
	free(line->words);
	line->words = NULL;
}
