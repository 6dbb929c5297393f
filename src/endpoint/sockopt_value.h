/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values of socket options: from text to what the kernel takes, and back. Sets and reads none. */
#ifndef SOCKT_ENDPOINT_SOCKOPT_VALUE_H
#define SOCKT_ENDPOINT_SOCKOPT_VALUE_H

#include "endpoint/sockopt.h"

/*
 * Read the value of an option.
 *   what     names it in the error ("ttl", "--ttl", "IP_TTL")
 *   text     NULL: the name stood alone
 *   is_free  numbers of any size, on and off for each of them: the kernel is to judge (the shell)
 * Returns 0 and *value; -EINVAL or -ERANGE with one line in error (PARSE_ERROR_MAX bytes). Pure, but for
 * if_nametoindex(3) of an interface.
 */
int sockopt_parse(const struct sockopt *option, const char *what, const char *text, bool is_free,
		  struct sockopt_value *value, char *error);

/* Is this the text of a truth value? Then *is_on says which. */
bool sockopt_is_truth(const char *text, bool *is_on);

/*
 * Read the value of an option that was given by its numbers: 5, -1, 0x2a is an int, x00ff the bytes. Likewise.
 */
int sockopt_parse_plain(const char *what, const char *text, struct sockopt_value *value, char *error);

/*
 * A value of len bytes that the kernel gave: its number into *number (of TIME and MS: milliseconds), or, where it is
 * none, its words into dst. Returns whether it is a number. option NULL: one that has no row.
 */
bool sockopt_read(const struct sockopt *option, const void *value, socklen_t len, int64_t *number, char *dst,
		  size_t size);

/* Is its value an int to the kernel? */
bool sockopt_is_int(const struct sockopt *option);

/* The same in words, with its unit: "250 ms", "on", "cubic". Returns dst. */
const char *sockopt_format(const struct sockopt *option, const void *value, socklen_t len, char *dst, size_t size);

#endif
