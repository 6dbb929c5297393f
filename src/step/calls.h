/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The calls themselves, one function a step, without timing and without events: what step.c wraps. Nobody else
 * includes this.
 */
#ifndef SOCKT_STEP_CALLS_H
#define SOCKT_STEP_CALLS_H

#include "step/step.h"

/* Makes the call of an intent; returns its result or -errno. EINTR is retried where POSIX lets it be. */
typedef int64_t call_fn(struct sock *sk, union step_args *args);

/* The function of a step; NULL for those that are no call (STATE, NOTE, END, CONNECTED). */
call_fn *call_of(enum step_id step);

/* The calls that have messages (calls_messages.c). */
call_fn call_recvmmsg, call_sendmsg, call_sendmmsg;
/* Those about programs (spawn.c). */
call_fn call_spawn, call_waitpid;

#endif
