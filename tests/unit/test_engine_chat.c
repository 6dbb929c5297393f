/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of a chat: from whatever pieces, with names, safe, and never longer than they may be. */
#include "base/util.h"
#include "engine/chat.h"

#include "check.h"

#include <stdio.h>

static void add(void *ctx, const char *text, size_t len)
{
	assert_true(len > 0 && len <= CHAT_TEXT_MAX && text[len - 1] == '\n');
	assert_null(memchr(text, '\n', len - 1));
	buf_append(ctx, text, len);
}

/* What becomes of pieces, each of step bytes. */
static void check(const char *data, size_t len, bool is_ended, const char *want)
{
	for (size_t step = 1; step <= len; step++) {
		struct chat_line line = { 0 };
		struct buf out = { 0 };

		for (size_t at = 0; at < len; at += step)
			chat_take(&line, "amy", data + at, len - at < step ? len - at : step, add, &out);
		if (is_ended)
			chat_end(&line, "amy", add, &out);
		buf_append(&out, "", 1);
		CHECK_STRING(data, buf_peek(&out), want);
		buf_clear(&out);
		chat_clear(&line);
	}
}

#define CHECK(data, is_ended, want) check((data), sizeof(data) - 1, (is_ended), (want))

static void test_lines(void **state)
{
	(void)state;
	CHECK("one\ntwo\n", false, "<amy> one\n<amy> two\n");
	CHECK("one\r\ntwo\r\n", false, "<amy> one\n<amy> two\n");
	CHECK("\n\r\n", false, "<amy> \n<amy> \n");
	CHECK("begun", false, "");
	CHECK("one\nbegun", true, "<amy> one\n<amy> begun\n");
	CHECK("one\n", true, "<amy> one\n");
}

static void test_nothing_drives_a_terminal(void **state)
{
	(void)state;
	CHECK("\033[2J\a\rx\n", false, "<amy> \\x1b[2J\\x07\\x0dx\n");
	CHECK("a\tb \xc3\xbc \xe2\x80\xae\n", false, "<amy> a\tb \xc3\xbc \\xe2\\x80\\xae\n");
	CHECK("\xff\xc3\n", false, "<amy> \\xff\\xc3\n");
}

static void test_a_long_line_is_cut(void **state)
{
	static char data[3 * CHAT_LINE_MAX];
	struct chat_line line = { 0 };
	struct buf out = { 0 };
	size_t head = strlen("<amy> ");

	(void)state;
	memset(data, 'a', sizeof(data));
	data[2 * CHAT_LINE_MAX + 5] = '\n';
	chat_take(&line, "amy", data, sizeof(data), add, &out);
	assert_int_equal(out.len, 2 * (head + CHAT_LINE_MAX + 1) + head + 5 + 1);
	assert_int_equal(line.begun.len, CHAT_LINE_MAX - 6);
	/* Every byte escaped, with the longest name. */
	memset(data, '\033', sizeof(data));
	chat_take(&line, "a name that is longer than any can be", data, sizeof(data), add, &out);
	buf_clear(&out);
	chat_clear(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_nothing_drives_a_terminal),
		cmocka_unit_test(test_a_long_line_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
