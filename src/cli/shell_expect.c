/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statement `expect`: see shell_expect.h. */
#include "cli/shell_expect.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/near.h"
#include "base/parse.h"
#include "base/util.h"
#include "trace/names.h"

#define FACT_WAIT_NS (2 * NS_PER_S) /* for facts, where no TIME is given */
#define SHOWN_MAX 160
#define SHOWN_DATA ((size_t)48)

static const struct {
	const char *name;
	short event;
} poll_words[] = {
	{ "IN", POLLIN },   { "PRI", POLLPRI }, { "OUT", POLLOUT },
	{ "ERR", POLLERR }, { "HUP", POLLHUP }, { "RDHUP", POLLRDHUP },
};

const char *shell_expect_poll_words(short events, char *dst, size_t size)
{
	struct text text;

	text_init(&text, dst, size);
	for (size_t i = 0; i < ARRAY_LEN(poll_words); i++) {
		if ((events & poll_words[i].event) != 0)
			text_addf(&text, "%s%s", text.len > 0 ? "|" : "", poll_words[i].name);
	}
	if (text.len == 0)
		text_add(&text, "0");
	return dst;
}

void shell_result_clear(struct shell_result *result)
{
	free(result->data);
	*result = (struct shell_result){ .is_there = false };
}

/* A number, which may be negative. */
static int read_number(const struct shell_word *word, const char *what, int64_t *value, char *error)
{
	bool is_negative = word->text[0] == '-';
	char reason[PARSE_ERROR_MAX];
	uint64_t number;

	if (parse_uint(word->text + is_negative, what, 0, INT64_MAX, &number, reason) < 0)
		return shell_mistake(error, "%s", reason);
	*value = is_negative ? -(int64_t)number : (int64_t)number;
	return 0;
}

static int read_size(const struct shell_word *word, const char *what, int64_t *value, char *error)
{
	char reason[PARSE_ERROR_MAX];
	uint64_t number;

	if (parse_size(word->text, what, 0, UINT32_MAX, &number, reason) < 0)
		return shell_mistake(error, "%s", reason);
	*value = (int64_t)number;
	return 0;
}

static const char *const compare_words[] = {
	[COMPARE_EQUAL] = "=", [COMPARE_UNEQUAL] = "!=",      [COMPARE_LESS] = "<",
	[COMPARE_MORE] = ">",  [COMPARE_LESS_OR_EQUAL] = "<=", [COMPARE_MORE_OR_EQUAL] = ">=",
};

/* Which comparison the word is; false: none. */
static bool find_compare(const struct shell_word *word, enum shell_compare *compare)
{
	for (size_t i = 0; i < ARRAY_LEN(compare_words); i++) {
		if (word->is_quoted || strcmp(compare_words[i], word->text) != 0)
			continue;
		*compare = (enum shell_compare)i;
		return true;
	}
	return false;
}

static int parse_number(const struct shell_word *args, struct shell_expectation *wanted, char *error)
{
	char what[32];

	find_compare(&args[0], &wanted->compare);
	snprintf(what, sizeof(what), "expect %s", args[0].text);
	if (args[1].text[0] == '-')
		return read_number(&args[1], what, &wanted->number, error);
	return read_size(&args[1], what, &wanted->number, error);
}

static int parse_data(const struct shell_word *args, struct shell_expectation *wanted, char *error)
{
	if (!args[1].is_quoted)
		return shell_mistake(error, _("data stand in quotes: expect data \"hello\""));
	wanted->word = &args[1];
	return 0;
}

static int parse_within(const struct shell_word *args, struct shell_expectation *wanted, char *error)
{
	char reason[PARSE_ERROR_MAX], what[32];

	snprintf(what, sizeof(what), "expect %s", args[0].text);
	if (parse_duration(args[1].text, what, &wanted->within_ns, reason) < 0)
		return shell_mistake(error, "%s", reason);
	return 0;
}

static int parse_from(const struct shell_word *args, struct shell_expectation *wanted, char *error)
{
	(void)error;
	wanted->word = &args[1];
	return 0;
}

/* The word names a socket: as far as its letters go. */
static int read_name(const struct shell_word *word, const char **name, char *error)
{
	char dst[SHOWN_MAX];

	if (!shell_parse_is_name(word->text))
		return shell_mistake(error, _("\"%s\" is no name of a socket"), shell_shown(word, dst, sizeof(dst)));
	*name = word->text;
	return 0;
}

static int parse_poll(const struct shell_word *args, struct shell_expectation *wanted, char *error)
{
	const char *at = args[2].text;
	char dst[SHOWN_MAX];

	if (read_name(&args[1], &wanted->name, error) < 0)
		return -EINVAL;
	if (strcmp(at, "0") == 0)
		return 0;
	while (*at != '\0') {
		size_t len = strcspn(at, "|"), i = 0;

		while (i < ARRAY_LEN(poll_words) &&
		       (strlen(poll_words[i].name) != len || strncasecmp(poll_words[i].name, at, len) != 0))
			i++;
		if (i == ARRAY_LEN(poll_words))
			return shell_mistake(error,
					     _("\"%s\" is nothing that poll tells: IN, PRI, OUT, ERR, HUP, RDHUP"),
				       shell_shown(&args[2], dst, sizeof(dst)));
		wanted->number |= poll_words[i].event;
		at += len + (at[len] == '|');
	}
	return 0;
}

static int parse_option(const struct shell_word *args, struct shell_expectation *wanted, char *error)
{
	char reason[SHELL_ERROR_MAX];

	(void)error;
	wanted->word = &args[1];
	/* It may be a word: "cubic". */
	if (read_number(&args[1], "expect option", &wanted->number, reason) == 0)
		wanted->word = NULL;
	return 0;
}

static int parse_state(const struct shell_word *args, struct shell_expectation *wanted, char *error)
{
	char dst[SHOWN_MAX];
	long state;

	if (read_name(&args[1], &wanted->name, error) < 0)
		return -EINVAL;
	if (strcmp(args[2].text, "gone") == 0)
		wanted->number = SHELL_STATE_GONE;
	else if (strcmp(args[2].text, "CLOSED") == 0 && name_value(&names_tcp_state, "CLOSE", &state))
		wanted->number = state;
	else if (name_value(&names_tcp_state, args[2].text, &state))
		wanted->number = state;
	else
		return shell_mistake(error,
				_("\"%s\" is no state: LISTEN, SYN_SENT, ESTABLISHED, CLOSE_WAIT, TIME_WAIT, "
						"..., or gone"),
			       shell_shown(&args[2], dst, sizeof(dst)));
	return 0;
}

static int parse_queue(const struct shell_word *args, struct shell_expectation *wanted, char *error)
{
	if (read_name(&args[1], &wanted->name, error) < 0)
		return -EINVAL;
	return read_size(&args[2], args[0].text, &wanted->number, error);
}

static int parse_waits(const struct shell_word *args, struct shell_expectation *wanted, char *error)
{
	(void)error;
	wanted->name = args[1].text;
	wanted->number = true;
	wanted->within_ns = 0;
	return 0;
}

/* What may stand behind `expect`, and how many words it has with it. A fact may have "within TIME" behind them. */
static const struct form {
	const char *word;
	size_t count;
	int (*parse)(const struct shell_word *args, struct shell_expectation *wanted, char *error);
	const char *usage;
} forms[] = {
	[EXPECT_NUMBER] = { "=", 2, parse_number, "expect = N (or with <, >, <=, >=, !=)" },
	[EXPECT_DATA] = { "data", 2, parse_data, "expect data \"...\"" },
	[EXPECT_ERRNO] = { NULL, 1, NULL, "expect ERRNO" },
	[EXPECT_TIME] = { "within", 2, parse_within, "expect within TIME" },
	[EXPECT_AFTER] = { "after", 2, parse_within, "expect after TIME" },
	[EXPECT_FROM] = { "from", 2, parse_from, "expect from NAME|ADDRESS" },
	[EXPECT_ADDRESS] = { "address", 2, parse_from, "expect address NAME|ADDRESS" },
	[EXPECT_POLL] = { "poll", 3, parse_poll, "expect poll NAME IN|OUT|HUP|..." },
	[EXPECT_OPTION] = { "option", 2, parse_option, "expect option VALUE" },
	[EXPECT_STATE] = { "state", 3, parse_state, "expect state NAME STATE [within TIME]" },
	[EXPECT_QUEUE] = { "queue", 3, parse_queue, "expect queue NAME N [within TIME]" },
	[EXPECT_UNREAD] = { "unread", 3, parse_queue, "expect unread NAME N [within TIME]" },
	[EXPECT_UNACKED] = { "unacked", 3, parse_queue, "expect unacked NAME N [within TIME]" },
	[EXPECT_DROPS] = { "drops", 3, parse_queue, "expect drops NAME N [within TIME]" },
	[EXPECT_WAITS] = { "waits", 2, parse_waits, "expect waits NAME" },
};

/* Is the word what expectations of that kind begin with? */
static bool is_form(const struct shell_word *word, size_t kind)
{
	enum shell_compare compare;

	if (kind == EXPECT_NUMBER)
		return find_compare(word, &compare);
	return forms[kind].word != NULL && !word->is_quoted && strcmp(forms[kind].word, word->text) == 0;
}

bool shell_expect_is_outcome(const struct shell_statement *statement)
{
	return statement->count == 2 || (statement->count == 3 && strcmp(statement->words[1].text, "=") == 0);
}

bool shell_expect_is_fact(const struct shell_expectation *wanted)
{
	return wanted->kind >= EXPECT_STATE;
}

static const char *next_errno(const void *ctx, size_t i)
{
	(void)ctx;
	return name_at(&names_errno, i);
}

/* The word is none of the forms': an errno. */
static int parse_errno(const struct shell_word *word, struct shell_expectation *wanted, char *error)
{
	const char *nearest;
	char dst[SHOWN_MAX];
	long value;

	wanted->kind = EXPECT_ERRNO;
	if (!word->is_quoted && name_value(&names_errno, word->text, &value)) {
		wanted->number = value;
		return 0;
	}
	shell_shown(word, dst, sizeof(dst));
	if (word->text[0] == 'E' && near_find(dst, next_errno, NULL, &nearest, 1) == 1)
		return shell_mistake(error, _("expect: there is no errno %1$s; the nearest is %2$s"), dst, nearest);
	return shell_mistake(error,
			_("expect what? \"%s\" is neither an errno nor one of =, <, >, data, within, after, "
			  "from, address, poll, option, state, queue, unread, unacked, drops, waits"), dst);
}

int shell_expect_parse(const struct shell_statement *statement, struct shell_expectation *wanted, char *error)
{
	const struct shell_word *args = &statement->words[1];
	size_t count = statement->count - 1, kind = 0;

	*wanted = (struct shell_expectation){ .within_ns = FACT_WAIT_NS };
	if (count == 0)
		return shell_mistake(error,
				     _("expect what? as in: expect = 6, expect data \"hello\", expect ECONNREFUSED, "
					"expect state client ESTABLISHED"));
	while (kind < EXPECT_KIND_COUNT && !is_form(&args[0], kind))
		kind++;
	if (kind == EXPECT_KIND_COUNT) {
		if (parse_errno(&args[0], wanted, error) < 0)
			return -EINVAL;
		return count == 1 ? 0 : shell_mistake(error, _("one thing at a time: %s"), forms[EXPECT_ERRNO].usage);
	}
	wanted->kind = (enum shell_expect_kind)kind;
	if (shell_expect_is_fact(wanted) && count == forms[kind].count + 2 &&
	    strcmp(args[forms[kind].count].text, "within") == 0) {
		if (parse_within(&args[forms[kind].count], wanted, error) < 0)
			return -EINVAL;
		count -= 2;
	}
	if (count != forms[kind].count)
		return shell_mistake(error, _("it is written so: %s"), forms[kind].usage);
	return forms[kind].parse(args, wanted, error);
}
