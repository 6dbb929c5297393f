/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names into addresses in a thread: see resolve.h.
 *
 * What the thread touches: the request's question (const), its answer, the write end of its eventfd, the environment
 * (const). It hands over by writing the eventfd, and then lets go. Whoever lets go last frees, so the
 * program may leave, or the owner lose interest, while getaddrinfo() still waits for a name server.
 */
#include "step/resolve.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/util.h"
#include "step/resolver.h"

struct resolve {
	atomic_int holders; /* 2: owner and thread */
	struct stepper *st;
	struct loop *loop;
	struct sock wake; /* the eventfd */
	struct task task;
	struct resolver_job job;
	char *node, *service;
	struct addrinfo hints;
	uint64_t asked_ns, answered_ns;
	struct resolve_answer answer;
	resolve_done_fn *done;
	void *ctx;
	const struct env *env;
	int wake_fd; /* the thread's own number of wake.fd: the owner may have closed and forgotten that */
};

/* Let go; the last one frees. */
static void resolve_release(struct resolve *request)
{
	if (atomic_fetch_sub(&request->holders, 1) != 1)
		return;
	close(request->wake_fd);
	free(request->node);
	free(request->service);
	free(request);
}

/* Keep the addresses of an answer, without those that appear twice. */
static void answer_keep(struct resolve_answer *answer, const struct addrinfo *found)
{
	for (; found != NULL && answer->count < RESOLVE_MAX; found = found->ai_next) {
		struct addr addr = { .len = 0 };
		size_t i = 0;

		addr_set(&addr, found->ai_addr, found->ai_addrlen);
		while (i < answer->count && !addr_equal(&answer->found[i], &addr))
			i++;
		if (i == answer->count)
			answer->found[answer->count++] = addr;
	}
}

/* RFC 8305 section 4: who connects tries the families in turns, that of the first address first. */
static void answer_interleave(struct resolve_answer *answer)
{
	struct addr *found = answer->found;

	for (size_t i = 1; i < answer->count; i++) {
		size_t j = i;

		while (j < answer->count && addr_family(&found[j]) == addr_family(&found[i - 1]))
			j++;
		if (j == answer->count)
			return;
		struct addr other = found[j];

		memmove(&found[i + 1], &found[i], (j - i) * sizeof(found[0]));
		found[i] = other;
	}
}

void resolve_set_failure(const struct resolve_answer *answer, const char *host, struct failure *fail)
{
	bool is_here = answer->error == EAI_SYSTEM && answer->system_error != 0;

	fail->domain = is_here ? FAILURE_ERRNO : FAILURE_RESOLVER;
	fail->code = is_here ? answer->system_error : answer->error;
	fail->step = STEP_RESOLVE;
	fail->family = answer->family;
	snprintf(fail->target, sizeof(fail->target), "%s", host);
}

/* In a thread. */
static void resolve_work(struct resolver_job *job)
{
	const uint64_t one = 1;
	struct resolve *request = CONTAINER_OF(job, struct resolve, job);
	struct addrinfo *found = NULL;
	int error;

	error = request->env->getaddrinfo(request->node, request->service, &request->hints, &found);
	request->answer.error = error;
	request->answer.system_error = error == EAI_SYSTEM ? errno : 0;
	if (error == 0) {
		answer_keep(&request->answer, found);
		request->env->freeaddrinfo(found);
		if ((request->hints.ai_flags & AI_PASSIVE) == 0)
			answer_interleave(&request->answer);
	}
	request->answered_ns = request->env->now_ns();
	/* An eventfd takes a first 1 always. */
	if (write(request->wake_fd, &one, sizeof(one)) != (ssize_t)sizeof(one))
		request->answer.error = EAI_SYSTEM;
	resolve_release(request);
}

/* The event RESOLVE. answer: NULL where none is waited for any more, and text says so. */
static void resolve_trace(struct resolve *request, const struct resolve_answer *answer, uint64_t end_ns,
			  const char *text)
{
	struct bus *bus = request->st->bus;
	union step_args args = { .resolve = {
		.node = request->node,
		.service = request->service,
		.family = request->hints.ai_family,
		.socktype = request->hints.ai_socktype,
	} };
	struct event event = {
		.step = STEP_RESOLVE,
		.t_ns = request->asked_ns - bus->start_ns,
		.dur_ns = end_ns - request->asked_ns,
		.has_dur = true,
		.session = request->wake.session,
		.fd = -1,
		.args = &args,
		.text = text,
	};

	if (bus->level < step_level(STEP_RESOLVE))
		return;
	if (answer != NULL) {
		event.has_result = true;
		event.result = answer->error == 0 ? (int64_t)answer->count : -1;
		event.error = answer->system_error;
		args.resolve.error = answer->error;
		args.resolve.found = answer->found;
		args.resolve.found_count = answer->count;
	}
	bus_emit(bus, &event);
}

/* The answer has come: tell the owner, and let go. */
static void resolve_finish(struct task *task)
{
	struct resolve *request = CONTAINER_OF(task, struct resolve, task);
	int error;

	/* An eventfd is writable from its birth: that is no answer. */
	if ((request->wake.ready & READY_IN) == 0)
		return;
	loop_unwatch(request->loop, &request->wake);
	error = request->answer.error;
	resolve_trace(request, &request->answer, request->answered_ns, error == 0 ? NULL : gai_strerror(error));
	request->done(request->ctx, &request->answer);
	resolve_release(request);
}

/* The question as a request; nothing runs yet. */
static struct resolve *resolve_new(struct stepper *st, struct loop *loop, const struct resolve_question *question)
{
	struct resolve *request = xcalloc(1, sizeof(*request));

	atomic_init(&request->holders, 2);
	request->st = st;
	request->env = st->env;
	request->loop = loop;
	request->node = question->node == NULL ? NULL : xstrdup(question->node);
	request->service = question->service == NULL ? NULL : xstrdup(question->service);
	request->hints.ai_family = question->family;
	request->hints.ai_socktype = question->socktype;
	request->hints.ai_flags = question->is_passive ? AI_PASSIVE : 0;
	request->answer.family = question->family;
	request->asked_ns = st->env->now_ns();
	request->task.run = resolve_finish;
	request->job.work = resolve_work;
	sock_init(&request->wake);
	request->wake.session = question->session;
	return request;
}

int resolve_start(struct stepper *st, struct loop *loop, const struct resolve_question *question,
		  resolve_done_fn *done, void *ctx, struct resolve **request_out)
{
	struct resolve *request = resolve_new(st, loop, question);
	int ret;

	request->done = done;
	request->ctx = ctx;
	request->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	request->wake.fd = request->wake_fd;
	ret = request->wake_fd == -1 ? -errno : loop_watch(loop, &request->wake, &request->task);
	if (ret == 0)
		ret = resolver_add(loop_resolver(loop), &request->job);
	if (ret < 0) {
		loop_unwatch(loop, &request->wake);
		atomic_store(&request->holders, 1);
		resolve_release(request);
		return ret;
	}
	if (st->bus->level >= 2)
		bus_note(st->bus, request->asked_ns, question->session,
			 _("asking the resolver for the addresses of %s"),
			 question->node == NULL ? "*" : question->node);
	*request_out = request;
	return 0;
}

void resolve_cancel(struct resolve *request)
{
	char text[64];
	uint64_t now_ns;

	if (request == NULL)
		return;
	/* No thread has it yet: what that would hold is let go here. */
	if (resolver_remove(loop_resolver(request->loop), &request->job))
		resolve_release(request);
	/* What the thread may write at this moment is left alone: what is told is that there was no answer. */
	now_ns = request->env->now_ns();
	snprintf(text, sizeof(text), _("given up after %llu ms without an answer"),
		 (unsigned long long)((now_ns - request->asked_ns) / NS_PER_MS));
	resolve_trace(request, NULL, now_ns, text);
	loop_unwatch(request->loop, &request->wake);
	loop_unpost(request->loop, &request->task);
	resolve_release(request);
}
