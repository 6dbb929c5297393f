/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads that ask the resolver: see resolver.h. */
#include "step/resolver.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/util.h"

struct resolver {
	pthread_mutex_t lock;
	unsigned holders; /* the loop, and each thread */
	unsigned threads;
	struct resolver_job *first, **last; /* the line */
};

struct resolver *resolver_new(void)
{
	struct resolver *resolver = xcalloc(1, sizeof(*resolver));

	pthread_mutex_init(&resolver->lock, NULL);
	resolver->holders = 1;
	resolver->last = &resolver->first;
	return resolver;
}

void resolver_release(struct resolver *resolver)
{
	bool is_last;

	if (resolver == NULL)
		return;
	pthread_mutex_lock(&resolver->lock);
	is_last = --resolver->holders == 0;
	pthread_mutex_unlock(&resolver->lock);
	if (!is_last)
		return;
	pthread_mutex_destroy(&resolver->lock);
	free(resolver);
}

/* What a thread is started with. */
struct beginning {
	struct resolver *resolver;
	struct resolver_job *job;
};

/* The next one in line; NULL: there is none, and a thread less. */
static struct resolver_job *next_job(struct resolver *resolver)
{
	struct resolver_job *job;

	pthread_mutex_lock(&resolver->lock);
	job = resolver->first;
	if (job == NULL) {
		resolver->threads--;
	} else {
		resolver->first = job->next;
		if (resolver->first == NULL)
			resolver->last = &resolver->first;
		job->is_waiting = false;
	}
	pthread_mutex_unlock(&resolver->lock);
	return job;
}

static void *thread_work(void *arg)
{
	struct beginning *beginning = arg;
	struct resolver *resolver = beginning->resolver;
	struct resolver_job *job = beginning->job;

	free(beginning);
	for (; job != NULL; job = next_job(resolver))
		job->work(job);
	resolver_release(resolver);
	return NULL;
}

/* Start a detached thread with every signal blocked: signals are the loop's. Returns 0 or an errno. */
static int start_thread(struct resolver *resolver, struct resolver_job *job)
{
	struct beginning *beginning = xmalloc(sizeof(*beginning));
	pthread_attr_t attr;
	sigset_t all, before;
	pthread_t thread;
	int ret;

	*beginning = (struct beginning){ resolver, job };
	ret = pthread_attr_init(&attr);
	if (ret == 0) {
		sigfillset(&all);
		pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
		pthread_sigmask(SIG_SETMASK, &all, &before);
		ret = pthread_create(&thread, &attr, thread_work, beginning);
		pthread_sigmask(SIG_SETMASK, &before, NULL);
		pthread_attr_destroy(&attr);
	}
	if (ret != 0)
		free(beginning);
	return ret;
}

/* Put it at the end of the line. Locked. */
static void stand_in_line(struct resolver *resolver, struct resolver_job *job)
{
	job->next = NULL;
	job->is_waiting = true;
	*resolver->last = job;
	resolver->last = &job->next;
}

int resolver_add(struct resolver *resolver, struct resolver_job *job)
{
	int ret = EAGAIN;

	/* The thread cannot let go before this one does. */
	pthread_mutex_lock(&resolver->lock);
	if (resolver->threads < RESOLVER_THREADS)
		ret = start_thread(resolver, job);
	if (ret == 0) {
		resolver->threads++;
		resolver->holders++;
	} else if (resolver->threads > 0) {
		/* One of those that are there takes it. */
		stand_in_line(resolver, job);
		ret = 0;
	}
	pthread_mutex_unlock(&resolver->lock);
	return -ret;
}

bool resolver_remove(struct resolver *resolver, struct resolver_job *job)
{
	struct resolver_job **at;
	bool was_waiting;

	pthread_mutex_lock(&resolver->lock);
	was_waiting = job->is_waiting;
	for (at = &resolver->first; was_waiting && *at != job;)
		at = &(*at)->next;
	if (was_waiting) {
		*at = job->next;
		if (*at == NULL)
			resolver->last = at;
		job->is_waiting = false;
	}
	pthread_mutex_unlock(&resolver->lock);
	return was_waiting;
}
