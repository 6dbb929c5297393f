/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the arguments of a step are on the wire: a function for each form, which serves for both ways (wire.c). */
#ifndef SOCKT_TRACE_WIRE_ARGS_H
#define SOCKT_TRACE_WIRE_ARGS_H

#include "trace/wire.h"
#include "trace/wire_values.h"

/* Write we->args, or read them; sets w->is_bad where they cannot be those of an event. */
typedef void wire_args_fn(struct wire *w, struct wire_event *we);

/* The function for the arguments of a step; NULL: it has none. */
wire_args_fn *wire_args_of(enum step_id step);

/* The forms of steps that move bytes. These are not among what the functions put on the wire: they follow behind it. */
wire_args_fn wire_args_io;
wire_args_fn wire_args_messages;

#endif
