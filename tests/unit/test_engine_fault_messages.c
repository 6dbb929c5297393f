/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What faults do to messages: each kind, in time that is made up, with the statistics of what is drawn. */
#include "base/clock.h"
#include "base/util.h"

#include "check.h"
#include "fault_bench.h"

#include <stdlib.h>

#define MS NS_PER_MS
#define COUNT 20000

/* Four standard deviations around the mean of COUNT draws with probability p. */
#define EXPECT_SHARE(got, p) \
	do { \
		double got_ = (double)(got), mean_ = COUNT * (p), spread_ = COUNT * (p) * (1 - (p)); \
		if ((got_ - mean_) * (got_ - mean_) > 16 * spread_) \
			fail_msg("%s: %.0f of %d, expected about %.0f", #got, got_, COUNT, mean_); \
	} while (0)

/* What came out: the numbers of the messages, in order. */
struct arrivals {
	uint32_t numbers[2 * COUNT];
	size_t count, changed;
};

/* Take out what is due. Every message is its number twice; one whose halves differ was changed. */
static void collect(struct bench *bench, struct arrivals *arrivals)
{
	uint32_t halves[2];

	while (bench_ask(bench)->verdict == FAULT_SEND) {
		assert_int_equal(bench->next.len, sizeof(halves));
		memcpy(halves, bench->next.data, sizeof(halves));
		assert_true(arrivals->count < 2 * COUNT);
		arrivals->changed += halves[0] != halves[1];
		arrivals->numbers[arrivals->count++] = halves[0];
		fault_line_sent(bench->line, sizeof(halves), bench->now_ns);
	}
}

/* Put COUNT messages in, a millisecond apart, and take out what comes. */
static struct arrivals *run_messages(struct bench *bench, const char *fault)
{
	struct arrivals *arrivals = calloc(1, sizeof(*arrivals));

	assert_non_null(arrivals);
	bench_open(bench, fault, true);
	for (uint32_t i = 0; i < COUNT; i++) {
		uint32_t halves[2] = { i, i };

		assert_true(fault_line_room(bench->line) > 0);
		bench_put(bench, halves, sizeof(halves));
		collect(bench, arrivals);
		bench->now_ns += MS;
	}
	bench->now_ns += NS_PER_S;
	collect(bench, arrivals);
	assert_false(fault_line_holds(bench->line));
	assert_int_equal(fault_line_held(bench->line), 0);
	return arrivals;
}

static void test_bounds(void **state)
{
	struct bench bench;
	static char large[65507];

	(void)state;
	bench_open(&bench, NULL, true);
	bench_put(&bench, "one", 3);
	bench_put(&bench, "", 0);
	bench_put(&bench, "three", 5);
	bench_put(&bench, large, sizeof(large));
	bench_expect_send(&bench, "one");
	bench_expect_send(&bench, "");
	bench_expect_send(&bench, "three");
	assert_int_equal(bench_ask(&bench)->len, sizeof(large));
	bench_close(&bench);
}

static void test_loss(void **state)
{
	struct bench bench;
	struct arrivals *arrivals = run_messages(&bench, "loss=0.1");

	(void)state;
	EXPECT_SHARE(COUNT - arrivals->count, 0.1);
	assert_int_equal(bench_told(&bench, FAULT_LOSS), COUNT - arrivals->count);
	assert_int_equal(arrivals->changed, 0);
	for (size_t i = 1; i < arrivals->count; i++)
		assert_true(arrivals->numbers[i] > arrivals->numbers[i - 1]);
	free(arrivals);
	bench_close(&bench);
}

static void test_duplicate(void **state)
{
	struct bench bench;
	struct arrivals *arrivals = run_messages(&bench, "duplicate=0.2");
	size_t twice = 0;

	(void)state;
	EXPECT_SHARE(arrivals->count - COUNT, 0.2);
	assert_int_equal(bench_told(&bench, FAULT_DUPLICATE), arrivals->count - COUNT);
	for (size_t i = 1; i < arrivals->count; i++) {
		assert_in_range(arrivals->numbers[i] - arrivals->numbers[i - 1], 0, 1);
		twice += arrivals->numbers[i] == arrivals->numbers[i - 1];
	}
	assert_int_equal(twice, arrivals->count - COUNT);
	free(arrivals);
	bench_close(&bench);
}

static void test_reorder(void **state)
{
	struct bench bench;
	struct arrivals *arrivals = run_messages(&bench, "reorder=0.1");
	size_t swaps = 0;

	(void)state;
	assert_int_equal(arrivals->count, COUNT);
	for (size_t i = 0; i < arrivals->count;) {
		if (arrivals->numbers[i] == i) {
			i++;
			continue;
		}
		/* Two that have changed places. */
		assert_int_equal(arrivals->numbers[i], i + 1);
		assert_int_equal(arrivals->numbers[i + 1], i);
		swaps++;
		i += 2;
	}
	assert_int_equal(bench_told(&bench, FAULT_REORDER), swaps);
	/* One that overtakes is not overtaken itself: of p, p / (1 + p) is left. */
	EXPECT_SHARE(swaps, 0.1 / 1.1);
	free(arrivals);
	bench_close(&bench);
}

static void test_corrupt(void **state)
{
	struct bench bench;
	struct arrivals *arrivals = run_messages(&bench, "corrupt=0.3");

	(void)state;
	assert_int_equal(arrivals->count, COUNT);
	EXPECT_SHARE(arrivals->changed, 0.3);
	assert_int_equal(bench_told(&bench, FAULT_CORRUPT), arrivals->changed);
	free(arrivals);
	bench_close(&bench);
}

/* Exactly one bit, any of them; an empty message has none. */
static void test_corrupt_bit(void **state)
{
	struct bench bench;
	size_t seen[3] = { 0 };

	(void)state;
	bench_open(&bench, "corrupt=1", true);
	for (unsigned i = 0; i < 1000; i++) {
		char got[3];
		unsigned bits = 0;

		bench_put(&bench, "\0\0\0", 3);
		assert_int_equal(bench_ask(&bench)->len, 3);
		memcpy(got, bench.next.data, 3);
		fault_line_sent(bench.line, 3, bench.now_ns);
		for (size_t at = 0; at < 3; at++) {
			bits += (unsigned)__builtin_popcount((unsigned char)got[at]);
			seen[at] += got[at] != 0;
		}
		assert_int_equal(bits, 1);
	}
	for (size_t at = 0; at < 3; at++)
		assert_in_range(seen[at], 270, 400);
	bench_put(&bench, "", 0);
	bench_expect_send(&bench, "");
	assert_int_equal(bench_told(&bench, FAULT_CORRUPT), 1000);
	bench_close(&bench);
}

/* All at once, with probability 1: each pair changes places, each comes twice, all changed. */
static void test_all(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "duplicate=1,reorder=1,latency=10ms", true);
	bench_put(&bench, "a", 1);
	bench_put(&bench, "b", 1);
	bench_put(&bench, "c", 1);
	bench_put(&bench, "d", 1);
	bench.now_ns += 10 * MS;
	bench_expect_send(&bench, "b");
	bench_expect_send(&bench, "b");
	bench_expect_send(&bench, "a");
	bench_expect_send(&bench, "a");
	bench_expect_send(&bench, "d");
	bench_expect_send(&bench, "d");
	bench_expect_send(&bench, "c");
	bench_expect_send(&bench, "c");
	assert_false(fault_line_holds(bench.line));
	bench_close(&bench);
}

/* One that nothing overtakes goes on its own after a while, and before an end. */
static void test_reorder_alone(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "reorder=1,latency=10ms", true);
	bench_put(&bench, "a", 1);
	assert_true(fault_line_holds(bench.line));
	assert_int_equal(fault_line_held(bench.line), 1);
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
	assert_true(bench.next.wake_ns == bench.now_ns + 110 * MS);
	bench.now_ns = bench.next.wake_ns;
	bench_expect_send(&bench, "a");
	assert_int_equal(bench_told(&bench, FAULT_REORDER), 0);
	bench_put(&bench, "b", 1);
	fault_line_end(bench.line, false, bench.now_ns);
	assert_int_equal(bench_pass(&bench, 10), 1);
	assert_int_equal(bench.next.verdict, FAULT_ENDED);
	bench_close(&bench);
	/* Nothing that is held back is lost with the line, or with the rules. */
	bench_open(&bench, "reorder=1,duplicate=1", true);
	bench_put(&bench, "a", 1);
	bench_set(&bench, NULL);
	bench_expect_send(&bench, "a");
	bench_expect_send(&bench, "a");
	bench_set(&bench, "reorder=1,duplicate=1");
	bench_put(&bench, "b", 1);
	bench_close(&bench);
}

/* Nothing is cut into pieces: a message passes when its last byte has. */
static void test_rate_of_messages(void **state)
{
	struct bench bench;
	static char data[3000];

	(void)state;
	bench_open(&bench, "rate=1000", true);
	uint64_t begin_ns = bench.now_ns;
	bench_put(&bench, data, sizeof(data));
	bench_put(&bench, "", 0);
	bench_put(&bench, data, 500);
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
	assert_true(bench.next.wake_ns == begin_ns + 3 * NS_PER_S);
	bench.now_ns = bench.next.wake_ns;
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_SEND);
	assert_int_equal(bench.next.len, sizeof(data));
	fault_line_sent(bench.line, sizeof(data), bench.now_ns);
	bench_expect_send(&bench, "");
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
	assert_true(bench.next.wake_ns == begin_ns + 3500 * MS);
	bench_close(&bench);
}

static void test_stall_of_messages(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "stall=4", true);
	bench_put(&bench, "abc", 3);
	bench_put(&bench, "def", 3);
	bench_put(&bench, "ghi", 3);
	bench_expect_send(&bench, "abc");
	/* Messages are whole: the one that reaches the count is the last. */
	bench_expect_send(&bench, "def");
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
	assert_int_equal(fault_line_room(bench.line), 0);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_duplicate),
		cmocka_unit_test(test_reorder),
		cmocka_unit_test(test_corrupt),
		cmocka_unit_test(test_corrupt_bit),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_reorder_alone),
		cmocka_unit_test(test_rate_of_messages),
		cmocka_unit_test(test_stall_of_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
