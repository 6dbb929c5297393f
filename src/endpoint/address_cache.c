/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The addresses of one name: see address_cache.h. */
#include "endpoint/address_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/util.h"

/* A name that is moved is followed within this time; a crowd of clients asks the resolver no more often. */
#define GOOD_NS (3 * NS_PER_S)

/* The answer to all who wait. */
static void address_cache_answer(void *ctx, const struct resolve_answer *answer)
{
	struct address_cache *cache = ctx;
	struct address_waiter *waiter = cache->waiters, *next;

	cache->request = NULL;
	cache->waiters = NULL;
	if (answer->error == 0) {
		if (cache->answer == NULL)
			cache->answer = xcalloc(1, sizeof(*cache->answer));
		memcpy(cache->answer, answer, sizeof(*answer));
		cache->until_ns = cache->st->env->now_ns() + GOOD_NS;
	}
	for (; waiter != NULL; waiter = next) {
		next = waiter->next;
		waiter->is_waiting = false;
		waiter->done(waiter->ctx, answer);
	}
}

int address_cache_ask(struct address_cache *cache, struct stepper *st, struct loop *loop,
		      const struct resolve_question *question, struct address_waiter *waiter, resolve_done_fn *done,
		      void *ctx)
{
	int ret = 0;

	if (cache->answer != NULL && st->env->now_ns() < cache->until_ns) {
		done(ctx, cache->answer);
		return 1;
	}
	cache->st = st;
	if (cache->request == NULL)
		ret = resolve_start(st, loop, question, address_cache_answer, cache, &cache->request);
	if (ret < 0)
		return ret;
	*waiter = (struct address_waiter){ .done = done, .ctx = ctx, .next = cache->waiters, .is_waiting = true };
	cache->waiters = waiter;
	return 0;
}

void address_cache_leave(struct address_cache *cache, struct address_waiter *waiter)
{
	struct address_waiter **at = &cache->waiters;

	if (!waiter->is_waiting)
		return;
	while (*at != waiter)
		at = &(*at)->next;
	*at = waiter->next;
	waiter->is_waiting = false;
}

void address_cache_clear(struct address_cache *cache)
{
	resolve_cancel(cache->request);
	free(cache->answer);
	*cache = (struct address_cache){ 0 };
}
