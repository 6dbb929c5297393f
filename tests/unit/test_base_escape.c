/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Escapes for C, JSON and the terminal, base64 and hex, with source and destination against guard pages. */
#include "base/escape.h"
#include "base/util.h"

#include "check.h"
#include "guard.h"

#include <stdbool.h>
#include <stdio.h>

struct row {
	const char *data;
	size_t len;
	const char *want;
};

#define ROW(literal, want) { (literal), sizeof(literal) - 1, (want) }

typedef size_t escape_function(const void *data, size_t len, char *dst, size_t size);

/* Every row, in room that fits exactly, and in every smaller one: what is written is then the beginning of it. */
static void check_rows(escape_function *escape, const struct row *rows, size_t count)
{
	struct guard source = guard_open();
	struct guard target = guard_open();

	for (size_t i = 0; i < count; i++) {
		const struct row *row = &rows[i];
		size_t full = strlen(row->want) + 1;
		const char *data = guard_bytes(&source, row->data, row->len);
		char *dst = guard_room(&target, full);
		CHECK_INT(row->want, escape(data, row->len, dst, full), row->len);
		CHECK_STRING(row->want, dst, row->want);
		for (size_t size = 0; size < full; size++) {
			dst = guard_room(&target, size);
			size_t done = escape(data, row->len, dst, size);
			assert_true(done < row->len || row->len == 0);
			if (size > 0)
				assert_memory_equal(dst, row->want, strlen(dst));
		}
	}
	guard_close(&source);
	guard_close(&target);
}

static void test_c(void **state)
{
	static const struct row rows[] = {
		ROW("", ""),
		ROW("hello", "hello"),
		ROW("a\"b\\c", "a\\\"b\\\\c"),
		ROW("\n\r\t", "\\n\\r\\t"),
		ROW("\0", "\\0"),
		ROW("\0\1\7", "\\0\\1\\7"),
		ROW("\0009", "\\0009"),
		ROW("\0011", "\\0011"),
		ROW("\7x", "\\7x"),
		ROW("\x1b[0m", "\\x1b[0m"),
		ROW("\x1b" "a", "\\033a"),
		ROW("\x1b" "A", "\\033A"),
		ROW("\x1b" "g", "\\x1bg"),
		ROW("\xff" "0", "\\3770"),
		ROW("\x08\x7f\x80\xff", "\\x08\\x7f\\x80\\xff"),
		ROW("\xc3\xa4", "\\xc3\\xa4"),
		ROW(" ~", " ~"),
	};

	(void)state;
	check_rows(escape_c, rows, ARRAY_LEN(rows));
}

static void test_json(void **state)
{
	static const struct row rows[] = {
		ROW("", ""),
		ROW("plain", "plain"),
		ROW("a\"b\\c/", "a\\\"b\\\\c/"),
		ROW("\0\n\x1f", "\\u0000\\u000a\\u001f"),
		ROW("\x7f", "\\u007f"),
		ROW("\xc2\x85", "\\u0085"),
		ROW("\xc2\xa0", "\xc2\xa0"),
		ROW("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
		ROW("\xc3", "\\u00c3"),
		ROW("\xe2\x82", "\\u00e2\\u0082"),
		ROW("\xc0\xaf", "\\u00c0\\u00af"),
		ROW("\xed\xa0\x80", "\\u00ed\\u00a0\\u0080"),
		ROW("\xf4\x90\x80\x80", "\\u00f4\\u0090\\u0080\\u0080"),
		ROW("\xffz", "\\u00ffz"),
	};

	(void)state;
	check_rows(escape_json, rows, ARRAY_LEN(rows));
}

static size_t filter(const char *data, size_t len, size_t cut, char *dst)
{
	struct escape_term term = { 0 };
	size_t used = escape_term(&term, data, cut, false, dst);
	return used + escape_term(&term, data + cut, len - cut, true, dst + used);
}

static void test_term(void **state)
{
	static const struct row rows[] = {
		ROW("plain text\n", "plain text\n"),
		ROW("tab\tend", "tab\tend"),
		ROW("line\r\n", "line\r\n"),
		ROW("over\rwrite", "over\\x0dwrite"),
		ROW("\r", "\\x0d"),
		ROW("\r\r\n", "\\x0d\r\n"),
		ROW("\r\xc3\xa4", "\\x0d\xc3\xa4"),
		ROW("\x1b[2J", "\\x1b[2J"),
		ROW("\0\b\x7f", "\\x00\\x08\\x7f"),
		ROW("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
		ROW("\xc2\x9b" "31m", "\\xc2\\x9b31m"),
		ROW("\xe2\x80\xae" "abc", "\\xe2\\x80\\xaeabc"),
		ROW("\xe2\x81\xa6", "\\xe2\\x81\\xa6"),
		ROW("\xe2\x80\x8e\xe2\x80\x8f", "\\xe2\\x80\\x8e\\xe2\\x80\\x8f"),
		ROW("\xe2\x80\x8d", "\xe2\x80\x8d"),
		ROW("\xe2\x80\xa8", "\\xe2\\x80\\xa8"),
		ROW("\xef\xbb\xbf", "\\xef\\xbb\\xbf"),
		ROW("\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81"),
		ROW("\xef\xbf\xbf", "\\xef\\xbf\\xbf"),
		ROW("\xef\xbf\xbd", "\xef\xbf\xbd"),
		ROW("\xe2\x82", "\\xe2\\x82"),
		ROW("\xe2" "A", "\\xe2A"),
		ROW("\xe2\x82\r\n", "\\xe2\\x82\r\n"),
		ROW("\xf0\x9f\x98\xc3\xa4", "\\xf0\\x9f\\x98\xc3\xa4"),
		ROW("\xc0\x80\xed\xa0\x80\xf5", "\\xc0\\x80\\xed\\xa0\\x80\\xf5"),
	};
	char dst[ESCAPE_TERM_MAX(64) + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (size_t cut = 0; cut <= rows[i].len; cut++) {
			size_t used = filter(rows[i].data, rows[i].len, cut, dst);
			dst[used] = '\0';
			CHECK_INT(rows[i].want, used, strlen(rows[i].want));
			CHECK_STRING(rows[i].want, dst, rows[i].want);
		}
	}
}

/* What is unfinished waits, and only that. */
static void test_term_holds(void **state)
{
	struct escape_term term = { 0 };
	char dst[ESCAPE_TERM_MAX(8)];

	(void)state;
	assert_int_equal(escape_term(&term, "a\r", 2, false, dst), 1);
	assert_int_equal(term.held_len, 1);
	assert_int_equal(escape_term(&term, "\n", 1, false, dst), 2);
	assert_int_equal(term.held_len, 0);
	assert_int_equal(escape_term(&term, "\xf0\x9f\x98", 3, false, dst), 0);
	assert_int_equal(term.held_len, 3);
	assert_int_equal(escape_term(&term, "", 0, true, dst), 12);
	assert_int_equal(term.held_len, 0);
}

static void test_base64(void **state)
{
	static const struct row rows[] = {
		ROW("", ""),
		ROW("f", "Zg=="),
		ROW("fo", "Zm8="),
		ROW("foo", "Zm9v"),
		ROW("foob", "Zm9vYg=="),
		ROW("fooba", "Zm9vYmE="),
		ROW("foobar", "Zm9vYmFy"),
		ROW("\xff\xff\xff\xfb\xf0\0", "////+/AA"),
	};
	struct guard source = guard_open();
	struct guard target = guard_open();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *data = guard_bytes(&source, rows[i].data, rows[i].len);
		size_t size = ESCAPE_BASE64_MAX(rows[i].len);
		char *dst = guard_room(&target, size);
		CHECK_INT(rows[i].want, escape_base64(data, rows[i].len, dst, size), strlen(rows[i].want));
		CHECK_STRING(rows[i].want, dst, rows[i].want);
		if (rows[i].len > 0) {
			dst = guard_room(&target, size - 1);
			CHECK_INT(rows[i].want, escape_base64(data, rows[i].len, dst, size - 1), size - 5);
			CHECK_INT(rows[i].want, strlen(dst), size - 5);
		}
	}
	guard_close(&source);
	guard_close(&target);
}

static void test_hex_line(void **state)
{
	char dst[80];

	(void)state;
	assert_string_equal(escape_hex_line(0x10, "hello\n\x7f\x80", 8, dst, sizeof(dst)),
			    "00000010  68 65 6c 6c 6f 0a 7f 80                           |hello...|");
	assert_string_equal(escape_hex_line(0, "0123456789abcdefXYZ", 19, dst, sizeof(dst)),
			    "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|");
	assert_string_equal(escape_hex_line(0, "", 0, dst, sizeof(dst)),
			    "00000000                                                    ||");
	assert_int_equal(strlen(escape_hex_line(UINT64_C(0xfffffffff), "0123456789abcdef", 16, dst, sizeof(dst))), 79);
	assert_int_equal(strlen(escape_hex_line(UINT64_MAX, "0123456789abcdef", 16, dst, sizeof(dst))), 79);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_c),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_term),
		cmocka_unit_test(test_term_holds),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_hex_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
