/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of a command line whose first word is no command. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/near.h"
#include "base/util.h"
#include "cli/options_table.h"
#include "cli/usage.h"
#include "endpoint/endpoint.h"
#include "endpoint/foreign.h"
#include "endpoint/kinds.h"

#define SHOWN_MAX 64
#define ENDPOINT_MAX 256 /* of a word that is shown; what is longer is cut anyway */

static const char *next_command(const void *ctx, size_t index)
{
	const struct command *command = command_at(index);

	(void)ctx;
	return command == NULL ? NULL : command->name;
}

/* The first argument is an option, but not one of those that stand alone. */
static void complain_option(const char *option, const char *shown)
{
	const char *sentence = option[1] == '-' ? option_foreign_name(option + 2, strcspn(option + 2, "=")) :
						  option_foreign_letter(option, option[1]);

	if (sentence != NULL)
		fprintf(stderr, _("sockt: %s: %s\n"), shown, sentence);
	else if (option[1] == '-')
		fprintf(stderr,
			_("sockt: %s: the command comes first: sockt listen|connect|relay|shell [OPTION]...\n"),
			shown);
	else
		fprintf(stderr,
			_("sockt: %1$s: the command comes first: sockt listen|connect|relay|shell [OPTION]...; with "
			  "nc's letters: sockt nc %1$s ...\n"),
			shown);
}

/* A port where a command belongs, or what netcats take for a host: both are arguments. */
static void complain_argument(const char *word, const char *second, const char *shown)
{
	char second_shown[SHOWN_MAX];

	if (second != NULL && second[0] != '-') {
		escape_c(second, strlen(second), second_shown, sizeof(second_shown));
		fprintf(stderr, _("sockt: there is no command \"%1$s\"; to connect: sockt connect %1$s %2$s\n"), shown,
			second_shown);
	} else if (strchr(word, ':') != NULL) {
		fprintf(stderr, _("sockt: there is no command \"%1$s\"; to connect: sockt connect %1$s\n"), shown);
	} else if (word[strspn(word, "0123456789")] == '\0' && word[0] != '\0') {
		fprintf(stderr,
			_("sockt: there is no command \"%1$s\"; to wait for a client: sockt listen %1$s; to connect: "
			  "sockt connect HOST %1$s\n"),
			shown);
	} else {
		fprintf(stderr, _("sockt: there is no command \"%s\"; sockt --help shows all\n"), shown);
	}
}

/* Words that people try for a command, and what there is for them. Blanks between; sentences for _(). */
static const struct {
	const char *words, *sentence;
} tried[] = {
	{ "server serve", N_("to wait for clients: sockt listen PORT; to connect to a host of that name: sockt connect "
			  "HOST PORT") },
	{ "client", N_("to connect: sockt connect HOST PORT") },
	{ "netcat", N_("nc's command line: sockt nc; with sockt's own words: sockt listen, sockt connect") },
	{ "ncat", N_("listen and connect are the commands, most options have ncat's names; man sockt-cookbook has "
		  "all") },
	{ "socat", N_("two endpoints are joined by sockt relay FROM TO; man sockt-cookbook has socat's addresses") },
	{ "forward tunnel", N_("to forward a port: sockt relay PORT HOST:PORT") },
	{ "proxy", N_("to forward a port: sockt relay PORT HOST:PORT; to be a proxy: sockt listen --proxy-server "
		   "http|socks5 PORT; to go through one: sockt connect --proxy URL HOST PORT") },
	{ "scan", N_("to try ports: sockt connect --scan HOST PORTS") },
	{ "chat", N_("to let clients talk with each other: sockt listen --chat PORT") },
	{ "http", N_("to answer HTTP: sockt listen --http PORT; to ask: sockt connect --http-get PATH HOST PORT") },
	{ "lesson lessons", N_("the lessons are played by the shell: sockt shell --lessons lists them") },
	{ "version", N_("the version is told by sockt --version") },
	{ "completion", N_("the completion of a shell is written by sockt help --completion bash|zsh|fish") },
};

/* What there is for a word that is no command; NULL: nothing is known of it. */
static const char *tried_find(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(tried); i++) {
		for (const char *at = tried[i].words; *at != '\0'; at += strcspn(at, " "), at += strspn(at, " ")) {
			if (strcspn(at, " ") == strlen(word) && strncmp(at, word, strlen(word)) == 0)
				return _(tried[i].sentence);
		}
	}
	return NULL;
}

/* An address of socat's that has no simple counterpart: say what there is. Returns false where word is none. */
static bool complain_foreign(const char *word)
{
	size_t len = strcspn(word, ":");
	const struct foreign_words *words = word[len] == ':' ? foreign_address_find(word, len) : NULL;
	char shown[SHOWN_MAX];

	if (words == NULL)
		return false;
	escape_c(word, len, shown, sizeof(shown));
	fprintf(stderr, _("sockt: \"%1$s\" is socat's: %2$s\n"), shown, _(words->sentence));
	return true;
}

static bool is_standard(const char *endpoint)
{
	return strcmp(endpoint, "-") == 0 || strcasecmp(endpoint, "stdio") == 0;
}

/* Is it of a kind that both listen and connect have? */
static bool is_socket(const char *endpoint)
{
	const struct endpoint_kind *kind = endpoint_kind_find_len(endpoint, strcspn(endpoint, ":"));

	return kind != NULL && !kind->is_relay_only && kind->form != FORM_NONE;
}

/* Ends of a relay, as socat has them for arguments. */
static void complain_endpoint(const char *word, const char *second, const char *shown)
{
	char ours[2][ENDPOINT_MAX], first_shown[SHOWN_MAX], second_shown[SHOWN_MAX];
	bool is_alone = second == NULL || second[0] == '\0' || (second[0] == '-' && second[1] != '\0');
	unsigned roles[2];
	size_t from;

	roles[0] = endpoint_in_our_words(word, ours[0], sizeof(ours[0]));
	roles[1] = endpoint_in_our_words(is_alone ? "-" : second, ours[1], sizeof(ours[1]));
	if (complain_foreign(word) || (!is_alone && complain_foreign(second)))
		return;
	/* The end that listens stands first here; beside standard input and output the other one counts. */
	from = (roles[1] == ROLE_LISTEN && roles[0] != ROLE_LISTEN) || (is_standard(ours[0]) && is_socket(ours[1]));
	escape_c(ours[from], strlen(ours[from]), first_shown, sizeof(first_shown));
	escape_c(ours[1 - from], strlen(ours[1 - from]), second_shown, sizeof(second_shown));
	if (is_alone && !is_socket(ours[from]))
		fprintf(stderr, _("sockt: the command comes before an endpoint: sockt relay %s TO\n"), shown);
	else if (!is_standard(ours[1 - from]) || !is_socket(ours[from]))
		fprintf(stderr, _("sockt: two endpoints are joined by relay: sockt relay %1$s %2$s\n"), first_shown,
			second_shown);
	else if (roles[from] == ROLE_LISTEN)
		fprintf(stderr, _("sockt: to wait for a client: sockt listen %s\n"), first_shown);
	else if (roles[from] == ROLE_CONNECT)
		fprintf(stderr, _("sockt: to connect: sockt connect %s\n"), first_shown);
	else
		fprintf(stderr,
			_("sockt: the command comes before an endpoint; to connect: sockt connect %1$s; to wait for a "
			  "client: sockt listen %1$s\n"),
			first_shown);
}

/* The first argument is no command. */
static void complain_command(const char *word, const char *second, const char *shown)
{
	const char *nearest, *sentence = tried_find(word);

	if (sentence != NULL)
		fprintf(stderr, _("sockt: there is no command \"%1$s\"; %2$s\n"), shown, sentence);
	else if (endpoint_is_one(word))
		complain_endpoint(word, second, shown);
	else if (near_find(word, next_command, NULL, &nearest, 1) == 1)
		fprintf(stderr, _("sockt: there is no command \"%s\"; did you mean %s?\n"), shown, nearest);
	else
		complain_argument(word, second, shown);
}

int usage_without_command(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;
	char shown[SHOWN_MAX];

	if (word == NULL) {
		fputs(_("usage: sockt listen [OPTION]... [ADDRESS] PORT\n"
			"       sockt connect [OPTION]... HOST PORT\n"
			"       sockt relay [OPTION]... FROM... TO\n"
			"       sockt shell [OPTION]... [SCRIPT]\n"
			"sockt --help says more, sockt help TOPIC explains.\n"),
		      stderr);
		return STATUS_USAGE;
	}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return usage_print_program();
	if (strcmp(word, "--version") == 0)
		return usage_print_version();
	escape_c(word, strlen(word), shown, sizeof(shown));
	if (word[0] == '-' && word[1] != '\0')
		complain_option(word, shown);
	else
		complain_command(word, argc > 2 ? argv[2] : NULL, shown);
	return STATUS_USAGE;
}
