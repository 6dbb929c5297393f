/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From an endpoint to a connected socket: see connector.h. */
#include "endpoint/connector.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "endpoint/connector_private.h"

/* RFC 8305 section 5, Connection Attempt Delay. */
#define ATTEMPT_DELAY_NS (250 * NS_PER_MS)

/* The race, for its verdicts. */
struct race connector_race(const struct connector *connector)
{
	return (struct race){
		.st = connector->st,
		.session = connector->settings.session,
		.attempts = connector->attempts,
		.count = connector->count,
		.started = connector->started,
		.is_busy = connector->settings.cache != NULL,
	};
}

static void connector_free(struct connector *connector)
{
	lookup_stop(&connector->lookup);
	loop_timer_clear(connector->loop, &connector->limit);
	loop_timer_clear(connector->loop, &connector->delay);
	loop_timer_clear(connector->loop, &connector->slow);
	loop_unpost(connector->loop, &connector->task);
	for (size_t i = 0; i < connector->started; i++)
		attempt_clear(&connector->attempts[i]);
	tunnel_free(connector->tunnel, false);
	free(connector->attempts);
	free(connector);
}

void connector_cancel(struct connector *connector)
{
	struct race race;

	if (connector == NULL)
		return;
	race = connector_race(connector);
	verdict_unfinished(&race, NULL);
	connector_free(connector);
}

void connector_abort(struct connector *connector)
{
	struct race race;

	if (connector == NULL)
		return;
	race = connector_race(connector);
	verdict_unfinished(&race, NULL);
	for (size_t i = 0; i < connector->started; i++)
		attempt_abort(&connector->attempts[i]);
	tunnel_free(connector->tunnel, true);
	connector->tunnel = NULL;
	connector_free(connector);
}

/* As a message names what is connected to: the target, or the proxy before it. */
static void connector_format_dialed(const struct connector *connector, char *dst, size_t size)
{
	if (connector->settings.chain == NULL)
		endpoint_format_words(connector->dialed, dst, size);
	else
		hop_format_words(&connector->settings.chain->hops[0], dst, size);
}

void connector_finish(struct connector *connector, struct opened *opened)
{
	connector_done_fn *done = connector->done;
	struct failure fail = connector->fail;
	void *ctx = connector->ctx;

	if (opened == NULL && fail.target[0] == '\0')
		connector_format_dialed(connector, fail.target, sizeof(fail.target));
	connector_free(connector);
	done(ctx, opened, &fail);
}

/* Make the attempts of the addresses. */
static void connector_set_candidates(struct connector *connector, const struct addr *addrs, size_t count)
{
	const struct endpoint *endpoint = connector->dialed;

	connector->attempts = xcalloc(count == 0 ? 1 : count, sizeof(struct attempt));
	for (size_t i = 0; i < count; i++) {
		attempt_init(&connector->attempts[i], connector->st, connector->loop, endpoint, &addrs[i],
			     connector->settings.session, &connector->task);
		sources_find(&connector->lookup.sources, endpoint, addr_family(&addrs[i]),
			     &connector->attempts[i].source);
		connector->attempts[i].is_mortal = connector->settings.is_mortal;
		connector->attempts[i].defers = connector->settings.defers;
		connector->attempts[i].tells_errors = connector->settings.tells_errors;
	}
	connector->count = count;
	connector->is_resolved = true;
}

/* The same addresses once more, for a new connection with the first proxy. */
static void connector_race_again(struct connector *connector)
{
	struct attempt *attempts = connector->attempts;
	struct addr addrs[RESOLVE_MAX];
	size_t count = connector->count;

	for (size_t i = 0; i < count; i++)
		addrs[i] = attempts[i].addr;
	for (size_t i = 0; i < connector->started; i++)
		attempt_clear(&attempts[i]);
	connector->started = 0;
	connector_set_candidates(connector, addrs, count);
	free(attempts);
	loop_timer_clear(connector->loop, &connector->delay);
	loop_post(connector->loop, &connector->task);
}

/* The first proxy is connected: go on to the target. */
static void connector_run_tunnel(struct connector *connector)
{
	struct opened opened;
	int ret = tunnel_run(connector->tunnel, &connector->fail);

	if (ret == 0)
		return;
	if (ret == TUNNEL_AGAIN) {
		connector_race_again(connector);
		return;
	}
	if (ret > 0)
		tunnel_take(connector->tunnel, &opened);
	connector_finish(connector, ret > 0 ? &opened : NULL);
}

/* One has connected: the others are closed, and the trace says what became of them. */
static void connector_win(struct connector *connector, struct attempt *winner)
{
	const struct endpoint_kind *kind = connector->dialed->kind;
	const struct race race = connector_race(connector);
	struct opened opened;

	verdict_losers(&race, winner);
	opened = (struct opened){
		.sock = winner->sock,
		.remote = winner->addr,
		.file = winner->file,
		.is_datagram = kind->socktype == SOCK_DGRAM,
		.is_messages = kind->is_messages,
	};
	opened.sock.ready |= READY_OUT;
	sock_init(&winner->sock);
	winner->file.path[0] = '\0';
	if (connector->settings.chain == NULL) {
		connector_finish(connector, &opened);
		return;
	}
	if (connector->tunnel == NULL)
		connector->tunnel = tunnel_new(&(struct tunnel_settings){
			.st = connector->st,
			.loop = connector->loop,
			.chain = connector->settings.chain,
			.target = connector->settings.endpoint,
			.task = &connector->task,
		});
	tunnel_open(connector->tunnel, &opened);
	connector_run_tunnel(connector);
}

/* Let the started attempts go on. Returns how many are undecided, or -1 when the race is over. */
static int connector_run_attempts(struct connector *connector)
{
	int undecided = 0;

	for (size_t i = 0; i < connector->started; i++) {
		int ret = attempt_run(&connector->attempts[i]);

		if (ret == 1) {
			connector_win(connector, &connector->attempts[i]);
			return -1;
		}
		if (ret == 0)
			undecided++;
	}
	return undecided;
}

/* The next moment of the connector: whatever has happened, see what can be done now. */
static void connector_run(struct task *task)
{
	struct connector *connector = CONTAINER_OF(task, struct connector, task);
	int undecided;

	if (connector->is_late) {
		connector_fail_limit(connector);
		return;
	}
	if (connector->tunnel != NULL && tunnel_is_open(connector->tunnel)) {
		connector_run_tunnel(connector);
		return;
	}
	if (!connector->is_resolved) {
		if (connector->fail.domain != FAILURE_NONE)
			connector_finish(connector, NULL);
		return;
	}
	for (;;) {
		undecided = connector_run_attempts(connector);
		if (undecided < 0)
			return;
		if (connector->started == connector->count)
			break;
		/* A next one starts when none is under way, or its delay is over. */
		if (undecided > 0 && timer_is_set(&connector->delay))
			return;
		connector->started++;
		loop_timer_set_after(connector->loop, &connector->delay, ATTEMPT_DELAY_NS);
	}
	if (undecided == 0)
		connector_fail_all(connector);
}

static void connector_limit(struct timer *timer)
{
	struct connector *connector = CONTAINER_OF(timer, struct connector, limit);

	if (loop_limit_is_early(connector->loop, timer, connector->started_ns, connector->settings.timeout_ns))
		return;
	connector->is_late = true;
	loop_post(connector->loop, &connector->task);
}

static void connector_delay(struct timer *timer)
{
	struct connector *connector = CONTAINER_OF(timer, struct connector, delay);

	loop_post(connector->loop, &connector->task);
}

/* Nothing has happened for a while. */
static void connector_slow(struct timer *timer)
{
	struct connector *connector = CONTAINER_OF(timer, struct connector, slow);

	if (!loop_limit_is_early(connector->loop, timer, connector->started_ns, VERDICT_SLOW_NS))
		connector_say_slow(connector);
}

/* There are addresses to connect to, or none. */
static void connector_looked_up(void *ctx, const struct addr *found, size_t count, const struct failure *fail)
{
	struct connector *connector = ctx;

	if (fail == NULL)
		connector_set_candidates(connector, found, count);
	else
		connector->fail = *fail;
	loop_post(connector->loop, &connector->task);
}

/* A descriptor that was handed in: connected already. */
static void connector_adopt(struct task *task)
{
	struct connector *connector = CONTAINER_OF(task, struct connector, task);
	const struct endpoint *endpoint = connector->settings.endpoint;
	struct opened opened;
	int ret;

	ret = opening_adopt(connector->st, endpoint, false, &opened, &connector->fail);
	opened.sock.session = connector->settings.session;
	opened.sock.task = &connector->task;
	if (ret == 0 && !connector->is_introduced)
		step_introduce(connector->st, &opened.sock, &opened.local, &opened.remote);
	connector->is_introduced = true;
	if (ret == 0)
		ret = opening_dress(connector->st, &opened, endpoint, false, &connector->next_option,
				    &connector->fail);
	/* What is held is made by another run of this. */
	if (ret == STEP_HELD)
		return;
	connector_finish(connector, ret < 0 ? NULL : &opened);
}

struct connector *connector_start(struct stepper *st, struct loop *loop, const struct connector_settings *settings,
				  connector_done_fn *done, void *ctx)
{
	struct connector *connector = xcalloc(1, sizeof(*connector));

	connector->st = st;
	connector->loop = loop;
	connector->settings = *settings;
	connector->done = done;
	connector->ctx = ctx;
	connector->dialed = settings->chain == NULL ? settings->endpoint : &settings->chain->hops[0].endpoint;
	connector->limit.fire = connector_limit;
	connector->delay.fire = connector_delay;
	connector->slow.fire = connector_slow;
	connector->task.run = settings->endpoint->kind->form == FORM_FD ? connector_adopt : connector_run;
	connector->started_ns = step_limit_now(st);
	if (settings->timeout_ns != UINT64_MAX)
		loop_timer_set_after(loop, &connector->limit, settings->timeout_ns);
	if (st->bus->level > 0)
		loop_timer_set_after(loop, &connector->slow, VERDICT_SLOW_NS);
	connector->lookup = (struct lookup){
		.st = st,
		.loop = loop,
		.endpoint = connector->dialed,
		.cache = settings->cache,
		.session = settings->session,
		.done = connector_looked_up,
		.ctx = connector,
	};
	if (settings->endpoint->kind->form != FORM_FD)
		lookup_start(&connector->lookup);
	loop_post(loop, &connector->task);
	return connector;
}
