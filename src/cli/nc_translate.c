/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nc's command line in our words: see nc.h. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "cli/nc.h"
#include "cli/nc_private.h"

/* Two letters that cannot stand together, and why. */
static const struct {
	char a, b;
	const char *why;
} contradictions[] = {
	{ 'z', 'l', N_("-z and -l contradict each other: who listens tries no ports") },
	{ 'x', 'l', N_("-x and -l contradict each other: a proxy is on the way to a server") },
	{ 'x', 'u', N_("-x and -u contradict each other: a proxy leads to TCP only") },
	{ 'x', 'U', N_("-x and -U contradict each other: no proxy leads to a Unix socket") },
	{ 'x', 'Z', N_("-x and -Z contradict each other: a proxy leads to TCP only") },
	{ 'Z', 'U', N_("-Z and -U contradict each other: DCCP is not for Unix sockets") },
	{ 'Z', 'u', N_("-Z and -u contradict each other: it is DCCP or UDP") },
	{ 'F', 'U', N_("-F and -U contradict each other") },
	{ 'S', 'u', N_("-S and -u contradict each other: it is segments of TCP that are signed") },
	{ 'S', 'U', N_("-S and -U contradict each other: it is segments of TCP that are signed") },
	{ 'S', 'Z', N_("-S and -Z contradict each other: it is segments of TCP that are signed") },
	{ 'F', 'l', N_("-F and -l contradict each other: what is passed on is a connection that nc has made") },
};

/* ---- The words of our command ---- */

void nc_add(struct nc_command *command, const char *word)
{
	assert(command->argc < NC_WORDS_MAX);
	command->argv[command->argc++] = xstrdup(word);
}

void nc_add_option(struct nc_command *command, const char *option, const char *argument)
{
	nc_add(command, option);
	nc_add(command, argument);
}

int nc_refuse(char *error, const char *sentence)
{
	snprintf(error, NC_ERROR_MAX, "%s", sentence);
	return -EINVAL;
}

void nc_command_clear(struct nc_command *command)
{
	for (int i = 0; i < command->argc; i++)
		free(command->argv[i]);
	*command = (struct nc_command){ .argc = 0 };
}

const char *nc_argument(const struct nc_line *line, char letter)
{
	return line->arguments[(unsigned char)letter];
}

/* ---- Letters that are one of our options each ---- */

/* Does the letter have no meaning in this line? */
static bool is_idle(const struct nc_command *command, const struct nc_line *line, const struct nc_letter *letter)
{
	if (letter->option == NULL || (letter->modes & command->mode) == 0)
		return true;
	/* What speaks of data says nothing where none are moved. */
	if ((nc_has(line, 'F') || nc_is_tried(line)) && letter->letter != 'F' && (letter->modes & NC_SCAN) == 0)
		return true;
	return (letter->letter == 'i' && nc_is_zero(line, 'i')) || (letter->letter == '6' && nc_is_for_both(line)) ||
	       (letter->letter == 'n' && nc_is_from_name(line));
}

static void add_letters(struct nc_command *command, const struct nc_line *line)
{
	const struct nc_letter *letter;

	for (size_t i = 0; (letter = nc_letter_at(i)) != NULL; i++) {
		const char *value = letter->value == NULL ? "" : letter->value;
		const char *argument = letter->argument == NULL ? "" : nc_argument(line, letter->letter);
		char word[128];

		if (!nc_has(line, letter->letter) || is_idle(command, line, letter))
			continue;
		nc_add(command, letter->option);
		snprintf(word, sizeof(word), "%s%s", value, argument);
		if (word[0] != '\0')
			nc_add(command, word);
	}
}

/* ---- All together ---- */

static int check(const struct nc_line *line, char *error)
{
	const struct nc_letter *letter;

	for (size_t i = 0; (letter = nc_letter_at(i)) != NULL; i++)
		if (nc_has(line, letter->letter) && letter->refusal != NULL)
			return nc_refuse(error, _(letter->refusal));
	for (size_t i = 0; i < ARRAY_LEN(contradictions); i++)
		if (nc_has(line, contradictions[i].a) && nc_has(line, contradictions[i].b))
			return nc_refuse(error, _(contradictions[i].why));
	if (nc_has(line, 'k') && !nc_has(line, 'l'))
		return nc_refuse(error, _("must use -l with -k: it is a listener that takes further clients"));
	return 0;
}

/* A step of the trace is more than nc ever says: -vv is our -v. */
static void add_verbose(struct nc_command *command, const struct nc_line *line)
{
	static const char *const words[] = { NULL, NULL, "-v", "-vv", "-vvv" };
	size_t count = line->verbose < ARRAY_LEN(words) ? line->verbose : ARRAY_LEN(words) - 1;

	if (words[count] != NULL)
		nc_add(command, words[count]);
}

/* How what is read is counted, and how what is sent is cut: nc sends each line with -i, so that a datagram is one. */
static void add_pieces(struct nc_command *command, const struct nc_line *line)
{
	if (command->mode == NC_SCAN || nc_is_tried(line) || nc_has(line, 'F'))
		return;
	if (nc_has(line, 'W'))
		nc_add_option(command, nc_has(line, 'u') || nc_has(line, 'Z') ? "--limit-messages" : "--limit-reads",
			      nc_argument(line, 'W'));
	if (!nc_has(line, 'u'))
		return;
	if (nc_has(line, 'i') && !nc_is_zero(line, 'i'))
		nc_add_option(command, "--datagram", "line");
	if (nc_has(line, 'b') && !nc_has(line, 'U'))
		nc_add(command, "--broadcast");
}

int nc_translate(struct nc_command *command, const struct nc_line *line, const struct nc_surroundings *around,
		 char *error)
{
	*command = (struct nc_command){ .mode = nc_has(line, 'l')			       ? NC_LISTEN :
						nc_has(line, 'z') && !nc_is_tried(line) ? NC_SCAN :
											   NC_CONNECT };
	if (check(line, error) < 0)
		return -EINVAL;
	nc_add(command, "sockt");
	nc_add(command, command->mode == NC_LISTEN ? "listen" : "connect");
	if (command->mode == NC_SCAN)
		nc_add(command, "--scan");
	add_verbose(command, line);
	if (nc_has(line, 'u') && !nc_has(line, 'U'))
		nc_add(command, "-u");
	add_letters(command, line);
	add_pieces(command, line);
	if (nc_has(line, 'S')) {
		nc_add_option(command, "--md5-key-file", "FILE");
		command->key_at = command->argc - 1;
	}
	if (nc_add_class(command, nc_argument(line, 'T'), error) < 0 || nc_add_proxy(command, line, error) < 0)
		return -EINVAL;
	nc_add_ending(command, line, around);
	return nc_add_places(command, line, around, error);
}
