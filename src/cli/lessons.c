/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lessons of the shell: see lessons.h. */
#include "cli/lessons.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/util.h"
#include "cli/command.h"
#include "trace/names.h"

#define SUFFIX ".sockt"
#define DIR_NAME "lessons"
#define HEAD_SIZE 2048 /* of a file: the title stands in it */
#define NUMBER_DIGITS 2

bool lesson_read_name(const char *file, unsigned *number, size_t *topic_at, size_t *topic_len)
{
	size_t len = strlen(file), suffix = strlen(SUFFIX);

	if (len <= NUMBER_DIGITS + 1 + suffix || strcmp(file + len - suffix, SUFFIX) != 0)
		return false;
	if (!isdigit((unsigned char)file[0]) || !isdigit((unsigned char)file[1]) || file[NUMBER_DIGITS] != '-')
		return false;
	*number = (unsigned)(file[0] - '0') * 10 + (unsigned)(file[1] - '0');
	*topic_at = NUMBER_DIGITS + 1;
	*topic_len = len - suffix - *topic_at;
	return true;
}

/* The text of a line of narration, without blanks around it: its length, 0 where it is none or says nothing. */
static size_t narration(const char *line, size_t len, const char **text)
{
	if (len == 0 || line[0] != '#' || (len > 1 && strchr("!?=", line[1]) != NULL))
		return 0;
	line++;
	len--;
	while (len > 0 && isspace((unsigned char)line[0])) {
		line++;
		len--;
	}
	while (len > 0 && isspace((unsigned char)line[len - 1]))
		len--;
	*text = line;
	return len;
}

const char *lesson_read_title(const char *text, size_t len, char *dst, size_t size)
{
	struct escape_term escape = { .held_len = 0 };
	char clean[ESCAPE_TERM_MAX(LESSON_TITLE_MAX) + 1];
	const char *title = NULL;
	size_t title_len = 0;

	while (len > 0 && title_len == 0) {
		const char *end = memchr(text, '\n', len);
		size_t line = end != NULL ? (size_t)(end - text) : len;

		title_len = narration(text, line, &title);
		line += end != NULL;
		text += line;
		len -= line;
	}
	if (title_len > LESSON_TITLE_MAX)
		title_len = LESSON_TITLE_MAX;
	clean[escape_term(&escape, title_len > 0 ? title : "", title_len, true, clean)] = '\0';
	snprintf(dst, size, "%s", clean);
	return dst;
}

/* Read what a file begins with; a file that cannot be read has no title. */
static void read_title(struct lesson *lesson)
{
	int fd = open(lesson->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char head[HEAD_SIZE];
	ssize_t len = -1;

	if (fd != -1) {
		len = read(fd, head, sizeof(head));
		close(fd);
	}
	lesson_read_title(head, len > 0 ? (size_t)len : 0, lesson->title, sizeof(lesson->title));
}

/* dir/name in memory of the caller's. */
static char *join(const char *dir, const char *name)
{
	size_t size = strlen(dir) + 1 + strlen(name) + 1;
	char *path = xmalloc(size);

	snprintf(path, size, "%s/%s", dir, name);
	return path;
}

/* The lessons of the build tree that the program lies in; NULL: it lies in none. The caller frees it. */
static char *find_in_build_tree(void)
{
	char exe[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash, *mark, *dir = NULL;

	exe[len > 0 ? len : 0] = '\0';
	slash = strrchr(exe, '/');
	if (slash == NULL)
		return NULL;
	*slash = '\0';
	mark = join(exe, "config.status");
	if (access(mark, F_OK) == 0)
		dir = join(exe, DIR_NAME);
	free(mark);
	return dir;
}

static char *find_dir(void)
{
	const char *wanted = getenv("SOCKT_LESSONS");
	char *dir;

	if (wanted != NULL && wanted[0] != '\0')
		return xstrdup(wanted);
	dir = find_in_build_tree();
	return dir != NULL ? dir : xstrdup(SOCKT_PKGDATADIR "/" DIR_NAME);
}

static void add(struct lessons *lessons, const char *file)
{
	struct lesson *lesson;
	size_t at, len;
	unsigned number;

	if (lessons->count == LESSONS_MAX || !lesson_read_name(file, &number, &at, &len))
		return;
	lessons->all = xrealloc(lessons->all, (lessons->count + 1) * sizeof(*lessons->all));
	lesson = &lessons->all[lessons->count++];
	*lesson = (struct lesson){ .number = number, .path = join(lessons->dir, file), .topic_len = len };
	lesson->topic = lesson->path + strlen(lessons->dir) + 1 + at;
	read_title(lesson);
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct lesson *)a)->path, ((const struct lesson *)b)->path);
}

int lessons_read(struct lessons *lessons)
{
	struct dirent *entry;
	int error;
	DIR *dir;

	*lessons = (struct lessons){ .dir = find_dir() };
	dir = opendir(lessons->dir);
	if (dir == NULL)
		return -errno;
	while (errno = 0, (entry = readdir(dir)) != NULL)
		add(lessons, entry->d_name);
	error = errno;
	closedir(dir);
	if (lessons->count > 0)
		qsort(lessons->all, lessons->count, sizeof(*lessons->all), compare);
	return -error;
}

void lessons_clear(struct lessons *lessons)
{
	for (size_t i = 0; i < lessons->count; i++)
		free(lessons->all[i].path);
	free(lessons->all);
	free(lessons->dir);
	*lessons = (struct lessons){ .dir = NULL };
}

/* Does the word say which lesson it is? */
static bool is_meant(const struct lesson *lesson, const char *word)
{
	size_t len = strlen(word), suffix = strlen(SUFFIX), digits = strspn(word, "0123456789");

	if (len > suffix && strcmp(word + len - suffix, SUFFIX) == 0)
		len -= suffix;
	if (digits > 0 && digits <= NUMBER_DIGITS && (digits == len || word[digits] == '-')) {
		if (strtoul(word, NULL, 10) != lesson->number)
			return false;
		if (digits == len)
			return true;
		word += digits + 1;
		len -= digits + 1;
	}
	return len == lesson->topic_len && strncmp(word, lesson->topic, len) == 0;
}

const struct lesson *lessons_find(const struct lessons *lessons, const char *word)
{
	for (size_t i = 0; i < lessons->count; i++) {
		if (is_meant(&lessons->all[i], word))
			return &lessons->all[i];
	}
	return NULL;
}

/* The directory cannot be read, or holds no lesson. */
static int list_failed(const struct lessons *lessons, int error)
{
	char dir[PATH_MAX], name[32];

	escape_c(lessons->dir, strlen(lessons->dir), dir, sizeof(dir));
	if (error != 0)
		fprintf(stderr, _("sockt: the lessons in %1$s: %2$s (%3$s)\n"), dir, strerror(error),
			name_errno(error, name, sizeof(name)));
	else
		fprintf(stderr, _("sockt: there are no lessons in %s (they are called NN-TOPIC.sockt)\n"), dir);
	return STATUS_FAILED;
}

int lessons_list(void)
{
	int status = STATUS_OK, ret;
	struct lessons lessons;

	ret = lessons_read(&lessons);
	for (size_t i = 0; i < lessons.count; i++)
		printf("  %02u  %s\n", lessons.all[i].number, lessons.all[i].title);
	if (ret < 0 || lessons.count == 0)
		status = list_failed(&lessons, -ret);
	else
		fputs(_("\nsockt shell 01 plays the first one, sockt shell --step 01 stops before each\n"
			"call, and --answers shows the answers to the questions at the end.\n"), stdout);
	lessons_clear(&lessons);
	return fflush(stdout) != 0 || ferror(stdout) != 0 ? STATUS_OUTPUT : status;
}
