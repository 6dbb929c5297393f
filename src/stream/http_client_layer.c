/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our end that asks by HTTP: see http_client_layer.h. */
#include "stream/http_client_layer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"

enum client_state {
	CLIENT_HEAD = 0,
	CLIENT_BODY,
	CLIENT_ENDED,
};

static const struct http_span method = { "GET", 3 };

static struct http_client_layer *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct http_client_layer, layer);
}

static const struct http_client_layer *of_const(const struct layer *layer)
{
	return CONTAINER_OF(layer, const struct http_client_layer, layer);
}

/* ---- The request -------------------------------------------------------------------------------------------- */

static void add(struct buf *dst, const char *string)
{
	buf_append(dst, string, strlen(string));
}

/* RFC 9112, section 3.2: Host comes first. */
static void write_request(struct buf *dst, const struct http_ask *ask)
{
	add(dst, "GET ");
	add(dst, ask->target);
	add(dst, " HTTP/1.1\r\n");
	http_field_write(dst, &ask->given, "Host", ask->host);
	http_field_write(dst, &ask->given, "User-Agent", ask->product);
	http_field_write(dst, &ask->given, "Accept", "*/*");
	http_given_write(dst, &ask->given);
	http_field_write(dst, &ask->given, "Connection", "close");
	add(dst, "\r\n");
}

/* Tell the trace of it, before its first byte is sent. */
static void tell_request(struct http_client_layer *hc, struct stepper *st)
{
	struct http_message message = {
		.is_out = true,
		.is_whole = true,
		.number = 1,
		.head_bytes = hc->request.len,
	};
	struct http_head *head = xmalloc(sizeof(*head));

	hc->is_told = true;
	http_head_init(head, HTTP_REQUEST);
	message.has_head = http_head_read(head, buf_peek(&hc->request), hc->request.len) > 0;
	message.head = head;
	http_event_tell(st, &hc->connection, &message);
	free(head);
}

/* ---- The reply ---------------------------------------------------------------------------------------------- */

static void client_forget(struct http_client_layer *hc)
{
	free(hc->head);
	hc->head = NULL;
	buf_clear(&hc->received);
	hc->head_bytes = 0;
}

/* A reply is over: whole, or wrong as the sentence says. */
static void tell_reply(struct http_client_layer *hc, struct stepper *st, const char *wrong)
{
	const struct http_message message = {
		.head = hc->head,
		.has_head = hc->head_bytes > 0,
		.is_reply = true,
		.is_whole = wrong == NULL,
		.number = 1,
		.head_bytes = hc->head_bytes > 0 ? hc->head_bytes : hc->received.len,
		.body_bytes = hc->body.bytes,
		.wrong = wrong,
	};

	http_event_tell(st, &hc->connection, &message);
}

/* Nothing more is to come, for good or not. */
static void client_end(struct http_client_layer *hc, struct stepper *st, const char *wrong)
{
	char sentence[512];

	tell_reply(hc, st, wrong);
	hc->state = CLIENT_ENDED;
	hc->exchanges = wrong == NULL;
	client_forget(hc);
	loop_post(hc->loop, hc->task);
	if (wrong == NULL)
		return;
	snprintf(sentence, sizeof(sentence), _("the reply is not whole: %s"), wrong);
	hc->broken(hc->ctx, sentence);
}

/* Take bytes of a head. Returns how many. */
static size_t take_head(struct http_client_layer *hc, struct stepper *st, const char *data, size_t len)
{
	size_t before = hc->received.len, n = HTTP_HEAD_MAX - before;
	ssize_t ret;

	if (hc->head == NULL) {
		hc->head = xmalloc(sizeof(*hc->head));
		http_head_init(hc->head, HTTP_REPLY);
	}
	n = n < len ? n : len;
	buf_append(&hc->received, data, n);
	ret = http_head_read(hc->head, buf_peek(&hc->received), hc->received.len);
	if (ret < 0)
		client_end(hc, st, _(http_mistake_sentence(hc->head->mistake)));
	if (ret <= 0)
		return n;
	hc->head_bytes = (uint64_t)ret;
	if (http_body_begin(&hc->body, hc->head, method) < 0) {
		client_end(hc, st, _(http_mistake_sentence(hc->body.mistake)));
	} else if (hc->head->status < 200 && hc->head->status != 101) {
		/* RFC 9110, section 15.2: the reply comes later. */
		tell_reply(hc, st, NULL);
		client_forget(hc);
	} else if (hc->body.is_whole) {
		client_end(hc, st, NULL);
	} else {
		hc->state = CLIENT_BODY;
	}
	return (size_t)ret - before;
}

/* The same of a body. */
static size_t take_body(struct http_client_layer *hc, struct stepper *st, const char *data, size_t len)
{
	ssize_t n = http_body_take(&hc->body, data, len);

	if (n < 0 || hc->body.is_whole)
		client_end(hc, st, n < 0 ? _(http_mistake_sentence(hc->body.mistake)) : NULL);
	return n < 0 ? len : (size_t)n;
}

/* Look at what has come. */
static void client_take(struct http_client_layer *hc, struct stepper *st, const char *data, size_t len)
{
	while (len > 0) {
		size_t n = len;

		switch ((enum client_state)hc->state) {
		case CLIENT_HEAD:
			n = take_head(hc, st, data, len);
			break;
		case CLIENT_BODY:
			n = take_body(hc, st, data, len);
			break;
		case CLIENT_ENDED:
			hc->behind += len;
			break;
		}
		data += n;
		len -= n;
	}
}

/* What is missing, where the server has ended; NULL: nothing. */
static const char *missing(struct http_client_layer *hc, char *dst, size_t size)
{
	if (hc->state == CLIENT_HEAD && (hc->head == NULL || !hc->head->has_start))
		snprintf(dst, size, _("the server ended without one"));
	else if (hc->state == CLIENT_HEAD)
		snprintf(dst, size, _("the server ended in the middle of its head"));
	else if (http_body_end(&hc->body))
		return NULL;
	else if (hc->body.framing == HTTP_FRAMING_LENGTH)
		snprintf(dst, size,
			 _("the server ended after %1$" PRIu64 " of the %2$" PRIu64 " bytes of its body"),
			 hc->body.bytes, hc->body.bytes + hc->body.left);
	else
		snprintf(dst, size, _("the server ended before the last chunk of its body, after %" PRIu64 " bytes"),
			 hc->body.bytes);
	return dst;
}

/* ---- The layer ---------------------------------------------------------------------------------------------- */

static ssize_t client_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	struct http_client_layer *hc = of_layer(layer);
	int ret = layer_write_waiting(hc->layer.below, st, &hc->waiting);

	if (ret < 0 || len == 0)
		return ret;
	client_take(hc, st, data, len);
	buf_append(&hc->waiting, data, len);
	ret = layer_write_waiting(hc->layer.below, st, &hc->waiting);
	return ret < 0 && ret != -EAGAIN && ret != STEP_HELD ? ret : (ssize_t)len;
}

static int client_shut_write(struct layer *layer, struct stepper *st)
{
	struct http_client_layer *hc = of_layer(layer);
	char words[256];
	int ret;

	if (!hc->has_peer_ended) {
		hc->has_peer_ended = true;
		if (hc->state != CLIENT_ENDED)
			client_end(hc, st, missing(hc, words, sizeof(words)));
	}
	ret = layer_write_waiting(hc->layer.below, st, &hc->waiting);
	return ret < 0 ? ret : layer_shut_write(layer->below, st);
}

static ssize_t client_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct http_client_layer *hc = of_layer(layer);
	size_t len = hc->request.len < size ? hc->request.len : size;

	(void)flags;
	if (hc->state == CLIENT_ENDED)
		return 0;
	if (len == 0)
		return -EAGAIN;
	if (!hc->is_told)
		tell_request(hc, st);
	memcpy(buf, buf_peek(&hc->request), len);
	buf_consume(&hc->request, len);
	return (ssize_t)len;
}

static unsigned client_wants(const struct layer *layer, enum half half)
{
	const struct http_client_layer *hc = of_const(layer);

	if (half == HALF_WRITE)
		return layer_wants(layer->below, HALF_WRITE);
	return hc->request.len > 0 || hc->state == CLIENT_ENDED ? 0 : READY_IN;
}

static size_t client_pending(const struct layer *layer, enum half half)
{
	const struct http_client_layer *hc = of_const(layer);

	return half == HALF_WRITE ? hc->waiting.len : hc->request.len;
}

static struct sock *client_raw(struct layer *layer, enum half half)
{
	/* Bytes that mean something have to be seen. */
	(void)layer;
	(void)half;
	return NULL;
}

static int client_close(struct layer *layer, struct stepper *st)
{
	http_client_layer_clear(of_layer(layer), st);
	return layer_close(layer->below, st);
}

static const struct layer_ops client_ops = {
	.name = "http",
	.description = "a request from the command line, its reply to the output",
	.read = client_read,
	.write = client_write,
	.shut_write = client_shut_write,
	.wants = client_wants,
	.pending = client_pending,
	.raw = client_raw,
	.close = client_close,
};

void http_client_layer_init(struct http_client_layer *hc, struct layer *below, const struct http_ask *ask)
{
	*hc = (struct http_client_layer){ .layer = { .ops = &client_ops, .below = below } };
	write_request(&hc->request, ask);
}

void http_client_layer_clear(struct http_client_layer *hc, struct stepper *st)
{
	if (hc->behind > 0)
		step_note(st, hc->connection.session, _("%" PRIu64 " bytes came behind the reply"), hc->behind);
	client_forget(hc);
	buf_clear(&hc->request);
	buf_clear(&hc->waiting);
}
