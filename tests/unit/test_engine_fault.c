/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of --fault, what may be done to what, and what is drawn for each session. */
#include "base/clock.h"
#include "base/random.h"
#include "base/util.h"
#include "engine/fault.h"

#include "check.h"
#include "guard.h"

#include <errno.h>
#include <math.h>

/* One row: a text that is right, and what it says. */
struct good_row {
	const char *text;
	enum fault_kind kind;
	uint64_t number;
	bool is_timed, is_up, is_down;
};

static void test_values(void **state)
{
	static const struct good_row rows[] = {
		{ "latency=250ms", FAULT_LATENCY, 250 * NS_PER_MS, false, true, true },
		{ "up:latency=1.5s", FAULT_LATENCY, 1500 * NS_PER_MS, false, true, false },
		{ "down:jitter=1min", FAULT_JITTER, 60 * NS_PER_S, false, false, true },
		{ "jitter=1m", FAULT_JITTER, 60 * NS_PER_S, false, true, true },
		{ "slow-close=0ms", FAULT_SLOW_CLOSE, 0, false, true, true },
		{ "rate=1", FAULT_RATE, 1, false, true, true },
		{ "rate=64k", FAULT_RATE, 65536, false, true, true },
		{ "rate=1024G", FAULT_RATE, FAULT_RATE_MAX, false, true, true },
		{ "slice=1M", FAULT_SLICE, 1 << 20, false, true, true },
		{ "limit=1m", FAULT_LIMIT, 1 << 20, false, true, true },
		{ "limit=0", FAULT_LIMIT, 0, false, true, true },
		{ "reset=0", FAULT_RESET, 0, false, true, true },
		{ "reset=100", FAULT_RESET, 100, false, true, true },
		{ "reset=1M", FAULT_RESET, 1 << 20, false, true, true },
		{ "reset=600ms", FAULT_RESET, 600 * NS_PER_MS, true, true, true },
		{ "up:stall=2s", FAULT_STALL, 2 * NS_PER_S, true, true, false },
		{ "stall=1min", FAULT_STALL, 60 * NS_PER_S, true, true, true },
		{ "down:stall=4096", FAULT_STALL, 4096, false, false, true },
		{ "stall=1k", FAULT_STALL, 1024, false, true, true },
		{ "stall=1h", FAULT_STALL, 3600 * NS_PER_S, true, true, true },
	};
	struct guard guard = guard_open();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct good_row *row = &rows[i];
		struct fault_entry entry;
		char error[FAULT_ERROR_MAX] = "";

		if (fault_parse(guard_string(&guard, row->text), &entry, error) != 0)
			fail_msg("%s: %s", row->text, error);
		CHECK_INT(row->text, entry.rules.set, 1U << row->kind);
		CHECK_INT(row->text, fault_number(&entry.rules, row->kind), row->number);
		CHECK_INT(row->text, entry.rules.timed, row->is_timed ? 1U << row->kind : 0);
		CHECK_INT(row->text, entry.on[FAULT_UP], row->is_up);
		CHECK_INT(row->text, entry.on[FAULT_DOWN], row->is_down);
	}
	guard_close(&guard);
}

static void test_several(void **state)
{
	struct fault_entry entry;
	char error[FAULT_ERROR_MAX];

	(void)state;
	assert_int_equal(fault_parse("latency=2s,jitter=5ms,rate=1k,share=0.25,refuse=1", &entry, error), 0);
	assert_int_equal(entry.rules.set, 1U << FAULT_LATENCY | 1U << FAULT_JITTER | 1U << FAULT_RATE |
					  1U << FAULT_SHARE | 1U << FAULT_REFUSE);
	assert_int_equal(fault_number(&entry.rules, FAULT_JITTER), 5 * NS_PER_MS);
	assert_true(fault_chance(&entry.rules, FAULT_SHARE) == 0.25);
	assert_true(fault_chance(&entry.rules, FAULT_REFUSE) == 1.0);
	assert_true(fault_chance(&entry.rules, FAULT_LOSS) == 0.0);
	assert_int_equal(fault_number(&entry.rules, FAULT_SLICE), 0);
}

/* One row: a text that is wrong, and what is said. */
static const struct {
	const char *text;
	int want;
	const char *error;
} bad_rows[] = {
	{ "", -EINVAL, "wants KIND=VALUE[,KIND=VALUE]..., as latency=250ms,rate=64k" },
	{ "up:", -EINVAL, "wants KIND=VALUE[,KIND=VALUE]..., as latency=250ms,rate=64k" },
	{ "latency=1s,", -EINVAL, "wants KIND=VALUE[,KIND=VALUE]..., as latency=250ms,rate=64k" },
	{ ",latency=1s", -EINVAL, NULL },
	{ "=1s", -EINVAL, NULL },
	{ "latency", -EINVAL, "latency wants a value, as latency=250ms" },
	{ "loss=", -EINVAL, "loss wants a value, as loss=0.05" },
	{ "up:latency=1s,down:rate=1k", -EINVAL,
	  "\"down:rate\": a direction stands first and holds for all that follows; give --fault once for each" },
	{ "latncy=1s", -EINVAL, "\"latncy\" is not a kind of fault: did you mean latency?" },
	{ "LATENCY=1s", -EINVAL, NULL },
	{ "qqqqqqq=1", -EINVAL,
	  "\"qqqqqqq\" is not a kind of fault; there are latency, jitter, rate, slice, limit, reset, stall, "
	  "slow-close, refuse, loss, duplicate, reorder, corrupt, share" },
	{ "left:latency=1s", -EINVAL, NULL },
	{ "latency=1s,up:rate=1k", -EINVAL, NULL },
	{ "latency=1s,latency=2s", -EINVAL, "latency is given twice" },
	{ "latency=5", -EINVAL, "latency \"5\" has no unit: write 5ms, 5s, 5min or 5h" },
	{ "latency=0", -EINVAL, "latency \"0\" has no unit: write 0ms, 0s, 0min or 0h" },
	{ "latency=1.5", -EINVAL, "latency \"1.5\" has no unit: write 1.5ms, 1.5s, 1.5min or 1.5h" },
	{ "latency=64k", -EINVAL, "latency \"64k\" is not a time: write 5s, 250ms, 2m or 1h" },
	{ "latency=-1s", -EINVAL, NULL },
	{ "latency=8761h", -ERANGE, "latency 8761h is out of range (0-8760h)" },
	{ "rate=0", -ERANGE, "rate 0 is out of range (1-1024G)" },
	{ "rate=1025G", -ERANGE, "rate 1025G is out of range (1-1024G)" },
	{ "rate=2s", -EINVAL, "rate \"2s\" is not a size: write 4096, 64k, 1M or 2G" },
	{ "slice=0", -ERANGE, "slice 0 is out of range (1-1M)" },
	{ "slice=1048577", -ERANGE, "slice 1048577 is out of range (1-1M)" },
	{ "reset=1m", -EINVAL, "reset \"1m\" can be read in two ways: write 1M for mebibytes or 1min for minutes" },
	{ "down:stall=10m", -EINVAL,
	  "stall \"10m\" can be read in two ways: write 10M for mebibytes or 10min for minutes" },
	{ "stall=8760000m", -EINVAL, NULL },
	{ "reset=9999h", -ERANGE, "reset 9999h is out of range (0-8760h)" },
	{ "reset=99999999999999999999", -ERANGE, "reset 99999999999999999999 is out of range (0-1073741824G)" },
	{ "reset=soon", -EINVAL,
	  "reset \"soon\" is neither a size (4096, 64k, 1M) nor a time with its unit (250ms, 2s, 1min)" },
	{ "reset=1.5", -EINVAL, NULL },
	{ "loss=1.1", -ERANGE, "loss 1.1 is out of range (0-1)" },
	{ "share=2,reset=1s", -ERANGE, "share 2 is out of range (0-1)" },
	{ "loss=5%", -EINVAL, "loss \"5%\" is not a probability: write a number from 0 to 1, as 0.05" },
	{ "loss=-0.1", -EINVAL, NULL },
	{ "loss=.5", -EINVAL, NULL },
	{ "loss=0.", -EINVAL, NULL },
	{ "loss=nan", -EINVAL, NULL },
	{ "loss=00.5", -EINVAL, "loss \"00.5\" has a leading zero: write 0.5" },
	{ "share=0.5", -EINVAL, "share stands beside the faults that it is about, as share=0.1,reset=2s" },
	{ "up:refuse=0.5", -EINVAL, "refuse has no direction: write refuse=0.5" },
	{ "latency=\x1b[31m", -EINVAL, "latency \"\\x1b[31m\" is not a time: write 5s, 250ms, 2m or 1h" },
	{ "loss=0.00000000000000000000000000000000000000000000000000000000001", -EINVAL,
	  "loss \"0.00000000000000000000000000000000000000...\" is too long" },
	{ "lossssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss=1", -EINVAL, NULL },
};

static void test_mistakes(void **state)
{
	struct guard guard = guard_open(), error_guard = guard_open();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad_rows); i++) {
		char *error = guard_room(&error_guard, FAULT_ERROR_MAX);
		struct fault_entry entry = { .rules.set = 12345 };

		memset(error, 0, FAULT_ERROR_MAX);
		CHECK_INT(bad_rows[i].text, fault_parse(guard_string(&guard, bad_rows[i].text), &entry, error),
			  bad_rows[i].want);
		CHECK_INT(bad_rows[i].text, entry.rules.set, 12345);
		if (error[0] == '\0')
			fail_msg("%s: nothing is said", bad_rows[i].text);
		if (bad_rows[i].error != NULL)
			CHECK_STRING(bad_rows[i].text, error, bad_rows[i].error);
	}
	guard_close(&guard);
	guard_close(&error_guard);
}

/* Make a list of texts. */
static struct fault_list make_list(const char *const *texts, size_t count)
{
	struct fault_list list = { 0 };
	char error[FAULT_ERROR_MAX] = "";

	for (size_t i = 0; i < count; i++) {
		if (fault_list_add(&list, texts[i], error) != 0)
			fail_msg("%s: %s", texts[i], error);
	}
	return list;
}

static void test_check(void **state)
{
	static const struct {
		const char *text;
		bool on_streams, on_messages;
	} rows[] = {
		{ "latency=1s,jitter=1ms,rate=1k,stall=5,share=0.5", true, true },
		{ "slice=5", true, false },
		{ "limit=5", true, false },
		{ "reset=5", true, false },
		{ "slow-close=5s", true, false },
		{ "refuse=0.5", true, false },
		{ "loss=0.5", false, true },
		{ "duplicate=0.5", false, true },
		{ "reorder=0.5", false, true },
		{ "corrupt=0.5", false, true },
		{ "loss=0.5,slice=1", false, false },
	};
	char error[FAULT_ERROR_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fault_list list = make_list(&rows[i].text, 1);

		CHECK_INT(rows[i].text, fault_list_check(&list, false, error), rows[i].on_streams ? 0 : -EINVAL);
		CHECK_INT(rows[i].text, fault_list_check(&list, true, error), rows[i].on_messages ? 0 : -EINVAL);
		fault_list_clear(&list);
	}
	struct fault_list list = make_list((const char *[]){ "rate=1k", "down:loss=0.1" }, 2);
	assert_int_equal(fault_list_check(&list, false, error), -EINVAL);
	assert_string_equal(error, "loss is for datagrams (udp, unix-dgram), and here a stream is forwarded");
	assert_int_equal(fault_list_add(&list, "loss=2", error), -ERANGE);
	assert_int_equal(list.count, 2);
	fault_list_clear(&list);
	assert_int_equal(list.count, 0);
	assert_null(list.entries);
}

static void test_plan_later_counts(void **state)
{
	static const char *const texts[] = { "latency=1s,rate=1k,reset=5s", "up:latency=2s,reset=100", "down:slice=1" };
	struct fault_list list = make_list(texts, ARRAY_LEN(texts));
	struct fault_plan plan;
	const struct fault_rules *up = &plan.rules[FAULT_UP], *down = &plan.rules[FAULT_DOWN];

	(void)state;
	fault_plan(&list, 1, 1, &plan);
	assert_false(plan.is_refused);
	assert_int_equal(fault_number(up, FAULT_LATENCY), 2 * NS_PER_S);
	assert_int_equal(fault_number(down, FAULT_LATENCY), 1 * NS_PER_S);
	assert_int_equal(fault_number(up, FAULT_RATE), 1024);
	assert_int_equal(fault_number(up, FAULT_RESET), 100);
	assert_int_equal(up->timed, 0);
	assert_int_equal(fault_number(down, FAULT_RESET), 5 * NS_PER_S);
	assert_int_equal(down->timed, 1U << FAULT_RESET);
	assert_false(fault_has(up, FAULT_SLICE));
	assert_true(fault_has(down, FAULT_SLICE));
	fault_list_clear(&list);
	fault_plan(&list, 1, 1, &plan);
	assert_int_equal(up->set | down->set, 0);
}

/* How many of sessions 1 to count are slowed, and how many are refused. */
static void count_plans(const struct fault_list *list, uint64_t seed, uint32_t count, uint32_t *slowed,
			uint32_t *refused)
{
	struct fault_plan plan;

	*slowed = *refused = 0;
	for (uint32_t session = 1; session <= count; session++) {
		fault_plan(list, seed, session, &plan);
		*slowed += fault_has(&plan.rules[FAULT_UP], FAULT_LATENCY);
		*refused += plan.is_refused;
		assert_int_equal(fault_has(&plan.rules[FAULT_UP], FAULT_LATENCY),
				 fault_has(&plan.rules[FAULT_DOWN], FAULT_LATENCY));
	}
}

static void test_plan_shares(void **state)
{
	static const char *const texts[] = { "latency=1s,share=0.2", "refuse=0.1" };
	static const char *const none[] = { "latency=1s,share=0", "refuse=0" };
	static const char *const all[] = { "latency=1s,share=1", "refuse=1" };
	struct fault_list list = make_list(texts, 2), list_none = make_list(none, 2), list_all = make_list(all, 2);
	uint32_t slowed, refused;

	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		/* Four standard deviations: of 10,000 with 0.2, 40 each; with 0.1, 30. */
		count_plans(&list, seed, 10000, &slowed, &refused);
		assert_in_range(slowed, 2000 - 160, 2000 + 160);
		assert_in_range(refused, 1000 - 120, 1000 + 120);
	}
	count_plans(&list_none, 7, 1000, &slowed, &refused);
	assert_int_equal(slowed + refused, 0);
	count_plans(&list_all, 7, 1000, &slowed, &refused);
	assert_int_equal(slowed + refused, 2000);
	fault_list_clear(&list);
	fault_list_clear(&list_none);
	fault_list_clear(&list_all);
}

/* The same seed does the same again, whatever was asked in between; another one does not. */
static void test_plan_seed(void **state)
{
	static const char *const texts[] = { "latency=1s,share=0.5" };
	struct fault_list list = make_list(texts, 1);
	struct fault_plan one, again;
	unsigned differ = 0;

	(void)state;
	for (uint32_t session = 1; session <= 1000; session++) {
		fault_plan(&list, 42, session, &one);
		fault_plan(&list, 43, session, &again);
		differ += one.rules[FAULT_UP].set != again.rules[FAULT_UP].set;
		fault_plan(&list, 42, session, &again);
		assert_int_equal(one.rules[FAULT_UP].set, again.rules[FAULT_UP].set);
	}
	assert_in_range(differ, 400, 600);
	assert_int_not_equal(fault_line_seed(1, 1, FAULT_UP), fault_line_seed(1, 1, FAULT_DOWN));
	assert_int_not_equal(fault_line_seed(1, 1, FAULT_UP), fault_line_seed(1, 2, FAULT_UP));
	assert_int_equal(fault_line_seed(9, 5, FAULT_UP), fault_line_seed(9, 5, FAULT_UP));
	fault_list_clear(&list);
}

/* Every kind has words and a form that holds together. */
static void test_records(void **state)
{
	(void)state;
	for (enum fault_kind kind = 0; kind < FAULT_KIND_COUNT; kind++) {
		const struct fault_record *record = fault_record(kind);

		assert_true(record->word[0] != '\0' && record->what[0] != '\0');
		assert_true(record->on_streams || record->on_messages);
		bool is_size = record->form == FAULT_FORM_SIZE || record->form == FAULT_FORM_SIZE_OR_TIME;
		assert_int_equal(is_size, record->max > 0);
	}
}

/* A generator whose numbers have the mean and the spread of equal chances. */
static void test_random(void **state)
{
	struct random random;
	double sum = 0, squares = 0;
	unsigned counts[10] = { 0 };

	(void)state;
	random_init(&random, 3, 4);
	for (unsigned i = 0; i < 100000; i++) {
		uint64_t value = random_below(&random, 10);

		assert_true(value < 10);
		counts[value]++;
		sum += (double)value;
		squares += (double)(value * value);
	}
	assert_true(fabs(sum / 100000 - 4.5) < 0.05);
	assert_true(fabs(squares / 100000 - 28.5) < 0.5);
	for (size_t i = 0; i < 10; i++)
		assert_in_range(counts[i], 9600, 10400);
	assert_int_equal(random_below(&random, 0), 0);
	for (unsigned i = 0; i < 1000; i++) {
		assert_true(random_chance(&random, 1.0));
		assert_false(random_chance(&random, 0.0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_plan_later_counts),
		cmocka_unit_test(test_plan_shares),
		cmocka_unit_test(test_plan_seed),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
