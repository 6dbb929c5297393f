/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What negotiations of every kind have in common: see negotiation.h. */
#include "stream/negotiation.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"
#include "stream/negotiation_private.h"

static const struct {
	struct hop_kind_record record;
	const struct negotiation_ops *ops;
} kinds[] = {
	[HOP_HTTP] = { { "http", false, false, true, true }, &negotiation_http },
	[HOP_SOCKS4] = { { "socks4", true, true, true, false }, &negotiation_socks4 },
	[HOP_SOCKS4A] = { { "socks4a", false, true, true, false }, &negotiation_socks4 },
	[HOP_SOCKS5] = { { "socks5", true, false, true, true }, &negotiation_socks5 },
	[HOP_SOCKS5H] = { { "socks5h", false, false, true, true }, &negotiation_socks5 },
};

static_assert(ARRAY_LEN(kinds) == HOP_KIND_COUNT, "every kind has a row");

const struct hop_kind_record *hop_kind_record(enum hop_kind kind)
{
	return &kinds[kind].record;
}

const char *negotiation_format_target(const struct socks_target *target, char *dst, size_t size)
{
	char host[ADDR_TEXT_MAX];

	if (target->addr.len == 0)
		snprintf(dst, size, "%s:%u", target->name, target->port);
	else
		snprintf(dst, size, addr_family(&target->addr) == AF_INET6 ? "[%s]:%u" : "%s:%u",
			 addr_format_host(&target->addr, host, sizeof(host)), target->port);
	return dst;
}

void negotiation_fail(struct negotiation *n, enum negotiation_trouble trouble)
{
	n->act = NEGOTIATION_FAILED;
	n->trouble = trouble;
	n->said.is_refusal = true;
}

void negotiation_send(struct negotiation *n, size_t len)
{
	n->out_len = len;
	n->sent = 0;
	n->act = NEGOTIATION_SEND;
	if (len == 0)
		negotiation_fail(n, NEGOTIATION_UNABLE);
}

void negotiation_say(struct negotiation *n, const char *request, const char *about, const char *words, unsigned code)
{
	n->said.request = request;
	n->said.code = (int)code;
	snprintf(n->said.about, sizeof(n->said.about), "%s", about);
	if (words != NULL)
		snprintf(n->said.answer, sizeof(n->said.answer), "%s", _(words));
	else
		snprintf(n->said.answer, sizeof(n->said.answer), _("answer %u, which has no meaning"), code);
}

void negotiation_begin(struct negotiation *n, const struct negotiation_wish *wish)
{
	n->wish = *wish;
	n->act = NEGOTIATION_SEND;
	n->trouble = NEGOTIATION_FINE;
	n->phase = 0;
	n->in_len = 0;
	n->head_len = 0;
	n->secret_len = 0;
	n->offered[0] = '\0';
	n->said.request = NULL;
	n->said.is_refusal = false;
	kinds[wish->kind].ops->begin(n);
}

size_t negotiation_out(const struct negotiation *n, const uint8_t **data, uint8_t *shown)
{
	memcpy(shown, n->out, n->out_len);
	memset(shown + n->secret_at, '*', n->secret_len);
	memmove(shown, shown + n->sent, n->out_len - n->sent);
	*data = n->out + n->sent;
	return n->out_len - n->sent;
}

void negotiation_sent(struct negotiation *n, size_t len)
{
	n->sent += len;
	if (n->sent < n->out_len)
		return;
	explicit_bzero(n->out, n->out_len);
	n->secret_len = 0;
	n->in_len = 0;
	n->act = NEGOTIATION_RECEIVE;
}

size_t negotiation_room(const struct negotiation *n)
{
	ssize_t need = kinds[n->wish.kind].ops->need(n);

	return need <= (ssize_t)n->in_len ? 0 : (size_t)need - n->in_len;
}

void negotiation_look(struct negotiation *n, const uint8_t *data, size_t len)
{
	n->said.request = NULL;
	kinds[n->wish.kind].ops->look(n, data, len);
}

void negotiation_take(struct negotiation *n, const uint8_t *data, size_t len)
{
	const struct negotiation_ops *ops = kinds[n->wish.kind].ops;
	ssize_t need;

	n->said.request = NULL;
	if (len > sizeof(n->in) - n->in_len) {
		negotiation_fail(n, NEGOTIATION_BROKEN);
		return;
	}
	memcpy(n->in + n->in_len, data, len);
	n->in_len += len;
	need = ops->need(n);
	if (need < 0)
		negotiation_fail(n, NEGOTIATION_BROKEN);
	else if ((size_t)need <= n->in_len)
		ops->answered(n);
}

void negotiation_ended(struct negotiation *n)
{
	n->said.request = NULL;
	negotiation_fail(n, NEGOTIATION_ENDED);
}
