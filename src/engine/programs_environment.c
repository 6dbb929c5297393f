/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The environment of a program: see programs_environment.h. */
#include "engine/programs_environment.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/util.h"

#define NAME_MAX_LEN 24

enum fact {
	FACT_PROTOCOL = 0,
	FACT_LOCAL_ADDR,
	FACT_LOCAL_PORT,
	FACT_REMOTE_ADDR,
	FACT_REMOTE_PORT,
	FACT_COUNT,
};

static const struct {
	const char *name;
	enum fact fact;
	bool is_capital;
} rows[] = {
	{ "SOCKT_PROTOCOL", FACT_PROTOCOL, false },
	{ "SOCKT_LOCAL_ADDR", FACT_LOCAL_ADDR, false },
	{ "SOCKT_LOCAL_PORT", FACT_LOCAL_PORT, false },
	{ "SOCKT_REMOTE_ADDR", FACT_REMOTE_ADDR, false },
	{ "SOCKT_REMOTE_PORT", FACT_REMOTE_PORT, false },
	{ "NCAT_PROTO", FACT_PROTOCOL, true },
	{ "NCAT_LOCAL_ADDR", FACT_LOCAL_ADDR, false },
	{ "NCAT_LOCAL_PORT", FACT_LOCAL_PORT, false },
	{ "NCAT_REMOTE_ADDR", FACT_REMOTE_ADDR, false },
	{ "NCAT_REMOTE_PORT", FACT_REMOTE_PORT, false },
};

/* One variable: NAME=VALUE. */
struct variable {
	char text[NAME_MAX_LEN + ADDR_TEXT_MAX];
};

/* The value of a fact. Returns false where there is none. */
static bool value_of(const struct program_peer *peer, enum fact fact, char *dst, size_t size)
{
	const struct addr *addr = fact == FACT_LOCAL_ADDR || fact == FACT_LOCAL_PORT ? &peer->local : &peer->remote;
	bool is_ip = addr_family(addr) == AF_INET || addr_family(addr) == AF_INET6;

	if (fact == FACT_PROTOCOL) {
		snprintf(dst, size, "%s", protocol_name(peer->protocol));
		return true;
	}
	if (fact == FACT_LOCAL_PORT || fact == FACT_REMOTE_PORT) {
		snprintf(dst, size, "%u", addr_port(addr));
		return is_ip;
	}
	/* Unix sockets of clients mostly have no name. */
	if (!is_ip && (addr_family(addr) != AF_UNIX || addr->len <= offsetof(struct sockaddr_un, sun_path)))
		return false;
	addr_format_host(addr, dst, size);
	return true;
}

/* Is it a variable that we speak of ourselves? */
static bool is_ours(const char *variable)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t len = strlen(rows[i].name);

		if (strncmp(variable, rows[i].name, len) == 0 && variable[len] == '=')
			return true;
	}
	return false;
}

/* Write a variable. Returns false where there is nothing to tell. */
static bool variable_write(struct variable *variable, size_t row, const struct program_peer *peer)
{
	int len = snprintf(variable->text, sizeof(variable->text), "%s=", rows[row].name);
	char *value = variable->text + len;

	if (!value_of(peer, rows[row].fact, value, sizeof(variable->text) - (size_t)len))
		return false;
	for (; rows[row].is_capital && *value != '\0'; value++)
		*value = (char)toupper((unsigned char)*value);
	return true;
}

/* The variables of a user, and which member has the value. */
static const struct {
	const char *name;
	size_t offset;
} user_rows[] = {
	{ "USER", offsetof(struct identity, login) },
	{ "LOGNAME", offsetof(struct identity, login) },
	{ "HOME", offsetof(struct identity, home) },
};

static bool is_users(const char *variable)
{
	for (size_t i = 0; i < ARRAY_LEN(user_rows); i++) {
		size_t len = strlen(user_rows[i].name);

		if (strncmp(variable, user_rows[i].name, len) == 0 && variable[len] == '=')
			return true;
	}
	return false;
}

static const char *user_value(const struct identity *user, size_t row)
{
	return *(char *const *)((const char *)user + user_rows[row].offset);
}

/* The bytes that the variables of a user need. */
static size_t users_size(const struct identity *user)
{
	size_t size = 0;

	for (size_t i = 0; user != NULL && i < ARRAY_LEN(user_rows); i++)
		size += strlen(user_rows[i].name) + strlen(user_value(user, i)) + sizeof("=");
	return size;
}

/* Write them one behind the other, and put them into the list. Returns how many there are. */
static size_t add_users(char **list, char *bytes, const struct identity *user)
{
	size_t left = users_size(user), count = 0;

	for (; user != NULL && count < ARRAY_LEN(user_rows); count++) {
		int len = snprintf(bytes, left, "%s=%s", user_rows[count].name, user_value(user, count));

		list[count] = bytes;
		bytes += len + 1;
		left -= (size_t)len + 1;
	}
	return count;
}

char **programs_environment(const struct program_peer *peer, const struct identity *user, char *const *own)
{
	size_t count = 0, kept = 0;
	struct variable *variables;
	char **environment;

	user = user != NULL && user->login != NULL ? user : NULL;
	while (own[count] != NULL)
		count++;
	count += ARRAY_LEN(rows) + ARRAY_LEN(user_rows) + 1;
	environment = xmalloc(count * sizeof(*environment) + ARRAY_LEN(rows) * sizeof(*variables) + users_size(user));
	variables = (struct variable *)(environment + count);
	for (; *own != NULL; own++)
		if (!is_ours(*own) && (user == NULL || !is_users(*own)))
			environment[kept++] = *own;
	kept += add_users(&environment[kept], (char *)(variables + ARRAY_LEN(rows)), user);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (variable_write(&variables[i], i, peer))
			environment[kept++] = variables[i].text;
	environment[kept] = NULL;
	return environment;
}
