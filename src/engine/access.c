/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lists of access rules: see access.h.
 *
 * Ranges stand in order of their beginnings, and beside each stands which of it and those before reaches furthest: so
 * one search finds whether any has an address, however many there are (a list of networks to block may be long). Few
 * rules are no ranges (a pattern, an address with an interface): they are looked at one by one.
 */
#include "engine/access.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/util.h"
#include "engine/access_private.h"

#define SEPARATORS " \t\r\n\v\f,"
#define SHOWN_MAX 56 /* of a rule in an error */
#define FIRST_SIZE ((size_t)8)

struct list {
	struct access_rule *rules;
	size_t count, size;
};

/* An allow list, or a deny list. */
struct lists {
	struct list ranges, others;
	uint32_t *furthest; /* beside each range: which reaches furthest; NULL: not in order yet */
	bool is_given;
};

struct name {
	uint32_t text;
	uint8_t option;
};

struct access {
	struct lists allow, deny;
	struct buf texts; /* each ended by NUL */
	struct name *names;
	size_t name_count, name_size;
	size_t rule_count;
};

static const char *const option_names[] = {
	[ACCESS_ALLOW] = "allow",
	[ACCESS_DENY] = "deny",
	[ACCESS_ALLOWFILE] = "allowfile",
	[ACCESS_DENYFILE] = "denyfile",
};

const char *access_option_name(enum access_option option)
{
	return option_names[option];
}

static bool is_file(enum access_option option)
{
	return option == ACCESS_ALLOWFILE || option == ACCESS_DENYFILE;
}

static struct lists *lists_of(struct access *access, enum access_option option)
{
	return option == ACCESS_ALLOW || option == ACCESS_ALLOWFILE ? &access->allow : &access->deny;
}

struct access *access_new(void)
{
	return xcalloc(1, sizeof(struct access));
}

static void lists_clear(struct lists *lists)
{
	free(lists->ranges.rules);
	free(lists->others.rules);
	free(lists->furthest);
}

void access_free(struct access *access)
{
	if (access == NULL)
		return;
	lists_clear(&access->allow);
	lists_clear(&access->deny);
	buf_clear(&access->texts);
	free(access->names);
	free(access);
}

static const char *text_at(const struct access *access, uint32_t at)
{
	return buf_peek(&access->texts) + at;
}

static uint32_t keep_text(struct access *access, const char *text)
{
	uint32_t at = (uint32_t)access->texts.len;

	buf_append(&access->texts, text, strlen(text) + 1);
	return at;
}

/* Put a rule into its list. Returns 0, or -ERANGE: there are too many. */
static int add_rule(struct access *access, const struct access_rule *rule)
{
	struct lists *lists = lists_of(access, (enum access_option)rule->option);
	struct list *list = rule->is_pattern || rule->zone != 0 ? &lists->others : &lists->ranges;

	if (access->rule_count == ACCESS_RULES_MAX)
		return -ERANGE;
	access->rule_count++;
	if (list->count == list->size) {
		list->size = list->size == 0 ? FIRST_SIZE : 2 * list->size;
		list->rules = xrealloc(list->rules, list->size * sizeof(*list->rules));
	}
	list->rules[list->count++] = *rule;
	free(lists->furthest);
	lists->furthest = NULL;
	return 0;
}

static int add_name(struct access *access, enum access_option option, uint32_t text)
{
	if (access->name_count == ACCESS_RULES_MAX)
		return -ERANGE;
	if (access->name_count == access->name_size) {
		access->name_size = access->name_size == 0 ? FIRST_SIZE : 2 * access->name_size;
		access->names = xrealloc(access->names, access->name_size * sizeof(*access->names));
	}
	access->names[access->name_count++] = (struct name){ .text = text, .option = (uint8_t)option };
	return 0;
}

/* Where a rule stands, for the beginning of an error: --deny, or the file and the line. */
struct place {
	enum access_option option;
	const char *what;
	unsigned line;
};

static void say_place(const struct place *place, struct text *text)
{
	char shown[SHOWN_MAX];

	if (!is_file(place->option)) {
		text_addf(text, "--%s", access_option_name(place->option));
		return;
	}
	escape_c(place->what, strlen(place->what), shown, sizeof(shown));
	text_addf(text, _("%1$s line %2$u"), shown, place->line);
}

/* A rule of len bytes is wrong. */
static int mistake(const struct place *place, const char *rule, size_t len, const char *why, char *error)
{
	char shown[SHOWN_MAX];
	struct text text;

	escape_c(rule, len, shown, sizeof(shown));
	text_init(&text, error, ACCESS_ERROR_MAX);
	say_place(place, &text);
	text_addf(&text, ": \"%s\": %s", shown, why);
	return -EINVAL;
}

/* Read one rule of len bytes, and keep it. */
static int add_word(struct access *access, const struct place *place, const char *word, size_t len, char *error)
{
	char copy[ACCESS_RULE_MAX + 1], why[ACCESS_ERROR_MAX];
	struct access_rule rule;
	struct text text;
	int ret;

	if (len >= sizeof(copy) || memchr(word, '\0', len) != NULL)
		return mistake(place, word, len, _("this is neither an address nor the name of a host"), error);
	memcpy(copy, word, len);
	copy[len] = '\0';
	ret = access_rule_read(copy, &rule, why);
	if (ret < 0)
		return mistake(place, word, len, why, error);
	rule.option = (uint8_t)place->option;
	rule.text = keep_text(access, copy);
	ret = ret == 0 ? add_name(access, place->option, rule.text) : add_rule(access, &rule);
	if (ret < 0) {
		text_init(&text, error, ACCESS_ERROR_MAX);
		say_place(place, &text);
		text_addf(&text, _(": there are more than %zu rules"), ACCESS_RULES_MAX);
	}
	return ret;
}

int access_add(struct access *access, enum access_option option, const char *what, const char *text, size_t len,
	       char *error)
{
	struct place place = { .option = option, .what = what, .line = 1 };
	size_t words = 0, at = 0;

	lists_of(access, option)->is_given = true;
	while (at < len) {
		size_t word = 0;

		if (is_file(option) && text[at] == '#') {
			while (at < len && text[at] != '\n')
				at++;
			continue;
		}
		while (at + word < len && (text[at + word] == '\0' || strchr(SEPARATORS, text[at + word]) == NULL) &&
		       !(is_file(option) && text[at + word] == '#'))
			word++;
		if (word > 0) {
			int ret = add_word(access, &place, text + at, word, error);

			if (ret < 0)
				return ret;
			words++;
			at += word;
			continue;
		}
		place.line += text[at] == '\n';
		at++;
	}
	return words > 0 || is_file(option) ? 0 : mistake(&place, "", 0, _("there is no rule"), error);
}

size_t access_name_count(const struct access *access)
{
	return access->name_count;
}

const char *access_name(const struct access *access, size_t at)
{
	return text_at(access, access->names[at].text);
}

enum access_option access_name_option(const struct access *access, size_t at)
{
	return (enum access_option)access->names[at].option;
}

int access_set_name(struct access *access, size_t at, const struct addr *addr)
{
	struct access_rule rule = { .text = access->names[at].text, .option = access->names[at].option };

	if (!access_key(addr, rule.low))
		return 0;
	memcpy(rule.high, rule.low, ACCESS_KEY);
	if (addr_family(addr) == AF_INET6)
		rule.zone = addr->in6.sin6_scope_id;
	return add_rule(access, &rule);
}

static int compare_low(const void *a, const void *b)
{
	return memcmp(((const struct access_rule *)a)->low, ((const struct access_rule *)b)->low, ACCESS_KEY);
}

/* Put the ranges in order. */
static void lists_sort(struct lists *lists)
{
	struct list *list = &lists->ranges;

	if (lists->furthest != NULL || list->count == 0)
		return;
	qsort(list->rules, list->count, sizeof(*list->rules), compare_low);
	lists->furthest = xcalloc(list->count, sizeof(*lists->furthest));
	for (uint32_t i = 1; i < list->count; i++) {
		uint32_t best = lists->furthest[i - 1];

		lists->furthest[i] = memcmp(list->rules[i].high, list->rules[best].high, ACCESS_KEY) > 0 ? i : best;
	}
}

/* The range that has the key, or NULL. */
static const struct access_rule *find_range(const struct lists *lists, const uint8_t *key)
{
	const struct access_rule *rules = lists->ranges.rules, *found;
	size_t from = 0, to = lists->ranges.count;

	/* Behind the last one that begins at the key or before. */
	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (memcmp(rules[middle].low, key, ACCESS_KEY) <= 0)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == 0)
		return NULL;
	found = &rules[lists->furthest[from - 1]];
	return memcmp(found->high, key, ACCESS_KEY) >= 0 ? found : NULL;
}

/* Has a rule that is no range the address? */
static bool rule_has(const struct access_rule *rule, const uint8_t *key, uint32_t zone)
{
	if (rule->zone != 0 && rule->zone != zone)
		return false;
	if (!rule->is_pattern)
		return memcmp(rule->low, key, ACCESS_KEY) <= 0 && memcmp(rule->high, key, ACCESS_KEY) >= 0;
	for (size_t i = 0; i < ACCESS_KEY; i++)
		if (key[i] < rule->low[i] || key[i] > rule->high[i])
			return false;
	return true;
}

/* The rule of the lists that has the address, or NULL. */
static const struct access_rule *lists_find(struct lists *lists, const struct addr *addr)
{
	uint32_t zone = addr_family(addr) == AF_INET6 ? addr->in6.sin6_scope_id : 0;
	const struct access_rule *found;
	uint8_t key[ACCESS_KEY];

	if (!access_key(addr, key))
		return NULL;
	lists_sort(lists);
	found = find_range(lists, key);
	for (size_t i = 0; found == NULL && i < lists->others.count; i++)
		if (rule_has(&lists->others.rules[i], key, zone))
			found = &lists->others.rules[i];
	return found;
}

struct access_verdict access_decide(struct access *access, const struct addr *addr)
{
	const struct access_rule *rule = lists_find(&access->deny, addr);

	if (rule != NULL)
		return (struct access_verdict){ .option = (enum access_option)rule->option,
						.rule = text_at(access, rule->text) };
	if (access->allow.is_given && lists_find(&access->allow, addr) == NULL)
		return (struct access_verdict){ .option = ACCESS_ALLOW };
	return (struct access_verdict){ .is_admitted = true };
}
