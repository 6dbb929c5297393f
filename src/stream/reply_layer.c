/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reply to a forwarded request: see reply_layer.h. */
#include "stream/reply_layer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"
#include "stream/http_fields.h"

static struct reply_layer *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct reply_layer, layer);
}

static int refuse(struct reply_layer *rl, const char *wrong)
{
	rl->wrong = wrong;
	return -EPROTO;
}

static void add(struct reply_layer *rl, struct http_span span)
{
	buf_append(&rl->made, span.at, span.len);
}

static void add_string(struct reply_layer *rl, const char *string)
{
	buf_append(&rl->made, string, strlen(string));
}

static void clear_head(struct reply_layer *rl)
{
	free(rl->head);
	rl->head = NULL;
	buf_clear(&rl->received);
}

/* The head as the client gets it. */
static void make_head(struct reply_layer *rl, bool is_interim)
{
	const struct http_head *head = rl->head;
	char words[64];

	snprintf(words, sizeof(words), "HTTP/1.%u %03u ", head->minor, head->status);
	add_string(rl, words);
	add(rl, head->reason);
	add_string(rl, "\r\n");
	for (size_t i = 0; i < head->field_count; i++) {
		const struct http_field *field = &head->fields[i];

		if (http_field_is_of_connection(head, field->name))
			continue;
		add(rl, field->name);
		add_string(rl, ": ");
		add(rl, field->value);
		add_string(rl, "\r\n");
	}
	snprintf(words, sizeof(words), "Via: 1.%u %s\r\n", head->minor, rl->name);
	add_string(rl, words);
	add_string(rl, is_interim ? "\r\n" : "Connection: close\r\n\r\n");
}

/* The target has ended. */
static int end_head(struct reply_layer *rl)
{
	return refuse(rl, rl->received.len == 0 ? N_("the target ended without a reply") :
						  N_("the target ended in the middle of the head of its reply"));
}

/* Bytes have come behind those that were received. Returns 0 or -EPROTO. */
static int take(struct reply_layer *rl, const char *data, size_t len)
{
	size_t before = rl->received.len;
	bool is_interim;
	ssize_t ret;

	if (rl->head == NULL) {
		rl->head = xmalloc(sizeof(*rl->head));
		http_head_init(rl->head, HTTP_REPLY);
	}
	buf_append(&rl->received, data, len);
	ret = http_head_read(rl->head, buf_peek(&rl->received), rl->received.len);
	if (ret < 0)
		return refuse(rl, http_mistake_sentence(rl->head->mistake));
	if (ret == 0)
		return 0;
	/* Nobody has asked for another protocol: Upgrade was not passed on. */
	if (rl->head->status == 101)
		return refuse(rl, N_("the target changes the protocol, for which nobody has asked"));
	is_interim = rl->head->status < 200;
	make_head(rl, is_interim);
	rl->is_past = !is_interim;
	clear_head(rl);
	data += (size_t)ret - before;
	len -= (size_t)ret - before;
	if (rl->is_past)
		buf_append(&rl->made, data, len);
	return rl->is_past || len == 0 ? 0 : take(rl, data, len);
}

/* Read what was made of what has come. */
static ssize_t read_made(struct reply_layer *rl, void *buf, size_t size)
{
	size_t len = rl->made.len < size ? rl->made.len : size;

	memcpy(buf, buf_peek(&rl->made), len);
	buf_consume(&rl->made, len);
	if (rl->made.len == 0)
		buf_clear(&rl->made);
	return (ssize_t)len;
}

static ssize_t reply_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct reply_layer *rl = of_layer(layer);
	ssize_t n;
	int ret;

	while (rl->made.len == 0) {
		n = layer_read(layer->below, st, buf, size, flags);
		if (rl->is_past || n < 0)
			return n;
		ret = n == 0 ? end_head(rl) : take(rl, buf, (size_t)n);
		if (ret < 0)
			return ret;
	}
	return read_made(rl, buf, size);
}

static unsigned reply_wants(const struct layer *layer, enum half half)
{
	const struct reply_layer *rl = CONTAINER_OF(layer, const struct reply_layer, layer);

	return half == HALF_READ && rl->made.len > 0 ? 0 : layer_wants(layer->below, half);
}

static size_t reply_pending(const struct layer *layer, enum half half)
{
	const struct reply_layer *rl = CONTAINER_OF(layer, const struct reply_layer, layer);

	return (half == HALF_READ ? rl->made.len : 0) + layer_pending(layer->below, half);
}

/* Once the head is over nothing has to be seen. */
static struct sock *reply_raw(struct layer *layer, enum half half)
{
	const struct reply_layer *rl = of_layer(layer);

	return half == HALF_READ && (!rl->is_past || rl->made.len > 0) ? NULL : layer_raw(layer->below, half);
}

static const struct layer_ops reply_ops = {
	.name = "reply",
	.description = "the head of a reply, as a client of a proxy gets it",
	.read = reply_read,
	.wants = reply_wants,
	.pending = reply_pending,
	.raw = reply_raw,
};

void reply_layer_init(struct reply_layer *rl, struct layer *below, const char *name)
{
	*rl = (struct reply_layer){ .layer = { .ops = &reply_ops, .below = below }, .name = name };
}

void reply_layer_clear(struct reply_layer *rl)
{
	clear_head(rl);
	buf_clear(&rl->made);
}
