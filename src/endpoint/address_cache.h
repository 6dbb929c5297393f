/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The addresses of one name, for many who connect to it: whoever asks while an answer is on its way waits for
 * that one, and an answer is good for a few seconds. What is not found is asked for again by the next.
 */
#ifndef SOCKT_ENDPOINT_ADDRESS_CACHE_H
#define SOCKT_ENDPOINT_ADDRESS_CACHE_H

#include "step/resolve.h"

/* One who waits. Embedded in its owner. */
struct address_waiter {
	resolve_done_fn *done;
	void *ctx;
	struct address_waiter *next;
	bool is_waiting;
};

/* Zeroed: empty. Always asked the same question. */
struct address_cache {
	struct resolve_answer *answer; /* the last good one; NULL: none yet */
	uint64_t until_ns;             /* how long it is good */
	struct resolve *request;       /* on its way */
	struct address_waiter *waiters;
	struct stepper *st;
};

/*
 * Ask. Returns 1: done() has been called from within, with what is known; 0: it will be called once from the loop;
 * -errno: nothing could be asked.
 */
int address_cache_ask(struct address_cache *cache, struct stepper *st, struct loop *loop,
		      const struct resolve_question *question, struct address_waiter *waiter, resolve_done_fn *done,
		      void *ctx);
/* Wait no more. Not waiting: nothing. */
void address_cache_leave(struct address_cache *cache, struct address_waiter *waiter);
/* Give everything back; nobody waits any more. */
void address_cache_clear(struct address_cache *cache);

#endif
