/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Socket options by the names of the manual pages: see sockopt_named.h. */
#include "endpoint/sockopt_named.h"

#include <ctype.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/near.h"
#include "base/parse.h"
#include "base/util.h"
#include "trace/names.h"

#define WORD_MAX 40

/* The levels whose options have names, with the short words for them. */
static const struct {
	int level;
	const char *word, *alias;
} levels[] = {
	{ SOL_SOCKET, "socket", "SOL_SOCKET" }, { IPPROTO_TCP, "tcp", "SOL_TCP" }, { IPPROTO_IP, "ip", "SOL_IP" },
	{ IPPROTO_IPV6, "ipv6", "SOL_IPV6" },	{ IPPROTO_UDP, "udp", "SOL_UDP" },
};

/* A constant of a level, in any case of letters: its right spelling, or NULL. */
static const char *find_in_level(int level, const char *name, int *optname)
{
	const struct name_table *table = names_of_level(level);
	const char *found = NULL;
	long value;

	if (table == NULL)
		return NULL;
	for (size_t i = 0; (found = name_at(table, i)) != NULL && strcasecmp(found, name) != 0; i++)
		;
	if (found == NULL || !name_value(table, found, &value))
		return NULL;
	*optname = (int)value;
	return found;
}

bool sockopt_named_find(const char *name, struct sockopt *option)
{
	const struct sockopt *row;
	const char *found;
	int optname;

	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		found = find_in_level(levels[i].level, name, &optname);
		if (found == NULL)
			continue;
		row = sockopt_find_number(levels[i].level, optname);
		if (row != NULL)
			*option = *row;
		else
			*option = (struct sockopt){ .constant = found, .level = levels[i].level, .optname = optname };
		return true;
	}
	return false;
}

/* Are a constant and a name of len bytes the same, but for the letters' case, hyphens and underscores? */
static bool is_alike(const char *constant, const char *name, size_t len)
{
	const char *end = name + len;

	for (;;) {
		constant += strspn(constant, "_");
		while (name < end && (*name == '-' || *name == '_'))
			name++;
		if (*constant == '\0' || name == end)
			return *constant == '\0' && name == end;
		if (tolower((unsigned char)*constant++) != tolower((unsigned char)*name++))
			return false;
	}
}

bool sockopt_named_find_loosely(const char *name, struct sockopt *option)
{
	static const char late[] = "-late";
	const char *constant;
	size_t len = strlen(name);

	/* socat has some options twice, to be set at different times. */
	if (len > sizeof(late) - 1 && strcasecmp(name + len - (sizeof(late) - 1), late) == 0)
		len -= sizeof(late) - 1;
	for (size_t i = 0; (constant = sockopt_named_at(NULL, i)) != NULL; i++) {
		const char *underscore = strchr(constant, '_');

		if (is_alike(constant, name, len) || (underscore != NULL && is_alike(underscore, name, len)))
			return sockopt_named_find(constant, option);
	}
	return false;
}

const char *sockopt_named_near(const char *name)
{
	const struct sockopt *row = sockopt_find(name);
	struct sockopt option;
	const char *nearest;

	if (row != NULL)
		return row->constant;
	if (name[0] != '\0' && sockopt_named_find_loosely(name, &option))
		return option.constant;
	return near_find(name, sockopt_named_at, NULL, &nearest, 1) == 1 ? nearest : NULL;
}

const char *sockopt_named_at(const void *ctx, size_t i)
{
	(void)ctx;
	for (size_t k = 0; k < ARRAY_LEN(levels); k++) {
		const struct name_table *table = names_of_level(levels[k].level);
		size_t count = 0;

		while (name_at(table, count) != NULL) {
			if (i-- == 0)
				return name_at(table, count);
			count++;
		}
	}
	return NULL;
}

static bool read_number(const char *text, int *number)
{
	uint64_t value;

	if (parse_uint(text, NULL, 0, INT_MAX, &value, NULL) < 0)
		return false;
	*number = (int)value;
	return true;
}

static bool read_level(const char *text, int *level)
{
	long value;

	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		if (strcasecmp(levels[i].word, text) == 0 || strcasecmp(levels[i].alias, text) == 0) {
			*level = levels[i].level;
			return true;
		}
	}
	if (name_value(&names_sol, text, &value)) {
		*level = (int)value;
		return true;
	}
	return read_number(text, level);
}

bool sockopt_named_numbers(const char *text, int *level, int *optname)
{
	const char *colon = strchr(text, ':');
	char word[WORD_MAX];

	if (colon == NULL || (size_t)(colon - text) >= sizeof(word))
		return false;
	memcpy(word, text, (size_t)(colon - text));
	word[colon - text] = '\0';
	if (!read_level(word, level))
		return false;
	return find_in_level(*level, colon + 1, optname) != NULL || read_number(colon + 1, optname);
}

const char *sockopt_named_format(int level, int optname, char *dst, size_t size)
{
	const struct name_table *table = names_of_level(level);
	const char *name = table == NULL ? NULL : name_of(table, optname);
	char number[WORD_MAX];

	if (name != NULL)
		snprintf(dst, size, "%s", name);
	else
		snprintf(dst, size, "%s:%d", name_or_number(&names_sol, level, number, sizeof(number)), optname);
	return dst;
}
