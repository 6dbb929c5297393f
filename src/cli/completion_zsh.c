/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion for zsh: zshcompsys(1), _arguments. */
#include "base/i18n.h"
#include "base/util.h"
#include "cli/completion_private.h"

/* A sentence within single quotes, where brackets and colons mean something to _arguments. */
static void put_quoted(FILE *out, const char *sentence)
{
	for (; *sentence != '\0'; sentence++) {
		if (*sentence == '\'')
			fputs("'\\''", out);
		else if (*sentence == '[' || *sentence == ']' || *sentence == ':' || *sentence == '\\')
			fprintf(out, "\\%c", *sentence);
		else
			fputc(*sentence, out);
	}
}

static void print_commands(FILE *out)
{
	const struct command *command;

	fputs("#compdef sockt\n"
	      "# zsh completion for sockt, made by `sockt help --completion zsh`\n"
	      "\n"
	      "_sockt_scripts() {\n"
	      "\t_files\n"
	      "\tcompadd -- $(sockt shell --lessons 2>/dev/null | sed -n 's/^  \\([0-9][0-9]\\)  .*/\\1/p')\n"
	      "}\n"
	      "\n"
	      "_sockt() {\n"
	      "\tlocal -a commands=(\n",
	      out);
	for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
		fprintf(out, "\t\t'%s:", command->name);
		put_quoted(out, _(command->summary));
		fputs("'\n", out);
	}
	fputs("\t\t'--help:show this'\n"
	      "\t\t'--version:show the version'\n"
	      "\t)\n"
	      "\n"
	      "\tif (( CURRENT == 2 )); then\n"
	      "\t\t_describe command commands\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tshift words\n"
	      "\t(( CURRENT-- ))\n"
	      "\tcase $words[1] in\n",
	      out);
}

/* Words that go on behind what was completed: code that adds them without a blank; a colon would end it. */
static void put_goes_on(FILE *out, const char *begin, const char *words)
{
	fprintf(out, "%scompadd -S \"\" -- ", begin);
	put_quoted(out, words);
	fputc('}', out);
}

/* ":TIME:(a b)": what the argument is called, and what it may be. */
static void print_argument(FILE *out, const struct option_record *option)
{
	char words[COMPLETION_WORDS_MAX] = "";
	struct text text;

	text_init(&text, words, sizeof(words));
	fputc(':', out);
	put_quoted(out, option->argument);
	switch (completion_of_option(option, &text)) {
	case COMPLETES_WORDS:
		/* One that goes on is no whole word: no blank behind it. */
		if (text.len > 0 && (words[text.len - 1] == ':' || words[text.len - 1] == '='))
			put_goes_on(out, ":{", words);
		else
			fprintf(out, ":(%s)", words);
		break;
	case COMPLETES_FILES:
		fputs(":_files", out);
		break;
	case COMPLETES_NOTHING:
		fputs(": ", out);
		break;
	}
}

/* '*-w+[sentence]:TIME: '. An option may stand more than once: which ones must not, sockt itself says. */
static void print_option(FILE *out, const struct option_record *option, const char *name, const char *sign)
{
	fprintf(out, " \\\n\t\t\t'*%s%s[", name, option->argument == NULL ? "" : sign);
	put_quoted(out, _(option->help));
	fputc(']', out);
	if (option->argument != NULL)
		print_argument(out, option);
	fputc('\'', out);
}

static void print_options(FILE *out, const struct command *command)
{
	for (size_t id = 0; id < OPTION_COUNT; id++) {
		const struct option_record *option = option_at(id);
		char name[64];

		if ((option->commands & command->bit) == 0)
			continue;
		snprintf(name, sizeof(name), "-%c", option->letter);
		if (option->letter != '\0')
			print_option(out, option, name, "+");
		snprintf(name, sizeof(name), "--%s", option->name);
		if (option->name != NULL)
			print_option(out, option, name, "=");
	}
}

/* What else a command takes. */
static void print_words(FILE *out, const struct command *command)
{
	char words[COMPLETION_WORDS_MAX] = "";
	struct text text;

	text_init(&text, words, sizeof(words));
	if (command->bit == COMMAND_SHELL) {
		fputs(" \\\n\t\t\t'*:script or lesson:_sockt_scripts'", out);
	} else if (command->bit == COMMAND_HELP) {
		completion_add_topics(&text);
		fprintf(out, " \\\n\t\t\t'*:topic:(%s)'", words);
	} else {
		completion_add_kinds(command, &text);
		put_goes_on(out, " \\\n\t\t\t'*:endpoint:{_hosts; ", words);
		fputc('\'', out);
	}
}

void completion_print_zsh(FILE *out)
{
	const struct command *command;

	print_commands(out);
	for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
		fprintf(out, "\t%s)\n\t\t_arguments -s -S", command->name);
		print_options(out, command);
		print_words(out, command);
		fputs("\n\t\t;;\n", out);
	}
	fputs("\tesac\n}\n\n_sockt \"$@\"\n", out);
}
