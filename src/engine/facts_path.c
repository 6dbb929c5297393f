/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about the path of a Unix socket: which of its components is at fault. See facts.h. */
#include "engine/facts.h"

#include "base/escape.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Name the component at fault: a directory on the way, or the path itself. */
static void blame(struct path_facts *facts, const char *where, int error, bool is_directory)
{
	struct stat seen;

	facts->error = error;
	facts->is_directory = is_directory;
	escape_c(where, strlen(where), facts->where, sizeof(facts->where));
	if (stat(where, &seen) == 0) {
		facts->mode = seen.st_mode;
		facts->uid = seen.st_uid;
	}
}

/* May this process, with its effective ids, do mode with where? */
static bool is_allowed(const char *where, int mode)
{
	return faccessat(AT_FDCWD, where, mode, AT_EACCESS) == 0;
}

/* Look at one directory on the way. Returns true where it is at fault. */
static bool check_directory(const char *directory, struct path_facts *facts)
{
	struct stat seen;

	if (stat(directory, &seen) == -1) {
		blame(facts, directory, errno, true);
		return true;
	}
	if (!S_ISDIR(seen.st_mode)) {
		blame(facts, directory, ENOTDIR, true);
		return true;
	}
	if (!is_allowed(directory, X_OK)) {
		blame(facts, directory, EACCES, true);
		facts->needs_search = true;
		return true;
	}
	return false;
}

/* The directory that holds the last component: "." for a bare name. */
static void directory_of(const char *path, char *directory, size_t size)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);

	if (len == 0 || len >= size) {
		memcpy(directory, ".", 2);
		return;
	}
	memcpy(directory, path, len);
	directory[len] = '\0';
}

/* bind() follows no symbolic link: it stands in the way itself, whatever it leads to. */
static bool look_at_link(const char *path, struct path_facts *facts)
{
	struct stat seen;

	if (lstat(path, &seen) == -1 || !S_ISLNK(seen.st_mode))
		return false;
	blame(facts, path, 0, false);
	facts->mode = seen.st_mode;
	facts->uid = seen.st_uid;
	return true;
}

/* Does the directory keep a file of owner from being removed by this process (inode(7), S_ISVTX)? */
static bool is_sticky(const char *directory, uid_t owner)
{
	struct stat seen;

	return stat(directory, &seen) == 0 && (seen.st_mode & S_ISVTX) != 0 && geteuid() != 0 &&
	       geteuid() != owner && geteuid() != seen.st_uid;
}

void facts_look_at_path(const char *path, bool is_create, struct path_facts *facts)
{
	char part[PATH_MAX];

	*facts = (struct path_facts){ 0 };
	/* Every directory on the way, from the left: the first one that is at fault is the cause. */
	for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		size_t len = (size_t)(slash - path);

		if (len >= sizeof(part))
			return;
		memcpy(part, path, len);
		part[len] = '\0';
		if (check_directory(part, facts))
			return;
	}
	directory_of(path, part, sizeof(part));
	if (is_create && look_at_link(path, facts))
		return;
	if (is_create && !is_allowed(part, W_OK)) {
		blame(facts, part, errno, true);
		return;
	}
	if (!is_create && !is_allowed(path, F_OK)) {
		blame(facts, path, errno, false);
		return;
	}
	/* connect() asks for permission to write (unix(7)). */
	blame(facts, path, !is_create && !is_allowed(path, W_OK) ? EACCES : 0, false);
	facts->is_kept = is_create && facts->mode != 0 && is_sticky(part, facts->uid);
}
