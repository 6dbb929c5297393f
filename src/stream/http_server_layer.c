/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our end where clients send HTTP requests: see http_server_layer.h. */
#include "stream/http_server_layer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"

enum server_state {
	SERVER_HEAD = 0,
	SERVER_BODY,
	SERVER_ANSWER,
	SERVER_ENDED,
};

static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";

static struct http_server_layer *of_layer(struct layer *layer)
{
	return CONTAINER_OF(layer, struct http_server_layer, layer);
}

static const struct http_server_layer *of_const(const struct layer *layer)
{
	return CONTAINER_OF(layer, const struct http_server_layer, layer);
}

/* ---- The output --------------------------------------------------------------------------------------------- */

/* Is something to be written to the output now? */
static bool is_writing(const struct http_server_layer *hs)
{
	return hs->is_released && hs->waiting.len > 0;
}

/* The same, of what may be written now; the session goes on. */
static int server_flush(struct http_server_layer *hs, struct stepper *st)
{
	int ret;

	if (!is_writing(hs))
		return 0;
	ret = layer_write_waiting(hs->layer.below, st, &hs->waiting);
	/* An answer may have waited for that. */
	if (ret == 0)
		loop_post(hs->loop, hs->task);
	return ret;
}

/* Bytes of a request for the output. */
static void server_put(struct http_server_layer *hs, const char *data, size_t len)
{
	if (len == 0)
		return;
	buf_append(&hs->waiting, data, len);
	hs->is_mid_line = data[len - 1] != '\n';
	if (hs->waiting.len >= HTTP_HELD_MAX)
		hs->is_released = true;
}

/* ---- Requests ----------------------------------------------------------------------------------------------- */

/* Forget the request. */
static void server_forget(struct http_server_layer *hs)
{
	free(hs->head);
	hs->head = NULL;
	buf_clear(&hs->received);
}

/* The request is over, for good or not: answer it. */
static void server_answer(struct http_server_layer *hs, struct stepper *st, enum http_mistake mistake)
{
	const struct http_head *head = hs->head;
	bool has_head = hs->head_bytes > 0;
	const struct http_asked asked = {
		.mistake = mistake,
		.is_head = has_head && head->method.len == 4 && memcmp(head->method.at, "HEAD", 4) == 0,
		.is_old = has_head && head->minor == 0,
		.wants_more = has_head && !http_head_has_token(head, "Connection", "close") &&
			      (head->minor > 0 || http_head_has_token(head, "Connection", "keep-alive")),
	};
	struct http_message message = {
		.head = head,
		.has_head = has_head,
		.is_whole = mistake == HTTP_MISTAKE_NONE,
		.number = hs->number,
		.head_bytes = has_head ? hs->head_bytes : hs->received.len,
		.body_bytes = hs->body.bytes,
		.wrong = mistake == HTTP_MISTAKE_NONE ? NULL : _(http_mistake_sentence(mistake)),
	};
	int error;

	http_event_tell(st, &hs->connection, &message);
	if (hs->service->is_shown && hs->is_mid_line)
		server_put(hs, "\n", 1);
	hs->is_released = true;
	if (hs->is_unheard) {
		hs->state = SERVER_ENDED;
		server_forget(hs);
		loop_post(hs->loop, hs->task);
		return;
	}
	hs->state = SERVER_ANSWER;
	error = http_answer_make(&hs->answer, hs->service, &asked);
	server_forget(hs);
	if (error != 0) {
		char sentence[512];

		snprintf(sentence, sizeof(sentence), _("%1$s: %2$s; the answer to request %3$u is 500"),
			 hs->service->file, strerror(error), hs->number);
		hs->say(hs->ctx, hs->connection.session, sentence);
	}
	message = (struct http_message){
		.is_reply = true,
		.is_out = true,
		.is_whole = true,
		.number = hs->number,
		.status = hs->answer.status,
		.head_bytes = hs->answer.head_bytes,
		.body_bytes = hs->answer.body_bytes,
	};
	http_event_tell(st, &hs->connection, &message);
	loop_post(hs->loop, hs->task);
}

/* The head is whole: what is wrong with it, as far as that shows by now? */
static enum http_mistake check_head(struct http_server_layer *hs)
{
	const struct http_head *head = hs->head;
	const struct http_field *expect = http_head_field(head, "Expect", NULL);

	if (http_body_begin(&hs->body, head, head->method) < 0)
		return hs->body.mistake;
	if (head->minor > 0 && http_head_count(head, "Host") != 1)
		return HTTP_MISTAKE_HOST;
	if (head->method.len == 7 && memcmp(head->method.at, "CONNECT", 7) == 0)
		return HTTP_MISTAKE_METHOD;
	/* RFC 9110, section 10.1.1: of HTTP/1.0 it is ignored. */
	if (expect != NULL && head->minor > 0 && !http_span_is(expect->value, "100-continue"))
		return HTTP_MISTAKE_EXPECT;
	return HTTP_MISTAKE_NONE;
}

/* The head is whole; len bytes have come behind it. */
static void server_head_whole(struct http_server_layer *hs, struct stepper *st, size_t len)
{
	enum http_mistake mistake = check_head(hs);

	if (mistake != HTTP_MISTAKE_NONE || hs->body.is_whole) {
		server_answer(hs, st, mistake);
		return;
	}
	hs->state = SERVER_BODY;
	/* Who has begun to send the body does not wait for the word to do so. */
	if (len == 0 && hs->head->minor > 0 && http_head_count(hs->head, "Expect") > 0) {
		buf_append(&hs->interim, interim, sizeof(interim) - 1);
		loop_post(hs->loop, hs->task);
	}
}

/* Take bytes of a head. Returns how many. */
static size_t take_head(struct http_server_layer *hs, struct stepper *st, const char *data, size_t len)
{
	size_t before = hs->received.len, n = HTTP_HEAD_MAX - before;
	ssize_t ret;

	if (hs->head == NULL) {
		hs->head = xmalloc(sizeof(*hs->head));
		http_head_init(hs->head, HTTP_REQUEST);
		hs->head_bytes = 0;
		hs->body = (struct http_body){ .framing = HTTP_FRAMING_NONE };
		hs->number++;
		hs->is_released = !hs->service->is_crowd;
	}
	n = n < len ? n : len;
	buf_append(&hs->received, data, n);
	ret = http_head_read(hs->head, buf_peek(&hs->received), hs->received.len);
	if (ret > 0)
		n = (size_t)ret - before;
	server_put(hs, data, n);
	if (ret < 0)
		server_answer(hs, st, hs->head->mistake);
	if (ret > 0) {
		hs->head_bytes = (uint64_t)ret;
		server_head_whole(hs, st, len - n);
	}
	return n;
}

/* The same of a body. */
static size_t take_body(struct http_server_layer *hs, struct stepper *st, const char *data, size_t len)
{
	ssize_t n = http_body_take(&hs->body, data, len);

	server_put(hs, data, n < 0 ? len : (size_t)n);
	if (n < 0 || hs->body.is_whole)
		server_answer(hs, st, hs->body.mistake);
	return n < 0 ? len : (size_t)n;
}

static ssize_t server_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	struct http_server_layer *hs = of_layer(layer);
	int ret = server_flush(hs, st);
	size_t n = 0;

	if (ret < 0 || len == 0)
		return ret;
	switch ((enum server_state)hs->state) {
	case SERVER_HEAD:
		n = take_head(hs, st, data, len);
		break;
	case SERVER_BODY:
		n = take_body(hs, st, data, len);
		break;
	case SERVER_ANSWER:
		return -EAGAIN;
	case SERVER_ENDED:
		hs->thrown += len;
		return (ssize_t)len;
	}
	ret = server_flush(hs, st);
	return ret < 0 && ret != -EAGAIN && ret != STEP_HELD ? ret : (ssize_t)n;
}

/* The client will send no more. */
static int server_shut_write(struct layer *layer, struct stepper *st)
{
	struct http_server_layer *hs = of_layer(layer);
	int ret;

	if (!hs->has_peer_ended) {
		hs->has_peer_ended = true;
		if (hs->state == SERVER_BODY || (hs->state == SERVER_HEAD && hs->head != NULL && hs->head->has_start))
			server_answer(hs, st, HTTP_MISTAKE_SHORT);
		else if (hs->state == SERVER_HEAD)
			hs->state = SERVER_ENDED;
		hs->answer.is_last = true;
		hs->is_released = true;
		loop_post(hs->loop, hs->task);
	}
	ret = server_flush(hs, st);
	return ret < 0 ? ret : layer_shut_write(layer->below, st);
}

/* The client takes no answer any more: what it has sent is still taken, and waits for none. */
static void server_shut_read(struct layer *layer, struct stepper *st)
{
	struct http_server_layer *hs = of_layer(layer);

	(void)st;
	if (hs->is_unheard)
		return;
	hs->is_unheard = true;
	if (hs->state == SERVER_ANSWER) {
		http_answer_clear(&hs->answer);
		hs->state = SERVER_ENDED;
	}
	loop_post(hs->loop, hs->task);
}

/* ---- Answers ------------------------------------------------------------------------------------------------ */

/* All of the answer is read. */
static void server_answered(struct http_server_layer *hs)
{
	hs->state = hs->answer.is_last ? SERVER_ENDED : SERVER_HEAD;
	http_answer_clear(&hs->answer);
	hs->exchanges++;
	/* What has come meanwhile may be taken now. */
	loop_post(hs->loop, hs->task);
}

/* The file of an answer is not what it was when the answer began. */
static void say_cut(struct http_server_layer *hs, int error)
{
	char sentence[512];

	snprintf(sentence, sizeof(sentence),
		 _("%1$s: it cannot be read to its end; the answer to request %2$u is cut off"),
		 hs->service->file, hs->number);
	hs->failed(hs->ctx, hs->connection.session, error, sentence);
}

/* Can something be read now? */
static bool is_readable(const struct http_server_layer *hs)
{
	return hs->interim.len > 0 || ((hs->state == SERVER_ANSWER || hs->state == SERVER_ENDED) && !is_writing(hs));
}

static ssize_t server_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	struct http_server_layer *hs = of_layer(layer);
	size_t len = hs->interim.len < size ? hs->interim.len : size;
	ssize_t n;

	(void)st;
	(void)flags;
	if (!is_readable(hs))
		return -EAGAIN;
	if (len > 0) {
		memcpy(buf, buf_peek(&hs->interim), len);
		buf_consume(&hs->interim, len);
		return (ssize_t)len;
	}
	if (hs->state == SERVER_ENDED)
		return 0;
	n = http_answer_read(&hs->answer, buf, size);
	if (n < 0)
		say_cut(hs, (int)-n);
	if (n >= 0 && !http_answer_is_open(&hs->answer))
		server_answered(hs);
	return n;
}

static unsigned server_wants(const struct layer *layer, enum half half)
{
	const struct http_server_layer *hs = of_const(layer);

	if (half == HALF_READ)
		return is_readable(hs) ? 0 : READY_IN;
	if (hs->state == SERVER_ENDED && !is_writing(hs))
		return 0;
	/* Not before the answer is read. */
	return hs->state == SERVER_ANSWER && !is_writing(hs) ? READY_OUT : layer_wants(layer->below, HALF_WRITE);
}

static size_t server_pending(const struct layer *layer, enum half half)
{
	const struct http_server_layer *hs = of_const(layer);

	if (half == HALF_WRITE)
		return is_writing(hs) ? hs->waiting.len : 0;
	return hs->interim.len + hs->answer.head.len;
}

static struct sock *server_raw(struct layer *layer, enum half half)
{
	/* Bytes that mean something have to be seen. */
	(void)layer;
	(void)half;
	return NULL;
}

static int server_close(struct layer *layer, struct stepper *st)
{
	http_server_layer_clear(of_layer(layer), st);
	return layer_close(layer->below, st);
}

static const struct layer_ops server_ops = {
	.name = "http",
	.description = "requests to the output, answers from the command line",
	.read = server_read,
	.write = server_write,
	.shut_write = server_shut_write,
	.shut_read = server_shut_read,
	.wants = server_wants,
	.pending = server_pending,
	.raw = server_raw,
	.close = server_close,
};

void http_server_layer_init(struct http_server_layer *hs, struct layer *below, const struct http_service *service)
{
	*hs = (struct http_server_layer){
		.layer = { .ops = &server_ops, .below = below },
		.service = service,
		.answer = { .fd = -1 },
	};
}

bool http_server_layer_expire(struct http_server_layer *hs, struct stepper *st)
{
	switch ((enum server_state)hs->state) {
	case SERVER_HEAD:
		if (hs->received.len > 0) {
			server_answer(hs, st, HTTP_MISTAKE_LATE);
			return true;
		}
		if (hs->exchanges == 0)
			return false;
		hs->state = SERVER_ENDED;
		loop_post(hs->loop, hs->task);
		return true;
	case SERVER_BODY:
		server_answer(hs, st, HTTP_MISTAKE_LATE);
		return true;
	case SERVER_ANSWER:
	case SERVER_ENDED:
		break;
	}
	return false;
}

void http_server_layer_clear(struct http_server_layer *hs, struct stepper *st)
{
	/* The session is over: its task is not to be posted any more. */
	layer_write_waiting(hs->layer.below, st, &hs->waiting);
	if (hs->thrown > 0)
		step_note(st, hs->connection.session,
			  _("%" PRIu64 " bytes came that belong to no request, and were thrown away"), hs->thrown);
	server_forget(hs);
	buf_clear(&hs->waiting);
	buf_clear(&hs->interim);
	http_answer_clear(&hs->answer);
}
