/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sockt help: finds what the words on the command line name, and prints it to standard output. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/near.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/options_mistake.h"
#include "trace/names.h"

#define TOPIC_MAX 128 /* longer than any name */
#define NEAREST_MAX 4

/*
 * Join the words of the command line into one topic ("half close"). Returns false where there are
 * none. What does not fit is cut off: no topic is that long.
 */
static bool join_words(int argc, char **argv, char *topic, size_t size)
{
	bool has_word = false;
	struct text text;

	text_init(&text, topic, size);
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0)
			continue;
		if (has_word)
			text_add(&text, " ");
		text_add(&text, argv[i]);
		has_word = true;
	}
	return has_word;
}

/* An errno without a text of ours: what libc says of it. Returns false where words are no errno. */
static bool print_other_errno(const char *words)
{
	char name[TOPIC_MAX];
	long value;
	size_t i;

	for (i = 0; words[i] != '\0' && i < sizeof(name) - 1; i++)
		name[i] = (char)toupper((unsigned char)words[i]);
	name[i] = '\0';
	if (!name_value(&names_errno, name, &value))
		return false;
	printf(_("%s (error): %s\n\n"
		 "  See errno(3), and the manual page of the call that reported it.\n"),
	       name, strerror((int)value));
	return true;
}

/* What the option does that words name without its hyphens: "http-get", "recv only". */
static bool print_bare_option(const char *words)
{
	char element[TOPIC_MAX + 2];

	snprintf(element, sizeof(element), "--%s", words);
	for (char *blank = element; (blank = strpbrk(blank, " _")) != NULL;)
		*blank = '-';
	return help_print_option(stdout, element);
}

/* Print all that words name. Returns false where that is nothing. */
static bool print_named(const char *words)
{
	const struct guide_topic *topic = guide_find(words);
	enum guide_group group = guide_find_group(words);

	if (group != GUIDE_GROUP_COUNT)
		help_print_group(stdout, group);
	if (group != GUIDE_GROUP_COUNT && topic != NULL)
		putchar('\n');
	while (topic != NULL) {
		help_print_topic(stdout, topic);
		topic = guide_find_next(words, topic);
		if (topic != NULL)
			putchar('\n');
	}
	return group != GUIDE_GROUP_COUNT || guide_find(words) != NULL || print_other_errno(words) ||
	       print_bare_option(words);
}

/* Say that there is no such topic, and which ones are nearest. */
static void complain(const char *words)
{
	const char *nearest[NEAREST_MAX];
	size_t count = near_find(words, guide_name_at, NULL, nearest, NEAREST_MAX);
	char shown[TOPIC_MAX * 4];

	escape_c(words, strlen(words), shown, sizeof(shown));
	if (count == 0) {
		fprintf(stderr, _("sockt: no topic \"%s\"; 'sockt help' lists all of them\n"),
			shown);
		return;
	}
	fprintf(stderr, _("sockt: no topic \"%s\"; the nearest: "), shown);
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "%s%s", i > 0 ? ", " : "", nearest[i]);
	putc('\n', stderr);
}

/* Write out what is buffered. Returns the status. */
static int finish_output(void)
{
	char name[32];
	int error;

	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return STATUS_OK;
	error = errno != 0 ? errno : EIO;
	fprintf(stderr, _("sockt: write to standard output: %s (%s)\n"), strerror(error),
		name_errno(error, name, sizeof(name)));
	return STATUS_OUTPUT;
}

/* What the option does that element names, or that there is none. Returns the status. */
static int explain_option(const char *element)
{
	bool is_long = element[1] == '-';
	char error[OPTIONS_ERROR_MAX];

	if (help_print_option(stdout, element))
		return finish_output();
	options_mistake_unknown(NULL, element, is_long ? '\0' : element[1], error);
	fprintf(stderr, _("sockt: %s\n"), error);
	return STATUS_USAGE;
}

int cmd_help_run(const struct command *command, int argc, char **argv)
{
	const char *element = help_find_option(argc, argv);
	enum completion_shell completion;
	struct options options;
	char words[TOPIC_MAX];
	int status;

	if (element != NULL)
		return explain_option(element);
	if (!options_read(&options, command, argc, argv, &status))
		return status;
	completion = options.completion;
	options_clear(&options);
	if (completion != COMPLETION_NONE) {
		completion_print(stdout, completion);
	} else if (!join_words(argc, argv, words, sizeof(words))) {
		help_print_list(stdout);
	} else if (!print_named(words)) {
		complain(words);
		return STATUS_USAGE;
	}
	return finish_output();
}
