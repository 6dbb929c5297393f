/* SPDX-License-Identifier: GPL-3.0-or-later */
/* poll() and fcntl() as the text sink writes them: see text_call.h. */
#ifndef SOCKT_TRACE_TEXT_POLL_H
#define SOCKT_TRACE_TEXT_POLL_H

#include "trace/event.h"
#include "trace/text_words.h"

/* `poll({5: POLLIN}, {6: POLLIN|POLLOUT}, 250)` */
void text_poll(struct text *line, const struct event *event, const struct text_view *view);
/* ` = 1: 5 POLLIN`: how many are ready, and what came back of each of them. */
void text_poll_result(struct text *line, const struct event *event);
/* `fcntl(5, F_SETFL, O_RDWR|O_NONBLOCK)` */
void text_fcntl(struct text *line, const struct event *event, const struct text_view *view);

#endif
