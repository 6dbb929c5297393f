/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The run of `relay`: see relay.h. How many clients there may be is in relay_room.c, what is said in relay_say.c. */
#include "engine/relay.h"

#include <errno.h>
#include <stdlib.h>

#include "base/parse.h"
#include "base/util.h"
#include "engine/relay_private.h"

void relay_finish(struct relay *relay, enum ended_by ended, const struct failure *fail, const char *limit)
{
	run_result_set(relay->result, ended, fail, limit);
	loop_stop(relay->settings.engine->loop);
}

/* Free the pairs that are closed: not from within their own calls. */
static void relay_reap(struct task *task)
{
	struct relay *relay = CONTAINER_OF(task, struct relay, reap);

	while (relay->closed != NULL) {
		struct pair *pair = relay->closed;

		relay->closed = pair->next;
		pair_clear(pair);
		pool_give(&relay->memory, pair);
	}
}

/* A pair is closed. */
static void relay_pair_closed(void *ctx, struct pair *pair)
{
	struct relay *relay = ctx;

	*pair->at = pair->next;
	if (pair->next != NULL)
		pair->next->at = pair->at;
	pair->next = relay->closed;
	relay->closed = pair;
	relay->pair_count--;
	relay->counts.up_bytes += pair->up.bytes;
	relay->counts.down_bytes += pair->down.bytes;
	relay->counts.reset += pair->ended_by == ENDED_RESET;
	relay->counts.refused += pair->is_refused;
	admission_leave(&relay->admission, pair->rare->host);
	relay->counts.undelivered += pair_undelivered(pair);
	loop_post(relay->settings.engine->loop, &relay->reap);
	if (relay->settings.shares != NULL)
		relay->settings.shares->release(relay->settings.shares->ctx);
	if (!pair->has_target)
		relay->is_lacking = false;
	acceptor_resume(&relay->acceptor);
	if (relay->single != NULL)
		relay_finish_single(relay, pair);
	if (relay->is_draining && relay->pair_count == 0)
		relay_finish(relay, ENDED_DRAIN, NULL, NULL);
}

void relay_add(struct relay *relay, struct pair *pair, int ret)
{
	pair->next = relay->pairs;
	pair->at = &relay->pairs;
	if (pair->next != NULL)
		pair->next->at = &pair->next;
	relay->pairs = pair;
	relay->pair_count++;
	relay->counts.opened++;
	if (relay->counts.began_ns == 0)
		relay->counts.began_ns = pair->opened_ns;
	relay->has_claim = false;
	relay->next_number = 0;
	if (ret < 0)
		pair_abandon(pair, ENDED_ERROR);
}

/* A client has come. */
void relay_take(void *ctx, struct opened *opened)
{
	struct relay *relay = ctx;
	struct host *host = admission_enter(&relay->admission, &opened->remote);
	struct pair *pair = pool_take(&relay->memory);
	int ret = pair_open(pair, &relay->rules, relay->settings.engine->sessions, opened);

	if (host != NULL)
		pair_rare_make(pair)->host = host;
	relay_add(relay, pair, ret);
}

/* A client was not admitted: its number is used up. */
static void relay_refused(void *ctx)
{
	struct relay *relay = ctx;

	relay->counts.denied++;
	relay->next_number = 0;
}

static void relay_accept_failed(void *ctx, const struct failure *fail)
{
	relay_finish(ctx, ENDED_ERROR, fail, NULL);
}

void relay_prepare(struct stepper *st, struct listening *sockets, size_t count, bool is_mortal)
{
	const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	for (size_t i = 0; i < count; i++) {
		if (sockets[i].sock.protocol != PROTOCOL_TCP)
			continue;
		pair_set_defaults(st, &sockets[i].sock, NULL);
		if (is_mortal)
			step_setsockopt(st, &sockets[i].sock, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	}
}

/* Begin to take clients. */
static void relay_begin(struct relay *relay, struct listening *sockets, size_t count)
{
	struct failure own = { .domain = FAILURE_NONE };
	int ret;

	if (relay->settings.idle_ns == ENDING_NEVER && relay->settings.reception == NULL &&
	    (relay_is_datagram(sockets) || relay->settings.target->kind->socktype == SOCK_DGRAM))
		relay->rules.idle_ns = RELAY_IDLE_NS;
	if (relay_is_datagram(sockets))
		relay_prepare_ports(relay, sockets, count);
	if (!relay->settings.ready(relay->settings.ctx, sockets, count))
		return;
	ret = relay_is_datagram(sockets) ? relay_open_ports(relay, sockets, count) :
					   acceptor_start(&relay->acceptor, sockets, count);
	if (ret < 0) {
		failure_set(&own, STEP_EPOLL_WAIT, -ret, NULL);
		relay_finish(relay, ENDED_ERROR, &own, NULL);
	}
}

/* The listener has come to an end of its opening. */
static void relay_listens(void *ctx, const struct failure *fail)
{
	struct relay *relay = ctx;
	struct listening *sockets;
	size_t count;

	if (fail != NULL) {
		relay_finish(relay, ENDED_ERROR, fail, NULL);
		return;
	}
	sockets = listener_sockets(relay->listener, &count);
	relay_prepare(relay->settings.engine->st, sockets, count, false);
	relay_begin(relay, sockets, count);
}

/* Close the listening sockets. May be called again. */
static void relay_stop_listening(struct relay *relay)
{
	struct engine *engine = relay->settings.engine;

	acceptor_stop(&relay->acceptor);
	if (relay->listener != NULL)
		listener_stop(relay->listener);
	for (size_t i = 0; i < relay->settings.socket_count; i++) {
		loop_unwatch(engine->loop, &relay->settings.sockets[i].sock);
		step_close(engine->st, &relay->settings.sockets[i].sock);
	}
}

/* The time for draining is over: what is left is reset. */
static void relay_drain_over(struct timer *timer)
{
	struct relay *relay = CONTAINER_OF(timer, struct relay, drain);
	struct failure fail = {
		.domain = FAILURE_LIMIT,
		.code = ENDED_DRAIN,
		.step = STEP_CLOSE,
		.side = SIDE_SERVER,
		.limit_ns = relay->settings.drain_ns,
	};
	char limit[32];

	run_result_set(relay->result, ENDED_DRAIN, &fail,
		       parse_format_duration(fail.limit_ns, limit, sizeof(limit)));
	while (relay->pairs != NULL)
		pair_abandon(relay->pairs, ENDED_DRAIN);
	loop_stop(relay->settings.engine->loop);
}

void relay_drain(struct relay *relay)
{
	struct engine *engine = relay->settings.engine;

	if (relay->is_draining)
		return;
	relay->is_draining = true;
	relay_stop_listening(relay);
	if (relay->pair_count == 0)
		relay_finish(relay, ENDED_DRAIN, NULL, NULL);
	else if (relay->settings.drain_ns != ENDING_NEVER)
		loop_timer_set(engine->loop, &relay->drain, engine->st->env->now_ns() + relay->settings.drain_ns);
}

/* The target is a program: one for each client. */
static void relay_open_programs(struct relay *relay)
{
	const struct endpoint *from = relay->settings.from, *target = relay->settings.target;
	const struct programs_settings settings = {
		.engine = relay->settings.engine,
		.argv = target->command,
		.has_pty = target->has_pty,
		.frame = FRAME_READ,
		.frame_max = from->kind->protocol == PROTOCOL_UDP ? FRAME_MAX_UDP : FRAME_MAX_UNIX,
	};

	relay->programs = programs_open(&settings);
	relay->rules.programs = relay->programs;
}

struct relay *relay_start(const struct relay_settings *settings, struct run_result *result)
{
	struct relay *relay = xcalloc(1, sizeof(*relay));
	const struct listener_settings listener = {
		.endpoint = settings->from,
		.more = settings->more,
		.more_count = settings->more_count,
		.backlog = settings->backlog,
		.is_reuseaddr = settings->is_reuseaddr,
		.wants_names = settings->wants_names,
	};
	const struct acceptor_settings acceptor = {
		.engine = settings->engine,
		.has_room = relay_has_room,
		.take = relay_take,
		.admission = &relay->admission,
		.refused = relay_refused,
		.failed = relay_accept_failed,
		.rested = relay_rested,
		.ctx = relay,
	};

	relay->settings = *settings;
	relay->result = result;
	admission_init(&relay->admission, settings->access, settings->max_per_host,
		       settings->shares == NULL ? NULL : &settings->shares->hosts, settings->engine->st->env);
	relay->started_ns = settings->engine->st->env->now_ns();
	relay->memory.size = sizeof(struct pair);
	relay->reap.run = relay_reap;
	relay->drain.fire = relay_drain_over;
	relay->pair_limit = relay_raise_descriptors();
	if (settings->faults != NULL)
		fault_list_copy(&relay->faults, settings->faults);
	relay->rules = (struct pair_rules){
		.engine = settings->engine,
		.target = settings->target,
		.reception = settings->reception,
		.file = settings->file,
		.is_file_shown = settings->is_file_shown,
		.chain = settings->chain,
		.cache = &relay->cache,
		.pool = &relay->pool,
		.sends_proxy = settings->target == NULL ? PROXY_NONE : settings->target->proxy_version,
		.witness = settings->witness,
		.dressing = settings->dressing,
		.faults = &relay->faults,
		.seed = settings->seed,
		.connect_ns = settings->connect_ns,
		.idle_ns = settings->idle_ns,
		.is_mortal = settings->shares != NULL,
		.dialed = relay_pair_dialed,
		.greeted = relay_pair_greeted,
		.undelivered = relay_pair_undelivered,
		.lacked = relay_pair_lacked,
		.closed = relay_pair_closed,
		.ctx = relay,
	};
	relay->pool.is_many = step_is_unseen(settings->engine->st);
	if (settings->target != NULL && settings->target->kind->form == FORM_COMMAND)
		relay_open_programs(relay);
	acceptor_init(&relay->acceptor, &acceptor);
	if (settings->sockets != NULL)
		relay_begin(relay, relay->settings.sockets, settings->socket_count);
	else if (relay_is_single(relay))
		relay_begin_single(relay);
	else
		relay->listener =
			listener_start(settings->engine->st, settings->engine->loop, &listener, relay_listens, relay);
	return relay;
}

/* Reset every pair, the ending being that of the run. */
static void relay_close_all(struct relay *relay, enum ended_by ended)
{
	while (relay->pairs != NULL)
		pair_abandon(relay->pairs, ended);
}

void relay_abandon(struct relay *relay, enum ended_by ended, const char *limit)
{
	run_result_set(relay->result, ended, NULL, limit);
	relay->rules.limit = limit;
	relay_close_all(relay, ended);
	relay->rules.limit = NULL;
	loop_stop(relay->settings.engine->loop);
}

void relay_set_faults(struct relay *relay, const struct fault_list *faults)
{
	struct pair *next;

	fault_list_copy(&relay->faults, faults);
	for (struct pair *pair = relay->pairs; pair != NULL; pair = next) {
		next = pair->next;
		pair_fault_change(pair);
	}
}

struct relay_counts relay_total(const struct relay *relay)
{
	struct relay_counts counts = relay->counts;

	for (const struct pair *pair = relay->pairs; pair != NULL; pair = pair->next) {
		counts.up_bytes += pair->up.bytes;
		counts.down_bytes += pair->down.bytes;
		counts.undelivered += pair_undelivered(pair);
	}
	return counts;
}

struct pair *relay_find(struct relay *relay, uint32_t number)
{
	struct pair *pair = relay->pairs;

	while (pair != NULL && pair->number != number)
		pair = pair->next;
	return pair;
}

void relay_free(struct relay *relay)
{
	if (relay == NULL)
		return;
	relay_stop_listening(relay);
	relay_close_all(relay, relay->result->ended);
	loop_unpost(relay->settings.engine->loop, &relay->reap);
	relay_reap(&relay->reap);
	programs_close(relay->programs, relay->result->ended == ENDED_SIGNAL);
	relay_close_ports(relay);
	relay_end_single(relay);
	loop_timer_clear(relay->settings.engine->loop, &relay->drain);
	address_cache_clear(&relay->cache);
	fault_list_clear(&relay->faults);
	listener_free(relay->listener);
	pool_clear(&relay->memory);
	admission_clear(&relay->admission);
	free(relay);
}
