/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Socket options: one table, by the names of the manual pages, with what a value is, when it is set and a line of
 * help. Some have a short name, by which endpoints (",ttl=5") and the command line (--ttl 5) know them; two options may
 * share one, where IPv4 and IPv6 have an option each. Pure: finds them, sets none.
 */
#ifndef SOCKT_ENDPOINT_SOCKOPT_H
#define SOCKT_ENDPOINT_SOCKOPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "endpoint/kinds.h"
#include "trace/event.h"

#define SOCKOPT_VALUE_MAX 64 /* bytes of a value */
#define SOCKOPT_WORDS_MAX 160 /* room for a value in words */

/* What a value is, to a person and to the kernel. */
enum sockopt_type {
	SOCKOPT_INT = 0, /* 5, 0x2a; an int, or without a sign where max asks for it */
	SOCKOPT_BOOL,    /* on, off, yes, no, 1, 0; alone: on */
	SOCKOPT_SIZE,    /* bytes: 4096, 64k, 1M */
	SOCKOPT_SECONDS, /* TIME, in an int of seconds */
	SOCKOPT_MS,      /* TIME, in an int of milliseconds */
	SOCKOPT_TIME,    /* TIME, in a struct timeval */
	SOCKOPT_LINGER,  /* off, or TIME of whole seconds: a struct linger */
	SOCKOPT_WORD,    /* a name of at most 15 bytes: cubic, eth0 */
	SOCKOPT_DSCP,    /* AF21, EF, CS6 or a number: the upper six bits of an int */
	SOCKOPT_INDEX,   /* the name or number of an interface: an int */
	SOCKOPT_INDEX_BE, /* the same in network order */
	SOCKOPT_SENDER,  /* an interface or an address of one: a struct ip_mreqn */
	SOCKOPT_GROUP,   /* GROUP[@INTERFACE]: a struct ip_mreqn */
	SOCKOPT_GROUP6,  /* the same of IPv6: a struct ipv6_mreq */
	SOCKOPT_RATE,    /* bytes a second: 64 bits */
	SOCKOPT_BYTES,   /* x00ff: the bytes themselves */
};

/*
 * When it is set. An option of a listener that is of the connection is set on every accepted
 * socket; the others hand themselves on.
 */
enum sockopt_phase {
	SOCKOPT_BEFORE_BIND = 0, /* right after socket(), on listeners and clients */
	SOCKOPT_BEFORE_CONNECT,  /* before listen() or connect(): the handshake depends on it */
	SOCKOPT_CONNECTED, /* once the connection stands (of datagrams: before the first one) */
};

/* The families of sockets that have an option: one bit each. */
enum sockopt_family {
	SOCKOPT_IPV4 = 1U << 0,
	SOCKOPT_IPV6 = 1U << 1,
	SOCKOPT_UNIX = 1U << 2, /* or any other */
	SOCKOPT_ANY = SOCKOPT_IPV4 | SOCKOPT_IPV6 | SOCKOPT_UNIX,
};

struct sockopt {
	const char *name;     /* as an endpoint has it: "nodelay"; NULL: only the constant's */
	const char *constant; /* as the manual page has it: "TCP_NODELAY" */
	int level, optname;
	enum sockopt_type type;
	enum sockopt_phase phase;
	unsigned protocols; /* bits 1U << PROTOCOL_* that have it */
	unsigned families;  /* enum sockopt_family */
	unsigned roles;     /* enum endpoint_role: where the short name means this one; 0: in all */
	bool is_alone;      /* the name may stand without a value, which is then alone */
	int alone;
	bool is_repeatable; /* may be given more than once */
	bool is_write_only; /* the kernel does not tell its value */
	int64_t min, max;   /* of INT, SIZE, SECONDS, MS, DSCP, RATE */
	const char *help;   /* one sentence, for _() */
};

/* An option with the value it is to get. */
struct sockopt_value {
	const struct sockopt *option; /* NULL: one that was given by its numbers */
	int level, optname;
	socklen_t len;
	union {
		int number; /* where len is that of an int */
		unsigned char bytes[SOCKOPT_VALUE_MAX];
	};
};

/* The options there are: index 0, 1, ... until NULL. Those with a short name come in the order that help shows. */
const struct sockopt *sockopt_at(size_t index);
/* By the short name or the constant's (TCP_NODELAY, in any case of letters), or NULL. Of a pair the first. */
const struct sockopt *sockopt_find(const char *name);
/* By level and number, or NULL. */
const struct sockopt *sockopt_find_number(int level, int optname);
/* Is it the first option that its short name means in a role? What help shows once. */
bool sockopt_is_first(const struct sockopt *option, enum endpoint_role role);
/* What stands behind its short name in help: "", "=SIZE", "[=TIME]". */
const char *sockopt_syntax(const struct sockopt *option);

/* The bits of an address family; AF_UNSPEC: IPv4 and IPv6. */
unsigned sockopt_families(int family);
/*
 * Does a socket of this protocol and one of these families (enum sockopt_family) have the option? PROTOCOL_OTHER: it
 * may.
 */
bool sockopt_fits(const struct sockopt *option, enum protocol protocol, unsigned families);

#endif
