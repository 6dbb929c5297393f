/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the workers of a relay have in common, in memory that all of them see: the numbers of sessions, how many clients
 * there are of those that may be, and what each has counted. A worker may be killed at any moment: what it held is
 * given back by commons_forget(), and what it counted is still there.
 */
#ifndef SOCKT_ENGINE_COMMONS_H
#define SOCKT_ENGINE_COMMONS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/relay.h"

struct commons;

/* To be called before the first fork. max_conns: of all workers together; UINT64_MAX: no limit. Returns 0 or -errno. */
int commons_open(unsigned workers, uint64_t max_conns, struct commons **commons);
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
/* What a worker has counted so far: for when it cannot be asked any more. */
void commons_tell(struct commons *commons, unsigned worker, const struct relay_counts *counts);
/* The worker is dead: it has no clients any more and waits for nothing. Returns what it has told. */
struct relay_counts commons_forget(struct commons *commons, unsigned worker);
/* Does it wait for room? */
bool commons_is_waiting(struct commons *commons, unsigned worker);

#endif
