/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The language of the shell: whatever a line holds, a statement within its bounds or an error that says something. */
#include "cli/shell_expect.h"
#include "cli/shell_parse.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_error(const char *error)
{
	size_t len = strnlen(error, SHELL_ERROR_MAX);

	assert(len > 0 && len < SHELL_ERROR_MAX);
	for (size_t i = 0; i < len; i++)
		assert((unsigned char)error[i] >= 0x20 && error[i] != 0x7f);
}

static int find_value(void *ctx, const char *name, const char *member, char *dst, size_t size, char *error)
{
	(void)ctx;
	assert(shell_parse_is_name(name));
	assert(strcmp(member, "addr") == 0 || strcmp(member, "port") == 0);
	if (name[0] == 'x') {
		snprintf(error, SHELL_ERROR_MAX, "there is no socket %s", name);
		return -EINVAL;
	}
	snprintf(dst, size, "127.0.0.1");
	return 0;
}

/* What is expected, of a result that has a little of everything. */
static void check_expect(const struct shell_statement *statement)
{
	const struct shell_result result = {
		.is_there = true,
		.call = "recv",
		.value = 2,
		.data = (uint8_t *)"ab",
		.data_len = 2,
		.has_data = true,
		.has_from = true,
		.has_option = true,
		.polls = { { "a", 1 } },
		.poll_count = 1,
	};
	const struct addr from = { .len = 0 };
	struct shell_expectation wanted;
	char error[SHELL_ERROR_MAX] = "";

	if (shell_expect_parse(statement, &wanted, error) < 0) {
		check_error(error);
		return;
	}
	assert(wanted.kind < EXPECT_KIND_COUNT);
	if (!shell_expect_is_fact(&wanted) && !shell_expect_holds(&wanted, &result, &from, error))
		assert(strnlen(error, SHELL_ERROR_MAX) < SHELL_ERROR_MAX && error[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct shell_values values = { .find = find_value };
	struct shell_statement statement;
	char error[SHELL_ERROR_MAX] = "";
	int ret = shell_parse(&statement, (const char *)data, size, &values, error);

	assert(ret == 0 || ret == -EINVAL);
	assert(statement.count <= SHELL_WORDS_MAX);
	for (size_t i = 0; i < statement.count; i++) {
		assert(statement.words[i].text[statement.words[i].len] == '\0');
		assert(ret < 0 || statement.words[i].len * statement.words[i].times <= SHELL_DATA_MAX);
	}
	if (ret < 0)
		check_error(error);
	else if (statement.kind == SHELL_STATEMENT)
		assert(statement.count > 0);
	else
		assert(statement.text_len <= size);
	if (ret == 0 && statement.kind == SHELL_STATEMENT && strcmp(statement.words[0].text, "expect") == 0)
		check_expect(&statement);
	shell_statement_clear(&statement);
	return 0;
}
