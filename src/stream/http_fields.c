/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fields of a head that we write: see http_fields.h. */
#include "stream/http_fields.h"

#include <string.h>
#include <strings.h>

#include "base/util.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool http_field_split(const char *text, struct http_field *field)
{
	const char *colon = strchr(text, ':');
	size_t len;

	if (colon == NULL || !http_is_token(text, (size_t)(colon - text)))
		return false;
	field->name = (struct http_span){ text, (size_t)(colon - text) };
	do
		colon++;
	while (is_blank(*colon));
	len = strlen(colon);
	while (len > 0 && is_blank(colon[len - 1]))
		len--;
	field->value = (struct http_span){ colon, len };
	return http_is_value(colon, len);
}

bool http_given_has(const struct http_given *given, const char *name)
{
	struct http_field field;

	for (size_t i = 0; i < given->count; i++) {
		if (http_field_split(given->texts[i], &field) && http_span_is(field.name, name))
			return true;
	}
	return false;
}

void http_given_write(struct buf *dst, const struct http_given *given)
{
	struct http_field field;

	for (size_t i = 0; i < given->count; i++) {
		if (!http_field_split(given->texts[i], &field) || field.value.len == 0)
			continue;
		buf_append(dst, field.name.at, field.name.len);
		buf_append(dst, ": ", 2);
		buf_append(dst, field.value.at, field.value.len);
		buf_append(dst, "\r\n", 2);
	}
}

void http_field_write(struct buf *dst, const struct http_given *given, const char *name, const char *value)
{
	if (http_given_has(given, name))
		return;
	buf_append(dst, name, strlen(name));
	buf_append(dst, ": ", 2);
	buf_append(dst, value, strlen(value));
	buf_append(dst, "\r\n", 2);
}

/* Is name an element of the list that a field is? */
static bool is_listed(const struct http_head *head, const char *list_name, struct http_span name)
{
	const struct http_field *field = NULL;

	while ((field = http_head_field(head, list_name, field)) != NULL) {
		struct http_span list = field->value, element;

		while (http_list_next(&list, &element))
			if (element.len == name.len && strncasecmp(element.at, name.at, name.len) == 0)
				return true;
	}
	return false;
}

bool http_field_is_of_connection(const struct http_head *head, struct http_span name)
{
	static const char *const always[] = {
		"Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authorization", "Proxy-Authenticate",
		"TE",	      "Upgrade",
	};

	for (size_t i = 0; i < ARRAY_LEN(always); i++)
		if (http_span_is(name, always[i]))
			return true;
	if (http_span_is(name, "Content-Length") || http_span_is(name, "Transfer-Encoding"))
		return false;
	return is_listed(head, "Connection", name) || is_listed(head, "Proxy-Connection", name);
}
