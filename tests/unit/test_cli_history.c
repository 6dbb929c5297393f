/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of the lines that were typed. */
#include "cli/history.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

	struct history *history = history_open(place->file);

	expect_lines(place, "");
	history_add(history, "one");
	history_add(history, "");
	history_add(history, "two\nlines");
	history_add(history, "three 한");
	expect_lines(place, "one|three 한|");
	assert_int_equal(stat(place->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* What others could read is so no more. */
	assert_int_equal(chmod(place->file, 0644), 0);
	history_add(history, "four");
	assert_int_equal(stat(place->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	history_close(history);
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
	struct history *history = history_open(place->file);
	char line[32];
	unsigned counted = 0;
	struct stat st;

	for (unsigned i = 0; i < HISTORY_LINES_MAX + 5; i++) {
		snprintf(line, sizeof(line), "line %u", i);
		history_add(history, line);
	}
	history_read(place->file, count, &counted);
	assert_int_equal(counted, HISTORY_LINES_MAX);
	history_close(history);
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
	struct history *history = history_open(place->file);
	struct stat st;

	history_add(history, "first");
	history_close(history);
	snprintf(name, sizeof(name), "%s/link", place->directory);
	assert_int_equal(symlink(place->file, name), 0);
	history = history_open(name);
	for (unsigned i = 0; i < HISTORY_LINES_MAX + 5; i++) {
		snprintf(line, sizeof(line), "line %u", i);
		history_add(history, line);
	}
	history_close(history);
	assert_int_equal(lstat(name, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(place->file, &st), 0);
	assert_int_equal(st.st_size, 5 * 7 + 90 * 8 + 900 * 9 + 5 * 10);
	unlink(name);
}

#define WRITERS 3
#define WRITER_RUNS 40
#define RUN_LINES 5

/* What a program does that is started and left again and again: it adds lines, and forgets the oldest. */
static void write_runs(const char *file, int writer)
{
	char line[32];

	for (int run = 0; run < WRITER_RUNS; run++) {
		struct history *history = history_open(file);

		for (int i = 0; i < RUN_LINES; i++) {
			snprintf(line, sizeof(line), "writer %d %d", writer, run * RUN_LINES + i);
			history_add(history, line);
		}
		history_close(history);
	}
}

/* The next line of each writer. */
static void count_writers(void *ctx, const char *line)
{
	int *next = ctx, writer, number;

	if (sscanf(line, "writer %d %d", &writer, &number) != 2)
		return;
	assert_in_range(writer, 0, WRITERS - 1);
	assert_int_equal(number, next[writer]);
	next[writer]++;
}

/* Programs that write to one history at once lose no line of each other's, though each forgets the oldest. */
static void test_several_at_once(void **state)
{
	const struct place *place = *state;
	struct history *history = history_open(place->file);
	int next[WRITERS] = { 0 }, status;
	pid_t pids[WRITERS];
	char line[32];

	for (int i = 0; i < HISTORY_LINES_MAX; i++) {
		snprintf(line, sizeof(line), "old %d", i);
		history_add(history, line);
	}
	history_close(history);
	for (int i = 0; i < WRITERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			write_runs(place->file, i);
			_exit(0);
		}
	}
	for (int i = 0; i < WRITERS; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	history_read(place->file, count_writers, next);
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(next[i], WRITER_RUNS * RUN_LINES);
}

/* Where somebody has the file locked for himself, lines wait, and nobody else does. */
static void test_lines_wait_for_the_lock(void **state)
{
	const struct place *place = *state;
	struct history *history = history_open(place->file);
	int fd;

	history_add(history, "first");
	fd = open(place->file, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	history_add(history, "second");
	history_add(history, "third");
	expect_lines(place, "first|");
	close(fd);
	history_add(history, "fourth");
	expect_lines(place, "first|second|third|fourth|");
	history_close(history);
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
		cmocka_unit_test_setup_teardown(test_several_at_once, make_place, remove_place),
		cmocka_unit_test_setup_teardown(test_lines_wait_for_the_lock, make_place, remove_place),
		cmocka_unit_test(test_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
