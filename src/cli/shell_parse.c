/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The language of the shell: see shell_parse.h. */
#include "cli/shell_parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"

#define VALUE_MAX ADDR_TEXT_MAX
#define SHOWN_MAX 64

/* A line being read. */
struct reader {
	const char *at, *end;
	const struct shell_values *values;
	struct buf word; /* the word under construction */
	char *error;
};

int shell_mistake(char *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, SHELL_ERROR_MAX, format, args);
	va_end(args);
	return -EINVAL;
}

const char *shell_shown(const struct shell_word *word, char *dst, size_t size)
{
	escape_c(word->text, word->len, dst, size);
	return dst;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* Letters of names: ASCII, whatever the locale. */
static bool is_name_byte(char byte, bool is_first)
{
	bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';

	return is_letter || (!is_first && byte >= '0' && byte <= '9');
}

bool shell_parse_is_name(const char *text)
{
	size_t len = 0;

	while (is_name_byte(text[len], len == 0))
		len++;
	return len > 0 && len < SHELL_NAME_MAX && text[len] == '\0';
}

/* How many of the bytes from at on make a name. */
static size_t name_len(const char *at, const char *end)
{
	size_t len = 0;

	while (at + len < end && is_name_byte(at[len], len == 0))
		len++;
	return len;
}

/* The member behind "$NAME.": "addr", "port", or NULL. */
static const char *find_member(const char *at, const char *end)
{
	static const char *const members[] = { "addr", "port" };
	size_t len = name_len(at, end);

	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		if (len == strlen(members[i]) && memcmp(at, members[i], len) == 0)
			return members[i];
	}
	return NULL;
}

/* A dollar sign: what it stands for, or itself. */
static int read_dollar(struct reader *rd)
{
	size_t len = name_len(rd->at + 1, rd->end);
	const char *dot = rd->at + 1 + len, *member = NULL;
	char name[SHELL_NAME_MAX], value[VALUE_MAX];

	if (len > 0 && dot < rd->end && *dot == '.')
		member = find_member(dot + 1, rd->end);
	if (member == NULL || rd->values == NULL) {
		buf_append(&rd->word, rd->at++, 1);
		return 0;
	}
	if (len >= sizeof(name))
		return shell_mistake(rd->error, _("a name has at most %d letters"), SHELL_NAME_MAX - 1);
	memcpy(name, rd->at + 1, len);
	name[len] = '\0';
	if (rd->values->find(rd->values->ctx, name, member, value, sizeof(value), rd->error) < 0)
		return -EINVAL;
	buf_append(&rd->word, value, strlen(value));
	rd->at = dot + 1 + strlen(member);
	return 0;
}

/* Digits of a number to a base, at most so many; -1 where there is none. */
static int read_digits(struct reader *rd, int base, int most)
{
	int value = 0, count = 0;

	for (; count < most && rd->at < rd->end; count++, rd->at++) {
		char digit = (char)tolower((unsigned char)*rd->at);
		int number = digit >= '0' && digit <= '9' ? digit - '0' :
			     digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : base;

		if (number >= base)
			break;
		value = value * base + number;
	}
	return count == 0 ? -1 : value;
}

/* What stands behind a backslash, as in C. */
static int read_escape(struct reader *rd)
{
	static const char letters[] = "nrtabfve\\\"'?$", bytes[] = "\n\r\t\a\b\f\v\033\\\"'?$";
	const char *letter;
	int value;
	char byte;

	if (++rd->at == rd->end)
		return shell_mistake(rd->error, _("the string has no closing quote"));
	letter = strchr(letters, *rd->at);
	if (*rd->at != '\0' && letter != NULL) {
		buf_append(&rd->word, &bytes[letter - letters], 1);
		rd->at++;
		return 0;
	}
	if (*rd->at == 'x') {
		rd->at++;
		value = read_digits(rd, 16, 2);
	} else {
		value = read_digits(rd, 8, 3);
	}
	if (value < 0 || value > UINT8_MAX)
		return shell_mistake(rd->error,
				     _("a backslash begins \\n \\r \\t \\\\ \\\" \\0 \\xNN or \\NNN (octal)"));
	byte = (char)value;
	buf_append(&rd->word, &byte, 1);
	return 0;
}

/* The inside of a string, from behind its opening quote to behind the closing one. */
static int read_string(struct reader *rd)
{
	int ret = 0;

	while (ret == 0 && rd->at < rd->end && *rd->at != '"') {
		if (*rd->at == '\\')
			ret = read_escape(rd);
		else if (*rd->at == '$')
			ret = read_dollar(rd);
		else
			buf_append(&rd->word, rd->at++, 1);
	}
	if (ret < 0)
		return ret;
	if (rd->at == rd->end)
		return shell_mistake(rd->error, _("the string has no closing quote"));
	rd->at++;
	if (rd->at < rd->end && !is_blank(*rd->at))
		return shell_mistake(rd->error, _("a blank has to follow the closing quote"));
	return 0;
}

/* What has been read so far, as a word; the reader begins anew. */
static char *take_text(struct reader *rd, size_t *len)
{
	size_t count = rd->word.len;
	char *text = xmalloc(count + 1);

	if (count > 0)
		memcpy(text, buf_peek(&rd->word), count);
	text[count] = '\0';
	*len = count;
	buf_clear(&rd->word);
	return text;
}

/* COUNT* in front of a quote. */
static int read_times(struct reader *rd, struct shell_word *word)
{
	char reason[PARSE_ERROR_MAX], shown[SHOWN_MAX];
	size_t len;
	char *text = take_text(rd, &len);
	int ret;

	if (len < 2 || text[len - 1] != '*') {
		escape_c(text, len, shown, sizeof(shown));
		free(text);
		return shell_mistake(rd->error, _("a quote in the middle of a word: a blank belongs between %s and it"),
			       shown);
	}
	text[len - 1] = '\0';
	ret = parse_size(text, _("the count of repeated data"), 1, SHELL_DATA_MAX, &word->times, reason);
	free(text);
	return ret < 0 ? shell_mistake(rd->error, "%s", reason) : 0;
}

/* One word. */
static int read_word(struct reader *rd, struct shell_word *word)
{
	int ret = 0;

	word->times = 1;
	while (ret == 0 && rd->at < rd->end && !is_blank(*rd->at) && *rd->at != '"') {
		if (*rd->at == '$')
			ret = read_dollar(rd);
		else
			buf_append(&rd->word, rd->at++, 1);
	}
	if (ret == 0 && rd->at < rd->end && *rd->at == '"') {
		word->is_quoted = true;
		if (rd->word.len > 0)
			ret = read_times(rd, word);
		rd->at++;
		if (ret == 0)
			ret = read_string(rd);
	}
	if (ret < 0)
		return ret;
	word->text = take_text(rd, &word->len);
	if (word->times > 1 && word->len > 0 && word->times > SHELL_DATA_MAX / word->len)
		return shell_mistake(rd->error, _("repeated data come to at most %zu bytes"), SHELL_DATA_MAX);
	return 0;
}

/* Is the word these letters, without quotes? */
static bool is_word(const struct shell_word *word, const char *letters)
{
	return !word->is_quoted && strcmp(word->text, letters) == 0 && word->len == strlen(letters);
}

/* Take words off the front. */
static void drop_words(struct shell_statement *statement, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(statement->words[i].text);
	statement->count -= count;
	memmove(statement->words, statement->words + count, statement->count * sizeof(statement->words[0]));
	memset(statement->words + statement->count, 0, count * sizeof(statement->words[0]));
}

/* "NAME = " in front, and "&" behind. "expect = 6" is no such thing. */
static int take_marks(struct shell_statement *statement, char *error)
{
	const struct shell_word *words = statement->words;
	char shown[SHOWN_MAX];

	if (statement->count >= 2 && is_word(&words[1], "=") && !is_word(&words[0], "expect")) {
		if (words[0].is_quoted || !shell_parse_is_name(words[0].text)) {
			shell_shown(&words[0], shown, sizeof(shown));
			return shell_mistake(error,
					_("\"%1$s\" is no name: letters, digits and _, no digit first, at most %2$d"),
				       shown, SHELL_NAME_MAX - 1);
		}
		if (statement->count == 2)
			return shell_mistake(error, _("what is %s to be? %s = socket KIND, or %s = accept LISTENER"),
				       words[0].text, words[0].text, words[0].text);
		memcpy(statement->target, words[0].text, words[0].len + 1);
		drop_words(statement, 2);
	}
	if (statement->count >= 2 && is_word(&statement->words[statement->count - 1], "&")) {
		statement->is_background = true;
		free(statement->words[--statement->count].text);
		statement->words[statement->count] = (struct shell_word){ .text = NULL };
	}
	return 0;
}

static int read_statement(struct shell_statement *statement, struct reader *rd)
{
	int ret = 0;

	statement->kind = SHELL_STATEMENT;
	for (;;) {
		while (rd->at < rd->end && is_blank(*rd->at))
			rd->at++;
		if (rd->at == rd->end)
			break;
		if (statement->count == SHELL_WORDS_MAX)
			return shell_mistake(rd->error, _("a statement has at most %d words"), SHELL_WORDS_MAX);
		ret = read_word(rd, &statement->words[statement->count]);
		if (statement->words[statement->count].text != NULL)
			statement->count++;
		if (ret < 0)
			break;
	}
	buf_clear(&rd->word);
	return ret < 0 ? ret : take_marks(statement, rd->error);
}

/* What a line that begins with # shows. */
static void read_narration(struct shell_statement *statement, const char *at, const char *end)
{
	statement->kind = SHELL_NARRATION;
	at++;
	if (at < end && (*at == '?' || *at == '='))
		statement->kind = *at++ == '?' ? SHELL_QUESTION : SHELL_ANSWER;
	if (at < end && *at == ' ')
		at++;
	statement->text = at;
	statement->text_len = (size_t)(end - at);
}

int shell_parse(struct shell_statement *statement, const char *line, size_t len, const struct shell_values *values,
		char *error)
{
	struct reader rd = { .at = line, .values = values, .error = error };

	*statement = (struct shell_statement){ .kind = SHELL_BLANK };
	if (len > 0 && line[len - 1] == '\r')
		len--;
	rd.end = line + len;
	if (len > SHELL_LINE_MAX)
		return shell_mistake(error, _("a line has at most %zu bytes"), SHELL_LINE_MAX);
	if (len > 0 && memchr(line, '\0', len) != NULL)
		return shell_mistake(error, _("there is a zero byte in the line: \\0 within quotes stands for one"));
	while (rd.at < rd.end && is_blank(*rd.at))
		rd.at++;
	if (rd.at == rd.end)
		return 0;
	if (*rd.at != '#')
		return read_statement(statement, &rd);
	read_narration(statement, rd.at, rd.end);
	return 0;
}

void shell_statement_clear(struct shell_statement *statement)
{
	for (size_t i = 0; i < statement->count; i++)
		free(statement->words[i].text);
	statement->count = 0;
}
