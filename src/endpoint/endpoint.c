/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of endpoints: kind, rest, options. Hosts and ports are in host.c. */
#include "endpoint/endpoint.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/near.h"
#include "base/parse.h"
#include "base/util.h"
#include "endpoint/command_words.h"
#include "endpoint/reading.h"

static const char *next_kind(const void *ctx, size_t index)
{
	const struct endpoint_kind *kind = endpoint_kind_at(index);

	(void)ctx;
	return kind == NULL ? NULL : kind->name;
}

int reading_unknown_kind(struct reading *r, struct span word, struct span rest)
{
	char shown[SPAN_SHOWN_MAX];
	const char *nearest;

	span_show(word, shown);
	if (reading_is_foreign_kind(word, rest))
		return reading_foreign_kind(r, word, rest);
	if (near_find(shown, next_kind, NULL, &nearest, 1) == 1) {
		return written_mistake(&r->written, word,
				       _("there is no kind \"%s\"; did you mean %s?"), shown,
				       nearest);
	}
	return written_mistake(&r->written, word,
			       _("there is no kind \"%s\" (tcp, udp, unix, fd, ...)"), shown);
}

int reading_set_path(struct reading *r, struct addr *addr, const char *path, size_t len,
		     struct span where)
{
	/* What is longer was cut on its way here, and must not pass for a whole path. */
	switch (len >= sizeof(addr->un.sun_path) ? -ENAMETOOLONG : addr_set_unix(addr, path)) {
	case 0:
		return 0;
	case -ENAMETOOLONG:
		return written_mistake(
			&r->written, where,
			_("the path has %zu bytes, and the address of a Unix socket holds %zu"),
			len, sizeof(addr->un.sun_path) - 1);
	default:
		return written_mistake(&r->written, where,
				       len > 0 ? _("the name behind @ is empty")
					       : _("the path is empty"));
	}
}

int reading_path(struct reading *r, struct span rest)
{
	char path[sizeof(r->endpoint.path)];
	size_t len = span_unquote(rest, path, sizeof(path));
	struct addr addr;
	int ret;

	ret = reading_set_path(r, &addr, path, len, rest);
	if (ret < 0)
		return ret;
	memcpy(r->endpoint.path, path, len + 1);
	r->endpoint.addr = addr;
	return 0;
}

int reading_fd(struct reading *r, struct span rest)
{
	char text[24], error[PARSE_ERROR_MAX];
	uint64_t number;

	if (rest.len == 0)
		return written_mistake(&r->written, rest,
				       _("the number of the descriptor is missing: fd:N"));
	if (!span_copy(rest, text, sizeof(text)))
		return written_mistake(&r->written, rest,
				       _("this is not the number of a descriptor"));
	if (parse_uint(text, _("descriptor"), 0, INT_MAX, &number, error) < 0)
		return written_mistake(&r->written, rest, "%s", error);
	r->endpoint.fd = (int)number;
	return 0;
}

/* exec:PROGRAM ARG..., sh:COMMAND */
static int read_command(struct reading *r, struct span rest)
{
	char *text = xmalloc(rest.len + 1), error[COMMAND_WORDS_ERROR_MAX];
	int ret;

	span_unquote(rest, text, rest.len + 1);
	if (strcmp(r->endpoint.kind->name, "sh") == 0)
		ret = command_words_shell(text, &r->endpoint.command, error);
	else
		ret = command_words_parse(text, &r->endpoint.command, error);
	free(text);
	return ret < 0 ? written_mistake(&r->written, rest, "%s", error) : 0;
}

int reading_file(struct reading *r, struct span rest)
{
	if (rest.len == 0)
		return written_mistake(&r->written, rest, _("the path is missing: file:PATH"));
	r->endpoint.file = xmalloc(rest.len + 1);
	span_unquote(rest, r->endpoint.file, rest.len + 1);
	return 0;
}

/* Does a kind that was written agree with -4 -6 -u -U? Where they narrow it, it is narrowed. */
static int reconcile(struct reading *r, struct span word)
{
	const struct endpoint_wish *wish = r->wish;
	const struct endpoint_kind *kind = r->endpoint.kind;
	const char *option = NULL;

	if (wish->is_unix && kind->family != AF_UNIX)
		option = "-U (--unix)";
	else if (wish->is_udp && kind->protocol != PROTOCOL_UDP &&
		 kind->protocol != PROTOCOL_UNIX_DGRAM)
		option = "-u (--udp)";
	else if (wish->family != AF_UNSPEC && kind->form != FORM_HOST_PORT)
		option = wish->family == AF_INET6 ? "-6" : "-4";
	else if (wish->family != AF_UNSPEC && kind->family != AF_UNSPEC &&
		 kind->family != wish->family)
		option = wish->family == AF_INET6 ? "-6" : "-4";
	if (option != NULL)
		return written_mistake(&r->written, word,
				       _("the kind %s and the option %s contradict each other"),
				       kind->name, option);
	if (wish->family != AF_UNSPEC)
		r->endpoint.kind = endpoint_kind_of_family(kind, wish->family);
	return 0;
}

/* An end of relay was written where there is only one end to be named. */
static int refuse_own(struct reading *r, struct span word)
{
	const struct endpoint_kind *kind = r->endpoint.kind;

	if (kind->form == FORM_COMMAND)
		return written_mistake(&r->written, word,
				       _("this is an end of relay; here a program is given by an option: --%s"),
				       kind->name);
	if (kind->form == FORM_FILE)
		return written_mistake(&r->written, word,
				       _("this is an end of relay; here a file is standard input or output: "
					 "< PATH, > PATH"));
	if (kind->form == FORM_PTY)
		return written_mistake(&r->written, word, _("this is an end of relay: sockt relay pty ENDPOINT"));
	return written_mistake(&r->written, word,
			       _("this is the program's own input and output, which is one end already; "
				 "name the other end"));
}

/* A kind was written: may it be used here? */
static int check_kind(struct reading *r, struct span word)
{
	const struct endpoint_kind *kind = r->endpoint.kind;

	if (kind->roles == 0)
		return written_mistake(&r->written, word, _("the kind %s is not in this version"),
				       kind->name);
	if (kind->is_relay_only && !r->wish->is_relay)
		return refuse_own(r, word);
	/* -4 -6 -u -U speak of the other end. */
	return kind->is_relay_only ? 0 : reconcile(r, word);
}

/* The kind of a short form. */
static const struct endpoint_kind *default_kind(const struct endpoint_wish *wish)
{
	const struct endpoint_kind *kind;

	if (wish->is_unix)
		return endpoint_kind_find(wish->is_udp ? "unix-dgram" : "unix");
	kind = endpoint_kind_find(wish->is_udp ? "udp" : "tcp");
	return wish->family == AF_UNSPEC ? kind : endpoint_kind_of_family(kind, wish->family);
}

/*
 * Take the kind off the front of a word, or that of a short form. Returns 0 and the rest in *rest.
 */
static int read_kind(struct reading *r, struct span word, struct span *rest)
{
	const char *colon = span_find(word, ':');
	struct span name = colon == NULL ? word : span_until(word, colon);
	const struct endpoint_kind *kind = endpoint_kind_find_len(name.at, name.len);

	r->endpoint.kind = default_kind(r->wish);
	*rest = word;
	if (kind == NULL)
		return 0;
	/* Without a colon only what needs none is a kind: "exec" is a service, too. */
	if (colon == NULL && kind->form != FORM_NONE && kind->form != FORM_PTY)
		return 0;
	r->endpoint.kind = kind;
	r->has_kind = true;
	*rest = colon == NULL ? span_from(word, word.at + word.len) : span_from(word, colon + 1);
	return check_kind(r, name);
}

/* A single word, without its options. */
static int read_word(struct reading *r, struct span word)
{
	const struct endpoint_kind *kind;
	char shown[SPAN_SHOWN_MAX];
	struct span rest;
	int ret;

	ret = read_kind(r, word, &rest);
	if (ret < 0)
		return ret;
	switch (r->endpoint.kind->form) {
	case FORM_PATH:
		return reading_path(r, rest);
	case FORM_CID_PORT:
		return reading_cid_port(r, rest);
	case FORM_FD:
		return reading_fd(r, rest);
	case FORM_COMMAND:
		return read_command(r, rest);
	case FORM_FILE:
		return reading_file(r, rest);
	case FORM_NONE:
	case FORM_PTY:
		return rest.len == 0
			       ? 0
			       : written_mistake(&r->written, rest, _("nothing belongs behind %s"),
						 r->endpoint.kind->name);
	case FORM_HOST_PORT:
		break;
	}
	if (!r->has_kind && span_begins(word, "@"))
		return written_mistake(&r->written, word,
				       _("for a Unix socket write unix:%s, or give the option -U (--unix)"),
				       span_show(word, shown));
	if (!r->has_kind && (span_begins(word, "/") || span_begins(word, "./") || span_begins(word, "../")))
		return written_mistake(&r->written, word,
				       _("for a Unix socket write unix:%1$s, or give the option -U (--unix); a file "
					 "or a device is file:%1$s, an end of relay"),
				       span_show(word, shown));
	kind = endpoint_kind_find_len(word.at, word.len);
	/* A service may be called so. */
	if (kind != NULL && kind->roles != 0 && !kind->is_relay_only)
		return written_mistake(&r->written, word, _("a kind alone says too little: %s"),
				       kind->syntax);
	return reading_host_port(r, rest);
}

int endpoint_parse(struct endpoint *endpoint, const char *const *words, size_t word_count,
		   const struct endpoint_wish *wish, char *error)
{
	struct reading r = {
		.wish = wish,
		.written = {
			.what = "endpoint",
			.words = words,
			.word_count = word_count,
			.error = error,
			.error_size = ENDPOINT_ERROR_MAX,
		},
		.endpoint.fd = -1,
	};
	struct span last, options = { 0 };
	const char *comma;
	int ret;

	if (word_count == 0 || word_count > 2) {
		snprintf(error, ENDPOINT_ERROR_MAX,
			 _("an endpoint is one word, or a host and a port"));
		return -EINVAL;
	}
	last = span_of(words[word_count - 1]);
	comma = span_find_unquoted(last, ',');
	if (comma != NULL) {
		options = span_from(last, comma + 1);
		last = span_until(last, comma);
	}
	if (word_count == 2) {
		r.endpoint.kind = default_kind(wish);
		if (wish->is_unix)
			return written_mistake(&r.written, last,
					       _("with -U (--unix) there is one word, a path"));
		ret = reading_two_words(&r, span_of(words[0]), last);
	} else {
		ret = read_word(&r, last);
	}
	if (ret == 0 && comma != NULL)
		ret = reading_options(&r, options);
	if (ret == 0)
		*endpoint = r.endpoint;
	else
		endpoint_clear(&r.endpoint);
	return ret;
}

void endpoint_clear(struct endpoint *endpoint)
{
	free(endpoint->command);
	free(endpoint->file);
	free(endpoint->owner);
	memset(endpoint, 0, sizeof(*endpoint));
	endpoint->fd = -1;
}

int endpoint_option(const struct endpoint *endpoint, const char *name, int fallback)
{
	for (size_t i = 0; i < endpoint->option_count; i++) {
		const struct sockopt_value *value = &endpoint->options[i];

		if (value->option != NULL && value->option->name != NULL && strcmp(value->option->name, name) == 0)
			return value->number;
	}
	return fallback;
}

const char *endpoint_format_words(const struct endpoint *endpoint, char *dst, size_t size)
{
	switch (endpoint->kind->form) {
	case FORM_HOST_PORT:
		if (endpoint->is_any_host)
			snprintf(dst, size, _("port %s"), endpoint->port);
		else
			snprintf(dst, size, _("%s port %s"), endpoint->host, endpoint->port);
		break;
	case FORM_CID_PORT:
		addr_format_words(&endpoint->addr, dst, size);
		break;
	case FORM_PATH:
		escape_c(endpoint->path, strlen(endpoint->path), dst, size);
		break;
	case FORM_FD:
		snprintf(dst, size, _("descriptor %d"), endpoint->fd);
		break;
	case FORM_COMMAND:
		escape_c(endpoint->command[0], strlen(endpoint->command[0]), dst, size);
		break;
	case FORM_FILE:
		escape_c(endpoint->file, strlen(endpoint->file), dst, size);
		break;
	case FORM_NONE:
	case FORM_PTY:
		snprintf(dst, size, "%s", endpoint->kind->name);
		break;
	}
	return dst;
}

bool endpoint_has_option(const struct endpoint *endpoint, int level, int optname)
{
	for (size_t i = 0; i < endpoint->option_count; i++)
		if (endpoint->options[i].level == level && endpoint->options[i].optname == optname)
			return true;
	return false;
}

int endpoint_set_key_file(struct endpoint *endpoint, const char *path, char *error)
{
	const char *why = NULL;

	if (endpoint->kind->protocol != PROTOCOL_TCP)
		why = _("md5-key-file is an option of tcp: it signs segments");
	else if (endpoint->md5_key_file[0] != '\0')
		why = _("md5-key-file is given twice");
	else if (path == NULL || path[0] == '\0')
		why = _("md5-key-file needs a value: md5-key-file=PATH");
	else if (strlen(path) >= sizeof(endpoint->md5_key_file))
		why = _("md5-key-file: this path is too long");
	if (why != NULL) {
		snprintf(error, PARSE_ERROR_MAX, "%s", why);
		return -EINVAL;
	}
	memcpy(endpoint->md5_key_file, path, strlen(path) + 1);
	return 0;
}

void endpoint_look(struct endpoint *endpoint)
{
	struct stat stat;

	if (endpoint->kind->form == FORM_FD)
		endpoint->is_plain = fstat(endpoint->fd, &stat) == 0 && !S_ISSOCK(stat.st_mode);
}

bool endpoint_is_file(const struct endpoint *endpoint)
{
	switch (endpoint->kind->form) {
	case FORM_FILE:
	case FORM_PTY:
		return true;
	case FORM_FD:
		return endpoint->is_plain;
	case FORM_NONE:
	case FORM_HOST_PORT:
	case FORM_CID_PORT:
	case FORM_PATH:
	case FORM_COMMAND:
		break;
	}
	return false;
}

bool endpoint_is_own(const struct endpoint *endpoint)
{
	return endpoint->kind->form == FORM_NONE || endpoint->kind->form == FORM_COMMAND || endpoint_is_file(endpoint);
}
