/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many clients each host has: a table of those that have any. A host is an IP address, without its port. */
#ifndef SOCKT_ENGINE_HOSTS_H
#define SOCKT_ENGINE_HOSTS_H

#include "base/addr.h"

struct host;

/* The table. Zeroed it is empty; seed may be set before the first use, so that no place can be foretold. */
struct hosts {
	struct host **table;
	size_t size, count; /* places, a power of 2; hosts */
	uint32_t seed;
};

/* How many clients the host of this address has. */
uint64_t hosts_count(const struct hosts *hosts, const struct addr *addr);
/* One more. Returns its host, for hosts_leave(). An IPv4-mapped address is the IPv4 address. */
struct host *hosts_enter(struct hosts *hosts, const struct addr *addr);
/* The address of a host, without a port. */
const struct addr *hosts_addr(const struct host *host);
/* One less; a host without clients is forgotten. */
void hosts_leave(struct hosts *hosts, struct host *host);
/* Forget all. */
void hosts_clear(struct hosts *hosts);

#endif
