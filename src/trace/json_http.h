/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fields of the event HTTP in JSON. */
#ifndef SOCKT_TRACE_JSON_HTTP_H
#define SOCKT_TRACE_JSON_HTTP_H

#include "trace/event.h"
#include "trace/json.h"

/* Add the fields to the object that is open. */
void json_http(struct json *json, const union step_args *args);

#endif
