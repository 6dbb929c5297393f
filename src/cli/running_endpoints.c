/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the endpoints of a run are: see running_endpoints.h. */
#include "cli/running_endpoints.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/i18n.h"
#include "endpoint/opening.h"

static bool is_descriptor(const struct endpoint *endpoint)
{
	return endpoint->kind != NULL && endpoint->kind->form == FORM_FD;
}

/* Is it a descriptor that is not open? */
static bool is_missing(const struct endpoint *endpoint)
{
	return is_descriptor(endpoint) && fcntl(endpoint->fd, F_GETFD) == -1;
}

const struct endpoint *running_endpoints_missing(const struct options *options)
{
	const struct endpoint *endpoint;

	for (size_t i = 0; (endpoint = options_endpoint_at(options, i)) != NULL; i++)
		if (is_missing(endpoint))
			return endpoint;
	if (is_missing(&options->own))
		return &options->own;
	return is_missing(&options->target) ? &options->target : NULL;
}

void running_endpoints_lend(struct running *rn)
{
	const struct endpoint *endpoint;

	for (size_t i = 0; (endpoint = options_endpoint_at(rn->options, i)) != NULL; i++)
		if (is_descriptor(endpoint))
			stdio_layer_lend(&rn->io, endpoint->fd);
	if (is_descriptor(&rn->options->own))
		stdio_layer_lend(&rn->io, rn->options->own.fd);
	if (is_descriptor(&rn->options->target))
		stdio_layer_lend(&rn->io, rn->options->target.fd);
}

static bool is_of_messages(int socktype)
{
	return socktype != 0 && socktype != SOCK_STREAM;
}

/* Can a descriptor that was handed in be what it is to be? What is no socket at all (0) is said where it is taken. */
static int check_descriptor(struct running *rn, const struct endpoint *endpoint, int socktype, struct failure *fail)
{
	const struct options *options = rn->options;
	bool has_header = endpoint->is_accepting_proxy || options->target.proxy_version != PROXY_NONE;

	if (options->is_hold && socktype == SOCK_DGRAM)
		return failure_usage(fail, _("fd:%d: a datagram socket has no accept queue to wait in (--hold)"),
				     endpoint->fd);
	if (options_speaks_http(options) && is_of_messages(socktype))
		return failure_usage(
			fail, _("fd:%d: HTTP is spoken over a stream, and this socket keeps messages"),
			endpoint->fd);
	if ((options->access != NULL || options->max_per_host != 0) && socktype != 0 &&
	    !opening_is_ip(&rn->st, endpoint))
		return failure_usage(
			fail, _("fd:%d: who may connect goes by IP address, and clients of this socket have none"),
			endpoint->fd);
	if (has_header && is_of_messages(socktype))
		return failure_usage(
			fail, _("fd:%d: a PROXY header begins a connection of bytes, and this socket has none"),
			endpoint->fd);
	return 0;
}

/* Of several endpoints one is a descriptor: do they go together? */
static int check_mixture(struct running *rn, struct failure *fail)
{
	if (!rn->is_mixed || (rn->options->command->bit != COMMAND_RELAY && !rn->options->is_broker))
		return 0;
	return failure_usage(fail, "%s",
			     _("the endpoints are of different types: streams, messages and datagrams cannot stand "
			       "together here"));
}

int running_endpoints_look(struct running *rn, const struct endpoint *missing, struct failure *fail)
{
	const struct endpoint *endpoint;

	if (missing != NULL)
		return failure_usage(fail, _("fd:%1$d: descriptor %1$d is not open"), missing->fd);
	for (size_t i = 0; (endpoint = options_endpoint_at(rn->options, i)) != NULL; i++) {
		int socktype = opening_socktype(&rn->st, endpoint);

		if (check_descriptor(rn, endpoint, socktype, fail) < 0)
			return -EINVAL;
		if (i == 0)
			rn->socktype = socktype;
		rn->is_mixed = rn->is_mixed || socktype != rn->socktype;
		rn->has_messages = rn->has_messages || is_of_messages(socktype);
	}
	return check_mixture(rn, fail);
}
