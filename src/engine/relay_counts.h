/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a relay counts: of itself, of a worker, of all workers together. */
#ifndef SOCKT_ENGINE_RELAY_COUNTS_H
#define SOCKT_ENGINE_RELAY_COUNTS_H

#include <stdint.h>

/* What has passed since the start. */
struct relay_counts {
	uint64_t opened;     /* clients that were taken */
	uint64_t failed;     /* of them: the target was not reached */
	uint64_t refused;    /* of them: by a fault */
	uint64_t denied;     /* clients that were not admitted: they are not among the opened */
	uint64_t headerless; /* of them: no valid PROXY header came */
	uint64_t reset;      /* of them: broken off by a peer */
	uint64_t dropped;    /* datagrams of addresses that got no session */
	uint64_t undelivered; /* ICMP errors that came back for datagrams, to targets and to clients */
	uint64_t up_bytes, down_bytes;
	uint64_t began_ns;   /* when the first client was taken; 0: none was */
};

static inline void relay_counts_add(struct relay_counts *into, const struct relay_counts *more)
{
	into->opened += more->opened;
	into->failed += more->failed;
	into->refused += more->refused;
	into->denied += more->denied;
	into->headerless += more->headerless;
	into->reset += more->reset;
	into->dropped += more->dropped;
	into->undelivered += more->undelivered;
	into->up_bytes += more->up_bytes;
	into->down_bytes += more->down_bytes;
	if (into->began_ns == 0 || (more->began_ns != 0 && more->began_ns < into->began_ns))
		into->began_ns = more->began_ns;
}

#endif
