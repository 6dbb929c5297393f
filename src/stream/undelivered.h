/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Datagrams to one peer that did not arrive: ICMP errors that came back for them (ip(7), IP_RECVERR), or what a call
 * told of them. It is no end, since the next one may arrive; but it is to be said, once until there is an answer.
 */
#ifndef SOCKT_STREAM_UNDELIVERED_H
#define SOCKT_STREAM_UNDELIVERED_H

#include "step/errqueue.h"

enum undelivered_news {
	UNDELIVERED_NONE = 0,
	UNDELIVERED_NEW,  /* to be said */
	UNDELIVERED_SAID,
	UNDELIVERED_OVER, /* it was said, and then an answer came */
};

/* Zeroed: all have arrived, as far as is known. */
struct undelivered {
	struct icmp_tally icmp;
	int error;    /* errno of the last one */
	uint8_t news; /* enum undelivered_news */
	bool is_icmp; /* the last one is that of icmp: not an error of which no sender is known */
};

/* An ICMP error has come back. Tells of it (event ICMP; a repeated one at level 2), as of session. */
void undelivered_icmp(struct undelivered *un, struct stepper *st, const struct sock *sk,
		      const struct icmp_error *error, uint32_t session);
/* A call has told of one, and the error queue knows nothing of it. */
void undelivered_errno(struct undelivered *un, int error);
/* Something has come from the peer. */
void undelivered_answered(struct undelivered *un);
/* Is there anything to be said, or that it is over? Each is answered once. */
enum undelivered_news undelivered_take(struct undelivered *un);
/*
 * Add what is to be said: "datagrams to 192.0.2.7 port 53 do not arrive: the router 192.0.2.1 answers with ICMP host
 * unreachable". Asks the kernel whether the sender is this host (an observing step).
 */
void undelivered_format(const struct undelivered *un, struct stepper *st, const struct addr *dest, struct text *text);

#endif
