/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What relay.c (its life), relay_room.c (how many clients), relay_say.c (what is said of them), relay_datagram.c
 * (clients that send datagrams) and relay_single.c (one client that is there already) share.
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

/* Each client takes two descriptors: take as many as the system lets us. Returns how many clients that is. */
uint64_t relay_raise_descriptors(void);
/* May another client be taken? ctx is the relay. */
bool relay_has_room(void *ctx);
/* No client has come: the room that was held for one is for others. ctx is the relay. */
void relay_rested(void *ctx);
/* A pair lacks a descriptor, or memory: will there be some? ctx is the relay. */
bool relay_pair_lacked(void *ctx, const struct failure *fail);
/* A pair that waited for a descriptor has it, or is closed: others may be taken again. */
void relay_lacks_no_more(struct relay *relay);

/* A pair has come to the end of its dialing. ctx is the relay. */
void relay_pair_dialed(void *ctx, struct pair *pair, const struct failure *fail);
/*
 * A client has a valid PROXY header, or not: say why, once until one has; where there is a trace, of each. ctx is the
 * relay.
 */
void relay_pair_greeted(void *ctx, struct pair *pair, const char *why);
/*
 * Datagrams to the target do not arrive: say why, once until one has been answered; where there is a trace, of each.
 * ctx is the relay.
 */
void relay_pair_undelivered(void *ctx, struct pair *pair, const char *why);

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
