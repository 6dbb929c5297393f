/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion for bash(1), "Programmable Completion". */
#include "base/util.h"
#include "cli/completion_private.h"

/*
 * Behind a word that may be a host stands a port.
 *
 * bash breaks words at ":" and "=", too: they are put together from the line, and replies cut off where it did. Words
 * of ours are expanded by compgen; of hosts and files, that others have named, nothing may be.
 */
static const char head[] =
	"# bash completion for sockt, made by `sockt help --completion bash`\n"
	"\n"
	"_sockt_cut() {\n"
	"\tlocal before= rest=$cur\n"
	"\twhile [[ $rest == *[:=]* ]]; do\n"
	"\t\tbefore=${rest%[:=]*}\n"
	"\t\tlocal break=${rest:${#before}:1}\n"
	"\t\tif [[ $COMP_WORDBREAKS == *\"$break\"* ]]; then\n"
	"\t\t\tCOMPREPLY=(\"${COMPREPLY[@]#\"$before$break\"}\")\n"
	"\t\t\treturn\n"
	"\t\tfi\n"
	"\t\trest=$before\n"
	"\tdone\n"
	"}\n"
	"\n"
	"_sockt_words() {\n"
	"\tmapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\")\n"
	"\tif [[ ${#COMPREPLY[@]} -gt 0 && ${COMPREPLY[0]} == *[:=/] ]]; then\n"
	"\t\tcompopt -o nospace 2>/dev/null\n"
	"\tfi\n"
	"\t_sockt_cut\n"
	"}\n"
	"\n"
	"_sockt_files() {\n"
	"\tcompopt -o filenames 2>/dev/null\n"
	"\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	"}\n"
	"\n"
	"_sockt_programs() {\n"
	"\tmapfile -t COMPREPLY < <(compgen -c -P \"$1\" -- \"${cur#\"$1\"}\" | sort -u)\n"
	"\t_sockt_cut\n"
	"}\n"
	"\n"
	"_sockt_hosts() {\n"
	"\tmapfile -t COMPREPLY < <(compgen -A hostname -P \"$1\" -- \"${cur#\"$1\"}\" | sort -u)\n"
	"\t_sockt_cut\n"
	"}\n"
	"\n"
	"_sockt_services() {\n"
	"\tmapfile -t COMPREPLY < <(compgen -A service -P \"$1\" -- \"${cur#\"$1\"}\" | sort -u)\n"
	"\t_sockt_cut\n"
	"}\n"
	"\n"
	"_sockt_named() {\n"
	"\tlocal last=${cur##*,}\n"
	"\tif [[ -n $2 && $cur == *,* ]]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$2\" -P \"${cur%\"$last\"}\" -- \"$last\")\n"
	"\t\t_sockt_cut\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tif [[ $cur != *:* ]]; then\n"
	"\t\t_sockt_words \"$1\"\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tcompopt -o filenames 2>/dev/null\n"
	"\tmapfile -t COMPREPLY < <(compgen -f -P \"${cur%%:*}:\" -- \"${cur#*:}\")\n"
	"\t_sockt_cut\n"
	"}\n"
	"\n"
	"_sockt_endpoint() {\n"
	"\tlocal last=${cur##*,}\n"
	"\tif [[ -n $6 && $cur == *,* && $last == @($6)=* ]]; then\n"
	"\t\t_sockt_hosts \"${cur%\"${last#*=}\"}\"\n"
	"\telif [[ $cur == *,* ]]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$2\" -P \"${cur%\"$last\"}\" -- \"$last\")\n"
	"\t\tcompopt -o nospace 2>/dev/null\n"
	"\t\t_sockt_cut\n"
	"\telif [[ $cur == @($3):* ]]; then\n"
	"\t\t_sockt_named\n"
	"\telif [[ $cur == @($4):* ]]; then\n"
	"\t\t_sockt_programs \"${cur%%:*}:\"\n"
	"\telif [[ $cur == *\\[* && $cur != *\\]:* ]]; then\n"
	"\t\treturn\n"
	"\telif [[ $cur == @($5):*:* || ( $cur == *:* && \" $1 \" != *\" ${cur%%:*}:\"* ) ]]; then\n"
	"\t\t_sockt_services \"${cur%:*}:\"\n"
	"\telif [[ $cur == @($5):* ]]; then\n"
	"\t\tcompopt -o nospace 2>/dev/null\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -A hostname -P \"${cur%%:*}:\" -S : -- \"${cur#*:}\")\n"
	"\t\t_sockt_cut\n"
	"\telse\n"
	"\t\t_sockt_words \"$1\"\n"
	"\t\tmapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(\n"
	"\t\t\tcompgen -A hostname -- \"$cur\"\n"
	"\t\t\tif [[ ( -n $7 && -n $cur ) || ( $COMP_CWORD -gt 2 && $prev == *[[:alpha:].]* &&\n"
	"\t\t\t\t$prev != -* && $prev != *[:/,]* ) ]]; then\n"
	"\t\t\t\tcompgen -A service -- \"$cur\" | sort -u\n"
	"\t\t\tfi)\n"
	"\tfi\n"
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
	"\tlocal command=${COMP_WORDS[1]} line=${COMP_LINE:0:COMP_POINT}\n"
	"\n"
	"\tCOMPREPLY=()\n"
	"\tif [[ -n $line && ( $cur == [:=]* || $prev == [:=]* ) ]]; then\n"
	"\t\tcur=${line##*[[:blank:]]}\n"
	"\t\tline=${line%\"$cur\"}\n"
	"\t\tline=${line%\"${line##*[![:blank:]]}\"}\n"
	"\t\tprev=${line##*[[:blank:]]}\n"
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

		if (!completion_takes_argument(option, command))
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
		case COMPLETES_DIRECTORIES:
			fputs("\t\tcompopt -o filenames 2>/dev/null\n"
			      "\t\tmapfile -t COMPREPLY < <(compgen -d -- \"$cur\")\n",
			      out);
			break;
		case COMPLETES_PROGRAMS:
			fputs("\t\t_sockt_programs ''\n", out);
			break;
		case COMPLETES_USERS:
			fputs("\t\tmapfile -t COMPREPLY < <(compgen -u -- \"$cur\")\n", out);
			break;
		case COMPLETES_HOSTS:
			fputs("\t\t_sockt_hosts ''\n", out);
			break;
		case COMPLETES_NAMED_FILES:
			fprintf(out, "\t\t_sockt_named '%s' ", words);
			fprintf(out, "'%s'\n", completion_tails(option, words, sizeof(words)));
			break;
		case COMPLETES_NOTHING:
			break;
		}
		fputs("\t\treturn\n\t\t;;\n", out);
	}
}

/* Of the letters of nc. */
static void print_letters(FILE *out)
{
	const struct nc_letter *letter;

	for (size_t i = 0; (letter = nc_letter_at(i)) != NULL; i++) {
		if (letter->argument != NULL)
			fprintf(out, "\tnc:-%c)\n%s\t\treturn\n\t\t;;\n", letter->letter,
				completion_of_letter(letter) == COMPLETES_HOSTS ? "\t\t_sockt_hosts ''\n" : "");
	}
}

static void print_options(FILE *out, const struct command *command)
{
	char letters[COMPLETION_WORDS_MAX] = "";
	struct text text;

	text_init(&text, letters, sizeof(letters));
	if (command->bit == COMMAND_NC)
		completion_add_letters(&text);
	fprintf(out, "\t%s:-*)\n\t\t_sockt_words '", command->name);
	for (size_t id = 0; id < OPTION_COUNT; id++) {
		const struct option_record *option = option_at(id);

		if (!completion_is_offered(option, command))
			continue;
		if (option->letter != '\0')
			fprintf(out, "-%c ", option->letter);
		if (option->name != NULL)
			fprintf(out, "--%s ", option->name);
	}
	fprintf(out, "%s'\n\t\t;;\n", letters);
}

/* What else a command takes. */
static void print_words(FILE *out, const struct command *command)
{
	struct completion_endpoint endpoint;
	char topics[COMPLETION_WORDS_MAX];
	struct text text;

	text_init(&text, topics, sizeof(topics));
	fprintf(out, "\t%s:*)\n", command->name);
	if (command->bit == COMMAND_SHELL) {
		fputs("\t\t_sockt_scripts\n", out);
	} else if (command->bit == COMMAND_HELP) {
		completion_add_topics(&text);
		fprintf(out, "\t\t_sockt_words '%s'\n", topics);
	} else {
		completion_fill_endpoint(command, "|", &endpoint);
		fprintf(out, "\t\t_sockt_endpoint '%s' '%s' '%s' '%s' '%s' '%s' %s\n", endpoint.kinds,
			endpoint.options, endpoint.files, endpoint.programs, endpoint.hosts, endpoint.addresses,
			endpoint.is_port_alone ? "port" : "''");
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
	print_letters(out);
	fputs("\tesac\n\tcase $command:$cur in\n", out);
	for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
		print_options(out, command);
		print_words(out, command);
	}
	fputs(tail, out);
}
