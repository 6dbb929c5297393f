/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What limited a sender between two looks at TCP_INFO. The kernel counts how long it had something to send or to have
 * acknowledged (busy), and how much of that the peer's window and the send buffer held up; the rest of busy is the
 * congestion window's, and the time that is not busy the application's. Pure.
 */
#ifndef SOCKT_TRACE_SENDER_LIMIT_H
#define SOCKT_TRACE_SENDER_LIMIT_H

#include "trace/event.h"

#define SENDER_LIMIT_SHORTEST_US 100000 /* ten ticks, where they are longest */

/* What had been counted at an earlier look. Zeroed but for t_ns: the beginning of the connection. */
struct sender_mark {
	uint64_t t_ns;
	uint64_t busy_us, rwnd_limited_us, sndbuf_limited_us;
	uint64_t bytes_sent;
	uint32_t segs_out;
};

/*
 * Fill limited_by and limited_percent of facts: what held up the sender for the longest part of the time since mark,
 * and which part of it. SENDER_LIMIT_NONE where nothing was sent in that time, the kernel does not count, or that time
 * is shorter than SENDER_LIMIT_SHORTEST_US: the kernel counts in ticks of 1 to 10 ms.
 *   now_ns  when facts were taken, on the clock of mark->t_ns
 */
void sender_limit_judge(struct tcp_facts *facts, const struct sender_mark *mark, uint64_t now_ns);
/* Remember facts for the next look. */
void sender_limit_mark(struct sender_mark *mark, const struct tcp_facts *facts, uint64_t now_ns);

#endif
