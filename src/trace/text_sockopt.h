/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Socket options as the C calls that set and read them: level, name and value by their words. */
#ifndef SOCKT_TRACE_TEXT_SOCKOPT_H
#define SOCKT_TRACE_TEXT_SOCKOPT_H

#include "trace/event.h"
#include "trace/text_words.h"

/* Both look at event->args, which is not NULL. They write no result. */

/* `setsockopt(5, IPPROTO_TCP, TCP_NODELAY, [1])` */
void text_sockopt(struct text *line, const struct event *event, const struct text_view *view);
/* The same of getsockopt(): the value of SO_ERROR is an errno, and has its name. */
void text_getsockopt(struct text *line, const struct event *event, const struct text_view *view);

/* `   the kernel made it 8192`, where the value that was read back is another than was asked for. */
void text_sockopt_became(struct text *line, const struct event *event);

#endif
