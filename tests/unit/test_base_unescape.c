/* SPDX-License-Identifier: GPL-3.0-or-later */
/* C escapes read. */
#include "base/unescape.h"

#include <string.h>

#include "base/util.h"

#include "check.h"

static const struct {
	const char *text;
	const char *bytes; /* NULL: refused */
	size_t len;
	const char *error; /* a part of it */
} rows[] = {
	{ "", "", 0, NULL },
	{ "plain text", "plain text", 10, NULL },
	{ "\"quoted\"", "quoted", 6, NULL },
	{ "\\a\\b\\e\\f\\n\\r\\t\\v\\\\\\\"\\'\\?", "\a\b\033\f\n\r\t\v\\\"'?", 12, NULL },
	{ "\\x00\\xff\\x4", "\0\xff\x04", 3, NULL },
	{ "\\x414", "A4", 2, NULL },
	{ "\\0\\101\\3777", "\0A\xff" "7", 4, NULL },
	{ "a \"b\"", "a \"b\"", 5, NULL },
	{ "\"open", NULL, 0, "closing quote" },
	{ "\"one\" two", NULL, 0, "behind the closing quote" },
	{ "\\q", NULL, 0, "\\q stands for nothing" },
	{ "end\\", NULL, 0, "nothing stands behind" },
	{ "\\xg", NULL, 0, "hex digits" },
	{ "\\400", NULL, 0, "more than a byte" },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char bytes[64], error[UNESCAPE_ERROR_MAX] = "";
		size_t len = 0;
		int ret = unescape_c(rows[i].text, bytes, &len, error);

		if (rows[i].bytes == NULL) {
			assert_true(ret < 0);
			if (strstr(error, rows[i].error) == NULL)
				fail_msg("%s: %s", rows[i].text, error);
			continue;
		}
		if (ret < 0)
			fail_msg("%s: %s", rows[i].text, error);
		assert_int_equal(len, rows[i].len);
		assert_memory_equal(bytes, rows[i].bytes, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
