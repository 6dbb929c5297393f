/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The distance of words, and which of some are offered for a mistyped one. */
#include "base/near.h"
#include "base/util.h"

#include "check.h"

static void test_distance(void **state)
{
	static const struct {
		const char *a, *b;
		size_t want;
	} rows[] = {
		{ "", "", 0 },		     { "", "abc", 3 },	    { "abc", "abc", 0 },     { "abc", "ABC", 0 },
		{ "abc", "abd", 1 },	     { "abc", "abcd", 1 },  { "abc", "ab", 1 },	     { "abc", "acb", 1 },
		{ "listen", "lisetn", 1 },   { "ab", "ba", 1 },	    { "ca", "abc", 3 },	     { "kitten", "sitting", 3 },
		{ "connect", "conect", 1 },  { "connect", "x", 7 },
	};
	char a[201], b[201];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK_INT(rows[i].a, near_distance(rows[i].a, rows[i].b), rows[i].want);
		CHECK_INT(rows[i].b, near_distance(rows[i].b, rows[i].a), rows[i].want);
	}

	memset(a, 'a', sizeof(a));
	memset(b, 'b', sizeof(b));
	a[200] = b[200] = '\0';
	assert_int_equal(near_distance(a, b), 64);
	memset(b, 'a', 64);
	assert_int_equal(near_distance(a, b), 0);
	a[63] = '\0';
	b[64] = '\0';
	assert_int_equal(near_distance(a, b), 1);
}

static const char *next_word(const void *ctx, size_t i)
{
	return ((const char *const *)ctx)[i];
}

static void test_find(void **state)
{
	static const char *const words[] = { "listen", "connect", "relay", "shell", "help", "hello", "LISTENER",
					     "listen", "LISTEN", NULL };
	static const struct {
		const char *word;
		size_t max;
		const char *want[4];
	} rows[] = {
		{ "lisetn", 3, { "listen" } },
		{ "conect", 3, { "connect" } },
		{ "listen", 3, { "listen", "LISTENER" } },
		{ "listener", 3, { "LISTENER", "listen" } },
		{ "listener", 1, { "LISTENER" } },
		{ "listener", 0, { NULL } },
		{ "helo", 3, { "help", "hello" } },
		{ "hell", 3, { "shell", "help", "hello" } },
		{ "h", 3, { "help", "hello" } },
		{ "h", 1, { "help" } },
		{ "con", 3, { "connect" } },
		{ "zzz", 3, { NULL } },
		{ "", 3, { NULL } },
		{ "connectionless", 3, { "connect" } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *found[4] = { NULL };
		size_t count = near_find(rows[i].word, next_word, words, found, rows[i].max);
		size_t want = 0;
		for (; rows[i].want[want] != NULL; want++) {
			if (found[want] == NULL)
				fail_msg("%s: \"%s\" is not offered", rows[i].word, rows[i].want[want]);
			CHECK_STRING(rows[i].word, found[want], rows[i].want[want]);
		}
		CHECK_INT(rows[i].word, count, want);
		assert_null(found[3]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_find),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
