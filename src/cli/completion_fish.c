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
	"# Words, and files behind one of them and a colon; in the first argument what may stand behind a comma.\n"
	"function __sockt_named\n"
	"\tset -l typed (commandline -ct)\n"
	"\tset -l tails $argv[1]\n"
	"\tset -e argv[1]\n"
	"\tif test -n \"$tails\"; and string match -q '*,*' -- $typed\n"
	"\t\tset -l before (string replace -r '[^,]*$' '' -- $typed)\n"
	"\t\tprintf '%s\\n' $before(string split ' ' -- $tails)\n"
	"\telse if string match -q '*:*' -- $typed\n"
	"\t\tset -l before (string replace -r ':.*' ':' -- $typed)\n"
	"\t\tprintf '%s\\n' $before(__fish_complete_path (string replace -r '^[^:]*:' '' -- $typed))\n"
	"\telse\n"
	"\t\tprintf '%s\\n' $argv\n"
	"\tend\n"
	"end\n"
	"\n"
	"# Programs, for a word, with what stands before it.\n"
	"function __sockt_programs\n"
	"\tcomplete -C \"$argv[2]\" | string replace -rf '^([^\\t]*).*' \"$argv[1]\\$1\"\n"
	"end\n"
	"\n"
	"# Those of fish are without our own.\n"
	"function __sockt_hosts\n"
	"\techo localhost\n"
	"\t__fish_print_hostnames\n"
	"end\n"
	"\n"
	"function __sockt_services\n"
	"\ttest -r /etc/services\n"
	"\tand string replace -rf '^([[:alpha:]][^\\s#]*)\\s.*' '$1' </etc/services\n"
	"end\n"
	"\n"
	"# Kinds, options behind a comma, kinds that are files, programs, or of hosts, options whose value\n"
	"# is a host, and whether a port may stand alone: each in one argument.\n"
	"function __sockt_endpoint\n"
	"\tset -l typed (commandline -ct)\n"
	"\tif string match -q '*,*' -- $typed\n"
	"\t\tset -l before (string replace -r '[^,]*$' '' -- $typed)\n"
	"\t\tset -l last (string replace -r '^.*,' '' -- $typed)\n"
	"\t\tif test -n \"$argv[6]\"; and string match -qr \"^($argv[6])=\" -- $last\n"
	"\t\t\tprintf '%s\\n' $before(string replace -r '=.*' '=' -- $last)(__sockt_hosts)\n"
	"\t\telse\n"
	"\t\t\tprintf '%s\\n' $before(string split ' ' -- $argv[2])\n"
	"\t\tend\n"
	"\telse if test -n \"$argv[3]\"; and string match -qr \"^($argv[3]):\" -- $typed\n"
	"\t\t__sockt_named ''\n"
	"\telse if test -n \"$argv[4]\"; and string match -qr \"^($argv[4]):\" -- $typed\n"
	"\t\tset -l before (string replace -r ':.*' ':' -- $typed)\n"
	"\t\t__sockt_programs $before (string replace -r '^[^:]*:' '' -- $typed)\n"
	"\telse if string match -qr '\\[[^\\]]*$' -- $typed\n"
	"\t\treturn\n"
	"\telse if test -n \"$argv[5]\"; and string match -qr \"^($argv[5]):[^:]*\\$\" -- $typed\n"
	"\t\tset -l before (string replace -r ':.*' ':' -- $typed)\n"
	"\t\tprintf '%s\\n' $before(__sockt_hosts):\n"
	"\telse if string match -q '*:*' -- $typed\n"
	"\t\tset -l kind (string replace -r ':.*' '' -- $typed)\n"
	"\t\tif string match -qr -- \"^($argv[5])\\$\" $kind;"
	" or not contains -- $kind: (string split ' ' -- $argv[1])\n"
	"\t\t\tset -l before (string replace -r '[^:]*$' '' -- $typed)\n"
	"\t\t\tprintf '%s\\n' $before(__sockt_services)\n"
	"\t\tend\n"
	"\telse\n"
	"\t\tstring split ' ' -- $argv[1]\n"
	"\t\t__sockt_hosts\n"
	"\t\tset -l before (commandline -opc)\n"
	"\t\tif test (count $before) -gt 2; and string match -qr '^[^-:/,][^:/,]*$' -- $before[-1];"
	" and string match -qr '[[:alpha:].]' -- $before[-1]; or test -n \"$argv[7]\" -a -n \"$typed\"\n"
	"\t\t\t__sockt_services\n"
	"\t\tend\n"
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
	char words[COMPLETION_WORDS_MAX] = "", tails[COMPLETION_KINDS_MAX];
	struct text text;

	text_init(&text, words, sizeof(words));
	fprintf(out, "complete -c sockt -n '__sockt_command %s'", command->name);
	if (option->letter != '\0')
		fprintf(out, " -s %c", option->letter);
	if (option->name != NULL)
		fprintf(out, " -l %s", option->name);
	if (completion_takes_argument(option, command)) {
		switch (completion_of_option(option, &text)) {
		case COMPLETES_WORDS:
			fprintf(out, " -x -a '%s'", words);
			break;
		case COMPLETES_FILES:
			fputs(" -r -F", out);
			break;
		case COMPLETES_DIRECTORIES:
			fputs(" -x -a '(__fish_complete_directories (commandline -ct))'", out);
			break;
		case COMPLETES_PROGRAMS:
			fputs(" -x -a '(__sockt_programs \"\" (commandline -ct))'", out);
			break;
		case COMPLETES_USERS:
			fputs(" -x -a '(__fish_complete_users)'", out);
			break;
		case COMPLETES_HOSTS:
			fputs(" -x -a '(__sockt_hosts)'", out);
			break;
		case COMPLETES_NAMED_FILES:
			fprintf(out, " -x -a '(__sockt_named \"%s\" %s)'",
				completion_tails(option, tails, sizeof(tails)), words);
			break;
		case COMPLETES_NOTHING:
			fputs(" -x", out);
			break;
		}
	}
	fputs(" -d '", out);
	put_quoted(out, option_help(option, command->bit));
	fputs("'\n", out);
}

/* The letters of nc. */
static void print_letters(FILE *out)
{
	const struct nc_letter *letter;

	for (size_t i = 0; (letter = nc_letter_at(i)) != NULL; i++) {
		fprintf(out, "complete -c sockt -n '__sockt_command nc' -s %c%s -d '", letter->letter,
			letter->argument == NULL ? "" :
			completion_of_letter(letter) == COMPLETES_HOSTS ? " -x -a \'(__sockt_hosts)\'" : " -x");
		put_quoted(out, _(letter->help));
		fputs("'\n", out);
	}
}

/* What else a command takes. */
static void print_words(FILE *out, const struct command *command)
{
	struct completion_endpoint endpoint;
	char topics[COMPLETION_WORDS_MAX];
	struct text text;

	text_init(&text, topics, sizeof(topics));
	fprintf(out, "complete -c sockt -n '__sockt_command %s'", command->name);
	if (command->bit == COMMAND_SHELL) {
		fputs(" -F -a \"(sockt shell --lessons 2>/dev/null |"
		      " string replace -rf '^  (\\d\\d)  (.*)' '\\$1\\t\\$2')\"\n",
		      out);
	} else if (command->bit == COMMAND_HELP) {
		completion_add_topics(&text);
		fprintf(out, " -a '%s'\n", topics);
	} else {
		completion_fill_endpoint(command, "|", &endpoint);
		fprintf(out, " -a '(__sockt_endpoint \"%s\" \"%s\" \"%s\" \"%s\" \"%s\" \"%s\" \"%s\")'\n",
			endpoint.kinds, endpoint.options, endpoint.files, endpoint.programs, endpoint.hosts,
			endpoint.addresses, endpoint.is_port_alone ? "port" : "");
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
			if (completion_is_offered(option_at(id), command))
				print_option(out, command, option_at(id));
		if (command->bit == COMMAND_NC)
			print_letters(out);
		print_words(out, command);
	}
}
