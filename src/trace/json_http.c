/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fields of the event HTTP in JSON: see json_http.h. */
#include "trace/json_http.h"

static void put_string(struct json *json, const char *key, const char *value)
{
	json_key(json, key);
	json_string(json, value);
}

static void put_number(struct json *json, const char *key, uint64_t value)
{
	json_key(json, key);
	json_uint(json, value);
}

void json_http(struct json *json, const union step_args *args)
{
	put_string(json, "message", args->http.is_reply ? "reply" : "request");
	put_string(json, "direction", args->http.is_out ? "out" : "in");
	put_number(json, "number", args->http.number);
	if (args->http.method != NULL) {
		put_string(json, "method", args->http.method);
		put_string(json, "target", args->http.target);
	}
	if (args->http.status != 0) {
		put_number(json, "status", args->http.status);
		put_string(json, "reason", args->http.reason);
	}
	if (args->http.method != NULL || args->http.status != 0)
		put_string(json, "http_version", args->http.minor == 0 ? "1.0" : "1.1");
	put_number(json, "head_bytes", args->http.head_bytes);
	put_number(json, "body_bytes", args->http.body_bytes);
	json_key(json, "whole");
	json_bool(json, args->http.is_whole);
	if (args->http.wrong != NULL)
		put_string(json, "wrong", args->http.wrong);
}
