/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HTTP messages from whoever is at the other end, both sides: a request and then the reply of the same bytes, whole and
 * in pieces.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stream/http_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What came of a message. */
struct outcome {
	ssize_t head_len;
	enum http_mistake mistake;
	size_t body_len;
	uint64_t content;
	bool is_whole;
};

/* A copy of exactly len bytes. */
static char *copy_of(const uint8_t *data, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);

	if (copy == NULL)
		abort();
	memcpy(copy, data, len);
	return copy;
}

/* Read a head from more and more of the bytes, step at a time. */
static ssize_t read_head(struct http_head *head, const uint8_t *data, size_t size, size_t step, char **copy)
{
	size_t len = 0;
	ssize_t ret = 0;

	while (ret == 0 && len < size) {
		len = size - len < step ? size : len + step;
		free(*copy);
		*copy = copy_of(data, len);
		ret = http_head_read(head, *copy, len);
		assert((ret == -EPROTO) == (head->mistake != HTTP_MISTAKE_NONE));
		assert(ret >= -EPROTO && ret <= (ssize_t)len && ret <= (ssize_t)HTTP_HEAD_MAX);
		assert(ret != 0 || len < HTTP_HEAD_MAX);
	}
	return ret;
}

static void check_span(const struct http_span *span, const char *data, size_t len)
{
	assert(span->len == 0 || (span->at >= data && span->at + span->len <= data + len));
	assert(http_is_value(span->at, span->len));
}

/* Ask a head all that can be asked. */
static void check_head(const struct http_head *head, const char *data, size_t len)
{
	check_span(&head->method, data, len);
	check_span(&head->target, data, len);
	check_span(&head->reason, data, len);
	assert(head->field_count <= HTTP_FIELDS_MAX);
	assert(head->kind == HTTP_REQUEST ? http_is_token(head->method.at, head->method.len) : head->status >= 100);
	for (size_t i = 0; i < head->field_count; i++) {
		check_span(&head->fields[i].name, data, len);
		check_span(&head->fields[i].value, data, len);
		assert(http_is_token(head->fields[i].name.at, head->fields[i].name.len));
	}
	assert(http_head_count(head, "host") <= head->field_count);
	assert(!http_head_has_token(head, "connection", "close") || http_head_count(head, "Connection") > 0);
}

static struct outcome read_message(enum http_kind kind, const uint8_t *data, size_t size, size_t step)
{
	const struct http_span method = { "GET", 3 };
	struct outcome outcome = { .head_len = 0 };
	struct http_head head;
	struct http_body body;
	char *copy = NULL, *part;
	size_t at;

	http_head_init(&head, kind);
	outcome.head_len = read_head(&head, data, size, step, &copy);
	outcome.mistake = head.mistake;
	if (outcome.head_len <= 0)
		goto done;
	check_head(&head, copy, size);
	if (http_body_begin(&body, &head, method) < 0) {
		outcome.mistake = body.mistake;
		goto done;
	}
	for (at = (size_t)outcome.head_len; at < size && !body.is_whole;) {
		size_t n = size - at < step ? size - at : step;
		ssize_t taken;

		part = copy_of(data + at, n);
		taken = http_body_take(&body, part, n);
		free(part);
		assert(taken >= -EPROTO && taken <= (ssize_t)n);
		if (taken < 0)
			break;
		assert(taken == (ssize_t)n || body.is_whole);
		at += (size_t)taken;
		outcome.body_len += (size_t)taken;
	}
	outcome.mistake = body.mistake;
	/* How far it came before a mistake depends on the pieces. */
	if (outcome.mistake != HTTP_MISTAKE_NONE)
		outcome.body_len = 0;
	else
		outcome.content = body.bytes;
	assert(outcome.content <= outcome.body_len);
	outcome.is_whole = http_body_end(&body);
done:
	free(copy);
	return outcome;
}

/* However it comes, it is the same. */
static void check_pieces(enum http_kind kind, const uint8_t *data, size_t size)
{
	static const size_t steps[] = { 1, 7 };
	struct outcome whole = read_message(kind, data, size, size > 0 ? size : 1);

	for (size_t i = 0; i < 2; i++) {
		struct outcome pieces;

		/* A long one by bytes takes too long. */
		pieces = read_message(kind, data, size, size > 2000 ? 997 + steps[i] : steps[i]);
		assert(pieces.head_len == whole.head_len && pieces.body_len == whole.body_len);
		assert(pieces.content == whole.content && pieces.is_whole == whole.is_whole);
		assert(pieces.mistake == whole.mistake);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_pieces(HTTP_REQUEST, data, size);
	check_pieces(HTTP_REPLY, data, size);
	return 0;
}
