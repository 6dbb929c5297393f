/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files with a tail: whole after each write, and where a write fails. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "trace/sink_out.h"

static char path[] = "/tmp/sockt-end-XXXXXX";

static int setup(void **state)
{
	(void)state;
	strcpy(strrchr(path, '-'), "-XXXXXX");
	return close(mkstemp(path));
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

/* What the file holds now; until the next call. */
static const char *content(void)
{
	static char text[8192];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	assert_true(n >= 0);
	text[n] = '\0';
	close(fd);
	return text;
}

static struct sink_out *open_with_tail(void)
{
	struct sink_out *out;

	assert_int_equal(sink_out_open(path, &out), 0);
	assert_true(sink_out_keep_tail(out));
	return out;
}

static void record(struct sink_out *out, const char *text)
{
	assert_true(sink_out_record(out, text, strlen(text)));
}

static void test_it_is_whole_after_each_write(void **state)
{
	struct sink_out *out = open_with_tail();

	(void)state;
	record(out, "head 1\n");
	sink_out_flush(out);
	assert_string_equal(content(), "");
	assert_int_equal(sink_out_held(out), 7);
	sink_out_tail(out, "end\n", 4);
	assert_string_equal(content(), "head 1\nend\n");
	assert_int_equal(sink_out_held(out), 0);
	record(out, "a\n");
	assert_string_equal(content(), "head 1\nend\n");
	sink_out_tail(out, "end\n", 4);
	assert_string_equal(content(), "head 1\na\nend\n");
	sink_out_patch(out, 5, "2", 1);
	assert_string_equal(content(), "head 2\na\nend\n");
	assert_int_equal(sink_out_close(out, NULL, 0), 0);
	assert_string_equal(content(), "head 2\na\nend\n");
}

/* Never a moment without its end: blanks cover the rest, and are cut off at last. */
static void test_a_tail_that_becomes_shorter(void **state)
{
	struct sink_out *out = open_with_tail();

	(void)state;
	sink_out_tail(out, "a longer tail\n", 14);
	record(out, "a\n");
	sink_out_tail(out, "end\n", 4);
	assert_string_equal(content(), "a\nend\n        ");
	record(out, "b\n");
	sink_out_tail(out, "end\n", 4);
	assert_string_equal(content(), "a\nb\nend\n      ");
	assert_int_equal(sink_out_close(out, NULL, 0), 0);
	assert_string_equal(content(), "a\nb\nend\n");
}

static void test_a_full_disk_leaves_what_was_whole(void **state)
{
	struct rlimit old, small = { 20, RLIM_INFINITY };
	struct sink_out *out = open_with_tail();
	char file[64] = "";

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small.rlim_max = old.rlim_max;
	record(out, "first\n");
	sink_out_tail(out, "end\n", 4);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	/* Part of it has room. */
	record(out, "second, which is too long\n");
	sink_out_tail(out, "end\n", 4);
	assert_string_equal(content(), "first\nend\n");
	assert_false(sink_out_record(out, "third\n", 6));
	sink_out_tail(out, "end\n", 4);
	assert_int_equal(sink_out_close(out, file, sizeof(file)), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_string_equal(file, path);
	assert_string_equal(content(), "first\nend\n");
}

/* A descriptor that is shared: what others write stands before and behind. */
static void test_a_descriptor_that_others_write_to(void **state)
{
	int fd = open(path, O_WRONLY | O_TRUNC), other = dup(fd);
	struct sink_out *out;
	char name[16];

	(void)state;
	snprintf(name, sizeof(name), "fd:%d", fd);
	assert_int_equal(write(other, "before\n", 7), 7);
	assert_int_equal(sink_out_open(name, &out), 0);
	assert_true(sink_out_keep_tail(out));
	record(out, "one\n");
	sink_out_tail(out, "end\n", 4);
	sink_out_patch(out, 0, "O", 1);
	assert_int_equal(sink_out_close(out, NULL, 0), 0);
	assert_int_equal(write(other, "behind\n", 7), 7);
	assert_string_equal(content(), "before\nOne\nend\nbehind\n");
	close(other);
}

/* Messages, or data, go to the same file meanwhile: what they wrote must not be written over. */
static void test_standard_error_is_not_written_over(void **state)
{
	int fd = open(path, O_WRONLY | O_TRUNC), saved = dup(STDERR_FILENO), ret;
	struct sink_out *out;
	bool is_kept;

	(void)state;
	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	ret = sink_out_open("fd:2", &out);
	is_kept = sink_out_keep_tail(out);
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	assert_int_equal(ret, 0);
	assert_false(is_kept);
	assert_int_equal(sink_out_close(out, NULL, 0), 0);
	close(saved);
	close(fd);
}

/* Where nothing can be written over, records go as they come. */
static void test_what_cannot_be_written_over(void **state)
{
	static const struct {
		int flags;
		off_t at;
	} rows[] = { { O_APPEND, 0 }, { 0, 0 }, { 0, 3 } };
	struct sink_out *out;
	int pipes[2];
	char name[16];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int fd = open(path, O_WRONLY | O_TRUNC | rows[i].flags);

		assert_int_equal(write(fd, "others'\n", 8), 8);
		lseek(fd, rows[i].at, SEEK_SET);
		snprintf(name, sizeof(name), "fd:%d", fd);
		assert_int_equal(sink_out_open(name, &out), 0);
		assert_false(sink_out_keep_tail(out));
		assert_int_equal(sink_out_close(out, NULL, 0), 0);
	}
	assert_int_equal(pipe(pipes), 0);
	snprintf(name, sizeof(name), "fd:%d", pipes[1]);
	assert_int_equal(sink_out_open(name, &out), 0);
	assert_false(sink_out_keep_tail(out));
	record(out, "one\n");
	sink_out_flush(out);
	assert_int_equal(read(pipes[0], name, sizeof(name)), 4);
	assert_int_equal(sink_out_close(out, NULL, 0), 0);
	close(pipes[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_it_is_whole_after_each_write, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_tail_that_becomes_shorter, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_full_disk_leaves_what_was_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_cannot_be_written_over, setup, teardown),
		/* Last: it takes standard error. */
		cmocka_unit_test_setup_teardown(test_a_descriptor_that_others_write_to, setup, teardown),
		cmocka_unit_test_setup_teardown(test_standard_error_is_not_written_over, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
