/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values of socket options: see sockopt_value.h. Those that name groups and interfaces are in sockopt_group.c. */
#include "endpoint/sockopt_value.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/time.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "endpoint/sockopt_group.h"

#define SHOWN_MAX 60
#define NAME_LEN_MAX 15 /* of an interface or an algorithm: IFNAMSIZ, TCP_CA_NAME_MAX */

/* What is read, and for whom. */
struct asked {
	const struct sockopt *option;
	const char *what, *text;
	bool is_free;
};

static void set_number(struct sockopt_value *value, int64_t number)
{
	/* Where it may be above INT_MAX it has no sign. */
	value->number = (int)(uint32_t)number;
	value->len = sizeof(value->number);
}

bool sockopt_is_truth(const char *text, bool *is_on)
{
	static const struct {
		const char *word;
		bool is_on;
	} words[] = {
		{ "1", true }, { "on", true }, { "yes", true }, { "0", false }, { "off", false }, { "no", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(words[i].word, text) == 0) {
			*is_on = words[i].is_on;
			return true;
		}
	}
	return false;
}

/* Any int: on and off are 1 and 0, 64k is a size. */
static int parse_free(const struct asked *asked, struct sockopt_value *value, char *error)
{
	bool is_negative = asked->text[0] == '-', is_on;
	uint64_t number;
	int ret;

	if (sockopt_is_truth(asked->text, &is_on)) {
		set_number(value, is_on);
		return 0;
	}
	ret = parse_size(asked->text + is_negative, asked->what, 0, INT_MAX, &number, error);
	if (ret == 0)
		set_number(value, is_negative ? -(int64_t)number : (int64_t)number);
	return ret;
}

static int parse_bool(const struct asked *asked, struct sockopt_value *value, char *error)
{
	char shown[SHOWN_MAX];
	bool is_on;

	if (asked->is_free)
		return parse_free(asked, value, error);
	if (sockopt_is_truth(asked->text, &is_on)) {
		set_number(value, is_on);
		return 0;
	}
	escape_c(asked->text, strlen(asked->text), shown, sizeof(shown));
	snprintf(error, PARSE_ERROR_MAX, _("%1$s is on or off (1 or 0), not \"%2$s\""), asked->what, shown);
	return -EINVAL;
}

/* 0x2a; marks are written so. Returns false where it is no such number. */
static bool read_hex(const char *text, uint64_t *number)
{
	char *end;

	if (text[0] != '0' || (text[1] != 'x' && text[1] != 'X') || !isxdigit((unsigned char)text[2]) ||
	    strlen(text) > 2 + 2 * sizeof(*number))
		return false;
	*number = strtoull(text, &end, 16);
	return *end == '\0';
}

/* A number that may be negative, within min..max. */
static int parse_signed(const char *what, const char *text, int64_t min, int64_t max, int64_t *result, char *error)
{
	uint64_t number;
	int ret = 0;

	if (text[0] == '-' && min < 0) {
		ret = parse_uint(text + 1, what, 0, (uint64_t)-min, &number, error);
		*result = ret < 0 ? 0 : -(int64_t)number;
		return ret;
	}
	if (!read_hex(text, &number))
		ret = parse_uint(text, what, min < 0 ? 0 : (uint64_t)min, (uint64_t)max, &number, error);
	else if (number > (uint64_t)max || (min > 0 && number < (uint64_t)min)) {
		snprintf(error, PARSE_ERROR_MAX, _("%1$s %2$s is out of range (%3$lld-%4$lld)"), what, text,
			 (long long)min, (long long)max);
		ret = -ERANGE;
	}
	*result = ret < 0 ? 0 : (int64_t)number;
	return ret;
}

static int parse_int(const struct asked *asked, struct sockopt_value *value, char *error)
{
	int64_t number;
	int ret;

	if (asked->is_free)
		return parse_free(asked, value, error);
	ret = parse_signed(asked->what, asked->text, asked->option->min, asked->option->max, &number, error);
	if (ret == 0)
		set_number(value, number);
	return ret;
}

static int parse_bytes_size(const struct asked *asked, struct sockopt_value *value, char *error)
{
	uint64_t number;
	int ret;

	if (asked->is_free)
		return parse_free(asked, value, error);
	ret = parse_size(asked->text, asked->what, (uint64_t)asked->option->min, (uint64_t)asked->option->max, &number,
			 error);
	if (ret == 0)
		set_number(value, (int64_t)number);
	return ret;
}

static int parse_rate(const struct asked *asked, struct sockopt_value *value, char *error)
{
	uint64_t number;
	int ret = parse_size(asked->text, asked->what, asked->is_free ? 0 : (uint64_t)asked->option->min,
			     (uint64_t)asked->option->max, &number, error);

	if (ret < 0)
		return ret;
	memcpy(value->bytes, &number, sizeof(number));
	value->len = sizeof(number);
	return 0;
}

/* A time in an int, of units of unit_ns. */
static int parse_units(const struct asked *asked, uint64_t unit_ns, const char *unit, struct sockopt_value *value,
		       char *error)
{
	int64_t min = asked->is_free ? 0 : asked->option->min;
	int64_t max = asked->is_free ? INT_MAX : asked->option->max;
	uint64_t ns;
	int ret;

	if (asked->is_free && asked->text[0] == '-')
		return parse_free(asked, value, error);
	ret = parse_duration(asked->text, asked->what, &ns, error);
	if (ret < 0)
		return ret;
	if (ns % unit_ns != 0) {
		snprintf(error, PARSE_ERROR_MAX,
			 unit_ns == NS_PER_S ? _("%s counts in whole seconds") : _("%s counts in whole milliseconds"),
			 asked->what);
		return -EINVAL;
	}
	if (ns / unit_ns > (uint64_t)max || ns / unit_ns < (uint64_t)min) {
		snprintf(error, PARSE_ERROR_MAX, _("%1$s %2$s is out of range (%3$lld%5$s-%4$lld%5$s)"), asked->what,
			 asked->text, (long long)min, (long long)max, unit);
		return -ERANGE;
	}
	set_number(value, (int64_t)(ns / unit_ns));
	return 0;
}

static int parse_seconds(const struct asked *asked, struct sockopt_value *value, char *error)
{
	return parse_units(asked, NS_PER_S, "s", value, error);
}

static int parse_ms(const struct asked *asked, struct sockopt_value *value, char *error)
{
	return parse_units(asked, NS_PER_MS, "ms", value, error);
}

static int parse_time(const struct asked *asked, struct sockopt_value *value, char *error)
{
	struct timeval time;
	uint64_t ns;
	int ret = parse_duration(asked->text, asked->what, &ns, error);

	if (ret < 0)
		return ret;
	time.tv_sec = (time_t)(ns / NS_PER_S);
	time.tv_usec = (suseconds_t)(ns % NS_PER_S / NS_PER_US);
	memcpy(value->bytes, &time, sizeof(time));
	value->len = sizeof(time);
	return 0;
}

static int parse_linger(const struct asked *asked, struct sockopt_value *value, char *error)
{
	struct linger linger = { .l_onoff = 0 };
	uint64_t ns = 0;
	int ret;

	if (strcmp(asked->text, "off") != 0) {
		ret = parse_duration(asked->text, asked->what, &ns, error);
		if (ret < 0)
			return ret;
		if (ns % NS_PER_S != 0) {
			snprintf(error, PARSE_ERROR_MAX, _("%s counts in whole seconds"), asked->what);
			return -EINVAL;
		}
		linger.l_onoff = 1;
		linger.l_linger = (int)(ns / NS_PER_S);
	}
	memcpy(value->bytes, &linger, sizeof(linger));
	value->len = sizeof(linger);
	return 0;
}

static int parse_word(const struct asked *asked, struct sockopt_value *value, char *error)
{
	size_t len = strlen(asked->text);
	char shown[SHOWN_MAX];

	if (len == 0 || len > NAME_LEN_MAX) {
		escape_c(asked->text, len, shown, sizeof(shown));
		snprintf(error, PARSE_ERROR_MAX, _("%1$s is a word of at most %2$d letters, not \"%3$s\""), asked->what,
			 NAME_LEN_MAX, shown);
		return -EINVAL;
	}
	memcpy(value->bytes, asked->text, len + 1);
	value->len = (socklen_t)len;
	return 0;
}

/* RFC 2474, RFC 2597, RFC 3246, RFC 5865, RFC 8622: the class by its name. Returns -1 where there is none. */
static int dscp_named(const char *text)
{
	static const struct {
		const char *name;
		int dscp;
	} names[] = {
		{ "BE", 0 },	{ "LE", 1 },	{ "CS0", 0 },	{ "CS1", 8 },	{ "CS2", 16 },	{ "CS3", 24 },
		{ "CS4", 32 },	{ "CS5", 40 },	{ "CS6", 48 },	{ "CS7", 56 },	{ "AF11", 10 }, { "AF12", 12 },
		{ "AF13", 14 }, { "AF21", 18 }, { "AF22", 20 }, { "AF23", 22 }, { "AF31", 26 }, { "AF32", 28 },
		{ "AF33", 30 }, { "AF41", 34 }, { "AF42", 36 }, { "AF43", 38 }, { "VA", 44 },	{ "EF", 46 },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcasecmp(names[i].name, text) == 0)
			return names[i].dscp;
	return -1;
}

static int parse_dscp(const struct asked *asked, struct sockopt_value *value, char *error)
{
	int64_t number = dscp_named(asked->text);
	char shown[SHOWN_MAX];
	int ret = 0;

	if (number == -1 && !isdigit((unsigned char)asked->text[0])) {
		escape_c(asked->text, strlen(asked->text), shown, sizeof(shown));
		snprintf(error, PARSE_ERROR_MAX, _("%1$s is a class (CS1, AF21, EF) or 0 to 63, not \"%2$s\""),
			 asked->what, shown);
		return -EINVAL;
	}
	if (number == -1)
		ret = parse_signed(asked->what, asked->text, 0, asked->option->max, &number, error);
	if (ret == 0)
		set_number(value, number << 2);
	return ret;
}

static int hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* x00ff */
static int parse_hex(const char *what, const char *text, struct sockopt_value *value, char *error)
{
	size_t digits = text[0] == 'x' ? strlen(text + 1) : 0;

	if (text[0] != 'x' || digits % 2 != 0 || digits > 2 * sizeof(value->bytes) ||
	    strspn(text + 1, "0123456789abcdefABCDEF") != digits) {
		snprintf(error, PARSE_ERROR_MAX,
			 _("%1$s is bytes, as x00ff: x and two hexadecimal digits for each, %2$zu bytes at most"), what,
			 sizeof(value->bytes));
		return -EINVAL;
	}
	for (size_t i = 0; i < digits; i += 2)
		value->bytes[i / 2] = (unsigned char)(hex_digit(text[1 + i]) << 4 | hex_digit(text[2 + i]));
	value->len = (socklen_t)(digits / 2);
	return 0;
}

static int parse_bytes(const struct asked *asked, struct sockopt_value *value, char *error)
{
	return parse_hex(asked->what, asked->text, value, error);
}

static int parse_index(const struct asked *asked, struct sockopt_value *value, char *error)
{
	return sockopt_group_parse_index(asked->what, asked->text, asked->option->type == SOCKOPT_INDEX_BE, value,
					 error);
}

static int parse_sender(const struct asked *asked, struct sockopt_value *value, char *error)
{
	return sockopt_group_parse_sender(asked->what, asked->text, value, error);
}

static int parse_group(const struct asked *asked, struct sockopt_value *value, char *error)
{
	return sockopt_group_parse(asked->what, asked->text, asked->option->type == SOCKOPT_GROUP6 ? AF_INET6 : AF_INET,
				   value, error);
}

int sockopt_parse(const struct sockopt *option, const char *what, const char *text, bool is_free,
		  struct sockopt_value *value, char *error)
{
	static int (*const parsers[])(const struct asked *, struct sockopt_value *, char *) = {
		[SOCKOPT_INT] = parse_int,	   [SOCKOPT_BOOL] = parse_bool,
		[SOCKOPT_SIZE] = parse_bytes_size, [SOCKOPT_SECONDS] = parse_seconds,
		[SOCKOPT_MS] = parse_ms,	   [SOCKOPT_TIME] = parse_time,
		[SOCKOPT_LINGER] = parse_linger,   [SOCKOPT_WORD] = parse_word,
		[SOCKOPT_DSCP] = parse_dscp,	   [SOCKOPT_INDEX] = parse_index,
		[SOCKOPT_INDEX_BE] = parse_index,  [SOCKOPT_SENDER] = parse_sender,
		[SOCKOPT_GROUP] = parse_group,	   [SOCKOPT_GROUP6] = parse_group,
		[SOCKOPT_RATE] = parse_rate,	   [SOCKOPT_BYTES] = parse_bytes,
	};
	const struct asked asked = { option, what, text, is_free };

	*value = (struct sockopt_value){ .option = option, .level = option->level, .optname = option->optname };
	if (text == NULL && option->is_alone) {
		set_number(value, option->alone);
		return 0;
	}
	if (text == NULL) {
		snprintf(error, PARSE_ERROR_MAX, _("%1$s needs a value: %1$s%2$s"), what, sockopt_syntax(option));
		return -EINVAL;
	}
	return parsers[option->type](&asked, value, error);
}

int sockopt_parse_plain(const char *what, const char *text, struct sockopt_value *value, char *error)
{
	int64_t number;
	int ret;

	if (text == NULL) {
		snprintf(error, PARSE_ERROR_MAX, _("%1$s needs a value: %1$s=N or %1$s=x00ff"), what);
		return -EINVAL;
	}
	if (text[0] == 'x')
		return parse_hex(what, text, value, error);
	ret = parse_signed(what, text, INT_MIN, UINT_MAX, &number, error);
	if (ret == 0)
		set_number(value, number);
	return ret;
}
