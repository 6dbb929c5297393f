/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error queue of a socket: who sent the ICMP error (ip(7), IP_RECVERR; kernel.md section 7). */
#ifndef SOCKT_STEP_ERRQUEUE_H
#define SOCKT_STEP_ERRQUEUE_H

#include "step/step.h"
#include "trace/failure.h"

struct icmp_error {
	int error;            /* errno it stands for */
	bool is_local;        /* this host made it (SO_EE_ORIGIN_LOCAL) */
	bool is_v6;           /* it came by ICMPv6 */
	uint8_t type, code;   /* of the ICMP or ICMPv6 message */
	uint32_t info;        /* MTU, where it is about that */
	struct addr offender; /* who sent it, an IPv4 one as such; len 0: not told */
	struct addr dest;     /* whom it was sent to */
};

/* An entry of the queue: an error, or a time stamp, or something else. */
struct errqueue_entry {
	bool is_error;
	struct icmp_error error; /* but for dest: of an error */
	bool is_acknowledged;    /* SO_TIMESTAMPING: all up to the byte of number id (SOF_TIMESTAMPING_OPT_ID) */
	uint32_t id;
	uint64_t real_ns;        /* CLOCK_REALTIME of the stamp; 0: there is none */
};

/*
 * Take one entry off the error queue, whatever it is (recvmsg with MSG_ERRQUEUE: an observing step). Who takes it tells
 * of it (errqueue_tell). Returns 1: *out is filled, 0: the queue is empty (or sk is neither TCP nor UDP), or -errno.
 */
int errqueue_next(struct stepper *st, struct sock *sk, struct errqueue_entry *out);

/*
 * The event ICMP of an error that came from outside; of others none.
 *   session  the number of the session it is of
 *   level    the lowest level that shows it; 0: that of the step
 */
void errqueue_tell(struct stepper *st, const struct sock *sk, const struct icmp_error *error, uint32_t session,
		   uint8_t level);

/*
 * Take one error off the error queue, and tell of it; entries that are none are passed over. Returns 1: *out is filled,
 * 0: there is none (or sk is neither TCP nor UDP), or -errno. IPv4 and IPv6. Works on a TCP socket that is connecting
 * without IP_RECVERR.
 *
 * Taking the last ICMP error off clears SO_ERROR, too (the kernel's sock_dequeue_err_skb()): whoever wants the verdict
 * of a connect asks step_connected() or step_error() first.
 */
int errqueue_take(struct stepper *st, struct sock *sk, struct icmp_error *out);

/*
 * Empty the error queue and put down in fail who sent the ICMP error: the last one there is. Returns its errno; 0:
 * there is none.
 *   error  errno of the errors that count; 0: all
 */
int errqueue_blame(struct stepper *st, struct sock *sk, int error, struct failure *fail);

#endif
