/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a SOCKS 5 proxy says to its clients: see reception.h, and socks.h for the messages. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "stream/negotiation.h"
#include "stream/reception_private.h"

enum phase {
	PHASE_GREETING = 0,
	PHASE_PASSWORD,
	PHASE_REQUEST,
};

static ssize_t need(const struct reception *r)
{
	switch ((enum phase)r->phase) {
	case PHASE_GREETING:
		return socks_greeting_len(r->in, r->in_len);
	case PHASE_PASSWORD:
		return socks_password_len(r->in, r->in_len);
	case PHASE_REQUEST:
		break;
	}
	return socks_request_len(r->in, r->in_len);
}

static bool is_secret(const struct reception *r)
{
	return r->phase == PHASE_PASSWORD;
}

/* Where it is to connect to, for the trace. */
static const char *target_of(const struct reception *r, char *dst, size_t size)
{
	return negotiation_format_target(&r->target, dst, size);
}

static void reply(struct reception *r, enum reception_act act, unsigned code, const struct addr *local)
{
	char about[RECEPTION_TEXT_MAX] = "";
	struct socks_target bound = { .port = 0 };

	addr_set_any(&bound.addr, AF_INET, 0);
	if (local != NULL && (addr_family(local) == AF_INET || addr_family(local) == AF_INET6)) {
		bound.addr = *local;
		addr_unmap(&bound.addr);
		bound.port = addr_port(local);
	}
	reception_send(r, act, socks_write_request(r->out, &bound));
	/* The same message but for its second byte. */
	r->out[1] = (uint8_t)code;
	reception_say(r, "CONNECT", target_of(r, about, sizeof(about)), socks_reply_words(code), code,
		      act == RECEPTION_REFUSE);
}

static void greet(struct reception *r)
{
	unsigned wanted = r->rules->users == NULL ? SOCKS_METHOD_NONE : SOCKS_METHOD_PASSWORD;
	bool is_offered = memchr(r->in + 2, (int)wanted, r->in[1]) != NULL;

	r->out[0] = 5;
	r->out[1] = is_offered ? (uint8_t)wanted : SOCKS_METHOD_NO_ACCEPTABLE;
	reception_send(r, is_offered ? RECEPTION_SEND : RECEPTION_REFUSE, 2);
	r->phase = wanted == SOCKS_METHOD_NONE ? PHASE_REQUEST : PHASE_PASSWORD;
	if (!is_offered)
		reception_say(r, "methods",
			      wanted == SOCKS_METHOD_NONE ? _("no authentication") : _("user and password"),
			      N_("not offered"), SOCKS_METHOD_NO_ACCEPTABLE, true);
}

static void check_user(struct reception *r)
{
	char user[SOCKS_NAME_MAX + 1], password[SOCKS_NAME_MAX + 1];
	size_t user_len = r->in[1], password_len = r->in[2 + user_len];
	bool is_right;

	snprintf(user, sizeof(user), "%.*s", (int)user_len, (const char *)r->in + 2);
	snprintf(password, sizeof(password), "%.*s", (int)password_len, (const char *)r->in + 3 + user_len);
	/* A NUL would have cut it: nobody has such a password. */
	is_right = strlen(user) == user_len && strlen(password) == password_len &&
		   users_have(r->rules->users, user, password);
	explicit_bzero(password, sizeof(password));
	explicit_bzero(r->in, r->in_len);
	r->out[0] = 1;
	r->out[1] = is_right ? 0 : 1;
	reception_send(r, is_right ? RECEPTION_SEND : RECEPTION_REFUSE, 2);
	r->phase = PHASE_REQUEST;
	reception_say(r, "user", user, is_right ? N_("accepted") : N_("not accepted"), is_right ? 0 : 1, !is_right);
}

static void asked(struct reception *r)
{
	switch ((enum phase)r->phase) {
	case PHASE_GREETING:
		greet(r);
		return;
	case PHASE_PASSWORD:
		check_user(r);
		return;
	case PHASE_REQUEST:
		break;
	}
	socks_request_target(r->in, &r->target);
	if (r->in[1] != SOCKS_COMMAND_CONNECT)
		reply(r, RECEPTION_REFUSE, SOCKS_REPLY_COMMAND_NOT_SUPPORTED, NULL);
	else if (r->target.port == 0 || (r->target.addr.len == 0 && r->target.name[0] == '\0'))
		reply(r, RECEPTION_REFUSE, SOCKS_REPLY_FAILURE, NULL);
	else
		r->act = RECEPTION_CONNECT;
}

/* It does not speak SOCKS 5, and would not understand an answer; but for a form of address that there is not. */
static void broken(struct reception *r)
{
	r->target = (struct socks_target){ .port = 0 };
	if (r->phase == PHASE_REQUEST && r->in[0] == 5) {
		reply(r, RECEPTION_REFUSE, SOCKS_REPLY_ADDRESS_NOT_SUPPORTED, NULL);
		return;
	}
	reception_say(r, "methods", _("SOCKS 5"), N_("not understood"), SOCKS_METHOD_NO_ACCEPTABLE, true);
	reception_send(r, RECEPTION_OVER, 0);
}

static void connected(struct reception *r, const struct addr *local)
{
	reply(r, RECEPTION_GRANT, SOCKS_REPLY_GRANTED, local);
}

static void refuse(struct reception *r, enum reception_cause cause, const char *words)
{
	static const enum socks_reply replies[] = {
		[RECEPTION_BAD] = SOCKS_REPLY_FAILURE,
		[RECEPTION_LOOP] = SOCKS_REPLY_NOT_ALLOWED,
		[RECEPTION_NO_NETWORK] = SOCKS_REPLY_NETWORK_UNREACHABLE,
		[RECEPTION_NO_HOST] = SOCKS_REPLY_HOST_UNREACHABLE,
		[RECEPTION_NO_LISTENER] = SOCKS_REPLY_REFUSED,
		[RECEPTION_TOO_LATE] = SOCKS_REPLY_HOST_UNREACHABLE,
		[RECEPTION_FAILED] = SOCKS_REPLY_FAILURE,
		[RECEPTION_SLOW] = SOCKS_REPLY_FAILURE,
	};

	(void)words;
	/* Before its request it waits for no reply. */
	if (cause == RECEPTION_SLOW)
		reception_send(r, RECEPTION_OVER, 0);
	else
		reply(r, RECEPTION_REFUSE, replies[cause], NULL);
}

const struct reception_ops reception_socks5 = { need, NULL, broken, asked, is_secret, connected, refuse };
