/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lessons of the shell: scripts that are called NN-TOPIC.sockt, all in one directory. Finds them, lists them, and
 * tells which one a word means.
 */
#ifndef SOCKT_CLI_LESSONS_H
#define SOCKT_CLI_LESSONS_H

#include <stdbool.h>
#include <stddef.h>

#define LESSON_TITLE_MAX 256
#define LESSONS_MAX 1000 /* more are not looked at */

struct lesson {
	unsigned number;
	char *path;                   /* owned */
	const char *topic;            /* "accept-queue": within path */
	size_t topic_len;
	char title[LESSON_TITLE_MAX]; /* its first line of narration, escaped */
};

struct lessons {
	char *dir; /* where they are, or were looked for; owned */
	struct lesson *all;
	size_t count;
};

/*
 * Read the lessons' directory: that of SOCKT_LESSONS, else of the build tree that this program lies in, else the
 * installed one. In the order of their numbers.
 * Returns 0, or -errno of the directory (lessons->dir names it). In both cases lessons_clear() is due.
 */
int lessons_read(struct lessons *lessons);
void lessons_clear(struct lessons *lessons);

/*
 * The lesson that a word means: its number (3, 03), its topic (accept-queue), or its file's name with or without
 * ".sockt". NULL: none. Pure.
 */
const struct lesson *lessons_find(const struct lessons *lessons, const char *word);

/*
 * Print the list to standard output (--lessons): a line each, the number and the title, and how a lesson is played.
 * What fails is said on standard error. Returns the exit status.
 */
int lessons_list(void);

/*
 * Is that the name of a lesson's file? *number and where its topic stands are set if it is. Pure.
 */
bool lesson_read_name(const char *file, unsigned *number, size_t *topic_at, size_t *topic_len);

/*
 * The title in the text that a lesson begins with: its first line of narration that says something. dst is ended by
 * NUL, and holds printable characters only; "" where there is no title. Pure. Returns dst.
 */
const char *lesson_read_title(const char *text, size_t len, char *dst, size_t size);

#endif
