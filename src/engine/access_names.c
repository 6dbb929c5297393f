/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names among access rules: see access_names.h. */
#include "engine/access_names.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "base/util.h"
#include "step/resolve.h"

/* A list may have many names: so many are asked for at a time. */
#define ASKED_MAX 8

/* One question. */
struct asked {
	struct access_names *names;
	struct resolve *request; /* NULL: none is under way */
	size_t at;
};

struct access_names {
	struct engine *engine;
	struct access *access;
	access_names_done_fn *done;
	void *ctx;
	struct task task; /* tells the end: not from within an answer */
	struct failure fail;
	size_t next, open; /* the next name; questions under way */
	struct asked asked[ASKED_MAX];
};

/* What was answered becomes rules. */
static void take(struct asked *asked, const struct resolve_answer *answer)
{
	struct access_names *names = asked->names;
	const char *option = access_option_name(access_name_option(names->access, asked->at));
	const char *name = access_name(names->access, asked->at);
	int ret = 0;

	if (answer->error != 0) {
		if (names->fail.domain != FAILURE_NONE)
			return;
		resolve_set_failure(answer, name, &names->fail);
		names->fail.side = SIDE_SERVER;
		return;
	}
	/* Of more only so many are kept: a rule that has some of them only would be worse than none. */
	if (answer->count == RESOLVE_MAX) {
		failure_usage(&names->fail, _("--%1$s: \"%2$s\" has %3$d addresses or more: give them by number"),
			      option, name, RESOLVE_MAX);
		return;
	}
	for (size_t i = 0; i < answer->count && ret == 0; i++)
		ret = access_set_name(names->access, asked->at, &answer->found[i]);
	if (ret < 0)
		failure_usage(&names->fail, _("--%1$s: there are more than %2$zu rules"), option, ACCESS_RULES_MAX);
}

static void ask_next(struct access_names *names);

static void on_answer(void *ctx, const struct resolve_answer *answer)
{
	struct asked *asked = ctx;
	struct access_names *names = asked->names;

	asked->request = NULL;
	names->open--;
	take(asked, answer);
	ask_next(names);
}

/* Ask for as many as may be under way; tell when there is nothing more to ask, or it has failed. */
static void ask_next(struct access_names *names)
{
	size_t count = access_name_count(names->access);

	for (size_t i = 0; i < ASKED_MAX && names->next < count && names->fail.domain == FAILURE_NONE; i++) {
		struct asked *asked = &names->asked[i];
		struct resolve_question question = { .family = AF_UNSPEC, .socktype = SOCK_STREAM };
		int ret;

		if (asked->request != NULL)
			continue;
		*asked = (struct asked){ .names = names, .at = names->next++ };
		question.node = access_name(names->access, asked->at);
		ret = resolve_start(names->engine->st, names->engine->loop, &question, on_answer, asked,
				    &asked->request);
		if (ret < 0)
			failure_set(&names->fail, STEP_RESOLVE, -ret, NULL);
		else
			names->open++;
	}
	if (names->open == 0 || names->fail.domain != FAILURE_NONE)
		loop_post(names->engine->loop, &names->task);
}

static void tell(struct task *task)
{
	struct access_names *names = CONTAINER_OF(task, struct access_names, task);

	names->done(names->ctx, names->fail.domain == FAILURE_NONE ? NULL : &names->fail);
}

struct access_names *access_names_start(struct engine *engine, struct access *access, access_names_done_fn *done,
					void *ctx)
{
	struct access_names *names = xcalloc(1, sizeof(*names));

	names->engine = engine;
	names->access = access;
	names->done = done;
	names->ctx = ctx;
	names->task.run = tell;
	ask_next(names);
	return names;
}

void access_names_free(struct access_names *names)
{
	if (names == NULL)
		return;
	for (size_t i = 0; i < ASKED_MAX; i++)
		resolve_cancel(names->asked[i].request);
	loop_unpost(names->engine->loop, &names->task);
	free(names);
}
