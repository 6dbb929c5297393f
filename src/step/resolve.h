/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names into addresses without blocking the loop: getaddrinfo(3) in a detached thread with all signals blocked, the
 * answer over an eventfd. The request is counted: whoever lets go last (thread or owner) frees it, so an owner may
 * leave while the resolver still works.
 */
#ifndef SOCKT_STEP_RESOLVE_H
#define SOCKT_STEP_RESOLVE_H

#include "step/loop.h"

#define RESOLVE_MAX 32 /* addresses kept of an answer */

struct resolve; /* a request */

struct resolve_answer {
	int error;          /* EAI_*, 0: found */
	int system_error;   /* errno, for EAI_SYSTEM */
	struct addr found[RESOLVE_MAX]; /* in the order of trying; with is_passive as the resolver gave them */
	size_t count;
	int family;         /* that was asked for; 0: any */
};

/* What is asked. */
struct resolve_question {
	const char *node;    /* NULL with is_passive: the wildcard */
	const char *service; /* a name or a number */
	int family, socktype;
	bool is_passive;
	uint32_t session;    /* that the event is told of; 0: none */
};

typedef void resolve_done_fn(void *ctx, const struct resolve_answer *answer);

/*
 * Ask. done(ctx, answer) is called once from the loop, behind the RESOLVE event; answer lives for the call, and the
 * request is gone when it returns. Returns 0 and *request, or -errno (EAGAIN: no thread could be started).
 */
int resolve_start(struct stepper *st, struct loop *loop, const struct resolve_question *question,
		  resolve_done_fn *done, void *ctx, struct resolve **request);
/*
 * Fill fail, which holds no failure, with what an answer that has an error says of host: by the errno, where the
 * resolver failed on this host (EAI_SYSTEM).
 */
void resolve_set_failure(const struct resolve_answer *answer, const char *host, struct failure *fail);
/* Let go: done() will not be called, and the RESOLVE event says that there was no answer. NULL: nothing. */
void resolve_cancel(struct resolve *request);

#endif
