/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processes forked off: see child.h. */
#include "step/child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "step/pipes.h"

/* A parent of workers has few, with the lowest numbers. */
#define DESCRIPTORS_MAX 65536

void child_init(struct child *child)
{
	child->pid = 0;
	sock_init(&child->channel);
	sock_init(&child->events);
}

static void close_pair(int fds[2])
{
	for (int i = 0; i < 2; i++)
		if (fds[i] != -1)
			close(fds[i]);
}

/* In the child: end with the parent, even if that is killed; it may be gone already. */
static void follow_parent(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		kill(getpid(), SIGKILL);
}

int child_fork(struct child *child, struct child_end *end)
{
	int channel[2] = { -1, -1 }, events[2] = { -1, -1 };
	pid_t parent = getpid(), pid = -1;
	int error;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, channel) == 0 &&
	    pipe2(events, O_CLOEXEC | O_NONBLOCK) == 0) {
		pipe_widen(events[1]);
		pid = fork();
	}
	if (pid == -1) {
		error = errno;
		close_pair(channel);
		close_pair(events);
		return -error;
	}
	if (pid == 0) {
		follow_parent(parent);
		close(channel[0]);
		close(events[0]);
		*end = (struct child_end){ .channel = channel[1], .events = events[1] };
		return 1;
	}
	close(channel[1]);
	close(events[1]);
	child_init(child);
	child->pid = pid;
	child->channel.fd = channel[0];
	child->events.fd = events[0];
	child->channel.is_hidden = true;
	child->events.is_hidden = true;
	return 0;
}

static bool is_kept(int fd, const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fds[i] == fd)
			return true;
	return fd <= STDERR_FILENO;
}

/* Where there is no /proc, as behind chroot(2): all numbers that there may be. */
static void close_each(const int *fds, size_t count)
{
	struct rlimit limit;
	int end = DESCRIPTORS_MAX;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < DESCRIPTORS_MAX)
		end = (int)limit.rlim_cur;
	for (int fd = STDERR_FILENO + 1; fd < end; fd++)
		if (!is_kept(fd, fds, count))
			close(fd);
}

void child_keep_only(const int *fds, size_t count)
{
	/* Not close_range(2): what is kept stands in between, and kernels before 5.9 do not have it. */
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	if (dir == NULL) {
		close_each(fds, count);
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		int fd = (int)strtol(entry->d_name, NULL, 10);

		if (fd != dirfd(dir) && !is_kept(fd, fds, count))
			close(fd);
	}
	closedir(dir);
}

bool child_reap(struct child *child, int *status)
{
	pid_t pid;

	do
		pid = waitpid(child->pid, status, WNOHANG);
	while (pid == -1 && errno == EINTR);
	if (pid == 0)
		return false;
	/* ECHILD: who ignores SIGCHLD has no zombies, and is not told how they ended. */
	if (pid == -1)
		*status = 0;
	child->pid = 0;
	return true;
}

void child_close(struct child *child)
{
	if (child->channel.fd != -1)
		close(child->channel.fd);
	if (child->events.fd != -1)
		close(child->events.fd);
	child_init(child);
}

void child_kill(struct child *child)
{
	if (child->pid > 0) {
		kill(child->pid, SIGKILL);
		while (waitpid(child->pid, NULL, 0) == -1 && errno == EINTR)
			;
	}
	child_close(child);
}
