/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of explanations share: the facts of a step, the rows of the tables, the values of their sentences. */
#ifndef SOCKT_TRACE_EXPLAIN_PRIVATE_H
#define SOCKT_TRACE_EXPLAIN_PRIVATE_H

#include "base/buf.h"
#include "trace/explain.h"
#include "trace/guide.h"

#define EXPLAIN_SOCKETS 64 /* that are remembered at a time; a newer one takes the place of an older */

/* What is known of a step beyond its event, as bits. */
enum explain_fact {
	FACT_SERVER = 1U << 0,     /* the socket waits for clients, or came from accept() */
	FACT_CLIENT = 1U << 1,     /* it asks, or has asked, for a connection */
	FACT_RELAY = 1U << 2,
	FACT_LISTENING = 1U << 3,  /* it waits for clients; of datagrams: it is bound, and not connected */
	FACT_IPV6 = 1U << 4,       /* the address at hand is one of IPv6 */
	FACT_WILDCARD = 1U << 5,   /* the local address is */
	FACT_LOOPBACK = 1U << 6,   /* the address at hand is */
	FACT_V4_MAPPED = 1U << 7,  /* the peer's address is */
	FACT_ABSTRACT = 1U << 8,   /* the address at hand is a Unix socket's name without a file */
	FACT_PORT_ZERO = 1U << 9,  /* BIND asks for any port */
	FACT_EPHEMERAL = 1U << 10, /* the local port is one that Linux gives out */
	FACT_BOUND = 1U << 11,     /* the client had been given its local address before */
	FACT_SEVERAL = 1U << 12,   /* RESOLVE found more than one address */
	FACT_NAMELESS = 1U << 13,  /* RESOLVE asks for no name */
	FACT_EMPTY = 1U << 14,     /* a transfer of nothing */
	FACT_SHORT = 1U << 15,     /* a transfer of less than was asked for */
	FACT_ABRUPT = 1U << 16,    /* SO_LINGER 0: close() resets */
	FACT_WE_ENDED = 1U << 17,  /* our direction had ended before */
	FACT_PEER_ENDED = 1U << 18, /* the peer's had */
	FACT_STANDING = 1U << 19,  /* the connection stands, or stood */
	FACT_NEVER = 1U << 20,     /* it never did: an attempt that failed, or lost the race */
	FACT_DUAL = 1U << 21,      /* IPV6_V6ONLY is 0 */
	FACT_OFF = 1U << 22,       /* SETSOCKOPT with the value 0 */
	FACT_WE_FIRST = 1U << 23,  /* we ended our direction before the peer did */
	FACT_REPLIED = 1U << 24,   /* END: one request, one reply */
	FACT_TALKED = 1U << 25,    /* END: a conversation */
};

/* What is remembered of a socket. */
struct explain_socket {
	int fd;           /* -1: free */
	uint32_t session;
	unsigned facts;   /* those that stay: LISTENING, BOUND, ABRUPT, the ends, STANDING, DUAL */
	struct addr local, remote; /* len 0: not known */
};

/* A step, and all that its explanation may speak of. */
struct explain_case {
	const struct event *event;
	unsigned facts;
	const struct explain_socket *socket; /* the event's, or with accept() the listening one; never NULL */
	const struct guide_topic *topic;     /* of the row at hand; NULL: none */
};

/* An explanation has a sentence of each part: the first row of it that fits, if any does. */
enum explain_part {
	EXPLAIN_KIND = 0, /* what it is for; its row is the kind of the step, and without one nothing is said */
	EXPLAIN_VALUES,   /* what these arguments and results mean */
	EXPLAIN_AFTER,    /* what is different now, what comes next */
	EXPLAIN_PARTS
};

#define EXPLAIN_ANY_ERROR (-1)
#define EXPLAIN_STREAM (1U << PROTOCOL_TCP | 1U << PROTOCOL_UNIX | 1U << PROTOCOL_UNIX_SEQPACKET)
#define EXPLAIN_UNIX (1U << PROTOCOL_UNIX | 1U << PROTOCOL_UNIX_DGRAM | 1U << PROTOCOL_UNIX_SEQPACKET)
#define EXPLAIN_TCP (1U << PROTOCOL_TCP)
#define EXPLAIN_UDP (1U << PROTOCOL_UDP)
#define EXPLAIN_DATAGRAM (1U << PROTOCOL_UDP | 1U << PROTOCOL_UNIX_DGRAM)

struct explain_row {
	enum step_id step;
	enum explain_part part;
	unsigned protocols;    /* bits 1 << PROTOCOL_*; 0: any */
	unsigned facts, not;   /* all of the first, and none of the second */
	int error;             /* errno, EAI_* of RESOLVE; 0: it succeeded; EXPLAIN_ANY_ERROR: it failed */
	int from, to;          /* TCP_*: state before and after it; 0: any */
	/*
	 * Of KIND: the topic whose lead goes first, and which is pointed to. name NULL: that of the errno, the socket
	 * option or the state of the event, as the group says; without such a topic the row does not fit.
	 */
	enum guide_group group; /* GUIDE_GROUP_COUNT: no topic */
	const char *topic;
	const char *text;      /* a template (base/template.h): a row whose values are not known does not fit; "" */
};

struct explain_table {
	const struct explain_row *rows;
	size_t count;
};

extern const struct explain_table explain_table_setup;
extern const struct explain_table explain_table_connect;
extern const struct explain_table explain_table_data;
extern const struct explain_table explain_table_end;

/* Steps that explain themselves, as bits 1 << STEP_*: they have no row on purpose. */
extern const uint64_t explain_steps_without;

/* The socket of the event as it is remembered; not yet with what the event tells. */
struct explain_socket *explain_socket_find(struct explain_socket *sockets, const struct event *event);
/* What is known of the step, from its event and what was remembered of the socket before. */
unsigned explain_facts(const struct event *event, const struct explain_socket *socket, bool is_relay);
/* Remember what the event tells of its socket. */
void explain_learn(struct explain_socket *sockets, const struct event *event);
/* The local address, and the peer's, as far as event or memory tell; else NULL. */
const struct addr *explain_local(const struct event *event, const struct explain_socket *socket);
const struct addr *explain_remote(const struct event *event, const struct explain_socket *socket);
/* For template_expand(): ctx is a struct explain_case. */
bool explain_value(const void *ctx, const char *name, size_t len, struct text *text);
/* Is there a value of that name? For tests. */
bool explain_is_value(const char *name, size_t len);
/* The name of the socket option that the event speaks of, or NULL. */
const char *explain_option_name(const struct event *event);

#endif
