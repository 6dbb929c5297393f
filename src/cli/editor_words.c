/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words that may stand where one is completed: see editor.h. */
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "cli/editor_private.h"

void editor_words_add(struct editor_words *words, const char *word)
{
	if (strncmp(word, words->text, words->len) != 0)
		return;
	/* Before them stands what all have in common, behind them NULL. */
	if (words->count + 2 >= words->room) {
		words->room = 2 * words->room + 16;
		words->words = xrealloc(words->words, words->room * sizeof(char *));
	}
	words->count++;
	words->words[words->count] = xstrdup(word);
	words->words[words->count + 1] = NULL;
}

void editor_words_add_files(struct editor_words *words)
{
	words->wants_files = true;
}

void editor_words_finish(struct editor_words *words)
{
	char *common = xstrdup(words->words[1]);

	for (size_t i = 2; i <= words->count; i++) {
		size_t len = 0;

		while (common[len] != '\0' && common[len] == words->words[i][len])
			len++;
		common[len] = '\0';
	}
	words->words[0] = common;
}
