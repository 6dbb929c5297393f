/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of HTTP by hand. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/parse.h"
#include "cli/options_records.h"
#include "stream/http_fields.h"
#include "trace/names.h"

#define SHOWN_MAX 48

const struct option_record options_http[] = {
	[OPTION_HTTP - OPTION_FIRST_HTTP] = {
		.name = "http",
		.commands = LISTEN,
		.apply = apply_flag,
		.offset = FILLS(is_http),
		.help = N_("write out each HTTP request as it came, and answer it when it is whole"),
	},
	[OPTION_STATUS - OPTION_FIRST_HTTP] = {
		.name = "status",
		.argument = "N",
		.commands = LISTEN,
		.apply = apply_number,
		.offset = FILLS(http_status),
		.min = 200,
		.max = 599,
		.help = N_("the status of the answer (200)"),
		.topic = "http-message",
	},
	[OPTION_BODY - OPTION_FIRST_HTTP] = {
		.name = "body",
		.argument = "FILE|TEXT",
		.commands = LISTEN,
		.apply = apply_body,
		.help = N_("the body of the answer: the file of that name, or, if there is none, that text"),
	},
	[OPTION_KEEP_ALIVE - OPTION_FIRST_HTTP] = {
		.name = "keep-alive",
		.commands = LISTEN,
		.apply = apply_flag,
		.offset = FILLS(is_keep_alive),
		.help = N_("keep the connection for further requests where the client wants that"),
		.topic = "http-message",
	},
	[OPTION_HTTP_GET - OPTION_FIRST_HTTP] = {
		.name = "http-get",
		.argument = "PATH",
		.commands = CONNECT,
		.apply = apply_http_get,
		.help = N_("ask for PATH by HTTP, write out the whole reply, and end"),
		.topic = "http-message",
	},
	[OPTION_HEADER - OPTION_FIRST_HTTP] = {
		.name = "header",
		.argument = "NAME:VALUE",
		.commands = BOTH,
		.apply = apply_header,
		.help = N_("one more field of the head, or another value for one (repeatable)"),
		.topic = "http-message",
	},
};

static_assert(ARRAY_LEN(options_http) == OPTION_END_HTTP - OPTION_FIRST_HTTP, "a record for each id");

/* Is it a file that can be read? Returns 0, or -EINVAL with why not in error. */
static int check_file(const struct option_record *record, const char *path, char *error)
{
	char name[32], shown[SHOWN_MAX];
	struct stat stat_of;
	int why = 0;

	if (stat(path, &stat_of) == -1 || access(path, R_OK) == -1)
		why = errno;
	else if (S_ISDIR(stat_of.st_mode))
		why = EISDIR;
	escape_c(path, strlen(path), shown, sizeof(shown));
	if (why != 0)
		snprintf(error, PARSE_ERROR_MAX, _("--%1$s: %2$s: %3$s (%4$s)"), record->name, shown, strerror(why),
			 name_errno(why, name, sizeof(name)));
	else if (!S_ISREG(stat_of.st_mode))
		snprintf(error, PARSE_ERROR_MAX,
			 _("--%1$s: %2$s is no regular file, and each answer has to read it anew"), record->name,
			 shown);
	else
		return 0;
	return -EINVAL;
}

/* @FILE, =TEXT; else the name of a file, where there is one, or a text. */
int apply_body(struct options *options, const struct option_record *record, const char *argument,
	       char *error)
{
	bool is_file = argument[0] == '@' || (argument[0] != '=' && argument[0] != '\0' && access(argument, F_OK) == 0);
	const char *rest = argument[0] == '@' || argument[0] == '=' ? argument + 1 : argument;

	if (is_file && check_file(record, rest, error) < 0)
		return -EINVAL;
	options->body_file = is_file ? rest : NULL;
	options->body_text = is_file ? NULL : rest;
	return 0;
}

int apply_header(struct options *options, const struct option_record *record, const char *argument,
		 char *error)
{
	char shown[SHOWN_MAX];
	struct http_field field;

	if (options->header_count == OPTIONS_HEADERS_MAX) {
		snprintf(error, PARSE_ERROR_MAX, _("--%1$s is given more than %2$d times"), record->name,
			 OPTIONS_HEADERS_MAX);
		return -ERANGE;
	}
	if (!http_field_split(argument, &field)) {
		escape_c(argument, strlen(argument), shown, sizeof(shown));
		snprintf(error, PARSE_ERROR_MAX, _("--%1$s is NAME:VALUE in one line, not \"%2$s\""), record->name,
			 shown);
		return -EINVAL;
	}
	options->headers[options->header_count++] = argument;
	return 0;
}

/* A path, or a whole URL, as a proxy is asked for. */
int apply_http_get(struct options *options, const struct option_record *record, const char *argument,
		   char *error)
{
	char shown[SHOWN_MAX];

	if ((argument[0] != '/' && strstr(argument, "://") == NULL) || !http_is_value(argument, strlen(argument)) ||
	    strpbrk(argument, " \t#") != NULL) {
		escape_c(argument, strlen(argument), shown, sizeof(shown));
		snprintf(error, PARSE_ERROR_MAX,
			 _("--%1$s is a path as /a/b?c=d (a blank is written %%20, a # %%23), not \"%2$s\""),
			 record->name, shown);
		return -EINVAL;
	}
	options->http_get = argument;
	return 0;
}
