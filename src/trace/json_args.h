/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The arguments of a step as a JSON object, keyed by the parameter names of its manual page. */
#ifndef SOCKT_TRACE_JSON_ARGS_H
#define SOCKT_TRACE_JSON_ARGS_H

#include "trace/event.h"
#include "trace/json.h"

/* Write the member "args", where the step has arguments. */
void json_args(struct json *json, const struct event *event);

#endif
