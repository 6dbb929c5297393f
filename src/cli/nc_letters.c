/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The letters of nc, and what is the same in ours: see nc.h. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "cli/nc.h"

#define SHOWN_MAX 48
/* nc's own limits: of a buffer, and of what it counts in an int. */
#define BUFFER_MAX (UINT64_C(65536) << 14)

#define EVERYWHERE (NC_CONNECT | NC_LISTEN | NC_SCAN)
#define TALKS (NC_CONNECT | NC_LISTEN)

static int check_number(const struct nc_letter *letter, const char *argument, char *error)
{
	const char what[] = { '-', letter->letter, '\0' };
	char why[PARSE_ERROR_MAX];
	uint64_t ignored;

	if (parse_uint(argument, what, letter->min, letter->max, &ignored, why) == 0)
		return 0;
	snprintf(error, NC_ERROR_MAX, "%s", why);
	return -EINVAL;
}

/* A time. nc takes whole seconds; what ours takes beyond that does no harm. */
static int check_time(const struct nc_letter *letter, const char *argument, char *error)
{
	const char what[] = { '-', letter->letter, '\0' };
	char why[PARSE_ERROR_MAX];
	uint64_t ignored;

	if (parse_duration(argument, what, &ignored, why) == 0)
		return 0;
	snprintf(error, NC_ERROR_MAX, "%s", why);
	return -EINVAL;
}

/* Of -q: the same, or a negative number, which is for ever. */
static int check_quit(const struct nc_letter *letter, const char *argument, char *error)
{
	if (argument[0] == '-' && argument[1] != '\0' && argument[1 + strspn(argument + 1, "0123456789")] == '\0')
		return 0;
	return check_time(letter, argument, error);
}

static int check_protocol(const struct nc_letter *letter, const char *argument, char *error)
{
	char shown[SHOWN_MAX];

	(void)letter;
	if (strcmp(argument, "4") == 0 || strcmp(argument, "5") == 0 || strcasecmp(argument, "connect") == 0)
		return 0;
	escape_c(argument, strlen(argument), shown, sizeof(shown));
	snprintf(error, NC_ERROR_MAX, _("-X is 4, 5 (SOCKS) or connect (HTTP), not \"%s\""), shown);
	return -EINVAL;
}

/* In the order of nc's help. */
static const struct nc_letter letters[] = {
	{ .letter = '4', .help = N_("IPv4 only"), .modes = EVERYWHERE, .option = "-4" },
	{ .letter = '6', .help = N_("IPv6 only"), .modes = EVERYWHERE, .option = "-6" },
	{ .letter = 'b', .help = N_("with -u: let datagrams go to a broadcast address") },
	{ .letter = 'C', .help = N_("end lines that are sent with CR LF"), .modes = TALKS, .option = "-C" },
	{ .letter = 'D', .help = N_("have the kernel record debugging information (SO_DEBUG)"), .modes = EVERYWHERE,
	  .option = "--sockopt", .value = "SO_DEBUG=1" },
	{ .letter = 'd', .help = N_("do not read standard input") },
	{ .letter = 'F', .help = N_("pass the connected descriptor to who reads standard output, and end"),
	  .modes = NC_CONNECT, .option = "--pass-fd" },
	{ .letter = 'h', .help = N_("show this and end") },
	{ .letter = 'I', .argument = "LENGTH", .help = N_("the size of the receive buffer, in bytes"),
	  .modes = EVERYWHERE, .option = "--rcvbuf", .check = check_number, .min = 1, .max = BUFFER_MAX },
	{ .letter = 'i', .argument = "INTERVAL",
	  .help = N_("wait so many seconds between lines that are sent, and between ports"), .modes = TALKS,
	  .option = "--delay-lines", .check = check_time },
	{ .letter = 'k', .help = N_("with -l: serve one client after another") },
	{ .letter = 'l', .help = N_("listen, and serve a client") },
	{ .letter = 'M', .argument = "TTL", .help = N_("how many routers a packet may pass"), .modes = EVERYWHERE,
	  .option = "--ttl", .check = check_number, .min = 1, .max = UINT8_MAX },
	{ .letter = 'm', .argument = "MINTTL", .help = N_("take no packet that has fewer left than this"),
	  .modes = EVERYWHERE, .option = "--sockopt", .value = "min-ttl=", .check = check_number, .max = UINT8_MAX },
	{ .letter = 'N', .help = N_("tell the peer when standard input has ended (FIN)") },
	{ .letter = 'n', .help = N_("look up no names"), .modes = EVERYWHERE, .option = "-n" },
	{ .letter = 'O', .argument = "LENGTH", .help = N_("the size of the send buffer, in bytes"),
	  .modes = EVERYWHERE, .option = "--sndbuf", .check = check_number, .min = 1, .max = BUFFER_MAX },
	{ .letter = 'P', .argument = "USER", .help = N_("who asks the HTTP proxy of -x; the password is asked for") },
	{ .letter = 'p', .argument = "PORT", .help = N_("connect from this port; with -l: listen on it") },
	{ .letter = 'q', .argument = "SECONDS",
	  .help = N_("as -N, and end so long after the end of standard input; less than 0: never"),
	  .check = check_quit },
	{ .letter = 'r', .help = N_("try ports in a random order; the kernel chooses the source port by itself") },
	{ .letter = 'S', .help = N_("sign TCP segments by MD5 (RFC 2385); asks for the key") },
	{ .letter = 's', .argument = "ADDR", .help = N_("connect from this address; with -l: listen on it") },
	{ .letter = 'T', .argument = "KEYWORD",
	  .help = N_("the traffic class: ef, af11 to af43, cs0 to cs7, lowdelay ..., or a number") },
	{ .letter = 't', .help = N_("refuse what TELNET negotiates"), .modes = TALKS, .option = "-t" },
	{ .letter = 'U', .help = N_("a Unix socket: the argument is its path") },
	{ .letter = 'u', .help = N_("UDP; with -U Unix datagrams") },
	{ .letter = 'V', .argument = "RTABLE", .help = N_("another routing table"),
	  .refusal = N_("-V: Linux has no routing table of a socket; --mark N marks its packets for the rules that "
			"choose one (ip-rule(8))") },
	{ .letter = 'v', .help = N_("say what happens, and the sockt command that is the same; -vv: each step") },
	{ .letter = 'W', .argument = "COUNT",
	  .help = N_("end when so many datagrams have come, or a stream was read so often"), .check = check_number,
	  .min = 1, .max = INT_MAX },
	{ .letter = 'w', .argument = "TIMEOUT",
	  .help = N_("give up after so many seconds without a connection, or of silence"), .check = check_time },
	{ .letter = 'X', .argument = "PROTOCOL", .help = N_("of the proxy of -x: 4, 5 (SOCKS) or connect (HTTP)"),
	  .check = check_protocol },
	{ .letter = 'x', .argument = "ADDR[:PORT]", .help = N_("go through this proxy, by SOCKS 5 unless -X says") },
	{ .letter = 'Z', .help = N_("DCCP") },
	{ .letter = 'z', .help = N_("send nothing: only see whether somebody listens") },
};

const struct nc_letter *nc_letter_at(size_t index)
{
	return index < ARRAY_LEN(letters) ? &letters[index] : NULL;
}

const struct nc_letter *nc_letter_find(char letter)
{
	for (size_t i = 0; i < ARRAY_LEN(letters); i++)
		if (letters[i].letter == letter)
			return &letters[i];
	return NULL;
}
