/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Access rules: who may connect, as lists of addresses (--allow, --deny and their files). Pure: texts and addresses
 * in, verdicts out.
 *
 * A rule is an address (127.0.0.1, ::1, fe80::1%eth0), a prefix (10.0.0.0/8), a range (127.0.0.2-4, 10.0.0.1-10.0.1.7,
 * 2001:db8::2-2001:db8::ff), a pattern (10.0.*.1-9), or the name of a host, which stands for its addresses. IPv4 and
 * IPv6 are apart; an IPv4-mapped address is the IPv4 address.
 */
#ifndef SOCKT_ENGINE_ACCESS_H
#define SOCKT_ENGINE_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

#define ACCESS_ERROR_MAX 160
#define ACCESS_RULE_MAX 255               /* bytes of one rule */
#define ACCESS_RULES_MAX ((size_t)1 << 20) /* of all lists together, with the addresses of names */

/* Which option a rule is of. */
enum access_option {
	ACCESS_ALLOW = 0,
	ACCESS_DENY,
	ACCESS_ALLOWFILE,
	ACCESS_DENYFILE,
};

struct access;

/* Rules of nobody: who asks is admitted. */
struct access *access_new(void);
/* NULL: nothing. */
void access_free(struct access *access);

/* The name of an option, without the hyphens. */
const char *access_option_name(enum access_option option);

/*
 * Add the rules in text (len bytes): separated by blanks or commas. Of a file (option ..FILE) a # begins a comment,
 * which ends with its line, and there may be no rule at all; of an option there is at least one.
 *   what   begins the error: the file's name; not used of an option
 * Returns 0, or -EINVAL or -ERANGE with a sentence in error (ACCESS_ERROR_MAX bytes) that names option or file and
 * line, and the rule. From the first rule of an allow list on (an empty file is one) nobody is admitted who is in none.
 */
int access_add(struct access *access, enum access_option option, const char *what, const char *text, size_t len,
	       char *error);

/* How many names of hosts there are among the rules, and each of them: their addresses are to be set. */
size_t access_name_count(const struct access *access);
const char *access_name(const struct access *access, size_t at);
enum access_option access_name_option(const struct access *access, size_t at);
/* The name at that place stands for this address (its port does not count). Returns 0, or -ERANGE: too many rules. */
int access_set_name(struct access *access, size_t at, const struct addr *addr);

/* What the rules say of an address. */
struct access_verdict {
	bool is_admitted;
	enum access_option option; /* where it is not: by which option; ACCESS_ALLOW stands for both allow lists */
	const char *rule;          /* of a deny list: the rule; NULL: none has it. Lives as long as the rules */
};

/* Deny lists first, then, if there is any, an allow list has to have it. */
struct access_verdict access_decide(struct access *access, const struct addr *addr);

#endif
