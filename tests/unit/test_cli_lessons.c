/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the lessons' files are called, which one a word means, and what their titles are. */
#include "base/util.h"
#include "cli/lessons.h"

#include "check.h"

static void test_names(void **state)
{
	static const struct {
		const char *file;
		bool is_lesson;
		unsigned number;
		const char *topic;
	} rows[] = {
		{ "03-accept-queue.sockt", true, 3, "accept-queue" },
		{ "17-a.sockt", true, 17, "a" },
		{ "03-.sockt", false, 0, "" },
		{ "3-accept-queue.sockt", false, 0, "" },
		{ "03_accept-queue.sockt", false, 0, "" },
		{ "03-accept-queue", false, 0, "" },
		{ "03-accept-queue.sockt~", false, 0, "" },
		{ ".03-accept-queue.sockt", false, 0, "" },
		{ "", false, 0, "" },
	};
	unsigned number;
	size_t at, len;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		number = 0;
		at = len = 0;
		CHECK_INT(rows[i].file, lesson_read_name(rows[i].file, &number, &at, &len), rows[i].is_lesson);
		CHECK_INT(rows[i].file, number, rows[i].number);
		CHECK_INT(rows[i].file, len, strlen(rows[i].topic));
		CHECK_INT(rows[i].file, strncmp(rows[i].file + at, rows[i].topic, len), 0);
	}
}

static void test_titles(void **state)
{
	static const struct {
		const char *text, *title;
	} rows[] = {
		{ "# The accept queue\n#\n# text\n", "The accept queue" },
		{ "sandbox\n# Keepalive\n", "Keepalive" },
		{ "#!/usr/bin/env sockt\n\n#\n#  Blanks \r\n", "Blanks" },
		{ "#? a question\n#= an answer\n#no blank", "no blank" },
		{ "# \x1b[31mred\x9c\n", "\\x1b[31mred\\x9c" },
		{ "server = socket tcp\n", "" },
		{ "", "" },
	};
	char dst[LESSON_TITLE_MAX], line[2 * LESSON_TITLE_MAX], small[6];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STRING(rows[i].text, lesson_read_title(rows[i].text, strlen(rows[i].text), dst, sizeof(dst)),
			     rows[i].title);
	memset(line, '\x01', sizeof(line));
	line[0] = '#';
	assert_int_equal(strlen(lesson_read_title(line, sizeof(line), dst, sizeof(dst))), sizeof(dst) - 1);
	CHECK_STRING("small", lesson_read_title("# a title\n", 10, small, sizeof(small)), "a tit");
}

static void test_words(void **state)
{
	static const struct {
		const char *word;
		int number; /* -1: none */
	} rows[] = {
		{ "3", 3 },
		{ "03", 3 },
		{ "003", -1 },
		{ "accept-queue", 3 },
		{ "accept-queue.sockt", 3 },
		{ "03-accept-queue", 3 },
		{ "3-accept-queue", 3 },
		{ "03-accept-queue.sockt", 3 },
		{ "12-accept-queue", -1 },
		{ "accept", -1 },
		{ "03-", -1 },
		{ "03.sockt", 3 },
		{ "12", 12 },
		{ "1", -1 },
		{ "", -1 },
		{ ".sockt", -1 },
		{ "-", -1 },
	};
	struct lesson all[] = {
		{ .number = 3, .topic = "accept-queue.sockt", .topic_len = strlen("accept-queue") },
		{ .number = 12, .topic = "http.sockt", .topic_len = strlen("http") },
	};
	struct lessons lessons = { .all = all, .count = ARRAY_LEN(all) };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct lesson *found = lessons_find(&lessons, rows[i].word);

		CHECK_INT(rows[i].word, found != NULL ? (int)found->number : -1, rows[i].number);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_titles),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
