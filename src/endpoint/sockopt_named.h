/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every socket option that the system's headers name, by the name of the manual pages (SO_RCVTIMEO, TCP_CONGESTION),
 * with its value as a person writes it. Pure: sets and reads none. The few options that endpoints take, with their
 * help, are in sockopt.h.
 */
#ifndef SOCKT_ENDPOINT_SOCKOPT_NAMED_H
#define SOCKT_ENDPOINT_SOCKOPT_NAMED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define SOCKOPT_NAMED_MAX 64 /* bytes of a value */

enum sockopt_form {
	SOCKOPT_FORM_INT = 0, /* 1, -1, 64k, on, off */
	SOCKOPT_FORM_TIME,    /* a struct timeval: 250ms, 2s, 0 */
	SOCKOPT_FORM_LINGER,  /* off, or a TIME of whole seconds */
	SOCKOPT_FORM_WORD,    /* a name: cubic, eth0 */
};

struct sockopt_named {
	const char *name;
	int level, optname;
	enum sockopt_form form;
};

/* Find an option by its name; letter case counts nothing. Returns false where there is none. */
bool sockopt_named_find(const char *name, struct sockopt_named *named);
/* The i-th name of all, NULL behind the last; ctx counts nothing. For near_find() and completion. */
const char *sockopt_named_at(const void *ctx, size_t i);

/*
 * Read a value into value (SOCKOPT_NAMED_MAX bytes) and *len. Returns 0; -EINVAL or -ERANGE with one line in error
 * (PARSE_ERROR_MAX bytes).
 */
int sockopt_named_parse(const struct sockopt_named *named, const char *text, void *value, socklen_t *len,
		char *error);

/*
 * A value of len bytes that the kernel gave: its number into *number (of TIME: milliseconds), or, where it is
 * none, its
 * words into dst. Returns whether it is a number.
 */
bool sockopt_named_read(const struct sockopt_named *named, const void *value, socklen_t len, int64_t *number,
		char *dst,
			size_t size);

#endif
