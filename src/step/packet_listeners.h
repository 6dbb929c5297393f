/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets that wait for others: of TCP they listen, of UDP they are bound. At which does a packet arrive? Pure. */
#ifndef SOCKT_STEP_PACKET_LISTENERS_H
#define SOCKT_STEP_PACKET_LISTENERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

#define PACKET_LISTENERS_MAX 64

struct packet_listener {
	uint8_t protocol; /* IPPROTO_TCP, IPPROTO_UDP */
	int fd;
	struct addr addr;
};

/* Zeroed: none. */
struct packet_listeners {
	struct packet_listener list[PACKET_LISTENERS_MAX];
	size_t count;
};

/* The socket fd waits at addr; more than there is room for are not known. */
void packet_listeners_add(struct packet_listeners *all, uint8_t protocol, const struct addr *addr, int fd);
void packet_listeners_remove(struct packet_listeners *all, int fd);
/* The address at which a packet to addr is waited for; NULL: nobody waits there. */
const struct addr *packet_listeners_find(const struct packet_listeners *all, uint8_t protocol,
					 const struct addr *addr);
/* Where the socket fd waits; NULL: it does not. */
const struct addr *packet_listeners_bound(const struct packet_listeners *all, int fd);

#endif
