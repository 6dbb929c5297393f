/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words for what is seen of the network without a privilege: the events SEGMENTS, ACKNOWLEDGED and ICMP. */
#ifndef SOCKT_TRACE_TEXT_SIGHT_H
#define SOCKT_TRACE_TEXT_SIGHT_H

#include "trace/event.h"
#include "trace/text_words.h"

/* `segments 5: 2 out, 1 in, 1 acknowledged   during connect()` */
void text_segments(struct text *line, const struct event *event, const struct text_view *view);
/* `acknowledged 5: bytes 0 to 511   after 0.14 ms` */
void text_acknowledged(struct text *line, const struct event *event, const struct text_view *view);
/* `icmp 5: port unreachable from 10.7.1.1: ECONNREFUSED` */
void text_icmp(struct text *line, const struct event *event, const struct text_view *view);

/* What a picture has room for: `during connect: 2 out, 1 in, 1 acked`, `acked 0 to 511 after 0.14 ms`. */
void text_segments_brief(struct text *line, const struct event *event);
void text_acknowledged_brief(struct text *line, const struct event *event);

#endif
