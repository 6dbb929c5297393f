/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a call answered, against what an `expect` has expected of it: see shell_expect.h. */
#include "cli/shell_expect.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "trace/names.h"

#define SHOWN_MAX 160
#define SHOWN_DATA ((size_t)48)

/* What was expected and what came, into why. Returns false. */
static bool __attribute__((format(printf, 2, 3))) differs(char *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, SHELL_ERROR_MAX, format, args);
	va_end(args);
	return false;
}

/* "6", or "ECONNREFUSED": how the last call ended. */
static const char *outcome(const struct shell_result *result, char *dst, size_t size)
{
	char name[32];

	if (result->error != 0)
		snprintf(dst, size, "%s", name_errno(result->error, name, sizeof(name)));
	else
		snprintf(dst, size, "%" PRId64, result->value);
	return dst;
}

/* Data in quotes, cut where they are long. */
static void quote(const void *data, size_t len, char *dst, size_t size)
{
	size_t shown_len = len < SHOWN_DATA ? len : SHOWN_DATA;
	char escaped[4 * SHOWN_DATA + 1];

	escape_c(data, shown_len, escaped, sizeof(escaped));
	if (shown_len < len)
		snprintf(dst, size, _("\"%1$s\"... (%2$zu bytes)"), escaped, len);
	else
		snprintf(dst, size, "\"%s\"", escaped);
}

/* Are the data the word, so many times? */
static bool data_equal(const struct shell_result *result, const struct shell_word *word)
{
	if (result->data_len != word->len * word->times)
		return false;
	for (size_t at = 0; at < result->data_len; at += word->len) {
		if (memcmp(result->data + at, word->text, word->len) != 0)
			return false;
	}
	return true;
}

static bool data_hold(const struct shell_expectation *wanted, const struct shell_result *result, char *why)
{
	char want[4 * SHOWN_DATA + 48], came[4 * SHOWN_DATA + 48];

	if (result->has_data && data_equal(result, wanted->word))
		return true;
	quote(wanted->word->text, wanted->word->len, want, sizeof(want));
	if (result->has_data)
		quote(result->data, result->data_len, came, sizeof(came));
	else
		snprintf(came, sizeof(came), _("none: the last call was no recv that took any"));
	return differs(why, _("the data %1$s were expected, and what came is %2$s"), want, came);
}

static bool address_holds(const struct shell_result *result, const struct addr *addr, char *why)
{
	char want[ADDR_TEXT_MAX], came[ADDR_TEXT_MAX];

	if (result->has_address && addr_equal(&result->address, addr))
		return true;
	addr_format(addr, want, sizeof(want));
	if (!result->has_address)
		return differs(why, _("the address was to be %s, and the last call is no getsockname or getpeername "
				      "that told one"), want);
	return differs(why, _("the address was to be %1$s, and is %2$s"), want,
		       addr_format(&result->address, came, sizeof(came)));
}

static bool from_holds(const struct shell_result *result, const struct addr *from, char *why)
{
	char want[ADDR_TEXT_MAX], came[ADDR_TEXT_MAX];

	if (result->has_from && from != NULL && addr_equal(&result->from, from))
		return true;
	addr_format(from, want, sizeof(want));
	if (!result->has_from)
		return differs(why, _("it was to be from %s, and the last call tells no sender"), want);
	return differs(why, _("it was to be from %1$s, and is from %2$s"), want,
		       addr_format(&result->from, came, sizeof(came)));
}

/* All events that are expected have to be there; others may be; 0: none at all. */
static bool poll_holds(const struct shell_expectation *wanted, const struct shell_result *result, char *why)
{
	char want[64], came[64];
	short events = 0;
	size_t i = 0;

	while (i < result->poll_count && strcmp(result->polls[i].name, wanted->name) != 0)
		i++;
	if (i == result->poll_count)
		return differs(why, _("the last call was no poll of %s"), wanted->name);

	events = result->polls[i].events;
	if (wanted->number == 0 ? events == 0 : (events & wanted->number) == wanted->number)
		return true;
	return differs(why, _("poll was to say %1$s of %2$s, and said %3$s"),
		       shell_expect_poll_words((short)wanted->number, want, sizeof(want)), wanted->name,
		       shell_expect_poll_words(events, came, sizeof(came)));
}

static bool option_holds(const struct shell_expectation *wanted, const struct shell_result *result, char *why)
{
	char want[SHOWN_MAX], came[32];

	if (!result->has_option)
		return differs(why, _("the last call was no getsockopt that read a value"));

	if (wanted->word == NULL ? result->option_words[0] == '\0' && result->option == wanted->number
				 : strcmp(result->option_words, wanted->word->text) == 0)
		return true;
	if (wanted->word != NULL)
		escape_c(wanted->word->text, wanted->word->len, want, sizeof(want));
	else
		snprintf(want, sizeof(want), "%" PRId64, wanted->number);
	if (result->option_words[0] != '\0')
		snprintf(came, sizeof(came), "%s", result->option_words);
	else
		snprintf(came, sizeof(came), "%" PRId64, result->option);
	return differs(why, _("the option was to be %1$s, and is %2$s"), want, came);
}

static bool compare(int64_t value, enum shell_compare how, int64_t number)
{
	switch (how) {
	case COMPARE_EQUAL:
		return value == number;
	case COMPARE_UNEQUAL:
		return value != number;
	case COMPARE_LESS:
		return value < number;
	case COMPARE_LESS_OR_EQUAL:
		return value <= number;
	case COMPARE_MORE:
		return value > number;
	case COMPARE_MORE_OR_EQUAL:
		return value >= number;
	}
	return false;
}

static bool number_holds(const struct shell_expectation *wanted, const struct shell_result *result, char *why)
{
	char came[40];

	if (compare(result->value, wanted->compare, wanted->number))
		return true;
	outcome(result, came, sizeof(came));
	switch (wanted->compare) {
	case COMPARE_EQUAL:
		return differs(why, _("%1$s was to return %2$" PRId64 ", and returned %3$s"), result->call,
			       wanted->number, came);
	case COMPARE_UNEQUAL:
		return differs(why, _("%1$s was to return anything but %2$" PRId64 ", and returned it"), result->call,
			       wanted->number);
	case COMPARE_LESS:
		return differs(why, _("%1$s was to return less than %2$" PRId64 ", and returned %3$s"), result->call,
			       wanted->number, came);
	case COMPARE_LESS_OR_EQUAL:
		return differs(why, _("%1$s was to return %2$" PRId64 " at most, and returned %3$s"), result->call,
			       wanted->number, came);
	case COMPARE_MORE:
		return differs(why, _("%1$s was to return more than %2$" PRId64 ", and returned %3$s"), result->call,
			       wanted->number, came);
	case COMPARE_MORE_OR_EQUAL:
		return differs(why, _("%1$s was to return %2$" PRId64 " at least, and returned %3$s"), result->call,
			       wanted->number, came);
	}
	return false;
}

static bool errno_holds(const struct shell_expectation *wanted, const struct shell_result *result, char *why)
{
	char want[32], came[40];

	if (result->error == wanted->number)
		return true;
	return differs(why, _("%1$s was to fail with %2$s, and returned %3$s"), result->call,
		       name_errno((int)wanted->number, want, sizeof(want)), outcome(result, came, sizeof(came)));
}

static bool time_holds(const struct shell_expectation *wanted, const struct shell_result *result, char *why)
{
	bool is_after = wanted->kind == EXPECT_AFTER;
	char want[32], came[32];

	if (is_after ? result->dur_ns >= wanted->within_ns : result->dur_ns <= wanted->within_ns)
		return true;
	parse_format_duration(wanted->within_ns, want, sizeof(want));
	parse_format_duration(result->dur_ns / NS_PER_US * NS_PER_US, came, sizeof(came));
	if (is_after)
		return differs(why, _("%1$s was to take %2$s at least, and took %3$s"), result->call, want, came);
	return differs(why, _("%1$s was to take %2$s at most, and took %3$s"), result->call, want, came);
}

bool shell_expect_holds(const struct shell_expectation *wanted, const struct shell_result *result,
			const struct addr *addr, char *why)
{
	if (!result->is_there)
		return differs(why, _("there is no result yet to expect anything of"));

	switch (wanted->kind) {
	case EXPECT_NUMBER:
		return number_holds(wanted, result, why);
	case EXPECT_DATA:
		return data_hold(wanted, result, why);
	case EXPECT_ERRNO:
		return errno_holds(wanted, result, why);
	case EXPECT_TIME:
	case EXPECT_AFTER:
		return time_holds(wanted, result, why);
	case EXPECT_FROM:
		return from_holds(result, addr, why);
	case EXPECT_ADDRESS:
		return address_holds(result, addr, why);
	case EXPECT_POLL:
		return poll_holds(wanted, result, why);
	case EXPECT_OPTION:
		return option_holds(wanted, result, why);
	case EXPECT_STATE:
	case EXPECT_QUEUE:
	case EXPECT_UNREAD:
	case EXPECT_UNACKED:
	case EXPECT_DROPS:
	case EXPECT_WAITS:
	case EXPECT_KIND_COUNT:
		break;
	}
	return false;
}

bool shell_expect_fact_holds(const struct shell_expectation *wanted, int64_t now)
{
	return wanted->kind == EXPECT_DROPS ? now >= wanted->number : now == wanted->number;
}
