/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The heap of timers: order, removal from any place, moving, and what a timer may do while it fires. */
#include "step/timers.h"

#include "base/util.h"

#include "check.h"

#define COUNT 500

/* A timer that notes when it fires. */
struct noted {
	struct timer timer;
	struct timers *timers;
	uint64_t *fired; /* the moments in the order of firing */
	size_t *fired_count;
	uint64_t due_ns;   /* what was asked for */
	uint64_t again_ns; /* set anew for then, once; 0: no */
	struct noted *victim; /* removed when this one fires */
};

static void noted_fire(struct timer *timer)
{
	struct noted *noted = CONTAINER_OF(timer, struct noted, timer);
	uint64_t again_ns = noted->again_ns;

	assert_int_equal(timer->index, 0);
	noted->fired[(*noted->fired_count)++] = noted->due_ns;
	if (noted->victim != NULL)
		timers_remove(noted->timers, &noted->victim->timer);
	noted->again_ns = 0;
	if (again_ns != 0) {
		noted->due_ns = again_ns;
		timers_set(noted->timers, timer, again_ns);
	}
}

/* Timers that share a heap and a record of what fired. */
struct bench {
	struct timers timers;
	struct noted noted[COUNT];
	uint64_t fired[2 * COUNT];
	size_t fired_count;
	uint32_t seed;
};

static void bench_init(struct bench *bench)
{
	memset(bench, 0, sizeof(*bench));
	bench->seed = 4711;
	for (size_t i = 0; i < COUNT; i++)
		bench->noted[i] = (struct noted){
			.timer = { .fire = noted_fire },
			.timers = &bench->timers,
			.fired = bench->fired,
			.fired_count = &bench->fired_count,
		};
}

static void bench_set(struct bench *bench, size_t i, uint64_t due_ns)
{
	bench->noted[i].due_ns = due_ns;
	timers_set(&bench->timers, &bench->noted[i].timer, due_ns);
}

/* The same numbers in every run. */
static uint32_t bench_random(struct bench *bench)
{
	bench->seed = bench->seed * 1664525 + 1013904223;
	return bench->seed >> 8;
}

/* Every parent is no later than its children, and each timer knows its place. */
static void check_heap(const struct timers *timers)
{
	for (uint32_t i = 1; i <= timers->count; i++) {
		CHECK_INT("place", timers->heap[i]->index, i);
		if (i > 1 && timers->heap[i / 2]->due_ns > timers->heap[i]->due_ns)
			fail_msg("place %u is earlier than its parent", i);
	}
}

static void test_empty(void **state)
{
	struct timers timers = { .heap = NULL };
	struct timer timer = { .due_ns = 0 };

	(void)state;
	assert_int_equal(timers_next_ns(&timers), 0);
	timers_fire(&timers, UINT64_MAX);
	timers_remove(&timers, &timer);
	timers_clear(&timers);
	assert_int_equal(timers_next_ns(&timers), 0);
}

static void test_few(void **state)
{
	static const struct {
		const char *name;
		uint64_t due_ns[5];
		int remove; /* its number, -1: none */
		uint64_t now_ns;
		uint64_t fired[5];
		size_t fired_count;
		uint64_t next_ns;
	} rows[] = {
		{ "nothing is due", { 10, 20, 30, 40, 50 }, -1, 9, { 0 }, 0, 10 },
		{ "due to the nanosecond", { 10, 20, 30, 40, 50 }, -1, 10, { 10 }, 1, 20 },
		{ "in order, however they were set", { 50, 10, 40, 20, 30 }, -1, 40, { 10, 20, 30, 40 }, 4, 50 },
		{ "all", { 3, 2, 1, 5, 4 }, -1, 100, { 1, 2, 3, 4, 5 }, 5, 0 },
		{ "the first is removed", { 1, 2, 3, 4, 5 }, 0, 100, { 2, 3, 4, 5 }, 4, 0 },
		{ "the last is removed", { 1, 2, 3, 4, 5 }, 4, 3, { 1, 2, 3 }, 3, 4 },
		{ "one within is removed", { 1, 9, 2, 10, 11 }, 1, 100, { 1, 2, 10, 11 }, 4, 0 },
		{ "equal moments", { 7, 7, 7, 7, 7 }, 2, 7, { 7, 7, 7, 7 }, 4, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bench bench;

		bench_init(&bench);
		for (size_t k = 0; k < 5; k++)
			bench_set(&bench, k, rows[i].due_ns[k]);
		if (rows[i].remove != -1)
			timers_remove(&bench.timers, &bench.noted[rows[i].remove].timer);
		check_heap(&bench.timers);
		timers_fire(&bench.timers, rows[i].now_ns);
		CHECK_INT(rows[i].name, bench.fired_count, rows[i].fired_count);
		for (size_t k = 0; k < bench.fired_count; k++)
			CHECK_INT(rows[i].name, bench.fired[k], rows[i].fired[k]);
		CHECK_INT(rows[i].name, timers_next_ns(&bench.timers), rows[i].next_ns);
		timers_clear(&bench.timers);
	}
}

/*
 * The shape in which the one that takes the place of a removed timer has to go up: it stands under another parent,
 * which is earlier than the parent of the place.
 */
static void test_remove_lifts(void **state)
{
	static const uint64_t due_ns[] = { 1, 100, 2, 200, 300, 3, 4, 400, 500, 600, 700, 5 };
	struct bench bench;

	(void)state;
	for (size_t victim = 0; victim < ARRAY_LEN(due_ns); victim++) {
		bench_init(&bench);
		for (size_t i = 0; i < ARRAY_LEN(due_ns); i++)
			bench_set(&bench, i, due_ns[i]);
		timers_remove(&bench.timers, &bench.noted[victim].timer);
		check_heap(&bench.timers);
		timers_fire(&bench.timers, UINT64_MAX);
		assert_int_equal(bench.fired_count, ARRAY_LEN(due_ns) - 1);
		timers_clear(&bench.timers);
	}
}

static void test_move(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench);
	for (size_t i = 0; i < 10; i++)
		bench_set(&bench, i, 100 + i);
	bench_set(&bench, 9, 1);
	assert_int_equal(timers_next_ns(&bench.timers), 1);
	bench_set(&bench, 9, 1000);
	assert_int_equal(timers_next_ns(&bench.timers), 100);
	assert_int_equal(bench.timers.count, 10);
	check_heap(&bench.timers);
	timers_fire(&bench.timers, 999);
	assert_int_equal(bench.fired_count, 9);
	assert_int_equal(timers_next_ns(&bench.timers), 1000);
	timers_clear(&bench.timers);
}

static void test_removed_is_unset(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench);
	bench_set(&bench, 0, 5);
	timers_remove(&bench.timers, &bench.noted[0].timer);
	timers_remove(&bench.timers, &bench.noted[0].timer);
	assert_int_equal(bench.noted[0].timer.index, 0);
	assert_int_equal(bench.noted[0].timer.due_ns, 0);
	bench_set(&bench, 0, 6);
	assert_int_equal(timers_next_ns(&bench.timers), 6);
	timers_clear(&bench.timers);
}

static void test_set_anew_while_firing(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench);
	bench_set(&bench, 0, 10);
	bench.noted[0].again_ns = 30;
	bench_set(&bench, 1, 20);
	timers_fire(&bench.timers, 20);
	assert_int_equal(bench.fired_count, 2);
	assert_int_equal(timers_next_ns(&bench.timers), 30);
	timers_fire(&bench.timers, 30);
	assert_int_equal(bench.fired_count, 3);
	assert_int_equal(timers_next_ns(&bench.timers), 0);
	timers_clear(&bench.timers);
}

static void test_remove_another_while_firing(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench);
	bench_set(&bench, 0, 10);
	bench_set(&bench, 1, 10);
	bench_set(&bench, 2, 11);
	bench.noted[0].victim = &bench.noted[1];
	bench.noted[1].victim = &bench.noted[0];
	timers_fire(&bench.timers, 11);
	/* One of the two equal ones, and the later one. */
	assert_int_equal(bench.fired_count, 2);
	assert_int_equal(bench.fired[1], 11);
	timers_clear(&bench.timers);
}

/* Many, set, moved and removed without plan, against a look at every one. */
static void test_many(void **state)
{
	struct bench bench;
	uint64_t now_ns = 0;

	(void)state;
	bench_init(&bench);
	for (int round = 0; round < 20000; round++) {
		size_t i = bench_random(&bench) % COUNT;

		if (bench_random(&bench) % 4 == 0)
			timers_remove(&bench.timers, &bench.noted[i].timer);
		else
			bench_set(&bench, i, now_ns + 1 + bench_random(&bench) % 1000);
		if (round % 100 != 0)
			continue;
		check_heap(&bench.timers);
		now_ns += 100;
		bench.fired_count = 0;
		timers_fire(&bench.timers, now_ns);
		for (size_t k = 1; k < bench.fired_count; k++)
			assert_true(bench.fired[k - 1] <= bench.fired[k]);
		for (size_t k = 0; k < COUNT; k++)
			if (bench.noted[k].timer.index != 0)
				assert_true(bench.noted[k].timer.due_ns > now_ns);
	}
	timers_clear(&bench.timers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_remove_lifts),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_removed_is_unset),
		cmocka_unit_test(test_set_anew_while_firing),
		cmocka_unit_test(test_remove_another_while_firing),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
