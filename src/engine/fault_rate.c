/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a line does for a rate. It is a link of so many bytes a second: free_ns is when the last byte that was sent has
 * passed it, and what is sent next has passed when its own bytes have. See fault_line.h.
 *
 * A loop wakes up late; so long as the line has something to send, what it missed is made good, within SLACK_NS. What
 * an idle link missed is not: no burst after silence.
 */
#include "base/clock.h"
#include "engine/fault_line_private.h"

#define SLACK_NS (50 * NS_PER_MS)

/* What is sent at once: what passes in so long, so that slow links do not send single bytes. */
#define SLOW_PIECE_NS (10 * NS_PER_MS)
#define SLOW_PIECE_MAX ((uint64_t)16 * 1024)
#define FAST_PIECE_NS (1 * NS_PER_MS)

/* How long bytes take at a rate, rounded up. */
static uint64_t passing_ns(uint64_t bytes, uint64_t rate)
{
	return (uint64_t)(((unsigned __int128)bytes * NS_PER_S + rate - 1) / rate);
}

/* How many bytes pass in a time. */
static uint64_t passed_bytes(uint64_t ns, uint64_t rate)
{
	return (uint64_t)((unsigned __int128)ns * rate / NS_PER_S);
}

/* How much is worth a send. */
static uint64_t piece(uint64_t rate)
{
	uint64_t slow = passed_bytes(SLOW_PIECE_NS, rate), fast = passed_bytes(FAST_PIECE_NS, rate);

	if (slow > SLOW_PIECE_MAX)
		slow = SLOW_PIECE_MAX;
	if (slow < 1)
		slow = 1;
	return slow > fast ? slow : fast;
}

/* From when on may the first chunk use the link? */
static void begin_at_head(struct fault_line *line)
{
	uint64_t due_ns = line->head->due_ns;

	/* Rules that came later do not reach back. */
	if (due_ns < line->rules_ns)
		due_ns = line->rules_ns;
	if (line->is_rate_started && due_ns <= line->free_ns + SLACK_NS)
		return;
	line->is_rate_started = true;
	line->free_ns = due_ns;
	line->free_rest = 0;
}

void line_pace(struct fault_line *line, uint64_t len, bool is_whole, uint64_t now_ns, struct fault_next *next)
{
	uint64_t rate = fault_number(&line->rules, FAULT_RATE), need = len, need_ns, allowed;

	if (!is_whole && need > piece(rate))
		need = piece(rate);
	need_ns = passing_ns(need, rate);
	begin_at_head(line);
	if (now_ns > need_ns + SLACK_NS && line->free_ns < now_ns - need_ns - SLACK_NS) {
		/* Whoever is sent to has not taken it for a while: that is not made good. */
		line->free_ns = now_ns - need_ns - SLACK_NS;
		line->free_rest = 0;
	}
	if (line->free_ns + need_ns > now_ns) {
		next->wake_ns = line->free_ns + need_ns;
		if (!line->is_rate_told)
			line_tell(line, FAULT_RATE, need, (int64_t)(next->wake_ns - now_ns));
		line->is_rate_told = true;
		return;
	}
	allowed = passed_bytes(now_ns - line->free_ns, rate);
	next->verdict = FAULT_SEND;
	next->len = is_whole || allowed > len ? len : allowed < need ? need : allowed;
}

void line_paid(struct fault_line *line, size_t len, uint64_t now_ns)
{
	uint64_t rate = fault_number(&line->rules, FAULT_RATE);
	unsigned __int128 cost = (unsigned __int128)len * NS_PER_S + line->free_rest;

	(void)now_ns;
	line->free_ns += (uint64_t)(cost / rate);
	line->free_rest = (uint64_t)(cost % rate);
	line->is_rate_told = false;
}
