/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Amounts, rates and what is left, in words. */
#include "engine/goodput.h"

#include "base/clock.h"
#include "base/util.h"
#include "check.h"

static void test_goodput(void **state)
{
	static const struct {
		const char *name;
		uint64_t sent, received, ns;
		const char *want;
	} rows[] = {
		{ "much", UINT64_C(1) << 30, 0, 2 * NS_PER_S,
		  "goodput with peer: sent 1 GiB (4.3 Gbit/s), received 0 B (0 bit/s) in 2 s" },
		{ "little", 100, 1000, 10 * NS_PER_S,
		  "goodput with peer: sent 100 B (80 bit/s), received 1000 B (800 bit/s) in 10 s" },
		{ "no time", 1, 1, 0, "goodput with peer: sent 1 B, received 1 B, all at one moment" },
		{ "all there is", UINT64_MAX, UINT64_MAX, NS_PER_S,
		  "goodput with peer: sent 16.0 EiB (147573953 Tbit/s), received 16.0 EiB (147573953 Tbit/s) in 1 s" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct goodput goodput = { "peer", rows[i].sent, rows[i].received, rows[i].ns };
		char words[GOODPUT_MAX];

		goodput_format(&goodput, words, sizeof(words));
		CHECK_STRING(rows[i].name, words, rows[i].want);
	}
}

static void test_progress(void **state)
{
	static const struct {
		struct progress_view view;
		const char *want;
	} rows[] = {
		{ { .sent = 1000, .duration_ns = NS_PER_S, .recent = 1000, .recent_ns = NS_PER_S },
		  "sent 1000 B, received 0 B in 1 s, 1000 B/s" },
		{ { .sent = 1000, .duration_ns = NS_PER_S, .recent = 500, .recent_ns = NS_PER_S, .done = 1000,
		    .whole = 4000 },
		  "sent 1000 B, received 0 B in 1 s, 500 B/s; 25 % of 4000 B, 6 s left" },
		{ { .sent = 1000, .duration_ns = NS_PER_S, .recent_ns = NS_PER_S, .done = 1000, .whole = 4000 },
		  "sent 1000 B, received 0 B in 1 s, 0 B/s; 25 % of 4000 B" },
		{ { .sent = 4000, .duration_ns = NS_PER_S, .recent = 4000, .recent_ns = NS_PER_S, .done = 4000,
		    .whole = 4000 },
		  "sent 4000 B, received 0 B in 1 s, 4000 B/s; 100 % of 4000 B" },
		/* The file has grown meanwhile. */
		{ { .sent = 5000, .duration_ns = NS_PER_S, .recent = 5000, .recent_ns = NS_PER_S, .done = 5000,
		    .whole = 4000 },
		  "sent 5000 B, received 0 B in 1 s, 5000 B/s; 100 % of 4000 B" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char words[GOODPUT_MAX];

		progress_format(&rows[i].view, words, sizeof(words));
		CHECK_STRING(rows[i].want, words, rows[i].want);
	}
}

static void test_progress_of_a_relay(void **state)
{
	const struct progress_view view = {
		.sent = 3 << 20, .received = 100, .duration_ns = 2 * NS_PER_S, .recent = 1024, .recent_ns = NS_PER_S / 2
	};
	char words[GOODPUT_MAX];

	(void)state;
	progress_format_relay(&view, 3, 1, false, words, sizeof(words));
	assert_string_equal(words, "up 3 MiB, down 100 B in 2 s, 2048 B/s; sessions: 3, open: 1");
	progress_format_relay(&view, 3, 0, true, words, sizeof(words));
	assert_string_equal(words, "up 3 MiB, down 100 B in 2 s, 2048 B/s; sessions: 3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goodput),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_progress_of_a_relay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
