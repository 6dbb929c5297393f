/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of explanations share: the facts of a step, the rows of the tables, the values of their sentences. */
#ifndef SOCKT_TRACE_EXPLAIN_PRIVATE_H
#define SOCKT_TRACE_EXPLAIN_PRIVATE_H

#include "base/buf.h"
#include "trace/explain.h"
#include "trace/guide.h"

#define EXPLAIN_SOCKETS 64 /* that are remembered at a time; a newer one takes the place of an older */

/*
 * What is known of a step beyond its event, as bits. Those from LISTENING to BROKEN stay with the socket. The
 * address at hand is the peer's, or the local one where there is no peer.
 */
#define FACT_SERVER (UINT64_C(1) << 0) /* the socket waits for clients, or came from accept() */
#define FACT_CLIENT (UINT64_C(1) << 1) /* it asks, or has asked, for a connection */
#define FACT_RELAY (UINT64_C(1) << 2)
#define FACT_NO_SESSION (UINT64_C(1) << 3) /* the event belongs to no connection */
#define FACT_LISTENING (UINT64_C(1) << 4) /* it waits for clients; of datagrams: it is bound, and not connected */
#define FACT_OURS (UINT64_C(1) << 5) /* this program made it */
#define FACT_BOUND (UINT64_C(1) << 6) /* a client whose local address was set by bind() */
#define FACT_STANDING (UINT64_C(1) << 7) /* its connection stands, or stood */
#define FACT_ABRUPT (UINT64_C(1) << 8) /* SO_LINGER is on, with the time 0 */
#define FACT_DUAL (UINT64_C(1) << 9) /* IPV6_V6ONLY is 0 */
#define FACT_WE_ENDED (UINT64_C(1) << 10) /* our direction had ended before */
#define FACT_WE_FIRST (UINT64_C(1) << 11) /* and before the peer's */
#define FACT_PEER_ENDED (UINT64_C(1) << 12) /* the peer's direction had ended before */
#define FACT_BROKEN (UINT64_C(1) << 13) /* it was reset, or given up by a kernel */
#define FACT_IPV6 (UINT64_C(1) << 14) /* the address at hand is one of IPv6; of SOCKET: its family is */
#define FACT_LOOPBACK (UINT64_C(1) << 15) /* the address at hand is */
#define FACT_V4_MAPPED (UINT64_C(1) << 16) /* the address at hand is */
#define FACT_ABSTRACT (UINT64_C(1) << 17) /* the address at hand is a Unix socket's name without a file */
#define FACT_WILDCARD (UINT64_C(1) << 18) /* the local address is */
#define FACT_EPHEMERAL (UINT64_C(1) << 19) /* the local port is one of those that Linux gives out */
#define FACT_PORT_ZERO (UINT64_C(1) << 20) /* BIND asks for any port */
#define FACT_SEVERAL (UINT64_C(1) << 21) /* RESOLVE found more than one address */
#define FACT_OFF (UINT64_C(1) << 22) /* SETSOCKOPT with the value 0; FCNTL without O_NONBLOCK */
#define FACT_EMPTY (UINT64_C(1) << 23) /* a transfer of 0 bytes */
#define FACT_SHORT (UINT64_C(1) << 24) /* a transfer of less than was asked for */
#define FACT_REPLIED (UINT64_C(1) << 25) /* END: one request, one reply */
#define FACT_TALKED (UINT64_C(1) << 26) /* END: a conversation */
#define FACT_OUT (UINT64_C(1) << 27) /* PACKET: it leaves; else it comes */
#define FACT_SYN (UINT64_C(1) << 28) /* PACKET: with that flag */
#define FACT_ACK (UINT64_C(1) << 29) /* PACKET: with that flag */
#define FACT_FIN (UINT64_C(1) << 30) /* PACKET: with that flag */
#define FACT_RST (UINT64_C(1) << 31) /* PACKET: with that flag */
#define FACT_DATA (UINT64_C(1) << 32) /* PACKET: with bytes of data */
#define FACT_ICMP (UINT64_C(1) << 33) /* PACKET: an ICMP error */
#define FACT_PASSED (UINT64_C(1) << 34) /* CLOSE: another process has it, too */
#define FACT_SHUT_LIMIT (UINT64_C(1) << 35) /* SHUTDOWN: as much has been sent as may */
#define FACT_SHUT_OWN (UINT64_C(1) << 36) /* SHUTDOWN: it passes on no end, but the program ends the connection */

/* What is remembered of a socket. */
struct explain_socket {
	int fd;           /* -1: free */
	uint32_t session;
	uint64_t facts;   /* those that stay */
	struct addr local, remote; /* len 0: not known */
};

/* A step, and all that its explanation may speak of. */
struct explain_case {
	const struct event *event;
	uint64_t facts;
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
	uint64_t facts, not;   /* all of the first, and none of the second */
	int error;             /* errno, EAI_* of RESOLVE; 0: it succeeded; EXPLAIN_ANY_ERROR: it failed */
	int from, to;          /* TCP_*: state before and after it; 0: any */
	/*
	 * Of KIND: the topic whose lead goes first, and which is pointed to. NULL: that of the errno, the socket
	 * option or the state that the event tells, as the group says; where there is none the row does not fit. A
	 * socket option that is named is a condition.
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
uint64_t explain_facts(const struct event *event, const struct explain_socket *socket, bool is_relay);
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
