/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The run of `connect`: see dialer.h. */
#include "engine/dialer_private.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "engine/handover.h"

/* Data that are there so soon go with the SYN. Longer it does not wait: the peer may be the one who speaks first. */
#define BEGIN_AFTER_NS (5 * NS_PER_MS)

/* It is over: stop the loop. */
static void dialer_finish(struct dialer *dialer, enum ended_by ended, const struct failure *fail, const char *limit)
{
	run_result_set(dialer->result, ended, fail, limit);
	dialer_say_lost(dialer);
	loop_stop(dialer->settings.engine->loop);
}

static void dialer_session_closed(void *ctx, struct session *session)
{
	struct dialer *dialer = ctx;

	if (dialer->http != NULL)
		http_client_layer_clear(dialer->http, dialer->settings.engine->st);
	if (dialer->settings.attendant != NULL)
		dialer->settings.attendant->closed(dialer->settings.attendant->ctx, session);
	if (dialer_goes_on(dialer))
		return;
	run_result_of_session(dialer->result, session);
	dialer_say_lost(dialer);
	loop_stop(dialer->settings.engine->loop);
}

/* Is it worth trying again? What is wrong for good is not: bad arguments, permission, an address that is none. */
static bool is_worth_retrying(const struct failure *fail)
{
	if (fail->domain == FAILURE_LIMIT)
		return true;
	if (fail->domain == FAILURE_PROXY)
		return fail->code == NEGOTIATION_REFUSED || fail->code == NEGOTIATION_ENDED;
	if (fail->domain == FAILURE_RESOLVER)
		return fail->code == EAI_AGAIN;
	if (fail->domain != FAILURE_ERRNO || (fail->step != STEP_CONNECT && fail->step != STEP_RESOLVE))
		return false;
	switch (fail->code) {
	case ECONNREFUSED:
	case ECONNRESET:
	case ETIMEDOUT:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EHOSTDOWN:
	case ENETDOWN:
	case EADDRNOTAVAIL:
	case EAGAIN:
		return true;
	case ENOENT:
		return fail->addr.len > 0 && addr_family(&fail->addr) == AF_UNIX;
	default:
		return false;
	}
}

/* No data have come to go with the SYN: send it without. What fails is told by the flows. */
static void dialer_begin(struct timer *timer)
{
	struct dialer *dialer = CONTAINER_OF(timer, struct dialer, begin);
	struct sock *sk = dialer->session.sock;

	if (sk->is_deferred && sk->fd != -1)
		step_begin_deferred(dialer->settings.engine->st, sk);
}

/* The reply to what was asked is not whole. */
static void dialer_broken(void *ctx, const char *sentence)
{
	struct dialer *dialer = ctx;

	dialer->session.has_lost = true;
	engine_say_of(dialer->settings.engine, dialer->session.number, "%s", sentence);
}

/* Ask by HTTP, in the place of standard input. */
static void dialer_add_http(struct dialer *dialer, const struct opened *opened, struct session_settings *settings)
{
	struct http_client_layer *http = xmalloc(sizeof(*http));

	http_client_layer_init(http, settings->local.top, dialer->settings.ask);
	http->connection = (struct http_connection){ settings->number, SIDE_CLIENT, opened->sock.protocol };
	http->loop = dialer->settings.engine->loop;
	http->task = &dialer->session.task;
	http->broken = dialer_broken;
	http->ctx = dialer;
	dialer->http = http;
	settings->local.top = &http->layer;
	settings->exchanges = &http->exchanges;
}

/* Start the session on the connection. */
static void dialer_connected(struct dialer *dialer, struct opened *opened)
{
	const struct attendant *attendant = dialer->settings.attendant;
	struct session_settings settings = {
		.engine = dialer->settings.engine,
		.rules = dialer->settings.rules,
		.number = opened->sock.session,
		.local = dialer->settings.end->stream,
		.leftover = dialer_is_reconnecting(dialer) ? &dialer->again.leftover : NULL,
		.keeps_output = dialer_is_reconnecting(dialer) && attendant == NULL,
		.closed = dialer_session_closed,
		.ctx = dialer,
	};
	struct failure fail = { .domain = FAILURE_NONE };
	int ret;

	if (dialer->settings.connected != NULL && !dialer->settings.connected(dialer->settings.ctx, &opened->file)) {
		loop_unwatch(dialer->settings.engine->loop, &opened->sock);
		step_close(dialer->settings.engine->st, &opened->sock);
		unixfile_remove(&opened->file);
		return;
	}
	if (dialer->settings.is_passing) {
		dialer->handover = handover_start(dialer->settings.engine, opened, STDOUT_FILENO, dialer->result);
		return;
	}
	if (attendant != NULL)
		settings.local = attendant_join(attendant, settings.number, opened->is_messages);
	if (dialer->settings.ask != NULL)
		dialer_add_http(dialer, opened, &settings);
	dialer->file = opened->file;
	dialer_stands(dialer, opened);
	ret = session_open(&dialer->session, &settings, opened);

	dialer->has_session = true;
	if (dialer->session.sock->is_deferred)
		loop_timer_set_after(dialer->settings.engine->loop, &dialer->begin, BEGIN_AFTER_NS);
	if (attendant != NULL)
		attendant->opened(attendant->ctx, &dialer->session);
	else if (ret == 0)
		ret = console_end_watch(dialer->settings.end, &dialer->session);
	if (ret < 0) {
		failure_set(&fail, STEP_EPOLL_WAIT, -ret, NULL);
		dialer_finish(dialer, ENDED_ERROR, &fail, NULL);
	}
}

/* Nobody is there: try again in a moment. */
static void dialer_wait(struct dialer *dialer, const struct failure *fail)
{
	struct engine *engine = dialer->settings.engine;
	bool was_lost = dialer->again.lost_ns != 0;
	uint64_t pause_ns = was_lost ? dialer_next_pause(dialer) : dialer->settings.retry_pause_ns;
	char words[32];

	if (was_lost)
		dialer_say_unreachable(dialer, fail);
	if (dialer->retries_left != UINT64_MAX)
		dialer->retries_left--;
	parse_format_duration(pause_ns / NS_PER_MS * NS_PER_MS, words, sizeof(words));
	step_note(engine->st, engine->sessions,
		  was_lost ? _("trying again in %s (--reconnect)") : _("trying again in %s (--retry)"), words);
	loop_timer_set(engine->loop, &dialer->retry, engine->st->env->now_ns() + pause_ns);
}

/* The connector has come to an end, good or bad. */
static void dialer_done(void *ctx, struct opened *opened, const struct failure *fail)
{
	struct dialer *dialer = ctx;
	char limit[32];

	dialer->connector = NULL;
	if (opened != NULL) {
		dialer_connected(dialer, opened);
		return;
	}
	if (dialer->retries_left > 0 && is_worth_retrying(fail)) {
		dialer_wait(dialer, fail);
		return;
	}
	if (is_worth_retrying(fail))
		dialer_say_retry(dialer);
	if (fail->domain == FAILURE_LIMIT)
		dialer_finish(dialer, (enum ended_by)fail->code, fail,
			      parse_format_duration(fail->limit_ns, limit, sizeof(limit)));
	else
		dialer_finish(dialer, ENDED_ERROR, fail, NULL);
}

static void dialer_dial(struct dialer *dialer)
{
	struct engine *engine = dialer->settings.engine;
	struct connector_settings settings = {
		.endpoint = dialer->settings.endpoint,
		.chain = dialer->settings.chain,
		.timeout_ns = dialer->settings.connect_timeout_ns,
		/* Another gets a socket without what only we could make use of. */
		.tells_errors = !dialer->settings.is_passing,
		/* What goes with the SYN would be sent twice, or be lost, where that fails. */
		.defers = !dialer_is_reconnecting(dialer) && !dialer->settings.is_passing,
	};

	dialer_forget(dialer);
	settings.session = engine->sessions == 0 ? ++engine->sessions : engine->sessions;
	dialer->connector = connector_start(engine->st, engine->loop, &settings, dialer_done, dialer);
}

static void dialer_retry(struct timer *timer)
{
	dialer_dial(CONTAINER_OF(timer, struct dialer, retry));
}

struct dialer *dialer_start(const struct dialer_settings *settings, struct run_result *result)
{
	struct dialer *dialer = xcalloc(1, sizeof(*dialer));

	dialer->settings = *settings;
	dialer->result = result;
	dialer->retry.fire = dialer_retry;
	dialer->begin.fire = dialer_begin;
	dialer->retries_left = settings->retries;
	dialer_dial(dialer);
	return dialer;
}

void dialer_abandon(struct dialer *dialer, enum ended_by ended, const char *limit)
{
	struct run_result *result = dialer->result;

	/* The cause from outside comes before what the session makes of it. */
	run_result_set(result, ended, NULL, limit);
	if (dialer->has_session)
		session_abandon(&dialer->session, ended, limit);
	dialer_say_lost(dialer);
	connector_cancel(dialer->connector);
	dialer->connector = NULL;
	loop_timer_clear(dialer->settings.engine->loop, &dialer->retry);
	loop_timer_clear(dialer->settings.engine->loop, &dialer->begin);
	loop_stop(dialer->settings.engine->loop);
}

bool dialer_leave(struct dialer *dialer)
{
	/* One that is lost is waited for no more. */
	if (!dialer->has_session || dialer->session.phase == SESSION_CLOSED)
		return false;
	session_quit(&dialer->session);
	return true;
}

const struct session *dialer_session(const struct dialer *dialer)
{
	return dialer->has_session && dialer->session.phase != SESSION_CLOSED ? &dialer->session : NULL;
}

void dialer_wake(struct dialer *dialer)
{
	dialer->settings.end->in->ready |= READY_IN;
	if (dialer->has_session && dialer->session.phase != SESSION_CLOSED)
		session_wake(&dialer->session);
}

void dialer_free(struct dialer *dialer)
{
	if (dialer == NULL)
		return;
	connector_cancel(dialer->connector);
	loop_timer_clear(dialer->settings.engine->loop, &dialer->retry);
	loop_timer_clear(dialer->settings.engine->loop, &dialer->begin);
	if (dialer->has_session)
		session_clear(&dialer->session);
	handover_free(dialer->handover);
	free(dialer->http);
	buf_clear(&dialer->again.leftover.unsent);
	unixfile_remove(&dialer->file);
	free(dialer);
}
