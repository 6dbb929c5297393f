/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which connection a packet is of: see packet_key.h. */
#include "step/packet_key.h"

#include <string.h>

uint8_t packet_key_ip(const struct addr *addr, uint8_t ip[16])
{
	if (addr_family(addr) == AF_INET) {
		memcpy(ip, &addr->in.sin_addr, 4);
		return AF_INET;
	}
	if (addr_family(addr) != AF_INET6)
		return AF_UNSPEC;
	if (addr_is_v4mapped(addr)) {
		memcpy(ip, addr->in6.sin6_addr.s6_addr + 12, 4);
		return AF_INET;
	}
	memcpy(ip, &addr->in6.sin6_addr, 16);
	return AF_INET6;
}

bool packet_key_make(struct packet_key *key, uint8_t protocol, const struct addr *local, const struct addr *remote)
{
	uint8_t family = AF_UNSPEC;

	memset(key, 0, sizeof(*key));
	key->protocol = protocol;
	key->family = packet_key_ip(remote, key->remote);
	key->remote_port = addr_port(remote);
	if (local->len > 0) {
		family = packet_key_ip(local, key->local);
		key->local_port = addr_port(local);
	}
	/* The wildcard of a dual-stack socket stands for addresses of both families. */
	if (addr_is_wildcard(local))
		family = key->family;
	return key->family != AF_UNSPEC && (local->len == 0 || family == key->family);
}

bool packet_key_is_any(const uint8_t ip[16])
{
	static const uint8_t any[16];

	return memcmp(ip, any, sizeof(any)) == 0;
}

bool packet_key_is_same(const struct packet_key *known, const struct packet_key *key)
{
	return known->protocol == key->protocol && known->family == key->family &&
	       known->local_port == key->local_port && known->remote_port == key->remote_port &&
	       memcmp(known->remote, key->remote, sizeof(key->remote)) == 0 &&
	       (memcmp(known->local, key->local, sizeof(key->local)) == 0 || packet_key_is_any(known->local) ||
		packet_key_is_any(key->local));
}
