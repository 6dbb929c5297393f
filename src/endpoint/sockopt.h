/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The socket options that an endpoint takes (",nodelay,sndbuf=64k"): one table. Pure: reads and
 * names them, sets none.
 */
#ifndef SOCKT_ENDPOINT_SOCKOPT_H
#define SOCKT_ENDPOINT_SOCKOPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/event.h"

enum sockopt_type {
	SOCKOPT_BOOL = 0, /* NAME, NAME=1, NAME=0, on, off, yes, no */
	SOCKOPT_INT,
	SOCKOPT_SIZE, /* bytes: 4096, 64k, 1M */
};

/*
 * When it is set. An option of a listener that is of the connection is set on every accepted
 * socket.
 */
enum sockopt_phase {
	SOCKOPT_BEFORE_BIND = 0, /* right after socket(), on listeners and clients */
	SOCKOPT_BEFORE_CONNECT,  /* before listen() or connect(): the handshake depends on it */
	SOCKOPT_CONNECTED, /* once the connection stands (of datagrams: before the first one) */
};

struct sockopt {
	const char *name;     /* as an endpoint has it: "nodelay" */
	const char *constant; /* as the manual page has it: "TCP_NODELAY" */
	int level, optname;
	enum sockopt_type type;
	enum sockopt_phase phase;
	unsigned protocols; /* bits 1U << PROTOCOL_* that have it */
	int family;         /* AF_UNSPEC: any; else only sockets of that family have it */
	int min, max;       /* of INT and SIZE */
	const char *help;   /* one sentence, for _() */
};

/* An option with the value it is to get. */
struct sockopt_value {
	const struct sockopt *option;
	int value;
};

/* The options there are: index 0, 1, ... until NULL. */
const struct sockopt *sockopt_at(size_t index);
/* By the name on an endpoint or the constant's (TCP_NODELAY), or NULL. */
const struct sockopt *sockopt_find(const char *name);

/*
 * Read the value of an option; text NULL: the name stood alone.
 * Returns 0 and *value; -EINVAL or -ERANGE with one line in error (PARSE_ERROR_MAX bytes).
 */
int sockopt_parse(const struct sockopt *option, const char *text, int *value, char *error);

/*
 * Does a socket of this protocol and family have the option? PROTOCOL_OTHER and AF_UNSPEC: it may.
 */
bool sockopt_fits(const struct sockopt *option, enum protocol protocol, int family);

#endif
