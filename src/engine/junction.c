/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The run of a relay between two ends of our own: see junction.h. */
#include "engine/junction.h"

#include <stdlib.h>

#include "base/util.h"

struct junction {
	struct junction_settings settings;
	struct run_result *result;
	struct session session;
	struct program_run *other_run; /* NULL: it is no program, or has been left */
};

static void junction_closed(void *ctx, struct session *session)
{
	struct junction *junction = ctx;
	const struct attendant *attendant = junction->settings.attendant;

	run_result_of_session(junction->result, session);
	if (attendant != NULL)
		attendant->closed(attendant->ctx, session);
	if (junction->other_run != NULL)
		program_run_leave(junction->other_run);
	junction->other_run = NULL;
	loop_stop(junction->settings.engine->loop);
}

/* Let both ends wake the session. Returns 0 or -errno. */
static int junction_watch(struct junction *junction)
{
	const struct junction_settings *settings = &junction->settings;
	int ret = settings->other_programs != NULL ? 0 : console_end_watch(settings->other, &junction->session);

	if (ret == 0 && settings->attendant == NULL)
		ret = console_end_watch(settings->own, &junction->session);
	return ret;
}

/* The other program could not be started. */
static void other_failed(void *ctx, const struct failure *fail)
{
	session_fail(ctx, fail);
}

/* Our end at the other side: the program that is to be started there, or what stands there already. */
static struct stream open_other(struct junction *junction, uint32_t number)
{
	struct programs *programs = junction->settings.other_programs;

	if (programs == NULL)
		return junction->settings.other->stream;
	junction->other_run = programs_add(programs, number, false, &junction->session.task, other_failed,
					   &junction->session);
	return (struct stream){ .top = program_run_layer(junction->other_run), .has_end = true };
}

struct junction *junction_start(const struct junction_settings *settings, struct run_result *result)
{
	struct junction *junction = xcalloc(1, sizeof(*junction));
	const struct attendant *attendant = settings->attendant;
	struct session_settings session = {
		.engine = settings->engine,
		.rules = settings->rules,
		.number = ++settings->engine->sessions,
		.closed = junction_closed,
		.ctx = junction,
	};
	const struct program_peer nobody = { .protocol = PROTOCOL_NONE };
	struct failure fail = { .domain = FAILURE_NONE };
	struct stream other;
	int ret;

	junction->settings = *settings;
	junction->result = result;
	session.local = attendant != NULL ? attendant_join(attendant, session.number, false) :
					     settings->own->stream;
	other = open_other(junction, session.number);
	session_open_own(&junction->session, &session, &other);
	if (attendant != NULL)
		attendant->opened(attendant->ctx, &junction->session);
	if (junction->other_run != NULL)
		program_run_start(junction->other_run, &nobody);
	ret = junction_watch(junction);
	session_wake(&junction->session);
	if (ret < 0) {
		failure_set(&fail, STEP_EPOLL_WAIT, -ret, NULL);
		run_result_set(result, ENDED_ERROR, &fail, NULL);
		junction_abandon(junction, ENDED_ERROR, NULL);
	}
	return junction;
}

void junction_abandon(struct junction *junction, enum ended_by ended, const char *limit)
{
	/* The cause from outside comes before what the session makes of it. */
	run_result_set(junction->result, ended, NULL, limit);
	session_abandon(&junction->session, ended, limit);
	loop_stop(junction->settings.engine->loop);
}

const struct session *junction_session(const struct junction *junction)
{
	return junction->session.phase != SESSION_CLOSED ? &junction->session : NULL;
}

void junction_wake(struct junction *junction)
{
	if (junction->settings.other != NULL)
		junction->settings.other->in->ready |= READY_IN;
	if (junction->settings.attendant == NULL)
		junction->settings.own->in->ready |= READY_IN;
	if (junction->session.phase != SESSION_CLOSED)
		session_wake(&junction->session);
}

void junction_free(struct junction *junction)
{
	if (junction == NULL)
		return;
	session_clear(&junction->session);
	free(junction);
}
