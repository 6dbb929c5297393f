/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The body of an HTTP message: see http_body.h. */
#include "stream/http_body.h"

#include <errno.h>

/*
 * Where a chunked body stands (RFC 9112, section 7.1).
 *
 *     SIZE --(blank)--> BLANK --(;)--> EXTENSION
 *       +--(;, CR)----------+--(CR)--------+--(CR)--> SIZE_LF --(size > 0)--> DATA -> DATA_CR -> DATA_LF -> SIZE
 *                                    +------(size 0)----> TRAILER_START --(CR)--> LAST_LF -> whole
 *                                                           |    ^
 *                                                        TRAILER -> TRAILER_LF
 */
enum chunk_state {
	CHUNK_SIZE = 0,
	CHUNK_BLANK,
	CHUNK_EXTENSION,
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	CHUNK_TRAILER_START,
	CHUNK_TRAILER,
	CHUNK_TRAILER_LF,
	CHUNK_LAST_LF,
};

static int refuse(struct http_body *body, enum http_mistake mistake)
{
	body->mistake = mistake;
	return -EPROTO;
}

/* ---- How the body ends -------------------------------------------------------------------------------------- */

/* Read the one Content-Length there is. */
static int read_length(struct http_body *body, const struct http_head *head)
{
	const struct http_field *field = http_head_field(head, "Content-Length", NULL);
	uint64_t length = 0;

	if (http_head_field(head, "Content-Length", field) != NULL)
		return refuse(body, HTTP_MISTAKE_LENGTHS);
	for (size_t i = 0; i < field->value.len; i++) {
		unsigned digit = (unsigned)(field->value.at[i] - '0');

		if (field->value.at[i] == ',')
			return refuse(body, HTTP_MISTAKE_LENGTHS);
		if (digit > 9)
			return refuse(body, HTTP_MISTAKE_LENGTH);
		if (length > ((uint64_t)INT64_MAX - digit) / 10)
			return refuse(body, HTTP_MISTAKE_LENGTH_HUGE);
		length = length * 10 + digit;
	}
	if (field->value.len == 0)
		return refuse(body, HTTP_MISTAKE_LENGTH);
	body->framing = HTTP_FRAMING_LENGTH;
	body->left = length;
	body->is_whole = length == 0;
	return 0;
}

/* Read Transfer-Encoding, of which there is one or more. */
static int read_codings(struct http_body *body, const struct http_head *head)
{
	const struct http_field *field = NULL;
	size_t count = 0, chunked = 0;
	bool is_last = false;

	while ((field = http_head_field(head, "Transfer-Encoding", field)) != NULL) {
		struct http_span list = field->value, element;

		while (http_list_next(&list, &element)) {
			if (element.len == 0)
				continue;
			is_last = http_span_is(element, "chunked");
			chunked += is_last;
			count++;
		}
	}
	if (head->minor == 0)
		return refuse(body, HTTP_MISTAKE_CODING_OLD);
	if (http_head_count(head, "Content-Length") > 0)
		return refuse(body, HTTP_MISTAKE_LENGTH_AND_CODING);
	if (chunked > 1 || (chunked > 0 && !is_last))
		return refuse(body, HTTP_MISTAKE_CODING_ORDER);
	/* RFC 9112, section 6.3: a reply that is not chunked lasts until its connection ends, a request cannot. */
	if (head->kind == HTTP_REQUEST && (count > 1 || chunked == 0))
		return refuse(body, HTTP_MISTAKE_CODING);
	body->framing = chunked > 0 ? HTTP_FRAMING_CHUNKED : HTTP_FRAMING_END;
	return 0;
}

/* RFC 9110, section 6.4.1: replies that have none, whatever their fields say. */
static bool has_no_body(const struct http_head *head, struct http_span method)
{
	if (head->kind == HTTP_REQUEST)
		return false;
	return head->status < 200 || head->status == 204 || head->status == 304 || http_span_is(method, "HEAD") ||
	       (http_span_is(method, "CONNECT") && head->status < 300);
}

int http_body_begin(struct http_body *body, const struct http_head *head, struct http_span method)
{
	*body = (struct http_body){ .framing = HTTP_FRAMING_NONE };
	if (has_no_body(head, method)) {
		body->is_whole = true;
		return 0;
	}
	if (http_head_count(head, "Transfer-Encoding") > 0)
		return read_codings(body, head);
	if (http_head_count(head, "Content-Length") > 0)
		return read_length(body, head);
	if (head->kind == HTTP_REPLY)
		body->framing = HTTP_FRAMING_END;
	else
		body->is_whole = true;
	return 0;
}

/* ---- What comes --------------------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A byte behind the digits of a size: "5 x" is no size to one reader and 5 to another. */
static enum http_mistake size_end(struct http_body *body, char c)
{
	if (c == '\r')
		body->state = CHUNK_SIZE_LF;
	else if (c == ';')
		body->state = CHUNK_EXTENSION;
	else if (c == ' ' || c == '\t')
		body->state = CHUNK_BLANK;
	else
		return HTTP_MISTAKE_CHUNK_SIZE;
	return HTTP_MISTAKE_NONE;
}

static enum http_mistake size_byte(struct http_body *body, char c)
{
	int digit = hex_digit(c);

	if (digit >= 0) {
		if (body->left > (uint64_t)INT64_MAX >> 4)
			return HTTP_MISTAKE_CHUNK_SIZE;
		body->left = body->left << 4 | (unsigned)digit;
		body->has_digit = true;
		return HTTP_MISTAKE_NONE;
	}
	return body->has_digit ? size_end(body, c) : HTTP_MISTAKE_CHUNK_SIZE;
}

/* A byte of a line that nobody but its end is looked for in: goes to next behind its CR. */
static enum http_mistake line_byte(struct http_body *body, char c, enum chunk_state next)
{
	if (c == '\r')
		body->state = next;
	else if (!http_is_value(&c, 1))
		return HTTP_MISTAKE_CHUNK_LINE;
	return HTTP_MISTAKE_NONE;
}

/* The byte has to be wanted: go to next. */
static enum http_mistake fixed_byte(struct http_body *body, char c, char wanted, enum chunk_state next,
				    enum http_mistake mistake)
{
	if (c != wanted)
		return mistake;
	body->state = next;
	return HTTP_MISTAKE_NONE;
}

/* The line of a size is over. */
static enum http_mistake end_size(struct http_body *body, char c)
{
	body->line_len = 0;
	return fixed_byte(body, c, '\n', body->left > 0 ? CHUNK_DATA : CHUNK_TRAILER_START, HTTP_MISTAKE_CHUNK_LINE);
}

/* The body is over with c. */
static enum http_mistake end_body(struct http_body *body, char c)
{
	body->is_whole = c == '\n';
	return body->is_whole ? HTTP_MISTAKE_NONE : HTTP_MISTAKE_CHUNK_LINE;
}

static enum http_mistake start_trailer(struct http_body *body, char c)
{
	if (c == '\r')
		body->state = CHUNK_LAST_LF;
	else if (http_is_token(&c, 1))
		body->state = CHUNK_TRAILER;
	else
		return HTTP_MISTAKE_CHUNK_LINE;
	return HTTP_MISTAKE_NONE;
}

/* A byte that is not of a chunk's data. */
static enum http_mistake chunk_byte(struct http_body *body, char c)
{
	body->line_len++;
	switch ((enum chunk_state)body->state) {
	case CHUNK_SIZE:
		return size_byte(body, c);
	case CHUNK_BLANK:
		return body->line_len > HTTP_CHUNK_LINE_MAX ? HTTP_MISTAKE_CHUNK_LINE : size_end(body, c);
	case CHUNK_EXTENSION:
		return body->line_len > HTTP_CHUNK_LINE_MAX ? HTTP_MISTAKE_CHUNK_LINE :
							      line_byte(body, c, CHUNK_SIZE_LF);
	case CHUNK_SIZE_LF:
		return end_size(body, c);
	case CHUNK_DATA:
		break;
	case CHUNK_DATA_CR:
		return fixed_byte(body, c, '\r', CHUNK_DATA_LF, HTTP_MISTAKE_CHUNK_END);
	case CHUNK_DATA_LF:
		body->line_len = 0;
		body->has_digit = false;
		return fixed_byte(body, c, '\n', CHUNK_SIZE, HTTP_MISTAKE_CHUNK_END);
	case CHUNK_TRAILER_START:
		return start_trailer(body, c);
	case CHUNK_TRAILER:
		return body->line_len > HTTP_HEAD_MAX ? HTTP_MISTAKE_CHUNK_LINE : line_byte(body, c, CHUNK_TRAILER_LF);
	case CHUNK_TRAILER_LF:
		return fixed_byte(body, c, '\n', CHUNK_TRAILER_START, HTTP_MISTAKE_CHUNK_LINE);
	case CHUNK_LAST_LF:
		return end_body(body, c);
	}
	return HTTP_MISTAKE_NONE;
}

/* Take bytes of content. Returns how many. */
static size_t take_content(struct http_body *body, size_t len)
{
	if (body->framing != HTTP_FRAMING_END) {
		len = len < body->left ? len : (size_t)body->left;
		body->left -= len;
	}
	body->bytes += len;
	return len;
}

static ssize_t take_chunked(struct http_body *body, const char *data, size_t len)
{
	size_t at = 0;

	while (at < len && !body->is_whole) {
		if (body->state != CHUNK_DATA) {
			enum http_mistake mistake = chunk_byte(body, data[at++]);

			if (mistake != HTTP_MISTAKE_NONE)
				return refuse(body, mistake);
			continue;
		}
		at += take_content(body, len - at);
		if (body->left == 0)
			body->state = CHUNK_DATA_CR;
	}
	return (ssize_t)at;
}

ssize_t http_body_take(struct http_body *body, const char *data, size_t len)
{
	size_t taken;

	if (body->mistake != HTTP_MISTAKE_NONE)
		return -EPROTO;
	if (body->is_whole)
		return 0;
	if (body->framing == HTTP_FRAMING_CHUNKED)
		return take_chunked(body, data, len);
	taken = take_content(body, len);
	body->is_whole = body->framing == HTTP_FRAMING_LENGTH && body->left == 0;
	return (ssize_t)taken;
}

bool http_body_end(struct http_body *body)
{
	if (body->framing == HTTP_FRAMING_END)
		body->is_whole = true;
	return body->is_whole;
}
