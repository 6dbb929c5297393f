/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When the kernel's view of a connection is told: once in each second in which data moved, and in no other. */
#include "base/clock.h"
#include "engine/info.h"

#include "check.h"

#define START (50 * NS_PER_S)

/* Ask after ms with so much moved. Returns whether it is due; left_ms is when to ask again, -1: never. */
static bool ask(struct info_watch *watch, uint64_t ms, uint64_t moved, int64_t *left_ms)
{
	bool is_due;
	uint64_t left_ns = info_watch_ask(watch, moved, START + ms * NS_PER_MS, &is_due);

	*left_ms = left_ns == UINT64_MAX ? -1 : (int64_t)(left_ns / NS_PER_MS);
	return is_due;
}

static void test_pace(void **state)
{
	static const struct {
		const char *name;
		uint64_t ms, moved;
		bool is_due;
		int64_t left_ms;
	} rows[] = {
		{ "nothing has moved", 0, 0, false, -1 },
		{ "nothing has moved for long", 90000, 0, false, -1 },
		{ "the first byte begins a second", 100000, 1, false, 1000 },
		{ "more in it", 100400, 2, false, 600 },
		{ "nothing in it", 100900, 2, false, 100 },
		{ "it is over", 101000, 2, true, -1 },
		{ "asked again", 101001, 2, false, -1 },
		{ "quiet", 105000, 2, false, -1 },
		{ "something moves", 106000, 3, false, 1000 },
		{ "asked late", 108500, 4, true, -1 },
		{ "what moved by then is told of", 108600, 4, false, -1 },
		{ "and again", 108700, 5, false, 1000 },
	};
	struct info_watch watch = { .pace = { 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t left_ms;
		bool is_due = ask(&watch, rows[i].ms, rows[i].moved, &left_ms);

		CHECK_INT(rows[i].name, is_due, rows[i].is_due);
		CHECK_INT(rows[i].name, left_ms, rows[i].left_ms);
	}
}

/* What limited a side is judged from the beginning of the second, not from a pause before it. */
static void test_marks_begin_with_the_second(void **state)
{
	struct info_watch watch = { .marks = { { .t_ns = 1, .busy_us = 5 }, { .t_ns = 2 } } };
	int64_t left_ms;

	(void)state;
	ask(&watch, 3000, 1, &left_ms);
	assert_true(watch.marks[0].t_ns == START + 3 * NS_PER_S && watch.marks[1].t_ns == START + 3 * NS_PER_S);
	assert_int_equal(watch.marks[0].busy_us, 5);
	ask(&watch, 3500, 2, &left_ms);
	assert_true(watch.marks[0].t_ns == START + 3 * NS_PER_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pace),
		cmocka_unit_test(test_marks_begin_with_the_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
