/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that cannot fail, and how the program ends where it does; the clock. */
#include "base/clock.h"
#include "base/util.h"

#include "check.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_sizes(void **state)
{
	(void)state;
	char *text = xstrdup("text");
	assert_string_equal(text, "text");
	text = xrealloc(text, 100);
	assert_string_equal(text, "text");
	free(text);

	unsigned char *zeros = xcalloc(10, 3);
	for (int i = 0; i < 30; i++)
		assert_int_equal(zeros[i], 0);
	free(zeros);

	/* No size is no failure. */
	free(xmalloc(0));
	free(xcalloc(0, 8));
	free(xcalloc(8, 0));
	free(xrealloc(NULL, 0));
	free(xrealloc(xmalloc(1), 0));
}

/* More than any machine has; through a variable, or the compiler complains. */
static void ask_for_too_much(int which)
{
	volatile size_t huge = SIZE_MAX / 2;

	if (which == 0)
		free(xmalloc(huge));
	else if (which == 1)
		free(xcalloc(huge, 4));
	else
		free(xrealloc(NULL, huge));
}

static void test_no_memory(void **state)
{
	/* Not /proc/self/exe itself: under valgrind that is valgrind. */
	char self[4096] = "";
	(void)state;
	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	/* A sanitizer ends the program itself, unless told that malloc may say no. */
	setenv("ASAN_OPTIONS", "allocator_may_return_null=1", 1);
	for (int which = 0; which < 3; which++) {
		int ends[2], status;
		char said[200] = "";
		assert_int_equal(pipe(ends), 0);
		pid_t child = fork();
		if (child == 0) {
			dup2(ends[1], STDERR_FILENO);
			close(ends[1]);
			execl(self, self, which == 0 ? "0" : which == 1 ? "1" : "2", NULL);
			_exit(99);
		}
		close(ends[1]);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(read(ends[0], said, sizeof(said) - 1) >= 0);
		close(ends[0]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 1);
		assert_non_null(strstr(said, "sockt: out of memory\n"));
	}
}

static void test_macros(void **state)
{
	struct outer {
		int before;
		int member;
	} outer = { 1, 2 };

	(void)state;
	assert_ptr_equal(CONTAINER_OF(&outer.member, struct outer, member), &outer);
	assert_int_equal(ARRAY_LEN("four"), 5);
	assert_true(UNLIKELY(2));
	assert_false(UNLIKELY(0));
}

static void test_clock(void **state)
{
	(void)state;
	uint64_t last = clock_now_ns();
	assert_true(last > 0);
	for (int i = 0; i < 1000; i++) {
		uint64_t now = clock_now_ns();
		assert_true(now >= last);
		last = now;
	}
	assert_int_equal(NS_PER_S, 1000 * NS_PER_MS);
	assert_int_equal(NS_PER_MS, 1000 * NS_PER_US);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_macros),
		cmocka_unit_test(test_clock),
	};

	if (argc == 2) {
		ask_for_too_much(argv[1][0] - '0');
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
