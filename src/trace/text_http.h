/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words for the event HTTP: a request or a reply. */
#ifndef SOCKT_TRACE_TEXT_HTTP_H
#define SOCKT_TRACE_TEXT_HTTP_H

#include "base/buf.h"
#include "trace/event.h"
#include "trace/text_words.h"

/* `http ← request 1: GET /a HTTP/1.1 (head 78 B, body 5 B)`. What came from the peer is escaped. */
void text_http(struct text *line, const struct event *event, const struct text_view *view);

#endif
