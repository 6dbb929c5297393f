/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What relay.c (its life), relay_datagram.c (clients that send datagrams) and relay_single.c (one client that is there
 * already) share.
 */
#ifndef SOCKT_ENGINE_RELAY_PRIVATE_H
#define SOCKT_ENGINE_RELAY_PRIVATE_H

#include "engine/relay.h"

/* One bound datagram socket. */
struct relay_port {
	struct relay *relay;
	struct demux *demux;
	bool wants_local; /* it is bound to every address: answers say which they come from */
};

/* May another client be taken? ctx is the relay. */
bool relay_has_room(void *ctx);
/* Count a pair that has been opened, with what that returned. */
void relay_add(struct relay *relay, struct pair *pair, int ret);

/* The run is over. */
void relay_finish(struct relay *relay, enum ended_by ended, const struct failure *fail, const char *limit);
/* A client has come. ctx is the relay. */
void relay_take(void *ctx, struct opened *opened);

/* Is FROM a descriptor that is a connected stream (or one that should be)? Looks at it. */
bool relay_is_single(const struct relay *relay);
/* Begin with the one client; its session is the run. */
void relay_begin_single(struct relay *relay);
/* Its session is over: the run is, too. */
void relay_finish_single(struct relay *relay, const struct pair *pair);
/* Give back what relay_begin_single() has taken. Not begun: nothing. */
void relay_end_single(struct relay *relay);

/* Are these datagram sockets? */
bool relay_is_datagram(const struct listening *sockets);
/* Make them ready for bursts: before anybody is told that they are there. */
void relay_prepare_ports(struct relay *relay, struct listening *sockets, size_t count);
/* Receive from them. Returns 0 or -errno. */
int relay_open_ports(struct relay *relay, struct listening *sockets, size_t count);
/* Close them, when all pairs are gone. */
void relay_close_ports(struct relay *relay);

#endif
