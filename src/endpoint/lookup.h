/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From an endpoint to the addresses that may be connected to: first those of the name to connect from, where there is
 * one, then the target's, of which only those are kept that can be reached from there.
 */
#ifndef SOCKT_ENDPOINT_LOOKUP_H
#define SOCKT_ENDPOINT_LOOKUP_H

#include "endpoint/address_cache.h"
#include "endpoint/sources.h"

/*
 * count may be 0: none can be reached from the source. fail NULL: there is an answer; else it says why there is none,
 * and found is NULL.
 */
typedef void lookup_done_fn(void *ctx, const struct addr *found, size_t count, const struct failure *fail);

/* Embedded in its owner. */
struct lookup {
	/* The owner's to fill; the others are zero. */
	struct stepper *st;
	struct loop *loop;
	const struct endpoint *endpoint;
	const char *port;            /* as it is asked for; NULL: the endpoint's */
	struct address_cache *cache; /* of the target's addresses; NULL: none */
	uint32_t session;            /* that the events are told of; 0: none */
	lookup_done_fn *done;
	void *ctx;

	struct sources sources; /* known when done() is called */
	struct resolve *request;
	struct address_waiter waiter; /* of the cache */
};

/* Ask, or take the address that was written. done() is called once: from the loop, or from within. */
void lookup_start(struct lookup *lookup);
/* Let go: done() will not be called any more. Has it been called, or nothing been started: nothing. */
void lookup_stop(struct lookup *lookup);

#endif
