/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Escaping over an output that takes what it likes: nothing is lost, doubled or shown raw. */
#include "stream/escape_layer.h"

#include "base/util.h"

#include <errno.h>
#include <stdlib.h>

#include "check.h"
#include "scripted.h"

struct bench {
	struct scripted below;
	struct escape_layer el;
};

static void bench_init(struct bench *bench, const int *writes, size_t write_count)
{
	scripted_init(&bench->below);
	bench->below.writes = writes;
	bench->below.write_count = write_count;
	escape_layer_init(&bench->el, &bench->below.layer);
}

static void bench_clear(struct bench *bench)
{
	layer_close(&bench->el.layer, NULL);
	assert_int_equal(bench->below.closes, 1);
	scripted_clear(&bench->below);
}

static void check_written(const char *name, const struct bench *bench, const char *want)
{
	CHECK_INT(name, bench->below.written.len, strlen(want));
	if (memcmp(buf_peek(&bench->below.written), want, strlen(want)) != 0)
		fail_msg("%s: the wrong bytes", name);
}

static void test_escapes(void **state)
{
	static const struct {
		const char *name, *data, *written;
	} rows[] = {
		{ "plain", "hello\n", "hello\n" },
		{ "an escape sequence", "\033[2Jx", "\\x1b[2Jx" },
		{ "UTF-8", "gr\303\274n", "gr\303\274n" },
		{ "a C1 control", "\302\233x", "\\xc2\\x9bx" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bench bench;
		size_t len = strlen(rows[i].data);

		bench_init(&bench, NULL, 0);
		CHECK_INT(rows[i].name, layer_write(&bench.el.layer, NULL, rows[i].data, len), len);
		CHECK_INT(rows[i].name, layer_shut_write(&bench.el.layer, NULL), 0);
		check_written(rows[i].name, &bench, rows[i].written);
		bench_clear(&bench);
	}
}

/* Write all of data, coming again where the layer could not, and shut. Returns how often it waited. */
static int write_all(struct bench *bench, const char *data, size_t len)
{
	size_t at = 0;
	int waits = 0, ret;

	while (at < len) {
		ssize_t n = layer_write(&bench->el.layer, NULL, data + at, len - at);

		if (n > 0) {
			at += (size_t)n;
			continue;
		}
		assert_true(n == -EAGAIN || n == STEP_HELD);
		assert_true(++waits < 1000);
		scripted_edge(&bench->below);
	}
	while ((ret = layer_shut_write(&bench->el.layer, NULL)) != 0) {
		assert_true(ret == -EAGAIN || ret == STEP_HELD);
		assert_int_equal(bench->below.shuts, 0);
		assert_true(++waits < 1000);
		scripted_edge(&bench->below);
	}
	assert_int_equal(bench->below.shuts, 1);
	return waits;
}

/* The output takes a byte at a time, now and then none. */
static void test_short_writes(void **state)
{
	static const int patterns[][4] = {
		{ 1, 1, 1, 1 },
		{ 1, -EAGAIN, 2, -EAGAIN },
		{ -EAGAIN, -EAGAIN, 3, 1 },
		{ STEP_HELD, 1, STEP_HELD, 5 },
		{ -EAGAIN, STEP_HELD, 1, 1 },
	};
	static const char data[] = "one\033two\033three\n";
	static const char written[] = "one\\x1btwo\\x1bthree\n";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		struct bench bench;
		int writes[400];

		for (size_t k = 0; k < ARRAY_LEN(writes); k++)
			writes[k] = patterns[i][k % 4];
		bench_init(&bench, writes, ARRAY_LEN(writes));
		write_all(&bench, data, sizeof(data) - 1);
		check_written("short writes", &bench, written);
		bench_clear(&bench);
	}
}

/* Much more than a chunk, all of it escaped, to an output that waits in every place once. */
static void test_long(void **state)
{
	enum { LEN = 10000 };
	char *data = malloc(LEN), *want = malloc((size_t)LEN * 4 + 1);
	size_t calls = 1;

	(void)state;
	memset(data, '\033', LEN);
	for (size_t i = 0; i < LEN; i++)
		memcpy(want + i * 4, "\\x1b", 5);
	for (size_t at = 0; at < calls; at++) {
		struct fault fault = { .at = at, .answer = at % 2 == 0 ? -EAGAIN : STEP_HELD };
		struct bench bench;

		bench_init(&bench, NULL, 0);
		bench.below.fault = &fault;
		write_all(&bench, data, LEN);
		check_written("long", &bench, want);
		calls = fault.calls - 1;
		bench_clear(&bench);
	}
	assert_true(calls > 2);
	free(data);
	free(want);
}

/* What waits inside is not much: while it does, nothing is taken. */
static void test_backpressure(void **state)
{
	static const int writes[] = { -EAGAIN, -EAGAIN, -EAGAIN };
	struct bench bench;

	(void)state;
	bench_init(&bench, writes, ARRAY_LEN(writes));
	assert_int_equal(layer_write(&bench.el.layer, NULL, "one", 3), 3);
	assert_int_equal(layer_pending(&bench.el.layer, HALF_WRITE), 3);
	assert_int_equal(layer_write(&bench.el.layer, NULL, "two", 3), -EAGAIN);
	assert_int_equal(layer_pending(&bench.el.layer, HALF_WRITE), 3);
	assert_int_equal(layer_shut_write(&bench.el.layer, NULL), -EAGAIN);
	assert_int_equal(bench.below.shuts, 0);
	assert_int_equal(layer_write(&bench.el.layer, NULL, "two", 3), 3);
	check_written("backpressure", &bench, "onetwo");
	bench_clear(&bench);
}

/* What has been taken, and waits, goes out as soon as there is room: not only when more comes. */
static void test_waiting_goes_out(void **state)
{
	static const int writes[] = { 2, -EAGAIN };
	struct bench bench;

	(void)state;
	bench_init(&bench, writes, ARRAY_LEN(writes));
	assert_int_equal(layer_write(&bench.el.layer, NULL, "prompt", 6), 6);
	assert_int_equal(layer_pending(&bench.el.layer, HALF_WRITE), 4);
	scripted_edge(&bench.below);
	assert_int_equal(layer_write(&bench.el.layer, NULL, NULL, 0), 0);
	assert_int_equal(layer_pending(&bench.el.layer, HALF_WRITE), 0);
	check_written("waiting", &bench, "prompt");
	bench_clear(&bench);
}

/* A character cut off by the end of the stream is shown as bytes. */
static void test_cut_character(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, NULL, 0);
	assert_int_equal(layer_write(&bench.el.layer, NULL, "a\303", 2), 2);
	check_written("cut", &bench, "a");
	assert_int_equal(layer_shut_write(&bench.el.layer, NULL), 0);
	check_written("cut", &bench, "a\\xc3");
	/* Once. */
	assert_int_equal(layer_shut_write(&bench.el.layer, NULL), 0);
	check_written("cut", &bench, "a\\xc3");
	bench_clear(&bench);
}

/* A character whose bytes come one by one. */
static void test_character_in_parts(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, NULL, 0);
	assert_int_equal(layer_write(&bench.el.layer, NULL, "\342", 1), 1);
	assert_int_equal(layer_write(&bench.el.layer, NULL, "\202", 1), 1);
	assert_int_equal(layer_write(&bench.el.layer, NULL, "\254!", 2), 2);
	check_written("in parts", &bench, "\342\202\254!");
	bench_clear(&bench);
}

static void test_failure(void **state)
{
	static const int writes[] = { 1, -EIO, -EIO };
	struct bench bench;

	(void)state;
	bench_init(&bench, writes, ARRAY_LEN(writes));
	assert_int_equal(layer_write(&bench.el.layer, NULL, "abc", 3), -EIO);
	assert_int_equal(layer_shut_write(&bench.el.layer, NULL), -EIO);
	assert_int_equal(bench.below.shuts, 0);
	bench_clear(&bench);
}

/* Bytes that are changed have to be seen; reading passes through. */
static void test_raw(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench, NULL, 0);
	assert_null(layer_raw(&bench.el.layer, HALF_WRITE));
	bench.below.is_readable = false;
	assert_int_equal(layer_wants(&bench.el.layer, HALF_READ), READY_IN);
	assert_int_equal(layer_wants(&bench.el.layer, HALF_WRITE), 0);
	bench_clear(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_short_writes),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_backpressure),
		cmocka_unit_test(test_waiting_goes_out),
		cmocka_unit_test(test_cut_character),
		cmocka_unit_test(test_character_in_parts),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_raw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
