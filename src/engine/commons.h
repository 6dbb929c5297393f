/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the workers of a relay have in common, in memory that all of them see: the numbers of sessions, how many clients
 * there are of those that may be, in all and of each host, and what each has counted. A worker may be killed at any
 * moment: what it held is given back by commons_forget(), and what it counted is still there.
 */
#ifndef SOCKT_ENGINE_COMMONS_H
#define SOCKT_ENGINE_COMMONS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/relay.h"

struct commons;

struct commons_settings {
	unsigned workers;
	uint64_t max_conns;    /* of all workers together; UINT64_MAX: no limit */
	uint64_t max_per_host; /* likewise; 0: no limit */
	uint64_t clients;      /* a worker has so many at most */
	uint32_t seed;
};

/* To be called before the first fork. Returns 0 or -errno. */
int commons_open(const struct commons_settings *settings, struct commons **commons);
/* In whatever process. NULL: nothing. */
void commons_close(struct commons *commons);

/* The number of the next session, which nobody else gets. */
uint32_t commons_number(struct commons *commons);
/*
 * May worker take one more client? Then it is counted until commons_release(). Where it may not, the worker counts as
 * waiting until it asks again.
 */
bool commons_claim(struct commons *commons, unsigned worker);
/* One client less. Returns whether another worker waits for that: it is to be told. */
bool commons_release(struct commons *commons, unsigned worker);
/*
 * May worker have one more client of the host of that address? Then it is counted until commons_leave_host(). A host of
 * more than the worker can count may not have one.
 */
bool commons_enter_host(struct commons *commons, unsigned worker, const struct addr *addr);
void commons_leave_host(struct commons *commons, unsigned worker, const struct addr *addr);
/* What a worker has counted so far: for when it cannot be asked any more. */
void commons_tell(struct commons *commons, unsigned worker, const struct relay_counts *counts);
/* The worker is dead: it has no clients any more and waits for nothing. Returns what it has told. */
struct relay_counts commons_forget(struct commons *commons, unsigned worker);
/* Does it wait for room, and is there some? Then it is told so, and counts as waiting no more until it has asked. */
bool commons_take_waiting(struct commons *commons, unsigned worker);

#endif
