/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A step as it is recorded: the event that it becomes, and what is looked at behind it. For step.c. */
#ifndef SOCKT_STEP_RECORD_H
#define SOCKT_STEP_RECORD_H

#include "base/util.h"
#include "step/observe.h"
#include "step/step.h"

/* A step under way: the event that it becomes, and what was seen behind it. */
struct record {
	struct event event;
	struct observer observer;
	struct tcp_facts facts; /* of a turning point: gathered from several looks */
	bool reads_back;        /* of SETSOCKOPT */
};

/* Was a person asked about the step that is made now? */
static inline bool record_is_asked(const struct stepper *st, enum step_id step)
{
	return UNLIKELY(st->gate != NULL) && st->gate->asked == step && !step_is_observing(step);
}

/* Is this step of interest to a sink or a gate? */
static inline bool record_is_wanted(const struct stepper *st, enum step_id step)
{
	return st->bus->level != 0 && (st->bus->level >= step_level(step) || record_is_asked(st, step));
}

/* Fill what is known before the call. */
void record_begin(struct record *rec, struct stepper *st, const struct intent *intent);
/* Fill what the call answered: >= 0, or -errno. */
void record_result(struct record *rec, struct stepper *st, int64_t result);
/*
 * Look at what the step may have changed, on sk: the new socket of an accept, the one of the step else.
 *   listener   the listening socket of an accept, NULL else
 */
void record_look(struct record *rec, struct stepper *st, struct sock *sk, struct sock *listener);
/* Deliver the event and, behind it, what was looked at. */
void record_emit(struct record *rec, struct stepper *st);

#endif
