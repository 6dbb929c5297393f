/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What limited a sender: see sender_limit.h. */
#include "trace/sender_limit.h"

#include "base/clock.h"

/* How much a count has grown. It never shrinks but for a clock that was read at another moment. */
static uint64_t grown(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

/* Part of whole, but for what others have of it. */
static uint64_t take(uint64_t part, uint64_t *whole)
{
	if (part > *whole)
		part = *whole;
	*whole -= part;
	return part;
}

/*
 * Was the congestion window at least as wide as all that was sent since mark, so that it held up nothing? It grows by
 * no more than was acknowledged: where the segments are half of what it is now, it had room for them from the start.
 * The kernel's own word (is_app_limited) is not enough, since the FIN behind a few bytes takes it back.
 */
static bool was_window_wide(const struct tcp_facts *facts, const struct sender_mark *mark)
{
	uint32_t segs = facts->segs_out > mark->segs_out ? facts->segs_out - mark->segs_out : 0;

	return segs > 0 && segs <= facts->cwnd / 2 && facts->bytes_retrans == 0;
}

/*
 * Is the congestion window as good as full, with half of another behind it? Then the window is what it waits for,
 * whatever the kernel said of the time of the last acknowledgement (is_app_limited).
 */
static bool is_window_full(const struct tcp_facts *facts)
{
	return facts->unacked > 0 && facts->unacked >= facts->cwnd - facts->cwnd / 8 &&
	       facts->notsent >= (uint64_t)facts->mss * facts->cwnd / 2 && facts->notsent > 0;
}

/*
 * What held up the sender while neither the peer's window did, nor the send buffer as far as the kernel counts: it
 * looks for a full buffer only when it cuts a send. Where nothing waited to be sent, the congestion window did not.
 */
static enum sender_limit rest_of(const struct tcp_facts *facts, const struct sender_mark *mark)
{
	if (is_window_full(facts) || (!facts->is_app_limited && !was_window_wide(facts, mark)))
		return SENDER_LIMIT_NETWORK;
	/* Half of it is for what the kernel needs beside the data (socket(7)). */
	if (facts->has_queues && facts->sndbuf > 0 && facts->unsent >= facts->sndbuf / 2)
		return SENDER_LIMIT_SNDBUF;
	return SENDER_LIMIT_APPLICATION;
}

void sender_limit_judge(struct tcp_facts *facts, const struct sender_mark *mark, uint64_t now_ns)
{
	uint64_t period_us = grown(now_ns, mark->t_ns) / NS_PER_US, idle_us;
	uint64_t busy_us = grown(facts->busy_us, mark->busy_us);
	uint64_t us[SENDER_LIMIT_COUNT] = { 0 };
	enum sender_limit most = SENDER_LIMIT_APPLICATION;

	facts->limited_by = SENDER_LIMIT_NONE;
	facts->limited_percent = 0;
	if (!facts->is_valid || !facts->has_limits || period_us < SENDER_LIMIT_SHORTEST_US)
		return;
	/* Our end alone (FIN) keeps a connection busy, too. */
	if (facts->has_bytes && facts->bytes_sent == 0)
		return;
	if (busy_us == 0 && facts->bytes_sent <= mark->bytes_sent)
		return;
	/* The kernel counts in ticks of its clock: a busy time may come out longer than the time that has passed. */
	idle_us = period_us;
	busy_us = take(busy_us, &idle_us);
	us[SENDER_LIMIT_RECEIVER] = take(grown(facts->rwnd_limited_us, mark->rwnd_limited_us), &busy_us);
	us[SENDER_LIMIT_SNDBUF] = take(grown(facts->sndbuf_limited_us, mark->sndbuf_limited_us), &busy_us);
	us[SENDER_LIMIT_APPLICATION] = idle_us;
	us[rest_of(facts, mark)] += busy_us;
	for (enum sender_limit limit = SENDER_LIMIT_NONE; limit < SENDER_LIMIT_COUNT; limit++)
		if (us[limit] > us[most])
			most = limit;
	facts->limited_by = most;
	facts->limited_percent = (uint8_t)((us[most] * 100 + period_us / 2) / period_us);
}

void sender_limit_mark(struct sender_mark *mark, const struct tcp_facts *facts, uint64_t now_ns)
{
	*mark = (struct sender_mark){
		.t_ns = now_ns,
		.busy_us = facts->busy_us,
		.rwnd_limited_us = facts->rwnd_limited_us,
		.sndbuf_limited_us = facts->sndbuf_limited_us,
		.bytes_sent = facts->bytes_sent,
		.segs_out = facts->segs_out,
	};
}
