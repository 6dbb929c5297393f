/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of a listening Unix socket: see unixfile.h. */
#include "endpoint/unixfile.h"

#include "base/i18n.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

int unixfile_set_mode(struct stepper *st, struct sock *sk)
{
	return step_fchmod(st, sk, 0600);
}

/* Which one is it? */
static void remember(struct unixfile *file)
{
	struct stat stat;

	if (lstat(file->path, &stat) == -1) {
		file->path[0] = '\0';
		return;
	}
	file->dev = stat.st_dev;
	file->ino = stat.st_ino;
}

void unixfile_remember(struct unixfile *file, const struct addr *addr)
{
	path_of(addr, file->path, sizeof(file->path));
	remember(file);
}

void unixfile_remember_path(struct unixfile *file, const char *path)
{
	snprintf(file->path, sizeof(file->path), "%s", path);
	remember(file);
}

void unixfile_remove(struct unixfile *file)
{
	struct stat stat;

	if (file->path[0] == '\0')
		return;
	if (lstat(file->path, &stat) == 0 && (S_ISSOCK(stat.st_mode) || S_ISLNK(stat.st_mode)) &&
	    stat.st_dev == file->dev && stat.st_ino == file->ino)
		unlink(file->path);
	file->path[0] = '\0';
}

/* The directory of a path; dst has room for all of it. */
static void directory_of(const char *path, char *dst, size_t size)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		snprintf(dst, size, ".");
	else
		snprintf(dst, size, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

/* Is path in directory, or the directory itself? Both are absolute, without "." and "..". Returns what is behind it. */
static const char *within(const char *path, const char *directory)
{
	size_t len = strcmp(directory, "/") == 0 ? 0 : strlen(directory);

	return strncmp(path, directory, len) == 0 && (path[len] == '/' || path[len] == '\0') ? path + len : NULL;
}

bool unixfile_confine(struct unixfile *file, const char *root)
{
	char directory[sizeof(file->path)], path[2 * sizeof(file->path)];
	char *real, *real_root = realpath(root, NULL);
	const char *slash = strrchr(file->path, '/'), *inside;
	const char *name = slash == NULL ? file->path : slash + 1;
	int len = -1;

	directory_of(file->path, directory, sizeof(directory));
	real = realpath(directory, NULL);
	inside = real == NULL || real_root == NULL ? NULL : within(real, real_root);
	if (inside != NULL)
		len = snprintf(path, sizeof(path), "%s/%s", strcmp(inside, "/") == 0 ? "" : inside, name);
	free(real);
	free(real_root);
	if (file->path[0] == '\0')
		return true;
	if (len < 0 || len >= (int)sizeof(file->path)) {
		file->path[0] = '\0';
		return false;
	}
	memcpy(file->path, path, (size_t)len + 1);
	return true;
}

bool unixfile_is_removable(const struct unixfile *file)
{
	char directory[sizeof(file->path)];
	struct stat its, own;
	uid_t uid = geteuid();

	if (file->path[0] == '\0')
		return true;
	directory_of(file->path, directory, sizeof(directory));
	if (access(directory, W_OK | X_OK) == -1 || stat(directory, &its) == -1 || lstat(file->path, &own) == -1)
		return false;
	return (its.st_mode & S_ISVTX) == 0 || uid == 0 || uid == its.st_uid || uid == own.st_uid;
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
