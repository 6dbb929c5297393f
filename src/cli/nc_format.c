/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our command as a person can type it into a shell: see nc.h. */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/util.h"
#include "cli/nc.h"

/* The most that a byte can become: "\xff". Around a word stand "$''" and a blank. */
#define BYTE_MAX 4
#define AROUND_MAX 4
#define NO_INPUT " < /dev/null"

/* These mean nothing to a shell. */
static bool is_plain(char byte)
{
	return isalnum((unsigned char)byte) || (byte != '\0' && strchr("_@%+=:,./-", byte) != NULL);
}

static bool is_printed(char byte)
{
	return byte >= ' ' && byte <= '~';
}

/* What kind of quotes does a word need? '\0': none; '\'': those; '$': those of $'', with escapes. */
static char quotes_of(const char *word)
{
	char quotes = word[0] == '\0' ? '\'' : '\0';

	for (; *word != '\0'; word++) {
		if (!is_printed(*word) || *word == '\'')
			return '$';
		if (!is_plain(*word))
			quotes = '\'';
	}
	return quotes;
}

static void add_word(struct text *text, const char *word)
{
	char quotes = quotes_of(word);

	text_add(text, quotes == '$' ? "$'" : quotes == '\'' ? "'" : "");
	for (; *word != '\0'; word++) {
		if (quotes == '$' && !is_printed(*word))
			text_addf(text, "\\x%02x", (unsigned char)*word);
		else if (quotes == '$' && (*word == '\'' || *word == '\\'))
			text_addf(text, "\\%c", *word);
		else
			text_add_bytes(text, word, 1);
	}
	text_add(text, quotes == '\0' ? "" : "'");
}

char *nc_command_format(const struct nc_command *command)
{
	size_t size = sizeof(NO_INPUT);
	struct text text;
	char *line;

	for (int i = 0; i < command->argc; i++)
		size += strlen(command->argv[i]) * BYTE_MAX + AROUND_MAX;
	line = xmalloc(size);
	text_init(&text, line, size);
	for (int i = 0; i < command->argc; i++) {
		text_add(&text, i == 0 ? "" : " ");
		add_word(&text, command->argv[i]);
	}
	text_add(&text, command->has_no_input ? NO_INPUT : "");
	return line;
}
