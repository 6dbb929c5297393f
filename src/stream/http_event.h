/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Telling the trace of an HTTP message. */
#ifndef SOCKT_STREAM_HTTP_EVENT_H
#define SOCKT_STREAM_HTTP_EVENT_H

#include "step/step.h"
#include "stream/http_head.h"

/* The connection that the messages are of. */
struct http_connection {
	uint32_t session;
	enum side side;
	enum protocol protocol;
};

/* A message, as far as it is known. */
struct http_message {
	const struct http_head *head; /* NULL, or not whole (has_head false): not known */
	bool has_head;
	bool is_reply, is_out, is_whole;
	uint32_t number;       /* of the request on its connection, from 1 */
	unsigned status;       /* of a reply of ours, which has no head */
	uint64_t head_bytes, body_bytes;
	const char *wrong;     /* a sentence; NULL: nothing */
};

/* Give the event to the bus, where a sink wants it. */
void http_event_tell(struct stepper *st, const struct http_connection *connection, const struct http_message *message);

#endif
