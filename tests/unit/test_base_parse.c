/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers, sizes, ports and times as people type them, each text ending where a guard page begins. */
#include "base/clock.h"
#include "base/parse.h"
#include "base/util.h"

#include "check.h"
#include "guard.h"

#include <errno.h>

#define UNTOUCHED UINT64_C(0xdeadbeef)

/* One row: a text, what is to come of it, and (for an error) what is to be said. */
struct row {
	const char *text;
	int want;
	uint64_t value;
	const char *error;
};

typedef int parse_function(const char *text, uint64_t *value, char *error);

static void check_rows(parse_function *parse, const struct row *rows, size_t count)
{
	struct guard guard = guard_open();
	struct guard error_guard = guard_open();

	for (size_t i = 0; i < count; i++) {
		const struct row *row = &rows[i];
		char *text = guard_string(&guard, row->text);
		char *error = guard_room(&error_guard, PARSE_ERROR_MAX);
		uint64_t value = UNTOUCHED;
		memset(error, 0, PARSE_ERROR_MAX);
		CHECK_INT(row->text, parse(text, &value, error), row->want);
		CHECK_INT(row->text, value, row->want == 0 ? row->value : UNTOUCHED);
		if (row->error != NULL)
			CHECK_STRING(row->text, error, row->error);
		/* The same without a place for the error. */
		CHECK_INT(row->text, parse(text, &value, NULL), row->want);
	}
	guard_close(&guard);
	guard_close(&error_guard);
}

static int parse_one_uint(const char *text, uint64_t *value, char *error)
{
	return parse_uint(text, "--backlog", 0, 4096, value, error);
}

static int parse_any_uint(const char *text, uint64_t *value, char *error)
{
	return parse_uint(text, NULL, 0, UINT64_MAX - 1, value, error);
}

static int parse_one_size(const char *text, uint64_t *value, char *error)
{
	return parse_size(text, "sndbuf", 1, UINT64_C(2) << 30, value, error);
}

static int parse_any_size(const char *text, uint64_t *value, char *error)
{
	return parse_size(text, NULL, 0, UINT64_MAX, value, error);
}

static int parse_one_duration(const char *text, uint64_t *value, char *error)
{
	return parse_duration(text, "-w", value, error);
}

static int parse_bare_duration(const char *text, uint64_t *value, char *error)
{
	return parse_duration(text, NULL, value, error);
}

static int parse_united_duration(const char *text, uint64_t *value, char *error)
{
	return parse_duration_with_unit(text, "latency", value, error);
}

/* A probability as billionths. */
static int parse_billionths(const char *text, uint64_t *value, char *error)
{
	double chance;
	int ret = parse_probability(text, "loss", &chance, error);

	if (ret == 0)
		*value = (uint64_t)(chance * 1e9 + 0.5);
	return ret;
}

static int parse_bound_port(const char *text, uint64_t *value, char *error)
{
	uint16_t port;
	int ret = parse_port(text, 1, &port, error);
	if (ret == 0)
		*value = port;
	return ret;
}

static void test_uint(void **state)
{
	static const struct row rows[] = {
		{ "0", 0, 0, NULL },
		{ "1", 0, 1, NULL },
		{ "4096", 0, 4096, NULL },
		{ "4097", -ERANGE, 0, "--backlog 4097 is out of range (0-4096)" },
		{ "18446744073709551616", -ERANGE, 0, "--backlog 18446744073709551616 is out of range (0-4096)" },
		{ "99999999999999999999999999999999999999999999999", -ERANGE, 0,
		  "--backlog 9999999999999999999999999999999999999999... is out of range (0-4096)" },
		{ "", -EINVAL, 0, "--backlog \"\" is not a number (0-4096)" },
		{ "-1", -EINVAL, 0, "--backlog \"-1\" is not a number (0-4096)" },
		{ "+1", -EINVAL, 0, NULL },
		{ " 1", -EINVAL, 0, NULL },
		{ "1 ", -EINVAL, 0, NULL },
		{ "1k", -EINVAL, 0, NULL },
		{ "0x10", -EINVAL, 0, NULL },
		{ "1\n", -EINVAL, 0, "--backlog \"1\\n\" is not a number (0-4096)" },
		{ "\x1b[31m", -EINVAL, 0, "--backlog \"\\x1b[31m\" is not a number (0-4096)" },
		{ "070", -EINVAL, 0, "--backlog \"070\" has a leading zero: write 70" },
		{ "00", -EINVAL, 0, "--backlog \"00\" has a leading zero: write 0" },
		{ "0000000001", -EINVAL, 0, "--backlog \"0000000001\" has a leading zero: write 1" },
	};
	static const struct row any_rows[] = {
		{ "18446744073709551614", 0, UINT64_MAX - 1, NULL },
		{ "18446744073709551615", -ERANGE, 0, "18446744073709551615 is out of range (0-18446744073709551614)" },
		{ "184467440737095516140", -ERANGE, 0, NULL },
		{ "x", -EINVAL, 0, "\"x\" is not a number (0-18446744073709551614)" },
	};

	(void)state;
	check_rows(parse_one_uint, rows, ARRAY_LEN(rows));
	check_rows(parse_any_uint, any_rows, ARRAY_LEN(any_rows));
}

static void test_port(void **state)
{
	static const struct row rows[] = {
		{ "1", 0, 1, NULL },
		{ "65535", 0, 65535, NULL },
		{ "0", -ERANGE, 0, "port 0 is out of range (1-65535)" },
		{ "65536", -ERANGE, 0, "port 65536 is out of range (1-65535)" },
		{ "70000", -ERANGE, 0, "port 70000 is out of range (1-65535)" },
		{ "131073", -ERANGE, 0, NULL },
		{ "http", -EINVAL, 0, "port \"http\" is not a number (1-65535)" },
		{ "080", -EINVAL, 0, "port \"080\" has a leading zero: write 80" },
		{ "-1", -EINVAL, 0, NULL },
		{ "", -EINVAL, 0, NULL },
	};

	(void)state;
	check_rows(parse_bound_port, rows, ARRAY_LEN(rows));
}

static void test_size(void **state)
{
	static const struct row rows[] = {
		{ "1", 0, 1, NULL },
		{ "64k", 0, 65536, NULL },
		{ "64K", 0, 65536, NULL },
		{ "3m", 0, 3 << 20, NULL },
		{ "1M", 0, 1 << 20, NULL },
		{ "2G", 0, UINT64_C(2) << 30, NULL },
		{ "2097152k", 0, UINT64_C(2) << 30, NULL },
		{ "2097153k", -ERANGE, 0, "sndbuf 2097153k is out of range (1-2G)" },
		{ "0", -ERANGE, 0, NULL },
		{ "3g", -ERANGE, 0, NULL },
		{ "17179869184G", -ERANGE, 0, "sndbuf 17179869184G is out of range (1-2G)" },
		{ "1kk", -EINVAL, 0, NULL },
		{ "1T", -EINVAL, 0, "sndbuf \"1T\" is not a size: write 4096, 64k, 1M or 2G" },
		{ "1 k", -EINVAL, 0, NULL },
		{ "k", -EINVAL, 0, NULL },
		{ "", -EINVAL, 0, NULL },
		{ "-1k", -EINVAL, 0, NULL },
		{ "1.5M", -EINVAL, 0, NULL },
		{ "01k", -EINVAL, 0, "sndbuf \"01k\" has a leading zero: write 1k" },
	};
	static const struct row any_rows[] = {
		{ "17179869183G", 0, UINT64_C(17179869183) << 30, NULL },
		{ "17179869184G", -ERANGE, 0, NULL },
		{ "18014398509481983k", 0, UINT64_C(18014398509481983) << 10, NULL },
		{ "18014398509481984k", -ERANGE, 0, NULL },
	};

	(void)state;
	check_rows(parse_one_size, rows, ARRAY_LEN(rows));
	check_rows(parse_any_size, any_rows, ARRAY_LEN(any_rows));
}

static void test_duration(void **state)
{
	static const struct row rows[] = {
		{ "0", 0, 0, NULL },
		{ "0ms", 0, 0, NULL },
		{ "3", 0, 3 * NS_PER_S, NULL },
		{ "250ms", 0, 250 * NS_PER_MS, NULL },
		{ "2s", 0, 2 * NS_PER_S, NULL },
		{ "1m", 0, 60 * NS_PER_S, NULL },
		{ "1min", 0, 60 * NS_PER_S, NULL },
		{ "1mi", -EINVAL, 0, NULL },
		{ "1h", 0, 3600 * NS_PER_S, NULL },
		{ "1.5s", 0, 1500 * NS_PER_MS, NULL },
		{ "0.25", 0, 250 * NS_PER_MS, NULL },
		{ "0.000001ms", 0, 1, NULL },
		{ "1.000001h", 0, 3600 * NS_PER_S + 3600 * NS_PER_US, NULL },
		{ "8760h", 0, 365 * 24 * 3600 * NS_PER_S, NULL },
		{ "8759.999999h", 0, 365 * 24 * 3600 * NS_PER_S - 3600 * NS_PER_US, NULL },
		{ "8760.000001h", -ERANGE, 0, "-w 8760.000001h is out of range (0-8760h)" },
		{ "8761h", -ERANGE, 0, NULL },
		{ "31536001", -ERANGE, 0, NULL },
		{ "18446744073709551616ms", -ERANGE, 0, NULL },
		{ "1.0000001s", -EINVAL, 0, NULL },
		{ "5 s", -EINVAL, 0, "-w \"5 s\" is not a time: write 5s, 250ms, 2m or 1h" },
		{ "", -EINVAL, 0, NULL },
		{ "s", -EINVAL, 0, NULL },
		{ ".5s", -EINVAL, 0, NULL },
		{ "1.s", -EINVAL, 0, NULL },
		{ "1.", -EINVAL, 0, NULL },
		{ "1..5", -EINVAL, 0, NULL },
		{ "-1s", -EINVAL, 0, NULL },
		{ "+1s", -EINVAL, 0, NULL },
		{ "1S", -EINVAL, 0, NULL },
		{ "1d", -EINVAL, 0, NULL },
		{ "1us", -EINVAL, 0, NULL },
		{ "1e3", -EINVAL, 0, NULL },
		{ "inf", -EINVAL, 0, NULL },
		{ "05s", -EINVAL, 0, "-w \"05s\" has a leading zero: write 5s" },
		{ "00.5", -EINVAL, 0, "-w \"00.5\" has a leading zero: write 0.5" },
	};
	static const struct row bare_rows[] = {
		{ "5 s", -EINVAL, 0, "\"5 s\" is not a time: write 5s, 250ms, 2m or 1h" },
	};

	(void)state;
	check_rows(parse_one_duration, rows, ARRAY_LEN(rows));
	check_rows(parse_bare_duration, bare_rows, ARRAY_LEN(bare_rows));
}

static void test_duration_with_unit(void **state)
{
	static const struct row rows[] = {
		{ "250ms", 0, 250 * NS_PER_MS, NULL },
		{ "1m", 0, 60 * NS_PER_S, NULL },
		{ "0s", 0, 0, NULL },
		{ "5", -EINVAL, 0, "latency \"5\" has no unit: write 5ms, 5s, 5min or 5h" },
		{ "0.5", -EINVAL, 0, "latency \"0.5\" has no unit: write 0.5ms, 0.5s, 0.5min or 0.5h" },
		{ "99999999999", -EINVAL, 0, NULL },
		{ "9999h", -ERANGE, 0, "latency 9999h is out of range (0-8760h)" },
		{ "5k", -EINVAL, 0, "latency \"5k\" is not a time: write 5s, 250ms, 2m or 1h" },
		{ "", -EINVAL, 0, NULL },
	};

	(void)state;
	check_rows(parse_united_duration, rows, ARRAY_LEN(rows));
}

static void test_probability(void **state)
{
	static const struct row rows[] = {
		{ "0", 0, 0, NULL },
		{ "1", 0, 1000000000, NULL },
		{ "1.000", 0, 1000000000, NULL },
		{ "0.05", 0, 50000000, NULL },
		{ "0.000000001", 0, 1, NULL },
		{ "0.999999999", 0, 999999999, NULL },
		{ "1.000000001", -ERANGE, 0, "loss 1.000000001 is out of range (0-1)" },
		{ "2", -ERANGE, 0, NULL },
		{ "99999999999999999999999", -ERANGE, 0, NULL },
		{ "0.0000000001", -EINVAL, 0, NULL },
		{ "5%", -EINVAL, 0, "loss \"5%\" is not a probability: write a number from 0 to 1, as 0.05" },
		{ "", -EINVAL, 0, NULL },
		{ ".5", -EINVAL, 0, NULL },
		{ "0.", -EINVAL, 0, NULL },
		{ "-0", -EINVAL, 0, NULL },
		{ "1e-3", -EINVAL, 0, NULL },
		{ "00.5", -EINVAL, 0, "loss \"00.5\" has a leading zero: write 0.5" },
	};

	(void)state;
	check_rows(parse_billionths, rows, ARRAY_LEN(rows));
}

static void test_format_duration(void **state)
{
	static const struct {
		uint64_t ns;
		const char *want;
	} rows[] = {
		{ 0, "0 s" },
		{ 1, "0.000001 ms" },
		{ 250 * NS_PER_MS, "250 ms" },
		{ 1500 * NS_PER_US, "1.5 ms" },
		{ NS_PER_S - 1, "999.999999 ms" },
		{ NS_PER_S, "1 s" },
		{ 1500 * NS_PER_MS, "1.5 s" },
		{ 3 * NS_PER_S, "3 s" },
		{ 60 * NS_PER_S, "1 min" },
		{ 61 * NS_PER_S, "61 s" },
		{ 120 * NS_PER_S, "2 min" },
		{ 90 * 60 * NS_PER_S, "90 min" },
		{ 3600 * NS_PER_S, "1 h" },
		{ 8760 * 3600 * NS_PER_S, "8760 h" },
		{ UINT64_MAX, "18446744073.709551615 s" },
	};
	struct guard guard = guard_open();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t size = strlen(rows[i].want) + 1;
		char *room = guard_room(&guard, size);
		CHECK_STRING(rows[i].want, parse_format_duration(rows[i].ns, room, size), rows[i].want);
		/* One byte less: cut, and still ended. */
		char *small = guard_room(&guard, size - 1);
		CHECK_INT(rows[i].want, strlen(parse_format_duration(rows[i].ns, small, size - 1)), size - 2);
	}
	guard_close(&guard);
}

/* No text makes an error longer than its place. */
static void test_error_fits(void **state)
{
	char text[512];
	char what[256];
	struct guard guard = guard_open();
	char *error = guard_room(&guard, PARSE_ERROR_MAX);
	uint64_t value;

	(void)state;
	memset(text, '\x01', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memset(what, 'w', sizeof(what) - 1);
	what[sizeof(what) - 1] = '\0';
	assert_int_equal(parse_uint(text, what, 0, UINT64_MAX, &value, error), -EINVAL);
	assert_true(strlen(error) < PARSE_ERROR_MAX);
	memset(text, '0', sizeof(text) - 1);
	assert_int_equal(parse_duration(text, what, &value, error), -EINVAL);
	memset(text, '9', sizeof(text) - 1);
	assert_int_equal(parse_uint(text, what, 0, UINT64_MAX - 1, &value, error), -ERANGE);
	assert_non_null(strstr(error, "is out of range (0-18446744073709551614)"));
	guard_close(&guard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uint),
		cmocka_unit_test(test_port),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_duration),
		cmocka_unit_test(test_duration_with_unit),
		cmocka_unit_test(test_probability),
		cmocka_unit_test(test_format_duration),
		cmocka_unit_test(test_error_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
