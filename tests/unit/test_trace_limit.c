/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What limited a sender: which of the kernel's times dominated, as a part of the time that passed. */
#include "base/util.h"
#include "trace/sender_limit.h"

#include "check.h"

#define S UINT64_C(1000000) /* in microseconds */

/* Facts of a sender: bytes_sent, busy, and what of that the peer's window and the send buffer had. */
#define FULL(size, bytes) .is_app_limited = true, .has_queues = true, .sndbuf = (size), .unsent = (bytes)
#define SENT(bytes, busy, rwnd, sndbuf, ...)                                                                     \
	{                                                                                                        \
		.is_valid = true, .has_limits = true, .has_bytes = true, .bytes_sent = (bytes), .busy_us = (busy), \
		.rwnd_limited_us = (rwnd), .sndbuf_limited_us = (sndbuf), __VA_ARGS__                             \
	}

static void test_which_dominated(void **state)
{
	static const struct sender_mark later = { .busy_us = 60 * S, .rwnd_limited_us = 50 * S,
						  .sndbuf_limited_us = 5 * S, .bytes_sent = 1000, .segs_out = 500 };
	static const struct {
		const char *name;
		const struct sender_mark *mark;
		struct tcp_facts facts;
		enum sender_limit limit;
		unsigned percent;
	} rows[] = {
		{ "nothing sent", NULL, SENT(0, 0, 0, 0), SENDER_LIMIT_NONE, 0 },
		{ "nothing sent but our end", NULL, SENT(0, S / 10, 0, 0), SENDER_LIMIT_NONE, 0 },
		{ "no TCP", NULL, { .has_limits = true, .busy_us = S }, SENDER_LIMIT_NONE, 0 },
		{ "a kernel that does not count", NULL, { .is_valid = true, .busy_us = S }, SENDER_LIMIT_NONE, 0 },
		{ "a kernel that counts no bytes", NULL, { .is_valid = true, .has_limits = true, .busy_us = S },
		  SENDER_LIMIT_NETWORK, 100 },
		{ "a word, acknowledged at once", NULL, SENT(5, 0, 0, 0), SENDER_LIMIT_APPLICATION, 100 },
		{ "a slow writer", NULL, SENT(500, S / 5, 0, 0), SENDER_LIMIT_APPLICATION, 80 },
		{ "in flight, and no more to send", NULL, SENT(500, S * 9 / 10, 0, 0, .is_app_limited = true),
		  SENDER_LIMIT_APPLICATION, 100 },
		{ "in flight, and no room for more to send", NULL,
		  SENT(500, S * 9 / 10, 0, 0, FULL(4096, 2048)),
		  SENDER_LIMIT_SNDBUF, 90 },
		{ "in flight, and room for more", NULL,
		  SENT(500, S * 9 / 10, 0, 0, FULL(4096, 2047)),
		  SENDER_LIMIT_APPLICATION, 100 },
		{ "a full buffer, of which the window holds up a part", NULL,
		  SENT(500, S * 9 / 10, 0, 0, FULL(1889280, 1256128), .mss = 1448, .cwnd = 410, .unacked = 405,
		       .notsent = 669688), SENDER_LIMIT_NETWORK, 90 },
		{ "a full buffer, all of it in flight", NULL,
		  SENT(500, S * 9 / 10, 0, 0, FULL(24000, 13032), .mss = 1448, .cwnd = 10, .unacked = 9),
		  SENDER_LIMIT_SNDBUF, 90 },
		{ "in flight, and more to send", NULL, SENT(500, S * 9 / 10, 0, 0), SENDER_LIMIT_NETWORK, 90 },
		{ "a word and our end, which the window had room for", NULL,
		  SENT(5, S * 9 / 10, 0, 0, .segs_out = 5, .cwnd = 10), SENDER_LIMIT_APPLICATION, 100 },
		{ "more than the window may have had room for", NULL,
		  SENT(5, S * 9 / 10, 0, 0, .segs_out = 6, .cwnd = 10), SENDER_LIMIT_NETWORK, 90 },
		{ "few, but some of them again", NULL,
		  SENT(5, S * 9 / 10, 0, 0, .segs_out = 5, .cwnd = 10, .bytes_retrans = 5), SENDER_LIMIT_NETWORK, 90 },
		{ "few since the mark", &later, SENT(2000, 61 * S, 50 * S, 5 * S, .segs_out = 505, .cwnd = 10),
		  SENDER_LIMIT_APPLICATION, 100 },
		{ "the peer's window", NULL, SENT(500, S, S * 82 / 100, S / 10), SENDER_LIMIT_RECEIVER, 82 },
		{ "the send buffer", NULL, SENT(500, S, S / 10, S * 7 / 10), SENDER_LIMIT_SNDBUF, 70 },
		{ "ticks that are longer than the time", NULL, SENT(500, 3 * S, 2 * S, S), SENDER_LIMIT_RECEIVER, 100 },
		{ "only what came since the mark", &later, SENT(2000, 60 * S + S / 4, 50 * S, 5 * S + S / 4),
		  SENDER_LIMIT_APPLICATION, 75 },
		{ "nothing since the mark", &later, SENT(1000, 60 * S, 50 * S, 5 * S), SENDER_LIMIT_NONE, 0 },
		{ "blocked since the mark", &later, SENT(1000, 61 * S, 51 * S, 5 * S), SENDER_LIMIT_RECEIVER, 100 },
		{ "a mark that is ahead", &later, SENT(2000, 59 * S, 49 * S, 4 * S), SENDER_LIMIT_APPLICATION, 100 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sender_mark mark = rows[i].mark == NULL ? (struct sender_mark){ 0 } : *rows[i].mark;
		struct tcp_facts facts = rows[i].facts;

		mark.t_ns = 7000;
		sender_limit_judge(&facts, &mark, 7000 + S * 1000);
		CHECK_STRING(rows[i].name, sender_limit_word(facts.limited_by), sender_limit_word(rows[i].limit));
		CHECK_INT(rows[i].name, facts.limited_percent, rows[i].percent);
	}
}

/* A tick or two of the kernel's clock may be all that is counted. */
static void test_too_short_to_judge(void **state)
{
	static const struct {
		const char *name;
		uint64_t period_ns;
		enum sender_limit limit;
		unsigned percent;
	} rows[] = {
		{ "no time", 0, SENDER_LIMIT_NONE, 0 },
		{ "a millisecond, in which one tick fell", 1000000, SENDER_LIMIT_NONE, 0 },
		{ "not quite enough", SENDER_LIMIT_SHORTEST_US * 1000 - 1, SENDER_LIMIT_NONE, 0 },
		{ "enough", SENDER_LIMIT_SHORTEST_US * 1000, SENDER_LIMIT_NETWORK, 100 },
	};
	const struct sender_mark mark = { .t_ns = 7000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tcp_facts facts = SENT(5, S, 0, 0, .limited_by = SENDER_LIMIT_SNDBUF, .limited_percent = 9);

		sender_limit_judge(&facts, &mark, 7000 + rows[i].period_ns);
		CHECK_STRING(rows[i].name, sender_limit_word(facts.limited_by), sender_limit_word(rows[i].limit));
		CHECK_INT(rows[i].name, facts.limited_percent, rows[i].percent);
	}
}

static void test_marks(void **state)
{
	const struct tcp_facts before = SENT(10, S, S / 2, S / 4);
	struct tcp_facts now = SENT(20, 2 * S, S / 2, S / 4 + S);
	struct sender_mark mark;

	(void)state;
	sender_limit_mark(&mark, &before, 5000);
	assert_true(mark.t_ns == 5000);
	sender_limit_judge(&now, &mark, 5000 + S * 1000);
	assert_int_equal(now.limited_by, SENDER_LIMIT_SNDBUF);
	assert_int_equal(now.limited_percent, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_dominated),
		cmocka_unit_test(test_too_short_to_judge),
		cmocka_unit_test(test_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
