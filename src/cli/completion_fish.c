/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion for fish: complete(1). */
#include "base/i18n.h"
#include "base/util.h"
#include "cli/completion_private.h"

static const char head[] =
	"# fish completion for sockt, made by `sockt help --completion fish`\n"
	"\n"
	"# Is this the command? \"none\": none has been typed yet.\n"
	"function __sockt_command\n"
	"\tset -l typed (commandline -opc)\n"
	"\tif test (count $typed) -lt 2\n"
	"\t\ttest $argv[1] = none\n"
	"\telse\n"
	"\t\ttest \"$typed[2]\" = $argv[1]\n"
	"\tend\n"
	"end\n"
	"\n"
	"complete -c sockt -f\n"
	"complete -c sockt -n '__sockt_command none' -l help -d 'show this'\n"
	"complete -c sockt -n '__sockt_command none' -l version -d 'show the version'\n";

/* A sentence within single quotes. */
static void put_quoted(FILE *out, const char *sentence)
{
	for (; *sentence != '\0'; sentence++) {
		if (*sentence == '\'' || *sentence == '\\')
			fputc('\\', out);
		fputc(*sentence, out);
	}
}

static void print_option(FILE *out, const struct command *command, const struct option_record *option)
{
	char words[COMPLETION_WORDS_MAX] = "";
	struct text text;

	text_init(&text, words, sizeof(words));
	fprintf(out, "complete -c sockt -n '__sockt_command %s'", command->name);
	if (option->letter != '\0')
		fprintf(out, " -s %c", option->letter);
	if (option->name != NULL)
		fprintf(out, " -l %s", option->name);
	if (option->argument != NULL) {
		switch (completion_of_option(option, &text)) {
		case COMPLETES_WORDS:
			fprintf(out, " -x -a '%s'", words);
			break;
		case COMPLETES_FILES:
			fputs(" -r -F", out);
			break;
		case COMPLETES_NOTHING:
			fputs(" -x", out);
			break;
		}
	}
	fputs(" -d '", out);
	put_quoted(out, _(option->help));
	fputs("'\n", out);
}

/* What else a command takes. */
static void print_words(FILE *out, const struct command *command)
{
	char words[COMPLETION_WORDS_MAX] = "";
	struct text text;

	text_init(&text, words, sizeof(words));
	fprintf(out, "complete -c sockt -n '__sockt_command %s'", command->name);
	if (command->bit == COMMAND_SHELL) {
		fputs(" -F -a \"(sockt shell --lessons 2>/dev/null |"
		      " string replace -rf '^  (\\d\\d)  (.*)' '\\$1\\t\\$2')\"\n",
		      out);
	} else if (command->bit == COMMAND_HELP) {
		completion_add_topics(&text);
		fprintf(out, " -a '%s'\n", words);
	} else {
		completion_add_kinds(command, &text);
		fprintf(out, " -a '%s (__fish_print_hostnames)'\n", words);
	}
}

void completion_print_fish(FILE *out)
{
	const struct command *command;

	fputs(head, out);
	for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
		fprintf(out, "complete -c sockt -n '__sockt_command none' -a %s -d '", command->name);
		put_quoted(out, _(command->summary));
		fputs("'\n", out);
	}
	for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
		for (size_t id = 0; id < OPTION_COUNT; id++)
			if ((option_at(id)->commands & command->bit) != 0)
				print_option(out, command, option_at(id));
		print_words(out, command);
	}
}
