/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of socket options, and how their values are read. */
#include "endpoint/sockopt.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/escape.h"
#include "base/parse.h"
#include "base/util.h"

#define BIT(protocol) (1U << PROTOCOL_##protocol)
#define ON_UNIX (BIT(UNIX) | BIT(UNIX_DGRAM) | BIT(UNIX_SEQPACKET))
#define ON_IP (BIT(TCP) | BIT(UDP))

/* The kernel doubles what it is given, in an int. */
#define BUFFER_MAX (INT_MAX / 2)

static const struct sockopt options[] = {
	{
		.name = "nodelay",
		.constant = "TCP_NODELAY",
		.level = IPPROTO_TCP,
		.optname = TCP_NODELAY,
		.type = SOCKOPT_BOOL,
		.phase = SOCKOPT_CONNECTED,
		.protocols = BIT(TCP),
		.family = AF_UNSPEC,
		.max = 1,
		.help = N_("send small pieces at once instead of waiting to fill a packet (Nagle "
			   "off)"),
	},
	{
		.name = "keepalive",
		.constant = "SO_KEEPALIVE",
		.level = SOL_SOCKET,
		.optname = SO_KEEPALIVE,
		.type = SOCKOPT_BOOL,
		.phase = SOCKOPT_CONNECTED,
		.protocols = BIT(TCP),
		.family = AF_UNSPEC,
		.max = 1,
		.help = N_("ask a silent peer now and then whether it is still there"),
	},
	{
		.name = "sndbuf",
		.constant = "SO_SNDBUF",
		.level = SOL_SOCKET,
		.optname = SO_SNDBUF,
		.type = SOCKOPT_SIZE,
		.phase = SOCKOPT_BEFORE_CONNECT,
		.protocols = ON_IP | ON_UNIX,
		.family = AF_UNSPEC,
		.min = 1,
		.max = BUFFER_MAX,
		.help = N_("size of the send buffer; the kernel doubles it and stops tuning it"),
	},
	{
		/* Before listen() and connect(): it decides the window scale of the handshake
		   (tcp(7)). */
		.name = "rcvbuf",
		.constant = "SO_RCVBUF",
		.level = SOL_SOCKET,
		.optname = SO_RCVBUF,
		.type = SOCKOPT_SIZE,
		.phase = SOCKOPT_BEFORE_CONNECT,
		.protocols = ON_IP | ON_UNIX,
		.family = AF_UNSPEC,
		.min = 1,
		.max = BUFFER_MAX,
		.help = N_("size of the receive buffer; the kernel doubles it and stops tuning it"),
	},
	{
		.name = "reuseaddr",
		.constant = "SO_REUSEADDR",
		.level = SOL_SOCKET,
		.optname = SO_REUSEADDR,
		.type = SOCKOPT_BOOL,
		.phase = SOCKOPT_BEFORE_BIND,
		.protocols = ON_IP,
		.family = AF_UNSPEC,
		.max = 1,
		.help = N_("bind although old connections of the address linger in TIME_WAIT"),
	},
	{
		.name = "v6only",
		.constant = "IPV6_V6ONLY",
		.level = IPPROTO_IPV6,
		.optname = IPV6_V6ONLY,
		.type = SOCKOPT_BOOL,
		.phase = SOCKOPT_BEFORE_BIND,
		.protocols = ON_IP,
		.family = AF_INET6,
		.max = 1,
		.help = N_("an IPv6 socket that takes no IPv4"),
	},
};

const struct sockopt *sockopt_at(size_t index)
{
	return index < ARRAY_LEN(options) ? &options[index] : NULL;
}

const struct sockopt *sockopt_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		if (strcmp(options[i].name, name) == 0 ||
		    strcasecmp(options[i].constant, name) == 0)
			return &options[i];
	}
	return NULL;
}

/* Read a truth value. */
static int parse_bool(const struct sockopt *option, const char *text, int *value, char *error)
{
	static const struct {
		const char *word;
		int value;
	} words[] = {
		{ "1", 1 }, { "on", 1 }, { "yes", 1 }, { "0", 0 }, { "off", 0 }, { "no", 0 },
	};
	char shown[40];

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(words[i].word, text) == 0) {
			*value = words[i].value;
			return 0;
		}
	}
	escape_c(text, strlen(text), shown, sizeof(shown));
	snprintf(error, PARSE_ERROR_MAX, _("%s is on or off (1 or 0), not \"%s\""), option->name,
		 shown);
	return -EINVAL;
}

int sockopt_parse(const struct sockopt *option, const char *text, int *value, char *error)
{
	uint64_t number = 0;
	int ret = 0;

	if (option->type == SOCKOPT_BOOL) {
		if (text != NULL)
			return parse_bool(option, text, value, error);
		*value = 1;
		return 0;
	}
	if (text == NULL) {
		snprintf(error, PARSE_ERROR_MAX, _("%s needs a value: %s=%s"), option->name,
			 option->name, option->type == SOCKOPT_SIZE ? "SIZE" : "N");
		return -EINVAL;
	}
	if (option->type == SOCKOPT_SIZE)
		ret = parse_size(text, option->name, (uint64_t)option->min, (uint64_t)option->max,
				 &number, error);
	else
		ret = parse_uint(text, option->name, (uint64_t)option->min, (uint64_t)option->max,
				 &number, error);
	if (ret < 0)
		return ret;
	*value = (int)number;
	return 0;
}

bool sockopt_fits(const struct sockopt *option, enum protocol protocol, int family)
{
	if (protocol == PROTOCOL_OTHER)
		return true;
	if ((option->protocols & 1U << protocol) == 0)
		return false;
	return option->family == AF_UNSPEC || family == AF_UNSPEC || option->family == family;
}
