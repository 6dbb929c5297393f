/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The guide: texts that explain commands, ideas, calls, states, errors, options and words. Const
 * tables; pure. `sockt help` prints them; views that explain a step read them too. Nothing here
 * prints.
 */
#ifndef SOCKT_TRACE_GUIDE_H
#define SOCKT_TRACE_GUIDE_H

#include <stdbool.h>
#include <stddef.h>

enum guide_group {
	GUIDE_COMMANDS = 0,
	GUIDE_IDEAS,
	GUIDE_CALLS,
	GUIDE_STATES,
	GUIDE_ERRORS,
	GUIDE_RESOLVER,
	GUIDE_OPTIONS,
	GUIDE_MORE_OPTIONS, /* of which there is a line each */
	GUIDE_WORDS,
	GUIDE_GROUP_COUNT
};

struct guide_topic {
	const char *name;    /* as it is listed: "bind", "CLOSE_WAIT", "half-close" */
	const char *aliases; /* other names, divided by blanks; "" for none */
	const char *title;   /* one line */
	/*
	 * One or two short sentences with which the text begins, and with which --explain begins to explain such a
	 * step; they are true of every run. NULL: its name and title serve (guide_lead()).
	 */
	const char *lead;
	/*
	 * What follows the lead: lines. One that begins with a blank is shown as it stands (at most 76 columns); the
	 * others are paragraphs, to be filled; an empty one is an empty line.
	 */
	const char *text;
};

/* How a group is headed; name, aliases and title as in a topic. */
struct guide_heading {
	const char *name;
	const char *aliases;
	const char *title;
	const char *label; /* what one of its topics is: "step", "TCP state" */
};

/* How an explanation begins: the lead of a topic, or else "NAME: TITLE.", written into dst. Translated. Returns dst. */
const char *guide_lead(const struct guide_topic *topic, char *dst, size_t size);
/* The lead and what follows it, translated, in one string that is the caller's to free. */
char *guide_text(const struct guide_topic *topic);
/* The heading of a group. */
const struct guide_heading *guide_heading(enum guide_group group);
/* The i-th topic of a group, in the order in which they are listed; NULL behind the last. */
const struct guide_topic *guide_topic(enum guide_group group, size_t i);

/*
 * Do two names mean the same? Letter case, hyphens, blanks and underscores count nothing, and
 * neither do parentheses at the end ("bind()", "bind(2)").
 */
bool guide_is_same(const char *a, const char *b);

/*
 * The topic that words name, in any group, or NULL. One word can name several (listen: a command, a
 * call and a state): guide_find() returns the first, guide_find_next() the one behind prev.
 */
const struct guide_topic *guide_find(const char *words);
const struct guide_topic *guide_find_next(const char *words, const struct guide_topic *prev);
/* The topic that words name in one group, or NULL. */
const struct guide_topic *guide_find_in(enum guide_group group, const char *words);
/* The group of a topic. */
enum guide_group guide_group_of(const struct guide_topic *topic);
/* The group that words name ("ideas"), or GUIDE_GROUP_COUNT. */
enum guide_group guide_find_group(const char *words);

/* The i-th topic of all groups, in order; NULL behind the last. */
const struct guide_topic *guide_at(size_t i);
/*
 * The i-th name of a topic or a group (no aliases), NULL behind the last; ctx counts nothing. For
 * near_find().
 */
const char *guide_name_at(const void *ctx, size_t i);

#endif
