/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the guide. Errors of writing are the caller's to look for (ferror, fclose). */
#include "cli/help.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"

#define INDENT 2

/*
 * Print one word gap blanks behind column, or on a new line where it does not fit there. Column 0:
 * nothing stands on this line yet. Returns the new column.
 */
static int put_word(FILE *out, const char *word, int len, int column, int gap)
{
	if (column > 0 && column + gap + len > HELP_COLUMNS) {
		putc('\n', out);
		column = 0;
	}
	if (column == 0)
		gap = INDENT;
	fprintf(out, "%*s%.*s", gap, "", len, word);
	return column + gap + len;
}

/* Fill one paragraph of len bytes. */
static void put_paragraph(FILE *out, const char *text, size_t len)
{
	const char *end = text + len;
	int column = 0;

	while (text < end) {
		size_t word = strcspn(text, " \n");

		column = put_word(out, text, (int)word, column, 1);
		text += word;
		text += strspn(text, " ");
	}
	putc('\n', out);
}

void help_print_text(FILE *out, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		if (len == 0)
			putc('\n', out);
		else if (text[0] == ' ')
			fprintf(out, "%*s%.*s\n", INDENT, "", (int)len, text);
		else
			put_paragraph(out, text, len);
		text += len;
		if (*text == '\n')
			text++;
	}
}

void help_print_topic(FILE *out, const struct guide_topic *topic)
{
	const struct guide_heading *heading = guide_heading(guide_group_of(topic));
	char *joined = guide_text(topic);

	fprintf(out, "%s (%s): %s\n\n", topic->name, _(heading->label), _(topic->title));
	help_print_text(out, joined);
	free(joined);
}

/* The length of the longest name of a group. */
static int longest_name(enum guide_group group)
{
	const struct guide_topic *topic;
	size_t longest = 0;

	for (size_t i = 0; (topic = guide_topic(group, i)) != NULL; i++) {
		if (strlen(topic->name) > longest)
			longest = strlen(topic->name);
	}
	return (int)longest;
}

/* The heading of a group: "ideas: the six ideas that a run shows". */
static void put_heading(FILE *out, enum guide_group group)
{
	const struct guide_heading *heading = guide_heading(group);

	fprintf(out, "%s: %s\n", heading->name, _(heading->title));
}

void help_print_group(FILE *out, enum guide_group group)
{
	const struct guide_topic *topic;
	int width = longest_name(group);

	put_heading(out, group);
	for (size_t i = 0; (topic = guide_topic(group, i)) != NULL; i++)
		fprintf(out, "%*s%-*s  %s\n", INDENT, "", width, topic->name, _(topic->title));
}

/* The names of a group, as many on a line as fit. */
static void put_names(FILE *out, enum guide_group group)
{
	const struct guide_topic *topic;
	int column = 0;

	put_heading(out, group);
	for (size_t i = 0; (topic = guide_topic(group, i)) != NULL; i++)
		column = put_word(out, topic->name, (int)strlen(topic->name), column, 2);
	putc('\n', out);
}

/* A group whose names are many and seldom looked for: only where they are listed. */
static void put_pointer(FILE *out, enum guide_group group)
{
	const struct guide_heading *heading = guide_heading(group);

	fprintf(out, _("%1$s: %2$s (sockt help %1$s)\n"), heading->name, _(heading->title));
}

void help_print_list(FILE *out)
{
	fputs(_("sockt help TOPIC explains one of these topics, sockt help GROUP lists a group\n"
		"with a line for each. Letter case, hyphens and underscores do not count.\n"),
	      out);
	for (enum guide_group group = 0; group < GUIDE_GROUP_COUNT; group++) {
		putc('\n', out);
		if (group <= GUIDE_IDEAS)
			help_print_group(out, group);
		else if (group == GUIDE_MORE_OPTIONS)
			put_pointer(out, group);
		else
			put_names(out, group);
	}
	fputs(_("\nThe options of a command: sockt COMMAND --help; one: sockt help --OPTION.\n"
		"The manual: man sockt.\n"),
	      out);
}
