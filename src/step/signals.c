/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals of the loop: see signals.h. */
#include "step/signals.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/util.h"

/* Signals that are no real-time ones (signal(7)). */
#define NUMBERS_MAX 32

void signals_init(struct signals *signals)
{
	*signals = (struct signals){ .on_signal = NULL };
	sock_init(&signals->sock);
}

void signals_clear(struct signals *signals)
{
	if (signals->sock.fd != -1)
		close(signals->sock.fd);
	signals->sock.fd = -1;
}

/*
 * Hand the signals that have come to their receiver. One read has them all, since of each number one waits at most; a
 * later one wakes the loop again, and whoever sends them without an end starves nobody.
 */
static void take_signals(struct task *task)
{
	struct signals *signals = CONTAINER_OF(task, struct signals, task);
	struct signalfd_siginfo infos[NUMBERS_MAX];
	ssize_t n = read(signals->sock.fd, infos, sizeof(infos));

	signals->sock.ready = 0;
	for (size_t i = 0; n > 0 && i < (size_t)n / sizeof(infos[0]); i++)
		signals->on_signal(signals->ctx, (int)infos[i].ssi_signo);
}

/*
 * Without those of set that were ignored when the program started: nohup(1) and a shell's background jobs
 * count on it. (A blocked signal is queued even where it is ignored.)
 */
static void without_ignored(sigset_t *set)
{
	static const int candidates[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct sigaction action;

	for (size_t i = 0; i < ARRAY_LEN(candidates); i++)
		if (sigismember(set, candidates[i]) == 1 && sigaction(candidates[i], NULL, &action) == 0 &&
		    action.sa_handler == SIG_IGN)
			sigdelset(set, candidates[i]);
}

int signals_open(struct signals *signals, const sigset_t *set, void (*on_signal)(void *ctx, int number), void *ctx)
{
	sigset_t wanted = *set;
	int fd;

	without_ignored(&wanted);
	if (sigprocmask(SIG_BLOCK, &wanted, &signals->mask_before) == -1)
		return -errno;
	fd = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd == -1)
		return -errno;
	signals->sock.fd = fd;
	signals->task.run = take_signals;
	signals->on_signal = on_signal;
	signals->ctx = ctx;
	return 0;
}
