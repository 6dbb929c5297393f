/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of a command: see command_words.h. */
#include "endpoint/command_words.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"

#define BLANKS " \t\n"

/* How far a text has been read, and where what is read of it goes. */
struct splitting {
	const char *at;
	char *to;
	char *error;
};

static int mistake(struct splitting *s, const char *sentence)
{
	snprintf(s->error, COMMAND_WORDS_ERROR_MAX, "%s", sentence);
	return -EINVAL;
}

/* Behind an opening quote: up to the closing one. */
static int read_quoted(struct splitting *s, char quote)
{
	while (*s->at != quote) {
		if (quote == '"' && s->at[0] == '\\' && s->at[1] != '\0' && strchr("\"\\$`", s->at[1]) != NULL)
			s->at++;
		if (*s->at == '\0')
			return mistake(s, quote == '"' ? _("a double quote (\") is not closed") :
							 _("a single quote (') is not closed"));
		*s->to++ = *s->at++;
	}
	s->at++;
	return 0;
}

/* One word, which begins here. */
static int read_word(struct splitting *s)
{
	while (*s->at != '\0' && strchr(BLANKS, *s->at) == NULL) {
		char c = *s->at++;

		if (c == '\'' || c == '"') {
			if (read_quoted(s, c) < 0)
				return -EINVAL;
			continue;
		}
		if (c == '\\') {
			if (*s->at == '\0')
				return mistake(s, _("a backslash stands at the end, with nothing behind it"));
			c = *s->at++;
		}
		*s->to++ = c;
	}
	*s->to++ = '\0';
	return 0;
}

int command_words_parse(const char *text, char ***argv, char *error)
{
	/* There are at most as many words as every other byte is one; none is longer than it is written. */
	size_t len = strlen(text), words_max = len / 2 + 1, count = 0;
	char **words = xmalloc((words_max + 1) * sizeof(*words) + len + 2);
	struct splitting s = { .at = text, .to = (char *)(words + words_max + 1), .error = error };

	for (;;) {
		s.at += strspn(s.at, BLANKS);
		if (*s.at == '\0')
			break;
		words[count++] = s.to;
		if (read_word(&s) < 0) {
			free(words);
			return -EINVAL;
		}
	}
	words[count] = NULL;
	if (count == 0 || words[0][0] == '\0') {
		free(words);
		return mistake(&s, _("no program is named"));
	}
	*argv = words;
	return 0;
}

char **command_words_copy(char *const *argv)
{
	size_t count = 0, len = 0;
	char **copy, *to;

	for (; argv[count] != NULL; count++)
		len += strlen(argv[count]) + 1;
	copy = xmalloc((count + 1) * sizeof(*copy) + len);
	to = (char *)(copy + count + 1);
	for (size_t i = 0; i < count; i++) {
		size_t size = strlen(argv[i]) + 1;

		copy[i] = memcpy(to, argv[i], size);
		to += size;
	}
	copy[count] = NULL;
	return copy;
}

int command_words_shell(const char *text, char ***argv, char *error)
{
	char shell[] = "/bin/sh", option[] = "-c";
	char *const words[] = { shell, option, (char *)text, NULL };

	if (text[strspn(text, BLANKS)] == '\0') {
		snprintf(error, COMMAND_WORDS_ERROR_MAX, "%s", _("no command is given"));
		return -EINVAL;
	}
	*argv = command_words_copy(words);
	return 0;
}
