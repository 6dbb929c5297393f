/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8: every code point there and back, what is not UTF-8, and what a terminal may be shown. */
#include "base/utf8.h"
#include "base/util.h"

#include "check.h"
#include "guard.h"

/* Encode a code point as RFC 3629 says; returns the length. */
static size_t encode(uint32_t code, uint8_t bytes[4])
{
	static const uint8_t leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	for (size_t i = len - 1; i > 0; i--) {
		bytes[i] = (uint8_t)(0x80 | (code & 0x3f));
		code >>= 6;
	}
	bytes[0] = (uint8_t)(leads[len] | code);
	return len;
}

static void test_every_code_point(void **state)
{
	(void)state;
	for (uint32_t code = 0; code <= 0x110000; code++) {
		uint8_t bytes[4];
		uint32_t decoded = UINT32_MAX;
		size_t len = encode(code, bytes);
		bool is_valid = !(code >= 0xd800 && code <= 0xdfff) && code <= 0x10ffff;
		int want = is_valid ? (int)len : -1;
		if (utf8_decode(bytes, len, &decoded) != want)
			fail_msg("U+%04X is read wrong", (unsigned)code);
		if (is_valid && decoded != code)
			fail_msg("U+%04X is read as U+%04X", (unsigned)code, (unsigned)decoded);
	}
}

static void test_broken(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		int want;
	} rows[] = {
		{ "\x80", 1, -1 },	       { "\xbf", 1, -1 },	      { "\xc0\x80", 2, -1 },
		{ "\xc1\xbf", 2, -1 },	       { "\xe0\x9f\xbf", 3, -1 },     { "\xf0\x8f\xbf\xbf", 4, -1 },
		{ "\xf4\x90\x80\x80", 4, -1 }, { "\xf5\x80\x80\x80", 4, -1 }, { "\xff", 1, -1 },
		{ "\xc3", 1, 0 },	       { "\xe2", 1, 0 },	      { "\xe2\x82", 2, 0 },
		{ "\xf0\x9f", 2, 0 },	       { "\xf0\x9f\x98", 3, 0 },      { "\xe0\x80", 2, -1 },
		{ "\xed\xa0", 2, -1 },	       { "\xf0\x80", 2, -1 },	      { "\xc3\x41", 2, -1 },
		{ "\xe2\x82\x41", 3, -1 },     { "\xc3\xa4\xff", 3, 2 },      { "a\xff", 2, 1 },
	};
	struct guard guard = guard_open();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint32_t code;
		const char *bytes = guard_bytes(&guard, rows[i].bytes, rows[i].len);
		if (utf8_decode((const uint8_t *)bytes, rows[i].len, &code) != rows[i].want)
			fail_msg("row %zu is read wrong", i);
	}
	guard_close(&guard);
}

static void test_printable(void **state)
{
	static const struct {
		uint32_t code;
		bool want;
	} rows[] = {
		{ 0x00, false },    { 0x1f, false },	{ 0x20, true },	    { 0x7e, true },	{ 0x7f, false },
		{ 0x9f, false },    { 0xa0, true },	{ 0xad, false },    { 0x61b, true },	{ 0x61c, false },
		{ 0x200a, true },   { 0x200b, false },	{ 0x200c, true },   { 0x200d, true },	{ 0x200e, false },
		{ 0x200f, false },  { 0x2010, true },	{ 0x2028, false },  { 0x202a, false },	{ 0x202e, false },
		{ 0x202f, true },   { 0x205f, true },	{ 0x2060, false },  { 0x2066, false },	{ 0x2069, false },
		{ 0x206f, false },  { 0x2070, true },	{ 0x2192, true },   { 0xfdcf, true },	{ 0xfdd0, false },
		{ 0xfdef, false },  { 0xfdf0, true },	{ 0xfeff, false },  { 0xfff9, false },	{ 0xfffd, true },
		{ 0xfffe, false },  { 0xffff, false },	{ 0x1f600, true },  { 0x1fffe, false }, { 0xe0001, false },
		{ 0xe0100, true },  { 0x10ffff, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (utf8_is_printable(rows[i].code) != rows[i].want)
			fail_msg("U+%04X is judged wrong", (unsigned)rows[i].code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_code_point),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_printable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
