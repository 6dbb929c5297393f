/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What connecting and listening share: the options of an endpoint set on a socket, and descriptors that were
 * handed in.
 */
#ifndef SOCKT_ENDPOINT_OPENING_H
#define SOCKT_ENDPOINT_OPENING_H

#include "endpoint/endpoint.h"
#include "endpoint/unixfile.h"
#include "step/step.h"
#include "trace/failure.h"

/* A socket that is ready for data, and what is to be known of it. */
struct opened {
	struct sock sock;
	struct addr local, remote; /* len 0: not known */
	struct unixfile file;      /* that bind() has made for it, to be removed at the end; "": none */
	bool is_datagram;          /* has no end, and empty datagrams */
	bool is_messages;          /* keeps the bounds of messages */
	bool has_keepalive;        /* its endpoint says whether the kernel is to ask a silent peer (keepalive) */
	bool begins_with_header;   /* the peer sends a PROXY header first (accept-proxy) */
};

/* A bit for a phase. */
#define OPENING_PHASE(its_phase) (1U << SOCKOPT_##its_phase)

/* The families of a socket for addr (enum sockopt_family); is_dual: it takes IPv4 too where addr is IPv6. */
unsigned opening_families(const struct addr *addr, bool is_dual);
/*
 * Set the options of endpoint that belong to the phases (bits OPENING_PHASE()), from the *next-th on, in their order.
 * Options that none of the families (enum sockopt_family) has are passed over. Returns 0 when done, -errno with
 * fail filled, or STEP_HELD: call again with the same next.
 */
int opening_set_options(struct stepper *st, struct sock *sk, const struct endpoint *endpoint, unsigned phases,
			unsigned families, size_t *next, struct failure *fail);

/*
 * Of a connection of multipath TCP: say, where there is a trace, whether both sides speak it (a NOTE). Of others
 * nothing.
 */
void opening_tell_mptcp(struct stepper *st, struct sock *sk, const struct endpoint *endpoint);

/*
 * Take descriptor endpoint->fd, which was inherited: a connected socket, or with is_listening a listening one (a bound
 * datagram socket counts as one). Descriptors above 2 are made non-blocking. Returns 0, or -errno with fail filled
 * (FAILURE_USAGE where it is the wrong thing).
 */
int opening_adopt(struct stepper *st, const struct endpoint *endpoint, bool is_listening, struct opened *opened,
		  struct failure *fail);

/*
 * Set the options of endpoint on the socket that was taken so. next: 0; kept by the caller. Returns as
 * opening_set_options(), with FAILURE_USAGE where the socket does not have one of them.
 */
int opening_dress(struct stepper *st, struct opened *opened, const struct endpoint *endpoint, bool is_listening,
		  size_t *next, struct failure *fail);

/*
 * The type of the socket that endpoint stands for (SOCK_STREAM, ...): its kind's, or of a descriptor that was handed in
 * what it is (SO_TYPE, an observing step); 0 where that is no socket, which opening_adopt() will say.
 */
int opening_socktype(struct stepper *st, const struct endpoint *endpoint);

/* Has the other end of what endpoint stands for an IP address? Of a descriptor it is looked up (SO_DOMAIN). */
bool opening_is_ip(struct stepper *st, const struct endpoint *endpoint);

/* The protocol of a socket by its domain, type and protocol number. */
enum protocol opening_protocol(int domain, int type, int ipproto);

#endif
