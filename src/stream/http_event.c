/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Telling the trace of an HTTP message: see http_event.h. */
#include "stream/http_event.h"

#include <string.h>

#include "trace/bus.h"

/* Of a first line so much is told. */
#define WORD_MAX 64
#define TARGET_MAX 1024

/* A span as a string, cut where it is too long. */
static const char *string_of(struct http_span span, char *dst, size_t size)
{
	size_t len = span.len < size ? span.len : size - 1;

	memcpy(dst, span.at, len);
	dst[len] = '\0';
	return dst;
}

void http_event_tell(struct stepper *st, const struct http_connection *connection, const struct http_message *message)
{
	char method[WORD_MAX], target[TARGET_MAX], reason[WORD_MAX];
	union step_args args = {
		.http = {
			.is_reply = message->is_reply,
			.is_out = message->is_out,
			.is_whole = message->is_whole,
			.number = message->number,
			.status = message->status,
			.reason = message->status == 0 ? NULL : http_status_reason(message->status),
			.minor = 1,
			.head_bytes = message->head_bytes,
			.body_bytes = message->body_bytes,
			.wrong = message->wrong,
		},
	};
	struct event event = {
		.step = STEP_HTTP,
		.session = connection->session,
		.side = connection->side,
		.protocol = connection->protocol,
		.fd = -1,
		.args = &args,
	};

	if (st->bus->level < step_level(STEP_HTTP))
		return;
	if (message->has_head) {
		const struct http_head *head = message->head;

		args.http.minor = head->minor;
		args.http.status = head->status;
		if (message->is_reply) {
			args.http.reason = string_of(head->reason, reason, sizeof(reason));
		} else {
			args.http.method = string_of(head->method, method, sizeof(method));
			args.http.target = string_of(head->target, target, sizeof(target));
		}
	}
	event.t_ns = st->env->now_ns() - st->bus->start_ns;
	bus_emit(st->bus, &event);
}
