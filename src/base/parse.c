/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers as people type them. Pure. */
#include "base/parse.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/util.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* How much of the text an error shows. */
#define SHOWN_MAX 40

/* The most decimals of a time: with six the value in nanoseconds fits into 64 bits for every unit. */
#define DECIMALS_MAX 6
#define DECIMALS_SCALE 1000000

/* The most decimals of a probability. */
#define CHANCE_DECIMALS_MAX 9

#define DURATION_MAX (365 * 24 * 3600 * NS_PER_S)

/* A text that is being read, and what an error has to say of it. */
struct source {
	const char *text;
	const char *what; /* NULL: not named */
	char *error;	  /* NULL: not wanted */
};

/* Begin an error with what the text is and the text itself: in quotes, or bare where it is a number. Cuts long ones. */
static void begin_error(const struct source *source, bool is_quoted, struct text *line)
{
	char shown[SHOWN_MAX + 1];
	size_t len = strlen(source->text);
	size_t done = escape_c(source->text, len, shown, sizeof(shown));

	text_init(line, source->error, PARSE_ERROR_MAX);
	if (source->what != NULL)
		text_addf(line, "%.48s ", source->what);
	text_addf(line, is_quoted ? "\"%s%s\" " : "%s%s ", shown, done < len ? "..." : "");
}

/* Fill the error with a sentence of why the text has not the form; returns -EINVAL. */
static int fail_form(const struct source *source, const char *sentence)
{
	struct text line;

	if (source->error == NULL)
		return -EINVAL;
	begin_error(source, true, &line);
	text_add(&line, sentence);
	return -EINVAL;
}

/* Fill the error for a text that starts with a zero too many; returns -EINVAL. */
static int fail_leading_zero(const struct source *source)
{
	const char *rest = source->text;
	char shown[SHOWN_MAX + 1];
	struct text line;

	if (source->error == NULL)
		return -EINVAL;
	while (rest[0] == '0' && isdigit((unsigned char)rest[1]))
		rest++;
	escape_c(rest, strlen(rest), shown, sizeof(shown));
	begin_error(source, true, &line);
	text_addf(&line, _("has a leading zero: write %s"), shown);
	return -EINVAL;
}

/* Fill the error for a value outside of min..max, both in words; returns -ERANGE. */
static int fail_range(const struct source *source, const char *min, const char *max)
{
	struct text line;

	if (source->error == NULL)
		return -ERANGE;
	begin_error(source, false, &line);
	text_addf(&line, _("is out of range (%1$s-%2$s)"), min, max);
	return -ERANGE;
}

/* Does the text have a zero before another digit? */
static bool has_leading_zero(const char *text)
{
	return text[0] == '0' && isdigit((unsigned char)text[1]);
}

/*
 * Read the digits at *text (at least one has to be there), at most max_digits of them, and step over them.
 * Values over UINT64_MAX become UINT64_MAX. Returns the number of digits; 0 where there is none or there are too many.
 */
static size_t read_digits(const char **text, size_t max_digits, uint64_t *value)
{
	size_t count = 0;

	*value = 0;
	for (; isdigit((unsigned char)**text); (*text)++) {
		uint64_t digit = (uint64_t)(**text - '0');
		if (++count > max_digits)
			return 0;
		if (__builtin_mul_overflow(*value, 10, value) || __builtin_add_overflow(*value, digit, value))
			*value = UINT64_MAX;
	}
	return count;
}

int parse_uint(const char *text, const char *what, uint64_t min, uint64_t max, uint64_t *value, char *error)
{
	struct source source = { text, what, error };
	const char *rest = text;
	char low[24], high[24], sentence[80];
	uint64_t number;

	snprintf(low, sizeof(low), "%" PRIu64, min);
	snprintf(high, sizeof(high), "%" PRIu64, max);
	if (read_digits(&rest, SIZE_MAX, &number) == 0 || *rest != '\0') {
		snprintf(sentence, sizeof(sentence), _("is not a number (%1$s-%2$s)"), low, high);
		return fail_form(&source, sentence);
	}
	if (has_leading_zero(text))
		return fail_leading_zero(&source);
	/* UINT64_MAX also stands for more than that; nobody means it. */
	if (number < min || number > max || number == UINT64_MAX)
		return fail_range(&source, low, high);
	*value = number;
	return 0;
}

/* Write a number of bytes with the largest unit that it is a multiple of. */
static void format_size(uint64_t bytes, char *dst, size_t size)
{
	static const struct {
		uint64_t unit;
		const char *letter;
	} units[] = {
		{ UINT64_C(1) << 30, "G" },
		{ UINT64_C(1) << 20, "M" },
		{ UINT64_C(1) << 10, "k" },
	};

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (bytes > 0 && bytes % units[i].unit == 0) {
			snprintf(dst, size, "%" PRIu64 "%s", bytes / units[i].unit, units[i].letter);
			return;
		}
	}
	snprintf(dst, size, "%" PRIu64, bytes);
}

/* The power of two that a letter behind a size means; -1 where it means none. */
static int size_shift(const char *suffix)
{
	static const char letters[] = "kKmMgG";
	const char *found;

	if (suffix[0] == '\0')
		return 0;
	found = strchr(letters, suffix[0]);
	if (found == NULL || suffix[1] != '\0')
		return -1;
	return (int)((found - letters) / 2 + 1) * 10;
}

int parse_size(const char *text, const char *what, uint64_t min, uint64_t max, uint64_t *value, char *error)
{
	struct source source = { text, what, error };
	const char *rest = text;
	char low[24], high[24];
	uint64_t number;

	size_t digits = read_digits(&rest, SIZE_MAX, &number);
	int shift = size_shift(rest);
	if (digits == 0 || shift == -1)
		return fail_form(&source, _("is not a size: write 4096, 64k, 1M or 2G"));
	if (has_leading_zero(text))
		return fail_leading_zero(&source);
	bool is_too_big = number == UINT64_MAX || number > UINT64_MAX >> shift;
	if (is_too_big || number << shift < min || number << shift > max) {
		format_size(min, low, sizeof(low));
		format_size(max, high, sizeof(high));
		return fail_range(&source, low, high);
	}
	*value = number << shift;
	return 0;
}

/* The nanoseconds of a unit of time, a bare number being seconds; 0 where it is none. */
static uint64_t duration_unit(const char *suffix)
{
	static const struct {
		const char *suffix;
		uint64_t ns;
	} units[] = {
		{ "", NS_PER_S },
		{ "ms", NS_PER_MS },
		{ "s", NS_PER_S },
		{ "m", 60 * NS_PER_S },
		{ "min", 60 * NS_PER_S },
		{ "h", 3600 * NS_PER_S },
	};

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (strcmp(suffix, units[i].suffix) == 0)
			return units[i].ns;
	}
	return 0;
}

/* Fill the error for a time that is a bare number; returns -EINVAL. */
static int fail_no_unit(const struct source *source)
{
	char shown[SHOWN_MAX + 1];
	struct text line;

	if (source->error == NULL)
		return -EINVAL;
	escape_c(source->text, strlen(source->text), shown, sizeof(shown));
	begin_error(source, true, &line);
	text_addf(&line, _("has no unit: write %1$sms, %1$ss, %1$smin or %1$sh"), shown);
	return -EINVAL;
}

int parse_duration_with_unit(const char *text, const char *what, uint64_t *ns, char *error)
{
	struct source source = { text, what, error };
	uint64_t value;
	int ret = parse_duration(text, what, &value, error);

	if (ret != -EINVAL && isdigit((unsigned char)text[strlen(text) - 1]))
		return fail_no_unit(&source);
	if (ret == 0)
		*ns = value;
	return ret;
}

int parse_duration(const char *text, const char *what, uint64_t *ns, char *error)
{
	struct source source = { text, what, error };
	const char *rest = text;
	uint64_t whole, decimals = 0, scale = DECIMALS_SCALE;

	bool is_form = read_digits(&rest, SIZE_MAX, &whole) > 0;
	if (is_form && *rest == '.') {
		rest++;
		size_t digits = read_digits(&rest, DECIMALS_MAX, &decimals);
		is_form = digits > 0;
		for (; digits > 0; digits--)
			scale /= 10;
		decimals *= scale;
	}
	uint64_t unit = is_form ? duration_unit(rest) : 0;
	if (unit == 0)
		return fail_form(&source, _("is not a time: write 5s, 250ms, 2m or 1h"));
	if (has_leading_zero(text))
		return fail_leading_zero(&source);
	if (whole > DURATION_MAX / unit)
		return fail_range(&source, "0", "8760h");
	uint64_t total = whole * unit + decimals * unit / DECIMALS_SCALE;
	if (total > DURATION_MAX)
		return fail_range(&source, "0", "8760h");
	*ns = total;
	return 0;
}

int parse_probability(const char *text, const char *what, double *value, char *error)
{
	struct source source = { text, what, error };
	const char *rest = text;
	uint64_t whole, decimals = 0, scale = 1;

	bool is_form = read_digits(&rest, SIZE_MAX, &whole) > 0;
	if (is_form && *rest == '.') {
		rest++;
		size_t digits = read_digits(&rest, CHANCE_DECIMALS_MAX, &decimals);
		is_form = digits > 0;
		for (; digits > 0; digits--)
			scale *= 10;
	}
	if (!is_form || *rest != '\0')
		return fail_form(&source, _("is not a probability: write a number from 0 to 1, as 0.05"));
	if (has_leading_zero(text))
		return fail_leading_zero(&source);
	if (whole > 1 || (whole == 1 && decimals > 0))
		return fail_range(&source, "0", "1");
	*value = (double)whole + (double)decimals / (double)scale;
	return 0;
}

int parse_port(const char *text, uint16_t min, uint16_t *port, char *error)
{
	uint64_t number;

	int ret = parse_uint(text, _("port"), min, UINT16_MAX, &number, error);
	if (ret == 0)
		*port = (uint16_t)number;
	return ret;
}

/* Write value / scale (a power of ten) with as many decimals as it needs. */
static void format_decimal(uint64_t value, uint64_t scale, char *dst, size_t size)
{
	struct text text;

	text_init(&text, dst, size);
	text_addf(&text, "%" PRIu64, value / scale);
	uint64_t rest = value % scale;
	if (rest > 0)
		text_add(&text, ".");
	while (rest > 0) {
		scale /= 10;
		text_addf(&text, "%" PRIu64, rest / scale);
		rest %= scale;
	}
}

const char *parse_format_duration(uint64_t ns, char *dst, size_t size)
{
	static const struct {
		uint64_t ns;
		const char *sentence;
	} units[] = {
		{ 3600 * NS_PER_S, N_("%s h") },
		{ 60 * NS_PER_S, N_("%s min") },
		{ NS_PER_S, N_("%s s") },
		{ NS_PER_MS, N_("%s ms") },
	};
	char number[40];
	struct text text;

	/* Hours and minutes only where they come out even; fractions of a second are milliseconds. */
	size_t i = ns == 0 ? 2 : 0;
	while ((i < 2 && ns % units[i].ns != 0) || (i == 2 && ns > 0 && ns < NS_PER_S))
		i++;
	format_decimal(ns, units[i].ns, number, sizeof(number));
	text_init(&text, dst, size);
	text_addf(&text, _(units[i].sentence), number);
	return dst;
}
