/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colour, UTF-8 and the foreground, on a terminal of the test's own. */
#include "base/term.h"
#include "base/util.h"

#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Set a variable, or take it away where value is NULL. */
static void put_setting(const char *name, const char *value)
{
	if (value != NULL)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static int open_terminal(int *slave)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char name[64];

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	assert_int_equal(ptsname_r(master, name, sizeof(name)), 0);
	*slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(*slave >= 0);
	return master;
}

static void test_color(void **state)
{
	static const struct {
		bool is_terminal;
		enum term_color wish;
		const char *term, *no_color;
		bool want;
	} rows[] = {
		{ true, TERM_COLOR_AUTO, "xterm", NULL, true },
		{ true, TERM_COLOR_AUTO, "xterm", "", true },
		{ true, TERM_COLOR_AUTO, "xterm", "1", false },
		{ true, TERM_COLOR_AUTO, "dumb", NULL, false },
		{ true, TERM_COLOR_AUTO, NULL, NULL, false },
		{ false, TERM_COLOR_AUTO, "xterm", NULL, false },
		{ false, TERM_COLOR_ALWAYS, NULL, "1", true },
		{ true, TERM_COLOR_NEVER, "xterm", NULL, false },
	};
	int slave;
	int master = open_terminal(&slave);
	int file = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		put_setting("TERM", rows[i].term);
		put_setting("NO_COLOR", rows[i].no_color);
		if (term_wants_color(rows[i].is_terminal ? slave : file, rows[i].wish) != rows[i].want)
			fail_msg("row %zu", i);
	}
	close(file);
	close(slave);
	close(master);
}

static void test_utf8(void **state)
{
	static const struct {
		const char *all, *ctype, *lang;
		bool want;
	} rows[] = {
		{ NULL, NULL, NULL, true },	      { NULL, NULL, "C", false },
		{ NULL, NULL, "POSIX", false },	      { NULL, NULL, "C.UTF-8", true },
		{ NULL, NULL, "en_US.utf8", true },   { NULL, NULL, "en_US.UTF-8@euro", true },
		{ NULL, NULL, "de_DE", true },	      { NULL, NULL, "de_DE.ISO-8859-1", false },
		{ NULL, NULL, "de_DE.UTF-16", false }, { NULL, NULL, "de_DE.", false },
		{ "C", NULL, "en_US.UTF-8", false },  { "", "C", "en_US.UTF-8", false },
		{ "", "", "en_US.UTF-8", true },      { "en_US.UTF-8", "C", "C", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		put_setting("LC_ALL", rows[i].all);
		put_setting("LC_CTYPE", rows[i].ctype);
		put_setting("LANG", rows[i].lang);
		if (term_wants_utf8() != rows[i].want)
			fail_msg("row %zu", i);
	}
}

/* In a session of its own: this group is in the foreground, a child's own group is not. Returns 0 where it is so. */
static int judge_foreground(int slave)
{
	if (setsid() == -1 || ioctl(slave, TIOCSCTTY, 0) == -1)
		return 2;
	if (!term_is_foreground(slave))
		return 3;
	pid_t child = fork();
	if (child == -1)
		return 4;
	if (child == 0) {
		setpgid(0, 0);
		_exit(term_is_foreground(slave) ? 1 : 0);
	}
	int status;
	return waitpid(child, &status, 0) == child && status == 0 ? 0 : 5;
}

static void test_foreground(void **state)
{
	int slave, status;
	int master = open_terminal(&slave);
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(term_is_foreground(file));
	assert_true(term_is_foreground(-1));
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(judge_foreground(slave));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(file);
	close(slave);
	close(master);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_color),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_foreground),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
