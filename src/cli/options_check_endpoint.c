/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What options say that cannot be of the endpoints, and which endpoints cannot stand together: see options_check.h. */
#include "cli/options_check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/util.h"
#include "cli/options_table.h"
#include "engine/access.h"
#include "engine/control.h"
#include "engine/fault.h"

/* Options of a relay that speak of its clients, of which standard input is the only one. */
static const enum option_id of_clients[] = {
	OPTION_MAX_CONNS, OPTION_BACKLOG, OPTION_NO_REUSEADDR, OPTION_READY_FD,
	OPTION_DRAIN,	  OPTION_WORKERS, OPTION_CONTROL,      OPTION_STATS,
	OPTION_FAULT,	  OPTION_SEED,    OPTION_ALLOW,	       OPTION_DENY,
	OPTION_ALLOWFILE, OPTION_DENYFILE, OPTION_MAX_PER_HOST,
	OPTION_MODE,	  OPTION_OWNER,
};

static int refuse(char *error, const char *sentence)
{
	snprintf(error, OPTIONS_ERROR_MAX, "%s", sentence);
	return -EINVAL;
}

/* A descriptor that is open already is a socket of the network that the sandbox is to be without. */
static int check_sandbox(const struct options *options, const struct endpoint *endpoint, char *error)
{
	if (!options->is_sandbox || endpoint->kind->form != FORM_FD || endpoint->is_plain)
		return 0;
	snprintf(error, OPTIONS_ERROR_MAX, _("--sandbox: fd:%d is a socket already, of the network outside"),
		 endpoint->fd);
	return -EINVAL;
}

/* The first given of the options that go by IP address; OPTION_COUNT: none is. */
static enum option_id access_option(const struct options *options)
{
	size_t first, end;

	option_group_range(GROUP_ACCESS, &first, &end);
	while (first < end && !option_is_seen(options, (enum option_id)first))
		first++;
	return first == end ? OPTION_COUNT : (enum option_id)first;
}

/* Who may connect: that goes by IP address. */
static int check_access(const struct options *options, const struct endpoint *endpoint, char *error)
{
	const struct endpoint_kind *kind = endpoint->kind;
	enum option_id id = access_option(options);
	char shown[64];

	if (id == OPTION_COUNT)
		return 0;
	if (kind->form != FORM_HOST_PORT && kind->form != FORM_FD) {
		snprintf(error, OPTIONS_ERROR_MAX, _("--%1$s goes by IP address, and clients of %2$s have none"),
			 option_at(id)->name, kind->name);
		return -EINVAL;
	}
	if (!options->wish.is_numeric || options->access == NULL || access_name_count(options->access) == 0)
		return 0;
	escape_c(access_name(options->access, 0), strlen(access_name(options->access, 0)), shown, sizeof(shown));
	snprintf(error, OPTIONS_ERROR_MAX,
		 _("--%1$s: \"%2$s\" is a name, and -n (--numeric) wants an address in numbers"),
		 access_option_name(access_name_option(options->access, 0)), shown);
	return -EINVAL;
}

int options_check_endpoint(const struct options *options, const struct endpoint *endpoint, char *error)
{
	const struct endpoint_kind *kind = endpoint->kind;
	bool is_ip = kind->form == FORM_HOST_PORT;

	if (check_sandbox(options, endpoint, error) < 0 || check_access(options, endpoint, error) < 0)
		return -EINVAL;
	if (options->has_source_port && !is_ip) {
		snprintf(error, OPTIONS_ERROR_MAX,
			 _("--source-port is for IP, and %s has no ports"), kind->name);
		return -EINVAL;
	}
	if (option_is_seen(options, OPTION_BACKLOG) && kind->form == FORM_FD)
		return refuse(
			error,
			_("--backlog: the descriptor listens already, its accept queue is made"));
	if (options->is_hold && kind->socktype == SOCK_DGRAM) {
		snprintf(error, OPTIONS_ERROR_MAX,
			 _("--hold: %s has no accept queue to wait in, datagrams just come"), kind->name);
		return -EINVAL;
	}
	if (options_speaks_http(options) && kind->is_messages) {
		snprintf(error, OPTIONS_ERROR_MAX, _("--%1$s: %2$s keeps messages, and HTTP is spoken over a stream"),
			 option_at(options->is_http ? OPTION_HTTP : OPTION_HTTP_GET)->name, kind->name);
		return -EINVAL;
	}
	if ((options->is_line || options->is_telnet) && kind->is_messages) {
		snprintf(error, OPTIONS_ERROR_MAX,
			 options->is_line ? _("--line: %s keeps messages; --datagram line makes each line one") :
					    _("--telnet: %s keeps messages, and TELNET is spoken over a stream"),
			 kind->name);
		return -EINVAL;
	}
	if (options->is_no_reuseaddr && endpoint_option(endpoint, "reuseaddr", 0) == 1)
		return refuse(error,
			      _("--no-reuseaddr and the option reuseaddr contradict each other"));
	if (option_is_seen(options, OPTION_RETRY) && kind->form == FORM_FD)
		return refuse(error, _("--retry: the descriptor is connected already"));
	if (options->reconnect_ns != 0 && kind->form == FORM_FD)
		return refuse(error, _("--reconnect: nobody knows here how the descriptor was connected"));
	return 0;
}

/* What the texts of --fault ask for, and whether it may be done to what is relayed. */
static int check_faults(const struct options *options, const struct endpoint_kind *from, char *error)
{
	struct fault_list list = { 0 };
	char why[FAULT_ERROR_MAX];
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < options->fault_count; i++)
		ret = fault_list_add(&list, options->faults[i], why);
	/* What an inherited descriptor is shows when it is opened. */
	if (ret == 0 && from->form != FORM_FD)
		ret = fault_list_check(&list, from->is_messages, why);
	fault_list_clear(&list);
	if (ret < 0)
		snprintf(error, OPTIONS_ERROR_MAX, "--fault %s", why);
	return ret < 0 ? -EINVAL : 0;
}

/* Is the argument of --control a Unix socket with a file? */
static int check_control(const struct options *options, char *error)
{
	struct endpoint endpoint;
	char why[ENDPOINT_ERROR_MAX];

	if (options->control == NULL)
		return 0;
	if (control_endpoint(&endpoint, options->control, why) < 0) {
		snprintf(error, OPTIONS_ERROR_MAX, "--control: %s", why);
		return -EINVAL;
	}
	endpoint_clear(&endpoint);
	return 0;
}

/* What messages call the one client that is there already. */
static const char *one_client(const struct endpoint *from)
{
	switch (from->kind->form) {
	case FORM_NONE:
		return _("standard input");
	case FORM_COMMAND:
		return _("the program");
	case FORM_FILE:
		return _("the file");
	case FORM_PTY:
		return _("the terminal");
	case FORM_FD:
		return _("the descriptor");
	case FORM_HOST_PORT:
	case FORM_CID_PORT:
	case FORM_PATH:
		break;
	}
	return from->kind->name;
}

/* FROM is one client that is there already, and TO a connection or the like. */
static int check_one(const struct options *options, const struct endpoint *from, char *error)
{
	if (options->more_count > 0) {
		snprintf(error, OPTIONS_ERROR_MAX, _("%s is one client that is there already: it is FROM alone"),
			 one_client(from));
		return -EINVAL;
	}
	for (size_t i = 0; i < ARRAY_LEN(of_clients); i++) {
		if (!option_is_seen(options, of_clients[i]))
			continue;
		snprintf(error, OPTIONS_ERROR_MAX, _("--%1$s speaks of clients, and %2$s is the only one here"),
			 option_at(of_clients[i])->name, one_client(from));
		return -EINVAL;
	}
	if (options->target.proxy_version != PROXY_NONE)
		return refuse(error, _("proxy-protocol= tells the address of a client, and FROM has none"));
	return 0;
}

/* Are two endpoints the same descriptor? */
static bool is_same_descriptor(const struct endpoint *a, const struct endpoint *b)
{
	return a->kind->form == FORM_FD && b->kind->form == FORM_FD && a->fd == b->fd;
}

static int refuse_twice(const struct endpoint *endpoint, char *error)
{
	snprintf(error, OPTIONS_ERROR_MAX, _("fd:%d is given twice"), endpoint->fd);
	return -EINVAL;
}

/* Ends of a relay that are no sockets, and what they leave no room for. */
static int check_own_ends(const struct options *options, const struct endpoint *from, char *error)
{
	const struct endpoint *to = &options->target;
	bool is_one = endpoint_is_own(from), is_other = endpoint_is_own(to);

	if (is_same_descriptor(from, to))
		return refuse_twice(to, error);
	if (from->kind->form == FORM_NONE && to->kind->form == FORM_NONE)
		return refuse(error, _("both ends are standard input and output: name one other end"));
	if (!is_one && to->kind->form == FORM_NONE)
		return refuse(error, _("for clients and standard input and output there is sockt listen, without TO"));
	if (is_one && check_one(options, from, error) < 0)
		return -EINVAL;
	if ((is_one && from->is_accepting_proxy) || (is_other && to->proxy_version != PROXY_NONE))
		return refuse(error, _("a PROXY header begins a connection, and this descriptor is no socket"));
	if ((is_one && from->option_count > 0) || (is_other && to->option_count > 0))
		return refuse(error, _("this descriptor is no socket, and has no options of sockets"));
	return 0;
}

int options_check_relay(const struct options *options, const struct endpoint *endpoint, char *error)
{
	const struct endpoint_kind *from = endpoint->kind, *to = options->target.kind;

	if (check_own_ends(options, endpoint, error) < 0)
		return -EINVAL;
	if (check_faults(options, from, error) < 0 || check_control(options, error) < 0 ||
	    check_sandbox(options, &options->target, error) < 0)
		return -EINVAL;
	if (from->form != FORM_HOST_PORT && from->form != FORM_CID_PORT && from->form != FORM_PATH)
		return 0;
	if (to->form != FORM_FD && !endpoint_is_own(&options->target) && from->is_messages != to->is_messages) {
		snprintf(error, OPTIONS_ERROR_MAX,
			 _("%s keeps messages and %s is a stream: a relay neither merges nor splits messages"),
			 from->is_messages ? from->name : to->name, from->is_messages ? to->name : from->name);
		return -EINVAL;
	}
	return 0;
}

/* How an endpoint is named to a person beside others. */
static const char *format_endpoint(const struct endpoint *endpoint, char *dst, size_t size)
{
	char words[ENDPOINT_HOST_MAX + ENDPOINT_SERVICE_MAX + 16];

	snprintf(dst, size, "%s %s", endpoint->kind->name, endpoint_format_words(endpoint, words, sizeof(words)));
	return dst;
}

/* The sort of an endpoint: do its clients send messages, and have they connections? */
static bool is_same_sort(const struct endpoint *a, const struct endpoint *b)
{
	/* What a descriptor is shows when it is opened. */
	if (a->kind->form == FORM_FD || b->kind->form == FORM_FD)
		return true;
	return a->kind->is_messages == b->kind->is_messages &&
	       (a->kind->socktype == SOCK_DGRAM) == (b->kind->socktype == SOCK_DGRAM);
}

/* What all clients have in common, so that they have to be of one sort; NULL: nothing. */
static const char *common_of(const struct options *options)
{
	if (options->command->bit == COMMAND_RELAY)
		return _("%1$s and %2$s cannot stand together before one target: a relay neither merges nor splits "
			 "messages, and datagrams have no end");
	if (options->is_broker)
		return _("%1$s and %2$s cannot stand together: what a client says goes to the others as it is, and "
			 "streams and messages are not the same (--broker)");
	return NULL;
}

/* Is there an endpoint that --datagram, or --backlog, speaks of? What a descriptor is shows when it is opened. */
static int check_any(const struct options *options, char *error)
{
	bool has_messages = false, has_queue = false;
	const struct endpoint *endpoint;

	for (size_t i = 0; (endpoint = options_endpoint_at(options, i)) != NULL; i++) {
		has_messages = has_messages || endpoint->kind->is_messages || endpoint->kind->form == FORM_FD;
		has_queue = has_queue || endpoint->kind->socktype != SOCK_DGRAM;
	}
	if (option_is_seen(options, OPTION_BACKLOG) && !has_queue) {
		snprintf(error, OPTIONS_ERROR_MAX, _("--backlog: %s has no accept queue, datagrams just come"),
			 options->endpoint.kind->name);
		return -EINVAL;
	}
	if (option_is_seen(options, OPTION_LIMIT_MESSAGES) && !has_messages) {
		snprintf(error, OPTIONS_ERROR_MAX,
			 _("--limit-messages: %s is a stream, which has no messages; --limit SIZE counts bytes, "
			   "--limit-reads N what chance makes of them"),
			 options->endpoint.kind->name);
		return -EINVAL;
	}
	if (option_is_seen(options, OPTION_LIMIT_READS) && options->endpoint.kind->is_messages) {
		snprintf(error, OPTIONS_ERROR_MAX, _("--limit-reads: %s has messages: --limit-messages N counts them"),
			 options->endpoint.kind->name);
		return -EINVAL;
	}
	if (options->has_datagram && !has_messages) {
		snprintf(error, OPTIONS_ERROR_MAX, _("--datagram: %s is a stream, which has no datagrams"),
			 options->endpoint.kind->name);
		return -EINVAL;
	}
	return 0;
}

/* Is the descriptor that is closed once it is written an endpoint as well? */
static int check_ready_fd(const struct options *options, char *error)
{
	const struct endpoint *endpoint;

	for (size_t i = 0; (endpoint = options_endpoint_at(options, i)) != NULL; i++) {
		if (endpoint->kind->form != FORM_FD || endpoint->fd != options->ready_fd)
			continue;
		snprintf(error, OPTIONS_ERROR_MAX,
			 _("--ready-fd %1$d and fd:%1$d contradict each other: it is closed once the line is written"),
			 endpoint->fd);
		return -EINVAL;
	}
	return 0;
}

/* --mode and --owner: is there any file that they can be for? */
static int check_file(const struct options *options, char *error)
{
	const char *name = options->mode != NULL ? "mode" : options->owner != NULL ? "owner" : NULL;
	const struct endpoint *endpoint;

	for (size_t i = 0; name != NULL && (endpoint = options_endpoint_at(options, i)) != NULL; i++)
		if (endpoint_has_file(endpoint))
			name = NULL;
	if (name == NULL)
		return 0;
	if (options->control != NULL) {
		snprintf(error, OPTIONS_ERROR_MAX,
			 _("--%1$s is for the file of a Unix socket that clients come to, and there is none; for that "
			   "of --control it stands there: --control unix:PATH,%1$s=%2$s"),
			 name, options->mode != NULL ? "0660" : "USER:GROUP");
		return -EINVAL;
	}
	snprintf(error, OPTIONS_ERROR_MAX,
		 _("--%s is for the file of a Unix socket that listens (unix:PATH), and there is none"), name);
	return -EINVAL;
}

int options_check_together(const struct options *options, char *error)
{
	const char *why = common_of(options);
	char first[512], second[512];

	if (check_file(options, error) < 0 || check_any(options, error) < 0 || check_ready_fd(options, error) < 0)
		return -EINVAL;

	for (size_t i = 1; i <= options->more_count; i++) {
		const struct endpoint *endpoint = options_endpoint_at(options, i);

		for (size_t k = 0; k < i; k++) {
			const struct endpoint *other = options_endpoint_at(options, k);

			if (is_same_descriptor(endpoint, other))
				return refuse_twice(endpoint, error);
			if (why == NULL || is_same_sort(endpoint, other))
				continue;
			snprintf(error, OPTIONS_ERROR_MAX, why, format_endpoint(other, first, sizeof(first)),
				 format_endpoint(endpoint, second, sizeof(second)));
			return -EINVAL;
		}
	}
	return 0;
}
