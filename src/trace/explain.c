/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explanations: finds the rows of a step, puts their sentences together, knows which kinds have been. */
#include "trace/explain.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/template.h"
#include "base/util.h"
#include "trace/explain_private.h"
#include "trace/names.h"

#define EXPLANATION_SIZE 1024 /* paths of Unix sockets may be long; what does not fit is cut */
#define LEAD_SIZE 256
#define SEEN_MAX 192          /* kinds; of what comes beyond them nothing is the first */

static const struct explain_table *const tables[] = {
	&explain_table_setup,
	&explain_table_connect,
	&explain_table_data,
	&explain_table_end,
};

/* One kind: a row, and the topic where the row leaves that to the event. */
struct kind {
	const struct explain_row *row;
	const struct guide_topic *topic;
};

struct explain {
	bool is_relay;
	struct explain_socket sockets[EXPLAIN_SOCKETS];
	struct kind seen[SEEN_MAX];
	size_t seen_count;
	char text[EXPLANATION_SIZE];
};

struct explain *explain_new(bool is_relay)
{
	struct explain *explain = xcalloc(1, sizeof(*explain));

	explain->is_relay = is_relay;
	for (size_t i = 0; i < EXPLAIN_SOCKETS; i++)
		explain->sockets[i].fd = -1;
	return explain;
}

void explain_free(struct explain *explain)
{
	free(explain);
}

/* The name of the topic that the row leaves to the event, or NULL. */
static const char *variable_topic(enum guide_group group, const struct event *event, char *dst, size_t size)
{
	switch (group) {
	case GUIDE_ERRORS:
	case GUIDE_RESOLVER:
		return event_has_failed(event) ? event_error_name(event, dst, size) : NULL;
	case GUIDE_OPTIONS:
		return explain_option_name(event);
	case GUIDE_STATES:
		return name_of(&names_tcp_state, event->state_to);
	case GUIDE_COMMANDS:
	case GUIDE_IDEAS:
	case GUIDE_CALLS:
	case GUIDE_MORE_OPTIONS:
	case GUIDE_WORDS:
	case GUIDE_GROUP_COUNT:
		break;
	}
	return NULL;
}

static const struct guide_topic *topic_of(const struct explain_row *row, const struct event *event)
{
	char number[32];
	const char *name = row->topic;
	const struct guide_topic *topic;

	if (row->group == GUIDE_GROUP_COUNT)
		return NULL;
	if (name == NULL)
		name = variable_topic(row->group, event, number, sizeof(number));
	if (name == NULL)
		return NULL;
	topic = guide_find_in(row->group, name);
	return topic == NULL && row->group == GUIDE_OPTIONS ? guide_find_in(GUIDE_MORE_OPTIONS, name) : topic;
}

static bool is_error(const struct explain_row *row, const struct event *event)
{
	bool has_failed = event_has_failed(event);
	int error = event->step == STEP_RESOLVE && event->args != NULL ? event->args->resolve.error : event->error;

	if (row->error == EXPLAIN_ANY_ERROR || !has_failed)
		return has_failed == (row->error != 0);
	return row->error == error;
}

/* A row for one socket option: is it that of the event? */
static bool is_option(const struct explain_row *row, const struct event *event)
{
	const char *name;

	if (row->group != GUIDE_OPTIONS || row->topic == NULL)
		return true;
	name = explain_option_name(event);
	return name != NULL && guide_find_in(GUIDE_OPTIONS, name) == guide_find_in(GUIDE_OPTIONS, row->topic);
}

/* Do the conditions of the row hold? */
static bool is_fitting(const struct explain_row *row, const struct explain_case *it)
{
	const struct event *event = it->event;

	return row->step == event->step && is_error(row, event) &&
	       (row->protocols == 0 || (row->protocols >> event->protocol & 1) != 0) &&
	       (it->facts & row->facts) == row->facts && (it->facts & row->not) == 0 &&
	       (row->from == 0 || row->from == event->state_from) && (row->to == 0 || row->to == event->state_to) &&
	       is_option(row, event);
}

static void add_sentence(struct text *text, const char *sentence)
{
	if (sentence == NULL || sentence[0] == '\0')
		return;
	text_add(text, text->len > 0 ? " " : "");
	text_add(text, sentence);
}

/* Expand the sentence of a row into dst. Returns false where a value of it is not known. */
static bool expand(const struct explain_row *row, const struct explain_case *it, char *dst, size_t size)
{
	struct text text;

	text_init(&text, dst, size);
	return row->text[0] == '\0' || template_expand(_(row->text), ' ', explain_value, it, &text);
}

/* Add the sentence of a part, and of KIND its lead. Returns the row, or NULL: none fits. */
static const struct explain_row *add_part(struct explain_case *it, enum explain_part part, struct text *text)
{
	char sentence[EXPLANATION_SIZE], lead[LEAD_SIZE];

	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		for (size_t k = 0; k < tables[i]->count; k++) {
			const struct explain_row *row = &tables[i]->rows[k];
			const struct guide_topic *topic;

			if (row->part != part || !is_fitting(row, it) || !expand(row, it, sentence, sizeof(sentence)))
				continue;
			topic = topic_of(row, it->event);
			if (part == EXPLAIN_KIND && topic == NULL && row->group != GUIDE_GROUP_COUNT)
				continue;
			if (part == EXPLAIN_KIND && topic != NULL) {
				it->topic = topic;
				add_sentence(text, guide_lead(topic, lead, sizeof(lead)));
			}
			add_sentence(text, sentence);
			return row;
		}
	}
	return NULL;
}

/* Note the kind. Returns whether it is the first of it. */
static bool see(struct explain *explain, const struct kind *kind)
{
	for (size_t i = 0; i < explain->seen_count; i++) {
		if (explain->seen[i].row == kind->row && explain->seen[i].topic == kind->topic)
			return false;
	}
	if (explain->seen_count == SEEN_MAX)
		return false;
	explain->seen[explain->seen_count++] = *kind;
	return true;
}

/* explain_event(); wants_all: not only the first of each kind. */
static const char *explain_step(struct explain *explain, const struct event *event, bool wants_all, bool *is_first)
{
	const struct explain_socket *socket = explain_socket_find(explain->sockets, event);
	struct explain_case it = {
		.event = event,
		.socket = socket,
		.facts = explain_facts(event, socket, explain->is_relay),
	};
	struct text text;
	struct kind kind;

	*is_first = false;
	text_init(&text, explain->text, sizeof(explain->text));
	kind.row = add_part(&it, EXPLAIN_KIND, &text);
	kind.topic = it.topic;
	if (kind.row != NULL && text.len > 0) {
		*is_first = see(explain, &kind);
		for (enum explain_part part = EXPLAIN_VALUES; part < EXPLAIN_PARTS && (wants_all || *is_first); part++)
			add_part(&it, part, &text);
		if (it.topic != NULL)
			text_addf(&text, " (sockt help %s)", it.topic->name);
	}
	explain_learn(explain->sockets, event);
	return kind.row != NULL && text.len > 0 ? explain->text : NULL;
}

const char *explain_event(struct explain *explain, const struct event *event, bool *is_first)
{
	return explain_step(explain, event, true, is_first);
}

const char *explain_first(struct explain *explain, const struct event *event)
{
	bool is_first;
	const char *text = explain_step(explain, event, false, &is_first);

	return is_first ? text : NULL;
}
