/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is asked of a terminal: colour, UTF-8, the foreground. Looks at the environment and the descriptor only. */
#include "base/term.h"

#include "base/util.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* The value of an environment variable; NULL where it is unset or empty. */
static const char *get_setting(const char *name)
{
	const char *value = getenv(name);
	return value != NULL && value[0] != '\0' ? value : NULL;
}

bool term_wants_color(int fd, enum term_color wish)
{
	switch (wish) {
	case TERM_COLOR_ALWAYS:
		return true;
	case TERM_COLOR_NEVER:
		return false;
	case TERM_COLOR_AUTO:
		break;
	}
	const char *kind = getenv("TERM");
	if (get_setting("NO_COLOR") != NULL || kind == NULL || strcmp(kind, "dumb") == 0)
		return false;
	return isatty(fd) == 1;
}

bool term_wants_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *locale = NULL;

	for (size_t i = 0; i < ARRAY_LEN(names) && locale == NULL; i++)
		locale = get_setting(names[i]);
	if (locale == NULL)
		return true;
	const char *codeset = strchr(locale, '.');
	if (codeset == NULL)
		return strcmp(locale, "C") != 0 && strcmp(locale, "POSIX") != 0;
	codeset++;
	size_t len = strcspn(codeset, "@");
	return (len == 5 && strncasecmp(codeset, "UTF-8", len) == 0) ||
	       (len == 4 && strncasecmp(codeset, "UTF8", len) == 0);
}

bool term_is_same(int a, int b)
{
	struct stat of_a, of_b;

	return isatty(a) == 1 && fstat(a, &of_a) == 0 && fstat(b, &of_b) == 0 && of_a.st_rdev == of_b.st_rdev &&
	       of_a.st_ino == of_b.st_ino;
}

unsigned term_columns(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) == -1 || size.ws_col == 0 ? 80 : size.ws_col;
}

bool term_is_foreground(int fd)
{
	pid_t group = tcgetpgrp(fd);
	return group == -1 || group == getpgrp();
}
