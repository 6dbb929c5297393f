/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A command line as a test writes it: cut at its blanks, as a shell would have it. */
#ifndef SOCKT_UNIT_TYPED_H
#define SOCKT_UNIT_TYPED_H

#include <stdio.h>
#include <string.h>

#include "check.h"

#define TYPED_WORDS 24

struct typed {
	char text[512];
	char *argv[TYPED_WORDS + 1]; /* NULL behind the last */
	int argc;
};

/* The words of before and text; '' is an empty one, ~ a blank in one. */
static inline void typed_cut(struct typed *typed, const char *before, const char *text)
{
	char *save = NULL;

	*typed = (struct typed){ .argc = 0 };
	snprintf(typed->text, sizeof(typed->text), "%s %s", before, text);
	for (char *word = strtok_r(typed->text, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
		for (char *at = word; *at != '\0'; at++)
			*at = *at == '~' ? ' ' : *at;
		assert_true(typed->argc < TYPED_WORDS);
		typed->argv[typed->argc++] = strcmp(word, "''") == 0 ? "" : word;
	}
}

#endif
