/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A relay between two ends that are no sockets: see joining.h. */
#include "cli/joining.h"

#include "cli/own_state.h"
#include "cli/rights.h"
#include "cli/running_files.h"
#include "engine/junction.h"

static void joining_abandon(void *run, enum ended_by ended, const char *limit)
{
	junction_abandon(run, ended, limit);
}

static void joining_wake(void *run)
{
	junction_wake(run);
}

static const struct session *joining_session(const void *run)
{
	return junction_session(run);
}

void joining_run(struct running *rn)
{
	const struct junction_settings settings = {
		.engine = &rn->engine,
		.rules = &rn->rules,
		.own = &rn->end,
		.attendant = running_attendant(rn),
		.other = rn->other_programs != NULL ? NULL : running_files_other(rn),
		.other_programs = rn->other_programs,
	};
	struct junction *junction;

	/* There is no connection to wait for. */
	if (!rights_drop(rn, NULL, 0) || !running_files_begin(rn))
		return;
	junction = junction_start(&settings, &rn->result);

	running_files_say(rn);
	rn->run = junction;
	rn->abandon = joining_abandon;
	rn->wake = joining_wake;
	rn->session = joining_session;
	rn->signaled = own_state_signaled;
	running_loop(rn);
	junction_free(junction);
}
