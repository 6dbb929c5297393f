/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The guide: its groups in order, and finding a topic by any of its names. Knows nothing of what
 * the texts say.
 */
#include "trace/guide.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/util.h"
#include "trace/guide_topics.h"

#define GROUP_PARTS 5

static const struct {
	struct guide_heading heading;
	const struct guide_topics *parts[GROUP_PARTS]; /* NULL behind the last */
} groups[] = {
	[GUIDE_COMMANDS] = {
		{ "commands", "command", N_("what sockt can be told to do"), N_("command") },
		{ &guide_topics_commands },
	},
	[GUIDE_IDEAS] = {
		{ "ideas", "idea six-ideas primer", N_("the six ideas that a run shows"),
		  N_("idea") },
		{ &guide_topics_ideas },
	},
	[GUIDE_CALLS] = {
		{ "calls", "call steps step system-calls syscalls", N_("the steps of the trace"),
		  N_("step") },
		{ &guide_topics_calls, &guide_topics_calls_data, &guide_topics_calls_look },
	},
	[GUIDE_STATES] = {
		{ "states", "tcp-states tcp-state", N_("the states of a TCP socket"),
		  N_("TCP state") },
		{ &guide_topics_states },
	},
	[GUIDE_ERRORS] = {
		{ "errors", "error errno errnos", N_("the errors that calls report"), N_("error") },
		{ &guide_topics_errors_net, &guide_topics_errors_call,
		  &guide_topics_errors_resource },
	},
	[GUIDE_RESOLVER] = {
		{ "resolver-errors", "eai resolver-codes gai-errors",
		  N_("the errors of the resolver"), N_("resolver error") },
		{ &guide_topics_resolver },
	},
	[GUIDE_OPTIONS] = {
		{ "options", "option socket-options flags",
		  N_("options, flags and queues of sockets"), N_("option") },
		{ &guide_topics_options },
	},
	[GUIDE_MORE_OPTIONS] = {
		{ "more-options", "all-options other-options",
		  N_("the other socket options, with a line each"), N_("option") },
		{ &guide_topics_options_more },
	},
	[GUIDE_WORDS] = {
		{ "words", "word terms glossary", N_("the words of the trade"), N_("word") },
		{ &guide_topics_words, &guide_topics_words_tcp, &guide_topics_words_sockt, &guide_topics_words_shell,
		  &guide_topics_words_data },
	},
};

static_assert(ARRAY_LEN(groups) == GUIDE_GROUP_COUNT, "groups");

const struct guide_heading *guide_heading(enum guide_group group)
{
	return &groups[group].heading;
}

const struct guide_topic *guide_topic(enum guide_group group, size_t i)
{
	for (size_t part = 0; part < GROUP_PARTS && groups[group].parts[part] != NULL; part++) {
		const struct guide_topics *table = groups[group].parts[part];

		if (i < table->count)
			return &table->topics[i];
		i -= table->count;
	}
	return NULL;
}

const char *guide_lead(const struct guide_topic *topic, char *dst, size_t size)
{
	if (topic->lead != NULL)
		snprintf(dst, size, "%s", _(topic->lead));
	else
		snprintf(dst, size, _("%1$s: %2$s."), topic->name, _(topic->title));
	return dst;
}

char *guide_text(const struct guide_topic *topic)
{
	const char *lead = topic->lead != NULL ? _(topic->lead) : "", *rest = _(topic->text);
	/* What follows goes on in the same paragraph, unless it begins with an empty line. */
	const char *between = lead[0] == '\0' || rest[0] == '\n' ? "" : " ";
	size_t size = strlen(lead) + strlen(between) + strlen(rest) + 1;
	char *text = xmalloc(size);
	struct text joined;

	text_init(&joined, text, size);
	text_add(&joined, lead);
	text_add(&joined, between);
	text_add(&joined, rest);
	return text;
}

/* How much of len bytes is left without blanks and parentheses at the end. */
static size_t name_len(const char *name, size_t len)
{
	while (len > 0 && isspace((unsigned char)name[len - 1]))
		len--;
	if (len > 0 && name[len - 1] == ')') {
		const char *open = memrchr(name, '(', len);

		if (open != NULL)
			len = (size_t)(open - name);
	}
	return len;
}

/* The index of the next character that counts, from i on; len: none is left. */
static size_t skip_marks(const char *name, size_t len, size_t i)
{
	while (i < len && (name[i] == '-' || name[i] == '_' || isspace((unsigned char)name[i])))
		i++;
	return i;
}

/* guide_is_same() with lengths; a name of nothing but marks is the same as none. */
static bool is_same(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t i, k;

	a_len = name_len(a, a_len);
	b_len = name_len(b, b_len);
	i = skip_marks(a, a_len, 0);
	k = skip_marks(b, b_len, 0);
	if (i == a_len || k == b_len)
		return false;
	while (i < a_len && k < b_len) {
		if (tolower((unsigned char)a[i]) != tolower((unsigned char)b[k]))
			return false;
		i = skip_marks(a, a_len, i + 1);
		k = skip_marks(b, b_len, k + 1);
	}
	return i == a_len && k == b_len;
}

bool guide_is_same(const char *a, const char *b)
{
	return is_same(a, strlen(a), b, strlen(b));
}

/* Is words the name, or one of the aliases? */
static bool is_named(const char *words, const char *name, const char *aliases)
{
	if (guide_is_same(words, name))
		return true;
	while (*aliases != '\0') {
		size_t len = strcspn(aliases, " ");

		if (is_same(words, strlen(words), aliases, len))
			return true;
		aliases += len;
		aliases += strspn(aliases, " ");
	}
	return false;
}

const struct guide_topic *guide_at(size_t i)
{
	for (enum guide_group group = 0; group < GUIDE_GROUP_COUNT; group++) {
		for (size_t k = 0; guide_topic(group, k) != NULL; k++, i--) {
			if (i == 0)
				return guide_topic(group, k);
		}
	}
	return NULL;
}

const struct guide_topic *guide_find_next(const char *words, const struct guide_topic *prev)
{
	bool is_behind = prev == NULL;
	const struct guide_topic *topic;

	for (size_t i = 0; (topic = guide_at(i)) != NULL; i++) {
		if (is_behind && is_named(words, topic->name, topic->aliases))
			return topic;
		if (topic == prev)
			is_behind = true;
	}
	return NULL;
}

const struct guide_topic *guide_find(const char *words)
{
	return guide_find_next(words, NULL);
}

const struct guide_topic *guide_find_in(enum guide_group group, const char *words)
{
	const struct guide_topic *topic;

	for (size_t i = 0; (topic = guide_topic(group, i)) != NULL; i++) {
		if (is_named(words, topic->name, topic->aliases))
			return topic;
	}
	return NULL;
}

enum guide_group guide_group_of(const struct guide_topic *topic)
{
	enum guide_group group;

	for (group = 0; group < GUIDE_GROUP_COUNT; group++) {
		for (size_t i = 0; guide_topic(group, i) != NULL; i++) {
			if (guide_topic(group, i) == topic)
				return group;
		}
	}
	return group;
}

enum guide_group guide_find_group(const char *words)
{
	enum guide_group group;

	for (group = 0; group < GUIDE_GROUP_COUNT; group++) {
		if (is_named(words, groups[group].heading.name, groups[group].heading.aliases))
			break;
	}
	return group;
}

const char *guide_name_at(const void *ctx, size_t i)
{
	const struct guide_topic *topic;

	(void)ctx;
	if (i < GUIDE_GROUP_COUNT)
		return groups[i].heading.name;
	topic = guide_at(i - GUIDE_GROUP_COUNT);
	return topic != NULL ? topic->name : NULL;
}
