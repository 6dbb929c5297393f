/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A network of the run's own (--sandbox): a network namespace with nothing in it but loopback, in which every privilege
 * over the network is free (user_namespaces(7), network_namespaces(7)). Files stay as they are, and whose they are.
 */
#ifndef SOCKT_STEP_SANDBOX_H
#define SOCKT_STEP_SANDBOX_H

#include "step/step.h"
#include "trace/failure.h"

/* More calls than are ever made. */
#define SANDBOX_CALLS_MAX 10

/* A call that was made before there was anybody to tell of it. */
struct sandbox_call {
	const char *what; /* "unshare(CLONE_NEWNET)" */
	int result;       /* 0 or -errno */
	uint64_t began_ns, ended_ns; /* of env->now_ns() */
};

struct sandbox {
	struct sandbox_call calls[SANDBOX_CALLS_MAX];
	size_t count;
	bool is_inside;
};

/*
 * Go there, and bring loopback up. Before any thread is started (unshare(2)); sockets that are open stay outside.
 *   sandbox  filled with what was done, for sandbox_tell()
 *   fail     gets a sentence that says which call was refused, and what is needed (FAILURE_SANDBOX)
 * Returns 0 or -errno. Where it fails the process may be in a namespace already, of no use: the run is over.
 */
int sandbox_enter(struct sandbox *sandbox, const struct env *env, struct failure *fail);

/* Tell of the calls, and where the run is now: observing steps and a note. Of a sandbox that is empty: nothing. */
void sandbox_tell(const struct sandbox *sandbox, struct stepper *st);

#endif
