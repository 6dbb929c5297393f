/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A junction: the run of a relay between two ends of which neither is a socket (standard input and output, a file, a
 * terminal that was made, a program). One session, and no connection.
 */
#ifndef SOCKT_ENGINE_JUNCTION_H
#define SOCKT_ENGINE_JUNCTION_H

#include "engine/attendant.h"
#include "engine/programs.h"
#include "engine/run.h"

struct junction;

struct junction_settings {
	struct engine *engine;
	const struct ending_rules *rules;
	struct console_end *own;           /* one end; with an attendant nothing */
	const struct attendant *attendant; /* gives that end, where it is a program; NULL: own is it */
	struct console_end *other;         /* the other end; with other_programs nothing */
	struct programs *other_programs;   /* whose is the other end, where both are programs; NULL: other is it */
};

/* Start; *result is filled and the loop stopped when it is over. */
struct junction *junction_start(const struct junction_settings *settings, struct run_result *result);
/* End it now: a signal or the total time limit. limit for the summary and the last line. */
void junction_abandon(struct junction *junction, enum ended_by ended, const char *limit);
/* The session; NULL: it is closed. */
const struct session *junction_session(const struct junction *junction);
/* The terminal is ours again: read it. */
void junction_wake(struct junction *junction);
void junction_free(struct junction *junction);

#endif
