/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The run of `connect --scan`: see scan.h. */
#include "engine/scan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/util.h"
#include "engine/scan_probe.h"
#include "step/resolve.h"

/* So many ports are begun between two looks at the answers, or these would seem to come late. */
#define BEGUN_MAX 8

struct scan {
	struct scan_settings settings;
	struct scan_probe_settings probes_settings;
	struct scan_probe *probes;
	size_t probe_count;
	struct scan_verdict **verdicts; /* one a port: found, and not told yet; NULL else */
	size_t started, told;           /* ports */
	struct addr addrs[RESOLVE_MAX];
	struct resolve *resolve;
	struct task task;
	struct failure fail;
	bool has_started; /* the addresses are known */
	bool is_over;
};

/* Stop everything, and say so. */
static void finish(struct scan *scan, const struct failure *fail)
{
	if (scan->is_over)
		return;
	scan->is_over = true;
	for (size_t i = 0; i < scan->probe_count; i++)
		scan_probe_clear(&scan->probes[i]);
	scan->settings.done(scan->settings.ctx, fail);
}

/* Tell what is known, as far as it goes without a gap. */
static void tell(struct scan *scan)
{
	struct scan_verdict *verdict;

	while (scan->told < scan->settings.ports->count && (verdict = scan->verdicts[scan->told]) != NULL) {
		scan->settings.verdict(scan->settings.ctx, verdict);
		free(verdict);
		scan->verdicts[scan->told++] = NULL;
	}
}

static void probe_done(struct scan_probe *probe, const struct failure *fail)
{
	struct scan *scan = probe->ctx;

	if (fail != NULL) {
		scan->fail = *fail;
	} else {
		scan->verdicts[probe->place] = xcalloc(1, sizeof(*scan->verdicts[0]));
		*scan->verdicts[probe->place] = probe->verdict;
	}
	loop_post(scan->settings.engine->loop, &scan->task);
}

/* Try as many of the ports that are left as may be. */
static void fill(struct scan *scan)
{
	const struct port_list *ports = scan->settings.ports;
	unsigned begun = 0;

	for (size_t i = 0; i < scan->probe_count && scan->started < ports->count; i++) {
		struct scan_probe *probe = &scan->probes[i];

		if (probe->is_busy)
			continue;
		if (!scan->settings.has_room(scan->settings.ctx))
			return;
		if (begun++ == BEGUN_MAX) {
			loop_post_later(scan->settings.engine->loop, &scan->task);
			return;
		}
		probe->place = scan->started++;
		scan_probe_start(probe, ports->ports[probe->place]);
	}
}

static void run(struct task *task)
{
	struct scan *scan = CONTAINER_OF(task, struct scan, task);

	if (scan->is_over)
		return;
	if (scan->fail.domain != FAILURE_NONE) {
		tell(scan);
		finish(scan, &scan->fail);
		return;
	}
	if (!scan->has_started)
		return;
	tell(scan);
	if (scan->told == scan->settings.ports->count)
		finish(scan, NULL);
	else
		fill(scan);
}

void scan_go_on(struct scan *scan)
{
	loop_post(scan->settings.engine->loop, &scan->task);
}

/* The addresses are known: get ready to try ports. */
static void begin(struct scan *scan, const struct addr *found, size_t count)
{
	const struct endpoint *endpoint = scan->settings.endpoint;
	size_t kept = 0;

	for (size_t i = 0; i < count && i < RESOLVE_MAX; i++)
		if (endpoint->source.addr.len == 0 || addr_family(&endpoint->source.addr) == addr_family(&found[i]))
			scan->addrs[kept++] = found[i];
	if (kept == 0) {
		failure_set(&scan->fail, STEP_CONNECT, EADDRNOTAVAIL, &endpoint->source.addr);
		return;
	}
	scan->probes_settings = (struct scan_probe_settings){
		.engine = scan->settings.engine,
		.endpoint = endpoint,
		.addrs = scan->addrs,
		.addr_count = kept,
		.timeout_ns = scan->settings.timeout_ns,
	};
	for (size_t i = 0; i < scan->probe_count; i++) {
		scan->probes[i].settings = &scan->probes_settings;
		scan->probes[i].done = probe_done;
		scan->probes[i].ctx = scan;
	}
	scan->has_started = true;
}

static void resolved(void *ctx, const struct resolve_answer *answer)
{
	struct scan *scan = ctx;

	scan->resolve = NULL;
	if (answer->error == 0) {
		begin(scan, answer->found, answer->count);
	} else {
		scan->fail.domain = FAILURE_RESOLVER;
		scan->fail.code = answer->error;
		scan->fail.step = STEP_RESOLVE;
		scan->fail.protocol = scan->settings.endpoint->kind->protocol;
		scan->fail.side = SIDE_CLIENT;
		snprintf(scan->fail.target, sizeof(scan->fail.target), "%s", scan->settings.endpoint->host);
	}
	loop_post(scan->settings.engine->loop, &scan->task);
}

/* Ask for the addresses, or take the one that was written. */
static void find_addresses(struct scan *scan)
{
	const struct endpoint *endpoint = scan->settings.endpoint;
	struct resolve_question question = {
		.node = endpoint->host,
		.service = "1",
		.family = endpoint->kind->family,
		.socktype = endpoint->kind->socktype,
	};
	int ret;

	if (endpoint->addr.len > 0) {
		begin(scan, &endpoint->addr, 1);
		return;
	}
	if (question.family == AF_UNSPEC && endpoint->source.addr.len > 0)
		question.family = addr_family(&endpoint->source.addr);
	ret = resolve_start(scan->settings.engine->st, scan->settings.engine->loop, &question, resolved, scan,
			    &scan->resolve);
	if (ret < 0)
		failure_set(&scan->fail, STEP_RESOLVE, -ret, NULL);
}

struct scan *scan_start(const struct scan_settings *settings)
{
	struct scan *scan = xcalloc(1, sizeof(*scan));
	size_t count = settings->ports->count;
	uint64_t descriptors = engine_raise_descriptors();
	uint64_t parallel = settings->parallel < descriptors ? settings->parallel : descriptors;

	scan->settings = *settings;
	scan->task.run = run;
	scan->probe_count = parallel < count ? (size_t)parallel : count;
	scan->probes = xcalloc(scan->probe_count, sizeof(*scan->probes));
	scan->verdicts = xcalloc(count, sizeof(*scan->verdicts));
	find_addresses(scan);
	loop_post(settings->engine->loop, &scan->task);
	return scan;
}

void scan_free(struct scan *scan)
{
	if (scan == NULL)
		return;
	for (size_t i = 0; i < scan->probe_count; i++)
		scan_probe_clear(&scan->probes[i]);
	resolve_cancel(scan->resolve);
	loop_unpost(scan->settings.engine->loop, &scan->task);
	for (size_t i = 0; i < scan->settings.ports->count; i++)
		free(scan->verdicts[i]);
	free(scan->verdicts);
	free(scan->probes);
	free(scan);
}
