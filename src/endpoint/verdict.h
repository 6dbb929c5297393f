/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What became of the candidates of a race that have no answer of their own in the trace: those that were given up or
 * are waited for, at level 1, and those that were never tried, at level 2 as the list of the candidates is.
 */
#ifndef SOCKT_ENDPOINT_VERDICT_H
#define SOCKT_ENDPOINT_VERDICT_H

#include "endpoint/attempt.h"

struct race {
	struct stepper *st;
	uint32_t session;
	struct attempt *attempts;
	size_t count, started;
	bool is_busy; /* others wait for this process meanwhile: no search that may take tens of ms */
};

/* One has connected: the verdicts on the others. */
void verdict_losers(const struct race *race, const struct attempt *winner);
/*
 * It ends with nobody connected.
 *   limit  of time, which has run out ("3 s"); NULL: who wanted the connection does not want it any more
 */
void verdict_unfinished(const struct race *race, const char *limit);
/*
 * Nothing has been decided for VERDICT_SLOW_NS: who does not answer those that are under way, and why. Of an address of
 * this host the accept queue is looked at; of others it is said what it may be.
 */
void verdict_slow(const struct race *race);

#define VERDICT_SLOW_NS (2 * UINT64_C(1000000000))

#endif
