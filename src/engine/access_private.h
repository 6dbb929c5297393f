/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of access rules: what access.c (lists) and access_rule.c (the grammar of one rule) share. */
#ifndef SOCKT_ENGINE_ACCESS_PRIVATE_H
#define SOCKT_ENGINE_ACCESS_PRIVATE_H

#include "engine/access.h"

/* An address as bytes that sort: its family (4 or 6), then it, an IPv4 address in the last four. */
#define ACCESS_KEY 17
#define ACCESS_KEY_V4 (ACCESS_KEY - 4)

struct access_rule {
	uint8_t low[ACCESS_KEY], high[ACCESS_KEY];
	bool is_pattern; /* of IPv4: each byte by itself is between low and high */
	uint32_t zone;   /* of IPv6: the number of the interface; 0: any */
	uint32_t text;   /* offset of its text */
	uint8_t option;  /* enum access_option */
};

/* The key of an address. Returns false where it is no IP address. */
bool access_key(const struct addr *addr, uint8_t *key);

/*
 * Read one rule (ended by NUL, not empty).
 * Returns 1 and fills bounds, pattern and zone of rule; 0: it is the name of a host; or -EINVAL and in error
 * (ACCESS_ERROR_MAX bytes) what is wrong, to stand behind the rule.
 */
int access_rule_read(const char *text, struct access_rule *rule, char *error);

#endif
