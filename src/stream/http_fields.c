/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fields of a head that we write: see http_fields.h. */
#include "stream/http_fields.h"

#include <string.h>

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
