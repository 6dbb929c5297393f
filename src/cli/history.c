/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines that were typed: see history.h. */
#include "cli/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/util.h"

/* What is read of the file at most: its end. */
#define FILE_MAX ((off_t)HISTORY_LINES_MAX * HISTORY_LINE_MAX)
#define NAME_MAX_LEN 4096
/* Lines that wait for the lock; more are not kept. */
#define WAITING_MAX ((size_t)64 * 1024)
/* So often the file is opened, each time to find another one in its place. */
#define OPEN_TRIES 8
/* Whoever leaves waits for the lock a tenth of a second at most: it is held for as long as it takes to write a file. */
#define LOCK_PAUSES 50
#define LOCK_PAUSE_NS 2000000

struct history {
	char *file;
	struct buf waiting; /* lines that are not in the file yet */
};

bool history_path(char *dst, size_t size)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int len;

	/* A relative path is to be ignored, the specification says. */
	if (state != NULL && state[0] == '/')
		len = snprintf(dst, size, "%s/sockt/history", state);
	else if (home != NULL && home[0] == '/')
		len = snprintf(dst, size, "%s/.local/state/sockt/history", home);
	else
		return false;
	return (size_t)len < size;
}

/* The end of the file, as far as it is read, ended by NUL; NULL: there is nothing. *len: its bytes. */
static char *read_file(const char *file, size_t *len)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	char *data = NULL;
	ssize_t n;

	if (fd == -1)
		return NULL;
	/* A FIFO or a device is no history. */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		off_t size = st.st_size < FILE_MAX ? st.st_size : FILE_MAX;

		data = xmalloc((size_t)size + 1);
		n = pread(fd, data, (size_t)size, st.st_size - size);
		*len = n > 0 ? (size_t)n : 0;
		data[*len] = '\0';
	}
	close(fd);
	return data;
}

/* Where the newest lines of data begin, as many as are kept. *count: how many there are in all. */
static char *newest(char *data, size_t len, size_t *count)
{
	char *start = data;

	*count = 0;
	for (size_t at = len; at-- > 0;) {
		if (data[at] != '\n')
			continue;
		if (*count == HISTORY_LINES_MAX)
			start = data + at + 1;
		(*count)++;
	}
	return start;
}

void history_read(const char *file, void (*each)(void *ctx, const char *line), void *ctx)
{
	size_t len = 0, count;
	char *data = read_file(file, &len), *rest;

	if (data == NULL)
		return;
	rest = newest(data, len, &count);
	for (char *line = strtok_r(rest, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		each(ctx, line);
	free(data);
}

/* Make the directories that file is in. */
static void make_directories(const char *file)
{
	char path[NAME_MAX_LEN];

	snprintf(path, sizeof(path), "%s", file);
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
}

/* Open the file for adding to it. Returns its descriptor, or -1. */
static int open_file(const char *file, int create)
{
	const int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | create;
	int fd = open(file, flags, 0600);
	struct stat st;

	if (fd == -1 && errno == ENOENT && create != 0) {
		make_directories(file);
		fd = open(file, flags, 0600);
	}
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -1;
	}
	if ((st.st_mode & 077) != 0)
		fchmod(fd, 0600);
	return fd;
}

/* Does fd still stand at that path, or has another file been put in its place? */
static bool is_at(int fd, const char *file)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 && stat(file, &there) == 0 && ours.st_dev == there.st_dev &&
	       ours.st_ino == there.st_ino;
}

/*
 * Open the file and lock it (LOCK_SH: to add, LOCK_EX: to replace it), without waiting. Returns its descriptor, whose
 * close() unlocks, -EAGAIN: somebody else has it, or another -errno.
 */
static int open_locked(const char *file, int create, int lock)
{
	for (int i = 0; i < OPEN_TRIES; i++) {
		int fd = open_file(file, create);

		if (fd == -1)
			return -ENOENT;
		/* A file system without locks (ENOLCK, EOPNOTSUPP) is used without. */
		if (flock(fd, lock | LOCK_NB) == -1 && errno == EWOULDBLOCK) {
			close(fd);
			return -EAGAIN;
		}
		/* Who had the lock before us may have replaced it. */
		if (is_at(fd, file))
			return fd;
		close(fd);
	}
	return -EAGAIN;
}

/* Write the lines that wait. Returns false where the file is locked. */
static bool write_waiting(struct history *history)
{
	int fd;

	if (history->waiting.len == 0)
		return true;
	fd = open_locked(history->file, O_CREAT, LOCK_SH);
	if (fd == -EAGAIN)
		return false;
	/* One write, behind what others have added: lines of two programs never mix. */
	if (fd >= 0 && write(fd, buf_peek(&history->waiting), history->waiting.len) == -1)
		errno = 0;
	if (fd >= 0)
		close(fd);
	buf_clear(&history->waiting);
	return true;
}

struct history *history_open(const char *file)
{
	struct history *history = xcalloc(1, sizeof(*history));

	history->file = xstrdup(file);
	return history;
}

void history_add(struct history *history, const char *line)
{
	size_t len = strlen(line);

	if (len == 0 || len >= HISTORY_LINE_MAX || strchr(line, '\n') != NULL ||
	    history->waiting.len + len >= WAITING_MAX)
		return;
	buf_append(&history->waiting, line, len);
	buf_append(&history->waiting, "\n", 1);
	write_waiting(history);
}

/* Put data in the place of the file, as a whole; file is no link. */
static void replace_file(const char *file, const char *data, size_t len)
{
	char name[NAME_MAX_LEN];
	bool is_written;
	int fd;

	if ((size_t)snprintf(name, sizeof(name), "%s.%d", file, (int)getpid()) >= sizeof(name))
		return;
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		return;
	is_written = write(fd, data, len) == (ssize_t)len;
	is_written = close(fd) == 0 && is_written;
	if (!is_written || rename(name, file) == -1)
		unlink(name);
}

/* Forget the oldest lines, where there are too many; not where somebody has the file: he will. */
static void trim(const char *file)
{
	size_t len = 0, count;
	/* A link stays one: what it leads to is replaced. */
	char *path = realpath(file, NULL), *data, *start;
	int fd = path == NULL ? -1 : open_locked(path, 0, LOCK_EX);

	data = fd < 0 ? NULL : read_file(path, &len);
	if (data != NULL) {
		start = newest(data, len, &count);
		if (count > HISTORY_LINES_MAX)
			replace_file(path, start, len - (size_t)(start - data));
	}
	if (fd >= 0)
		close(fd);
	free(data);
	free(path);
}

void history_close(struct history *history)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE_NS };

	if (history == NULL)
		return;
	for (int i = 0; !write_waiting(history) && i < LOCK_PAUSES; i++)
		nanosleep(&pause, NULL);
	trim(history->file);
	buf_clear(&history->waiting);
	free(history->file);
	free(history);
}
