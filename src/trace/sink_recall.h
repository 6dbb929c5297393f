/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sink that writes nothing: it keeps the last events, so that they can be drawn later. Not for --trace: who opens it
 * gives it a file that takes nothing.
 */
#ifndef SOCKT_TRACE_SINK_RECALL_H
#define SOCKT_TRACE_SINK_RECALL_H

#include "trace/sink.h"

#define RECALL_EVENTS_MAX 1000

extern const struct sink_kind sink_recall;

/* Give each event that is kept to other, the oldest first. Returns how many were kept no longer. */
uint64_t sink_recall_replay(const struct sink *sink, struct sink *other);

#endif
