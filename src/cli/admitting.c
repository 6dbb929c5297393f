/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names among the access rules: see admitting.h. */
#include "cli/admitting.h"

#include "engine/access_names.h"

static void on_done(void *ctx, const struct failure *fail)
{
	struct running *rn = ctx;

	if (fail != NULL)
		run_result_set(&rn->result, ENDED_ERROR, fail, NULL);
	loop_stop(rn->loop);
}

static void on_abandon(void *run, enum ended_by ended, const char *limit)
{
	struct running *rn = run;

	run_result_set(&rn->result, ended, NULL, limit);
	loop_stop(rn->loop);
}

static void on_wake(void *run)
{
	(void)run;
}

bool admitting_prepare(struct running *rn)
{
	struct access *access = rn->options->access;
	struct failure fail = { .domain = FAILURE_NONE };
	struct access_names *names;
	int ret;

	if (access == NULL || access_name_count(access) == 0)
		return true;
	rn->run = rn;
	rn->abandon = on_abandon;
	rn->wake = on_wake;
	names = access_names_start(&rn->engine, access, on_done, rn);
	ret = loop_run(rn->loop);
	access_names_free(names);
	if (ret < 0) {
		failure_set(&fail, STEP_EPOLL_WAIT, -ret, NULL);
		run_result_set(&rn->result, ENDED_ERROR, &fail, NULL);
	}
	return !rn->result.is_over;
}
