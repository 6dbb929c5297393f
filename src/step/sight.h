/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What can be seen of the network without a privilege, where packets were asked for (--packets) and are not allowed:
 * how many segments the kernel sent and received before and during each step (TCP_INFO), the SYN of an accepted client
 * (TCP_SAVED_SYN), and at level 2 when the peer's kernel has acknowledged what was sent (SO_TIMESTAMPING). Events
 * SEGMENTS, PACKET and ACKNOWLEDGED come of it. (ICMP errors are told in any case: errqueue.h.)
 *
 * A stepper without it (sight NULL) pays one branch for each step that is watched anyhow. What is remembered is memory
 * for each open TCP socket, given back when it is closed.
 */
#ifndef SOCKT_STEP_SIGHT_H
#define SOCKT_STEP_SIGHT_H

#include "step/step.h"

struct sight *sight_new(void);
/* NULL: nothing. */
void sight_free(struct sight *sight);

/* ---- For step.c: around a step that is watched; st->sight is not NULL ---- */

/* What has passed since the step before. Of LISTEN: ask the kernel to keep the SYNs of clients. */
void sight_before(struct stepper *st, const struct intent *intent);
/*
 * What has passed during the step. A new connection is asked for time stamps.
 *   began_ns  when the call was made, of env->now_ns()
 *   result    of the call, or -errno
 */
void sight_after(struct stepper *st, const struct intent *intent, uint64_t began_ns, int64_t result);
/* A client was accepted: its SYN, and what has passed. */
void sight_accepted(struct stepper *st, struct sock *accepted);
/* The answer to a connect() in progress has come, and is good. */
void sight_connected(struct stepper *st, struct sock *sk);

/* ---- For the loop ---- */

/*
 * EPOLLERR is among the events of sk. Time stamps that wait in the error queue are taken out of it and told. Returns
 * events, without EPOLLERR where they were all that it stood for: an error of the socket itself is left as it is.
 */
uint32_t sight_events(struct stepper *st, struct sock *sk, uint32_t events);

#endif
