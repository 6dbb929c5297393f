/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sentences with values in them. */
#include "base/template.h"

#include "base/util.h"

#include "check.h"

/* {x} is 7, {long name} is a word with a blank, every other name is not known. */
static bool add_value(const void *ctx, const char *name, size_t len, struct text *text)
{
	if (len == 1 && name[0] == 'x')
		text_add(text, ctx);
	else if (len == 9 && memcmp(name, "long name", len) == 0)
		text_add(text, "a b");
	else
		return false;
	return true;
}

static const struct {
	const char *template, *text; /* text NULL: a value is not known */
} rows[] = {
	{ "", "" },
	{ "plain", "plain" },
	{ "{x}", "7" },
	{ "x is {x}, {x}.", "x is 7, 7." },
	{ "in {long name} out", "in a b out" },
	{ "type `ss -l {long name}` there", "type ss_-l_a_b there" },
	{ "`one two` three `four five`", "one_two three four_five" },
	{ "open {x", "open 7" },
	{ "{y}", NULL },
	{ "{x} {}", NULL },
};

static void test_expand(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char dst[64];
		struct text text;
		bool is_known;

		text_init(&text, dst, sizeof(dst));
		is_known = template_expand(rows[i].template, '_', add_value, "7", &text);
		if (is_known != (rows[i].text != NULL) || (is_known && strcmp(dst, rows[i].text) != 0))
			fail_msg("\"%s\": \"%s\"", rows[i].template, dst);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
