/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paragraphs made lines. */
#include "base/wrap.h"

#include <stdio.h>

#include "base/util.h"

#include "check.h"

/* A paragraph, and its lines divided by |. */
static const struct {
	const char *text;
	size_t columns;
	const char *lines;
} rows[] = {
	{ "", 10, "" },
	{ "one", 10, "one" },
	{ "one two", 7, "one two" },
	{ "one two", 6, "one|two" },
	{ "one two three", 7, "one two|three" },
	{ "one\ntwo", 10, "one|two" },
	{ "longer-than-it", 5, "longe|r-tha|n-it" },
	{ "a longer-than-it", 5, "a|longe|r-tha|n-it" },
	/* A code point is one column, and is never cut. */
	{ "\u00e4\u00f6\u00fc \u00e4\u00f6\u00fc", 3, "\u00e4\u00f6\u00fc|\u00e4\u00f6\u00fc" },
	{ "\u00e4\u00f6\u00fc\u00e4", 3, "\u00e4\u00f6\u00fc|\u00e4" },
	/* Parentheses at the end stay together, others do not; nor where they have no room. */
	{ "one two (sockt help x)", 15, "one two|(sockt help x)" },
	{ "one (sockt help x) two", 11, "one (sockt|help x) two" },
	{ "one (sockt help x)", 8, "one|(sockt|help x)" },
	{ "call f(a b)", 10, "call f(a|b)" },
	{ "call()", 4, "call|()" },
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char lines[128] = "";
		const char *rest = rows[i].text;

		while (*rest != '\0') {
			const char *line = rest;
			size_t len = wrap_line(line, rows[i].columns, &rest);

			assert_true(rest > line);
			snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines), "%s%.*s",
				 lines[0] == '\0' ? "" : "|", (int)len, line);
		}
		if (strcmp(lines, rows[i].lines) != 0)
			fail_msg("\"%s\" in %zu columns: \"%s\", not \"%s\"", rows[i].text, rows[i].columns, lines,
				 rows[i].lines);
	}
}

static const struct {
	const char *text;
	size_t columns;
	const char *rows;
} text_rows[] = {
	{ "", 20, "" },
	{ "one", 20, "one\n" },
	{ "one\n\ntwo\n", 20, "one\n\ntwo\n" },
	{ "one two three four five", 14, "one two three\n  four five\n" },
	{ "  one two three four", 15, "  one two three\n    four\n" },
	{ "  one two three four ", 22, "  one two three four \n" },
	/* Too narrow for words. */
	{ "      one two three", 17, "      one two three\n" },
	{ "one two three", 0, "one two three\n" },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(text_rows); i++) {
		struct buf got = { .len = 0 };

		wrap_rows(text_rows[i].text, text_rows[i].columns, &got);
		buf_append(&got, "", 1);
		assert_string_equal(buf_peek(&got), text_rows[i].rows);
		buf_clear(&got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
