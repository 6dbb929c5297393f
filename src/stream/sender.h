/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sends several datagrams in the fewest calls: a run of equal ones by sendmsg() with UDP_SEGMENT, others by sendmmsg(),
 * one by send() or sendto(). What the kernel refuses once is not asked again.
 */
#ifndef SOCKT_STREAM_SENDER_H
#define SOCKT_STREAM_SENDER_H

#include "step/step.h"
#include "stream/messages.h"

/* The most bytes of one run: a run is one packet of IP until it is cut. */
#define SENDER_RUN_MAX 65507

struct sender {
	uint16_t max_segment; /* longer datagrams go in no run; 0: none does */
	bool is_many;         /* many datagrams a call; else each by itself, so that a trace can show its bytes */
};

enum send_form {
	SEND_ONE = 0,
	SEND_RUN,  /* one message, cut into datagrams of the size of the first */
	SEND_MANY,
};

struct send_plan {
	enum send_form form;
	unsigned count; /* of datagrams, from the first on */
};

/* What to do with the first of the messages (1 or more). Pure. */
struct send_plan sender_plan(const struct sender *sender, const struct messages *messages);

/*
 * Send some of the messages, from the first on, to an address (NULL: where the socket is connected to), from an address
 * of ours (NULL or empty: the kernel's choice). Returns how many were taken, 1 or more, or -errno.
 */
int sender_send(struct sender *sender, struct stepper *st, struct sock *sk, const struct messages *messages,
		const struct addr *to, const struct addr *local);

#endif
