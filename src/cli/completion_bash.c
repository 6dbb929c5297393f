/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion for bash(1), "Programmable Completion". */
#include "base/util.h"
#include "cli/completion_private.h"

/* bash breaks words at ":" and "="; the functions of the package bash-completion put them together again. */
static const char head[] =
	"# bash completion for sockt, made by `sockt help --completion bash`\n"
	"\n"
	"_sockt_words() {\n"
	"\tmapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\")\n"
	"\tif [[ ${#COMPREPLY[@]} -gt 0 && ${COMPREPLY[0]} == *[:=] ]]; then\n"
	"\t\tcompopt -o nospace 2>/dev/null\n"
	"\tfi\n"
	"\tif declare -F __ltrim_colon_completions >/dev/null; then\n"
	"\t\t__ltrim_colon_completions \"$cur\"\n"
	"\tfi\n"
	"}\n"
	"\n"
	"_sockt_files() {\n"
	"\tcompopt -o filenames 2>/dev/null\n"
	"\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	"}\n"
	"\n"
	"_sockt_scripts() {\n"
	"\t_sockt_files\n"
	"\tCOMPREPLY+=($(compgen -W \"$(sockt shell --lessons 2>/dev/null |\n"
	"\t\tsed -n 's/^  \\([0-9][0-9]\\)  .*/\\1/p')\" -- \"$cur\"))\n"
	"}\n"
	"\n"
	"_sockt() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	"\tlocal command=${COMP_WORDS[1]}\n"
	"\n"
	"\tCOMPREPLY=()\n"
	"\tif declare -F _get_comp_words_by_ref >/dev/null; then\n"
	"\t\t_get_comp_words_by_ref -n := cur prev\n"
	"\tfi\n"
	"\tif [[ $COMP_CWORD -eq 1 ]]; then\n";

static const char tail[] =
	"\tesac\n"
	"}\n"
	"\n"
	"complete -F _sockt sockt\n";

static void print_commands(FILE *out)
{
	const struct command *command;

	fputs("\t\t_sockt_words '", out);
	for (size_t i = 0; (command = command_at(i)) != NULL; i++)
		fprintf(out, "%s ", command->name);
	fputs("--help --version'\n\t\treturn\n\tfi\n", out);
	/* "--name=" and what stands behind it. */
	fputs("\tif [[ $cur == --*=* ]]; then\n"
	      "\t\tprev=${cur%%=*}\n"
	      "\t\tcur=${cur#*=}\n"
	      "\tfi\n"
	      "\tcase $command:$prev in\n",
	      out);
}

/* A pattern for the names of an option: listen:-w|listen:--connect-timeout */
static void print_names(FILE *out, const struct command *command, const struct option_record *option)
{
	fputc('\t', out);
	if (option->letter != '\0')
		fprintf(out, "%s:-%c", command->name, option->letter);
	if (option->name != NULL)
		fprintf(out, "%s%s:--%s", option->letter != '\0' ? "|" : "", command->name, option->name);
	fputs(")\n", out);
}

/* What the arguments of the options of a command are. */
static void print_arguments(FILE *out, const struct command *command)
{
	for (size_t id = 0; id < OPTION_COUNT; id++) {
		const struct option_record *option = option_at(id);
		char words[COMPLETION_WORDS_MAX] = "";
		struct text text;

		if ((option->commands & command->bit) == 0 || option->argument == NULL)
			continue;
		text_init(&text, words, sizeof(words));
		print_names(out, command, option);
		switch (completion_of_option(option, &text)) {
		case COMPLETES_WORDS:
			fprintf(out, "\t\t_sockt_words '%s'\n", words);
			break;
		case COMPLETES_FILES:
			fputs("\t\t_sockt_files\n", out);
			break;
		case COMPLETES_NOTHING:
			break;
		}
		fputs("\t\treturn\n\t\t;;\n", out);
	}
}

static void print_options(FILE *out, const struct command *command)
{
	fprintf(out, "\t%s:-*)\n\t\t_sockt_words '", command->name);
	for (size_t id = 0; id < OPTION_COUNT; id++) {
		const struct option_record *option = option_at(id);

		if ((option->commands & command->bit) == 0)
			continue;
		if (option->letter != '\0')
			fprintf(out, "-%c ", option->letter);
		if (option->name != NULL)
			fprintf(out, "--%s ", option->name);
	}
	fputs("'\n\t\t;;\n", out);
}

/* What else a command takes. */
static void print_words(FILE *out, const struct command *command)
{
	char words[COMPLETION_WORDS_MAX] = "";
	struct text text;

	text_init(&text, words, sizeof(words));
	fprintf(out, "\t%s:*)\n", command->name);
	if (command->bit == COMMAND_SHELL) {
		fputs("\t\t_sockt_scripts\n", out);
	} else if (command->bit == COMMAND_HELP) {
		completion_add_topics(&text);
		fprintf(out, "\t\t_sockt_words '%s'\n", words);
	} else {
		completion_add_kinds(command, &text);
		fprintf(out, "\t\t_sockt_words \"%s $(compgen -A hostname -- \"$cur\")\"\n", words);
	}
	fputs("\t\t;;\n", out);
}

void completion_print_bash(FILE *out)
{
	const struct command *command;

	fputs(head, out);
	print_commands(out);
	for (size_t i = 0; (command = command_at(i)) != NULL; i++)
		print_arguments(out, command);
	fputs("\tesac\n\tcase $command:$cur in\n", out);
	for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
		print_options(out, command);
		print_words(out, command);
	}
	fputs(tail, out);
}
