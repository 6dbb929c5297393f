/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which connection a packet is of: its ends as they are on the wire. Pure. */
#ifndef SOCKT_STEP_PACKET_KEY_H
#define SOCKT_STEP_PACKET_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

/* Both ends as they are on the wire: an IPv4 address that a socket shows as IPv6 is IPv4 here; no zones. */
struct packet_key {
	uint8_t protocol; /* IPPROTO_TCP, IPPROTO_UDP */
	uint8_t family;   /* AF_INET, AF_INET6 */
	uint16_t local_port, remote_port;
	uint8_t local[16], remote[16]; /* of IPv4 the first 4; local all 0: any address of this host */
};

/*
 * Fill key from two addresses, of which local may have no address (len 0: any, with port 0). Returns false where they
 * are not of IP, or of different families.
 */
bool packet_key_make(struct packet_key *key, uint8_t protocol, const struct addr *local, const struct addr *remote);

/* Are they the same connection? known may stand for any address of this host. */
bool packet_key_is_same(const struct packet_key *known, const struct packet_key *key);
/* Does an address of a key, all 0, stand for any? */
bool packet_key_is_any(const uint8_t ip[16]);
/* The bytes of an address as they are on the wire. Returns the family, AF_UNSPEC where it is not of IP. */
uint8_t packet_key_ip(const struct addr *addr, uint8_t ip[16]);

#endif
