/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of the lines that were typed. */
#include "cli/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

#include "check.h"

struct place {
	char directory[64], file[128];
};

static int make_place(void **state)
{
	static const char pattern[] = "/tmp/test_cli_history.XXXXXX";
	struct place *place = test_calloc(1, sizeof(*place));

	memcpy(place->directory, pattern, sizeof(pattern));
	if (mkdtemp(place->directory) == NULL)
		return -1;
	snprintf(place->file, sizeof(place->file), "%s/a/b/history", place->directory);
	*state = place;
	return 0;
}

static int remove_place(void **state)
{
	struct place *place = *state;
	char path[128];

	unlink(place->file);
	snprintf(path, sizeof(path), "%s/a/b", place->directory);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/a", place->directory);
	rmdir(path);
	rmdir(place->directory);
	test_free(place);
	return 0;
}

static void join(void *ctx, const char *line)
{
	struct text *text = ctx;

	text_addf(text, "%s|", line);
}

static void expect_lines(const struct place *place, const char *want)
{
	char lines[256];
	struct text text;

	text_init(&text, lines, sizeof(lines));
	history_read(place->file, join, &text);
	assert_string_equal(lines, want);
}

static void test_lines_are_kept(void **state)
{
	const struct place *place = *state;
	struct stat st;

	expect_lines(place, "");
	history_add(place->file, "one");
	history_add(place->file, "");
	history_add(place->file, "two\nlines");
	history_add(place->file, "three 한");
	expect_lines(place, "one|three 한|");
	assert_int_equal(stat(place->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* What others could read is so no more. */
	assert_int_equal(chmod(place->file, 0644), 0);
	history_add(place->file, "four");
	assert_int_equal(stat(place->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void count(void *ctx, const char *line)
{
	unsigned *counted = ctx;
	char want[32];

	snprintf(want, sizeof(want), "line %u", 5 + *counted);
	assert_string_equal(line, want);
	(*counted)++;
}

static void test_it_is_bounded(void **state)
{
	const struct place *place = *state;
	char line[32];
	unsigned counted = 0;
	struct stat st;

	for (unsigned i = 0; i < HISTORY_LINES_MAX + 5; i++) {
		snprintf(line, sizeof(line), "line %u", i);
		history_add(place->file, line);
	}
	history_read(place->file, count, &counted);
	assert_int_equal(counted, HISTORY_LINES_MAX);
	history_trim(place->file);
	counted = 0;
	history_read(place->file, count, &counted);
	assert_int_equal(counted, HISTORY_LINES_MAX);
	assert_int_equal(stat(place->file, &st), 0);
	assert_int_equal(st.st_size, 5 * 7 + 90 * 8 + 900 * 9 + 5 * 10);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* A link to the file stays one. */
static void test_link(void **state)
{
	const struct place *place = *state;
	char name[128], line[32];
	struct stat st;

	history_add(place->file, "first");
	snprintf(name, sizeof(name), "%s/link", place->directory);
	assert_int_equal(symlink(place->file, name), 0);
	for (unsigned i = 0; i < HISTORY_LINES_MAX + 5; i++) {
		snprintf(line, sizeof(line), "line %u", i);
		history_add(name, line);
	}
	history_trim(name);
	assert_int_equal(lstat(name, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(place->file, &st), 0);
	assert_int_equal(st.st_size, 5 * 7 + 90 * 8 + 900 * 9 + 5 * 10);
	unlink(name);
}

static void test_path(void **state)
{
	char path[128];

	(void)state;
	setenv("HOME", "/h", 1);
	setenv("XDG_STATE_HOME", "/state", 1);
	assert_true(history_path(path, sizeof(path)));
	assert_string_equal(path, "/state/sockt/history");
	setenv("XDG_STATE_HOME", "relative", 1);
	assert_true(history_path(path, sizeof(path)));
	assert_string_equal(path, "/h/.local/state/sockt/history");
	unsetenv("XDG_STATE_HOME");
	unsetenv("HOME");
	assert_false(history_path(path, sizeof(path)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lines_are_kept, make_place, remove_place),
		cmocka_unit_test_setup_teardown(test_it_is_bounded, make_place, remove_place),
		cmocka_unit_test_setup_teardown(test_link, make_place, remove_place),
		cmocka_unit_test(test_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
