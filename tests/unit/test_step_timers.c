/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The timers: order, removal from any place, moving, what a timer may do while it fires; the heap and the lists of
 * equal delays alone and together, compared with a look at every timer.
 */
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

	assert_false(timer_is_set(timer));
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

/* The timers of a list. In it nobody is later than who comes behind, and the links agree both ways. */
static size_t check_list(const struct timer_list *list)
{
	const struct timer *previous = &list->head;
	size_t length = 0;

	if (list->head.next == NULL)
		return 0;
	for (const struct timer *timer = list->head.next; timer != &list->head; timer = timer->next) {
		assert_ptr_equal(timer->previous, previous);
		if (length++ > 0)
			assert_true(previous->due_ns <= timer->due_ns);
		previous = timer;
		if (length > COUNT)
			fail_msg("the list is no ring");
	}
	assert_ptr_equal(list->head.previous, previous);
	return length;
}

/* Every parent is no later than its children, and each timer knows its place. */
static void check_order(const struct timers *timers)
{
	for (uint32_t i = 1; i <= timers->count; i++) {
		CHECK_INT("place", timers->heap[i]->index, i);
		if (i > 1 && timers->heap[i / 2]->due_ns > timers->heap[i]->due_ns)
			fail_msg("place %u is earlier than its parent", i);
	}
	for (size_t i = 0; i < TIMERS_LISTS; i++)
		check_list(&timers->lists[i]);
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
		check_order(&bench.timers);
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
		check_order(&bench.timers);
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
	check_order(&bench.timers);
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
	assert_false(timer_is_set(&bench.noted[0].timer));
	assert_int_equal(bench.noted[0].timer.index, 0);
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

static void bench_set_after(struct bench *bench, size_t i, uint64_t now_ns, uint64_t delay_ns)
{
	bench->noted[i].due_ns = now_ns + delay_ns;
	timers_set_after(&bench->timers, &bench->noted[i].timer, now_ns, delay_ns);
}

/* Equal delays stand in one list, in the order of their coming, and none of them in the heap. */
static void test_equal_delays(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench);
	for (size_t i = 0; i < 10; i++)
		bench_set_after(&bench, i, 1000 + i, i % 2 == 0 ? 500 : 300);
	assert_int_equal(bench.timers.count, 0);
	assert_int_equal(timers_next_ns(&bench.timers), 1301);
	/* The first, one within and the last of a list. */
	timers_remove(&bench.timers, &bench.noted[1].timer);
	timers_remove(&bench.timers, &bench.noted[5].timer);
	timers_remove(&bench.timers, &bench.noted[9].timer);
	check_order(&bench.timers);
	assert_int_equal(timers_next_ns(&bench.timers), 1303);
	/* Set once more: to the end of its list. */
	bench_set_after(&bench, 0, 1010, 500);
	assert_int_equal(bench.timers.count, 0);
	timers_fire(&bench.timers, 1508);
	assert_int_equal(bench.fired_count, 6);
	assert_int_equal(timers_next_ns(&bench.timers), 1510);
	timers_fire(&bench.timers, 1510);
	assert_int_equal(bench.fired_count, 7);
	assert_int_equal(timers_next_ns(&bench.timers), 0);
	timers_clear(&bench.timers);
}

/* The lists are few: what has no list is in the heap, and a list that is empty serves the next delay. */
static void test_more_delays_than_lists(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench);
	for (size_t i = 0; i < TIMERS_LISTS + 2; i++)
		bench_set_after(&bench, i, 100, 1000 * (i + 1));
	assert_int_equal(bench.timers.count, 2);
	timers_remove(&bench.timers, &bench.noted[3].timer);
	bench_set_after(&bench, TIMERS_LISTS, 101, 7);
	assert_int_equal(bench.timers.count, 1);
	bench_set_after(&bench, 20, 102, 7);
	assert_int_equal(bench.timers.count, 1);
	check_order(&bench.timers);
	timers_fire(&bench.timers, UINT64_MAX);
	assert_int_equal(bench.fired_count, TIMERS_LISTS + 2);
	for (size_t k = 1; k < bench.fired_count; k++)
		assert_true(bench.fired[k - 1] <= bench.fired[k]);
	timers_clear(&bench.timers);
}

/* From a list to the heap and back; a clock that was put back spoils no order. */
static void test_between_list_and_heap(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench);
	bench_set_after(&bench, 0, 1000, 50);
	bench_set_after(&bench, 1, 900, 50);
	assert_int_equal(bench.timers.count, 1);
	assert_int_equal(timers_next_ns(&bench.timers), 950);
	bench_set(&bench, 0, 940);
	assert_int_equal(bench.timers.count, 2);
	assert_int_equal(timers_next_ns(&bench.timers), 940);
	bench_set_after(&bench, 0, 901, 50);
	assert_int_equal(bench.timers.count, 1);
	assert_int_equal(timers_next_ns(&bench.timers), 950);
	check_order(&bench.timers);
	timers_fire(&bench.timers, 951);
	assert_int_equal(bench.fired_count, 2);
	timers_clear(&bench.timers);
}

/* A limit that is set anew each time it runs out, while the others of its list wait. */
static void test_list_set_anew_while_firing(void **state)
{
	struct bench bench;

	(void)state;
	bench_init(&bench);
	for (size_t i = 0; i < 4; i++)
		bench_set_after(&bench, i, 10, 5);
	bench.noted[0].again_ns = 15;
	bench.noted[1].victim = &bench.noted[2];
	timers_fire(&bench.timers, 15);
	/* 0, 1, 3 and 0 again, now from the heap; 2 was taken out by 1. */
	assert_int_equal(bench.fired_count, 4);
	assert_int_equal(timers_next_ns(&bench.timers), 0);
	timers_clear(&bench.timers);
}

/* A timer as the simplest implementation would keep it. */
struct naive {
	uint64_t due_ns; /* 0: not set */
};

/* The earliest by a look at every one; 0: none. */
static uint64_t naive_next_ns(const struct naive *model)
{
	uint64_t next_ns = 0;

	for (size_t i = 0; i < COUNT; i++)
		if (model[i].due_ns != 0 && (next_ns == 0 || model[i].due_ns < next_ns))
			next_ns = model[i].due_ns;
	return next_ns;
}

/* One random operation, on both. */
static void model_step(struct bench *bench, struct naive *model, uint64_t now_ns)
{
	/* More than there are lists, some much more frequent than others. */
	static const uint16_t delays[] = { 100, 100, 100, 700, 700, 50, 60, 70, 80, 90, 110, 120, 130 };
	size_t i = bench_random(bench) % COUNT;
	uint32_t what = bench_random(bench) % 8;
	uint64_t delay_ns;

	if (what == 0) {
		timers_remove(&bench->timers, &bench->noted[i].timer);
		model[i].due_ns = 0;
	} else if (what < 3) {
		delay_ns = 1 + bench_random(bench) % 1000;
		bench_set(bench, i, now_ns + delay_ns);
		model[i].due_ns = now_ns + delay_ns;
	} else {
		delay_ns = delays[bench_random(bench) % ARRAY_LEN(delays)];
		bench_set_after(bench, i, now_ns, delay_ns);
		model[i].due_ns = now_ns + delay_ns;
	}
}

/* Fire in both, and compare which and in which order. */
static void model_fire(struct bench *bench, struct naive *model, uint64_t now_ns)
{
	size_t due = 0;

	bench->fired_count = 0;
	timers_fire(&bench->timers, now_ns);
	for (size_t i = 0; i < COUNT; i++) {
		if (model[i].due_ns != 0 && model[i].due_ns <= now_ns) {
			due++;
			model[i].due_ns = 0;
		}
		assert_int_equal(bench->noted[i].timer.due_ns, model[i].due_ns);
	}
	assert_int_equal(bench->fired_count, due);
	for (size_t k = 1; k < bench->fired_count; k++)
		assert_true(bench->fired[k - 1] <= bench->fired[k]);
}

/* Many, set, moved and removed without plan, against a look at every one. */
static void test_model(void **state)
{
	static struct naive model[COUNT];
	struct bench bench;
	uint64_t now_ns = 1;
	size_t listed = 0;

	(void)state;
	bench_init(&bench);
	for (int round = 0; round < 20000; round++) {
		now_ns += bench_random(&bench) % 2;
		model_step(&bench, model, now_ns);
		assert_int_equal(timers_next_ns(&bench.timers), naive_next_ns(model));
		if (round % 20 != 0)
			continue;
		check_order(&bench.timers);
		for (size_t i = 0; i < TIMERS_LISTS; i++)
			listed += check_list(&bench.timers.lists[i]);
		now_ns += bench_random(&bench) % 40;
		model_fire(&bench, model, now_ns);
		assert_int_equal(timers_next_ns(&bench.timers), naive_next_ns(model));
	}
	/* The lists were in use at all. */
	assert_true(listed > 1000);
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
		cmocka_unit_test(test_equal_delays),
		cmocka_unit_test(test_more_delays_than_lists),
		cmocka_unit_test(test_between_list_and_heap),
		cmocka_unit_test(test_list_set_anew_while_firing),
		cmocka_unit_test(test_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
