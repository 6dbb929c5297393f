/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What relay.c (its life) and relay_datagram.c (clients that send datagrams) share. */
#ifndef SOCKT_ENGINE_RELAY_PRIVATE_H
#define SOCKT_ENGINE_RELAY_PRIVATE_H

#include "engine/relay.h"

/* One bound datagram socket. */
struct relay_port {
	struct relay *relay;
	struct demux *demux;
};

/* May another client be taken? ctx is the relay. */
bool relay_has_room(void *ctx);
/* Count a pair that has been opened, with what that returned. */
void relay_add(struct relay *relay, struct pair *pair, int ret);

/* Are these datagram sockets? */
bool relay_is_datagram(const struct listening *sockets);
/* Receive from them. Returns 0 or -errno. */
int relay_open_ports(struct relay *relay, struct listening *sockets, size_t count);
/* Close them, when all pairs are gone. */
void relay_close_ports(struct relay *relay);

#endif
