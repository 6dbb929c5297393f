/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets that a service manager passes: whose they are, and that nothing of it is left for another process. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/util.h"
#include "cli/activation.h"

#include "check.h"

#define OURS "ours" /* in the place of our number */

static const struct {
	const char *pid, *fds;
	int count;
	uint64_t foreign_pid;
} rows[] = {
	{ NULL, NULL, 0, 0 },
	{ OURS, "1", 1, 0 },
	{ OURS, "2", 2, 0 },
	{ OURS, "1000000", 1000000, 0 },
	{ OURS, "0", 0, 0 },
	{ OURS, "-1", 0, 0 },
	{ OURS, "", 0, 0 },
	{ OURS, "2147483647", 0, 0 },
	{ OURS, "1x", 0, 0 },
	{ OURS, NULL, 0, 0 },
	{ NULL, "1", 0, 0 },
	{ "1", "1", 0, 1 },
	{ "1", NULL, 0, 0 },
	{ "one", "1", 0, 0 },
	{ "0", "1", 0, 0 },
	{ "99999999999999999999", "1", 0, 0 },
};

static void set(const char *name, const char *value)
{
	if (value == NULL)
		unsetenv(name);
	else
		setenv(name, value, 1);
}

static void test_rows(void **state)
{
	static const char *const names[] = { "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES" };
	char ours[16];

	(void)state;
	snprintf(ours, sizeof(ours), "%d", (int)getpid());
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct activation activation;
		char row[16];

		snprintf(row, sizeof(row), "row %zu", i);
		set("LISTEN_PID", rows[i].pid != NULL && strcmp(rows[i].pid, OURS) == 0 ? ours : rows[i].pid);
		set("LISTEN_FDS", rows[i].fds);
		set("LISTEN_FDNAMES", "a:b");
		activation = activation_take();
		CHECK_INT(row, activation.count, rows[i].count);
		CHECK_INT(row, activation.foreign_pid, rows[i].foreign_pid);
		for (size_t n = 0; n < ARRAY_LEN(names); n++)
			if (getenv(names[n]) != NULL)
				fail_msg("%s: %s is left in the environment", row, names[n]);
	}
}

/* Those that are ours, and no others, are closed where another program is executed. */
static void test_close_on_exec(void **state)
{
	const int last = ACTIVATION_FIRST + 2;
	char ours[16];

	(void)state;
	for (int fd = ACTIVATION_FIRST; fd <= last; fd++)
		assert_int_equal(dup2(STDERR_FILENO, fd), fd);
	snprintf(ours, sizeof(ours), "%d", (int)getpid());
	set("LISTEN_PID", "1");
	set("LISTEN_FDS", "2");
	activation_take();
	assert_int_equal(fcntl(ACTIVATION_FIRST, F_GETFD), 0);
	set("LISTEN_PID", ours);
	set("LISTEN_FDS", "2");
	activation_take();
	assert_int_equal(fcntl(ACTIVATION_FIRST, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(ACTIVATION_FIRST + 1, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(last, F_GETFD), 0);
	for (int fd = ACTIVATION_FIRST; fd <= last; fd++)
		close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_close_on_exec),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
