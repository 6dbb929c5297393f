/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The life of the workers of a relay: see workers.h. */
#include "engine/workers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/parse.h"
#include "base/util.h"
#include "engine/relay.h"
#include "engine/workers_private.h"

/* How long workers may take to end, beyond what they were given for it. */
#define STOP_NS (2 * NS_PER_S)

bool workers_has_own(const struct endpoint *endpoint)
{
	return endpoint->kind->form == FORM_HOST_PORT &&
	       (endpoint->kind->protocol == PROTOCOL_TCP || endpoint->kind->protocol == PROTOCOL_UDP);
}

bool workers_can_share(const struct endpoint *from, int socktype)
{
	return socktype != SOCK_DGRAM || workers_has_own(from);
}

static void finish(struct workers *workers, enum ended_by ended, const struct failure *fail, const char *limit)
{
	run_result_set(workers->result, ended, fail, limit);
	loop_stop(workers->settings.engine->loop);
}

static void fail_with(struct workers *workers, enum step_id step, int error)
{
	struct failure fail = { .domain = FAILURE_NONE };

	failure_set(&fail, step, error, NULL);
	finish(workers, ENDED_ERROR, &fail, NULL);
}

void workers_tell_room(struct workers *workers)
{
	if (workers->settings.max_conns == UINT64_MAX)
		return;
	for (unsigned i = 0; i < workers->settings.count; i++)
		if (commons_take_waiting(workers->commons, i))
			worker_slot_send(&workers->slots[i], WORKER_ROOM, NULL, 0);
}

void workers_look(struct workers *workers)
{
	struct run_result *drained = &workers->drained;

	if (!workers->is_draining && !workers->is_stopping)
		return;
	for (unsigned i = 0; i < workers->settings.count; i++)
		if (!workers->slots[i].is_over)
			return;
	workers->result->has_lost = workers->result->has_lost || drained->has_lost;
	finish(workers, ENDED_DRAIN, &drained->fail, drained->limit);
}

/* Our descriptors of the listening sockets are not the only ones any more: closing them ends nothing. */
static void give_away(struct workers *workers)
{
	for (unsigned i = 0; i < workers->listener_count; i++) {
		size_t count;
		struct listening *sockets = listener_sockets(workers->listeners[i], &count);

		for (size_t at = 0; at < count; at++)
			sockets[at].sock.is_passed = true;
	}
}

/* All listen: start the workers, and tell that it is so. */
static void start_all(struct workers *workers)
{
	size_t count;
	struct listening *sockets;

	/* Before anybody is told where to connect to. */
	for (unsigned i = 0; i < workers->listener_count; i++) {
		sockets = listener_sockets(workers->listeners[i], &count);
		relay_prepare(workers->settings.engine->st, sockets, count, true);
	}
	sockets = listener_sockets(workers->listeners[0], &count);
	if (!workers->settings.prepare(workers->settings.ctx, sockets, count))
		return;
	for (unsigned i = 0; i < workers->settings.count; i++) {
		int ret = worker_slot_start(&workers->slots[i]);

		if (ret < 0) {
			fail_with(workers, STEP_LISTEN, -ret);
			return;
		}
	}
	give_away(workers);
	workers->settings.ready(workers->settings.ctx, sockets, count);
}

/* The endpoints of which each worker has sockets of its own, with the ports of those that listen. */
static void find_own(struct workers *workers)
{
	const struct endpoint *seen = NULL;
	struct listening *sockets;
	size_t count;

	sockets = listener_sockets(workers->listeners[0], &count);
	workers->own = xcalloc(1 + workers->settings.more_count, sizeof(*workers->own));
	for (size_t i = 0; i < count; i++) {
		const struct endpoint *endpoint = sockets[i].endpoint;
		struct endpoint *own = &workers->own[workers->own_count];

		/* Its further addresses have the same port. */
		if (endpoint == seen || !workers_has_own(endpoint))
			continue;
		seen = endpoint;
		*own = *endpoint;
		if (own->port_number == 0) {
			own->port_number = addr_port(&sockets[i].bound);
			addr_set_port(&own->addr, own->port_number);
		}
		workers->own_count++;
	}
}

static void on_listens(void *ctx, const struct failure *fail);

/* Open the listener of the next worker: of the first one all endpoints, which others share the rest of. */
static void start_listener(struct workers *workers)
{
	struct engine *engine = workers->settings.engine;
	bool is_first = workers->listener_count == 0;
	const struct listener_settings listener = {
		.endpoint = is_first ? workers->settings.from : workers->own,
		.more = is_first ? workers->settings.more : workers->own + 1,
		.more_count = is_first ? workers->settings.more_count : workers->own_count - 1,
		.backlog = workers->settings.backlog,
		.is_reuseaddr = workers->settings.is_reuseaddr,
		.wants_names = workers->settings.wants_names,
		.sharing = is_first ? LISTENER_SHARES_LATER : LISTENER_SHARES,
	};

	workers->listeners[workers->listener_count] =
		listener_start(engine->st, engine->loop, &listener, on_listens, workers);
	workers->listener_count++;
}

/* A listener has come to an end of its opening. The ports of the first are those of all. */
static void on_listens(void *ctx, const struct failure *fail)
{
	struct workers *workers = ctx;

	if (fail != NULL) {
		finish(workers, ENDED_ERROR, fail, NULL);
		return;
	}
	workers->listening++;
	if (workers->listening == 1) {
		find_own(workers);
		while (workers->own_count > 0 && workers->listener_count < workers->settings.count)
			start_listener(workers);
	}
	if (workers->listening == workers->listener_count)
		start_all(workers);
}

/* Nobody is waited for any more. */
static void kill_all(struct workers *workers)
{
	for (unsigned i = 0; i < workers->settings.count; i++) {
		struct worker_slot *slot = &workers->slots[i];

		workers->drained.has_lost = workers->drained.has_lost || slot->child.pid != 0;
		worker_slot_clear(slot);
		slot->is_over = true;
	}
	workers_look(workers);
}

/* The time is over; but not for a worker that waits for us to read its trace. */
static void on_limit(struct timer *timer)
{
	struct workers *workers = CONTAINER_OF(timer, struct workers, limit);
	struct engine *engine = workers->settings.engine;
	uint64_t due_ns = workers->read_ns + STOP_NS;

	if (due_ns > engine->st->env->now_ns())
		loop_timer_set(engine->loop, timer, due_ns);
	else
		kill_all(workers);
}

struct workers *workers_start(const struct workers_settings *settings, struct run_result *result)
{
	struct workers *workers = xcalloc(1, sizeof(*workers));
	const struct commons_settings commons = {
		.workers = settings->count,
		.max_conns = settings->max_conns,
		.max_per_host = settings->max_per_host,
		/* Each client has two descriptors of its worker. */
		.clients = engine_raise_descriptors() / 2,
		.seed = settings->engine->st->env->seed(),
	};
	int ret;

	workers->settings = *settings;
	workers->result = result;
	workers->limit.fire = on_limit;
	workers->started_ns = settings->engine->st->env->now_ns();
	for (unsigned i = 0; i < settings->count; i++) {
		workers->slots[i].workers = workers;
		child_init(&workers->slots[i].child);
	}
	ret = commons_open(&commons, &workers->commons);
	if (ret < 0)
		fail_with(workers, STEP_LISTEN, -ret);
	else
		start_listener(workers);
	return workers;
}

/* No more clients: the sockets are closed when the workers have closed theirs too. */
static void stop_listening(struct workers *workers)
{
	for (unsigned i = 0; i < workers->listener_count; i++)
		listener_stop(workers->listeners[i]);
}

/* Send a message to all; who is not there is not started any more. */
static void tell_all(struct workers *workers, uint32_t type, const void *data, size_t len)
{
	for (unsigned i = 0; i < workers->settings.count; i++) {
		struct worker_slot *slot = &workers->slots[i];

		worker_slot_send(slot, type, data, len);
		if (slot->child.pid == 0)
			slot->is_over = true;
	}
}

void workers_drain(struct workers *workers)
{
	struct engine *engine = workers->settings.engine;

	if (workers->is_draining || workers->is_stopping)
		return;
	workers->is_draining = true;
	stop_listening(workers);
	tell_all(workers, WORKER_DRAIN, NULL, 0);
	if (workers->settings.drain_ns != ENDING_NEVER)
		loop_timer_set(engine->loop, &workers->limit,
			       engine->st->env->now_ns() + workers->settings.drain_ns + STOP_NS);
	workers_look(workers);
}

void workers_tell_level(struct workers *workers)
{
	uint8_t level = workers->settings.engine->st->bus->level;

	for (unsigned i = 0; i < workers->settings.count; i++)
		worker_slot_send(&workers->slots[i], WORKER_LEVEL, &level, sizeof(level));
}

const struct relay_counts *workers_gone(const struct workers *workers)
{
	return &workers->gone;
}

uint64_t workers_started_ns(const struct workers *workers)
{
	return workers->started_ns;
}

bool workers_is_draining(const struct workers *workers)
{
	return workers->is_draining;
}

void workers_abandon(struct workers *workers, enum ended_by ended, const char *limit)
{
	struct engine *engine = workers->settings.engine;
	struct worker_stop stop = { .ended = ended };

	run_result_set(workers->result, ended, NULL, limit);
	if (workers->is_stopping) {
		kill_all(workers);
		return;
	}
	workers->is_stopping = true;
	stop_listening(workers);
	if (limit != NULL)
		snprintf(stop.limit, sizeof(stop.limit), "%s", limit);
	tell_all(workers, WORKER_STOP, &stop, sizeof(stop));
	loop_timer_set(engine->loop, &workers->limit, engine->st->env->now_ns() + STOP_NS);
	workers_look(workers);
}

void workers_free(struct workers *workers)
{
	struct loop *loop;

	if (workers == NULL)
		return;
	loop = workers->settings.engine->loop;
	loop_timer_clear(loop, &workers->limit);
	workers_ask_clear(workers);
	for (unsigned i = 0; i < workers->settings.count; i++)
		worker_slot_clear(&workers->slots[i]);
	for (unsigned i = 0; i < workers->listener_count; i++)
		listener_free(workers->listeners[i]);
	free(workers->own);
	commons_close(workers->commons);
	free(workers);
}
