/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where nc listens, or connects to, in our words: see nc_private.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "cli/nc_private.h"

#define DIGITS "0123456789"
#define PATH_WORD_MAX 512
/* The most digits of a port. */
#define PORT_MAX 5

/* ---- Where from, and which way ---- */

static bool is_numeric(const char *host)
{
	struct addr addr;

	return addr_parse_ip(&addr, host, 0) == 0;
}

bool nc_is_from_name(const struct nc_line *line)
{
	const char *source = nc_argument(line, 's');

	/* Of a listener it is the target, and a proxy is one more that -n speaks of. */
	return nc_has(line, 'n') && source != NULL && !nc_has(line, 'l') && !nc_has(line, 'U') && !nc_has(line, 'x') &&
	       line->word_count > 0 && is_numeric(line->words[0]) && !is_numeric(source);
}

static int add_source(struct nc_command *command, const struct nc_line *line, char *error)
{
	const char *address = nc_argument(line, 's'), *port = nc_argument(line, 'p');
	char bracketed[80], why[PARSE_ERROR_MAX];
	uint64_t ignored;

	if (address != NULL && strchr(address, ':') != NULL && address[0] != '[') {
		snprintf(bracketed, sizeof(bracketed), "[%s]", address);
		address = bracketed;
	}
	if (address != NULL)
		nc_add_option(command, "-s", address);
	if (port == NULL)
		return 0;
	if (parse_uint(port, "-p", 0, UINT16_MAX, &ignored, why) < 0) {
		snprintf(error, NC_ERROR_MAX, "%s", why);
		return -EINVAL;
	}
	nc_add_option(command, "-p", port);
	return 0;
}

/* ---- Host and port ---- */

/* Where a comma or a backslash stands in a path it is quoted, for it would begin options. */
static void add_quoted(struct text *text, const char *path)
{
	for (; *path != '\0'; path++) {
		if (*path == ',' || *path == '\\')
			text_add(text, "\\");
		text_add_bytes(text, path, 1);
	}
}

/* own NULL: the socket has no path of its own. */
static int add_path(struct nc_command *command, const char *kind, const char *path, const char *own, char *error)
{
	char word[2 * PATH_WORD_MAX];
	struct text text;

	text_init(&text, word, sizeof(word));
	text_addf(&text, "%s:", kind);
	add_quoted(&text, path);
	if (own != NULL) {
		text_add(&text, ",bind=");
		add_quoted(&text, own);
	}
	if (text.is_cut)
		return nc_refuse(error, _("the path of the Unix socket is too long"));
	nc_add(command, word);
	return 0;
}

static int add_unix(struct nc_command *command, const struct nc_line *line, char *error)
{
	const char *kind = nc_has(line, 'u') ? "unix-dgram" : "unix", *own = nc_argument(line, 's');

	if (nc_has(line, 'p'))
		return nc_refuse(error, _("-p and -U contradict each other: a Unix socket has no port"));
	if (command->mode == NC_LISTEN && line->word_count == 0 && own != NULL)
		return add_path(command, kind, own, NULL, error);
	if (line->word_count == 0)
		return nc_refuse(error, _("missing socket pathname: with -U nc wants the path of a Unix socket"));
	if (line->word_count > 1)
		return nc_refuse(error, _("cannot use port with -U: a Unix socket has a path only"));
	if (own != NULL && (command->mode == NC_LISTEN || !nc_has(line, 'u')))
		return nc_refuse(error, _("-s and -U: only who sends datagrams, with -u, has a path of its own"));
	return add_path(command, kind, line->words[0], own, error);
}

/* Of DCCP the kind has to be written. */
static int add_dccp(struct nc_command *command, const char *host, const char *port, char *error)
{
	bool is_bracketed = host != NULL && strchr(host, ':') != NULL;
	char word[512];
	int len = host == NULL ? snprintf(word, sizeof(word), "dccp:%s", port) :
				 snprintf(word, sizeof(word), is_bracketed ? "dccp:[%s]:%s" : "dccp:%s:%s", host, port);

	if (len >= (int)sizeof(word))
		return nc_refuse(error, _("the name of the host is too long"));
	nc_add(command, word);
	return 0;
}

/* host NULL: every address. A list of ports is one word. */
static int add_host_port(struct nc_command *command, const struct nc_line *line, const char *host, const char *port,
			 char *error)
{
	if (nc_has(line, 'Z'))
		return add_dccp(command, host, port, error);
	if ((host != NULL && host[0] == '-') || port[0] == '-')
		nc_add(command, "--");
	if (host != NULL)
		nc_add(command, host);
	nc_add(command, port);
	return 0;
}

/* The host that is listened on; NULL: every address. */
static const char *host_of_listener(const struct nc_line *line)
{
	return line->word_count == 2 ? line->words[0] : nc_argument(line, 's');
}

bool nc_is_for_both(const struct nc_line *line)
{
	const char *host = host_of_listener(line);

	return nc_has(line, 'l') && nc_has(line, '6') && !nc_has(line, 'U') &&
	       (host == NULL || strcmp(host, "::") == 0);
}

/*
 * A port as our command takes it: with -n names are none of its business, and with nc they are looked up. number is of
 * PORT_MAX + 1 bytes.
 */
static const char *port_word(const struct nc_line *line, const struct nc_surroundings *around, const char *word,
			     char *number)
{
	char protocol[] = "tcp";
	uint16_t port;

	if (!nc_has(line, 'n') || word[0] == '\0' || word[strspn(word, DIGITS "-,")] == '\0')
		return word;
	if (nc_has(line, 'u'))
		memcpy(protocol, "udp", sizeof(protocol));
	port = around->service(protocol, word);
	if (port == 0)
		return word;
	snprintf(number, PORT_MAX + 1, "%u", port);
	return number;
}

/* What is listened on: the words, or -s and -p. */
static int add_listening(struct nc_command *command, const struct nc_line *line, const struct nc_surroundings *around,
			 char *error)
{
	const char *host = host_of_listener(line), *port = nc_argument(line, 'p');
	char number[PORT_MAX + 1];

	if (line->word_count > 2)
		return nc_refuse(error, _("nc -l listens on one port: [HOST] PORT"));
	if ((line->word_count > 0 && port != NULL) || (line->word_count == 2 && nc_has(line, 's')))
		return nc_refuse(error, _("nc -l takes HOST and PORT, or -s HOST -p PORT, and not some of both"));
	if (line->word_count > 0)
		port = line->words[line->word_count - 1];
	if (port == NULL)
		return nc_refuse(error, _("missing port number: nc -l wants the port to listen on"));
	return add_host_port(command, line, nc_is_for_both(line) ? "::" : host,
			     port_word(line, around, port, number), error);
}

/* Is it FIRST-LAST? Sets *hyphen. */
static bool is_range(const char *word, const char **hyphen)
{
	size_t first = strspn(word, DIGITS);

	*hyphen = word + first;
	return first > 0 && **hyphen == '-' && (*hyphen)[1] != '\0' &&
	       (*hyphen)[1 + strspn(*hyphen + 1, DIGITS)] == '\0';
}

/* Add a word of the list of ports; a range that is written downwards is turned round, as nc does. */
static void add_port(struct text *text, const char *word, bool *is_several)
{
	const char *hyphen;

	*is_several = *is_several || strchr(word, ',') != NULL;
	if (!is_range(word, &hyphen)) {
		text_add(text, word);
		return;
	}
	*is_several = true;
	if (strtoul(word, NULL, 10) > strtoul(hyphen + 1, NULL, 10))
		text_addf(text, "%s-%.*s", hyphen + 1, (int)(hyphen - word), word);
	else
		text_add(text, word);
}

/* The ports as one list, to be freed. */
static char *join_ports(const struct nc_line *line, const struct nc_surroundings *around, bool *is_several)
{
	char number[PORT_MAX + 1];
	size_t size = 1;
	struct text text;
	char *ports;

	for (size_t i = 1; i < line->word_count; i++)
		size += strlen(line->words[i]) + PORT_MAX + 1;
	ports = xmalloc(size);
	text_init(&text, ports, size);
	*is_several = line->word_count > 2;
	for (size_t i = 1; i < line->word_count; i++) {
		text_add(&text, i == 1 ? "" : ",");
		add_port(&text, port_word(line, around, line->words[i], number), is_several);
	}
	return ports;
}

static int add_connecting(struct nc_command *command, const struct nc_line *line, const struct nc_surroundings *around,
			  char *error)
{
	bool is_several;
	char *ports;
	int ret;

	if (line->word_count < 2)
		return nc_refuse(error, line->word_count == 0 ? _("nc wants a host and a port: nc HOST PORT") :
								_("missing port number: nc HOST PORT"));
	ports = join_ports(line, around, &is_several);
	if (is_several && nc_has(line, 'Z')) {
		free(ports);
		return nc_refuse(error, _("-Z: several ports are tried over TCP and UDP only"));
	}
	ret = add_host_port(command, line, line->words[0], ports, error);
	free(ports);
	if (is_several && command->mode != NC_SCAN)
		command->port_at = command->argc - 1;
	return ret;
}

int nc_add_places(struct nc_command *command, const struct nc_line *line, const struct nc_surroundings *around,
		  char *error)
{
	if (nc_has(line, 'U'))
		return add_unix(command, line, error);
	if (command->mode == NC_LISTEN)
		return add_listening(command, line, around, error);
	if (add_source(command, line, error) < 0)
		return -EINVAL;
	return add_connecting(command, line, around, error);
}
