/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A call made only to look, as an event: what the files of this floor that explain errors have in common.
 * Costs one branch where no sink asks for it.
 */
#ifndef SOCKT_STEP_PROBE_H
#define SOCKT_STEP_PROBE_H

#include "step/step.h"

struct probe {
	struct stepper *st;
	enum step_id step; /* STEP_PROBE or STEP_RECVMSG */
	int flags;         /* of STEP_RECVMSG: MSG_* */
	bool is_wanted;    /* a sink shows it */
	uint64_t began_ns; /* of env->now_ns() */
};

/* Say that a call begins. */
struct probe probe_begin(struct stepper *st, enum step_id step);

/*
 * Emit the event of the call, where a sink wants it.
 *   sk      what it was made on; NULL: on nothing of the program's
 *   result  of the call, or -errno
 * The rest, a printf format, is the call: "sendto(7, sock_diag tcp port 9000)"; of STEP_RECVMSG what it asks for, ""
 * where it reads an error queue. Returns result.
 */
int64_t probe_end(const struct probe *probe, const struct sock *sk, int64_t result, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * Tell of a call of STEP_PROBE that was made before there was a bus. began_ns and ended_ns are of env->now_ns().
 */
void probe_tell(struct stepper *st, uint64_t began_ns, uint64_t ended_ns, int64_t result, const char *what);

#endif
