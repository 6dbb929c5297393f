/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How many clients each host has, in memory that several processes see: one writes the table, all read it. A host is an
 * IP address, without its port; an IPv4-mapped address is the IPv4 address. Places are tried one after the other (open
 * addressing), so nothing in it points anywhere, and a table that its writer left half changed, being killed, may count
 * wrong until it is cleared, and does no other harm.
 */
#ifndef SOCKT_ENGINE_SHARED_HOSTS_H
#define SOCKT_ENGINE_SHARED_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

struct shared_hosts;

/*
 * Bytes of a table for so many clients at once, each of a host of its own perhaps: a multiple of the page. Those that
 * were never touched, zeroed, cost no memory.
 */
size_t shared_hosts_size(uint64_t clients);
/* Make an empty table of zeroed memory, aligned to a page. clients as above. */
void shared_hosts_init(struct shared_hosts *hosts, uint64_t clients, uint32_t seed);
/* How many clients the host of this address has. */
uint32_t shared_hosts_count(const struct shared_hosts *hosts, const struct addr *addr);
/* One more. Returns false where there is no room for another host. */
bool shared_hosts_enter(struct shared_hosts *hosts, const struct addr *addr);
/* One less. A host that is not there: nothing. */
void shared_hosts_leave(struct shared_hosts *hosts, const struct addr *addr);
/* Forget all: its writer is dead. */
void shared_hosts_clear(struct shared_hosts *hosts);

#endif
