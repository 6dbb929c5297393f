/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The calls themselves, one function a step, without timing and without events: what step.c wraps. Nobody else
 * includes this.
 */
#ifndef SOCKT_STEP_CALLS_H
#define SOCKT_STEP_CALLS_H

#include <errno.h>
#include <sys/types.h>

#include "step/step.h"

/* The result of a call, which says -1 and errno where it fails. */
static inline int64_t call_result(ssize_t ret)
{
	return ret == -1 ? -errno : ret;
}

/* Makes the call of an intent; returns its result or -errno. EINTR is retried where POSIX lets it be. */
typedef int64_t call_fn(struct sock *sk, union step_args *args);

/* The function of a step; NULL for those that are no call (STATE, NOTE, END, CONNECTED). */
call_fn *call_of(enum step_id step);

/* The calls that have messages (calls_messages.c). */
call_fn call_recvmmsg, call_sendmsg, call_sendmmsg, call_pass;
/* Those about programs (spawn.c). */
call_fn call_spawn, call_waitpid;
/* Those about the file of a Unix socket (calls_file.c). */
call_fn call_fchmod, call_lchown, call_fchmodat;
/* Those about the rights of the process (privileges.c). */
call_fn call_chroot, call_setgroups, call_setgid, call_setuid;

#endif
