/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One port of a scan at one address after the other: see scan.h. */
#ifndef SOCKT_ENGINE_SCAN_PROBE_H
#define SOCKT_ENGINE_SCAN_PROBE_H

#include "endpoint/attempt.h"
#include "endpoint/sources.h"
#include "engine/scan.h"

/* What all probes of a scan share. */
struct scan_probe_settings {
	struct engine *engine;
	const struct endpoint *endpoint;
	const struct addr *addrs; /* of the host; ports count nothing */
	size_t addr_count;        /* at least 1 */
	const struct sources *sources; /* where to connect from, where a name says that */
	uint64_t timeout_ns;
};

struct scan_probe {
	const struct scan_probe_settings *settings;
	struct attempt attempt;
	struct task task;
	struct timer timer;
	uint64_t began_ns;       /* when the address at hand was taken up */
	uint64_t limit_began_ns; /* the same by the time of limits */
	size_t next_addr;
	unsigned sent;           /* datagrams, to the address at hand */
	bool is_busy, is_late;
	struct scan_verdict verdict; /* the best up to now */
	bool has_verdict;
	/* It is decided: verdict, or fail of a step that says nothing about the port. The probe is free again. */
	void (*done)(struct scan_probe *probe, const struct failure *fail);
	size_t place; /* the owner's: which port it is */
	bool is_waiting; /* the owner's: with that port, which could not be tried */
	void *ctx;    /* the owner's */
};

/* Try a port. settings, done, place and ctx are set. done() is never called from within. */
void scan_probe_start(struct scan_probe *probe, uint16_t port);
/* Close what is open. Not busy: nothing. */
void scan_probe_clear(struct scan_probe *probe);

#endif
