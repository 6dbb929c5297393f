/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of a listening Unix socket: see unixfile.h. */
#include "endpoint/unixfile.h"

#include "base/i18n.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

bool unixfile_is_path(const struct addr *addr)
{
	return addr_family(addr) == AF_UNIX && addr->len > offsetof(struct sockaddr_un, sun_path) &&
	       addr->un.sun_path[0] != '\0';
}

/* The path of addr with its NUL, which the kernel's form may lack. */
static void path_of(const struct addr *addr, char *path, size_t size)
{
	size_t len = addr->len - offsetof(struct sockaddr_un, sun_path);

	snprintf(path, size, "%.*s", (int)len, addr->un.sun_path);
}

void unixfile_set_mode(const struct sock *sk)
{
	/*
	 * unix(7) leaves it out; net/unix/af_unix.c, unix_bind_bsd(): the inode's mode is that of the socket,
	 * less umask.
	 */
	fchmod(sk->fd, 0600);
}

void unixfile_remember(struct unixfile *file, const struct addr *addr)
{
	struct stat stat;

	path_of(addr, file->path, sizeof(file->path));
	if (lstat(file->path, &stat) == -1) {
		file->path[0] = '\0';
		return;
	}
	file->dev = stat.st_dev;
	file->ino = stat.st_ino;
}

void unixfile_remove(struct unixfile *file)
{
	struct stat stat;

	if (file->path[0] == '\0')
		return;
	if (lstat(file->path, &stat) == 0 && S_ISSOCK(stat.st_mode) && stat.st_dev == file->dev &&
	    stat.st_ino == file->ino)
		unlink(file->path);
	file->path[0] = '\0';
}

/*
 * Is it a socket file on which nobody answers? 1: yes. It is asked with a datagram socket, which disturbs nobody: to
 * connect one sends nothing, and where a listener of connections lives the answer is EPROTOTYPE.
 */
static int is_stale(struct stepper *st, struct sock *probe, const struct addr *addr)
{
	int ret = step_connect(st, probe, addr);

	if (ret == STEP_HELD)
		return ret;
	return ret == -ECONNREFUSED ? 1 : 0;
}

int unixfile_replace_stale(struct stepper *st, struct sock *probe, const struct addr *addr)
{
	char path[sizeof(addr->un.sun_path) + 1];
	struct stat before, after;
	int ret;

	path_of(addr, path, sizeof(path));
	if (lstat(path, &before) == -1)
		return errno == ENOENT ? 1 : -errno;
	if (!S_ISSOCK(before.st_mode))
		return 0;
	if (probe->fd == -1) {
		ret = step_socket(st, probe, AF_UNIX, SOCK_DGRAM, 0, PROTOCOL_UNIX_DGRAM);
		if (ret < 0)
			return ret;
	}
	ret = is_stale(st, probe, addr);
	if (ret == STEP_HELD || step_close(st, probe) == STEP_HELD)
		return STEP_HELD;
	if (ret != 1)
		return ret;
	/* What another has put there meanwhile is not ours to remove. */
	if (lstat(path, &after) == -1 || after.st_ino != before.st_ino || after.st_dev != before.st_dev)
		return 1;
	step_note(st, 0, _("%s is the file of a socket that nobody listens on any more: it is replaced"), path);
	return unlink(path) == -1 ? -errno : 1;
}
