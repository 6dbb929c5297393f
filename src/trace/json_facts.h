/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel tells of a socket, as members of an event's object. */
#ifndef SOCKT_TRACE_JSON_FACTS_H
#define SOCKT_TRACE_JSON_FACTS_H

#include "trace/event.h"
#include "trace/json.h"

/* Add `tcp_info`, `queues`, `effective`, as far as the event has facts. */
void json_facts(struct json *json, const struct event *event);

#endif
