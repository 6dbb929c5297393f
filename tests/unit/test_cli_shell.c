/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The language of the shell: lines into statements, and what `expect` expects. */
#include "base/util.h"
#include "cli/shell_expect.h"
#include "cli/shell_parse.h"

#include <errno.h>
#include <stdio.h>
#include <poll.h>

#include "check.h"

static int parse(struct shell_statement *statement, const char *line, char *error)
{
	return shell_parse(statement, line, strlen(line), NULL, error);
}

/* The words of a statement, with a bar between them: "bind|a|127.0.0.1:0". */
static void join(const struct shell_statement *statement, char *dst, size_t size)
{
	size_t len = 0;

	dst[0] = '\0';
	for (size_t i = 0; i < statement->count; i++)
		len += (size_t)snprintf(dst + len, size - len, "%s%s", i > 0 ? "|" : "", statement->words[i].text);
}

static void test_words(void **state)
{
	static const struct {
		const char *line, *target, *words;
		bool is_background;
	} rows[] = {
		{ "listen server", "", "listen|server", false },
		{ "  listen\tserver  \r", "", "listen|server", false },
		{ "server = socket tcp", "server", "socket|tcp", false },
		{ "peer = accept server &", "peer", "accept|server", true },
		{ "expect = 6", "", "expect|=|6", false },
		{ "send a \"x y\"", "", "send|a|x y", false },
		{ "send a \"\\\"\\\\ \\x41\\101\\e\"", "", "send|a|\"\\ AA\033", false },
		{ "send a \"#\" more", "", "send|a|#|more", false },
		{ "a b # c", "", "a|b|#|c", false },
		{ "send a \"&\"", "", "send|a|&", false },
		{ "send a \"&\" &", "", "send|a|&", true },
		{ "send a \"$b.port $ \\$c.port\"", "", "send|a|$b.port $ $c.port", false },
		{ "recv a 64k*", "", "recv|a|64k*", false },
	};
	struct shell_statement statement;
	char error[SHELL_ERROR_MAX], words[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK_INT(rows[i].line, parse(&statement, rows[i].line, error), 0);
		CHECK_INT(rows[i].line, statement.kind, SHELL_STATEMENT);
		join(&statement, words, sizeof(words));
		assert_string_equal(words, rows[i].words);
		assert_string_equal(statement.target, rows[i].target);
		CHECK_INT(rows[i].line, statement.is_background, rows[i].is_background);
		shell_statement_clear(&statement);
	}
}

static void test_bytes(void **state)
{
	struct shell_statement statement;
	char error[SHELL_ERROR_MAX];

	(void)state;
	assert_int_equal(parse(&statement, "send a 3*\"\\0\\xff\\n\"", error), 0);
	assert_int_equal(statement.words[2].times, 3);
	assert_int_equal(statement.words[2].len, 3);
	assert_memory_equal(statement.words[2].text, "\0\xff\n", 3);
	shell_statement_clear(&statement);

	assert_int_equal(parse(&statement, "send a 64k*\"x\"", error), 0);
	assert_int_equal(statement.words[2].times, 65536);
	shell_statement_clear(&statement);

	assert_int_equal(shell_parse(&statement, "a\0b", 3, NULL, error), -EINVAL);
	shell_statement_clear(&statement);
}

static void test_shown(void **state)
{
	static const struct {
		const char *line;
		enum shell_line_kind kind;
		const char *text;
	} rows[] = {
		{ "", SHELL_BLANK, "" },	      { " \t\r", SHELL_BLANK, "" },
		{ "# hello", SHELL_NARRATION, "hello" }, { "#", SHELL_NARRATION, "" },
		{ "#  two", SHELL_NARRATION, " two" },   { "#x", SHELL_NARRATION, "x" },
		{ "#? why", SHELL_QUESTION, "why" },     { "#= so\r", SHELL_ANSWER, "so" },
	};
	struct shell_statement statement;
	char error[SHELL_ERROR_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK_INT(rows[i].line, parse(&statement, rows[i].line, error), 0);
		CHECK_INT(rows[i].line, statement.kind, rows[i].kind);
		CHECK_INT(rows[i].line, statement.text_len, strlen(rows[i].text));
		if (statement.text != NULL)
			assert_memory_equal(statement.text, rows[i].text, statement.text_len);
	}
}

static void test_mistakes(void **state)
{
	static const struct {
		const char *line, *says;
	} rows[] = {
		{ "send a \"x", "no closing quote" },	{ "send a \"x\\", "no closing quote" },
		{ "send a \"x\"y", "a blank has to" },	{ "send a \"\\q\"", "a backslash begins" },
		{ "send a \"\\777\"", "a backslash" },	{ "send a x\"y\"", "between x and it" },
		{ "send a 0*\"y\"", "count" },		{ "send a 17M*\"y\"", "count" },
		{ "send a 16M*\"yy\"", "at most" },	{ "1a = socket tcp", "is no name" },
		{ "\"a\" = socket tcp", "is no name" }, { "a =", "what is a to be" },
		{ "a-b = socket tcp", "is no name" },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = socket tcp", "at most 31" },
	};
	struct shell_statement statement;
	char error[SHELL_ERROR_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK_INT(rows[i].line, parse(&statement, rows[i].line, error), -EINVAL);
		if (strstr(error, rows[i].says) == NULL)
			fail_msg("%s: %s", rows[i].line, error);
		shell_statement_clear(&statement);
	}
}

/* The value of any socket named "s": its name and member; none else is known. */
static int find_value(void *ctx, const char *name, const char *member, char *dst, size_t size, char *error)
{
	(void)ctx;
	if (strcmp(name, "s") != 0) {
		snprintf(error, SHELL_ERROR_MAX, "no %s", name);
		return -EINVAL;
	}
	snprintf(dst, size, "<%s>", member);
	return 0;
}

static void test_values(void **state)
{
	static const struct shell_values values = { .find = find_value };
	static const char line[] = "connect c $s.addr:$s.port \"$s.port,$s.ports,\\$s.port\"";
	struct shell_statement statement;
	char error[SHELL_ERROR_MAX];

	(void)state;
	assert_int_equal(shell_parse(&statement, line, strlen(line), &values, error), 0);
	assert_string_equal(statement.words[2].text, "<addr>:<port>");
	assert_string_equal(statement.words[3].text, "<port>,$s.ports,$s.port");
	shell_statement_clear(&statement);
	assert_int_equal(shell_parse(&statement, "a $t.port", 9, &values, error), -EINVAL);
	assert_string_equal(error, "no t");
	shell_statement_clear(&statement);
}

static void test_limits(void **state)
{
	static char line[SHELL_LINE_MAX + 2];
	struct shell_statement statement;
	char error[SHELL_ERROR_MAX];

	(void)state;
	memset(line, 'a', sizeof(line));
	assert_int_equal(shell_parse(&statement, line, SHELL_LINE_MAX, NULL, error), 0);
	assert_int_equal(statement.words[0].len, SHELL_LINE_MAX);
	shell_statement_clear(&statement);
	assert_int_equal(shell_parse(&statement, line, SHELL_LINE_MAX + 1, NULL, error), -EINVAL);
	shell_statement_clear(&statement);
	for (size_t i = 1; i < sizeof(line); i += 2)
		line[i] = ' ';
	assert_int_equal(shell_parse(&statement, line, 2 * SHELL_WORDS_MAX, NULL, error), 0);
	shell_statement_clear(&statement);
	assert_int_equal(shell_parse(&statement, line, 2 * SHELL_WORDS_MAX + 1, NULL, error), -EINVAL);
	shell_statement_clear(&statement);
}

/* Does the line hold of the result? -1: it cannot be read. */
static int holds(const char *line, const struct shell_result *result, const struct addr *from, char *why)
{
	struct shell_expectation wanted;
	struct shell_statement statement;
	int ret = parse(&statement, line, why);

	if (ret == 0)
		ret = shell_expect_parse(&statement, &wanted, why);
	if (ret == 0)
		ret = shell_expect_is_fact(&wanted) ? 2 : shell_expect_holds(&wanted, result, from, why);
	shell_statement_clear(&statement);
	return ret < 0 ? -1 : ret;
}

static void test_expect(void **state)
{
	struct shell_result good = {
		.is_there = true,
		.call = "recv",
		.value = 5,
		.dur_ns = 1000000,
		.data = (uint8_t *)"hello",
		.data_len = 5,
		.has_data = true,
		.has_option = true,
		.option = 7,
		.polls = { { "a", POLLIN | POLLHUP }, { "b", 0 } },
		.poll_count = 2,
	};
	const struct shell_result bad = { .is_there = true, .call = "connect", .value = -1, .error = ECONNREFUSED };
	static const struct {
		const char *line;
		int good, bad;
	} rows[] = {
		{ "expect = 5", 1, 0 },		      { "expect = -1", 0, 1 },
		{ "expect = x", -1, -1 },	      { "expect data \"hello\"", 1, 0 },
		{ "expect data \"hell\"", 0, 0 },     { "expect data 1*\"hello\"", 1, 0 },
		{ "expect data 2*\"hello\"", 0, 0 },  { "expect data hello", -1, -1 },
		{ "expect ECONNREFUSED", 0, 1 },      { "expect ECONREFUSED", -1, -1 },
		{ "expect within 1ms", 1, 1 },	      { "expect within 999us", -1, -1 },
		{ "expect within 0.5ms", 0, 1 },      { "expect poll a IN", 1, 0 },
		{ "expect poll a IN|HUP", 1, 0 },     { "expect poll a OUT", 0, 0 },
		{ "expect poll b 0", 1, 0 },	      { "expect poll c IN", 0, 0 },
		{ "expect poll a NOW", -1, -1 },      { "expect option 7", 1, 0 },
		{ "expect option 8", 0, 0 },	      { "expect option cubic", 0, 0 },
		{ "expect state a ESTABLISHED", 2, 2 }, { "expect state a gone within 1s", 2, 2 },
		{ "expect state a DEAD", -1, -1 },    { "expect queue a 3", 2, 2 },
		{ "expect unread a 64k", 2, 2 },      { "expect unacked a", -1, -1 },
		{ "expect", -1, -1 },		      { "expect nothing", -1, -1 },
		{ "expect = 5 6", -1, -1 },	      { "expect < 6", 1, 1 },
		{ "expect < 5", 0, 1 },		      { "expect <= 5", 1, 1 },
		{ "expect <= 4", 0, 1 },	      { "expect > 4", 1, 0 },
		{ "expect > 5", 0, 0 },		      { "expect >= 5", 1, 0 },
		{ "expect >= 6", 0, 0 },	      { "expect != 5", 0, 1 },
		{ "expect != -1", 1, 0 },	      { "expect < 1M", 1, 1 },
		{ "expect \"<\" 6", -1, -1 },	      { "expect >", -1, -1 },
		{ "expect after 1ms", 1, 0 },	      { "expect after 1.001ms", 0, 0 },
		{ "expect after 0ms", 1, 1 },	      { "expect after", -1, -1 },
		{ "expect drops a 1", 2, 2 },	      { "expect drops a 1 within 1s", 2, 2 },
		{ "expect waits a", 2, 2 },	      { "expect waits", -1, -1 },
	};
	char why[SHELL_ERROR_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK_INT(rows[i].line, holds(rows[i].line, &good, NULL, why), rows[i].good);
		CHECK_INT(rows[i].line, holds(rows[i].line, &bad, NULL, why), rows[i].bad);
	}
	assert_int_equal(holds("expect data \"bye\"", &good, NULL, why), 0);
	assert_string_equal(why, "the data \"bye\" were expected, and what came is \"hello\"");
	assert_int_equal(holds("expect = 0", &bad, NULL, why), 0);
	assert_string_equal(why, "connect was to return 0, and returned ECONNREFUSED");
}

static void test_expect_from(void **state)
{
	struct shell_result result = { .is_there = true, .call = "recvfrom", .has_from = true };
	struct addr other;
	char why[SHELL_ERROR_MAX];

	(void)state;
	addr_parse_ip(&result.from, "127.0.0.1", 9000);
	addr_parse_ip(&other, "127.0.0.1", 9001);
	assert_int_equal(holds("expect from x", &result, &result.from, why), 1);
	assert_int_equal(holds("expect from x", &result, &other, why), 0);
	assert_string_equal(why, "it was to be from 127.0.0.1:9001, and is from 127.0.0.1:9000");
}

static void test_expect_address(void **state)
{
	struct shell_result result = { .is_there = true, .call = "getsockname", .has_address = true };
	struct addr other;
	char why[SHELL_ERROR_MAX];

	(void)state;
	addr_parse_ip(&result.address, "127.0.0.1", 9000);
	addr_parse_ip(&other, "127.0.0.1", 9001);
	assert_int_equal(holds("expect address x", &result, &result.address, why), 1);
	assert_int_equal(holds("expect address x", &result, &other, why), 0);
	assert_string_equal(why, "the address was to be 127.0.0.1:9001, and is 127.0.0.1:9000");
	result.has_address = false;
	assert_int_equal(holds("expect address x", &result, &other, why), 0);
	assert_non_null(strstr(why, "no getsockname"));
}

static void test_expect_fact(void **state)
{
	struct shell_expectation wanted = { .kind = EXPECT_UNREAD, .number = 2 };

	(void)state;
	assert_true(shell_expect_fact_holds(&wanted, 2));
	assert_false(shell_expect_fact_holds(&wanted, 3));
	wanted.kind = EXPECT_DROPS;
	assert_true(shell_expect_fact_holds(&wanted, 3));
	assert_false(shell_expect_fact_holds(&wanted, 1));
}

static void test_expect_outcome(void **state)
{
	static const struct {
		const char *line;
		bool is_outcome;
	} rows[] = {
		{ "expect EAGAIN", true }, { "expect = -1", true },	     { "expect < 0", false },
		{ "expect != 0", false },  { "expect data \"x\"", false }, { "expect after 1s", false },
	};
	struct shell_statement statement;
	char error[SHELL_ERROR_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(parse(&statement, rows[i].line, error), 0);
		CHECK_INT(rows[i].line, shell_expect_is_outcome(&statement), rows[i].is_outcome);
		shell_statement_clear(&statement);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),	 cmocka_unit_test(test_bytes),  cmocka_unit_test(test_shown),
		cmocka_unit_test(test_mistakes), cmocka_unit_test(test_values), cmocka_unit_test(test_limits),
		cmocka_unit_test(test_expect),	 cmocka_unit_test(test_expect_from),
		cmocka_unit_test(test_expect_address), cmocka_unit_test(test_expect_fact),
		cmocka_unit_test(test_expect_outcome),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
