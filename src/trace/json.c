/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing JSON. */
#include "trace/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/escape.h"
#include "base/util.h"

#define JSON_KEEP_MAX ((size_t)64 << 10) /* a larger buffer is not kept */
#define JSON_ESCAPE_MAX 6                /* bytes that one byte can become: \u00NN */
#define JSON_SIZE_MIN ((size_t)1024)

void json_reset(struct json *json)
{
	if (json->size > JSON_KEEP_MAX)
		json_clear(json);
	json->len = 0;
}

void json_clear(struct json *json)
{
	free(json->data);
	*json = (struct json){ 0 };
}

/* Make room for more bytes, and a NUL. */
static char *json_room(struct json *json, size_t more)
{
	size_t need = json->len + more + 1;

	if (need > json->size) {
		size_t size = json->size < JSON_SIZE_MIN ? JSON_SIZE_MIN : json->size;

		while (size < need)
			size *= 2;
		json->data = xrealloc(json->data, size);
		json->size = size;
	}
	return json->data + json->len;
}

static void json_add(struct json *json, const char *bytes, size_t len)
{
	memcpy(json_room(json, len), bytes, len);
	json->len += len;
	json->data[json->len] = '\0';
}

/* Put a comma before a value or a member that is not the first. */
static void json_separate(struct json *json)
{
	char last = json->len > 0 ? json->data[json->len - 1] : '\n';

	if (last != '{' && last != '[' && last != ':' && last != '\n')
		json_add(json, ",", 1);
}

void json_open(struct json *json, char bracket)
{
	json_separate(json);
	json_add(json, &bracket, 1);
}

void json_close(struct json *json, char bracket)
{
	json_add(json, &bracket, 1);
}

void json_key(struct json *json, const char *key)
{
	json_separate(json);
	json_add(json, "\"", 1);
	json_add(json, key, strlen(key));
	json_add(json, "\":", 2);
}

void json_bytes(struct json *json, const char *bytes, size_t len)
{
	char *dst;

	json_separate(json);
	json_add(json, "\"", 1);
	dst = json_room(json, len * JSON_ESCAPE_MAX);
	escape_json(bytes, len, dst, len * JSON_ESCAPE_MAX + 1);
	json->len += strlen(dst);
	json_add(json, "\"", 1);
}

void json_string(struct json *json, const char *string)
{
	if (string != NULL) {
		json_bytes(json, string, strlen(string));
		return;
	}
	json_separate(json);
	json_add(json, "null", 4);
}

void json_base64(struct json *json, const void *data, size_t len)
{
	char *dst;

	json_separate(json);
	json_add(json, "\"", 1);
	dst = json_room(json, ESCAPE_BASE64_MAX(len));
	json->len += escape_base64(data, len, dst, ESCAPE_BASE64_MAX(len));
	json_add(json, "\"", 1);
}

/* The digits of a number, where a separator has been put. */
static void add_digits(struct json *json, uint64_t value)
{
	char number[DECIMAL_MAX];

	json_add(json, number, decimal_write(value, number));
}

void json_int(struct json *json, int64_t value)
{
	json_separate(json);
	if (value < 0)
		json_add(json, "-", 1);
	add_digits(json, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void json_uint(struct json *json, uint64_t value)
{
	json_separate(json);
	add_digits(json, value);
}

void json_bool(struct json *json, bool value)
{
	json_separate(json);
	json_add(json, value ? "true" : "false", value ? 4 : 5);
}

/* Thousandths. */
static void add_milli(struct json *json, uint64_t value)
{
	char number[DECIMAL_MAX];

	add_digits(json, value / 1000);
	json_add(json, ".", 1);
	json_add(json, number, decimal_write_padded(value % 1000, 3, number));
}

void json_milli(struct json *json, uint64_t value)
{
	json_separate(json);
	add_milli(json, value);
}

void json_milli_signed(struct json *json, int64_t value)
{
	json_separate(json);
	if (value < 0)
		json_add(json, "-", 1);
	add_milli(json, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void json_raw(struct json *json, const char *text, size_t len)
{
	if (len == 0)
		return;
	json_separate(json);
	json_add(json, text, len);
}

void json_newline(struct json *json)
{
	json_add(json, "\n", 1);
}
