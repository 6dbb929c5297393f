/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of nc: see nc_telling.h. They are not translated, for programs read them. */
#include "cli/nc_telling.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/parse.h"
#include "base/util.h"
#include "cli/telling.h"
#include "stream/negotiation.h"

#define LINE_MAX_LEN 1024
#define SERVICE_MAX 64

static void say(struct nc_telling *nc, const char *line)
{
	if (nc->rn->has_stderr_sink)
		bus_flush(&nc->rn->bus);
	telling_plain(line);
}

/* ---- The parts of lines ---- */

static const struct endpoint *endpoint_of(const struct nc_telling *nc)
{
	return &nc->rn->options->endpoint;
}

/* "tcp/ssh"; where the port has no name, or none is to be looked up: "tcp/\*". */
static void add_service(struct text *text, const struct nc_telling *nc, uint16_t port)
{
	const char *protocol = protocol_name(endpoint_of(nc)->kind->protocol);
	const struct servent *entry =
		nc->is_numeric ? NULL : getservbyport(htons(port), protocol);
	char name[SERVICE_MAX] = "*";

	if (entry != NULL)
		escape_c(entry->s_name, strlen(entry->s_name), name, sizeof(name));
	text_addf(text, "%s/%s", protocol, name);
}

/* "localhost (127.0.0.1)"; an address that was written as such stands alone. addr NULL: it is not known. */
static void add_host(struct text *text, const struct nc_telling *nc, const struct addr *addr)
{
	const struct endpoint *endpoint = endpoint_of(nc);
	char numbers[ADDR_TEXT_MAX] = "";

	/* The host is what a resolver takes: it has nothing in it that a terminal would. */
	text_add(text, endpoint->host);
	if (addr != NULL && addr->len > 0 && endpoint->addr.len == 0 && nc->rn->options->chain == NULL)
		text_addf(text, " (%s)", addr_format_host(addr, numbers, sizeof(numbers)));
}

/* ---- Connections that stand ---- */

static void tell_received(struct nc_telling *nc, const struct addr *from)
{
	char line[LINE_MAX_LEN], numbers[ADDR_TEXT_MAX];
	struct text text;

	text_init(&text, line, sizeof(line));
	text_addf(&text, "Connection received on %s", addr_format_host(from, numbers, sizeof(numbers)));
	if (endpoint_of(nc)->kind->form == FORM_HOST_PORT)
		text_addf(&text, " %u", addr_port(from));
	say(nc, line);
}

static void tell_succeeded(struct nc_telling *nc, const struct addr *addr, uint16_t port)
{
	char line[LINE_MAX_LEN];
	struct text text;

	text_init(&text, line, sizeof(line));
	text_add(&text, "Connection to ");
	add_host(&text, nc, addr);
	text_addf(&text, " %u port [", port);
	add_service(&text, nc, port);
	text_add(&text, "] succeeded!");
	say(nc, line);
}

/* Of a Unix socket there is a path. */
static void tell_succeeded_path(struct nc_telling *nc)
{
	char line[LINE_MAX_LEN], path[512];

	escape_c(endpoint_of(nc)->path, strlen(endpoint_of(nc)->path), path, sizeof(path));
	snprintf(line, sizeof(line), "Connection to %s [%s] succeeded!", path,
		 protocol_name(endpoint_of(nc)->kind->protocol));
	say(nc, line);
}

/* Of UDP there is no connection that could succeed. */
static void tell_sending(struct nc_telling *nc, const struct addr *addr)
{
	char line[LINE_MAX_LEN];
	struct text text;

	text_init(&text, line, sizeof(line));
	text_add(&text, "nc: datagrams go to ");
	add_host(&text, nc, addr);
	text_addf(&text, " %u port [", endpoint_of(nc)->port_number);
	add_service(&text, nc, endpoint_of(nc)->port_number);
	text_add(&text, "]; whether anybody takes them shows when an answer comes");
	say(nc, line);
}

static void on_opened(void *ctx, const struct session *session)
{
	struct nc_telling *nc = ctx;
	const struct endpoint *endpoint = endpoint_of(nc);

	nc->has_opened = true;
	if (!nc->is_verbose)
		return;
	if (nc->rn->options->command->role == ROLE_LISTEN)
		tell_received(nc, &session->names->remote);
	else if (endpoint->kind->form != FORM_HOST_PORT)
		tell_succeeded_path(nc);
	else if (endpoint->kind->protocol == PROTOCOL_UDP)
		tell_sending(nc, &session->names->remote);
	else
		tell_succeeded(nc, &session->names->remote, endpoint->port_number);
}

/* ---- Those that do not ---- */

/* What has become of it, and how that is put. */
struct reason {
	const char *verb, *words;
};

/* "nc: connect to localhost (::1) port 81 (tcp) failed: Connection refused" */
static void add_failed(struct text *text, const struct nc_telling *nc, const struct addr *addr, uint16_t port,
		       struct reason reason)
{
	const struct endpoint *endpoint = endpoint_of(nc);
	char shown[512];

	if (endpoint->kind->form == FORM_HOST_PORT) {
		text_add(text, "nc: connect to ");
		add_host(text, nc, addr);
		text_addf(text, " port %u (%s) %s: %s", port, protocol_name(endpoint->kind->protocol), reason.verb,
			  reason.words);
		return;
	}
	escape_c(endpoint->path, strlen(endpoint->path), shown, sizeof(shown));
	text_addf(text, "nc: %s: %s", shown, reason.words);
}

static struct reason reason_of(int error)
{
	if (error == ETIMEDOUT)
		return (struct reason){ "timed out", "no answer" };
	return (struct reason){ "failed", strerror(error) };
}

static void on_event(struct bus_tap *tap, const struct event *event)
{
	struct nc_telling *nc = CONTAINER_OF(tap, struct nc_telling, tap);
	const struct addr *addr = event->remote;
	char line[LINE_MAX_LEN];
	struct text text;

	if ((event->step != STEP_CONNECT && event->step != STEP_CONNECTED) || event->error == 0 ||
	    event->error == EINPROGRESS || event->error == EAGAIN)
		return;
	if (event->step == STEP_CONNECT)
		addr = event->args->name.addr;
	/* The address is that of the proxy. */
	if (nc->rn->options->chain != NULL || nc->rn->options->is_scan)
		return;
	text_init(&text, line, sizeof(line));
	add_failed(&text, nc, addr, endpoint_of(nc)->port_number, reason_of(event->error));
	nc->has_told = true;
	say(nc, line);
}

void nc_telling_verdict(struct nc_telling *nc, const struct scan_verdict *verdict)
{
	struct reason reason = reason_of(verdict->result == SCAN_SILENT ? ETIMEDOUT : verdict->error);
	char line[LINE_MAX_LEN];
	struct text text;

	if (!nc->is_verbose)
		return;
	if (verdict->result == SCAN_OPEN) {
		tell_succeeded(nc, &verdict->addr, verdict->port);
		return;
	}
	if (verdict->result == SCAN_SILENT && endpoint_of(nc)->kind->protocol == PROTOCOL_UDP)
		reason = (struct reason){ "gave no evidence", "nothing came back" };
	text_init(&text, line, sizeof(line));
	add_failed(&text, nc, &verdict->addr, verdict->port, reason);
	say(nc, line);
}

/* ---- How it failed ---- */

/* Is it about a connection that did not come to stand? */
static bool is_connect(const struct nc_telling *nc, const struct failure *fail)
{
	if (nc->rn->options->chain != NULL)
		return false;
	if (fail->domain == FAILURE_LIMIT)
		return fail->code == ENDED_CONNECT_TIMEOUT && fail->step != STEP_RESOLVE;
	return fail->domain == FAILURE_ERRNO && (fail->step == STEP_CONNECT || fail->step == STEP_CONNECTED);
}

/* Whose name was to be looked up: the target's, or the proxy's. */
static const struct endpoint *asked_for(const struct nc_telling *nc, const struct failure *fail)
{
	const struct hop_chain *chain = nc->rn->options->chain;

	for (size_t i = 0; chain != NULL && i < chain->count; i++)
		if (strcmp(chain->hops[i].endpoint.host, fail->target) == 0)
			return &chain->hops[i].endpoint;
	return endpoint_of(nc);
}

static void add_first_line(struct text *text, const struct nc_telling *nc, const struct failure *fail,
			   const char *first, size_t len)
{
	const struct endpoint *endpoint = endpoint_of(nc);

	if (is_connect(nc, fail)) {
		/* Each address has been told. */
		if (nc->has_told && fail->domain == FAILURE_ERRNO)
			return;
		add_failed(text, nc, &fail->addr, endpoint->port_number,
			   reason_of(fail->domain == FAILURE_LIMIT ? ETIMEDOUT : fail->code));
	} else if (fail->domain == FAILURE_RESOLVER && fail->is_source) {
		text_addf(text, "nc: getaddrinfo for source address \"%s\": %s", endpoint->source.host,
			  gai_strerror(fail->code));
	} else if (fail->domain == FAILURE_RESOLVER) {
		const struct endpoint *asked = asked_for(nc, fail);

		text_addf(text, "nc: getaddrinfo for host \"%s\" port %s: %s", asked->host, asked->port,
			  gai_strerror(fail->code));
	} else {
		size_t own = len >= sizeof("sockt: ") - 1 ? sizeof("sockt: ") - 1 : len;

		text_add(text, "nc: ");
		text_add_bytes(text, first + own, len - own);
	}
	text_add(text, "\n");
}

bool nc_telling_asks(struct nc_telling *nc, const struct failure *fail)
{
	nc->wants_password = nc->may_ask && fail->domain == FAILURE_PROXY && fail->code == NEGOTIATION_AUTH;
	return nc->wants_password;
}

void nc_telling_report(struct nc_telling *nc, const struct failure *fail, char *report, size_t size)
{
	size_t len = strcspn(report, "\n");
	const char *rest = report + len + (report[len] == '\n');
	char *copy = xstrdup(report);
	struct text text;

	rest = copy + (rest - report);
	text_init(&text, report, size);
	add_first_line(&text, nc, fail, copy, len);
	text_add(&text, rest);
	free(copy);
}

/* ---- What else is said ---- */

void nc_telling_listening(struct nc_telling *nc, const struct listening *sockets, size_t count)
{
	char line[LINE_MAX_LEN], numbers[ADDR_TEXT_MAX];

	for (size_t i = 0; nc->is_verbose && i < count; i++) {
		enum protocol protocol = sockets[i].sock.protocol;
		bool is_datagram = protocol == PROTOCOL_UDP || protocol == PROTOCOL_UNIX_DGRAM;
		const char *word = is_datagram ? "Bound" : "Listening";

		addr_format_host(&sockets[i].bound, numbers, sizeof(numbers));
		if (endpoint_of(nc)->kind->form == FORM_PATH && !is_datagram) {
			snprintf(line, sizeof(line), "Bound on %s", numbers);
			say(nc, line);
		}
		if (endpoint_of(nc)->kind->form == FORM_HOST_PORT)
			snprintf(line, sizeof(line), "%s on %s %u", word, numbers, addr_port(&sockets[i].bound));
		else
			snprintf(line, sizeof(line), "%s on %s", word, numbers);
		say(nc, line);
	}
}

void nc_telling_begin(struct nc_telling *nc, struct running *rn)
{
	char *line;
	size_t size = strlen(nc->command) + 64;

	nc->rn = rn;
	rn->engine.opened = on_opened;
	rn->engine.opened_ctx = nc;
	if (!nc->is_verbose)
		return;
	nc->tap = (struct bus_tap){ .event = on_event, .level = 1 };
	bus_set_tap(&rn->bus, &nc->tap);
	if (nc->is_again)
		return;
	line = xmalloc(size);
	snprintf(line, size, "nc: the same in sockt's own words: %s", nc->command);
	say(nc, line);
	free(line);
}
