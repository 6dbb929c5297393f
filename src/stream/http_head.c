/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The head of an HTTP message: see http_head.h. The words of statuses and mistakes are in http_words.c. */
#include "stream/http_head.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* RFC 9112, section 4: three digits. */
#define STATUS_DIGITS 3
/* What every version begins with. */
#define START "HTTP/"
#define START_LEN (sizeof(START) - 1)
/* Of a first line so many bytes are looked at as they come for whether they can be of a method: a peer that speaks
 * something else (TLS) is told at once. */
#define METHOD_LOOKED_AT 32

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* tchar of RFC 9110, section 5.6.2 */
static bool is_tchar(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* What stands in no head but as the end of a line; bytes of 128 and more may (obs-text). */
static bool is_control(char c)
{
	return ((unsigned char)c < ' ' && c != '\t') || c == 0x7f;
}

bool http_is_token(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!is_tchar(bytes[i]))
			return false;
	}
	return len > 0;
}

bool http_is_value(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (is_control(bytes[i]))
			return false;
	}
	return true;
}

bool http_span_is(struct http_span span, const char *word)
{
	return strlen(word) == span.len && strncasecmp(span.at, word, span.len) == 0;
}

static struct http_span trim(struct http_span span)
{
	while (span.len > 0 && is_blank(span.at[0])) {
		span.at++;
		span.len--;
	}
	while (span.len > 0 && is_blank(span.at[span.len - 1]))
		span.len--;
	return span;
}

/* Take what stands before the first c off the front of span, and c too. Returns false where there is no c. */
static bool cut(struct http_span *span, char c, struct http_span *before)
{
	const char *found = memchr(span->at, c, span->len);
	size_t len;

	if (found == NULL)
		return false;
	len = (size_t)(found - span->at);
	*before = (struct http_span){ span->at, len };
	span->at += len + 1;
	span->len -= len + 1;
	return true;
}

bool http_list_next(struct http_span *list, struct http_span *element)
{
	if (list->len == 0)
		return false;
	if (!cut(list, ',', element)) {
		*element = *list;
		*list = (struct http_span){ list->at + list->len, 0 };
	}
	*element = trim(*element);
	return true;
}

/* ---- Taking lines apart ------------------------------------------------------------------------------------- */

/* "HTTP/1.1": sets the version. */
static enum http_mistake read_version(struct http_head *head, struct http_span span, enum http_mistake other)
{
	const char *digits = span.at + START_LEN;

	if (span.len != START_LEN + 3 || memcmp(span.at, START, START_LEN) != 0 || !is_digit(digits[0]) ||
	    digits[1] != '.' || !is_digit(digits[2]))
		return other;
	head->minor = (unsigned)(digits[2] - '0');
	return digits[0] == '1' ? HTTP_MISTAKE_NONE : HTTP_MISTAKE_VERSION;
}

/* METHOD TARGET VERSION */
static enum http_mistake read_request_line(struct http_head *head, struct http_span line)
{
	if (!cut(&line, ' ', &head->method) || !cut(&line, ' ', &head->target) ||
	    !http_is_token(head->method.at, head->method.len) || head->target.len == 0 ||
	    memchr(head->target.at, '\t', head->target.len) != NULL)
		return HTTP_MISTAKE_REQUEST_LINE;
	return read_version(head, line, HTTP_MISTAKE_REQUEST_LINE);
}

/* VERSION STATUS [REASON]: the blank behind the status is missing in many. */
static enum http_mistake read_status_line(struct http_head *head, struct http_span line)
{
	struct http_span version, status;

	if (!cut(&line, ' ', &version))
		return HTTP_MISTAKE_STATUS_LINE;
	if (!cut(&line, ' ', &status)) {
		status = line;
		line.len = 0;
	}
	if (status.len != STATUS_DIGITS)
		return HTTP_MISTAKE_STATUS_LINE;
	head->status = 0;
	for (size_t i = 0; i < STATUS_DIGITS; i++) {
		if (!is_digit(status.at[i]))
			return HTTP_MISTAKE_STATUS_LINE;
		head->status = head->status * 10 + (unsigned)(status.at[i] - '0');
	}
	head->reason = line;
	return head->status < 100 ? HTTP_MISTAKE_STATUS_LINE : read_version(head, version, HTTP_MISTAKE_STATUS_LINE);
}

/* NAME: VALUE */
static enum http_mistake read_field(struct http_head *head, struct http_span line)
{
	struct http_field *field = &head->fields[head->field_count];

	if (head->field_count == HTTP_FIELDS_MAX)
		return HTTP_MISTAKE_FIELDS;
	if (!cut(&line, ':', &field->name) || field->name.len == 0)
		return HTTP_MISTAKE_FIELD;
	if (is_blank(field->name.at[field->name.len - 1]))
		return HTTP_MISTAKE_BLANK;
	if (!http_is_token(field->name.at, field->name.len))
		return HTTP_MISTAKE_FIELD;
	field->value = trim(line);
	head->field_count++;
	return HTTP_MISTAKE_NONE;
}

/* Take a line apart that is not empty; the newline is not in it. */
static enum http_mistake read_line(struct http_head *head, struct http_span line, bool is_first)
{
	if (line.len > 0 && line.at[line.len - 1] == '\r')
		line.len--;
	if (!is_first)
		return line.len > 0 ? read_field(head, line) : HTTP_MISTAKE_NONE;
	return head->kind == HTTP_REQUEST ? read_request_line(head, line) : read_status_line(head, line);
}

/* Once more, where the bytes are now: every line of a whole head, each of which was right. */
static void read_lines(struct http_head *head, const char *data)
{
	struct http_span rest = { data + head->start, head->scanned - head->start }, line;
	bool is_first = true;

	head->field_count = 0;
	for (; cut(&rest, '\n', &line); is_first = false)
		read_line(head, line, is_first);
}

/* ---- Looking at the bytes as they come ---------------------------------------------------------------------- */

/* Is a byte of the first line, n bytes behind its beginning, one that cannot be there? */
static bool is_bad_start(struct http_head *head, const char *data, size_t n)
{
	const char *line = data + head->line;

	if (head->kind == HTTP_REPLY)
		return n < START_LEN && line[n] != START[n];
	/* Of a request all before the first blank is the method. */
	return n == 0 ? !is_tchar(line[0]) :
			n < METHOD_LOOKED_AT && !is_tchar(line[n]) && memchr(line, ' ', n + 1) == NULL;
}

/*
 * Look at the byte at head->scanned, which is not the end of a line. Returns HTTP_MISTAKE_NONE, or what is wrong with
 * it.
 */
static enum http_mistake look_at(struct http_head *head, const char *data)
{
	size_t at = head->scanned, n = at - head->line;
	bool is_first = !head->has_start || head->line == head->start;

	if (!head->has_start) {
		head->has_start = true;
		head->start = at;
		head->line = at;
	}
	if (is_first && is_bad_start(head, data, at - head->line))
		return head->kind == HTTP_REQUEST ? HTTP_MISTAKE_REQUEST_LINE : HTTP_MISTAKE_STATUS_LINE;
	if (is_control(data[at]))
		return HTTP_MISTAKE_BYTE;
	return !is_first && n == 0 && is_blank(data[at]) ? HTTP_MISTAKE_FOLDED : HTTP_MISTAKE_NONE;
}

/*
 * A line ends with the newline at head->scanned. Returns true where that was the empty line behind a head; sets the
 * mistake, where there is one in it.
 */
static bool end_line(struct http_head *head, const char *data)
{
	struct http_span line = { data + head->line, head->scanned - head->line };
	bool is_empty = line.len == 0 || (line.len == 1 && line.at[0] == '\r');

	/* RFC 9112, section 2.2: empty lines before a request are passed over. */
	if (!head->has_start && head->kind == HTTP_REPLY)
		head->mistake = HTTP_MISTAKE_STATUS_LINE;
	else if (!is_empty)
		head->mistake = read_line(head, line, head->line == head->start);
	head->scanned++;
	head->line = head->scanned;
	return is_empty && head->has_start;
}

/* Go on until the end of the head (1), of the bytes (0), or a mistake (-EPROTO). */
static int scan(struct http_head *head, const char *data, size_t len)
{
	size_t end = len < HTTP_HEAD_MAX ? len : HTTP_HEAD_MAX;

	while (head->scanned < end) {
		size_t at = head->scanned;
		bool is_newline = data[at] == '\n';

		/* CR belongs to the newline behind it; alone it is a byte as others. */
		if (data[at] == '\r') {
			if (at + 1 == len)
				break;
			if (data[at + 1] == '\n') {
				if (at + 1 == end)
					break;
				head->scanned++;
				is_newline = true;
			}
		}
		if (is_newline && end_line(head, data))
			return 1;
		if (!is_newline)
			head->mistake = look_at(head, data);
		if (head->mistake != HTTP_MISTAKE_NONE)
			return -EPROTO;
		if (!is_newline)
			head->scanned++;
	}
	if (len < HTTP_HEAD_MAX)
		return 0;
	head->mistake = head->line == head->start ? HTTP_MISTAKE_LONG_LINE : HTTP_MISTAKE_LONG;
	return -EPROTO;
}

void http_head_init(struct http_head *head, enum http_kind kind)
{
	/* The fields are not touched: there are none, and there is a lot of room for them. */
	head->kind = kind;
	head->mistake = HTTP_MISTAKE_NONE;
	head->scanned = 0;
	head->line = 0;
	head->start = 0;
	head->has_start = false;
	head->method = head->target = head->reason = (struct http_span){ "", 0 };
	head->status = 0;
	head->minor = 0;
	head->field_count = 0;
}

ssize_t http_head_read(struct http_head *head, const char *data, size_t len)
{
	int ret = head->mistake != HTTP_MISTAKE_NONE ? -EPROTO : scan(head, data, len);

	if (ret <= 0)
		return ret;
	read_lines(head, data);
	return (ssize_t)head->scanned;
}

/* ---- Asking ------------------------------------------------------------------------------------------------- */

const struct http_field *http_head_field(const struct http_head *head, const char *name,
					 const struct http_field *after)
{
	const struct http_field *field = after == NULL ? head->fields : after + 1;

	for (; field < head->fields + head->field_count; field++) {
		if (http_span_is(field->name, name))
			return field;
	}
	return NULL;
}

size_t http_head_count(const struct http_head *head, const char *name)
{
	const struct http_field *field = NULL;
	size_t count = 0;

	while ((field = http_head_field(head, name, field)) != NULL)
		count++;
	return count;
}

bool http_head_has_token(const struct http_head *head, const char *name, const char *token)
{
	const struct http_field *field = NULL;

	while ((field = http_head_field(head, name, field)) != NULL) {
		struct http_span list = field->value, element;

		while (http_list_next(&list, &element)) {
			if (http_span_is(element, token))
				return true;
		}
	}
	return false;
}
