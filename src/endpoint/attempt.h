/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An attempt: one address of a race, from socket() to its verdict.
 *
 *     SOCKET -> OPTIONS -> BIND -> LATE_OPTIONS -> CONNECT -> WAIT -> TELL_NO_MORE -> FINAL_OPTIONS ->
 *        (connected)                   (BIND -> STALE -> BIND, where the name of a Unix socket is taken)
 *        any of them -> (failed)
 */
#ifndef SOCKT_ENDPOINT_ATTEMPT_H
#define SOCKT_ENDPOINT_ATTEMPT_H

#include "endpoint/opening.h"
#include "step/loop.h"

enum attempt_phase {
	ATTEMPT_SOCKET = 0,
	ATTEMPT_OPTIONS,
	ATTEMPT_REUSE,
	ATTEMPT_MORTAL,
	ATTEMPT_TELL_ERRORS,
	ATTEMPT_TELL_ERRORS_IPV4,
	ATTEMPT_MODE,
	ATTEMPT_BIND,
	ATTEMPT_STALE,
	ATTEMPT_KEY,
	ATTEMPT_LATE_OPTIONS,
	ATTEMPT_CONNECT,
	ATTEMPT_WAIT,
	ATTEMPT_SELF,
	ATTEMPT_TELL_NO_MORE,
	ATTEMPT_FINAL_OPTIONS,
	ATTEMPT_CONNECTED,
	ATTEMPT_FAILED,
};

struct attempt {
	struct stepper *st;
	struct loop *loop;
	const struct endpoint *endpoint;
	struct addr addr;
	struct sock sock;
	struct addr source;   /* of a name, in the place of the endpoint's; len 0: that one counts */
	struct unixfile file; /* of a Unix source address */
	struct sock probe;    /* asks whether anybody has that address */
	enum attempt_phase phase;
	size_t next_option;
	int error;           /* errno, once it has failed */
	int soft;            /* errno of an ICMP error that has come while SYNs go on; 0: none */
	struct failure fail; /* what failed; the offender of a soft error before that */
	struct timer retry;  /* a Unix socket whose accept queue is full */
	uint64_t pause_ns;
	bool is_taken;     /* the Unix source address: its file is there already */
	bool was_stale;    /* and was replaced once */
	bool is_mortal;    /* should this process be killed, the peer is to see a reset */
	bool defers;       /* a socket that is_deferred is what is wanted: its SYN goes with the first data */
	bool tells_errors; /* every ICMP error is wanted, and its sender; of TCP while it connects */
	struct task *task; /* what is posted when it can go on */
};

/* task is posted whenever attempt_run() can go on. */
void attempt_init(struct attempt *attempt, struct stepper *st, struct loop *loop, const struct endpoint *endpoint,
		  const struct addr *addr, uint32_t session, struct task *task);
/*
 * Go on as far as can be. Returns 1: connected, 0: it waits (or is held), -errno: failed (attempt->fail is filled and
 * the socket closed). After the verdict it returns the same again.
 */
int attempt_run(struct attempt *attempt);
/* Close what is open. */
void attempt_clear(struct attempt *attempt);
/* The same, where a peer that may be connected by now is to see a reset. */
void attempt_abort(struct attempt *attempt);

#endif
