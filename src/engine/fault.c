/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kinds of faults, and what a list of them does to one session: see fault.h. */
#include "engine/fault.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/random.h"
#include "base/util.h"

/* What is drawn for a session has sequences of its own: first those of the directions, then those of the entries. */
#define DRAW_ENTRIES ((uint64_t)FAULT_WAY_COUNT)

static const struct fault_record records[] = {
#define X(id, name, shape, least, most, streams, messages, does)                                           \
	[FAULT_##id] = { .word = (name), .form = FAULT_FORM_##shape, .min = (least), .max = (most),        \
			 .on_streams = (streams), .on_messages = (messages), .what = (does) },
	FAULT_LIST(X)
#undef X
};

const struct fault_record *fault_record(enum fault_kind kind)
{
	return &records[kind];
}

const char *fault_way_word(enum fault_way way)
{
	return way == FAULT_UP ? "up" : "down";
}

int fault_list_add(struct fault_list *list, const char *text, char *error)
{
	struct fault_entry entry;
	int ret = fault_parse(text, &entry, error);

	if (ret < 0)
		return ret;
	list->entries = xrealloc(list->entries, (list->count + 1) * sizeof(*list->entries));
	list->entries[list->count++] = entry;
	return 0;
}

void fault_list_copy(struct fault_list *list, const struct fault_list *from)
{
	fault_list_clear(list);
	if (from->count == 0)
		return;
	list->entries = xmalloc(from->count * sizeof(*from->entries));
	memcpy(list->entries, from->entries, from->count * sizeof(*from->entries));
	list->count = from->count;
}

void fault_list_clear(struct fault_list *list)
{
	free(list->entries);
	*list = (struct fault_list){ 0 };
}

/* Say why the fault of this kind cannot be done. Returns -EINVAL. */
static int fail_check(enum fault_kind kind, bool is_messages, char *error)
{
	struct text line;

	text_init(&line, error, FAULT_ERROR_MAX);
	if (is_messages)
		text_addf(&line, _("%s is for streams (tcp, unix), and here datagrams are forwarded"),
			  records[kind].word);
	else
		text_addf(&line, _("%s is for datagrams (udp, unix-dgram), and here a stream is forwarded"),
			  records[kind].word);
	return -EINVAL;
}

int fault_list_check(const struct fault_list *list, bool is_messages, char *error)
{
	for (size_t i = 0; i < list->count; i++) {
		for (enum fault_kind kind = 0; kind < FAULT_KIND_COUNT; kind++) {
			const struct fault_record *record = &records[kind];
			bool may = is_messages ? record->on_messages : record->on_streams;

			if (!may && fault_has(&list->entries[i].rules, kind))
				return fail_check(kind, is_messages, error);
		}
	}
	return 0;
}

/* Put the rules of an entry over those there are. */
static void merge_rules(struct fault_rules *rules, const struct fault_rules *over)
{
	for (enum fault_kind kind = 0; kind < FAULT_KIND_COUNT; kind++) {
		if (kind == FAULT_SHARE || kind == FAULT_REFUSE || !fault_has(over, kind))
			continue;
		rules->values[kind] = over->values[kind];
		rules->set |= 1U << kind;
		rules->timed = (rules->timed & ~(1U << kind)) | (over->timed & 1U << kind);
	}
}

/* The beginning of what is drawn under one number for one session. */
static struct random draw_begin(uint64_t seed, uint32_t session, uint64_t number)
{
	struct random random;

	random_init(&random, seed, session);
	random_init(&random, random_next(&random), number);
	return random;
}

void fault_plan(const struct fault_list *list, uint64_t seed, uint32_t session, struct fault_plan *plan)
{
	*plan = (struct fault_plan){ 0 };
	for (size_t i = 0; i < list->count; i++) {
		const struct fault_entry *entry = &list->entries[i];
		struct random random = draw_begin(seed, session, DRAW_ENTRIES + i);
		bool is_shared = random_chance(&random, fault_chance(&entry->rules, FAULT_SHARE));
		bool is_refused = random_chance(&random, fault_chance(&entry->rules, FAULT_REFUSE));

		if (fault_has(&entry->rules, FAULT_SHARE) && !is_shared)
			continue;
		/* Two chances to be refused are two chances. */
		plan->is_refused = plan->is_refused || is_refused;
		for (enum fault_way way = 0; way < FAULT_WAY_COUNT; way++) {
			if (entry->on[way])
				merge_rules(&plan->rules[way], &entry->rules);
		}
	}
}

uint64_t fault_line_seed(uint64_t seed, uint32_t session, enum fault_way way)
{
	struct random random = draw_begin(seed, session, way);

	return random_next(&random);
}
