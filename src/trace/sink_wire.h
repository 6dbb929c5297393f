/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sink of a worker: hands each event to another process of the run as bytes. Nobody asks for it by name. */
#ifndef SOCKT_TRACE_SINK_WIRE_H
#define SOCKT_TRACE_SINK_WIRE_H

#include "trace/bus.h"
#include "trace/wire.h"

/*
 * To be opened with file "fd:N", the level, and the preview, that the sinks of bus (wire_bounds_of_bus()) want. What
 * the descriptor does not take is held, 1 MiB of it, and beyond that lost, counted, and told by a note.
 */
extern const struct sink_kind sink_wire;

/* What the sinks of a bus look at. */
struct wire_bounds wire_bounds_of_bus(const struct bus *bus);

#endif
