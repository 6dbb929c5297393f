/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of socket options as JSON. */
#ifndef SOCKT_TRACE_JSON_OPTION_H
#define SOCKT_TRACE_JSON_OPTION_H

#include "trace/event.h"
#include "trace/json.h"

/*
 * Write the member key: a value of len bytes of the option that args name, as a number, the errno of SO_ERROR, a struct
 * linger, a name, a group; else its bytes, in base64. NULL: null.
 */
void json_option_value(struct json *json, const char *key, const union step_args *args, const void *value,
		       size_t len);

#endif
