/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error queue of a socket: who sent the ICMP error (ip(7), IP_RECVERR; kernel.md section 7). */
#ifndef SOCKT_STEP_ERRQUEUE_H
#define SOCKT_STEP_ERRQUEUE_H

#include "step/step.h"
#include "trace/failure.h"

struct icmp_error {
	int error;            /* errno it stands for */
	bool is_local;        /* this host made it (SO_EE_ORIGIN_LOCAL) */
	uint8_t type, code;   /* of the ICMP or ICMPv6 message */
	uint32_t info;        /* MTU, where it is about that */
	struct addr offender; /* who sent it; len 0: not told */
	struct addr dest;     /* whom it was sent to */
};

/*
 * Take one entry off the error queue (recvmsg with MSG_ERRQUEUE: an observing step). Returns 1: *out is filled,
 * 0: the queue is empty (or sk is neither TCP nor UDP), or -errno. IPv4 and IPv6. Works on a TCP socket that is
 * connecting without IP_RECVERR. Entries that are no errors (time stamps) are passed over.
 *
 * Taking the last ICMP error off clears SO_ERROR, too (the kernel's sock_dequeue_err_skb()): whoever wants the verdict
 * of a connect asks step_connected() or step_error() first.
 */
int errqueue_take(struct stepper *st, struct sock *sk, struct icmp_error *out);

/*
 * Empty the error queue and put down in fail who sent the ICMP error: the last one there is.
 *   error  errno of the errors that count; 0: all
 */
void errqueue_blame(struct stepper *st, struct sock *sk, int error, struct failure *fail);

#endif
