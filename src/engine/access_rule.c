/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of one access rule: see access.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/parse.h"
#include "engine/access_private.h"

#define DIGITS "0123456789"
#define HEX_DIGITS DIGITS "abcdefABCDEF"
#define NAME_CHARS DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_."
#define GROUP_MAX 4  /* digits of a group of an IPv6 address */
#define LABEL_MAX 63 /* RFC 1035 section 2.3.4 */
#define NAME_MAX_LEN 253
#define V4_BITS 32
#define V6_BITS 128
#define MAPPED_BITS (V6_BITS - V4_BITS) /* of ::ffff:0:0/96, the IPv4-mapped addresses */

static int mistake(char *error, const char *sentence)
{
	snprintf(error, ACCESS_ERROR_MAX, "%s", sentence);
	return -EINVAL;
}

bool access_key(const struct addr *addr, uint8_t *key)
{
	struct addr plain = *addr;

	addr_unmap(&plain);
	memset(key, 0, ACCESS_KEY);
	if (addr_family(&plain) == AF_INET) {
		key[0] = 4;
		memcpy(&key[ACCESS_KEY_V4], &plain.in.sin_addr, 4);
		return true;
	}
	key[0] = 6;
	if (addr_family(&plain) != AF_INET6)
		return false;
	memcpy(&key[1], &plain.in6.sin6_addr, 16);
	return true;
}

/* Read an address of len bytes. As addr_parse_ip(). */
static int read_ip(const char *text, size_t len, struct addr *addr)
{
	char copy[ACCESS_RULE_MAX + 1];

	if (len >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return addr_parse_ip(addr, copy, 0);
}

/* From low to high, which are addresses. */
static int set_range(struct access_rule *rule, const struct addr *low, const struct addr *high, char *error)
{
	access_key(low, rule->low);
	access_key(high, rule->high);
	if (rule->low[0] != rule->high[0])
		return mistake(error, _("a range has two addresses of one family"));
	if (memcmp(rule->low, rule->high, ACCESS_KEY) > 0)
		return mistake(error, _("the range ends before it begins"));
	if (addr_family(low) == AF_INET6)
		rule->zone = low->in6.sin6_scope_id;
	if (addr_family(high) == AF_INET6 && high->in6.sin6_scope_id != 0 && high->in6.sin6_scope_id != rule->zone)
		return mistake(error, _("a range has the same interface at both ends"));
	return 1;
}

/* ADDRESS/BITS */
static int read_prefix(const char *text, const char *slash, struct access_rule *rule, char *error)
{
	struct addr base;
	uint64_t bits;
	unsigned most;
	int ret = read_ip(text, (size_t)(slash - text), &base);

	if (ret == -ENODEV)
		return mistake(error, _("there is no such network interface"));
	if (ret < 0)
		return mistake(error, _("a prefix is an address and a number of bits, as in 10.0.0.0/8"));
	most = addr_family(&base) == AF_INET ? V4_BITS : V6_BITS;
	if (parse_uint(slash + 1, NULL, 0, most, &bits, NULL) < 0) {
		snprintf(error, ACCESS_ERROR_MAX, _("behind the slash stands a number of bits from 0 to %u"), most);
		return -EINVAL;
	}
	if (addr_is_v4mapped(&base) && bits >= MAPPED_BITS) {
		addr_unmap(&base);
		bits -= MAPPED_BITS;
		most = V4_BITS;
	}
	/* Not by way of access_key() alone: ::ffff:0:0/64 is a prefix of IPv6. */
	rule->low[0] = most == V4_BITS ? 4 : 6;
	if (most == V4_BITS)
		memcpy(&rule->low[ACCESS_KEY_V4], &base.in.sin_addr, 4);
	else
		memcpy(&rule->low[1], &base.in6.sin6_addr, 16);
	rule->zone = most == V4_BITS ? 0 : base.in6.sin6_scope_id;
	memcpy(rule->high, rule->low, ACCESS_KEY);
	for (unsigned bit = (unsigned)bits; bit < most; bit++) {
		size_t at = ACCESS_KEY - most / 8 + bit / 8;

		rule->low[at] &= (uint8_t)~(0x80 >> bit % 8);
		rule->high[at] |= (uint8_t)(0x80 >> bit % 8);
	}
	return 1;
}

/* One of the four parts of a pattern: a number, NUMBER-NUMBER, or a star. */
static int read_octet(const char *text, size_t len, uint8_t *low, uint8_t *high)
{
	char copy[8], *dash;
	uint64_t from, to;

	if (len >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	*low = 0;
	*high = UINT8_MAX;
	if (strcmp(copy, "*") == 0)
		return 0;
	dash = strchr(copy, '-');
	if (dash != NULL)
		*dash = '\0';
	if (parse_uint(copy, NULL, 0, UINT8_MAX, &from, NULL) < 0)
		return -EINVAL;
	to = from;
	if (dash != NULL && parse_uint(dash + 1, NULL, 0, UINT8_MAX, &to, NULL) < 0)
		return -EINVAL;
	*low = (uint8_t)from;
	*high = (uint8_t)to;
	return from <= to ? 0 : -ERANGE;
}

/* Is what each byte may be one range of addresses: all of them, behind the first that may be several? */
static bool is_range(const struct access_rule *rule)
{
	bool is_open = false;

	for (size_t i = ACCESS_KEY_V4; i < ACCESS_KEY; i++) {
		if (is_open && (rule->low[i] != 0 || rule->high[i] != UINT8_MAX))
			return false;
		is_open = is_open || rule->low[i] != rule->high[i];
	}
	return true;
}

/* Four octets with dots between: 10.0.*.1-9 */
static int read_pattern(const char *text, struct access_rule *rule, char *error)
{
	rule->low[0] = 4;
	rule->high[0] = 4;
	for (size_t i = 0; i < 4; i++) {
		size_t len = strcspn(text, ".");
		int ret = read_octet(text, len, &rule->low[ACCESS_KEY_V4 + i], &rule->high[ACCESS_KEY_V4 + i]);

		if (ret == -ERANGE)
			return mistake(error, _("the range ends before it begins"));
		if (ret < 0 || (text[len] == '.') != (i < 3))
			return mistake(error, _("an IPv4 address is four numbers from 0 to 255, as in 127.0.0.1"));
		text += len + 1;
	}
	rule->is_pattern = !is_range(rule);
	return 1;
}

/* What has only digits, dots, hyphens and stars: an IPv4 address, or several. */
static int read_v4(const char *text, struct access_rule *rule, char *error)
{
	const char *dash = strchr(text, '-');
	struct addr low, high;

	if (dash != NULL && read_ip(text, (size_t)(dash - text), &low) == 0 &&
	    read_ip(dash + 1, strlen(dash + 1), &high) == 0)
		return set_range(rule, &low, &high, error);
	return read_pattern(text, rule, error);
}

/* The last group of an address, in hexadecimal digits: the end of a range. */
static bool read_last_group(const char *text, const struct addr *low, struct addr *high)
{
	size_t len = strlen(text);
	unsigned long group;

	if (len == 0 || len > GROUP_MAX || strspn(text, HEX_DIGITS) != len || addr_is_v4mapped(low))
		return false;
	group = strtoul(text, NULL, 16);
	*high = *low;
	high->in6.sin6_addr.s6_addr[14] = (uint8_t)(group >> 8);
	high->in6.sin6_addr.s6_addr[15] = (uint8_t)group;
	return true;
}

/* What has a colon: an IPv6 address, or a range of them. The name of an interface may have hyphens. */
static int read_v6(const char *text, struct access_rule *rule, char *error)
{
	struct addr low, high;
	int ret = addr_parse_ip(&low, text, 0);

	if (ret == 0)
		return set_range(rule, &low, &low, error);
	if (ret == -ENODEV && strchr(text, '-') == NULL)
		return mistake(error, _("there is no such network interface"));
	for (const char *dash = strchr(text, '-'); dash != NULL; dash = strchr(dash + 1, '-')) {
		if (read_ip(text, (size_t)(dash - text), &low) < 0)
			continue;
		if (addr_parse_ip(&high, dash + 1, 0) == 0 || read_last_group(dash + 1, &low, &high))
			return set_range(rule, &low, &high, error);
	}
	return mistake(error, _("this is no IPv6 address; a rule has no port"));
}

/* Anything else has to be the name of a host. */
static int read_name(const char *text, char *error)
{
	size_t len = strlen(text), label = 0;

	if (strspn(text, NAME_CHARS) != len)
		return mistake(error, _("this is neither an address nor the name of a host"));
	if (len > NAME_MAX_LEN)
		return mistake(error, _("the name of a host has at most 253 characters"));
	for (size_t i = 0; i < len; i++) {
		label = text[i] == '.' ? 0 : label + 1;
		if (label > LABEL_MAX || (text[i] == '.' && (i == 0 || text[i - 1] == '.')))
			return mistake(error, _("a part of the name of a host has 1 to 63 characters"));
	}
	return 0;
}

int access_rule_read(const char *text, struct access_rule *rule, char *error)
{
	size_t len = strlen(text);
	const char *slash = strchr(text, '/');
	char inside[ACCESS_RULE_MAX + 1];

	memset(rule, 0, sizeof(*rule));
	/* As it stands in an endpoint: [::1]. */
	if (text[0] == '[' && text[len - 1] == ']' && len <= sizeof(inside)) {
		memcpy(inside, text + 1, len - 2);
		inside[len - 2] = '\0';
		if (strchr(inside, ':') == NULL)
			return mistake(error, _("brackets are for IPv6 addresses only"));
		return read_v6(inside, rule, error);
	}
	if (slash != NULL)
		return read_prefix(text, slash, rule, error);
	if (strchr(text, ':') != NULL)
		return read_v6(text, rule, error);
	if (strspn(text, DIGITS ".-*") == len)
		return read_v4(text, rule, error);
	return read_name(text, error);
}
