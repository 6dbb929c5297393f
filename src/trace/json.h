/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing JSON (RFC 8259) into a buffer that grows and is used again. Commas come by themselves. What is written is
 * valid UTF-8 whatever the bytes. Knows nothing of events.
 */
#ifndef SOCKT_TRACE_JSON_H
#define SOCKT_TRACE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed: empty. */
struct json {
	char *data;
	size_t len;
	size_t size;
};

/* Forget the text; a buffer that had to grow large for it is given back. */
void json_reset(struct json *json);
/* Give the memory back. */
void json_clear(struct json *json);

/* bracket: '{' or '['; '}' or ']'. */
void json_open(struct json *json, char bracket);
void json_close(struct json *json, char bracket);
/* The name of a member; its value comes next. The name needs no escapes. */
void json_key(struct json *json, const char *key);

/* Values. */
void json_string(struct json *json, const char *string); /* NULL: null */
void json_bytes(struct json *json, const char *bytes, size_t len);
void json_base64(struct json *json, const void *data, size_t len);
void json_int(struct json *json, int64_t value);
void json_uint(struct json *json, uint64_t value);
void json_bool(struct json *json, bool value);
/* value thousandths as a number with three decimals: 1234567 is 1234.567. */
void json_milli(struct json *json, uint64_t value);
/* A number of thousandths that may be less than 0. */
void json_milli_signed(struct json *json, int64_t value);
/* What is JSON already: a value, or several with commas between. None (len 0): nothing. */
void json_raw(struct json *json, const char *text, size_t len);

/* A newline: the end of a record. */
void json_newline(struct json *json);

#endif
