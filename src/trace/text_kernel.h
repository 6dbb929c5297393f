/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words for what the kernel tells of a socket: TCP_INFO, queues, buffers. */
#ifndef SOCKT_TRACE_TEXT_KERNEL_H
#define SOCKT_TRACE_TEXT_KERNEL_H

#include "trace/text_call.h"

/* An INFO event: `info 5: rtt 0.03 ms ...`, `info 3: accept queue 1/128`. */
void text_kernel_info(struct text *line, const struct event *event, const struct text_view *view);
/* Those that stand below it. */
void text_kernel_below(struct text_below *below, const struct event *event);
/* The facts at a turning point, or at the end of a connection (has_buffers: with the sizes of its buffers). */
void text_kernel_turn(struct text_below *below, const struct tcp_facts *facts, bool has_buffers,
		      const struct text_view *view);
/* `accept queue 0/128` */
void text_kernel_queue(struct text *line, const struct tcp_facts *facts);
/* What was made of a buffer's size that SETSOCKOPT asked for: `   the kernel made it 8192`. */
void text_kernel_buffer(struct text *line, const struct event *event);

#endif
