/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A pair of a proxy server (listen --proxy-server): its client says first where it wants to go, and is told what came
 * of that. See pair.h, and stream/reception.h for what is said. A client that is refused gets the answer and an end;
 * what it still sends is thrown away, for closing at once would destroy the answer by a reset (RFC 1122, 4.2.2.13).
 */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/util.h"
#include "engine/pair_private.h"
#include "engine/report.h"
#include "stream/body_layer.h"
#include "stream/reply_layer.h"

/* How long a client may take to ask. */
#define ASK_LIMIT_NS (10 * NS_PER_S)
/* Reads in one turn of what is thrown away. */
#define DISCARDS 16

struct pair_proxy {
	struct reception *reception; /* until the connection stands; NULL then */
	struct endpoint target;
	/* Of a request that is forwarded: over the client's socket, and over the target's. */
	struct body_layer body;
	struct reply_layer reply;
	bool is_forward;
	bool is_leaving;             /* the client has its answer */
	size_t heard, passed; /* bytes of the request, of a forwarded one its head: come, and gone to the target */
	uint64_t replied_ns;         /* since when a client that may close has its reply; 0: it has not */
};

static void reception_free(struct pair_proxy *proxy)
{
	if (proxy->reception == NULL)
		return;
	/* There may be a password in it. */
	explicit_bzero(proxy->reception, sizeof(*proxy->reception));
	free(proxy->reception);
	proxy->reception = NULL;
}

void pair_proxy_clear(struct pair *pair)
{
	if (pair->rare->proxy == NULL)
		return;
	reception_free(pair->rare->proxy);
	reply_layer_clear(&pair->rare->proxy->reply);
	free(pair->rare->proxy);
	pair_rare_make(pair)->proxy = NULL;
}

void pair_proxy_begin(struct pair *pair)
{
	pair_rare_make(pair)->proxy = xcalloc(1, sizeof(*pair->rare->proxy));
	pair->rare->proxy->reception = xcalloc(1, sizeof(*pair->rare->proxy->reception));
	reception_begin(pair->rare->proxy->reception, pair->rules->reception);
	pair->phase = PAIR_HELLO;
	loop_timer_set_after(pair_engine(pair)->loop, &pair->timer, ASK_LIMIT_NS);
}

const struct endpoint *pair_proxy_target(const struct pair *pair)
{
	return &pair->rare->proxy->target;
}

/* What was asked, and what came of it, becomes an event. */
static void tell(struct pair *pair)
{
	const struct reception *r = pair->rare->proxy->reception;
	struct stepper *st = pair_engine(pair)->st;
	const struct sock *sk = &pair->client.layer.sock;
	const union step_args args = {
		.proxy = {
			.kind = r->rules->kind == RECEPTION_HTTP ? "http" : "socks5",
			.request = r->said.request,
			.about = r->said.about,
			.answer = r->said.answer,
			.code = r->said.code,
			.is_refusal = r->said.is_refusal,
		},
	};
	struct event event = {
		.step = STEP_PROXY,
		.session = pair->number,
		.side = SIDE_SERVER,
		.protocol = sk->protocol,
		.fd = sk->fd,
		.args = &args,
	};

	if (r->said.request == NULL || st->bus->level == 0)
		return;
	event.t_ns = st->env->now_ns() - st->bus->start_ns;
	bus_emit(st->bus, &event);
}

/* ---- The end of one that is refused -------------------------------------------------------------------------- */

/* Throw away what the client still sends. It is over with its end, or when its time is. */
static void leave(struct pair *pair)
{
	struct engine *engine = pair_engine(pair);
	char *buffer = engine_take_buffer(engine);
	ssize_t n = 1;

	for (unsigned i = 0; i < DISCARDS && n > 0 && stream_is_ready(&pair->client.stream, HALF_READ); i++)
		/* Of a head that was not read to its end, too. */
		n = step_recv_secret(engine->st, &pair->client.layer.sock, buffer, ENGINE_READ_SIZE, 0);
	engine_give_buffer(engine, buffer);
	if (n > 0 && stream_is_ready(&pair->client.stream, HALF_READ))
		loop_post_later(engine->loop, &pair->task);
	if (n == -EAGAIN || n == STEP_HELD)
		n = 1;
	pair->client.is_broken = n < 0;
	if (n <= 0 || !timer_is_set(&pair->timer))
		pair_close(pair, ENDED_REFUSED, false);
}

/* The client has got what there was to be said to it. */
static void begin_leaving(struct pair *pair)
{
	struct engine *engine = pair_engine(pair);

	pair->phase = PAIR_HELLO;
	pair->rare->proxy->is_leaving = true;
	pair_closed_here(pair);
	if (pair_shut_side(pair, &pair->client, SHUTDOWN_OWN) < 0) {
		pair_close(pair, ENDED_REFUSED, false);
		return;
	}
	loop_timer_clear(engine->loop, &pair->timer);
	loop_timer_set_after(engine->loop, &pair->timer, PAIR_LEAVE_NS);
	leave(pair);
}

/* ---- Talking ------------------------------------------------------------------------------------------------- */

/* Send what is to be said, to the client or the target. Returns 1: all of it, 0: it waits, -errno. */
static int say(struct pair *pair)
{
	struct reception *r = pair->rare->proxy->reception;
	struct pair_side *side = r->act == RECEPTION_GRANT && r->is_forward ? &pair->target : &pair->client;
	const uint8_t *data;
	size_t len;

	while ((len = reception_out(r, &data)) > 0) {
		ssize_t n = step_send(pair_engine(pair)->st, &side->layer.sock, data, len, 0, NULL);

		if (n == -EAGAIN || n == STEP_HELD)
			return 0;
		if (n < 0)
			return (int)n;
		reception_sent(r, (size_t)n);
		if (side == &pair->target)
			pair->rare->proxy->passed += (size_t)n;
	}
	return 1;
}

/* Receive what belongs to what the client asks. As say(). */
static int hear(struct pair *pair)
{
	struct reception *r = pair->rare->proxy->reception;
	struct sock *sk = &pair->client.layer.sock;
	struct stepper *st = pair_engine(pair)->st;
	size_t room = reception_room(r), size = room == 0 ? sizeof(r->in) : room;
	uint8_t bytes[RECEPTION_IN_MAX];
	int flags = room == 0 ? MSG_PEEK : 0;
	ssize_t n;

	if (!stream_is_ready(&pair->client.stream, HALF_READ))
		return 0;
	n = reception_is_secret(r) ? step_recv_secret(st, sk, bytes, size, flags) :
				     step_recv(st, sk, bytes, size, flags, NULL);
	if (n == -EAGAIN || n == STEP_HELD)
		return 0;
	if (n <= 0)
		return n == 0 ? -ECONNRESET : (int)n;
	if (room == 0)
		reception_look(r, bytes, (size_t)n);
	else
		reception_take(r, bytes, (size_t)n);
	if (room > 0)
		pair->rare->proxy->heard += (size_t)n;
	tell(pair);
	return 1;
}

/* The client has gone before anything stood. */
static void gone(struct pair *pair, int error)
{
	if (error != -ECONNRESET)
		failure_set(pair_failure(pair), STEP_RECV, -error, NULL);
	pair_closed_by(pair, &pair->client);
	pair_close(pair, ENDED_REFUSED, false);
}

/* Is what the client asks for a place that there may be? */
static bool read_target(struct pair *pair)
{
	const struct endpoint_wish wish = { .role = ROLE_CONNECT, .family = AF_UNSPEC };
	const struct socks_target *target = &pair->rare->proxy->reception->target;
	char host[ADDR_TEXT_MAX], port[8], error[ENDPOINT_ERROR_MAX];
	const char *words[] = { host, port };

	if (target->addr.len > 0)
		addr_format_host(&target->addr, host, sizeof(host));
	else
		snprintf(host, sizeof(host), "%s", target->name);
	snprintf(port, sizeof(port), "%u", target->port);
	if (endpoint_parse(&pair->rare->proxy->target, words, ARRAY_LEN(words), &wish, error) == 0)
		return true;
	reception_refuse(pair->rare->proxy->reception, RECEPTION_BAD, error);
	tell(pair);
	return false;
}

/* Go on until it waits. Returns true where the target is to be connected to now. */
static bool talk(struct pair *pair)
{
	struct reception *r = pair->rare->proxy->reception;
	int ret = 1;

	while (ret > 0) {
		switch (r->act) {
		case RECEPTION_RECEIVE:
			ret = hear(pair);
			break;
		case RECEPTION_SEND:
		case RECEPTION_REFUSE:
			ret = say(pair);
			break;
		case RECEPTION_CONNECT:
			if (!read_target(pair))
				break;
			loop_timer_clear(pair_engine(pair)->loop, &pair->timer);
			return true;
		case RECEPTION_OVER:
			begin_leaving(pair);
			return false;
		case RECEPTION_GRANT:
		case RECEPTION_OPEN:
			return false;
		}
	}
	if (ret < 0) {
		gone(pair, ret);
	} else if (!timer_is_set(&pair->timer) && r->act == RECEPTION_RECEIVE) {
		reception_refuse(r, RECEPTION_SLOW, _("the request was not whole in time"));
		tell(pair);
		/* An answer that has no room is not waited for. */
		say(pair);
		begin_leaving(pair);
	}
	return false;
}

bool pair_proxy_read(struct pair *pair)
{
	if (!pair->rare->proxy->is_leaving)
		return talk(pair);
	leave(pair);
	return false;
}

/* ---- What came of it ----------------------------------------------------------------------------------------- */

/* Does what listens at own serve remote, which was reached from local? */
static bool is_served_by(const struct addr *own, const struct addr *remote, const struct addr *local)
{
	struct addr from = *local, at = *own;

	addr_unmap(&at);
	if (addr_port(&at) != addr_port(remote))
		return false;
	if (!addr_is_wildcard(&at))
		return addr_equal(&at, remote);
	/* Any address of this host; an IPv4 socket has no IPv6 clients. */
	addr_set_port(&from, addr_port(remote));
	return (addr_family(&at) == AF_INET6 || addr_family(remote) == AF_INET) &&
	       (addr_is_loopback(remote) || addr_equal(&from, remote));
}

/* Has the client been led back to this proxy? Then it would ask itself, which asks itself ... */
static bool is_loop(struct pair *pair)
{
	const struct reception_rules *rules = pair->rare->proxy->reception->rules;
	struct stepper *st = pair_engine(pair)->st;
	struct addr remote = { .len = 0 }, local = { .len = 0 };

	if (step_peer_addr(st, &pair->target.layer.sock, &remote) < 0 ||
	    step_local_addr(st, &pair->target.layer.sock, &local) < 0)
		return false;
	addr_unmap(&remote);
	addr_unmap(&local);
	for (size_t i = 0; i < rules->own_count; i++)
		if (is_served_by(&rules->own[i], &remote, &local))
			return true;
	return false;
}

/* Both may talk: what was needed for getting there goes. */
static void open_up(struct pair *pair)
{
	struct pair_proxy *proxy = pair->rare->proxy;

	if (proxy->reception->is_forward) {
		body_layer_init(&proxy->body, pair->client.stream.top, &proxy->reception->body,
				pair_engine(pair)->loop, &pair->task);
		pair->client.stream.top = &proxy->body.layer;
		reply_layer_init(&proxy->reply, pair->target.stream.top, proxy->reception->rules->name);
		pair->target.stream.top = &proxy->reply.layer;
		proxy->is_forward = true;
		/* The head of the request has passed already: the conversation begins with it. */
		flow_count(&pair->up, proxy->heard, false);
		flow_count(&pair->up, proxy->passed, true);
	}
	reception_free(proxy);
	step_hide(pair_engine(pair)->st, &pair->client.layer.sock, false);
}

bool pair_proxy_write(struct pair *pair)
{
	struct reception *r = pair->rare->proxy->reception;
	struct addr local = { .len = 0 };
	int ret;

	if (r == NULL)
		return true;
	if (r->act == RECEPTION_CONNECT) {
		if (is_loop(pair)) {
			reception_refuse(r, RECEPTION_LOOP, _("the target is this proxy itself"));
			tell(pair);
			say(pair);
			begin_leaving(pair);
			return false;
		}
		step_local_addr(pair_engine(pair)->st, &pair->target.layer.sock, &local);
		reception_connected(r, &local);
		tell(pair);
	}
	ret = say(pair);
	if (ret < 0) {
		pair_abandon(pair, ENDED_RESET);
		return false;
	}
	if (ret > 0)
		open_up(pair);
	return ret > 0;
}

uint64_t pair_proxy_left(struct pair *pair)
{
	struct pair_proxy *proxy = pair->rare->proxy;
	uint64_t now_ns;

	if (proxy == NULL || !proxy->is_forward || pair->down.state < FLOW_SHUT)
		return ENDING_NEVER;
	now_ns = pair_limit_now(pair);
	if (proxy->replied_ns == 0 || pair_unacknowledged(pair, &pair->client) > 0)
		proxy->replied_ns = now_ns;
	if (now_ns - proxy->replied_ns >= PAIR_LEAVE_NS)
		return 0;
	return PAIR_LEAVE_NS - (now_ns - proxy->replied_ns);
}

void pair_proxy_end(struct pair *pair)
{
	const struct pair_proxy *proxy = pair->rare->proxy;

	if (proxy != NULL && proxy->is_forward && proxy->body.thrown > 0)
		step_note(pair_engine(pair)->st, pair->number,
			  _("%llu bytes behind the request were thrown away: one is forwarded for each connection, and "
			    "Connection: close tells the client to ask for the rest on another"),
			  (unsigned long long)proxy->body.thrown);
}

bool pair_proxy_answer_failure(struct pair *pair, const struct flow *flow)
{
	struct pair_proxy *proxy = pair->rare->proxy;
	bool is_request = flow == &pair->up;
	const char *wrong;

	/* Of a tunnel, and behind the first byte of a reply, all that is left to say is a reset. */
	if (proxy == NULL || !proxy->is_forward || pair->down.bytes > 0 || (is_request && flow->error != EPROTO))
		return false;
	wrong = is_request ? http_mistake_sentence(proxy->body.body.mistake) : proxy->reply.wrong;
	proxy->reception = xcalloc(1, sizeof(*proxy->reception));
	reception_begin(proxy->reception, pair->rules->reception);
	reception_refuse(proxy->reception, is_request ? RECEPTION_BAD : RECEPTION_FAILED,
			 wrong != NULL ? _(wrong) : strerror(flow->error));
	tell(pair);
	pair->target.is_broken = !is_request;
	say(pair);
	begin_leaving(pair);
	return true;
}

/* What a failure means to the client. */
static enum reception_cause cause_of(const struct failure *fail)
{
	switch (fail->domain) {
	case FAILURE_LIMIT:
		return RECEPTION_TOO_LATE;
	case FAILURE_RESOLVER:
		return RECEPTION_NO_HOST;
	case FAILURE_ERRNO:
		break;
	case FAILURE_NONE:
	case FAILURE_USAGE:
	case FAILURE_REFUSED:
	case FAILURE_PROXY:
	case FAILURE_SANDBOX:
	case FAILURE_FILE:
		return RECEPTION_FAILED;
	}
	switch (fail->code) {
	case ECONNREFUSED:
		return RECEPTION_NO_LISTENER;
	case ENETUNREACH:
	case ENETDOWN:
		return RECEPTION_NO_NETWORK;
	case EHOSTUNREACH:
	case EHOSTDOWN:
		return RECEPTION_NO_HOST;
	case ETIMEDOUT:
		return RECEPTION_TOO_LATE;
	default:
		return RECEPTION_FAILED;
	}
}

void pair_proxy_failed(struct pair *pair, const struct failure *fail)
{
	char report[REPORT_MAX];
	struct text text;

	text_init(&text, report, sizeof(report));
	report_format(fail, NULL, &text);
	/* The first line, without the name of the program. */
	report[strcspn(report, "\n")] = '\0';
	reception_refuse(pair->rare->proxy->reception, cause_of(fail),
			 text.len > sizeof("sockt: ") ? report + sizeof("sockt: ") - 1 : "");
	tell(pair);
	say(pair);
	begin_leaving(pair);
}
