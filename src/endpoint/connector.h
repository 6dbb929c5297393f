/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A connector: from an endpoint to a connected socket, without blocking. Resolves the name, puts the addresses in order
 * and races them as RFC 8305 says: a next one starts 250 ms after the last, or at once when one has failed;
 * the first that connects wins and the others are closed. With a chain of proxies it is the first of them that is
 * connected so, and the target through them (tunnel.h), within the same limit of time.
 */
#ifndef SOCKT_ENDPOINT_CONNECTOR_H
#define SOCKT_ENDPOINT_CONNECTOR_H

#include "endpoint/address_cache.h"
#include "endpoint/hop.h"
#include "endpoint/opening.h"
#include "step/loop.h"

struct connector;

struct connector_settings {
	const struct endpoint *endpoint; /* outlives the connector */
	const struct hop_chain *chain;       /* the proxies on the way to it; outlives the connector; NULL: none */
	uint32_t session;                /* the number that the events get */
	struct address_cache *cache;     /* of the name's addresses, for many connectors; NULL: each asks */
	bool is_mortal;                  /* should this process be killed, the target is to see a reset */
	bool tells_errors; /* the sender of an ICMP error is to be known; of UDP who owns the socket has to take them */
	bool defers; /* who owns the socket knows what to do with one that is_deferred (sock.h) */
	uint64_t timeout_ns;             /* for resolving and connecting together; UINT64_MAX: no limit */
};

/*
 * The end of it, called once from the loop. opened: the connected socket, to be taken (its sock copied) and watched or
 * closed before this returns, since the loop still knows it by the old place; NULL: fail says why. Both live for
 * the call; the connector is gone when it returns.
 */
typedef void connector_done_fn(void *ctx, struct opened *opened, const struct failure *fail);

/* Start. done() is never called from within. */
struct connector *connector_start(struct stepper *st, struct loop *loop, const struct connector_settings *settings,
				  connector_done_fn *done, void *ctx);
/* Give up: done() will not be called, what is open is closed. NULL: nothing. */
void connector_cancel(struct connector *connector);
/* The same, where a target that may be connected by now is to see a reset, not an end. */
void connector_abort(struct connector *connector);

#endif
