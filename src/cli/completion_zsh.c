/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion for zsh: zshcompsys(1), _arguments. */
#include "base/i18n.h"
#include "base/util.h"
#include "cli/completion_private.h"

static const char head[] =
	"#compdef sockt\n"
	"# zsh completion for sockt, made by `sockt help --completion zsh`\n"
	"\n"
	"_sockt_scripts() {\n"
	"\t_files\n"
	"\tcompadd -- $(sockt shell --lessons 2>/dev/null | sed -n 's/^  \\([0-9][0-9]\\)  .*/\\1/p')\n"
	"}\n"
	"\n"
	"_sockt_programs() {\n"
	"\tif [[ $PREFIX == */* ]]; then\n"
	"\t\t_files -g '*(*)'\n"
	"\telse\n"
	"\t\tcompadd -k commands\n"
	"\tfi\n"
	"}\n"
	"\n"
	"_sockt_named() {\n"
	"\tlocal -a tails=(${=1})\n"
	"\tshift\n"
	"\tif (( $#tails )) && compset -P '*,'; then\n"
	"\t\tcompadd -- $tails\n"
	"\telif compset -P '*:'; then\n"
	"\t\t_files\n"
	"\telse\n"
	"\t\tcompadd -S '' -- \"$@\"\n"
	"\tfi\n"
	"}\n"
	"\n"
	"_sockt_endpoint() {\n"
	"\tif compset -P '*,'; then\n"
	"\t\tif (( $#sockt_addresses )) && compset -P \"(${(j:|:)sockt_addresses})=\"; then\n"
	"\t\t\t_hosts\n"
	"\t\telse\n"
	"\t\t\tcompadd -S '' -- $sockt_options\n"
	"\t\tfi\n"
	"\telif (( $#sockt_files )) && compset -P \"(${(j:|:)sockt_files}):\"; then\n"
	"\t\t_files\n"
	"\telif (( $#sockt_programs )) && compset -P \"(${(j:|:)sockt_programs}):\"; then\n"
	"\t\t_sockt_programs\n"
	"\telif [[ $PREFIX == *\\[* && $PREFIX != *\\]:* ]]; then\n"
	"\t\treturn 1\n"
	"\telif (( $#sockt_hosts )) && compset -P \"(${(j:|:)sockt_hosts}):\"; then\n"
	"\t\tif compset -P '*:'; then\n"
	"\t\t\t_ports\n"
	"\t\telse\n"
	"\t\t\t_hosts -S :\n"
	"\t\tfi\n"
	"\telif [[ $PREFIX == *:* ]] && (( ! ${sockt_kinds[(Ie)${PREFIX%%:*}:]} )); then\n"
	"\t\tcompset -P '*:'\n"
	"\t\t_ports\n"
	"\telse\n"
	"\t\t_hosts\n"
	"\t\tcompadd -S '' -- $sockt_kinds\n"
	"\t\tif [[ -n $PREFIX && -n $sockt_port ]]; then\n"
	"\t\t\t_ports\n"
	"\t\tfi\n"
	"\tfi\n"
	"}\n"
	"\n"
	"_sockt_second() {\n"
	"\tlocal sockt_port=\n"
	"\t[[ $PREFIX == *[:,]* ]] || _ports\n"
	"\t_sockt_endpoint\n"
	"}\n"
	"\n"
	"_sockt() {\n"
	"\tlocal -a sockt_kinds sockt_options sockt_programs sockt_hosts sockt_files sockt_addresses\n"
	"\tlocal sockt_port=\n";

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

	fputs(head, out);
	/* The shell's own `commands` is not to be hidden: it has the programs. */
	fputs("\tlocal -a sockt_commands=(\n", out);
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
	      "\t\t_describe command sockt_commands\n"
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
	char words[COMPLETION_WORDS_MAX] = "", tails[COMPLETION_KINDS_MAX];
	struct text text;

	text_init(&text, words, sizeof(words));
	fputs(completion_is_optional(option) ? "::" : ":", out);
	put_quoted(out, option->argument);
	switch (completion_of_option(option, &text)) {
	case COMPLETES_WORDS:
		/* One that goes on is no whole word: no blank behind it. */
		if (text.len > 0 && strchr(":=/", words[text.len - 1]) != NULL)
			put_goes_on(out, ":{", words);
		else
			fprintf(out, ":(%s)", words);
		break;
	case COMPLETES_FILES:
		fputs(":_files", out);
		break;
	case COMPLETES_DIRECTORIES:
		fputs(":_files -/", out);
		break;
	case COMPLETES_PROGRAMS:
		fputs(":_sockt_programs", out);
		break;
	case COMPLETES_USERS:
		fputs(":_users", out);
		break;
	case COMPLETES_HOSTS:
		fputs(":_hosts", out);
		break;
	case COMPLETES_NAMED_FILES:
		fputs(":{_sockt_named \"", out);
		put_quoted(out, completion_tails(option, tails, sizeof(tails)));
		fputs("\" ", out);
		put_quoted(out, words);
		fputc('}', out);
		break;
	case COMPLETES_NOTHING:
		fputs(": ", out);
		break;
	}
}

/* '*-w+[sentence]:TIME: '. An option may stand more than once: which ones must not, sockt itself says. */
static void print_option(FILE *out, const struct command *command, const struct option_record *option,
			 const char *name, const char *sign)
{
	/* What help explains takes no argument there. */
	bool has_argument = option->argument != NULL && (option->commands & command->bit) != 0;

	fprintf(out, " \\\n\t\t\t'*%s%s%s[", name, has_argument ? sign : "",
		has_argument && completion_is_optional(option) ? "-" : "");
	put_quoted(out, option_help(option, command->bit));
	fputc(']', out);
	if (has_argument)
		print_argument(out, option);
	fputc('\'', out);
}

static void print_options(FILE *out, const struct command *command)
{
	for (size_t id = 0; id < OPTION_COUNT; id++) {
		const struct option_record *option = option_at(id);
		char name[64];

		if (!completion_is_offered(option, command))
			continue;
		snprintf(name, sizeof(name), "-%c", option->letter);
		if (option->letter != '\0')
			print_option(out, command, option, name, "+");
		snprintf(name, sizeof(name), "--%s", option->name);
		if (option->name != NULL)
			print_option(out, command, option, name, "=");
	}
}

/* The letters of nc. */
static void print_letters(FILE *out)
{
	const struct nc_letter *letter;

	for (size_t i = 0; (letter = nc_letter_at(i)) != NULL; i++) {
		fprintf(out, " \\\n\t\t\t'*-%c%s[", letter->letter, letter->argument == NULL ? "" : "+");
		put_quoted(out, _(letter->help));
		fputc(']', out);
		if (letter->argument != NULL) {
			fputc(':', out);
			put_quoted(out, letter->argument);
			fputs(completion_of_letter(letter) == COMPLETES_HOSTS ? ":_hosts" : ": ", out);
		}
		fputc('\'', out);
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
		fputs(" \\\n\t\t\t'1:endpoint:_sockt_endpoint' \\\n\t\t\t'*:endpoint or port:_sockt_second'", out);
	}
}

/* The words that _sockt_endpoint takes. */
static void print_endpoint_words(FILE *out, const struct command *command)
{
	struct completion_endpoint words;

	if (command->role == 0)
		return;
	completion_fill_endpoint(command, " ", &words);
	fprintf(out,
		"\t\tsockt_kinds=(%s)\n\t\tsockt_options=(%s)\n\t\tsockt_programs=(%s)\n\t\tsockt_hosts=(%s)\n"
		"\t\tsockt_files=(%s)\n\t\tsockt_addresses=(%s)\n\t\tsockt_port=%s\n",
		words.kinds, words.options, words.programs, words.hosts, words.files, words.addresses,
		words.is_port_alone ? "port" : "");
}

void completion_print_zsh(FILE *out)
{
	const struct command *command;

	print_commands(out);
	for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
		fprintf(out, "\t%s)\n", command->name);
		print_endpoint_words(out, command);
		fputs("\t\t_arguments -s -S", out);
		print_options(out, command);
		if (command->bit == COMMAND_NC)
			print_letters(out);
		print_words(out, command);
		fputs("\n\t\t;;\n", out);
	}
	fputs("\tesac\n}\n\n_sockt \"$@\"\n", out);
}
