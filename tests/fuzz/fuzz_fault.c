/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of --fault: whatever is typed, rules within their bounds or an error that says something. */
#include "base/clock.h"
#include "engine/fault_line.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define UNTOUCHED UINT32_C(0x80000000)

static void check_error(int ret, const struct fault_entry *entry, const char *error)
{
	size_t len = strnlen(error, FAULT_ERROR_MAX);

	assert(ret == -EINVAL || ret == -ERANGE);
	assert(entry->rules.set == UNTOUCHED);
	assert(len > 0 && len < FAULT_ERROR_MAX);
	for (size_t i = 0; i < len; i++)
		assert(error[i] >= 0x20 && error[i] < 0x7f);
}

static void check_value(const struct fault_rules *rules, enum fault_kind kind)
{
	const struct fault_record *record = fault_record(kind);
	uint64_t number = rules->values[kind].number;
	double chance = rules->values[kind].chance;

	switch (record->form) {
	case FAULT_FORM_CHANCE:
		assert(chance >= 0.0 && chance <= 1.0);
		return;
	case FAULT_FORM_TIME:
		assert(number <= 365 * 24 * 3600 * NS_PER_S);
		return;
	case FAULT_FORM_SIZE:
		assert(number >= record->min && number <= record->max);
		return;
	case FAULT_FORM_SIZE_OR_TIME:
		assert(number >= record->min && number <= record->max);
		return;
	}
}

/* A line with these rules: a little of everything, and time that goes on as it asks for. */
static void run_line(const struct fault_rules *rules, bool is_messages)
{
	struct fault_line *line = fault_line_new(rules, 1, is_messages, NS_PER_S, NULL, NULL);
	struct fault_next next = { 0 };
	uint64_t now_ns = NS_PER_S;

	for (unsigned i = 0; i < 64; i++) {
		size_t room = fault_line_room(line);

		if (i < 32 && room > 0)
			fault_line_put(line, "abcdefgh", room < 8 ? room : 8, now_ns);
		if (i == 32)
			fault_line_end(line, false, now_ns);
		fault_line_next(line, now_ns, &next);
		assert(next.verdict != FAULT_BROKEN);
		if (next.verdict == FAULT_SEND)
			fault_line_sent(line, next.len, now_ns);
		else if (next.wake_ns > now_ns)
			now_ns = next.wake_ns;
		else
			assert(next.wake_ns == 0);
	}
	fault_line_free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault_entry entry = { .rules.set = UNTOUCHED };
	char error[FAULT_ERROR_MAX] = "";
	struct fault_list list = { .entries = &entry, .count = 1 };
	struct fault_plan plan;
	char *text = malloc(size + 1);

	if (text == NULL)
		abort();
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';

	int ret = fault_parse(text, &entry, error);
	free(text);
	if (ret != 0) {
		check_error(ret, &entry, error);
		return 0;
	}
	assert(entry.rules.set != 0 && entry.rules.set >> FAULT_KIND_COUNT == 0);
	assert((entry.rules.timed & ~entry.rules.set) == 0);
	assert(entry.on[FAULT_UP] || entry.on[FAULT_DOWN]);
	for (enum fault_kind kind = 0; kind < FAULT_KIND_COUNT; kind++) {
		if (fault_has(&entry.rules, kind))
			check_value(&entry.rules, kind);
	}
	for (int is_messages = 0; is_messages < 2; is_messages++) {
		if (fault_list_check(&list, is_messages, error) == 0)
			run_line(&entry.rules, is_messages);
	}
	fault_plan(&list, 1, 1, &plan);
	return 0;
}
