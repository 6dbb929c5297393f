/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard input and output on a connection: see dialing.h. */
#include "cli/dialing.h"

#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/console.h"
#include "cli/own_state.h"
#include "cli/rights.h"
#include "endpoint/kinds.h"
#include "engine/dialer.h"
#include "engine/handover.h"

static const struct session *dialing_session(const void *run)
{
	return dialer_session(run);
}

/* The port of http, which Host does not name. */
#define HTTP_PORT 80

static void dialing_abandon(void *run, enum ended_by ended, const char *limit)
{
	dialer_abandon(run, ended, limit);
}

static bool dialing_leave(void *run)
{
	return dialer_leave(run);
}

static void dialing_wake(void *run)
{
	dialer_wake(run);
}

/* The value of Host (RFC 9110, section 7.2): as it was written, an IPv6 address in brackets and without its zone. */
static const char *host_of(const struct endpoint *endpoint, char *dst, size_t size)
{
	const char *host = endpoint->is_host_default || endpoint->host[0] == '\0' ? "localhost" : endpoint->host;
	bool is_ipv6 = strchr(host, ':') != NULL;
	struct text text;

	text_init(&text, dst, size);
	text_add(&text, is_ipv6 ? "[" : "");
	text_add_bytes(&text, host, strcspn(host, "%"));
	text_add(&text, is_ipv6 ? "]" : "");
	if (endpoint->kind->form == FORM_HOST_PORT && endpoint->port_number != HTTP_PORT)
		text_addf(&text, ":%u", endpoint->port_number);
	return dst;
}

/* What connecting needed, the session does not. */
static bool on_connected(void *ctx, struct unixfile *file)
{
	return rights_drop(ctx, &file, 1);
}

void dialing_run(struct running *rn)
{
	const struct options *options = rn->options;
	char host[ENDPOINT_HOST_MAX + 16];
	const struct http_ask ask = {
		.target = options->http_get,
		.host = host_of(&options->endpoint, host, sizeof(host)),
		.given = { options->headers, options->header_count },
		.product = "sockt/" PACKAGE_VERSION,
	};
	const struct dialer_settings settings = {
		.engine = &rn->engine,
		.endpoint = &options->endpoint,
		.chain = options->chain,
		.rules = &rn->rules,
		.end = &rn->end,
		.attendant = running_attendant(rn),
		.ask = options->http_get == NULL ? NULL : &ask,
		.connect_timeout_ns = options->connect_timeout_ns,
		.is_passing = options->is_passing_fd,
		.connected = on_connected,
		.ctx = rn,
		.retries = options->retries == OPTIONS_FOREVER ? UINT64_MAX : options->retries,
		.retry_pause_ns = options->retry_pause_ns,
		.reconnect_ns = options->reconnect_ns,
	};
	struct failure fail = { .domain = FAILURE_NONE };
	struct dialer *dialer;

	if (options->is_passing_fd && handover_check(&rn->st, STDOUT_FILENO, &fail) < 0) {
		run_result_set(&rn->result, ENDED_ERROR, &fail, NULL);
		return;
	}
	dialer = dialer_start(&settings, &rn->result);
	rn->run = dialer;
	rn->abandon = dialing_abandon;
	rn->wake = dialing_wake;
	rn->leave = dialing_leave;
	rn->session = dialing_session;
	if (options->command->bit == COMMAND_RELAY)
		rn->signaled = own_state_signaled;
	running_loop(rn);
	dialer_free(dialer);
}
