/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls that move data as the C calls that they are, with as many of the bytes as the view shows. */
#ifndef SOCKT_TRACE_TEXT_TRANSFER_H
#define SOCKT_TRACE_TEXT_TRANSFER_H

#include "trace/event.h"
#include "trace/text_words.h"

/* All of them look at event->args, which is not NULL. They write no result. */

/* `send(5, "hello\n", 6)`; sendto(), and write() of a STEP_WRITE, too. */
void text_send(struct text *line, const struct event *event, const struct text_view *view);
/* `recv(5, "hello\n")`; recvfrom(), and read() of a STEP_READ, too. */
void text_recv(struct text *line, const struct event *event, const struct text_view *view);
/* `splice(5, 6, 65536)` */
void text_splice(struct text *line, const struct event *event, const struct text_view *view);
/* Several messages a call: how many there was room for, how many there are. */
void text_recvmmsg(struct text *line, const struct event *event, const struct text_view *view);
void text_sendmmsg(struct text *line, const struct event *event, const struct text_view *view);
/* One message, which the kernel may cut into several (UDP_SEGMENT). */
void text_sendmsg(struct text *line, const struct event *event, const struct text_view *view);

#endif
