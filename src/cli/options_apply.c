/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How arguments of options become values. */
#include "cli/options_apply.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "stream/frame_layer.h"

#define SHOWN_MAX 48

/* "--name", to begin a message with. */
struct dashed {
	char text[40];
};

static struct dashed dashed(const struct option_record *record)
{
	struct dashed name;

	if (record->name != NULL)
		snprintf(name.text, sizeof(name.text), "--%s", record->name);
	else
		snprintf(name.text, sizeof(name.text), "-%c", record->letter);
	return name;
}

static void *member(struct options *options, const struct option_record *record)
{
	return (char *)options + record->offset;
}

int apply_flag(struct options *options, const struct option_record *record, const char *argument,
	       char *error)
{
	(void)argument;
	(void)error;
	*(bool *)member(options, record) = true;
	return 0;
}

int apply_count(struct options *options, const struct option_record *record, const char *argument,
		char *error)
{
	unsigned *count = member(options, record);

	(void)argument;
	(void)error;
	if (*count < record->max)
		(*count)++;
	return 0;
}

int apply_constant(struct options *options, const struct option_record *record,
		   const char *argument, char *error)
{
	(void)argument;
	(void)error;
	*(int *)member(options, record) = (int)record->min;
	return 0;
}

int apply_number(struct options *options, const struct option_record *record, const char *argument,
		 char *error)
{
	return parse_uint(argument, dashed(record).text, record->min, record->max,
			  member(options, record), error);
}

int apply_size(struct options *options, const struct option_record *record, const char *argument,
	       char *error)
{
	return parse_size(argument, dashed(record).text, record->min, record->max,
			  member(options, record), error);
}

int apply_int(struct options *options, const struct option_record *record, const char *argument,
	      char *error)
{
	uint64_t number;
	int ret =
		parse_uint(argument, dashed(record).text, record->min, record->max, &number, error);

	if (ret == 0)
		*(int *)member(options, record) = (int)number;
	return ret;
}

int apply_time(struct options *options, const struct option_record *record, const char *argument,
	       char *error)
{
	uint64_t ns;
	int ret = parse_duration(argument, dashed(record).text, &ns, error);

	if (ret < 0)
		return ret;
	if (ns < record->min) {
		snprintf(error, PARSE_ERROR_MAX,
			 _("%s 0 leaves no time at all; leave the option out to do without"),
			 dashed(record).text);
		return -ERANGE;
	}
	*(uint64_t *)member(options, record) = ns;
	return 0;
}

int apply_text(struct options *options, const struct option_record *record, const char *argument,
	       char *error)
{
	(void)error;
	*(const char **)member(options, record) = argument;
	return 0;
}

int apply_escape(struct options *options, const struct option_record *record, const char *argument,
		 char *error)
{
	char shown[SHOWN_MAX];

	if (strcmp(argument, "none") != 0 && (strlen(argument) != 1 || !ispunct((unsigned char)argument[0]))) {
		escape_c(argument, strlen(argument), shown, sizeof(shown));
		snprintf(error, PARSE_ERROR_MAX, _("%s is one punctuation mark, or none, not \"%s\""),
			 dashed(record).text, shown);
		return -EINVAL;
	}
	return apply_text(options, record, argument, error);
}

int apply_sockopt(struct options *options, const struct option_record *record, const char *argument,
		  char *error)
{
	if (options->sockopt_count == OPTIONS_SOCKOPTS_MAX) {
		snprintf(error, PARSE_ERROR_MAX, _("more than %d options of the socket are given"),
			 OPTIONS_SOCKOPTS_MAX);
		return -ERANGE;
	}
	options->sockopts[options->sockopt_count++] =
		(struct options_sockopt){ .record = record, .argument = argument };
	return 0;
}

int apply_fault(struct options *options, const struct option_record *record, const char *argument,
		char *error)
{
	if (options->fault_count == OPTIONS_FAULTS_MAX) {
		snprintf(error, PARSE_ERROR_MAX, _("%s is given more than %d times"), dashed(record).text,
			 OPTIONS_FAULTS_MAX);
		return -ERANGE;
	}
	options->faults[options->fault_count++] = argument;
	return 0;
}

int apply_word(struct options *options, const struct option_record *record, const char *argument,
	       char *error)
{
	char shown[SHOWN_MAX];
	struct text text;

	for (const struct option_word *word = record->words; word->word != NULL; word++) {
		if (strcmp(word->word, argument) == 0) {
			memcpy(member(options, record), &word->value, sizeof(word->value));
			return 0;
		}
	}
	escape_c(argument, strlen(argument), shown, sizeof(shown));
	text_init(&text, error, PARSE_ERROR_MAX);
	text_addf(&text, _("%s is one of %s, not \"%s\""), dashed(record).text, record->argument,
		  shown);
	return -EINVAL;
}

/* Only the first line of a message fits here; what is wrong is in it. */
int apply_source(struct options *options, const struct option_record *record, const char *argument,
		 char *error)
{
	char message[ENDPOINT_ERROR_MAX];
	struct endpoint_source source;

	if (endpoint_parse_source(&source, argument, dashed(record).text, message) < 0) {
		snprintf(error, PARSE_ERROR_MAX, "%.*s", (int)strcspn(message, "\n"), message);
		return -EINVAL;
	}
	options->source.addr = source.addr;
	memcpy(options->source.host, source.host, sizeof(source.host));
	/* -p may have come first. */
	if (source.port > 0 && options->source.port > 0 && source.port != options->source.port) {
		snprintf(error, PARSE_ERROR_MAX,
			 _("two different source ports are given: %u and %u"), options->source.port,
			 source.port);
		return -EINVAL;
	}
	if (source.port > 0)
		options->source.port = source.port;
	return 0;
}

int apply_source_port(struct options *options, const struct option_record *record,
		      const char *argument, char *error)
{
	uint64_t port;

	if (parse_uint(argument, dashed(record).text, record->min, record->max, &port, error) < 0)
		return -EINVAL;
	if (options->source.port > 0 && options->source.port != port) {
		snprintf(error, PARSE_ERROR_MAX,
			 _("two different source ports are given: %u and %u"), options->source.port,
			 (unsigned)port);
		return -EINVAL;
	}
	options->source.port = (uint16_t)port;
	options->has_source_port = true;
	return 0;
}

/* N|forever[,TIME] */
int apply_retry(struct options *options, const struct option_record *record, const char *argument,
		char *error)
{
	const char *comma = strchr(argument, ',');
	size_t len = comma == NULL ? strlen(argument) : (size_t)(comma - argument);
	char count[24];
	uint64_t retries, pause_ns = options->retry_pause_ns;

	if (len >= sizeof(count)) {
		snprintf(error, PARSE_ERROR_MAX, _("%s is a number or forever"),
			 dashed(record).text);
		return -EINVAL;
	}
	memcpy(count, argument, len);
	count[len] = '\0';
	if (strcmp(count, "forever") == 0)
		retries = OPTIONS_FOREVER;
	else if (parse_uint(count, dashed(record).text, record->min, record->max, &retries, error) <
		 0)
		return -EINVAL;
	if (comma != NULL && parse_duration(comma + 1, dashed(record).text, &pause_ns, error) < 0)
		return -EINVAL;
	if (pause_ns < NS_PER_MS) {
		snprintf(error, PARSE_ERROR_MAX,
			 _("%s: the pause between two attempts is at least 1ms"),
			 dashed(record).text);
		return -ERANGE;
	}
	options->retries = retries;
	options->retry_pause_ns = pause_ns;
	return 0;
}

/* read|line|SIZE */
int apply_datagram(struct options *options, const struct option_record *record,
		   const char *argument, char *error)
{
	uint64_t size;

	options->has_datagram = true;
	if (strcmp(argument, "read") == 0) {
		options->datagram = DATAGRAM_READ;
		return 0;
	}
	if (strcmp(argument, "line") == 0) {
		options->datagram = DATAGRAM_LINE;
		return 0;
	}
	if (argument[0] < '0' || argument[0] > '9') {
		char shown[SHOWN_MAX];

		escape_c(argument, strlen(argument), shown, sizeof(shown));
		snprintf(error, PARSE_ERROR_MAX,
			 _("%s is read, line or a number of bytes, not \"%s\""),
			 dashed(record).text, shown);
		return -EINVAL;
	}
	if (parse_size(argument, dashed(record).text, 1, FRAME_MAX_UDP, &size, error) < 0)
		return -EINVAL;
	options->datagram = DATAGRAM_SIZE;
	options->datagram_size = (uint32_t)size;
	return 0;
}

int apply_ready_fd(struct options *options, const struct option_record *record,
		   const char *argument, char *error)
{
	uint64_t number;
	int flags;

	if (parse_uint(argument, dashed(record).text, 0, INT_MAX, &number, error) < 0)
		return -EINVAL;
	if (number <= STDERR_FILENO) {
		snprintf(error, PARSE_ERROR_MAX,
			 _("%s %u: it is closed once the line is written, and %u is needed; take 3 "
			   "or more"),
			 dashed(record).text, (unsigned)number, (unsigned)number);
		return -EINVAL;
	}
	flags = fcntl((int)number, F_GETFL);
	if (flags == -1) {
		snprintf(error, PARSE_ERROR_MAX, _("%s %u: no such descriptor is open"),
			 dashed(record).text, (unsigned)number);
		return -EINVAL;
	}
	if ((flags & O_ACCMODE) == O_RDONLY) {
		snprintf(error, PARSE_ERROR_MAX,
			 _("%s %u: this descriptor is open for reading only"), dashed(record).text,
			 (unsigned)number);
		return -EINVAL;
	}
	options->ready_fd = (int)number;
	return 0;
}
