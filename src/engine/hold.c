/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listening without accepting: see hold.h. */
#include "engine/hold.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/util.h"

/* Somebody has come, or it is time to look whether anybody was turned away. */
static void hold_run(struct task *task)
{
	struct hold *hold = CONTAINER_OF(task, struct hold, task);
	struct stepper *st = hold->engine->st;
	bool is_full = false;

	for (size_t i = 0; i < hold->socket_count; i++) {
		struct listening *at = &hold->sockets[i];

		/* Nobody is accepted: each who comes is news, which no EAGAIN will end. */
		at->sock.ready &= (uint8_t)~READY_IN;
		is_full = step_queue(st, &at->sock, &at->bound) || is_full;
	}
	if (is_full)
		loop_timer_set(hold->engine->loop, &hold->again, st->env->now_ns() + NS_PER_S);
}

static void hold_again(struct timer *timer)
{
	struct hold *hold = CONTAINER_OF(timer, struct hold, again);

	loop_post(hold->engine->loop, &hold->task);
}

int hold_start(struct hold *hold, struct engine *engine, struct listening *sockets, size_t count)
{
	int ret = 0;

	*hold = (struct hold){
		.engine = engine,
		.sockets = sockets,
		.socket_count = count,
		.task = { .run = hold_run },
		.again = { .fire = hold_again },
	};
	step_note(engine->st, 0, "%s", _("clients are not accepted (--hold): they wait in the accept queue"));
	for (size_t i = 0; i < count && ret == 0; i++)
		ret = loop_watch(engine->loop, &sockets[i].sock, &hold->task);
	return ret;
}

void hold_stop(struct hold *hold)
{
	if (hold->engine == NULL)
		return;
	loop_unpost(hold->engine->loop, &hold->task);
	loop_timer_clear(hold->engine->loop, &hold->again);
	hold->socket_count = 0;
}
