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
#include "endpoint/attempt.h"
#include "endpoint/verdict.h"
#include "step/resolve.h"
#include "trace/names.h"

/* RFC 8305 section 5, Connection Attempt Delay. */
#define ATTEMPT_DELAY_NS (250 * NS_PER_MS)

struct connector {
	struct stepper *st;
	struct loop *loop;
	struct connector_settings settings;
	connector_done_fn *done;
	void *ctx;
	struct task task;
	struct resolve *resolve;
	struct address_waiter waiter; /* of the cache */
	struct timer limit; /* settings.timeout_ns */
	struct timer delay; /* until the next address may start */
	struct timer slow;  /* with a trace: until it is to be said who does not answer */
	uint64_t started_ns; /* by the time of limits */
	struct attempt *attempts;
	size_t count, started;
	bool is_resolved;
	bool is_late; /* the limit has run out */
	struct failure fail;
};

/* The race, for its verdicts. */
static struct race connector_race(const struct connector *connector)
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
	resolve_cancel(connector->resolve);
	if (connector->settings.cache != NULL)
		address_cache_leave(connector->settings.cache, &connector->waiter);
	loop_timer_clear(connector->loop, &connector->limit);
	loop_timer_clear(connector->loop, &connector->delay);
	loop_timer_clear(connector->loop, &connector->slow);
	loop_unpost(connector->loop, &connector->task);
	for (size_t i = 0; i < connector->started; i++)
		attempt_clear(&connector->attempts[i]);
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
	connector_free(connector);
}

/* Tell the end and go. */
static void connector_finish(struct connector *connector, struct opened *opened)
{
	connector_done_fn *done = connector->done;
	struct failure fail = connector->fail;
	void *ctx = connector->ctx;

	if (opened == NULL && fail.target[0] == '\0')
		endpoint_format_words(connector->settings.endpoint, fail.target, sizeof(fail.target));
	connector_free(connector);
	done(ctx, opened, &fail);
}

/* Make the attempts of the addresses that the source address allows. */
static void connector_set_candidates(struct connector *connector, const struct addr *found, size_t count)
{
	const struct endpoint *endpoint = connector->settings.endpoint;
	struct addr addrs[RESOLVE_MAX];
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (endpoint->source.addr.len == 0 || addr_family(&endpoint->source.addr) == addr_family(&found[i]))
			addrs[kept++] = found[i];
	connector->attempts = xcalloc(kept == 0 ? 1 : kept, sizeof(struct attempt));
	for (size_t i = 0; i < kept; i++) {
		attempt_init(&connector->attempts[i], connector->st, connector->loop, endpoint, &addrs[i],
			     connector->settings.session, &connector->task);
		connector->attempts[i].is_mortal = connector->settings.is_mortal;
		connector->attempts[i].tells_errors = connector->settings.tells_errors;
	}
	connector->count = kept;
	connector->is_resolved = true;
}

/* Each address with its verdict: "[::1]:81 ECONNREFUSED, 127.0.0.1:81 no answer". */
static void list_verdicts(struct connector *connector)
{
	char addr[ADDR_TEXT_MAX], name[32];
	struct text text;

	if (connector->count < 2)
		return;
	text_init(&text, connector->fail.candidates, sizeof(connector->fail.candidates));
	for (size_t i = 0; i < connector->started; i++) {
		const struct attempt *attempt = &connector->attempts[i];

		text_addf(&text, "%s%s %s", i == 0 ? "" : ", ", addr_format(&attempt->addr, addr, sizeof(addr)),
			  attempt->error == 0 ? _("no answer") : name_errno(attempt->error, name, sizeof(name)));
	}
}

/* An error that says less about the target than about this host. */
static bool is_own_lack(int error)
{
	return error == ENETUNREACH || error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

/* All have failed: the error to tell is the first one that says something about the target. */
static void connector_fail_all(struct connector *connector)
{
	const struct attempt *chosen = NULL;

	for (size_t i = 0; i < connector->count; i++)
		if (chosen == NULL || (is_own_lack(chosen->error) && !is_own_lack(connector->attempts[i].error)))
			chosen = &connector->attempts[i];
	if (chosen == NULL)
		failure_set(&connector->fail, STEP_CONNECT, EADDRNOTAVAIL, &connector->settings.endpoint->source.addr);
	else
		connector->fail = chosen->fail;
	list_verdicts(connector);
	connector_finish(connector, NULL);
}

/* The limit has run out: tell of the address that was tried longest. */
static void connector_fail_limit(struct connector *connector)
{
	const struct race race = connector_race(connector);
	struct failure *fail = &connector->fail;
	char limit[32];

	for (size_t i = connector->started; i > 0; i--)
		if (connector->attempts[i - 1].error == 0) {
			*fail = connector->attempts[i - 1].fail;
			fail->addr = connector->attempts[i - 1].addr;
		}
	fail->domain = FAILURE_LIMIT;
	fail->code = ENDED_CONNECT_TIMEOUT;
	fail->step = connector->is_resolved ? STEP_CONNECT : STEP_RESOLVE;
	fail->protocol = connector->settings.endpoint->kind->protocol;
	fail->side = SIDE_CLIENT;
	fail->limit_ns = connector->settings.timeout_ns;
	list_verdicts(connector);
	verdict_unfinished(&race, parse_format_duration(fail->limit_ns, limit, sizeof(limit)));
	connector_finish(connector, NULL);
}

/* One has connected: the others are closed, and the trace says what became of them. */
static void connector_win(struct connector *connector, struct attempt *winner)
{
	const struct endpoint_kind *kind = connector->settings.endpoint->kind;
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
	connector_finish(connector, &opened);
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
	uint64_t taken_ns = step_limit_now(connector->st) - connector->started_ns;

	if (taken_ns < connector->settings.timeout_ns) {
		/* The time of limits stood still meanwhile. */
		loop_timer_set_after(connector->loop, timer,
				     step_limit_wait(connector->st, connector->settings.timeout_ns - taken_ns));
		return;
	}
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
	const struct race race = connector_race(connector);
	uint64_t taken_ns = step_limit_now(connector->st) - connector->started_ns;

	if (taken_ns < VERDICT_SLOW_NS)
		loop_timer_set_after(connector->loop, timer,
				     step_limit_wait(connector->st, VERDICT_SLOW_NS - taken_ns));
	else if (connector->is_resolved)
		verdict_slow(&race);
	else
		step_note(connector->st, connector->settings.session,
			  _("nothing moves for 2 s: no name server answers for \"%s\"; see /etc/resolv.conf"),
			  connector->settings.endpoint->host);
}

/* The resolver's answer. */
static void connector_resolved(void *ctx, const struct resolve_answer *answer)
{
	struct connector *connector = ctx;

	connector->resolve = NULL;
	if (answer->error == 0) {
		connector_set_candidates(connector, answer->found, answer->count);
	} else {
		connector->fail.domain = FAILURE_RESOLVER;
		connector->fail.code = answer->error;
		connector->fail.step = STEP_RESOLVE;
		connector->fail.protocol = connector->settings.endpoint->kind->protocol;
		connector->fail.side = SIDE_CLIENT;
		snprintf(connector->fail.target, sizeof(connector->fail.target), "%s",
			 connector->settings.endpoint->host);
	}
	loop_post(connector->loop, &connector->task);
}

/* Ask for the addresses, or take the one that was written. */
static void connector_resolve(struct connector *connector)
{
	const struct endpoint *endpoint = connector->settings.endpoint;
	struct resolve_question question = { .node = NULL };
	int family = endpoint->kind->family, ret;
	char port[8];

	if (endpoint->addr.len > 0) {
		connector_set_candidates(connector, &endpoint->addr, 1);
		return;
	}
	if (family == AF_UNSPEC && endpoint->source.addr.len > 0)
		family = addr_family(&endpoint->source.addr);
	snprintf(port, sizeof(port), "%u", endpoint->port_number);
	question.node = endpoint->host;
	question.service = port;
	question.family = family;
	question.socktype = endpoint->kind->socktype;
	question.session = connector->settings.session;
	if (connector->settings.cache != NULL)
		ret = address_cache_ask(connector->settings.cache, connector->st, connector->loop, &question,
					&connector->waiter, connector_resolved, connector);
	else
		ret = resolve_start(connector->st, connector->loop, &question, connector_resolved, connector,
				    &connector->resolve);
	if (ret < 0)
		failure_set(&connector->fail, STEP_RESOLVE, -ret, NULL);
}

/* A descriptor that was handed in: connected already. */
static void connector_adopt(struct task *task)
{
	struct connector *connector = CONTAINER_OF(task, struct connector, task);
	struct opened opened;
	int ret;

	ret = opening_adopt(connector->st, connector->settings.endpoint, false, &opened, &connector->fail);
	opened.sock.session = connector->settings.session;
	if (ret == 0)
		step_introduce(connector->st, &opened.sock, &opened.local, &opened.remote);
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
	connector->limit.fire = connector_limit;
	connector->delay.fire = connector_delay;
	connector->slow.fire = connector_slow;
	connector->task.run = settings->endpoint->kind->form == FORM_FD ? connector_adopt : connector_run;
	connector->started_ns = step_limit_now(st);
	if (settings->timeout_ns != UINT64_MAX)
		loop_timer_set_after(loop, &connector->limit, settings->timeout_ns);
	if (st->bus->level > 0)
		loop_timer_set_after(loop, &connector->slow, VERDICT_SLOW_NS);
	if (settings->endpoint->kind->form != FORM_FD)
		connector_resolve(connector);
	loop_post(loop, &connector->task);
	return connector;
}
