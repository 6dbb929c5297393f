/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arguments of nc's letters that are written otherwise with us: traffic classes and proxies. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/util.h"
#include "cli/nc_private.h"

#define SHOWN_MAX 48
#define WORD_MAX 1024
/* The ports of proxies, where none is written (nc(1)). */
#define PORT_SOCKS "1080"
#define PORT_CONNECT "3128"

/* ---- The traffic class ---- */

/* The keywords that are no code point of DiffServ (RFC 791, RFC 1349). */
static const struct {
	const char *keyword;
	uint8_t tos;
} keywords[] = {
	{ "critical", 0xa0 },   { "inetcontrol", 0xc0 }, { "lowcost", 0x02 },    { "lowdelay", 0x10 },
	{ "netcontrol", 0xe0 }, { "reliability", 0x04 }, { "throughput", 0x08 },
};

static bool is_digit_within(char digit, char first, char last)
{
	return digit >= first && digit <= last;
}

/* ef, af11 to af43, cs0 to cs7 (RFC 2597, RFC 3246, RFC 2474). */
static bool is_code_point(const char *keyword)
{
	if (strncasecmp(keyword, "af", 2) == 0)
		return is_digit_within(keyword[2], '1', '4') && is_digit_within(keyword[3], '1', '3') &&
		       keyword[4] == '\0';
	if (strncasecmp(keyword, "cs", 2) == 0)
		return is_digit_within(keyword[2], '0', '7') && keyword[3] == '\0';
	return strcasecmp(keyword, "ef") == 0;
}

/* A number, decimal or with 0x. */
static bool read_number(const char *keyword, unsigned *number)
{
	bool is_hex = keyword[0] == '0' && (keyword[1] == 'x' || keyword[1] == 'X');
	const char *digits = is_hex ? keyword + 2 : keyword;
	char *end;

	if (!isxdigit((unsigned char)digits[0]) || strlen(digits) > 3)
		return false;
	*number = (unsigned)strtoul(digits, &end, is_hex ? 16 : 10);
	return *end == '\0' && *number <= UINT8_MAX;
}

static void add_tos(struct nc_command *command, unsigned tos)
{
	char number[8];

	snprintf(number, sizeof(number), "%u", tos);
	nc_add_option(command, "--tos", number);
}

int nc_add_class(struct nc_command *command, const char *keyword, char *error)
{
	char shown[SHOWN_MAX];
	unsigned number;

	if (keyword == NULL)
		return 0;
	if (is_code_point(keyword)) {
		nc_add_option(command, "--dscp", keyword);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(keywords); i++) {
		if (strcasecmp(keywords[i].keyword, keyword) != 0)
			continue;
		add_tos(command, keywords[i].tos);
		return 0;
	}
	if (read_number(keyword, &number)) {
		add_tos(command, number);
		return 0;
	}
	escape_c(keyword, strlen(keyword), shown, sizeof(shown));
	snprintf(error, NC_ERROR_MAX,
		 _("-T \"%s\" is no traffic class: critical, inetcontrol, lowcost, lowdelay, netcontrol, reliability, "
		   "throughput, ef, af11 to af43, cs0 to cs7, or a number from 0 to 255 (0xff)"),
		 shown);
	return -EINVAL;
}

/* ---- Proxies ---- */

/* A user's name as it stands in a URL (RFC 3986, section 2.1). */
static void add_escaped(struct text *text, const char *name)
{
	for (; *name != '\0'; name++) {
		if (isalnum((unsigned char)*name) || strchr("-._~", *name) != NULL)
			text_add_bytes(text, name, 1);
		else
			text_addf(text, "%%%02X", (unsigned char)*name);
	}
}

/*
 * ADDR[:PORT], where an IPv6 address stands in brackets, or has no port: as HOST:PORT. Returns false where it is not of
 * that form.
 */
static bool add_host_port(struct text *text, const char *proxy, const char *port)
{
	const char *colon = strchr(proxy, ':');

	if (proxy[0] == '[') {
		const char *end = strchr(proxy, ']');

		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return false;
		text_add_bytes(text, proxy, (size_t)(end + 1 - proxy));
		colon = end[1] == ':' ? end + 1 : NULL;
	} else if (colon != NULL && strchr(colon + 1, ':') != NULL) {
		text_addf(text, "[%s]", proxy);
		colon = NULL;
	} else {
		text_add_bytes(text, proxy, colon == NULL ? strlen(proxy) : (size_t)(colon - proxy));
	}
	text_addf(text, ":%s", colon == NULL ? port : colon + 1);
	return true;
}

int nc_add_proxy(struct nc_command *command, const struct nc_line *line, char *error)
{
	const char *proxy = line->arguments['x'], *protocol = line->arguments['X'], *user = line->arguments['P'];
	bool is_connect = protocol != NULL && strcasecmp(protocol, "connect") == 0;
	bool is_socks4 = protocol != NULL && strcmp(protocol, "4") == 0;
	char word[WORD_MAX], shown[SHOWN_MAX];
	struct text text;

	if (user != NULL && (proxy == NULL || !is_connect))
		return nc_refuse(error, _("-P is the user of an HTTP proxy: -x ADDR -X connect -P USER"));
	if (proxy == NULL)
		return 0;
	text_init(&text, word, sizeof(word));
	/* nc resolves for SOCKS 4, and lets the proxy do it otherwise. */
	text_add(&text, is_connect ? "http://" : is_socks4 ? "socks4://" : "socks5h://");
	if (user != NULL) {
		add_escaped(&text, user);
		text_add(&text, "@");
	}
	if (!add_host_port(&text, proxy, is_connect ? PORT_CONNECT : PORT_SOCKS)) {
		escape_c(proxy, strlen(proxy), shown, sizeof(shown));
		snprintf(error, NC_ERROR_MAX, _("-x \"%s\": an IPv6 address with a port is written [ADDR]:PORT"),
			 shown);
		return -EINVAL;
	}
	if (text.is_cut)
		return nc_refuse(error, _("-x, -P: the name of the proxy or of its user is too long"));
	nc_add_option(command, "--proxy", word);
	return 0;
}
