/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a proxy to the target: see tunnel.h. */
#include "endpoint/tunnel.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/util.h"
#include "step/resolve.h"

#define REASON_MAX 480

/* The addresses that a name has here, and which of them the proxy is asked for. */
struct candidates {
	struct addr *addrs; /* owned; NULL: nobody has asked the resolver */
	size_t count, at;
};

struct tunnel {
	struct tunnel_settings settings;
	struct opened opened;
	struct resolve *resolve;
	int resolve_error;  /* EAI_*, once it has failed */
	int system_error;   /* of EAI_SYSTEM: errno */
	size_t hop;         /* whose turn it is */
	struct http_challenge challenges[HOPS_MAX]; /* what each of them wants to know */
	bool is_asking;     /* negotiation has begun */
	struct negotiation negotiation;
	struct candidates candidates[HOPS_MAX]; /* of where each hop is to connect to */
	struct socks_target asked; /* of the hop: where it is to connect to */
};

static const struct hop *tunnel_hop(const struct tunnel *tunnel)
{
	return &tunnel->settings.chain->hops[tunnel->hop];
}

/* Where the hop is to connect to: the next one, or the target. */
static const struct endpoint *tunnel_next(const struct tunnel *tunnel)
{
	return tunnel->hop + 1 < tunnel->settings.chain->count ? &tunnel_hop(tunnel)[1].endpoint :
								 tunnel->settings.target;
}

const char *tunnel_format_awaited(const struct tunnel *tunnel, char *dst, size_t size)
{
	return hop_format_words(tunnel_hop(tunnel), dst, size);
}

const char *tunnel_next_host(const struct tunnel *tunnel)
{
	return tunnel_next(tunnel)->host;
}

bool tunnel_is_resolving(const struct tunnel *tunnel)
{
	return tunnel->resolve != NULL;
}

/* ---- Failures ----------------------------------------------------------------------------------------------- */

/* The reason of an HTTP proxy that wants to know who asks. */
static const char *reason_of_http(const struct negotiation *n, char *dst, size_t size)
{
	char user[REASON_MAX - 80];

	if (n->wish.user == NULL) {
		snprintf(dst, size, _("it wants to know who asks (%d)"), n->said.code);
	} else if (n->wish.challenge->scheme == HTTP_SCHEME_NONE) {
		snprintf(dst, size,
			 _("it wants to know who asks by %1$s, and here are only Basic and Digest, of the algorithms "
			   "MD5, SHA-256, SHA-512-256 and of the qop auth, auth-int (%2$d)"),
			 n->offered[0] == '\0' ? _("nothing that it names") : n->offered, n->said.code);
	} else {
		escape_c(n->wish.user, strlen(n->wish.user), user, sizeof(user));
		snprintf(dst, size, _("it does not accept the user \"%1$s\" with this password (%2$d)"), user,
			 n->said.code);
	}
	return dst;
}

/* The reason, in words. */
static const char *reason_of(const struct negotiation *n, char *dst, size_t size)
{
	const struct hop_kind_record *record = hop_kind_record(n->wish.kind);
	char user[REASON_MAX - 80];

	switch (n->trouble) {
	case NEGOTIATION_UNABLE:
		snprintf(dst, size,
			 record->is_ipv4 ? _("%s carries IPv4 addresses only") : _("%s cannot carry such a name"),
			 record->name);
		return dst;
	case NEGOTIATION_DIGEST:
		snprintf(dst, size, _("it wants a digest, and %s, which makes them, is not here"), DIGEST_LIBRARY);
		return dst;
	case NEGOTIATION_BROKEN:
		if (n->wish.kind == HOP_HTTP && n->head.mistake == HTTP_MISTAKE_LONG)
			return _("what it answers is not http: the head is longer than 16 KiB");
		if (n->wish.kind == HOP_HTTP && n->head.mistake != HTTP_MISTAKE_NONE)
			snprintf(dst, size, _("what it answers is not %1$s: %2$s"), record->name,
				 _(http_mistake_sentence(n->head.mistake)));
		else
			snprintf(dst, size, _("what it answers is not %s"), record->name);
		return dst;
	case NEGOTIATION_ENDED:
		return n->in_len > 0 ? _("it closed the connection in the middle of its answer") :
				       _("it closed the connection without an answer");
	case NEGOTIATION_AUTH:
		if (n->wish.kind == HOP_HTTP)
			return reason_of_http(n, dst, size);
		if (strcmp(n->said.request, "methods") == 0)
			return n->wish.user == NULL ? _("it wants to know who asks") :
						      _("it wants to know who asks in another way");
		if (strcmp(n->said.request, "user") == 0) {
			escape_c(n->said.about, strlen(n->said.about), user, sizeof(user));
			snprintf(dst, size, _("it does not accept the user \"%s\" with this password"), user);
			return dst;
		}
		break;
	case NEGOTIATION_FINE:
	case NEGOTIATION_FORBIDDEN:
	case NEGOTIATION_REFUSED:
		break;
	}
	/* Words that came from the proxy itself. */
	escape_c(n->said.answer, strlen(n->said.answer), user, sizeof(user));
	snprintf(dst, size, "%s (%d)", user, n->said.code);
	return dst;
}

/* The negotiation has failed. */
static int tunnel_fail(struct tunnel *tunnel, struct failure *fail)
{
	const struct negotiation *n = &tunnel->negotiation;
	char target[NEGOTIATION_TEXT_MAX], proxy[NEGOTIATION_TEXT_MAX], reason[REASON_MAX];

	fail->domain = FAILURE_PROXY;
	fail->code = n->trouble;
	fail->step = STEP_PROXY;
	fail->protocol = PROTOCOL_TCP;
	fail->side = SIDE_CLIENT;
	fail->addr = tunnel->opened.remote;
	snprintf(fail->text, sizeof(fail->text), _("connect to %1$s through the %2$s: %3$s"),
		 endpoint_format_words(tunnel_next(tunnel), target, sizeof(target)),
		 tunnel_format_awaited(tunnel, proxy, sizeof(proxy)), reason_of(n, reason, sizeof(reason)));
	return -EPROTO;
}

/* ---- Where the next hop is ---------------------------------------------------------------------------------- */

static void tunnel_resolved(void *ctx, const struct resolve_answer *answer)
{
	struct tunnel *tunnel = ctx;
	struct candidates *candidates = &tunnel->candidates[tunnel->hop];

	tunnel->resolve = NULL;
	tunnel->resolve_error = answer->error;
	tunnel->system_error = answer->system_error;
	if (answer->error == 0) {
		candidates->addrs = xcalloc(answer->count, sizeof(*candidates->addrs));
		memcpy(candidates->addrs, answer->found, answer->count * sizeof(*candidates->addrs));
		candidates->count = answer->count;
		tunnel->asked.addr = candidates->addrs[0];
	}
	loop_post(tunnel->settings.loop, tunnel->settings.task);
}

/* The name is to be resolved here. Returns 0, or -errno with fail filled. */
static int tunnel_resolve(struct tunnel *tunnel, struct failure *fail)
{
	const struct endpoint *next = tunnel_next(tunnel);
	struct resolve_question question = {
		.node = next->host,
		.family = hop_kind_record(tunnel_hop(tunnel)->kind)->is_ipv4 ? AF_INET : next->kind->family,
		.socktype = SOCK_STREAM,
		.session = tunnel->opened.sock.session,
	};
	char port[8];
	int ret;

	snprintf(port, sizeof(port), "%u", next->port_number);
	question.service = port;
	ret = resolve_start(tunnel->settings.st, tunnel->settings.loop, &question, tunnel_resolved, tunnel,
			    &tunnel->resolve);
	return ret < 0 ? failure_set(fail, STEP_RESOLVE, -ret, NULL) : 0;
}

static int tunnel_fail_resolve(const struct tunnel *tunnel, struct failure *fail)
{
	const struct resolve_answer answer = { .error = tunnel->resolve_error, .system_error = tunnel->system_error };

	resolve_set_failure(&answer, tunnel_next(tunnel)->host, fail);
	fail->protocol = PROTOCOL_TCP;
	fail->side = SIDE_CLIENT;
	return -ENOENT;
}

/* Begin with a hop, as soon as it is known where it is to connect to. Returns 1: begun, 0: it waits, -errno. */
static int tunnel_begin(struct tunnel *tunnel, struct failure *fail)
{
	const struct hop *hop = tunnel_hop(tunnel);
	const struct endpoint *next = tunnel_next(tunnel);
	const struct candidates *candidates = &tunnel->candidates[tunnel->hop];
	struct negotiation_wish wish = { .kind = hop->kind };

	if (tunnel->resolve != NULL)
		return 0;
	if (tunnel->resolve_error != 0)
		return tunnel_fail_resolve(tunnel, fail);
	if (tunnel->asked.port == 0) {
		tunnel->asked.port = next->port_number;
		tunnel->asked.addr = candidates->addrs != NULL ? candidates->addrs[candidates->at] : next->addr;
		snprintf(tunnel->asked.name, sizeof(tunnel->asked.name), "%s", next->host);
		if (tunnel->asked.addr.len == 0 && hop_kind_record(hop->kind)->resolves_here)
			return tunnel_resolve(tunnel, fail);
	}
	if (hop->has_user)
		step_hide(tunnel->settings.st, &tunnel->opened.sock, true);
	wish.user = hop->has_user ? hop->user : NULL;
	wish.password = hop->has_user ? hop->password : NULL;
	wish.target = tunnel->asked;
	wish.challenge = &tunnel->challenges[tunnel->hop];
	wish.cnonce = (uint64_t)tunnel->settings.st->env->seed() << 32 | tunnel->settings.st->env->seed();
	addr_unmap(&wish.target.addr);
	negotiation_begin(&tunnel->negotiation, &wish);
	tunnel->is_asking = true;
	return 1;
}

/* ---- Talking ------------------------------------------------------------------------------------------------ */

/* What the proxy has said becomes an event. */
static void tunnel_tell(struct tunnel *tunnel)
{
	const struct negotiation *n = &tunnel->negotiation;
	struct stepper *st = tunnel->settings.st;
	const union step_args args = {
		.proxy = {
			.kind = hop_kind_record(n->wish.kind)->name,
			.request = n->said.request,
			.about = n->said.about,
			.answer = n->said.answer,
			.code = n->said.code,
			.is_refusal = n->said.is_refusal,
		},
	};
	const struct event event = {
		.step = STEP_PROXY,
		.session = tunnel->opened.sock.session,
		.side = SIDE_CLIENT,
		.protocol = tunnel->opened.sock.protocol,
		.fd = tunnel->opened.sock.fd,
		.args = &args,
		.t_ns = st->bus->level == 0 ? 0 : st->env->now_ns() - st->bus->start_ns,
	};

	if (n->said.request != NULL && st->bus->level > 0)
		bus_emit(st->bus, &event);
}

/* Send what is to be sent. Returns 1: something went, 0: it waits, -errno: the connection is gone. */
static int tunnel_send(struct tunnel *tunnel)
{
	struct negotiation *n = &tunnel->negotiation;
	uint8_t shown[NEGOTIATION_OUT_MAX];
	const uint8_t *data;
	size_t len = negotiation_out(n, &data, shown);
	ssize_t sent = step_send_secret(tunnel->settings.st, &tunnel->opened.sock, data, shown, len);

	if (sent == -EAGAIN || sent == STEP_HELD)
		return 0;
	if (sent < 0)
		return (int)sent;
	negotiation_sent(n, (size_t)sent);
	return 1;
}

/* Receive what belongs to the answer, and nothing behind it. As tunnel_send(). */
static int tunnel_receive(struct tunnel *tunnel)
{
	struct negotiation *n = &tunnel->negotiation;
	struct sock *sk = &tunnel->opened.sock;
	size_t room = negotiation_room(n);
	uint8_t bytes[NEGOTIATION_IN_MAX];
	ssize_t got;

	if ((sk->ready & (READY_IN | READY_END | READY_ERR | READY_HUP)) == 0)
		return 0;
	got = step_recv(tunnel->settings.st, sk, bytes, room == 0 ? sizeof(bytes) : room, room == 0 ? MSG_PEEK : 0,
			NULL);
	if (got == -EAGAIN || got == STEP_HELD)
		return 0;
	if (got <= 0)
		return got == 0 ? -ECONNRESET : (int)got;
	if (room == 0) {
		negotiation_look(n, bytes, (size_t)got);
	} else {
		negotiation_take(n, bytes, (size_t)got);
		tunnel_tell(tunnel);
	}
	return 1;
}

/* One hop has done its part. Returns whether it was the last one. */
static bool tunnel_advance(struct tunnel *tunnel)
{
	tunnel->is_asking = false;
	tunnel->asked = (struct socks_target){ .port = 0 };
	if (tunnel->hop + 1 == tunnel->settings.chain->count)
		return true;
	tunnel->hop++;
	return false;
}

/* What is known of the proxies stays; the connection goes. */
static void tunnel_hang_up(struct tunnel *tunnel)
{
	loop_forget(tunnel->settings.loop, &tunnel->opened.sock);
	step_close(tunnel->settings.st, &tunnel->opened.sock);
	tunnel->hop = 0;
	tunnel->is_asking = false;
	tunnel->asked = (struct socks_target){ .port = 0 };
}

/* The proxy wants to know who asks. */
static void tunnel_leave(struct tunnel *tunnel)
{
	char proxy[NEGOTIATION_TEXT_MAX];

	step_note(tunnel->settings.st, tunnel->opened.sock.session,
		  _("the %1$s wants to know who asks: again, on a new connection, by %2$s"),
		  tunnel_format_awaited(tunnel, proxy, sizeof(proxy)),
		  http_scheme_name(tunnel->challenges[tunnel->hop].scheme));
	tunnel_hang_up(tunnel);
}

/* The proxy could not connect to this address: has the name another one? Then it is asked for that. */
static bool tunnel_try_next(struct tunnel *tunnel)
{
	struct candidates *candidates = &tunnel->candidates[tunnel->hop];
	char asked[NEGOTIATION_TEXT_MAX], next[NEGOTIATION_TEXT_MAX], reason[REASON_MAX];

	if (tunnel->negotiation.trouble != NEGOTIATION_REFUSED || candidates->at + 1 >= candidates->count)
		return false;
	negotiation_format_target(&tunnel->asked, asked, sizeof(asked));
	candidates->at++;
	tunnel->asked.addr = candidates->addrs[candidates->at];
	step_note(tunnel->settings.st, tunnel->opened.sock.session,
		  _("%1$s cannot be reached: %2$s; again, on a new connection, for %3$s"), asked,
		  reason_of(&tunnel->negotiation, reason, sizeof(reason)),
		  negotiation_format_target(&tunnel->asked, next, sizeof(next)));
	tunnel_hang_up(tunnel);
	return true;
}

int tunnel_run(struct tunnel *tunnel, struct failure *fail)
{
	struct negotiation *n = &tunnel->negotiation;
	int ret = 1;

	while (ret > 0) {
		if (!tunnel->is_asking) {
			ret = tunnel_begin(tunnel, fail);
			if (ret < 0)
				return ret;
			continue;
		}
		switch (n->act) {
		case NEGOTIATION_SEND:
			ret = tunnel_send(tunnel);
			break;
		case NEGOTIATION_RECEIVE:
			ret = tunnel_receive(tunnel);
			break;
		case NEGOTIATION_DONE:
			if (tunnel_advance(tunnel))
				return 1;
			break;
		case NEGOTIATION_AGAIN:
			tunnel_leave(tunnel);
			return TUNNEL_AGAIN;
		case NEGOTIATION_FAILED:
			if (tunnel_try_next(tunnel))
				return TUNNEL_AGAIN;
			return tunnel_fail(tunnel, fail);
		}
		/* The proxy is gone, whichever call has met that. */
		if (ret < 0) {
			negotiation_ended(n);
			ret = 1;
		}
	}
	return 0;
}

/* ---- Its life ----------------------------------------------------------------------------------------------- */

struct tunnel *tunnel_new(const struct tunnel_settings *settings)
{
	struct tunnel *tunnel = xcalloc(1, sizeof(*tunnel));

	tunnel->settings = *settings;
	sock_init(&tunnel->opened.sock);
	return tunnel;
}

void tunnel_open(struct tunnel *tunnel, struct opened *opened)
{
	tunnel->opened = *opened;
	sock_init(&opened->sock);
	/* It has moved: the loop is to know its new place. */
	loop_watch(tunnel->settings.loop, &tunnel->opened.sock, tunnel->settings.task);
}

bool tunnel_is_open(const struct tunnel *tunnel)
{
	return tunnel->opened.sock.fd != -1;
}

void tunnel_take(struct tunnel *tunnel, struct opened *opened)
{
	step_hide(tunnel->settings.st, &tunnel->opened.sock, false);
	*opened = tunnel->opened;
	sock_init(&tunnel->opened.sock);
	tunnel->opened.file.path[0] = '\0';
}

void tunnel_free(struct tunnel *tunnel, bool is_abrupt)
{
	struct sock *sk;

	if (tunnel == NULL)
		return;
	sk = &tunnel->opened.sock;
	resolve_cancel(tunnel->resolve);
	for (size_t i = 0; i < HOPS_MAX; i++)
		free(tunnel->candidates[i].addrs);
	if (sk->fd != -1) {
		loop_forget(tunnel->settings.loop, sk);
		if (is_abrupt)
			step_reset(tunnel->settings.st, sk);
		else
			step_close(tunnel->settings.st, sk);
	}
	explicit_bzero(&tunnel->negotiation, sizeof(tunnel->negotiation));
	free(tunnel);
}
