/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking for a secret: see passphrase.h. */
#include "cli/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/util.h"
#include "step/signals.h"

/* The signals that may end or stop the process: they wait until echo is on again. */
static const int held[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP };

/* Wait for a line, or for one of the signals, which stays pending. Returns 1 for a line, 0 for a signal, or -errno. */
static int wait_for_line(int tty, const struct signals *signals)
{
	struct pollfd fds[] = { { .fd = tty, .events = POLLIN }, { .fd = signals->sock.fd, .events = POLLIN } };
	int ret;

	do
		ret = poll(fds, ARRAY_LEN(fds), -1) == -1 ? -errno : 0;
	while (ret == -EINTR);
	return ret < 0 ? ret : fds[1].revents == 0;
}

/* Read the line that is there. */
static ssize_t read_line(int tty, char *secret, size_t size)
{
	ssize_t len = read(tty, secret, size - 1);

	if (len == -1)
		return -errno;
	if (len == 0)
		return -ENODATA;
	len -= secret[len - 1] == '\n';
	secret[len] = '\0';
	return len;
}

/* Ask once. Returns as passphrase_ask() does, or -EINTR: a signal has come. */
static ssize_t ask_once(int tty, const char *prompt, char *secret, size_t size,
			const struct signals *signals)
{
	struct termios before, silent;
	ssize_t len;

	/* In the background this stops us (SIGTTOU), until we are in the foreground. */
	if (tcgetattr(tty, &before) == -1)
		return -errno;
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	silent.c_lflag |= ECHONL | ICANON | ISIG;
	while (tcsetattr(tty, TCSAFLUSH, &silent) == -1)
		if (errno != EINTR)
			return -errno;
	len = write(tty, prompt, strlen(prompt)) == -1 ? -errno : wait_for_line(tty, signals);
	if (len > 0)
		len = read_line(tty, secret, size);
	else if (len == 0)
		len = -EINTR;
	/* What was typed beyond the line, or beyond size, is nobody's. */
	tcsetattr(tty, TCSAFLUSH, &before);
	return len;
}

ssize_t passphrase_ask(const char *prompt, char *secret, size_t size)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct signals signals;
	sigset_t set;
	ssize_t len;

	if (tty == -1)
		return -ENXIO;
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(held); i++)
		sigaddset(&set, held[i]);
	do {
		signals_init(&signals);
		len = signals_open(&signals, &set, NULL, NULL);
		if (len < 0)
			break;
		len = ask_once(tty, prompt, secret, size, &signals);
		signals_clear(&signals);
		/* The signal that has come takes its course here, though a run before has left all blocked. */
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		sigprocmask(SIG_SETMASK, &signals.mask_before, NULL);
	} while (len == -EINTR);
	close(tty);
	return len;
}
