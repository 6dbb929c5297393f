/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The language of the shell, a line at a time: narration, or a statement of words. Pure: knows neither which
 * statements
 * there are nor what they do; what $NAME.addr and $NAME.port stand for it asks its caller.
 */
#ifndef SOCKT_CLI_SHELL_PARSE_H
#define SOCKT_CLI_SHELL_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHELL_LINE_MAX ((size_t)64 * 1024)
#define SHELL_WORDS_MAX 64
#define SHELL_NAME_MAX 32       /* room for the name of a socket */
#define SHELL_ERROR_MAX 512
#define SHELL_DATA_MAX ((size_t)16 << 20) /* bytes that repeated data (64k*"x") come to */

enum shell_line_kind {
	SHELL_BLANK = 0,
	SHELL_NARRATION, /* "# text" */
	SHELL_QUESTION,  /* "#? text" */
	SHELL_ANSWER,    /* "#= text" */
	SHELL_STATEMENT,
};

/* A word of a statement. */
struct shell_word {
	char *text;      /* owned, decoded, ended by NUL beside those that it may hold */
	size_t len;
	bool is_quoted;
	uint64_t times;  /* of COUNT*"data": COUNT; else 1 */
};

struct shell_statement {
	enum shell_line_kind kind;
	const char *text;  /* of what is shown: the text, within the line; else NULL */
	size_t text_len;
	char target[SHELL_NAME_MAX]; /* of NAME = ...: NAME; else "" */
	struct shell_word words[SHELL_WORDS_MAX]; /* the first says what is to be done */
	size_t count;
	bool is_background; /* " &" stood at the end */
};

/* What stands for values of sockets. */
struct shell_values {
	/*
	 * Write what $NAME.MEMBER (MEMBER: "addr" or "port") is into dst, ended by NUL. Returns 0, or -EINVAL with a
	 * sentence in error (SHELL_ERROR_MAX bytes).
	 */
	int (*find)(void *ctx, const char *name, const char *member, char *dst, size_t size, char *error);
	void *ctx;
};

/*
 * Read one line of len bytes, without its newline; a CR at its end counts nothing.
 *   values  NULL: $NAME.port stays as it is
 * Returns 0, or -EINVAL with a sentence in error (SHELL_ERROR_MAX bytes; without the number of the line). In
 * both cases shell_statement_clear() is due.
 */
int shell_parse(struct shell_statement *statement, const char *line, size_t len, const struct shell_values *values,
		char *error);
void shell_statement_clear(struct shell_statement *statement);

/* A sentence into error (SHELL_ERROR_MAX bytes). Returns -EINVAL. */
int shell_mistake(char *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A word as it may be shown. Returns dst. */
const char *shell_shown(const struct shell_word *word, char *dst, size_t size);

/* May a socket be called so? Letters, digits and _, no digit first, fewer than SHELL_NAME_MAX. */
bool shell_parse_is_name(const char *text);

#endif
