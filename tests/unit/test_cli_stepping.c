/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Step mode: keys made answers, the names of steps. */
#include "cli/stepping.h"
#include "cli/stepping_keys.h"

#include <string.h>

#include "base/util.h"
#include "check.h"

/* Each is typed from the first key on; answers: one for each key. */
static const struct {
	const char *name, *keys;
	enum stepping_answer answers[12];
	const char *word, *typed;
} rows[] = {
	{ "enter", "\n", { STEPPING_GO }, NULL, "" },
	{ "return", "\r", { STEPPING_GO }, NULL, "" },
	{ "e i q ?", "eiq?", { STEPPING_EXPLAIN, STEPPING_SOCKETS, STEPPING_QUIT, STEPPING_KEYS }, NULL, "" },
	{ "Ctrl-D", "\004", { STEPPING_QUIT }, NULL, "" },
	{ "c alone waits", "c", { 0 }, NULL, "c" },
	{ "c enter", "c\n", { 0, STEPPING_RUN }, NULL, "" },
	{ "c blank enter", "c \n", { 0, 0, STEPPING_RUN }, NULL, "" },
	{ "c word", "c send\n", { 0, 0, 0, 0, 0, 0, STEPPING_RUN_TO }, "send", "" },
	{ "c word, mended", "c sx\177end\r", { 0, 0, 0, 0, 0, 0, 0, 0, STEPPING_RUN_TO }, "send", "" },
	{ "c word, taken back", "c s\177\177\n", { 0, 0, 0, 0, 0, STEPPING_GO }, NULL, "" },
	{ "c word, escape", "c s\033q", { 0, 0, 0, 0, STEPPING_QUIT }, NULL, "" },
	{ "c word, so far", "c acc", { 0 }, NULL, "c acc" },
	{ "c taken back", "c\177", { 0 }, NULL, "" },
	{ "c and another", "cq", { 0, STEPPING_QUIT }, NULL, "" },
	{ "a letter", "x", { STEPPING_UNKNOWN }, "x", "" },
	{ "a control", "\001", { STEPPING_UNKNOWN }, "Ctrl-A", "" },
	{ "a key that erases nothing", "\b", { STEPPING_UNKNOWN }, "Ctrl-H", "" },
	{ "UTF-8 is one key", "\303\244", { STEPPING_UNKNOWN, 0 }, "\\xc3", "" },
	{ "an arrow is one key", "\033[A", { 0, 0, STEPPING_UNKNOWN }, "Esc [ A", "" },
	{ "F5 is one key", "\033[15~", { 0, 0, 0, 0, STEPPING_UNKNOWN }, "Esc [ ~", "" },
	{ "a long word is cut", "c abcdefghijklmnopqrstuvwxyz", { 0 }, NULL, "c abcdefghijklmno" },
};

static void test_keys(void **state)
{
	char typed[STEPPING_WORD_MAX + 4];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stepping_keys keys = { .state = KEYS_IDLE };

		for (size_t k = 0; rows[i].keys[k] != '\0'; k++)
			CHECK_INT(rows[i].name, stepping_keys_take(&keys, rows[i].keys[k]),
				  k < ARRAY_LEN(rows[i].answers) ? rows[i].answers[k] : STEPPING_NONE);
		if (rows[i].word != NULL)
			assert_string_equal(keys.word, rows[i].word);
		assert_string_equal(stepping_keys_typed(&keys, typed, sizeof(typed)), rows[i].typed);
	}
}

static void test_pause(void **state)
{
	struct stepping_keys keys = { .state = KEYS_IDLE };

	(void)state;
	assert_false(stepping_keys_waits(&keys));
	assert_int_equal(stepping_keys_pause(&keys), STEPPING_NONE);
	stepping_keys_take(&keys, 'c');
	assert_true(stepping_keys_waits(&keys));
	assert_int_equal(stepping_keys_pause(&keys), STEPPING_RUN);
	assert_false(stepping_keys_waits(&keys));
	stepping_keys_take(&keys, 'c');
	stepping_keys_take(&keys, ' ');
	assert_false(stepping_keys_waits(&keys));
	assert_int_equal(stepping_keys_pause(&keys), STEPPING_NONE);
	stepping_keys_take(&keys, '\033');
	stepping_keys_take(&keys, '\033');
	assert_int_equal(stepping_keys_pause(&keys), STEPPING_UNKNOWN);
}

/* Whatever is typed, an answer comes back that there is, and nothing is written beyond the word. */
static void test_any_keys(void **state)
{
	struct stepping_keys keys = { .state = KEYS_IDLE };
	uint32_t seed = 1;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		seed = seed * 1664525 + 1013904223;
		assert_true(stepping_keys_take(&keys, (char)(seed >> 24)) < STEPPING_ANSWER_COUNT);
		assert_true(keys.len < sizeof(keys.word));
		if ((seed >> 12 & 15) == 0)
			assert_true(stepping_keys_pause(&keys) < STEPPING_ANSWER_COUNT);
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_true(stepping_is_named("send", STEP_SEND));
	assert_true(stepping_is_named("send", STEP_SENDMMSG));
	assert_true(stepping_is_named("recvfrom", STEP_RECV));
	assert_false(stepping_is_named("sen", STEP_SEND));
	assert_false(stepping_is_named("recv", STEP_SEND));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_any_keys),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
