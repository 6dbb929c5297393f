/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A relay whose one client is there already: fd:N is a connected socket, as inetd and systemd (Accept=yes) hand one
 * over. Its session is the run. See relay.h.
 */
#include <stdlib.h>

#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "engine/relay_private.h"

struct relay_single {
	struct relay *relay;
	struct task task;
	struct opened opened;
	size_t next_option;
	bool is_adopted, is_ready, is_taken;
};

bool relay_is_single(const struct relay *relay)
{
	const struct endpoint *from = relay->settings.from;
	struct sock sk = { .fd = from->fd };
	socklen_t len = sizeof(int);
	int listens = 0;

	if (relay->settings.more_count > 0)
		return false;
	if (from->kind->form != FORM_FD || opening_socktype(relay->settings.engine->st, from) != SOCK_STREAM)
		return false;
	return step_getsockopt(relay->settings.engine->st, &sk, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 &&
	       listens == 0;
}

/* May the one client stay? Returns 0, or -EACCES with fail filled: it is reset. */
static int single_admit(struct relay_single *single, struct failure *fail)
{
	struct relay *relay = single->relay;
	struct stepper *st = relay->settings.engine->st;
	struct opened *opened = &single->opened;
	char words[ADDR_TEXT_MAX];

	if (admission_admits(&relay->admission, st, &opened->sock, &opened->remote))
		return 0;
	step_reset(st, &opened->sock);
	return failure_refused(fail, _("fd:%1$d: %2$s is not admitted (--allow, --deny)"), relay->settings.from->fd,
			       addr_format_words(&opened->remote, words, sizeof(words)));
}

/* Take the descriptor, set its options, and begin. */
static void single_run(struct task *task)
{
	struct relay_single *single = CONTAINER_OF(task, struct relay_single, task);
	struct relay *relay = single->relay;
	struct stepper *st = relay->settings.engine->st;
	struct failure fail = { .domain = FAILURE_NONE };
	struct opened *opened = &single->opened;
	int ret = 0;

	if (single->is_taken)
		return;
	if (!single->is_adopted)
		ret = opening_adopt(st, relay->settings.from, false, opened, &fail);
	if (ret == 0 && !single->is_adopted) {
		single->is_adopted = true;
		opened->begins_with_header = relay->settings.from->is_accepting_proxy;
		opened->sock.side = SIDE_SERVER;
		opened->sock.task = &single->task;
		opened->sock.session = ++relay->settings.engine->sessions;
		step_introduce(st, &opened->sock, &opened->local, &opened->remote);
		ret = single_admit(single, &fail);
	}
	if (ret == 0 && !single->is_ready) {
		single->is_ready = true;
		pair_set_defaults(st, &opened->sock, NULL);
	}
	if (ret == 0)
		ret = opening_dress(st, opened, relay->settings.from, false, &single->next_option, &fail);
	if (ret == STEP_HELD)
		return;
	if (ret == 0 && !relay->settings.ready(relay->settings.ctx, NULL, 0)) {
		step_close(st, &opened->sock);
		single->is_taken = true;
		return;
	}
	single->is_taken = true;
	if (ret < 0)
		relay_finish(relay, ENDED_ERROR, &fail, NULL);
	else
		relay_take(relay, opened);
}

void relay_begin_single(struct relay *relay)
{
	relay->single = xcalloc(1, sizeof(*relay->single));
	relay->single->relay = relay;
	relay->single->task.run = single_run;
	loop_post(relay->settings.engine->loop, &relay->single->task);
}

void relay_finish_single(struct relay *relay, const struct pair *pair)
{
	char limit[32] = "";

	if (pair->ended_by == ENDED_IDLE_TIMEOUT)
		parse_format_duration(relay->settings.idle_ns, limit, sizeof(limit));
	if (pair->ended_by == ENDED_CONNECT_TIMEOUT)
		parse_format_duration(relay->settings.connect_ns, limit, sizeof(limit));
	relay_finish(relay, (enum ended_by)pair->ended_by, pair->rare->fail, limit);
}

void relay_end_single(struct relay *relay)
{
	struct engine *engine = relay->settings.engine;

	if (relay->single == NULL)
		return;
	loop_unpost(engine->loop, &relay->single->task);
	if (relay->single->is_adopted && !relay->single->is_taken)
		step_close(engine->st, &relay->single->opened.sock);
	free(relay->single);
	relay->single = NULL;
}
