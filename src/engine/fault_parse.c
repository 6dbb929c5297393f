/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of --fault: see fault.h. */
#include "engine/fault.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/near.h"
#include "base/parse.h"
#include "base/util.h"

/* The longest KIND=VALUE that can be right: a probability with its decimals and some more. */
#define ITEM_MAX 64
/* How much of a wrong one an error shows. */
#define SHOWN_MAX 40

static_assert(FAULT_ERROR_MAX >= PARSE_ERROR_MAX, "an error about a number fits");

/* One KIND=VALUE, as a string of its own. */
struct item {
	char text[ITEM_MAX + 1]; /* KIND, where the equals sign was found */
	const char *value;       /* in text; NULL: there is no equals sign */
	enum fault_kind kind;
};

/* A piece of the text as an error shows it. */
struct shown {
	char text[SHOWN_MAX + 4];
};

static struct shown show(const char *text, size_t len)
{
	struct shown shown;
	size_t done = escape_c(text, len, shown.text, SHOWN_MAX + 1);

	if (done < len)
		memcpy(shown.text + strlen(shown.text), "...", sizeof("..."));
	return shown;
}

static const char *next_word(const void *ctx, size_t index)
{
	(void)ctx;
	return index < FAULT_KIND_COUNT ? fault_record((enum fault_kind)index)->word : NULL;
}

/* Say that there is no such kind. Returns -EINVAL. */
static int fail_unknown(const char *word, char *error)
{
	struct shown shown = show(word, strlen(word));
	const char *nearest;
	struct text line;

	text_init(&line, error, FAULT_ERROR_MAX);
	if (strncmp(word, "up:", 3) == 0 || strncmp(word, "down:", 5) == 0) {
		text_addf(&line, _("\"%s\": a direction stands first and holds for all that follows; "
				   "give --fault once for each"), shown.text);
		return -EINVAL;
	}
	if (near_find(word, next_word, NULL, &nearest, 1) == 1) {
		text_addf(&line, _("\"%1$s\" is not a kind of fault: did you mean %2$s?"), shown.text, nearest);
		return -EINVAL;
	}
	text_addf(&line, _("\"%s\" is not a kind of fault; there are"), shown.text);
	for (size_t i = 0; next_word(NULL, i) != NULL; i++)
		text_addf(&line, "%s %s", i > 0 ? "," : "", next_word(NULL, i));
	return -EINVAL;
}

/* What a value of the form is written like. */
static const char *form_example(enum fault_form form)
{
	static const char *const examples[] = {
		[FAULT_FORM_TIME] = "250ms",
		[FAULT_FORM_SIZE] = "64k",
		[FAULT_FORM_SIZE_OR_TIME] = "64k",
		[FAULT_FORM_CHANCE] = "0.05",
	};

	return examples[form];
}

/* A size, or a time with its unit: what reads as both is neither. */
static int parse_size_or_time(const struct item *item, struct fault_rules *rules, uint64_t *value, char *error)
{
	const struct fault_record *record = fault_record(item->kind);
	char time_error[PARSE_ERROR_MAX];
	struct text line;
	uint64_t size = 0, ns = 0;
	int size_ret = parse_size(item->value, record->word, record->min, record->max, &size, error);
	int time_ret = parse_duration_with_unit(item->value, record->word, &ns, time_error);

	if (size_ret != -EINVAL && time_ret != -EINVAL) {
		struct shown shown = show(item->value, strlen(item->value) - 1);

		text_init(&line, error, FAULT_ERROR_MAX);
		text_addf(&line,
			  _("%1$s \"%2$sm\" can be read in two ways: write %2$sM for mebibytes or %2$smin for minutes"),
			  record->word, shown.text);
		return -EINVAL;
	}
	if (size_ret != -EINVAL) {
		*value = size;
		return size_ret;
	}
	if (time_ret != -EINVAL) {
		rules->timed |= 1U << item->kind;
		*value = ns;
		memcpy(error, time_error, time_ret < 0 ? sizeof(time_error) : 0);
		return time_ret;
	}
	text_init(&line, error, FAULT_ERROR_MAX);
	text_addf(&line,
		  _("%1$s \"%2$s\" is neither a size (4096, 64k, 1M) nor a time with its unit (250ms, 2s, 1min)"),
		  record->word, show(item->value, strlen(item->value)).text);
	return -EINVAL;
}

/* Read the value of an item into the rules. */
static int parse_value(const struct item *item, struct fault_rules *rules, char *error)
{
	const struct fault_record *record = fault_record(item->kind);
	union fault_value value = { 0 };
	int ret = -EINVAL;

	switch (record->form) {
	case FAULT_FORM_TIME:
		ret = parse_duration_with_unit(item->value, record->word, &value.number, error);
		break;
	case FAULT_FORM_SIZE:
		ret = parse_size(item->value, record->word, record->min, record->max, &value.number, error);
		break;
	case FAULT_FORM_SIZE_OR_TIME:
		ret = parse_size_or_time(item, rules, &value.number, error);
		break;
	case FAULT_FORM_CHANCE:
		ret = parse_probability(item->value, record->word, &value.chance, error);
		break;
	}
	if (ret < 0)
		return ret;
	rules->set |= 1U << item->kind;
	rules->values[item->kind] = value;
	return 0;
}

/* Which kind is it? */
static bool find_kind(const char *word, enum fault_kind *kind)
{
	for (size_t i = 0; i < FAULT_KIND_COUNT; i++) {
		if (strcmp(word, fault_record((enum fault_kind)i)->word) == 0) {
			*kind = (enum fault_kind)i;
			return true;
		}
	}
	return false;
}

/* Take the item of len bytes at text apart. */
static int split_item(const char *text, size_t len, struct item *item, char *error)
{
	char *equals;
	size_t copied = len < ITEM_MAX ? len : ITEM_MAX;

	memcpy(item->text, text, copied);
	item->text[copied] = '\0';
	equals = strchr(item->text, '=');
	item->value = equals == NULL ? NULL : equals + 1;
	if (equals != NULL)
		*equals = '\0';
	if (item->text[0] == '\0') {
		snprintf(error, FAULT_ERROR_MAX, _("wants KIND=VALUE[,KIND=VALUE]..., as latency=250ms,rate=64k"));
		return -EINVAL;
	}
	if (!find_kind(item->text, &item->kind))
		return fail_unknown(item->text, error);
	if (item->value == NULL || item->value[0] == '\0') {
		snprintf(error, FAULT_ERROR_MAX, _("%1$s wants a value, as %1$s=%2$s"), item->text,
			 form_example(fault_record(item->kind)->form));
		return -EINVAL;
	}
	if (len > ITEM_MAX) {
		snprintf(error, FAULT_ERROR_MAX, _("%1$s \"%2$s\" is too long"), item->text,
			 show(item->value, strlen(item->value)).text);
		return -EINVAL;
	}
	return 0;
}

/* Which directions it is for, and how long the words were that said so. */
static size_t parse_ways(const char *text, struct fault_entry *entry)
{
	for (enum fault_way way = 0; way < FAULT_WAY_COUNT; way++) {
		size_t len = strlen(fault_way_word(way));

		if (strncmp(text, fault_way_word(way), len) == 0 && text[len] == ':') {
			entry->on[way] = true;
			return len + 1;
		}
	}
	entry->on[FAULT_UP] = entry->on[FAULT_DOWN] = true;
	return 0;
}

/* Does what was read make sense together? */
static int check_entry(const struct fault_entry *entry, char *error)
{
	const struct fault_rules *rules = &entry->rules;

	if (rules->set == 1U << FAULT_SHARE) {
		snprintf(error, FAULT_ERROR_MAX,
			 _("share stands beside the faults that it is about, as share=0.1,reset=2s"));
		return -EINVAL;
	}
	if (fault_has(rules, FAULT_REFUSE) && entry->on[FAULT_UP] != entry->on[FAULT_DOWN]) {
		snprintf(error, FAULT_ERROR_MAX, _("refuse has no direction: write refuse=%g"),
			 fault_chance(rules, FAULT_REFUSE));
		return -EINVAL;
	}
	return 0;
}

int fault_parse(const char *text, struct fault_entry *entry, char *error)
{
	struct fault_entry read = { 0 };
	struct item item;
	int ret;

	text += parse_ways(text, &read);
	for (;;) {
		size_t len = strcspn(text, ",");

		ret = split_item(text, len, &item, error);
		if (ret < 0)
			return ret;
		if (fault_has(&read.rules, item.kind)) {
			snprintf(error, FAULT_ERROR_MAX, _("%s is given twice"), fault_record(item.kind)->word);
			return -EINVAL;
		}
		ret = parse_value(&item, &read.rules, error);
		if (ret < 0)
			return ret;
		if (text[len] == '\0')
			break;
		text += len + 1;
	}
	ret = check_entry(&read, error);
	if (ret == 0)
		*entry = read;
	return ret;
}
