/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A worker in its own process: see worker.h. */
#include "engine/worker.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/util.h"

/* Sentences are lost while the parent, which stands still, has so much to read. */
#define HELD_MAX ((size_t)256 << 10)
/* How long the last messages may take to get to the parent. */
#define CLOSE_WAIT_MS 1000

/* ---- What all workers share ---- */

static bool claim(void *ctx)
{
	struct worker *worker = ctx;

	return commons_claim(worker->post.commons, worker->post.index);
}

/* What has been counted, told where nobody has to be asked for it. */
static void tell_counts(struct worker *worker)
{
	if (worker->relay != NULL)
		commons_tell(worker->post.commons, worker->post.index, &worker->relay->counts);
}

/* A client less. */
static void release(void *ctx)
{
	struct worker *worker = ctx;

	tell_counts(worker);
	/* Behind each message the parent looks who waits for room: one that it has not got yet does for all. */
	if (commons_release(worker->post.commons, worker->post.index) && worker->link.out.len == 0)
		link_send(&worker->link, WORKER_FREED, NULL, 0);
}

/* Asked for behind each client, for the next one. */
static uint32_t number(void *ctx)
{
	struct worker *worker = ctx;

	tell_counts(worker);
	return commons_number(worker->post.commons);
}

static bool enter_host(void *ctx, const struct addr *addr)
{
	struct worker *worker = ctx;

	return commons_enter_host(worker->post.commons, worker->post.index, addr);
}

static void leave_host(void *ctx, const struct addr *addr)
{
	struct worker *worker = ctx;

	commons_leave_host(worker->post.commons, worker->post.index, addr);
}

/* ---- The parent ---- */

/* A command, behind the number of the question. */
static void answer(struct worker *worker, const void *data, size_t len)
{
	const char *command = (const char *)data + sizeof(struct worker_ask);
	struct buf message = { 0 };
	struct relay_counts counts;

	if (len <= sizeof(struct worker_ask) || ((const char *)data)[len - 1] != '\0')
		return;
	buf_append(&message, data, sizeof(struct worker_ask));
	if (worker->command != NULL && worker->relay != NULL) {
		worker->command(worker, command, &message);
		counts = relay_total(worker->relay);
		commons_tell(worker->post.commons, worker->post.index, &counts);
	}
	link_send(&worker->link, WORKER_ANSWERS, buf_peek(&message), message.len);
	buf_clear(&message);
}

static void stop(struct worker *worker, const void *data, size_t len)
{
	struct worker_stop order;

	if (len != sizeof(order))
		return;
	memcpy(&order, data, sizeof(order));
	order.limit[sizeof(order.limit) - 1] = '\0';
	relay_abandon(worker->relay, order.ended, order.limit[0] != '\0' ? order.limit : NULL);
}

/* Its sink is that of the wire, or there is none: a trace that was begun without one cannot be. */
static void change_level(struct worker *worker, const void *data, size_t len)
{
	struct bus *bus = worker->engine->st->bus;
	uint8_t level;

	if (len != sizeof(level) || bus->sinks == NULL)
		return;
	memcpy(&level, data, sizeof(level));
	bus_set_level(bus, bus->sinks, level);
}

static void on_message(void *ctx, uint32_t type, const void *data, size_t len)
{
	struct worker *worker = ctx;

	switch ((enum worker_message)type) {
	case WORKER_DRAIN:
		relay_drain(worker->relay);
		break;
	case WORKER_STOP:
		stop(worker, data, len);
		break;
	case WORKER_ROOM:
		acceptor_resume(&worker->relay->acceptor);
		break;
	case WORKER_COMMAND:
		answer(worker, data, len);
		break;
	case WORKER_LEVEL:
		change_level(worker, data, len);
		break;
	case WORKER_SAYS:
	case WORKER_FREED:
	case WORKER_ANSWERS:
	case WORKER_RESULT:
		break;
	}
}

/* The parent is gone: the kernel ends this process as well, if it has not yet. */
static void on_closed(void *ctx)
{
	struct worker *worker = ctx;

	run_result_set(worker->result, ENDED_ERROR, NULL, NULL);
	loop_stop(worker->engine->loop);
}

static void on_events(struct task *task)
{
	struct worker *worker = CONTAINER_OF(task, struct worker, flush);

	bus_flush(worker->engine->st->bus);
}

int worker_open(struct worker *worker, const struct worker_post *post, struct engine *engine,
		struct run_result *result)
{
	const struct link_settings link = {
		.loop = engine->loop,
		.message = on_message,
		.closed = on_closed,
		.ctx = worker,
	};
	int ret;

	*worker = (struct worker){
		.post = *post,
		.engine = engine,
		.result = result,
		.flush = { .run = on_events },
		.shares = {
			.claim = claim,
			.release = release,
			.number = number,
			.hosts = { .enter = enter_host, .leave = leave_host, .ctx = worker },
			.ctx = worker,
		},
	};
	sock_init(&worker->channel);
	worker->channel.fd = post->end.channel;
	worker->channel.is_hidden = true;
	sock_init(&worker->events);
	worker->events.fd = post->end.events;
	worker->events.is_hidden = true;
	ret = link_open(&worker->link, &link, &worker->channel);
	/* What the pipe does not take is held by the sink, and goes on when there is room again. */
	if (ret == 0 && engine->st->bus->level > 0)
		ret = loop_watch(engine->loop, &worker->events, &worker->flush);
	return ret;
}

void worker_serve(struct worker *worker, const struct relay_settings *settings)
{
	struct relay_settings own = *settings;

	own.engine = worker->engine;
	own.sockets = worker->post.sockets;
	own.socket_count = worker->post.socket_count;
	own.shares = &worker->shares;
	/* That limit is of all together: the commons keep it. */
	own.max_conns = UINT64_MAX;
	worker->relay = relay_start(&own, worker->result);
}

void worker_say(struct worker *worker, const char *sentence)
{
	char lost[128];

	if (worker->link.out.len > HELD_MAX) {
		worker->lost++;
		return;
	}
	if (worker->lost > 0) {
		snprintf(lost, sizeof(lost), _("%" PRIu64 " lines are left out here: they were not read in time"),
			 worker->lost);
		link_send(&worker->link, WORKER_SAYS, lost, strlen(lost));
		worker->lost = 0;
	}
	link_send(&worker->link, WORKER_SAYS, sentence, strlen(sentence));
}

void worker_stop(struct worker *worker)
{
	relay_free(worker->relay);
	worker->relay = NULL;
	loop_unwatch(worker->engine->loop, &worker->events);
	loop_unpost(worker->engine->loop, &worker->flush);
}

void worker_close(struct worker *worker)
{
	link_send(&worker->link, WORKER_RESULT, worker->result, sizeof(*worker->result));
	link_drain(&worker->link, CLOSE_WAIT_MS);
	link_clear(&worker->link);
	commons_close(worker->post.commons);
}
