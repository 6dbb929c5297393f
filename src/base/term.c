/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is asked of a terminal: colour, UTF-8, the foreground. Looks at the environment and the descriptor only. */
#include "base/term.h"

#include "base/util.h"

#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* So often it is asked whether all was read. */
#define READ_UP_TURNS 64

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
	return get_setting("NO_COLOR") == NULL && !term_is_dumb() && isatty(fd) == 1;
}

bool term_is_dumb(void)
{
	const char *kind = getenv("TERM");

	return kind == NULL || strcmp(kind, "dumb") == 0;
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
	unsigned device_a, device_b;

	/* Of /dev/tty this is the terminal that it stands for, which fstat() does not tell. */
	return ioctl(a, TIOCGDEV, &device_a) == 0 && ioctl(b, TIOCGDEV, &device_b) == 0 && device_a == device_b;
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

bool term_is_read_up(int master, const char *name)
{
	struct pollfd other = { .fd = name == NULL ? -1 : open(name, O_RDWR | O_NOCTTY | O_CLOEXEC), .events = POLLIN };
	bool has_more = false;

	if (other.fd == -1)
		other.fd = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (other.fd == -1)
		return true;
	/*
	 * The reader's side holds 4 KiB; what is more waits before it, and gets there by a work of the kernel once
	 * something was read. FIONREAD waits for a read(2) that is being made (both lock the terminal's settings), so
	 * that the work is on its way, and poll(2) waits for the work (n_tty_poll()): in this order. Somebody who reads
	 * all the time may have taken what the work has brought before poll(2) looks: so it is asked as often as
	 * there may be 4 KiB before it (64 KiB, tty_buffer.c), and more.
	 */
	for (int i = 0; i < READ_UP_TURNS && !has_more; i++) {
		int unread = 0;

		ioctl(other.fd, FIONREAD, &unread);
		has_more = unread > 0 || (poll(&other, 1, 0) == 1 && (other.revents & POLLIN) != 0);
	}
	close(other.fd);
	return !has_more;
}
