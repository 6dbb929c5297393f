/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What listener.c (its life) and listener_open.c (opening an address) share. */
#ifndef SOCKT_ENDPOINT_LISTENER_PRIVATE_H
#define SOCKT_ENDPOINT_LISTENER_PRIVATE_H

#include "endpoint/listener.h"

/* What is to be done of the address that is being opened. */
enum listener_phase {
	PHASE_SOCKET = 0,
	PHASE_DUAL,
	PHASE_REUSE,
	PHASE_SHARE,
	PHASE_TELL_ERRORS,
	PHASE_TELL_ERRORS_IPV4,
	PHASE_OPTIONS,
	PHASE_FIRST_MODE,
	PHASE_BIND,
	PHASE_STALE,
	PHASE_OWNER,
	PHASE_MODE,
	PHASE_LATE_SHARE,
	PHASE_KEY,
	PHASE_LATE_OPTIONS,
	PHASE_LISTEN,
	PHASE_NAME,
	PHASE_DONE,
};

struct listener {
	struct stepper *st;
	struct loop *loop;
	struct listener_settings settings;
	listener_done_fn *done;
	void *ctx;
	struct task task;
	struct resolve *resolve;
	const struct endpoint *endpoint; /* the one that is being opened */
	size_t turn;                     /* which of all it is */
	struct addr addrs[LISTENER_MAX]; /* its addresses */
	size_t count;   /* how many */
	size_t current; /* the one that is being opened */
	enum listener_phase phase;
	size_t next_option;
	bool was_stale; /* a stale file has been removed: once is enough */
	bool is_ready;  /* the addresses are known */
	struct sock probe;
	struct listening *sockets; /* of all endpoints, in their order */
	size_t base;    /* sockets of the endpoints before this one */
	size_t room;    /* for so many */
	struct failure fail;
};

/*
 * Make one move with the address whose turn it is: a failure is kept in the listener. Returns 0, or STEP_HELD where it
 * is to be asked for again.
 */
int listener_open_next(struct listener *listener);

#endif
