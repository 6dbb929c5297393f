/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trying ports: see scanning.h. */
#include "cli/scanning.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/util.h"
#include "cli/nc_telling.h"
#include "engine/scan.h"
#include "trace/json.h"
#include "trace/names.h"

#define PORTS 65536
#define TIMEOUT_NS (2 * NS_PER_S)
#define PARALLEL 100
/* What waits for the output: no further ports are tried before it is written. */
#define QUEUE_MAX 65536

struct scanning {
	struct running *rn;
	struct scan *scan;
	struct task task;   /* standard output can take more */
	struct buf queue;   /* what it has not taken yet */
	struct json json;
	char **services;    /* PORTS names; NULL: not known */
	bool is_told, is_open;
};

/* The words of a result: those of TCP, those of UDP. */
static const char *const results[][2] = {
	[SCAN_UNREACHABLE] = { N_("unreachable"), N_("unreachable") },
	[SCAN_SILENT] = { N_("no answer"), N_("no evidence") },
	[SCAN_REFUSED] = { N_("refused"), N_("refused") },
	[SCAN_OPEN] = { N_("open"), N_("answered") },
};

static bool is_udp(const struct scanning *scanning)
{
	return scanning->rn->options->endpoint.kind->protocol == PROTOCOL_UDP;
}

/* The names of services(5), read once: getservbyport(3) would read the file for each port. */
static void read_services(struct scanning *scanning)
{
	const char *protocol = is_udp(scanning) ? "udp" : "tcp";
	const struct servent *entry;

	scanning->services = xcalloc(PORTS, sizeof(*scanning->services));
	setservent(1);
	while ((entry = getservent()) != NULL) {
		char **name = &scanning->services[ntohs((uint16_t)entry->s_port)];

		if (*name == NULL && strcmp(entry->s_proto, protocol) == 0)
			*name = xstrdup(entry->s_name);
	}
	endservent();
}

static void free_services(struct scanning *scanning)
{
	for (size_t i = 0; scanning->services != NULL && i < PORTS; i++)
		free(scanning->services[i]);
	free(scanning->services);
}

/* ---- What is written ---- */

/* Who told that it is not reachable: a router, or this host, which has no way there or does not let it out. */
static const char *who(const struct scan_verdict *verdict, char *dst, size_t size)
{
	if (verdict->by.len > 0)
		return addr_format_host(&verdict->by, dst, size);
	return verdict->result == SCAN_UNREACHABLE ? _("this host") : NULL;
}

static void add_json(struct scanning *scanning, const struct scan_verdict *verdict)
{
	char addr[ADDR_TEXT_MAX], by[ADDR_TEXT_MAX], name[32];
	struct json *json = &scanning->json;
	const char *told = who(verdict, by, sizeof(by));

	json_reset(json);
	json_open(json, '{');
	json_key(json, "port");
	json_uint(json, verdict->port);
	json_key(json, "protocol");
	json_string(json, is_udp(scanning) ? "udp" : "tcp");
	if (scanning->services[verdict->port] != NULL) {
		json_key(json, "service");
		json_string(json, scanning->services[verdict->port]);
	}
	json_key(json, "result");
	json_string(json, results[verdict->result][is_udp(scanning)]);
	json_key(json, "ms");
	json_milli(json, verdict->ns / NS_PER_US);
	json_key(json, "address");
	json_string(json, addr_format_host(&verdict->addr, addr, sizeof(addr)));
	if (told != NULL) {
		json_key(json, "by");
		json_string(json, told);
	}
	if (verdict->error != 0) {
		json_key(json, "errno");
		json_string(json, name_errno(verdict->error, name, sizeof(name)));
	}
	json_close(json, '}');
	json_newline(json);
	buf_append(&scanning->queue, json->data, json->len);
}

static void add_line(struct scanning *scanning, const struct scan_verdict *verdict)
{
	char line[512], by[ADDR_TEXT_MAX], name[32], service[64];
	const char *told = who(verdict, by, sizeof(by)), *known = scanning->services[verdict->port];
	struct text text;

	text_init(&text, line, sizeof(line) - 1);
	text_addf(&text, "%u/%s", verdict->port, is_udp(scanning) ? "udp" : "tcp");
	text_pad(&text, 10, 1);
	text_add(&text, _(results[verdict->result][is_udp(scanning)]));
	text_pad(&text, 22, 1);
	text_addf(&text, "%9.2f ms", (double)verdict->ns / NS_PER_MS);
	if (known != NULL) {
		escape_c(known, strlen(known), service, sizeof(service));
		text_addf(&text, "  %s", service);
	}
	if (told != NULL && verdict->error != 0)
		text_addf(&text, _("  by %1$s (%2$s)"), told, name_errno(verdict->error, name, sizeof(name)));
	text_add(&text, "\n");
	buf_append(&scanning->queue, line, text.len);
}

static void over(struct scanning *scanning)
{
	struct running *rn = scanning->rn;

	rn->has_status_own = true;
	rn->status_own = scanning->is_open ? STATUS_OK : STATUS_FAILED;
	loop_stop(rn->loop);
}

/* Write what standard output takes. */
static void run_output(struct task *task)
{
	struct scanning *scanning = CONTAINER_OF(task, struct scanning, task);
	struct running *rn = scanning->rn;
	struct layer *out = &rn->io.layer;
	struct failure fail = { .domain = FAILURE_NONE };
	ssize_t ret = 0;

	while (scanning->queue.len > 0) {
		ret = layer_write(out, &rn->st, buf_peek(&scanning->queue), scanning->queue.len);
		if (ret < 0)
			break;
		buf_consume(&scanning->queue, (size_t)ret);
	}
	if (ret < 0 && ret != -EAGAIN && ret != STEP_HELD) {
		failure_set(&fail, STEP_WRITE, (int)-ret, NULL);
		run_result_set(&rn->result, ENDED_OUTPUT_CLOSED, &fail, NULL);
		loop_stop(rn->loop);
	} else if (scanning->queue.len == 0 && scanning->is_told) {
		over(scanning);
	} else if (scanning->queue.len < QUEUE_MAX && !scanning->is_told) {
		scan_go_on(scanning->scan);
	}
}

static void on_verdict(void *ctx, const struct scan_verdict *verdict)
{
	struct scanning *scanning = ctx;
	struct nc_telling *nc = scanning->rn->options->command->nc;

	scanning->is_open = scanning->is_open || verdict->result == SCAN_OPEN;
	if (nc != NULL)
		nc_telling_verdict(nc, verdict);
	else if (scanning->rn->options->is_json)
		add_json(scanning, verdict);
	else
		add_line(scanning, verdict);
	loop_post(scanning->rn->loop, &scanning->task);
}

static bool has_room(void *ctx)
{
	const struct scanning *scanning = ctx;

	return scanning->queue.len < QUEUE_MAX;
}

static void on_done(void *ctx, const struct failure *fail)
{
	struct scanning *scanning = ctx;

	scanning->is_told = true;
	if (fail != NULL)
		run_result_set(&scanning->rn->result, ENDED_ERROR, fail, NULL);
	loop_post(scanning->rn->loop, &scanning->task);
}

static void scanning_abandon(void *run, enum ended_by ended, const char *limit)
{
	struct scanning *scanning = run;

	run_result_set(&scanning->rn->result, ended, NULL, limit);
	loop_stop(scanning->rn->loop);
}

static void scanning_wake(void *run)
{
	(void)run;
}

/* The ports in the order in which they are to be tried; to be cleared. */
static struct port_list ports_of(const struct running *rn)
{
	const struct port_list *given = &rn->options->ports;
	struct port_list ports = { .ports = xcalloc(given->count, sizeof(*ports.ports)), .count = given->count };

	memcpy(ports.ports, given->ports, given->count * sizeof(*ports.ports));
	if (rn->options->is_shuffled)
		port_list_shuffle(&ports, rn->st.env->seed());
	return ports;
}

void scanning_run(struct running *rn)
{
	const struct options *options = rn->options;
	struct port_list ports = ports_of(rn);
	struct scanning scanning = { .rn = rn, .task = { .run = run_output } };
	const struct scan_settings settings = {
		.engine = &rn->engine,
		.endpoint = &options->endpoint,
		.ports = &ports,
		.pause_ns = options->pause_ns,
		.timeout_ns = options->connect_timeout_ns == OPTIONS_UNSET ? TIMEOUT_NS : options->connect_timeout_ns,
		.parallel = options->max_conns == OPTIONS_UNSET ? PARALLEL : options->max_conns,
		.verdict = on_verdict,
		.has_room = has_room,
		.done = on_done,
		.ctx = &scanning,
	};

	read_services(&scanning);
	rn->run = &scanning;
	rn->abandon = scanning_abandon;
	rn->wake = scanning_wake;
	scanning.scan = scan_start(&settings);
	if (rn->io.out.fd != -1)
		loop_watch(rn->loop, &rn->io.out, &scanning.task);
	running_loop(rn);
	scan_free(scanning.scan);
	loop_unpost(rn->loop, &scanning.task);
	buf_clear(&scanning.queue);
	json_clear(&scanning.json);
	free_services(&scanning);
	port_list_clear(&ports);
}
