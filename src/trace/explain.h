/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Explanations: what a step is for, in plain words, right for the addresses, the role and the protocol of this run. The
 * sentences stand in tables (explain_*.c); each begins with the lead of a topic of the guide, so that `sockt help` and
 * --explain say the same. Pure: no clock, no output, and its memory does not grow.
 */
#ifndef SOCKT_TRACE_EXPLAIN_H
#define SOCKT_TRACE_EXPLAIN_H

#include "trace/event.h"

struct explain;

/* One that has seen nothing yet. Of a relay each session has two connections, of a client and of its target. */
struct explain *explain_new(bool is_relay);
/* NULL: nothing. */
void explain_free(struct explain *explain);

/*
 * Learn from the event (descriptors, roles, addresses), and explain its step. Returns one paragraph, without a newline
 * and with nothing unescaped, which lives until the next call; NULL where the step has none. *is_first: it is the first
 * of its kind in this run. A kind is finer than a step: a connect() that is refused is another than one that succeeds.
 */
const char *explain_event(struct explain *explain, const struct event *event, bool *is_first);
/* The same, where only the first of each kind is wanted: NULL for any other. Cheap for those. */
const char *explain_first(struct explain *explain, const struct event *event);

#endif
