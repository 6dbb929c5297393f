/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Heads and bodies of HTTP messages: what is read, what is refused and from which byte on, and where a body ends. The
 * sections are those of RFC 9112.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/util.h"
#include "stream/http_body.h"

#include "check.h"
#include "guard.h"

#define CRLF "\r\n"
#define NO_SPAN ((struct http_span){ "", 0 })

static void add_span(struct text *text, struct http_span span)
{
	text_add(text, "[");
	text_add_bytes(text, span.at, span.len);
	text_add(text, "]");
}

/* All that a head says, in one line. */
static const char *describe(const struct http_head *head, char *dst, size_t size)
{
	struct text text;

	text_init(&text, dst, size);
	if (head->kind == HTTP_REQUEST) {
		add_span(&text, head->method);
		add_span(&text, head->target);
	} else {
		text_addf(&text, "%u", head->status);
		add_span(&text, head->reason);
	}
	text_addf(&text, "1.%u", head->minor);
	for (size_t i = 0; i < head->field_count; i++) {
		text_add(&text, " ");
		add_span(&text, head->fields[i].name);
		add_span(&text, head->fields[i].value);
	}
	return dst;
}

/* ---- Heads -------------------------------------------------------------------------------------------------- */

static const struct {
	enum http_kind kind;
	const char *bytes;
	const char *want;          /* the description; NULL: refused, or not whole */
	enum http_mistake mistake; /* NONE with want NULL: not whole */
	int behind;                /* bytes behind the head, which are not looked at */
} head_rows[] = {
	{ HTTP_REQUEST, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "[GET][/]1.1 [Host][a]", 0, 0 },
	{ HTTP_REQUEST, "GET / HTTP/1.0\r\n\r\n", "[GET][/]1.0", 0, 0 },
	/* 2.2: LF alone, and empty lines before a request. */
	{ HTTP_REQUEST, "GET / HTTP/1.0\n\n", "[GET][/]1.0", 0, 0 },
	{ HTTP_REQUEST, "GET / HTTP/1.0\nA: b\r\n\nbody", "[GET][/]1.0 [A][b]", 0, 4 },
	{ HTTP_REQUEST, "\r\n\n\r\nGET / HTTP/1.0\r\n\r\n", "[GET][/]1.0", 0, 0 },
	{ HTTP_REQUEST, "GET / HTTP/1.0\r\n\r\n\0\r\n", "[GET][/]1.0", 0, 0 },
	{ HTTP_REQUEST, "OPTIONS * HTTP/1.1\r\n\r\n", "[OPTIONS][*]1.1", 0, 0 },
	{ HTTP_REQUEST, "CONNECT a:1 HTTP/1.9\r\n\r\n", "[CONNECT][a:1]1.9", 0, 0 },
	{ HTTP_REQUEST, "M-SEARCH /\xc3\xa4?b#c HTTP/1.1\r\n\r\n", "[M-SEARCH][/\xc3\xa4?b#c]1.1", 0, 0 },
	{ HTTP_REQUEST, "GET / HTTP/1.1\r\nA:\r\nB: \t \r\nC:c \r\nD:\td d\t\r\nE: a:b\xff\r\n\r\n",
	  "[GET][/]1.1 [A][] [B][] [C][c] [D][d d] [E][a:b\xff]", 0, 0 },
	{ HTTP_REPLY, "HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody", "200[OK]1.1 [A][b]", 0, 4 },
	{ HTTP_REPLY, "HTTP/1.0 404 Not Found at all\r\n\r\n", "404[Not Found at all]1.0", 0, 0 },
	{ HTTP_REPLY, "HTTP/1.1 200 \r\n\r\n", "200[]1.1", 0, 0 },
	{ HTTP_REPLY, "HTTP/1.1 200\r\n\r\n", "200[]1.1", 0, 0 },
	/* Not whole. */
	{ HTTP_REQUEST, "", NULL, HTTP_MISTAKE_NONE, 0 },
	{ HTTP_REQUEST, "\r\n\r\n\r\n", NULL, HTTP_MISTAKE_NONE, 0 },
	{ HTTP_REQUEST, "GET / HTTP/1.1\r\n\r", NULL, HTTP_MISTAKE_NONE, 0 },
	{ HTTP_REPLY, "HTTP/1.1 200 OK\r\n", NULL, HTTP_MISTAKE_NONE, 0 },
	/* 3: the request line. */
	{ HTTP_REQUEST, "\x16\x03\x01", NULL, HTTP_MISTAKE_REQUEST_LINE, 0 },
	{ HTTP_REQUEST, "GE\x16", NULL, HTTP_MISTAKE_REQUEST_LINE, 0 },
	{ HTTP_REQUEST, " GET", NULL, HTTP_MISTAKE_REQUEST_LINE, 0 },
	{ HTTP_REQUEST, "GET /\r\n\r\n", NULL, HTTP_MISTAKE_REQUEST_LINE, 0 },
	{ HTTP_REQUEST, "GET\r\n\r\n", NULL, HTTP_MISTAKE_REQUEST_LINE, 0 },
	{ HTTP_REQUEST, "GET  / HTTP/1.1\r\n\r\n", NULL, HTTP_MISTAKE_REQUEST_LINE, 0 },
	{ HTTP_REQUEST, "GET / HTTP/1.1 \r\n\r\n", NULL, HTTP_MISTAKE_REQUEST_LINE, 0 },
	{ HTTP_REQUEST, "GET /a b HTTP/1.1\r\n\r\n", NULL, HTTP_MISTAKE_REQUEST_LINE, 0 },
	{ HTTP_REQUEST, "GET /a\tb HTTP/1.1\r\n\r\n", NULL, HTTP_MISTAKE_REQUEST_LINE, 0 },
	{ HTTP_REQUEST, "GET / http/1.1\r\n\r\n", NULL, HTTP_MISTAKE_REQUEST_LINE, 0 },
	{ HTTP_REQUEST, "GET / HTTP/1.10\r\n\r\n", NULL, HTTP_MISTAKE_REQUEST_LINE, 0 },
	{ HTTP_REQUEST, "PRI * HTTP/2.0\r\n\r\n", NULL, HTTP_MISTAKE_VERSION, 0 },
	{ HTTP_REQUEST, "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", NULL, HTTP_MISTAKE_BYTE, 0 },
	/* 4: the status line. */
	{ HTTP_REPLY, "HTT\r\n", NULL, HTTP_MISTAKE_STATUS_LINE, 0 },
	{ HTTP_REPLY, "\r\n", NULL, HTTP_MISTAKE_STATUS_LINE, 0 },
	{ HTTP_REPLY, "SSH-2.0-x", NULL, HTTP_MISTAKE_STATUS_LINE, 0 },
	{ HTTP_REPLY, "HTTP/1.1\r\n\r\n", NULL, HTTP_MISTAKE_STATUS_LINE, 0 },
	{ HTTP_REPLY, "HTTP/1.1 20 OK\r\n\r\n", NULL, HTTP_MISTAKE_STATUS_LINE, 0 },
	{ HTTP_REPLY, "HTTP/1.1 2000 OK\r\n\r\n", NULL, HTTP_MISTAKE_STATUS_LINE, 0 },
	{ HTTP_REPLY, "HTTP/1.1 2x0 OK\r\n\r\n", NULL, HTTP_MISTAKE_STATUS_LINE, 0 },
	{ HTTP_REPLY, "HTTP/1.1 099 OK\r\n\r\n", NULL, HTTP_MISTAKE_STATUS_LINE, 0 },
	{ HTTP_REPLY, "HTTP/2.0 200 OK\r\n\r\n", NULL, HTTP_MISTAKE_VERSION, 0 },
	/* 5: the fields. */
	{ HTTP_REQUEST, "GET / HTTP/1.1\r\nA : b\r\n\r\n", NULL, HTTP_MISTAKE_BLANK, 0 },
	{ HTTP_REQUEST, "GET / HTTP/1.1\r\nA\t: b\r\n\r\n", NULL, HTTP_MISTAKE_BLANK, 0 },
	{ HTTP_REPLY, "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", NULL, HTTP_MISTAKE_BLANK, 0 },
	{ HTTP_REQUEST, "GET / HTTP/1.1\r\nA: b\r\n c", NULL, HTTP_MISTAKE_FOLDED, 0 },
	{ HTTP_REQUEST, "GET / HTTP/1.1\r\n\tA: b", NULL, HTTP_MISTAKE_FOLDED, 0 },
	{ HTTP_REQUEST, "GET / HTTP/1.1\r\nA b\r\n\r\n", NULL, HTTP_MISTAKE_FIELD, 0 },
	{ HTTP_REQUEST, "GET / HTTP/1.1\r\n: b\r\n\r\n", NULL, HTTP_MISTAKE_FIELD, 0 },
	{ HTTP_REQUEST, "GET / HTTP/1.1\r\nA B: b\r\n\r\n", NULL, HTTP_MISTAKE_FIELD, 0 },
	{ HTTP_REQUEST, "GET / HTTP/1.1\r\nA(B): b\r\n\r\n", NULL, HTTP_MISTAKE_FIELD, 0 },
	{ HTTP_REQUEST, "GET / HTTP/1.1\r\nA: b\x7f", NULL, HTTP_MISTAKE_BYTE, 0 },
};

/* Read a copy of the first len bytes that ends where memory does. */
static ssize_t read_part(struct http_head *head, const struct guard *guard, enum http_kind kind, const char *bytes,
			 size_t len)
{
	ssize_t ret;

	http_head_init(head, kind);
	ret = http_head_read(head, guard_bytes(guard, bytes, len), len);
	assert_true((ret == -EPROTO) == (head->mistake != HTTP_MISTAKE_NONE));
	assert_true(ret >= -EPROTO && ret <= (ssize_t)len);
	return ret;
}

/* The same bytes one by one: the answer comes with the last byte that matters, and is the same. */
static void check_by_bytes(const char *row, const struct guard *guard, enum http_kind kind, const char *bytes,
			   size_t len, ssize_t want)
{
	struct http_head head;
	ssize_t ret = 0;
	size_t n = 0;

	http_head_init(&head, kind);
	while (ret == 0 && n < len) {
		n++;
		ret = http_head_read(&head, guard_bytes(guard, bytes, n), n);
	}
	CHECK_INT(row, ret, want);
	if (want > 0)
		CHECK_INT(row, n, want);
	/* A refusal stays. */
	if (want < 0)
		CHECK_INT(row, http_head_read(&head, guard_bytes(guard, bytes, len), len), want);
}

static void reads_heads(void **state)
{
	struct guard guard = guard_open();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(head_rows); i++) {
		size_t len = strlen(head_rows[i].bytes);
		struct http_head head;
		char row[32], got[600];
		ssize_t ret;

		snprintf(row, sizeof(row), "row %zu", i);
		ret = read_part(&head, &guard, head_rows[i].kind, head_rows[i].bytes, len);
		CHECK_INT(row, head.mistake, head_rows[i].mistake);
		if (head_rows[i].want != NULL) {
			CHECK_INT(row, ret, (ssize_t)len - head_rows[i].behind);
			CHECK_STRING(row, describe(&head, got, sizeof(got)), head_rows[i].want);
		} else if (head_rows[i].mistake == HTTP_MISTAKE_NONE) {
			CHECK_INT(row, ret, 0);
		}
		check_by_bytes(row, &guard, head_rows[i].kind, head_rows[i].bytes, len, ret);
	}
	guard_close(&guard);
}

/* A NUL is a control character too, which no row above can have. */
static void refuses_nul(void **state)
{
	static const char bytes[] = "GET /\0 HTTP/1.1\r\n\r\n";
	struct http_head head;

	(void)state;
	http_head_init(&head, HTTP_REQUEST);
	assert_int_equal(http_head_read(&head, bytes, 6), -EPROTO);
	assert_int_equal(head.mistake, HTTP_MISTAKE_BYTE);
}

/* A head of len bytes, the last of which are its end, out of fields of field_len bytes. */
static char *long_head(const char *start, size_t field_len, size_t len)
{
	size_t at = strlen(start);
	char *head = malloc(len);

	if (head == NULL)
		abort();
	memset(head, 'a', len);
	memcpy(head, start, at);
	for (; at + field_len + 4 < len; at += field_len) {
		head[at + 1] = ':';
		memcpy(head + at + field_len - 2, CRLF, 2);
	}
	if (at + 2 < len)
		head[at + 1] = ':';
	memcpy(head + len - 4, CRLF CRLF, 4);
	return head;
}

static void bounds_heads(void **state)
{
	static const struct {
		const char *start;
		size_t field_len, len;
		enum http_mistake mistake;
	} rows[] = {
		{ "GET / HTTP/1.1\r\n", 4000, HTTP_HEAD_MAX, HTTP_MISTAKE_NONE },
		{ "GET / HTTP/1.1\r\n", 4000, HTTP_HEAD_MAX + 1, HTTP_MISTAKE_LONG },
		{ "GET / HTTP/1.1\r\n", 4000, HTTP_HEAD_MAX + 2, HTTP_MISTAKE_LONG },
		{ "GET / HTTP/1.1\r\n", 10, 16 + 99 * 10 + 8, HTTP_MISTAKE_NONE },
		{ "GET / HTTP/1.1\r\n", 10, 16 + 100 * 10 + 8, HTTP_MISTAKE_FIELDS },
		{ "GET /", HTTP_HEAD_MAX * 2, HTTP_HEAD_MAX + 1000, HTTP_MISTAKE_LONG_LINE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *bytes = long_head(rows[i].start, rows[i].field_len, rows[i].len), row[32];
		struct http_head head;
		ssize_t ret;

		snprintf(row, sizeof(row), "row %zu", i);
		http_head_init(&head, HTTP_REQUEST);
		/* Not whole before its last byte, however long it is. */
		if (rows[i].mistake == HTTP_MISTAKE_NONE)
			CHECK_INT(row, http_head_read(&head, bytes, rows[i].len - 1), 0);
		ret = http_head_read(&head, bytes, rows[i].len);
		CHECK_INT(row, head.mistake, rows[i].mistake);
		CHECK_INT(row, ret, rows[i].mistake == HTTP_MISTAKE_NONE ? (ssize_t)rows[i].len : -EPROTO);
		free(bytes);
	}
}

/* A whole head, or the test fails. */
static void read_head(struct http_head *head, enum http_kind kind, const char *bytes)
{
	http_head_init(head, kind);
	if (http_head_read(head, bytes, strlen(bytes)) <= 0)
		fail_msg("\"%s\": %s", bytes, http_mistake_sentence(head->mistake));
}

static void finds_fields(void **state)
{
	struct http_head head;
	const struct http_field *field;

	(void)state;
	read_head(&head, HTTP_REQUEST,
		  "GET / HTTP/1.1\r\nConnection: a,, Keep-Alive ,\r\nconnection:close\r\nConnectio: x\r\n\r\n");
	assert_int_equal(http_head_count(&head, "CONNECTION"), 2);
	field = http_head_field(&head, "Connection", NULL);
	field = http_head_field(&head, "Connection", field);
	assert_true(field == &head.fields[1]);
	assert_null(http_head_field(&head, "Connection", field));
	assert_true(http_head_has_token(&head, "Connection", "keep-alive"));
	assert_true(http_head_has_token(&head, "Connection", "CLOSE"));
	assert_false(http_head_has_token(&head, "Connection", "keep"));
	assert_false(http_head_has_token(&head, "Connection", "x"));
	assert_false(http_head_has_token(&head, "Host", "x"));
}

/* ---- Bodies ------------------------------------------------------------------------------------------------- */

#define POST "POST / HTTP/1.1\r\n"
#define REPLY "HTTP/1.1 200 OK\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"

static const struct {
	const char *message; /* head and body */
	const char *method;  /* of the request; NULL: it is one */
	enum http_framing framing;
	enum http_mistake mistake;
	int content; /* bytes; -1: the body is not whole */
	int behind;  /* bytes behind the message */
} body_rows[] = {
	/* 6.3 in its order. */
	{ REPLY "Content-Length: 5\r\n\r\nabc", "HEAD", HTTP_FRAMING_NONE, 0, 0, 3 },
	{ "HTTP/1.1 204 No Content\r\n\r\nabc", "GET", HTTP_FRAMING_NONE, 0, 0, 3 },
	{ "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\nabc", "GET", HTTP_FRAMING_NONE, 0, 0, 3 },
	{ "HTTP/1.1 100 Continue\r\n\r\nabc", "POST", HTTP_FRAMING_NONE, 0, 0, 3 },
	{ REPLY CHUNKED CRLF "abc", "CONNECT", HTTP_FRAMING_NONE, 0, 0, 3 },
	{ "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nabc", "CONNECT", HTTP_FRAMING_LENGTH, 0, 2, 1 },
	{ POST CHUNKED "Content-Length: 3\r\n\r\n", NULL, 0, HTTP_MISTAKE_LENGTH_AND_CODING, 0, 0 },
	{ REPLY CHUNKED "Content-Length: 3\r\n\r\n", "GET", 0, HTTP_MISTAKE_LENGTH_AND_CODING, 0, 0 },
	{ POST "Transfer-Encoding: gzip, chunked\r\n\r\n", NULL, 0, HTTP_MISTAKE_CODING, 0, 0 },
	{ POST "Transfer-Encoding: gzip\r\n\r\n", NULL, 0, HTTP_MISTAKE_CODING, 0, 0 },
	{ POST "Transfer-Encoding:\r\n\r\n", NULL, 0, HTTP_MISTAKE_CODING, 0, 0 },
	{ POST "Transfer-Encoding: chunked, gzip\r\n\r\n", NULL, 0, HTTP_MISTAKE_CODING_ORDER, 0, 0 },
	{ POST CHUNKED CHUNKED CRLF, NULL, 0, HTTP_MISTAKE_CODING_ORDER, 0, 0 },
	{ "POST / HTTP/1.0\r\n" CHUNKED CRLF, NULL, 0, HTTP_MISTAKE_CODING_OLD, 0, 0 },
	{ REPLY "Transfer-Encoding: gzip, Chunked\r\n\r\n0\r\n\r\n", "GET", HTTP_FRAMING_CHUNKED, 0, 0, 0 },
	{ REPLY "Transfer-Encoding: gzip\r\n\r\nab", "GET", HTTP_FRAMING_END, 0, 2, 0 },
	{ POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", NULL, 0, HTTP_MISTAKE_LENGTHS, 0, 0 },
	{ POST "Content-Length: 3, 3\r\n\r\nabc", NULL, 0, HTTP_MISTAKE_LENGTHS, 0, 0 },
	{ POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", NULL, 0, HTTP_MISTAKE_LENGTHS, 0, 0 },
	{ POST "Content-Length: +3\r\n\r\n", NULL, 0, HTTP_MISTAKE_LENGTH, 0, 0 },
	{ POST "Content-Length: -3\r\n\r\n", NULL, 0, HTTP_MISTAKE_LENGTH, 0, 0 },
	{ POST "Content-Length: 0x3\r\n\r\n", NULL, 0, HTTP_MISTAKE_LENGTH, 0, 0 },
	{ POST "Content-Length:\r\n\r\n", NULL, 0, HTTP_MISTAKE_LENGTH, 0, 0 },
	{ POST "Content-Length: 9223372036854775808\r\n\r\n", NULL, 0, HTTP_MISTAKE_LENGTH_HUGE, 0, 0 },
	{ POST "Content-Length: 9223372036854775807\r\n\r\n", NULL, HTTP_FRAMING_LENGTH, 0, -1, 0 },
	{ POST "Content-Length: 3\r\n\r\nabcd", NULL, HTTP_FRAMING_LENGTH, 0, 3, 1 },
	{ POST "Content-Length: 003\r\n\r\nabc", NULL, HTTP_FRAMING_LENGTH, 0, 3, 0 },
	{ POST "Content-Length: 3\r\n\r\nab", NULL, HTTP_FRAMING_LENGTH, 0, -1, 0 },
	{ POST "Content-Length: 0\r\n\r\nab", NULL, HTTP_FRAMING_LENGTH, 0, 0, 2 },
	{ POST CRLF "ab", NULL, HTTP_FRAMING_NONE, 0, 0, 2 },
	{ REPLY CRLF "abc", "GET", HTTP_FRAMING_END, 0, 3, 0 },
	{ REPLY CRLF, "GET", HTTP_FRAMING_END, 0, 0, 0 },
	/* 7.1: chunks. */
	{ POST CHUNKED CRLF "3\r\nabc\r\n0A ; x=\"y\"\r\n0123456789\r\n00\r\n\r\nnext", NULL,
	  HTTP_FRAMING_CHUNKED, 0, 13, 4 },
	{ POST CHUNKED CRLF "0\r\nA: b\r\nC: d\r\n\r\n", NULL, HTTP_FRAMING_CHUNKED, 0, 0, 0 },
	{ POST CHUNKED CRLF "3\r\nabc\r\n", NULL, HTTP_FRAMING_CHUNKED, 0, -1, 0 },
	{ POST CHUNKED CRLF "3\r\nabcd\r\n", NULL, HTTP_FRAMING_CHUNKED, HTTP_MISTAKE_CHUNK_END, 0, 0 },
	{ POST CHUNKED CRLF "3\r\nabc\rd", NULL, HTTP_FRAMING_CHUNKED, HTTP_MISTAKE_CHUNK_END, 0, 0 },
	{ POST CHUNKED CRLF "\r\n", NULL, HTTP_FRAMING_CHUNKED, HTTP_MISTAKE_CHUNK_SIZE, 0, 0 },
	{ POST CHUNKED CRLF "-1\r\n", NULL, HTTP_FRAMING_CHUNKED, HTTP_MISTAKE_CHUNK_SIZE, 0, 0 },
	{ POST CHUNKED CRLF ";x\r\n", NULL, HTTP_FRAMING_CHUNKED, HTTP_MISTAKE_CHUNK_SIZE, 0, 0 },
	{ POST CHUNKED CRLF "3g\r\n", NULL, HTTP_FRAMING_CHUNKED, HTTP_MISTAKE_CHUNK_SIZE, 0, 0 },
	{ POST CHUNKED CRLF "3 g\r\nabc\r\n", NULL, HTTP_FRAMING_CHUNKED, HTTP_MISTAKE_CHUNK_SIZE, 0, 0 },
	{ POST CHUNKED CRLF "3\r\nabc\r\n\r\n", NULL, HTTP_FRAMING_CHUNKED, HTTP_MISTAKE_CHUNK_SIZE, 0, 0 },
	{ POST CHUNKED CRLF "10000000000000000\r\n", NULL, HTTP_FRAMING_CHUNKED, HTTP_MISTAKE_CHUNK_SIZE, 0, 0 },
	{ POST CHUNKED CRLF "3\nabc", NULL, HTTP_FRAMING_CHUNKED, HTTP_MISTAKE_CHUNK_SIZE, 0, 0 },
	{ POST CHUNKED CRLF "3;\nabc", NULL, HTTP_FRAMING_CHUNKED, HTTP_MISTAKE_CHUNK_LINE, 0, 0 },
	{ POST CHUNKED CRLF "3\rabc", NULL, HTTP_FRAMING_CHUNKED, HTTP_MISTAKE_CHUNK_LINE, 0, 0 },
	{ POST CHUNKED CRLF "0\r\n A: b", NULL, HTTP_FRAMING_CHUNKED, HTTP_MISTAKE_CHUNK_LINE, 0, 0 },
	{ POST CHUNKED CRLF "0\r\n\rA", NULL, HTTP_FRAMING_CHUNKED, HTTP_MISTAKE_CHUNK_LINE, 0, 0 },
};

/* Give the body size bytes at a time. Returns how many it took, or what it refused with. */
static ssize_t feed(struct http_body *body, const struct guard *guard, const char *data, size_t len, size_t size)
{
	size_t taken = 0;

	while (taken < len && !body->is_whole) {
		size_t n = len - taken < size ? len - taken : size;
		ssize_t ret = http_body_take(body, guard_bytes(guard, data + taken, n), n);

		if (ret < 0)
			return ret;
		taken += (size_t)ret;
		assert_true((size_t)ret == n || body->is_whole);
	}
	return (ssize_t)taken;
}

static void check_body(size_t i, const struct guard *guard, size_t size)
{
	const char *method = body_rows[i].method;
	struct http_span of = { method, method == NULL ? 0 : strlen(method) };
	size_t len = strlen(body_rows[i].message), head_len;
	struct http_head head;
	struct http_body body;
	char row[32];
	ssize_t ret;

	snprintf(row, sizeof(row), "row %zu by %zu", i, size);
	http_head_init(&head, method == NULL ? HTTP_REQUEST : HTTP_REPLY);
	ret = http_head_read(&head, body_rows[i].message, len);
	assert_true(ret > 0);
	head_len = (size_t)ret;
	ret = http_body_begin(&body, &head, method == NULL ? NO_SPAN : of);
	CHECK_INT(row, body.framing, body_rows[i].framing);
	if (ret == 0)
		ret = feed(&body, guard, body_rows[i].message + head_len, len - head_len, size);
	CHECK_INT(row, body.mistake, body_rows[i].mistake);
	CHECK_INT(row, ret < 0, body_rows[i].mistake != HTTP_MISTAKE_NONE);
	if (ret < 0)
		return;
	CHECK_INT(row, http_body_end(&body), body_rows[i].content >= 0);
	if (body_rows[i].content >= 0) {
		CHECK_INT(row, body.bytes, body_rows[i].content);
		CHECK_INT(row, head_len + (size_t)ret + (size_t)body_rows[i].behind, len);
	}
}

static void finds_ends_of_bodies(void **state)
{
	struct guard guard = guard_open();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(body_rows); i++) {
		check_body(i, &guard, 1);
		check_body(i, &guard, 7);
		check_body(i, &guard, 4096);
	}
	guard_close(&guard);
}

/* Neither the line of a size nor a trailer goes on for ever. */
static void bounds_chunk_lines(void **state)
{
	static const char *const starts[] = { "3;", "0\r\nA: " };
	struct http_head head;

	(void)state;
	read_head(&head, HTTP_REQUEST, POST CHUNKED CRLF);
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		size_t max = i == 0 ? HTTP_CHUNK_LINE_MAX : HTTP_HEAD_MAX, sent = 0;
		struct http_body body;

		assert_int_equal(http_body_begin(&body, &head, NO_SPAN), 0);
		assert_true(http_body_take(&body, starts[i], strlen(starts[i])) > 0);
		while (sent <= max && http_body_take(&body, "a", 1) == 1)
			sent++;
		assert_true(sent <= max && sent >= max - 8);
		assert_int_equal(body.mistake, HTTP_MISTAKE_CHUNK_LINE);
	}
}

static void knows_words(void **state)
{
	(void)state;
	assert_string_equal(http_status_reason(404), "Not Found");
	assert_string_equal(http_status_reason(299), "");
	assert_int_equal(http_mistake_status(HTTP_MISTAKE_CODING), 501);
	for (int i = 1; i < HTTP_MISTAKE_COUNT; i++) {
		unsigned status = http_mistake_status((enum http_mistake)i);

		assert_true(http_mistake_sentence((enum http_mistake)i)[0] != '\0');
		assert_true(http_status_reason(status)[0] != '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_heads),
		cmocka_unit_test(refuses_nul),
		cmocka_unit_test(bounds_heads),
		cmocka_unit_test(finds_fields),
		cmocka_unit_test(finds_ends_of_bodies),
		cmocka_unit_test(bounds_chunk_lines),
		cmocka_unit_test(knows_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
