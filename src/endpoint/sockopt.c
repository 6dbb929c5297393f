/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of socket options, joined from those of the levels, and how its rows are found. */
#include "endpoint/sockopt.h"

#include <string.h>
#include <strings.h>

#include "base/util.h"
#include "endpoint/sockopt_tables.h"

static const struct sockopt *const tables[] = {
	sockopt_rows_tcp, sockopt_rows_socket, sockopt_rows_ip, sockopt_rows_ipv6, sockopt_rows_udp,
};

const struct sockopt *sockopt_at(size_t index)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		size_t count = 0;

		while (tables[i][count].constant != NULL) {
			if (index-- == 0)
				return &tables[i][count];
			count++;
		}
	}
	return NULL;
}

/* Call it a match where either name is. */
static bool is_named(const struct sockopt *option, const char *name)
{
	return (option->name != NULL && strcmp(option->name, name) == 0) || strcasecmp(option->constant, name) == 0;
}

const struct sockopt *sockopt_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		for (const struct sockopt *option = tables[i]; option->constant != NULL; option++)
			if (is_named(option, name))
				return option;
	return NULL;
}

const struct sockopt *sockopt_find_number(int level, int optname)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		for (const struct sockopt *option = tables[i]; option->constant != NULL; option++)
			if (option->level == level && option->optname == optname)
				return option;
	return NULL;
}

bool sockopt_is_first(const struct sockopt *option, enum endpoint_role role)
{
	unsigned roles = role == ROLE_RELAY ? ROLE_LISTEN | ROLE_CONNECT : role;
	const struct sockopt *other;

	for (size_t i = 0; option->name != NULL && (other = sockopt_at(i)) != NULL; i++)
		if (other->name != NULL && strcmp(other->name, option->name) == 0 &&
		    (other->roles == 0 || (other->roles & roles) != 0))
			return other == option;
	return false;
}

const char *sockopt_syntax(const struct sockopt *option)
{
	static const char *const syntaxes[] = {
		[SOCKOPT_INT] = "=N",
		[SOCKOPT_BOOL] = "",
		[SOCKOPT_SIZE] = "=SIZE",
		[SOCKOPT_SECONDS] = "=TIME",
		[SOCKOPT_MS] = "=TIME",
		[SOCKOPT_TIME] = "=TIME",
		[SOCKOPT_LINGER] = "=TIME",
		[SOCKOPT_WORD] = "=NAME",
		[SOCKOPT_DSCP] = "=CLASS",
		[SOCKOPT_INDEX] = "=NAME",
		[SOCKOPT_INDEX_BE] = "=NAME",
		[SOCKOPT_SENDER] = "=NAME",
		[SOCKOPT_GROUP] = "=GROUP[@NAME]",
		[SOCKOPT_GROUP6] = "=GROUP[@NAME]",
		[SOCKOPT_RATE] = "=SIZE",
		[SOCKOPT_BYTES] = "=xHEX",
	};

	/* Not a truth value alone: sockopt_add.c reads the time as that of TCP_KEEPIDLE. */
	if (option->name != NULL && strcmp(option->name, "keepalive") == 0)
		return "[=TIME]";
	if (option->type == SOCKOPT_INT && option->is_alone)
		return "[=N]";
	return syntaxes[option->type];
}

unsigned sockopt_families(int family)
{
	switch (family) {
	case AF_UNSPEC:
		return SOCKOPT_IPV4 | SOCKOPT_IPV6;
	case AF_INET:
		return SOCKOPT_IPV4;
	case AF_INET6:
		return SOCKOPT_IPV6;
	default:
		return SOCKOPT_UNIX;
	}
}

bool sockopt_fits(const struct sockopt *option, enum protocol protocol, unsigned families)
{
	if (protocol == PROTOCOL_OTHER)
		return true;
	return (option->protocols & 1U << protocol) != 0 && (option->families & families) != 0;
}
