/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a client says to a SOCKS proxy: see negotiation.h, and socks.h for the messages. */
#include <errno.h>

#include "base/i18n.h"
#include "stream/negotiation_private.h"

#define SOCKS4_REPLY_BYTES 8
#define ANSWER_BYTES 2 /* to a greeting and to a password: version, and what it says */

/* What a client of SOCKS 5 waits for. */
enum phase {
	PHASE_METHOD = 0,
	PHASE_PASSWORD,
	PHASE_REPLY,
};

/* Tell what became of the request itself. */
static void say_connect(struct negotiation *n, const char *words, unsigned code)
{
	char target[NEGOTIATION_TEXT_MAX];

	negotiation_say(n, "CONNECT", negotiation_format_target(&n->wish.target, target, sizeof(target)), words, code);
}

/* ---- SOCKS 4 and 4a ----------------------------------------------------------------------------------------- */

static void begin4(struct negotiation *n)
{
	negotiation_send(n, socks4_write_request(n->out, &n->wish.target, n->wish.user));
}

static ssize_t need4(const struct negotiation *n)
{
	/* The version of a reply is 0; some proxies say 4. */
	if (n->in_len > 0 && n->in[0] != 0 && n->in[0] != 4)
		return -EPROTO;
	return SOCKS4_REPLY_BYTES;
}

static void answered4(struct negotiation *n)
{
	unsigned code = n->in[1];

	say_connect(n, socks4_reply_words(code), code);
	if (code == SOCKS4_REPLY_GRANTED)
		n->act = NEGOTIATION_DONE;
	else if (code == SOCKS4_REPLY_NO_IDENT || code == SOCKS4_REPLY_OTHER_IDENT)
		negotiation_fail(n, NEGOTIATION_AUTH);
	else
		negotiation_fail(n, NEGOTIATION_REFUSED);
}

const struct negotiation_ops negotiation_socks4 = { begin4, need4, NULL, answered4 };

/* ---- SOCKS 5 ------------------------------------------------------------------------------------------------ */

static void begin5(struct negotiation *n)
{
	n->phase = PHASE_METHOD;
	negotiation_send(n, socks_write_greeting(n->out, n->wish.user != NULL));
}

static ssize_t need5(const struct negotiation *n)
{
	ssize_t need;

	switch ((enum phase)n->phase) {
	case PHASE_METHOD:
		return n->in_len > 0 && n->in[0] != 5 ? -EPROTO : ANSWER_BYTES;
	case PHASE_PASSWORD:
		/* RFC 1929 says version 1; some proxies say 5. */
		return n->in_len > 0 && n->in[0] != 1 && n->in[0] != 5 ? -EPROTO : ANSWER_BYTES;
	case PHASE_REPLY:
		break;
	}
	need = socks_request_len(n->in, n->in_len);
	/* Of a refusal the address says nothing, and some proxies leave it out. */
	if (n->in_len >= ANSWER_BYTES && n->in[0] == 5 && n->in[1] != SOCKS_REPLY_GRANTED)
		return (ssize_t)n->in_len;
	return need;
}

static void ask5(struct negotiation *n)
{
	n->phase = PHASE_REPLY;
	negotiation_send(n, socks_write_request(n->out, &n->wish.target));
}

/* How the proxy wants to know who asks. */
static void take_method(struct negotiation *n)
{
	const char *offered = n->wish.user == NULL ? N_("no authentication") :
						     N_("no authentication, user and password");
	unsigned method = n->in[1];

	switch (method) {
	case SOCKS_METHOD_NONE:
		negotiation_say(n, "methods", _(offered), N_("no authentication"), method);
		ask5(n);
		return;
	case SOCKS_METHOD_PASSWORD:
		negotiation_say(n, "methods", _(offered), N_("user and password"), method);
		if (n->wish.user == NULL) {
			negotiation_fail(n, NEGOTIATION_AUTH);
			return;
		}
		n->phase = PHASE_PASSWORD;
		negotiation_send(n, socks_write_password(n->out, n->wish.user, n->wish.password, &n->secret_at));
		n->secret_len = n->out_len > n->secret_at ? n->out_len - n->secret_at : 0;
		return;
	default:
		negotiation_say(n, "methods", _(offered),
				method == SOCKS_METHOD_NO_ACCEPTABLE ? N_("none of them") : NULL, method);
		negotiation_fail(n, method == SOCKS_METHOD_NO_ACCEPTABLE ? NEGOTIATION_AUTH : NEGOTIATION_BROKEN);
		return;
	}
}

static void take_password(struct negotiation *n)
{
	unsigned status = n->in[1];

	negotiation_say(n, "user", n->wish.user, status == 0 ? N_("accepted") : N_("not accepted"), status);
	if (status == 0)
		ask5(n);
	else
		negotiation_fail(n, NEGOTIATION_AUTH);
}

static void take_reply(struct negotiation *n)
{
	unsigned code = n->in[1];

	say_connect(n, socks_reply_words(code), code);
	if (code == SOCKS_REPLY_GRANTED)
		n->act = NEGOTIATION_DONE;
	else
		negotiation_fail(n, code == SOCKS_REPLY_NOT_ALLOWED ? NEGOTIATION_FORBIDDEN : NEGOTIATION_REFUSED);
}

static void answered5(struct negotiation *n)
{
	switch ((enum phase)n->phase) {
	case PHASE_METHOD:
		take_method(n);
		break;
	case PHASE_PASSWORD:
		take_password(n);
		break;
	case PHASE_REPLY:
		take_reply(n);
		break;
	}
}

const struct negotiation_ops negotiation_socks5 = { begin5, need5, NULL, answered5 };
