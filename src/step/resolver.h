/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads that may wait for a name server: at most RESOLVER_THREADS of a loop at once, those counted that nobody waits
 * for any more, since a name server that is silent keeps them for long. Further questions stand in line.
 */
#ifndef SOCKT_STEP_RESOLVER_H
#define SOCKT_STEP_RESOLVER_H

#include <stdbool.h>

#define RESOLVER_THREADS 256

struct resolver;

/* A question, embedded in its owner; zeroed but for work, which is called in a thread and may free it. */
struct resolver_job {
	void (*work)(struct resolver_job *job);
	struct resolver_job *next;
	bool is_waiting; /* in line */
};

/* For one loop. Threads keep it as long as they need it. */
struct resolver *resolver_new(void);
/* NULL: nothing. */
void resolver_release(struct resolver *resolver);
/* Let it be worked on. Returns 0, or -errno (EAGAIN: no thread could be started, and none is there). */
int resolver_add(struct resolver *resolver, struct resolver_job *job);
/* Take it out of the line. Returns false where it stands in it no more: a thread has it. */
bool resolver_remove(struct resolver *resolver, struct resolver_job *job);

#endif
