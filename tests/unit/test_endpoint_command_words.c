/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of a command, split without a shell. */
#include "endpoint/command_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "check.h"

#define WORDS_MAX 6

static const struct {
	const char *text;
	const char *words[WORDS_MAX]; /* none: it is a mistake, which names part */
	const char *part;
} rows[] = {
	{ "cat", { "cat" }, NULL },
	{ "  sort \t-n\n", { "sort", "-n" }, NULL },
	{ "grep 'a b' \"c d\"", { "grep", "a b", "c d" }, NULL },
	{ "a '' \"\" b", { "a", "", "", "b" }, NULL },
	{ "a'b'\"c\"d", { "abcd" }, NULL },
	{ "a\\ b \\' \\\\ \\\"", { "a b", "'", "\\", "\"" }, NULL },
	{ "'a\\'", { "a\\" }, NULL },
	{ "\"\\\" \\\\ \\$ \\` \\n\"", { "\" \\ $ ` \\n" }, NULL },
	{ "echo $HOME *;|&", { "echo", "$HOME", "*;|&" }, NULL },
	{ "x \"'\" '\"'", { "x", "'", "\"" }, NULL },
	{ "x '\n'", { "x", "\n" }, NULL },
	{ "", { NULL }, "no program" },
	{ " \t\n", { NULL }, "no program" },
	{ "''", { NULL }, "no program" },
	{ "'' a", { NULL }, "no program" },
	{ "cat 'a", { NULL }, "single quote" },
	{ "cat \"a", { NULL }, "double quote" },
	{ "cat \"a\\", { NULL }, "double quote" },
	{ "cat \"a\\\"", { NULL }, "double quote" },
	{ "cat \\", { NULL }, "backslash" },
};

static void check_words(const char *text, char **argv, const char *const *words)
{
	size_t i = 0;

	for (; i < WORDS_MAX && words[i] != NULL; i++)
		CHECK_STRING(text, argv[i], words[i]);
	assert_null(argv[i]);
}

static void test_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char error[COMMAND_WORDS_ERROR_MAX] = "";
		char **argv = NULL, **copy;
		int ret = command_words_parse(rows[i].text, &argv, error);

		CHECK_INT(rows[i].text, ret, rows[i].words[0] != NULL ? 0 : -EINVAL);
		if (ret < 0) {
			assert_non_null(strstr(error, rows[i].part));
			assert_null(argv);
			continue;
		}
		check_words(rows[i].text, argv, rows[i].words);
		copy = command_words_copy(argv);
		check_words(rows[i].text, copy, rows[i].words);
		free(copy);
		free(argv);
	}
}

static void test_shell(void **state)
{
	char error[COMMAND_WORDS_ERROR_MAX];
	char **argv;

	(void)state;
	assert_int_equal(command_words_shell(" echo 'a | b ", &argv, error), 0);
	check_words("shell", argv, (const char *const[WORDS_MAX]){ "/bin/sh", "-c", " echo 'a | b " });
	free(argv);
	assert_int_equal(command_words_shell(" \t", &argv, error), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
