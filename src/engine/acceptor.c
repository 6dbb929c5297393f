/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking connections: see acceptor.h. */
#include "engine/acceptor.h"

#include <errno.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/util.h"
#include "trace/names.h"

/* Out of descriptors: nothing tells when there is one, but that one of ours is closed. */
#define AGAIN_NS (100 * NS_PER_MS)
/* That there is none is not said again before. */
#define SAY_AGAIN_NS (60 * NS_PER_S)
/* Connections that are taken in one turn: those that stand already have theirs in between. */
#define ACCEPT_BATCH 64

/* accept(2): no descriptor or memory; the client goes on waiting in the queue. */
static bool is_lack(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* accept(2), "Error handling": these are of the connection that was waiting, not of the socket. */
static bool is_of_client(int error)
{
	switch (error) {
	case ECONNABORTED:
	case EPROTO:
	case ENETDOWN:
	case ENOPROTOOPT:
	case EHOSTDOWN:
	case ENONET:
	case EHOSTUNREACH:
	case EOPNOTSUPP:
	case ENETUNREACH:
	case EPERM:
		return true;
	default:
		return false;
	}
}

bool acceptor_says_full(struct acceptor *acceptor)
{
	uint64_t now_ns = acceptor->settings.engine->st->env->now_ns();
	bool is_early = acceptor->said_full_ns != 0 && now_ns - acceptor->said_full_ns < SAY_AGAIN_NS;

	if (acceptor->has_said_full || is_early)
		return false;
	acceptor->has_said_full = true;
	acceptor->said_full_ns = now_ns;
	return true;
}

/* Out of descriptors: say it once, and try again later. */
static void accept_lack(struct acceptor *acceptor, int error)
{
	struct engine *engine = acceptor->settings.engine;
	char name[32];

	if (acceptor_says_full(acceptor))
		engine_advise(engine,
			      _("accept: no descriptor or memory is free (%s); clients wait in the accept queue"),
			      name_errno(error, name, sizeof(name)));
	loop_timer_set(engine->loop, &acceptor->again, engine->st->env->now_ns() + AGAIN_NS);
}

/* An option of the endpoint could not be set on a connection, which is closed for it. */
static void say_refused(struct engine *engine, const struct opened *opened, const struct failure *fail)
{
	char who[ADDR_TEXT_MAX], name[32];

	engine_say(engine, _("%1$s is closed: setsockopt %2$s: %3$s"),
		   addr_format_words(&opened->remote, who, sizeof(who)), fail->target,
		   name_errno(fail->code, name, sizeof(name)));
}

/*
 * Go on with the connection that has been taken: set the endpoint's options that belong to connections, and hand it
 * over. One whose options cannot be set is closed. Returns 1: go on, 0: nothing more now.
 */
static int accept_go_on(struct acceptor *acceptor)
{
	struct engine *engine = acceptor->settings.engine;
	struct opened *opened = &acceptor->accepted;
	struct failure fail = { .domain = FAILURE_NONE };
	int ret;

	ret = opening_set_options(engine->st, &opened->sock, acceptor->from->endpoint, OPENING_PHASE(CONNECTED),
				  opening_families(&opened->remote, false), &acceptor->next_option, &fail);
	if (ret == STEP_HELD)
		return 0;
	acceptor->has_accepted = false;
	if (ret < 0) {
		admission_forgo(acceptor->settings.admission);
		say_refused(engine, opened, &fail);
		step_close(engine->st, &opened->sock);
		return 1;
	}
	opening_tell_mptcp(engine->st, &opened->sock, acceptor->from->endpoint);
	engine->sessions++;
	acceptor->settings.take(acceptor->settings.ctx, opened);
	return acceptor->is_accepting;
}

/* Who has come is not to stay: a reset, which nobody takes for an answer without data. */
static void accept_refuse(struct acceptor *acceptor, struct opened *opened)
{
	struct engine *engine = acceptor->settings.engine;

	engine->sessions++;
	step_reset(engine->st, &opened->sock);
	if (acceptor->settings.refused != NULL)
		acceptor->settings.refused(acceptor->settings.ctx);
}

/* Take one connection. Returns 1: go on, 0: nothing more now. */
static int accept_one(struct acceptor *acceptor, struct listening *at)
{
	struct engine *engine = acceptor->settings.engine;
	struct opened *opened = &acceptor->accepted;
	struct failure fail = { .domain = FAILURE_NONE };
	int ret;

	acceptor->from = at;
	*opened = (struct opened){
		.is_messages = at->is_messages,
		.has_keepalive = endpoint_option(at->endpoint, "keepalive", -1) != -1,
		.begins_with_header = at->endpoint->is_accepting_proxy,
	};
	sock_init(&opened->sock);
	opened->sock.session = engine->sessions + 1;
	opened->sock.task = &acceptor->task;
	ret = step_accept(engine->st, &at->sock, &opened->sock, &opened->remote);
	if (ret == -EAGAIN)
		acceptor->has_said_full = false;
	if (ret == STEP_HELD || ret == -EAGAIN)
		return 0;
	if (is_lack(-ret)) {
		accept_lack(acceptor, -ret);
		return 0;
	}
	if (ret < 0 && !is_of_client(-ret)) {
		failure_set(&fail, STEP_ACCEPT, -ret, &at->bound);
		acceptor->settings.failed(acceptor->settings.ctx, &fail);
		return 0;
	}
	if (ret < 0)
		return 1;
	if (!admission_admits(acceptor->settings.admission, engine->st, &opened->sock, &opened->remote)) {
		accept_refuse(acceptor, opened);
		return 1;
	}
	acceptor->has_accepted = true;
	acceptor->next_option = 0;
	return accept_go_on(acceptor);
}

/* Can another connection be taken from this socket now? */
static bool may_accept(const struct acceptor *acceptor, const struct listening *at)
{
	return acceptor->is_accepting && !at->is_datagram && !acceptor->has_accepted &&
	       !timer_is_set(&acceptor->again) && (at->sock.ready & READY_IN) != 0 &&
	       acceptor->settings.has_room(acceptor->settings.ctx);
}

/* Tell how many wait, where that has changed and somebody wants to know. */
static void acceptor_look(struct acceptor *acceptor)
{
	struct stepper *st = acceptor->settings.engine->st;

	for (size_t i = 0; i < acceptor->socket_count; i++)
		if (!acceptor->sockets[i].is_datagram)
			step_queue(st, &acceptor->sockets[i].sock, &acceptor->sockets[i].bound);
}

static void acceptor_run(struct task *task)
{
	struct acceptor *acceptor = CONTAINER_OF(task, struct acceptor, task);
	size_t idle = 0; /* sockets in a row that have given nothing */
	int left = ACCEPT_BATCH;

	if (acceptor->has_accepted && accept_go_on(acceptor) == 0)
		return;
	acceptor_look(acceptor);
	/* In turns: a queue that is never empty must not keep the clients of another waiting. */
	while (left > 0 && idle < acceptor->socket_count) {
		struct listening *at = &acceptor->sockets[acceptor->next];

		acceptor->next = (acceptor->next + 1) % acceptor->socket_count;
		idle++;
		if (!may_accept(acceptor, at))
			continue;
		left--;
		if (accept_one(acceptor, at) > 0)
			idle = 0;
	}
	if (left == 0)
		loop_post_later(acceptor->settings.engine->loop, task);
	if (left < ACCEPT_BATCH)
		acceptor_look(acceptor);
	if (acceptor->settings.rested != NULL)
		acceptor->settings.rested(acceptor->settings.ctx);
}

static void acceptor_again(struct timer *timer)
{
	struct acceptor *acceptor = CONTAINER_OF(timer, struct acceptor, again);

	loop_post(acceptor->settings.engine->loop, &acceptor->task);
}

void acceptor_init(struct acceptor *acceptor, const struct acceptor_settings *settings)
{
	*acceptor = (struct acceptor){
		.settings = *settings,
		.task = { .run = acceptor_run },
		.again = { .fire = acceptor_again },
	};
}

int acceptor_start(struct acceptor *acceptor, struct listening *sockets, size_t count)
{
	int ret = 0;

	acceptor->sockets = sockets;
	acceptor->socket_count = count;
	acceptor->next = 0;
	acceptor->is_accepting = true;
	for (size_t i = 0; i < count && ret == 0; i++)
		if (!sockets[i].is_datagram)
			ret = loop_watch(acceptor->settings.engine->loop, &sockets[i].sock, &acceptor->task);
	return ret;
}

void acceptor_resume(struct acceptor *acceptor)
{
	if (!acceptor->is_accepting)
		return;
	loop_timer_clear(acceptor->settings.engine->loop, &acceptor->again);
	loop_post(acceptor->settings.engine->loop, &acceptor->task);
}

void acceptor_stop(struct acceptor *acceptor)
{
	struct engine *engine = acceptor->settings.engine;

	acceptor->is_accepting = false;
	acceptor->socket_count = 0;
	if (engine == NULL)
		return;
	loop_unpost(engine->loop, &acceptor->task);
	loop_timer_clear(engine->loop, &acceptor->again);
	if (acceptor->has_accepted)
		step_close(engine->st, &acceptor->accepted.sock);
	acceptor->has_accepted = false;
}
