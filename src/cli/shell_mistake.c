/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is wrong with the words of a statement, and what was meant: for who knows the calls from C. */
#include <string.h>

#include "base/i18n.h"
#include "base/near.h"
#include "base/util.h"
#include "cli/shell_private.h"

#define SHOWN_MAX 80
#define NAME_MAX_LEN 32
#define USAGE_MAX 160

/* What people type, and the statement that does it. */
static const struct {
	const char *word, *name;
} others[] = {
	{ "read", "recv" },	  { "write", "send" },	  { "recvmsg", "recvfrom" }, { "sendmsg", "sendto" },
	{ "select", "poll" },	  { "epoll_wait", "poll" }, { "fcntl", "nonblock" },  { "ls", "info" },
	{ "ss", "info" },	  { "show", "info" },	  { "print", "info" },	     { "man", "explain" },
	{ "?", "help" },
};

/* The statement that a word is near to; NULL: none. */
static const char *nearest_verb(const char *word)
{
	const char *nearest;

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		if (strcmp(others[i].word, word) == 0)
			return others[i].name;
	}
	return near_find(word, shell_verb_name_at, NULL, &nearest, 1) == 1 ? nearest : NULL;
}

/* The word begins a call as C has it: the statement of its name. NULL: it does not, or there is none. */
static const struct shell_verb *verb_of_call(const char *word)
{
	size_t len = strcspn(word, "(");
	char name[NAME_MAX_LEN];

	if (word[len] == '\0' || len >= sizeof(name))
		return NULL;
	memcpy(name, word, len);
	name[len] = '\0';
	return shell_verb_find(name);
}

int shell_mistake_verb(const struct shell *sh, const struct shell_word *word, char *error)
{
	const struct shell_verb *verb = verb_of_call(word->text);
	const char *nearest = nearest_verb(word->text);
	char shown[SHOWN_MAX], usage[USAGE_MAX];

	shell_shown(word, shown, sizeof(shown));
	if (verb != NULL)
		return shell_mistake(error, _("\"%1$s\": a call is written without ( , ) here: %2$s"), shown,
				     shell_verb_usage(verb, usage, sizeof(usage)));
	if (strchr(word->text, '=') != NULL)
		return shell_mistake(error, _("\"%s\": blanks belong around the =, as in server = socket tcp"), shown);
	if (shell_sock_find(sh, word->text) != NULL)
		return shell_mistake(error, _("%1$s is a socket: what is to be done comes first, as in recv %1$s"),
				     shown);
	if (nearest != NULL)
		return shell_mistake(error, _("there is no statement \"%1$s\"; did you mean %2$s?"), shown, nearest);
	return shell_mistake(error, _("there is no statement \"%s\"; help lists them all"), shown);
}

static bool is_number(const char *text)
{
	return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

int shell_mistake_much(const struct shell_statement *statement, const struct shell_verb *verb, char *error)
{
	const struct shell_word *host = &statement->words[statement->count - 2];
	const struct shell_word *port = &statement->words[statement->count - 1];
	char usage[USAGE_MAX], host_shown[SHOWN_MAX], port_shown[SHOWN_MAX];
	bool is_ipv6 = strchr(host->text, ':') != NULL;

	shell_verb_usage(verb, usage, sizeof(usage));
	if (strstr(verb->arguments, "ADDRESS") == NULL || !is_number(port->text))
		return shell_mistake(error, _("that is too much: %s"), usage);
	return shell_mistake(error,
			     _("that is too much: %1$s; an address and its port are one word: %2$s%3$s%4$s:%5$s"),
			     usage, is_ipv6 ? "[" : "", shell_shown(host, host_shown, sizeof(host_shown)),
			     is_ipv6 ? "]" : "", shell_shown(port, port_shown, sizeof(port_shown)));
}
