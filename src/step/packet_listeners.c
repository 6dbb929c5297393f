/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sockets that packets are waited for at: see packet_listeners.h. */
#include "step/packet_listeners.h"

#include <string.h>

#include "step/packet_key.h"

void packet_listeners_remove(struct packet_listeners *all, int fd)
{
	size_t kept = 0;

	for (size_t i = 0; i < all->count; i++) {
		if (all->list[i].fd != fd)
			all->list[kept++] = all->list[i];
	}
	all->count = kept;
}

void packet_listeners_add(struct packet_listeners *all, uint8_t protocol, const struct addr *addr, int fd)
{
	struct packet_listener *at;

	packet_listeners_remove(all, fd);
	if (all->count == PACKET_LISTENERS_MAX)
		return;
	at = &all->list[all->count++];
	*at = (struct packet_listener){ .protocol = protocol, .fd = fd, .addr = *addr };
}

const struct addr *packet_listeners_find(const struct packet_listeners *all, uint8_t protocol,
					 const struct addr *addr)
{
	uint8_t want[16] = { 0 }, family = packet_key_ip(addr, want);

	for (size_t i = 0; i < all->count; i++) {
		const struct packet_listener *at = &all->list[i];
		uint8_t have[16] = { 0 }, have_family = packet_key_ip(&at->addr, have);
		/* The wildcard of IPv6 takes IPv4 too, unless that is switched off: then nobody answers there. */
		bool is_wildcard = addr_is_wildcard(&at->addr) && (have_family == family || have_family == AF_INET6);

		if (at->protocol == protocol && addr_port(&at->addr) == addr_port(addr) &&
		    (is_wildcard || (have_family == family && memcmp(have, want, sizeof(want)) == 0)))
			return &at->addr;
	}
	return NULL;
}

const struct addr *packet_listeners_bound(const struct packet_listeners *all, int fd)
{
	for (size_t i = 0; i < all->count; i++) {
		if (all->list[i].fd == fd)
			return &all->list[i].addr;
	}
	return NULL;
}
