/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The run of `connect --scan`: see scan.h. */
#include "engine/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "endpoint/lookup.h"
#include "engine/scan_probe.h"

/* So many ports are begun between two looks at the answers, or these would seem to come late. */
#define BEGUN_MAX 8

struct scan {
	struct scan_settings settings;
	struct scan_probe_settings probes_settings;
	struct scan_probe *probes;
	size_t probe_count;
	size_t busy, waiting; /* probes that are tried, and those that lacked something to be tried now */
	size_t freed;         /* probes that have ended since: so many of those that wait may have what they lacked */
	struct scan_verdict **verdicts; /* one a port: found, and not told yet; NULL else */
	size_t started, told;           /* ports */
	struct addr addrs[RESOLVE_MAX];
	struct lookup lookup;
	struct task task;
	struct timer pause; /* before the next port is begun */
	struct failure fail;
	bool has_started; /* the addresses are known */
	bool has_paused;  /* for the next port */
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

/*
 * Has it failed for want of what the others have just now: a local port (udp(7): EAGAIN of connect(); one that was
 * asked for is in use), descriptors, memory? Then it is tried again when one of them has ended.
 */
static bool is_lacking(const struct scan *scan, const struct failure *fail)
{
	if (scan->busy == 0 || fail->domain != FAILURE_ERRNO)
		return false;
	switch (fail->code) {
	case EAGAIN:
	case EADDRNOTAVAIL:
		return fail->step == STEP_CONNECT;
	case EADDRINUSE:
		return fail->step == STEP_BIND;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return true;
	default:
		return false;
	}
}

static void probe_done(struct scan_probe *probe, const struct failure *fail)
{
	struct scan *scan = probe->ctx;

	scan->busy--;
	if (fail != NULL && is_lacking(scan, fail)) {
		probe->is_waiting = true;
		scan->waiting++;
	} else if (fail != NULL) {
		scan->fail = *fail;
	} else {
		scan->freed++;
		scan->verdicts[probe->place] = xcalloc(1, sizeof(*scan->verdicts[0]));
		*scan->verdicts[probe->place] = probe->verdict;
	}
	loop_post(scan->settings.engine->loop, &scan->task);
}

/* The pause is over: fill() goes on. */
static void pause_over(struct timer *timer)
{
	struct scan *scan = CONTAINER_OF(timer, struct scan, pause);

	scan->has_paused = true;
	loop_post(scan->settings.engine->loop, &scan->task);
}

/* Is the next port to wait? The first is not. */
static bool is_pausing(struct scan *scan)
{
	if (scan->settings.pause_ns == 0 || scan->started == 0 || scan->has_paused)
		return false;
	if (!timer_is_set(&scan->pause))
		loop_timer_set_after(scan->settings.engine->loop, &scan->pause, scan->settings.pause_ns);
	return true;
}

/* Try a port, the one that the probe waits with, or the next one. */
static void begin_probe(struct scan *scan, struct scan_probe *probe)
{
	if (probe->is_waiting)
		scan->waiting--;
	else
		probe->place = scan->started++;
	probe->is_waiting = false;
	scan->busy++;
	scan_probe_start(probe, scan->settings.ports->ports[probe->place]);
}

/* The first of the ports that wait. */
static struct scan_probe *first_waiting(const struct scan *scan)
{
	struct scan_probe *first = NULL;

	for (size_t i = 0; i < scan->probe_count; i++)
		if (scan->probes[i].is_waiting && (first == NULL || scan->probes[i].place < first->place))
			first = &scan->probes[i];
	return first;
}

/* Try as many of the ports that are left as may be. */
static void fill(struct scan *scan)
{
	const struct port_list *ports = scan->settings.ports;
	unsigned begun = 0;

	/* For each that has ended one that waits is tried again; no others are begun meanwhile. */
	for (; scan->waiting > 0 && scan->freed > 0; scan->freed--)
		begin_probe(scan, first_waiting(scan));
	if (scan->waiting > 0)
		return;
	scan->freed = 0;
	for (size_t i = 0; i < scan->probe_count && scan->started < ports->count; i++) {
		struct scan_probe *probe = &scan->probes[i];

		if (probe->is_busy)
			continue;
		if (!scan->settings.has_room(scan->settings.ctx) || is_pausing(scan))
			return;
		if (begun++ == BEGUN_MAX) {
			loop_post_later(scan->settings.engine->loop, &scan->task);
			return;
		}
		scan->has_paused = false;
		begin_probe(scan, probe);
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

	if (count == 0) {
		failure_set(&scan->fail, STEP_CONNECT, EADDRNOTAVAIL, sources_first(&scan->lookup.sources, endpoint));
		return;
	}
	memcpy(scan->addrs, found, count * sizeof(*found));
	scan->probes_settings = (struct scan_probe_settings){
		.engine = scan->settings.engine,
		.endpoint = endpoint,
		.addrs = scan->addrs,
		.addr_count = count,
		.sources = &scan->lookup.sources,
		.timeout_ns = scan->settings.timeout_ns,
	};
	for (size_t i = 0; i < scan->probe_count; i++) {
		scan->probes[i].settings = &scan->probes_settings;
		scan->probes[i].done = probe_done;
		scan->probes[i].ctx = scan;
	}
	scan->has_started = true;
}

/* There are addresses to try ports of, or none. */
static void looked_up(void *ctx, const struct addr *found, size_t count, const struct failure *fail)
{
	struct scan *scan = ctx;

	if (fail == NULL)
		begin(scan, found, count);
	else
		scan->fail = *fail;
	loop_post(scan->settings.engine->loop, &scan->task);
}

struct scan *scan_start(const struct scan_settings *settings)
{
	struct scan *scan = xcalloc(1, sizeof(*scan));
	size_t count = settings->ports->count;
	uint64_t descriptors = engine_raise_descriptors();
	uint64_t wanted = settings->pause_ns != 0 ? 1 : settings->parallel;
	uint64_t parallel = wanted < descriptors ? wanted : descriptors;

	scan->settings = *settings;
	scan->pause.fire = pause_over;
	scan->task.run = run;
	scan->probe_count = parallel < count ? (size_t)parallel : count;
	scan->probes = xcalloc(scan->probe_count, sizeof(*scan->probes));
	scan->verdicts = xcalloc(count, sizeof(*scan->verdicts));
	scan->lookup = (struct lookup){
		.st = settings->engine->st,
		.loop = settings->engine->loop,
		.endpoint = settings->endpoint,
		.port = "1",
		.done = looked_up,
		.ctx = scan,
	};
	lookup_start(&scan->lookup);
	return scan;
}

void scan_free(struct scan *scan)
{
	if (scan == NULL)
		return;
	for (size_t i = 0; i < scan->probe_count; i++)
		scan_probe_clear(&scan->probes[i]);
	lookup_stop(&scan->lookup);
	loop_timer_clear(scan->settings.engine->loop, &scan->pause);
	loop_unpost(scan->settings.engine->loop, &scan->task);
	for (size_t i = 0; i < scan->settings.ports->count; i++)
		free(scan->verdicts[i]);
	free(scan->verdicts);
	free(scan->probes);
	free(scan);
}
