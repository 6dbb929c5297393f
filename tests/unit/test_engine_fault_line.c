/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What faults do to a stream: each kind, in time that is made up. Messages are in test_engine_fault_messages.c. */
#include "base/clock.h"
#include "base/random.h"
#include "base/util.h"

#include "check.h"
#include "fault_bench.h"

#include <stdlib.h>

#define MS NS_PER_MS

/* ---- Without faults, and latency -------------------------------------------------------------------------------- */

static void test_nothing(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, NULL, false);
	assert_false(fault_line_holds(bench.line));
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
	assert_int_equal(bench.next.wake_ns, 0);
	bench_put(&bench, "hello", 5);
	assert_true(fault_line_holds(bench.line));
	bench_expect_send(&bench, "hello");
	assert_false(fault_line_holds(bench.line));
	fault_line_end(bench.line, false, bench.now_ns);
	assert_true(fault_line_holds(bench.line));
	assert_int_equal(fault_line_room(bench.line), 0);
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_ENDED);
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
	assert_false(fault_line_holds(bench.line));
	assert_int_equal(bench.told_count, 0);
	bench_close(&bench);
}

static void test_latency(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "latency=100ms", false);
	bench_put(&bench, "one", 3);
	uint64_t first_ns = bench.now_ns + 100 * MS;
	bench.now_ns += 30 * MS;
	bench_put(&bench, "two", 3);
	fault_line_end(bench.line, false, bench.now_ns);
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
	assert_true(bench.next.wake_ns == first_ns);
	bench.now_ns = first_ns - 1;
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
	bench.now_ns = first_ns;
	bench_expect_send(&bench, "one");
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
	assert_true(bench.next.wake_ns == first_ns + 30 * MS);
	bench.now_ns = first_ns + 30 * MS;
	bench_expect_send(&bench, "two");
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_ENDED);
	/* Two pieces of data and the end. */
	assert_int_equal(bench_told(&bench, FAULT_LATENCY), 3);
	assert_int_equal(bench.told[0].bytes, 3);
	assert_int_equal(bench.told[0].ns, 100 * MS);
	bench_close(&bench);
}

/* A send that takes a part leaves the rest, due as before. */
static void test_parts(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "latency=1ms", false);
	bench_put(&bench, "abcdef", 6);
	bench.now_ns += MS;
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_SEND);
	fault_line_sent(bench.line, 2, bench.now_ns);
	bench_expect_send(&bench, "cdef");
	bench_close(&bench);
}

static void test_broken_keeps_its_place(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "latency=50ms,slow-close=10s", false);
	bench_put(&bench, "data", 4);
	bench.now_ns += 10 * MS;
	fault_line_end(bench.line, true, bench.now_ns);
	bench.now_ns += 40 * MS;
	bench_expect_send(&bench, "data");
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
	bench.now_ns += 10 * MS;
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_BROKEN);
	assert_false(fault_line_holds(bench.line));
	/* It is no end that could be slow. */
	assert_int_equal(bench_told(&bench, FAULT_SLOW_CLOSE), 0);
	bench_close(&bench);
}

/* It takes 64 MiB in without sending a byte, no more, and takes more again when there is room. */
static void test_latency_bound(void **state)
{
	static char data[65536];
	struct bench bench;
	uint64_t put = 0;

	(void)state;
	bench_open(&bench, "latency=10s", false);
	while (fault_line_room(bench.line) > 0) {
		size_t room = fault_line_room(bench.line);
		size_t len = room < sizeof(data) ? room : sizeof(data);

		fault_line_put(bench.line, data, len, bench.now_ns);
		put += len;
		assert_true(put <= FAULT_LINE_MAX);
	}
	assert_true(put > FAULT_LINE_MAX - FAULT_LINE_MAX / 100);
	assert_int_equal(fault_line_held(bench.line), put);
	bench.now_ns += 10 * NS_PER_S;
	assert_int_equal(bench_drain(&bench, UINT64_MAX), put);
	assert_true(fault_line_room(bench.line) > FAULT_LINE_MAX / 2);
	bench_close(&bench);
}

/* Single bytes cost what they need beside themselves. */
static void test_small_bound(void **state)
{
	struct bench bench;
	size_t count = 0;

	(void)state;
	bench_open(&bench, "latency=10s", false);
	while (fault_line_room(bench.line) > 0) {
		fault_line_put(bench.line, "x", 1, bench.now_ns);
		count++;
	}
	assert_in_range(count, FAULT_LINE_MAX / 200, FAULT_LINE_MAX / 32);
	bench_close(&bench);
}

/* The same where it is the rate that says how much may be held. */
static void test_small_bound_of_rate(void **state)
{
	struct bench bench;
	size_t count = 0;

	(void)state;
	bench_open(&bench, "rate=1G,latency=50ms", false);
	while (fault_line_room(bench.line) > 0) {
		fault_line_put(bench.line, "x", 1, bench.now_ns);
		count++;
	}
	assert_in_range(count, FAULT_LINE_MAX / 200, FAULT_LINE_MAX / 32);
	bench_close(&bench);
}

static void test_jitter(void **state)
{
	struct bench bench;
	uint64_t least = UINT64_MAX, most = 0, sum = 0;

	(void)state;
	bench_open(&bench, "latency=100ms,jitter=20ms", false);
	/* A second apart, so that none waits for the one before it. */
	for (unsigned i = 0; i < 4000; i++) {
		uint64_t put_ns = bench.now_ns;

		bench_put(&bench, "x", 1);
		bench_ask(&bench);
		bench.now_ns = bench.next.wake_ns;
		bench_expect_send(&bench, "x");
		uint64_t delay = bench.now_ns - put_ns;
		least = delay < least ? delay : least;
		most = delay > most ? delay : most;
		sum += delay;
		bench.now_ns = put_ns + NS_PER_S;
	}
	assert_in_range(least, 80 * MS, 81 * MS);
	assert_in_range(most, 119 * MS, 120 * MS);
	/* Four standard deviations of the mean of 4000: 11.5 ms / 63 * 4. */
	assert_in_range(sum / 4000, 100 * MS - 730 * NS_PER_US, 100 * MS + 730 * NS_PER_US);
	bench_close(&bench);
}

/* Closer together than the jitter: the order stays. */
static void test_jitter_order(void **state)
{
	struct bench bench;
	uint32_t sent = 0;

	(void)state;
	bench_open(&bench, "latency=10ms,jitter=30ms", false);
	for (uint32_t put = 0; put < 2000; put++) {
		fault_line_put(bench.line, &put, sizeof(put), bench.now_ns);
		bench.now_ns += 100 * NS_PER_US;
		while (bench_ask(&bench)->verdict == FAULT_SEND) {
			uint32_t got;

			assert_int_equal(bench.next.len, sizeof(got));
			memcpy(&got, bench.next.data, sizeof(got));
			assert_int_equal(got, sent++);
			fault_line_sent(bench.line, sizeof(got), bench.now_ns);
		}
	}
	assert_true(sent > 1500);
	bench_close(&bench);
}

/* ---- Reading in place ------------------------------------------------------------------------------------------- */

/* Read so much where the line wants it. */
static void put_placed(struct bench *bench, size_t len, char byte)
{
	char *place = fault_line_place(bench->line);

	assert_non_null(place);
	memset(place, byte, len);
	fault_line_placed(bench->line, len, bench->now_ns);
}

/* Take out so many bytes, which have to be these. */
static void expect_run(struct bench *bench, size_t len, char byte)
{
	while (len > 0) {
		assert_int_equal(bench_ask(bench)->verdict, FAULT_SEND);
		assert_true(bench->next.len <= len);
		assert_int_equal(bench->next.data[0], byte);
		assert_int_equal(bench->next.data[bench->next.len - 1], byte);
		len -= bench->next.len;
		fault_line_sent(bench->line, bench->next.len, bench->now_ns);
	}
}

static void test_place(void **state)
{
	static char data[65536];
	struct bench bench;

	(void)state;
	bench_open(&bench, "latency=10ms", false);
	assert_null(fault_line_place(bench.line));
	bench_put(&bench, "little", 6);
	assert_null(fault_line_place(bench.line));
	bench_put(&bench, data, sizeof(data));
	put_placed(&bench, FAULT_LINE_PLACE, 'f');
	put_placed(&bench, FAULT_LINE_PLACE - 5, 'g');
	put_placed(&bench, FAULT_LINE_PLACE / 2, 'h');
	put_placed(&bench, 3, 'i');
	/* Little came last. */
	assert_null(fault_line_place(bench.line));
	bench_put(&bench, "j", 1);
	assert_int_equal(fault_line_held(bench.line), 6 + sizeof(data) + 2 * FAULT_LINE_PLACE - 5 +
			 FAULT_LINE_PLACE / 2 + 3 + 1);
	bench.now_ns += 10 * MS;
	bench_expect_send(&bench, "little");
	expect_run(&bench, sizeof(data), 0);
	expect_run(&bench, FAULT_LINE_PLACE, 'f');
	expect_run(&bench, FAULT_LINE_PLACE - 5, 'g');
	expect_run(&bench, FAULT_LINE_PLACE / 2, 'h');
	bench_expect_send(&bench, "iii");
	bench_expect_send(&bench, "j");
	assert_false(fault_line_holds(bench.line));
	bench_close(&bench);
}

/* A place that was asked for and not used is no matter; nothing was read into it. */
static void test_place_without_data(void **state)
{
	static char data[65536];
	struct bench bench;

	(void)state;
	bench_open(&bench, NULL, false);
	bench_put(&bench, data, sizeof(data));
	assert_non_null(fault_line_place(bench.line));
	expect_run(&bench, sizeof(data), 0);
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
	put_placed(&bench, FAULT_LINE_PLACE, 'x');
	assert_non_null(fault_line_place(bench.line));
	fault_line_end(bench.line, false, bench.now_ns);
	expect_run(&bench, FAULT_LINE_PLACE, 'x');
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_ENDED);
	bench_close(&bench);
	/* Messages are put in only. */
	bench_open(&bench, NULL, true);
	bench_put(&bench, data, sizeof(data));
	assert_null(fault_line_place(bench.line));
	bench_close(&bench);
}

/* What places have room for beside their data counts against the bound. */
static void test_place_bound(void **state)
{
	static char data[65536];
	struct bench bench;
	size_t count = 0;

	(void)state;
	bench_open(&bench, "latency=1h", false);
	bench_put(&bench, data, sizeof(data));
	for (; fault_line_room(bench.line) > 0; count++)
		put_placed(&bench, FAULT_LINE_PLACE / 4 * 3, 'x');
	assert_in_range(count, FAULT_LINE_MAX / (FAULT_LINE_PLACE + 200) - 2, FAULT_LINE_MAX / FAULT_LINE_PLACE + 1);
	bench.now_ns += 3600 * NS_PER_S;
	assert_int_equal(bench_drain(&bench, UINT64_MAX), sizeof(data) + count * (FAULT_LINE_PLACE / 4 * 3));
	assert_true(fault_line_room(bench.line) > FAULT_LINE_MAX - 1000);
	bench_close(&bench);
}

/* ---- Rate ------------------------------------------------------------------------------------------------------- */

/* How many bytes pass in a time from a source that has always more, to who takes all, woken as the loop wakes. */
static uint64_t run_rate(struct bench *bench, uint64_t duration_ns, uint64_t late_ns)
{
	static char data[65536];
	uint64_t end_ns = bench->now_ns + duration_ns, sent = 0;
	struct random random;

	random_init(&random, 1, 1);
	while (bench->now_ns <= end_ns) {
		size_t room = fault_line_room(bench->line);
		uint64_t n;

		if (room > 0)
			fault_line_put(bench->line, data, room < sizeof(data) ? room : sizeof(data), bench->now_ns);
		n = bench_drain(bench, UINT64_MAX);
		sent += n;
		if (n > 0 || fault_line_room(bench->line) > 0)
			continue;
		assert_true(bench->next.wake_ns > bench->now_ns);
		bench->now_ns = bench->next.wake_ns + random_below(&random, late_ns);
	}
	return sent;
}

static void test_rate(void **state)
{
	static const struct {
		const char *fault;
		uint64_t rate;
	} rows[] = {
		{ "rate=1k", 1024 },
		{ "rate=10000", 10000 },
		{ "rate=64k", 65536 },
		{ "rate=1M", UINT64_C(1) << 20 },
		{ "rate=30M", UINT64_C(30) << 20 },
		{ "rate=1G", UINT64_C(1) << 30 },
		{ "rate=1k,slice=7", 1024 },
		{ "rate=10M,slice=1000", UINT64_C(10) << 20 },
		{ "rate=1M,latency=50ms", UINT64_C(1) << 20 },
		{ "rate=100M,latency=50ms,jitter=10ms", UINT64_C(100) << 20 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bench bench;

		bench_open(&bench, rows[i].fault, false);
		/* What the latency takes at the start is no part of the rate. */
		run_rate(&bench, NS_PER_S / 4, 1500 * NS_PER_US);
		uint64_t sent = run_rate(&bench, 5 * NS_PER_S, 1500 * NS_PER_US);
		double error = (double)sent / (double)(5 * rows[i].rate) - 1.0;
		if (error < -0.01 || error > 0.01)
			fail_msg("%s: %f of the rate", rows[i].fault, 1.0 + error);
		assert_true(bench_told(&bench, FAULT_RATE) > 0);
		bench_close(&bench);
	}
}

/* The first byte waits its turn, and after silence there is no burst. */
static void test_rate_no_burst(void **state)
{
	struct bench bench;
	uint64_t begin_ns;

	(void)state;
	bench_open(&bench, "rate=1000", false);
	for (unsigned i = 0; i < 3; i++) {
		char data[100] = { 0 };

		begin_ns = bench.now_ns;
		bench_put(&bench, data, sizeof(data));
		assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
		assert_int_equal(bench_pass(&bench, sizeof(data)), sizeof(data));
		assert_in_range(bench.now_ns - begin_ns, 100 * MS, 101 * MS);
		bench.now_ns += 100 * NS_PER_S;
	}
	bench_close(&bench);
}

/* Pieces that pass in a few nanoseconds do not pass for nothing: parts of one add up. */
static void test_rate_rest(void **state)
{
	struct bench bench;
	static char data[65536];

	(void)state;
	bench_open(&bench, "rate=1G,slice=10", false);
	bench_put(&bench, data, sizeof(data));
	uint64_t begin_ns = bench.now_ns;
	assert_int_equal(bench_pass(&bench, sizeof(data)), sizeof(data));
	assert_in_range(bench.now_ns - begin_ns, 61035, 61046);
	bench_close(&bench);
}

/* Who takes nothing for ten seconds gets no ten seconds' worth at once. */
static void test_rate_blocked(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "rate=1M,latency=10s", false);
	run_rate(&bench, 11 * NS_PER_S, 1);
	bench.now_ns += 10 * NS_PER_S;
	assert_true(fault_line_held(bench.line) > 8 << 20);
	assert_in_range(bench_drain(&bench, UINT64_MAX), 1, (1 << 20) / 10);
	bench_close(&bench);
}

/* What waits for a slow rate waits with the sender, not here; with a latency, what is on its way has room. */
static void test_rate_room(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "rate=1k", false);
	assert_in_range(fault_line_room(bench.line), 1, 4096);
	bench_close(&bench);
	bench_open(&bench, "rate=1M,latency=10s", false);
	assert_in_range(fault_line_room(bench.line), 10 << 20, 11 << 20);
	bench_close(&bench);
	bench_open(&bench, "rate=1G,latency=10s", false);
	assert_in_range(fault_line_room(bench.line), 63 << 20, 64 << 20);
	bench_close(&bench);
}

/* ---- Slices ----------------------------------------------------------------------------------------------------- */

/* Put pieces of these lengths in at once; every send but the last is of slice bytes, and the bytes are the same. */
static void check_slices(size_t slice, const size_t *lens, size_t count)
{
	struct bench bench;
	char fault[32], data[512], got[2048];
	size_t put = 0, sent = 0;

	snprintf(fault, sizeof(fault), "slice=%zu", slice);
	bench_open(&bench, fault, false);
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < lens[i]; j++)
			data[j] = (char)put++;
		bench_put(&bench, data, lens[i]);
	}
	while (bench_ask(&bench)->verdict == FAULT_SEND) {
		size_t left = put - sent;

		assert_int_equal(bench.next.len, left < slice ? left : slice);
		memcpy(got + sent, bench.next.data, bench.next.len);
		sent += bench.next.len;
		fault_line_sent(bench.line, bench.next.len, bench.now_ns);
	}
	assert_int_equal(sent, put);
	for (size_t i = 0; i < sent; i++)
		assert_int_equal(got[i], (char)i);
	assert_int_equal(fault_line_held(bench.line), 0);
	bench_close(&bench);
}

static void test_slice(void **state)
{
	static const size_t lens[] = { 100, 1, 1, 1, 250, 7, 500, 3 };
	static const size_t slices[] = { 1, 2, 3, 7, 100, 101, 256, 1000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(slices); i++)
		check_slices(slices[i], lens, ARRAY_LEN(lens));
}

static void test_slice_told(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "slice=4", false);
	bench_put(&bench, "abcdefghij", 10);
	bench_expect_send(&bench, "abcd");
	bench_expect_send(&bench, "efgh");
	bench_expect_send(&bench, "ij");
	assert_int_equal(bench_told(&bench, FAULT_SLICE), 2);
	/* What is not there yet is not waited for, and what is not due yet does not go along. */
	bench_put(&bench, "k", 1);
	bench_expect_send(&bench, "k");
	/* What comes behind pieces that were put together comes after them. */
	bench_put(&bench, "lm", 2);
	bench_put(&bench, "no", 2);
	bench_put(&bench, "p", 1);
	bench_ask(&bench);
	bench_put(&bench, "qr", 2);
	bench_expect_send(&bench, "lmno");
	bench_expect_send(&bench, "pqr");
	bench_put(&bench, "st", 2);
	bench_put(&bench, "uv", 2);
	bench_ask(&bench);
	bench_put(&bench, "w", 1);
	bench_expect_send(&bench, "stuv");
	bench_expect_send(&bench, "w");
	bench_close(&bench);
	bench_open(&bench, "slice=4,latency=10ms", false);
	bench_put(&bench, "ab", 2);
	bench.now_ns += 5 * MS;
	bench_put(&bench, "cd", 2);
	bench.now_ns += 5 * MS;
	bench_expect_send(&bench, "ab");
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
	bench_close(&bench);
}

/* ---- What ends or stops everything ------------------------------------------------------------------------------ */

static void test_limit(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "limit=10", false);
	assert_int_equal(fault_line_room(bench.line), 10);
	bench_put(&bench, "abcdef", 6);
	assert_int_equal(fault_line_room(bench.line), 4);
	/* One who puts in more than there is room for: still not one byte more comes out. */
	bench_put(&bench, "ghijklmn", 8);
	bench_expect_send(&bench, "abcdef");
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_SEND);
	assert_int_equal(bench.next.len, 4);
	fault_line_sent(bench.line, 3, bench.now_ns);
	assert_int_equal(bench_told(&bench, FAULT_LIMIT), 0);
	bench_expect_send(&bench, "j");
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_END_BOTH);
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_END_BOTH);
	assert_int_equal(bench_told(&bench, FAULT_LIMIT), 1);
	assert_int_equal(bench.told[0].bytes, 10);
	assert_int_equal(fault_line_room(bench.line), 0);
	bench_close(&bench);
	bench_open(&bench, "limit=0", false);
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_END_BOTH);
	bench_close(&bench);
}

/* A source that ends before the limit just ends. */
static void test_limit_not_reached(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "limit=10,reset=20,stall=30", false);
	bench_put(&bench, "abc", 3);
	fault_line_end(bench.line, false, bench.now_ns);
	bench_expect_send(&bench, "abc");
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_ENDED);
	assert_int_equal(bench.told_count, 0);
	bench_close(&bench);
}

static void test_reset_bytes(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "reset=5,latency=10ms,slice=2", false);
	bench_put(&bench, "abcdefgh", 8);
	bench.now_ns += 10 * MS;
	bench_expect_send(&bench, "ab");
	bench_expect_send(&bench, "cd");
	bench_expect_send(&bench, "e");
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_RESET_BOTH);
	assert_int_equal(bench_told(&bench, FAULT_RESET), 1);
	bench_close(&bench);
	bench_open(&bench, "reset=0", false);
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_RESET_BOTH);
	bench_close(&bench);
}

static void test_reset_time(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "reset=2s", false);
	uint64_t reset_ns = bench.now_ns + 2 * NS_PER_S;
	/* Idle: it says when it wants to be asked. */
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
	assert_true(bench.next.wake_ns == reset_ns);
	bench.now_ns = reset_ns - 1;
	bench_put(&bench, "abc", 3);
	bench_expect_send(&bench, "abc");
	bench.now_ns = reset_ns;
	bench_put(&bench, "def", 3);
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_RESET_BOTH);
	assert_int_equal(bench.told[0].ns, 2 * NS_PER_S);
	bench_close(&bench);
	/* While data wait for something later, the reset is what comes first. */
	bench_open(&bench, "reset=2s,latency=5s", false);
	bench_put(&bench, "abc", 3);
	reset_ns = bench.now_ns + 2 * NS_PER_S;
	assert_true(bench_ask(&bench)->wake_ns == reset_ns);
	bench_close(&bench);
}

static void test_stall_bytes(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "stall=4", false);
	assert_int_equal(fault_line_room(bench.line), 4);
	bench_put(&bench, "abcdef", 6);
	bench_expect_send(&bench, "abcd");
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
	assert_int_equal(bench.next.wake_ns, 0);
	assert_int_equal(bench_told(&bench, FAULT_STALL), 1);
	assert_int_equal(fault_line_room(bench.line), 0);
	/* The end stays too. */
	fault_line_end(bench.line, false, bench.now_ns);
	bench.now_ns += 100 * NS_PER_S;
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
	assert_true(fault_line_holds(bench.line));
	bench_close(&bench);
}

static void test_stall_time(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "stall=1s", false);
	uint64_t stall_ns = bench.now_ns + NS_PER_S;
	assert_true(bench_ask(&bench)->wake_ns == stall_ns);
	bench_put(&bench, "abc", 3);
	bench_expect_send(&bench, "abc");
	bench.now_ns = stall_ns;
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
	assert_int_equal(bench.next.wake_ns, 0);
	assert_int_equal(bench.told[0].ns, NS_PER_S);
	assert_int_equal(fault_line_room(bench.line), 0);
	bench_close(&bench);
}

/* A stalled line passes a reset on, and keeps the time of one of its own. */
static void test_stall_and_reset(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "stall=0,reset=3s", false);
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
	assert_true(bench.next.wake_ns == bench.now_ns + 3 * NS_PER_S);
	fault_line_end(bench.line, true, bench.now_ns);
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_BROKEN);
	bench_close(&bench);
	bench_open(&bench, "stall=0,reset=3s", false);
	bench_ask(&bench);
	bench.now_ns += 3 * NS_PER_S;
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_RESET_BOTH);
	bench_close(&bench);
}

static void test_slow_close(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "slow-close=500ms,latency=100ms", false);
	bench_put(&bench, "abc", 3);
	fault_line_end(bench.line, false, bench.now_ns);
	uint64_t end_ns = bench.now_ns + 600 * MS;
	bench.now_ns += 100 * MS;
	bench_expect_send(&bench, "abc");
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
	assert_true(bench.next.wake_ns == end_ns);
	bench.now_ns = end_ns;
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_ENDED);
	assert_int_equal(bench_told(&bench, FAULT_SLOW_CLOSE), 1);
	bench_close(&bench);
}

/* ---- Changes while it runs -------------------------------------------------------------------------------------- */

static void test_clear(void **state)
{
	static const char *const faults[] = { "latency=1h", "stall=0", "rate=1", "slow-close=1h,stall=1ms",
					      "latency=1h,jitter=1h,rate=1k" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		struct bench bench;

		bench_open(&bench, faults[i], false);
		bench_ask(&bench);
		bench_put(&bench, "abc", 3);
		bench_put(&bench, "def", 3);
		bench.now_ns += 2 * MS;
		fault_line_end(bench.line, false, bench.now_ns);
		CHECK_INT(faults[i], bench_ask(&bench)->verdict, FAULT_WAIT);
		bench_set(&bench, NULL);
		bench_expect_send(&bench, "abc");
		bench_expect_send(&bench, "def");
		CHECK_INT(faults[i], bench_ask(&bench)->verdict, FAULT_ENDED);
		bench_close(&bench);
	}
}

static void test_change(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "latency=10s", false);
	bench_put(&bench, "abc", 3);
	uint64_t put_ns = bench.now_ns;
	bench.now_ns += 50 * MS;
	bench_set(&bench, "latency=100ms,limit=5");
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
	assert_true(bench.next.wake_ns == put_ns + 100 * MS);
	bench.now_ns = put_ns + 100 * MS;
	bench_expect_send(&bench, "abc");
	/* Given anew: the count begins anew, and so does the time. */
	bench_set(&bench, "limit=5,reset=2s");
	uint64_t reset_ns = bench.now_ns + 2 * NS_PER_S;
	assert_true(bench_ask(&bench)->wake_ns == reset_ns);
	bench_put(&bench, "defgh", 5);
	bench_expect_send(&bench, "defgh");
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_END_BOTH);
	bench_close(&bench);
}

/* What is counted goes on where other rules are put beside it. */
static void test_change_keeps_counts(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "limit=10,reset=2s", false);
	uint64_t reset_ns = bench.now_ns + 2 * NS_PER_S;
	bench_put(&bench, "abcdef", 6);
	bench_expect_send(&bench, "abcdef");
	bench.now_ns += NS_PER_S;
	bench_set(&bench, "limit=10,reset=2s,slice=3");
	assert_true(bench_ask(&bench)->wake_ns == reset_ns);
	assert_int_equal(fault_line_room(bench.line), 4);
	bench_put(&bench, "ghij", 4);
	bench_expect_send(&bench, "ghi");
	bench_expect_send(&bench, "j");
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_END_BOTH);
	bench_close(&bench);
	/* A stall stays one. */
	bench_open(&bench, "stall=0", false);
	bench_ask(&bench);
	bench_set(&bench, "stall=0,latency=1ms");
	assert_int_equal(fault_line_room(bench.line), 0);
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_WAIT);
	assert_int_equal(bench_told(&bench, FAULT_STALL), 1);
	bench_set(&bench, "stall=1");
	assert_int_equal(fault_line_room(bench.line), 1);
	bench_close(&bench);
}

/* An end that was made slow is as slow as the new rules say. */
static void test_change_slow_close(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, "slow-close=1h", false);
	fault_line_end(bench.line, false, bench.now_ns);
	uint64_t end_ns = bench.now_ns + 2 * NS_PER_S;
	bench.now_ns += NS_PER_S;
	bench_set(&bench, "slow-close=2s");
	assert_true(bench_ask(&bench)->wake_ns == end_ns);
	bench.now_ns = end_ns;
	assert_int_equal(bench_ask(&bench)->verdict, FAULT_ENDED);
	bench_close(&bench);
}

/* A rate that is given to a line that is full begins then. */
static void test_change_rate(void **state)
{
	struct bench bench;
	char data[1000] = { 0 };

	(void)state;
	bench_open(&bench, "stall=0", false);
	bench_ask(&bench);
	bench_put(&bench, data, sizeof(data));
	bench.now_ns += 100 * NS_PER_S;
	bench_set(&bench, "rate=1000");
	uint64_t begin_ns = bench.now_ns;
	assert_int_equal(bench_pass(&bench, sizeof(data)), sizeof(data));
	assert_in_range(bench.now_ns - begin_ns, 999 * MS, 1001 * MS);
	bench_close(&bench);
}

/* The same seed does the same again. */
static void test_seed(void **state)
{
	struct bench one, other;

	(void)state;
	bench_open(&one, "jitter=1s", false);
	bench_open(&other, "jitter=1s", false);
	for (unsigned i = 0; i < 100; i++) {
		bench_put(&one, "x", 1);
		bench_put(&other, "x", 1);
		assert_true(one.told[i].ns == other.told[i].ns);
	}
	bench_close(&one);
	bench_close(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_latency),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_broken_keeps_its_place),
		cmocka_unit_test(test_latency_bound),
		cmocka_unit_test(test_small_bound),
		cmocka_unit_test(test_small_bound_of_rate),
		cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_jitter_order),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_place_without_data),
		cmocka_unit_test(test_place_bound),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_rate_no_burst),
		cmocka_unit_test(test_rate_rest),
		cmocka_unit_test(test_rate_blocked),
		cmocka_unit_test(test_rate_room),
		cmocka_unit_test(test_slice),
		cmocka_unit_test(test_slice_told),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_limit_not_reached),
		cmocka_unit_test(test_reset_bytes),
		cmocka_unit_test(test_reset_time),
		cmocka_unit_test(test_stall_bytes),
		cmocka_unit_test(test_stall_time),
		cmocka_unit_test(test_stall_and_reset),
		cmocka_unit_test(test_slow_close),
		cmocka_unit_test(test_clear),
		cmocka_unit_test(test_change),
		cmocka_unit_test(test_change_keeps_counts),
		cmocka_unit_test(test_change_slow_close),
		cmocka_unit_test(test_change_rate),
		cmocka_unit_test(test_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
