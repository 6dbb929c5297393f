/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What receptions of every kind have in common: see reception.h. */
#include "stream/reception.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "stream/reception_private.h"

static const struct reception_ops *ops_of(const struct reception *r)
{
	static const struct reception_ops *const all[] = {
		[RECEPTION_HTTP] = &reception_http,
		[RECEPTION_SOCKS5] = &reception_socks5,
	};

	return all[r->rules->kind];
}

void reception_send(struct reception *r, enum reception_act act, size_t len)
{
	r->out_len = len;
	r->sent = 0;
	r->act = act;
}

void reception_say(struct reception *r, const char *request, const char *about, const char *words, unsigned code,
		   bool is_refusal)
{
	r->said.request = request;
	r->said.code = (int)code;
	r->said.is_refusal = is_refusal;
	snprintf(r->said.about, sizeof(r->said.about), "%s", about);
	if (words != NULL)
		snprintf(r->said.answer, sizeof(r->said.answer), "%s", _(words));
	else
		snprintf(r->said.answer, sizeof(r->said.answer), _("answer %u"), code);
}

void reception_begin(struct reception *r, const struct reception_rules *rules)
{
	r->rules = rules;
	r->act = RECEPTION_RECEIVE;
	r->phase = 0;
	r->is_forward = false;
	r->is_head = false;
	r->in_len = 0;
	r->head_len = 0;
	r->out_len = 0;
	r->sent = 0;
	r->said.request = NULL;
	http_head_init(&r->head, HTTP_REQUEST);
}

size_t reception_room(const struct reception *r)
{
	ssize_t need = ops_of(r)->need(r);

	return need <= (ssize_t)r->in_len ? 0 : (size_t)need - r->in_len;
}

void reception_look(struct reception *r, const uint8_t *data, size_t len)
{
	r->said.request = NULL;
	ops_of(r)->look(r, data, len);
}

void reception_take(struct reception *r, const uint8_t *data, size_t len)
{
	const struct reception_ops *ops = ops_of(r);
	ssize_t need;

	r->said.request = NULL;
	if (len > sizeof(r->in) - r->in_len) {
		ops->broken(r);
		return;
	}
	memcpy(r->in + r->in_len, data, len);
	r->in_len += len;
	need = ops->need(r);
	if (need < 0)
		ops->broken(r);
	else if ((size_t)need <= r->in_len)
		ops->asked(r);
}

bool reception_is_secret(const struct reception *r)
{
	return ops_of(r)->is_secret(r);
}

size_t reception_out(const struct reception *r, const uint8_t **data)
{
	*data = r->out + r->sent;
	return r->out_len - r->sent;
}

void reception_sent(struct reception *r, size_t len)
{
	r->sent += len;
	if (r->sent < r->out_len)
		return;
	if (r->act == RECEPTION_SEND) {
		r->act = RECEPTION_RECEIVE;
		r->in_len = 0;
	} else if (r->act == RECEPTION_GRANT) {
		r->act = RECEPTION_OPEN;
	} else {
		r->act = RECEPTION_OVER;
	}
}

void reception_connected(struct reception *r, const struct addr *local)
{
	r->said.request = NULL;
	ops_of(r)->connected(r, local);
}

void reception_refuse(struct reception *r, enum reception_cause cause, const char *words)
{
	r->said.request = NULL;
	ops_of(r)->refuse(r, cause, words);
	if (r->out_len == 0)
		r->act = RECEPTION_OVER;
}
