/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much a connection has carried, and how fast, in words. Pure. */
#ifndef SOCKT_ENGINE_GOODPUT_H
#define SOCKT_ENGINE_GOODPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

#define GOODPUT_MAX 256

struct goodput {
	char peer[ADDR_TEXT_MAX];
	uint64_t sent, received; /* bytes of payload */
	uint64_t duration_ns;
};

/* "goodput with 127.0.0.1:9000: sent 1 GiB (3.6 Gbit/s), received 0 B in 2.4 s"; no rates where there is no time. */
void goodput_format(const struct goodput *goodput, char *dst, size_t size);

/* What is known of a run that goes on. */
struct progress_view {
	uint64_t sent, received;
	uint64_t duration_ns;        /* since the first connection */
	uint64_t recent, recent_ns;  /* bytes both ways lately, and in which time */
	uint64_t done, whole;        /* of which whole is the size of all there is to move; 0: not known */
};

/* "sent 3 MiB, received 0 B in 2 s, 1.5 MiB/s; 30 % of 10 MiB, 4.7 s left". */
void progress_format(const struct progress_view *view, char *dst, size_t size);
/*
 * The same of a relay, where sent is up, and received down: "up 3 MiB, ...; sessions: 3, open: 1". is_end: none is open
 * any more.
 */
void progress_format_relay(const struct progress_view *view, uint64_t sessions, uint64_t open, bool is_end, char *dst,
			   size_t size);

#endif
