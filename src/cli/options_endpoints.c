/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which words of the command line are which endpoints: see options_endpoints.h. */
#include "cli/options_endpoints.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "cli/options_chain.h"
#include "cli/options_check.h"
#include "cli/options_mistake.h"
#include "cli/options_sockopt.h"
#include "cli/options_table.h"

/* Is it neither said where to listen nor who may connect? */
static bool is_for_anybody(const struct options *options, const struct endpoint *endpoint)
{
	return endpoint->is_any_host && !option_is_seen(options, OPTION_ALLOW) &&
	       !option_is_seen(options, OPTION_ALLOWFILE);
}

/* Give an endpoint that has a file, and none of its own, the mode and the owner that the options say. */
static int give_file(const struct options *options, struct endpoint *endpoint, char *error)
{
	char reason[PARSE_ERROR_MAX];

	if (!endpoint_has_file(endpoint))
		return 0;
	if (options->mode != NULL && endpoint_set_mode(endpoint, options->mode, reason) == -EINVAL) {
		snprintf(error, OPTIONS_ERROR_MAX, "--mode: %s", reason);
		return -EINVAL;
	}
	if (options->owner != NULL && endpoint_set_owner(endpoint, options->owner, reason) == -EINVAL) {
		snprintf(error, OPTIONS_ERROR_MAX, "--owner: %s", reason);
		return -EINVAL;
	}
	return endpoint_find_owner(endpoint, error);
}

/* Give an endpoint, which was read, what the options say of it: options of the socket, a source address. */
static int dress_endpoint(struct options *options, struct endpoint *endpoint, char *error)
{
	char reason[ENDPOINT_ERROR_MAX];

	if (options_check_endpoint(options, endpoint, error) < 0 ||
	    options_set_sockopts(options, endpoint, error) < 0 || give_file(options, endpoint, error) < 0)
		return -EINVAL;
	if (options->source.host[0] != '\0' && options->wish.is_numeric) {
		snprintf(error, OPTIONS_ERROR_MAX,
			 _("--source: \"%s\" is a name, and -n (--numeric) wants an address in numbers"),
			 options->source.host);
		return -EINVAL;
	}
	if (endpoint_set_source(endpoint, &options->source, reason) < 0) {
		snprintf(error, OPTIONS_ERROR_MAX, _("--source: %s"), reason);
		return -EINVAL;
	}
	return 0;
}

/* Make an endpoint of words, with what the options say of it. */
static int read_endpoint(struct options *options, struct endpoint *endpoint, const char *const *words, size_t count,
			 char *error)
{
	int ret = endpoint_parse(endpoint, words, count, &options->wish, error);

	/* Whoever can connect can use the program: not everybody, unless that is asked for. */
	if (ret == 0 && options->program != NULL)
		endpoint->is_loopback = is_for_anybody(options, endpoint);
	if (ret == 0)
		ret = dress_endpoint(options, endpoint, error);
	if (ret == 0)
		ret = endpoint_find_service(endpoint, &options->wish, error);
	return ret;
}

/* All words are one endpoint. */
static int read_one(struct options *options, char *error)
{
	if (read_endpoint(options, &options->endpoint, options->words, options->word_count, error) < 0 ||
	    options_chain_finish(options, &options->endpoint, error) < 0)
		return -EINVAL;
	return options_check_together(options, error);
}

/* Too many words. */
static int mistake_extra(struct options *options, size_t first, char *error)
{
	options->extra_word = options->words[first];
	return options_mistake_words(options, error);
}

/* Make room for further endpoints. Returns 0, or -EINVAL where they are too many. */
static int make_room(struct options *options, size_t count, char *error)
{
	if (count > OPTIONS_ENDPOINTS_MAX) {
		snprintf(error, OPTIONS_ERROR_MAX, _("one command listens on at most %d endpoints"),
			 OPTIONS_ENDPOINTS_MAX);
		return -EINVAL;
	}
	if (count > 1)
		options->more = xcalloc(count - 1, sizeof(*options->more));
	return 0;
}

/* One of several: a host that stands for itself is taken for a service. Say what the two words were to be. */
static int mistake_split(const struct options *options, size_t at, char *error)
{
	char host[64], port[64];

	if (at + 1 == options->word_count || !endpoint_is_host_and_port(options->words[at], options->words[at + 1]))
		return -EINVAL;
	escape_c(options->words[at], strlen(options->words[at]), host, sizeof(host));
	escape_c(options->words[at + 1], strlen(options->words[at + 1]), port, sizeof(port));
	snprintf(error, OPTIONS_ERROR_MAX, _("among several endpoints each is one word: %1$s:%2$s, not \"%1$s %2$s\""),
		 host, port);
	return -EINVAL;
}

/* Of a listener: ADDRESS PORT, or each word is an endpoint. */
static int read_listen(struct options *options, char *error)
{
	size_t count = options->word_count;
	int ret;

	if (count == 0)
		return options_mistake_words(options, error);
	if (count == 2 && !options->wish.is_unix && endpoint_is_host_and_port(options->words[0], options->words[1]))
		return read_one(options, error);
	if (make_room(options, count, error) < 0)
		return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		struct endpoint *endpoint = i == 0 ? &options->endpoint : &options->more[i - 1];

		ret = read_endpoint(options, endpoint, &options->words[i], 1, error);
		if (ret == -ENOENT)
			return mistake_split(options, i, error);
		if (ret < 0)
			return ret;
		options->more_count += i > 0;
		ret = i == 0 ? options_chain_finish(options, endpoint, error) :
			       options_chain_check_server(options, endpoint, error);
		if (ret < 0)
			return ret;
	}
	return options_check_together(options, error);
}

static int read_connect(struct options *options, char *error)
{
	if (options->word_count == 0)
		return options_mistake_words(options, error);
	return options->word_count > 2 ? mistake_extra(options, 2, error) : read_one(options, error);
}

/* Make the endpoint of a host whose ports are to be tried, and the list of them. */
static int read_scan(struct options *options, char *error)
{
	char protocol[] = "tcp", port[8];
	/* Any port of the list: each that is tried has its own. */
	const char *const words[] = { options->words[0], port };

	if (options->word_count > 2)
		return mistake_extra(options, 2, error);
	if (options->word_count != 2)
		return options_mistake_words(options, error);
	if (options->wish.is_udp)
		memcpy(protocol, "udp", sizeof(protocol));
	if (port_list_parse(&options->ports, options->words[1], options->wish.is_numeric ? NULL : port_list_service,
			    protocol, error) < 0)
		return -EINVAL;
	snprintf(port, sizeof(port), "%u", options->ports.ports[0]);
	if (endpoint_parse(&options->endpoint, words, ARRAY_LEN(words), &options->wish, error) < 0)
		return -EINVAL;
	return dress_endpoint(options, &options->endpoint, error);
}

/* One of the endpoints that clients of a relay come to, beside the target. */
static int finish_from(const struct options *options, struct endpoint *endpoint, char *error)
{
	if (options_check_relay(options, endpoint, error) < 0 || options_check_endpoint(options, endpoint, error) < 0 ||
	    endpoint_find_service(endpoint, &options->wish, error) < 0 || give_file(options, endpoint, error) < 0)
		return -EINVAL;
	/* Whoever can connect can use the program: not everybody, unless that is asked for. */
	if (options->target.kind->form == FORM_COMMAND && endpoint->kind->form != FORM_COMMAND)
		endpoint->is_loopback = is_for_anybody(options, endpoint);
	return 0;
}

/* Of an endpoint that is a program, this is it. */
static void take_program(struct options *options, struct endpoint *endpoint)
{
	if (endpoint->command == NULL)
		return;
	options->program = endpoint->command;
	options->has_pty = endpoint->has_pty;
	endpoint->command = NULL;
}

/*
 * FROM is no socket: standard input, a program or a file is one client that is there already, and this is what connect
 * does; or, where TO is no socket either, the two are joined.
 */
static void take_own_end(struct options *options)
{
	options->is_dialing = !endpoint_is_own(&options->target);
	options->is_joining = !options->is_dialing;
	options->own = options->endpoint;
	options->endpoint = options->target;
	options->target = (struct endpoint){ .fd = -1 };
	take_program(options, &options->own);
	/* Of two programs the other one stays where it is. */
	if (options->program == NULL)
		take_program(options, &options->endpoint);
}

/* Which of the descriptors that are ends of a relay are sockets? */
static void look_at_descriptors(struct options *options)
{
	endpoint_look(&options->endpoint);
	for (size_t i = 0; i < options->more_count; i++)
		endpoint_look(&options->more[i]);
	endpoint_look(&options->target);
}

/* Make all endpoints of a relay: the last is the target. */
static int read_relay(struct options *options, char *error)
{
	size_t last = options->word_count - 1;
	struct endpoint_wish target;

	if (options->word_count < 2)
		return options_mistake_words(options, error);
	if (make_room(options, last, error) < 0)
		return -EINVAL;
	options->wish.is_relay = true;
	target = options->wish;
	options->wish.role = (enum endpoint_role)(ROLE_LISTEN | ROLE_RELAY);
	target.role = ROLE_CONNECT;
	if (endpoint_parse(&options->endpoint, &options->words[0], 1, &options->wish, error) < 0)
		return -EINVAL;
	for (; options->more_count + 1 < last; options->more_count++) {
		if (endpoint_parse(&options->more[options->more_count], &options->words[options->more_count + 1], 1,
				   &options->wish, error) < 0)
			return -EINVAL;
	}
	if (endpoint_parse(&options->target, &options->words[last], 1, &target, error) < 0)
		return -EINVAL;
	look_at_descriptors(options);
	if (finish_from(options, &options->endpoint, error) < 0)
		return -EINVAL;
	for (size_t i = 0; i < options->more_count; i++)
		if (finish_from(options, &options->more[i], error) < 0)
			return -EINVAL;
	if (options_check_together(options, error) < 0 ||
	    endpoint_find_service(&options->target, &target, error) < 0 ||
	    options_chain_finish(options, &options->target, error) < 0)
		return -EINVAL;
	if (!endpoint_is_own(&options->endpoint))
		return 0;
	options->wish = target;
	take_own_end(options);
	return 0;
}

int options_read_endpoints(struct options *options, char *error)
{
	/* So many are not even kept. */
	if (options->word_count > OPTIONS_WORDS_MAX)
		return options->command->role == ROLE_CONNECT ? mistake_extra(options, 2, error) :
								make_room(options, options->word_count, error);
	if (options->command->role == ROLE_RELAY)
		return read_relay(options, error);
	if (options->command->role == ROLE_LISTEN)
		return read_listen(options, error);
	return options->is_scan ? read_scan(options, error) : read_connect(options, error);
}
