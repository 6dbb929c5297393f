/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The FIFO of bytes against a plain model of it, and strings under construction in rooms that are too small. */
#include "base/buf.h"
#include "base/util.h"

#include "check.h"
#include "guard.h"

#include <stdlib.h>

static void test_buf_fifo(void **state)
{
	struct buf buf = { 0 };
	uint8_t written = 0, read = 0;
	size_t waiting = 0;
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		uint8_t piece[3000];
		seed = seed * 1664525 + 1013904223;
		size_t len = (seed >> 8) % sizeof(piece);
		if (waiting < 100000 && seed >> 31 == 0) {
			for (size_t i = 0; i < len; i++)
				piece[i] = written++;
			buf_append(&buf, piece, len);
			waiting += len;
		} else {
			len = len < waiting ? len : waiting;
			const char *bytes = buf_peek(&buf);
			for (size_t i = 0; i < len; i++)
				assert_int_equal((uint8_t)bytes[i], read++);
			buf_consume(&buf, len);
			waiting -= len;
		}
		assert_int_equal(buf.len, waiting);
		assert_true(buf.size <= 262144);
	}
	buf_clear(&buf);
}

static void test_buf_keeps_nothing(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	assert_null(buf_peek(&buf));
	buf_append(&buf, "", 0);
	assert_null(buf.data);
	buf_append(&buf, "abc", 3);
	buf_consume(&buf, 2);
	assert_memory_equal(buf_peek(&buf), "c", 1);
	buf_consume(&buf, 1);
	assert_null(buf.data);
	assert_int_equal(buf.size, 0);
	buf_append(&buf, "abc", 3);
	buf_clear(&buf);
	buf_clear(&buf);
	assert_null(buf.data);
	assert_int_equal(buf.len, 0);
}

static void test_text(void **state)
{
	char dst[32];
	struct text text;

	(void)state;
	text_init(&text, dst, sizeof(dst));
	assert_string_equal(dst, "");
	text_add(&text, "one");
	text_addf(&text, " %d%s", 2, "x");
	text_add_bytes(&text, "three", 2);
	assert_string_equal(dst, "one 2xth");
	assert_int_equal(text.len, 8);
	assert_false(text.is_cut);
}

static void test_text_cut(void **state)
{
	static const struct {
		const char *first, *second;
		size_t size;
		const char *want;
		bool is_cut;
	} rows[] = {
		{ "abc", "def", 7, "abcdef", false },
		{ "abc", "def", 6, "abcde", true },
		{ "abc", "def", 4, "abc", true },
		{ "abc", "", 4, "abc", false },
		{ "abcdef", "x", 4, "abc", true },
		{ "abc", "def", 1, "", true },
		{ "a", "\xc3\xa4", 4, "a\xc3\xa4", false },
		{ "a", "\xc3\xa4", 3, "a", true },
		{ "a", "\xe2\x82\xac", 4, "a", true },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", 8, "\xf0\x9f\x98\x80", true },
		{ "\xe2\x82\xac", "x", 4, "\xe2\x82\xac", true },
		{ "\x80\x80\x80", "\x80\x80", 5, "\x80\x80\x80\x80", true },
	};
	struct guard guard = guard_open();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (int with_format = 0; with_format < 2; with_format++) {
			struct text text;
			char *dst = guard_room(&guard, rows[i].size);
			text_init(&text, dst, rows[i].size);
			text_add(&text, rows[i].first);
			if (with_format)
				text_addf(&text, "%s", rows[i].second);
			else
				text_add(&text, rows[i].second);
			CHECK_STRING(rows[i].want, dst, rows[i].want);
			CHECK_INT(rows[i].want, text.is_cut, rows[i].is_cut);
			CHECK_INT(rows[i].want, text.len, strlen(rows[i].want));
			/* Behind a cut nothing follows. */
			if (rows[i].is_cut) {
				text_add(&text, "z");
				text_addf(&text, "z");
				text_pad(&text, 20, 1);
				CHECK_STRING(rows[i].want, dst, rows[i].want);
			}
		}
	}
	struct text none;
	text_init(&none, guard_room(&guard, 0), 0);
	text_add(&none, "x");
	text_addf(&none, "x");
	assert_true(none.is_cut);
	guard_close(&guard);
}

static void test_text_pad(void **state)
{
	static const struct {
		const char *start;
		size_t width, min;
		const char *want;
	} rows[] = {
		{ "", 3, 0, "   " },
		{ "ab", 4, 1, "ab  " },
		{ "abcd", 4, 0, "abcd" },
		{ "abcd", 4, 2, "abcd  " },
		{ "abcdef", 4, 1, "abcdef " },
		{ "abc", 4, 2, "abc  " },
		{ "\xe2\x86\x92", 3, 1, "\xe2\x86\x92  " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char dst[32];
		struct text text;
		text_init(&text, dst, sizeof(dst));
		text_add(&text, rows[i].start);
		text_pad(&text, rows[i].width, rows[i].min);
		CHECK_STRING(rows[i].want, dst, rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buf_fifo), cmocka_unit_test(test_buf_keeps_nothing),
		cmocka_unit_test(test_text),	 cmocka_unit_test(test_text_cut),
		cmocka_unit_test(test_text_pad),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
