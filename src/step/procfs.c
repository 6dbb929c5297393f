/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which process has a socket open: see procfs.h. */
#include "step/procfs.h"

#include "base/clock.h"
#include "base/escape.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROCFS_TIME_MAX_NS (1 * NS_PER_S) /* a busy machine needs its time to give us ours */

/* What is looked for, and until when. */
struct search {
	struct stepper *st;
	char link[40]; /* "socket:[4711]" */
	uint64_t until_ns;
};

static bool is_over(const struct search *search)
{
	return search->st->env->now_ns() > search->until_ns;
}

/* Is a descriptor of the process whose directory of descriptors is dir_fd (taken) the one that is looked for? */
static bool has_socket(const struct search *search, int dir_fd)
{
	DIR *dir = fdopendir(dir_fd);
	const struct dirent *entry;
	bool found = false;

	if (dir == NULL) {
		close(dir_fd);
		return false;
	}
	while (!found && (entry = readdir(dir)) != NULL) {
		char link[sizeof(search->link)];
		ssize_t len = readlinkat(dir_fd, entry->d_name, link, sizeof(link) - 1);

		if (len == -1)
			continue;
		link[len] = '\0';
		found = strcmp(link, search->link) == 0;
		if (is_over(search))
			break;
	}
	closedir(dir);
	return found;
}

/* The name of a process, escaped: a process may give itself any. */
static void read_comm(int pid, char *comm, size_t size)
{
	char path[32], raw[64];
	ssize_t len;
	int fd;

	comm[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return;
	len = read(fd, raw, sizeof(raw));
	close(fd);
	if (len > 0 && raw[len - 1] == '\n')
		len--;
	if (len > 0)
		escape_c(raw, (size_t)len, comm, size);
}

/* Does process pid have it? */
static bool process_has_socket(const struct search *search, int pid)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd != -1 && has_socket(search, fd);
}

int procfs_find_socket(struct stepper *st, uint64_t inode, int *pid, char *comm, size_t size)
{
	struct search search = { .st = st, .until_ns = st->env->now_ns() + PROCFS_TIME_MAX_NS };
	const struct dirent *entry;
	int ret = 0;
	DIR *proc;

	if (inode == 0)
		return 0;
	proc = opendir("/proc");
	if (proc == NULL)
		return 0;
	snprintf(search.link, sizeof(search.link), "socket:[%" PRIu64 "]", inode);
	while (ret == 0 && (entry = readdir(proc)) != NULL) {
		long number = strtol(entry->d_name, NULL, 10);

		if (number <= 0)
			continue;
		if (process_has_socket(&search, (int)number)) {
			*pid = (int)number;
			read_comm(*pid, comm, size);
			ret = 1;
		}
		if (is_over(&search))
			break;
	}
	closedir(proc);
	return ret;
}
