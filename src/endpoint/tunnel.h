/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A tunnel: from a connection with the first proxy of a chain to one with the target, by a negotiation with each proxy
 * in turn over the same socket.
 *
 *     (RESOLVE ->) ASK -> (next hop) ... -> done
 *                      -> AGAIN: on a new connection with the first proxy
 *
 * RESOLVE where the proxy takes addresses only: the name that it is to connect to is resolved here, and its addresses
 * are asked for one after another, in the order of RFC 6724, until the proxy can connect to one.
 */
#ifndef SOCKT_ENDPOINT_TUNNEL_H
#define SOCKT_ENDPOINT_TUNNEL_H

#include "endpoint/hop.h"
#include "endpoint/opening.h"
#include "step/loop.h"

struct tunnel;

struct tunnel_settings {
	struct stepper *st;
	struct loop *loop;
	const struct hop_chain *chain;       /* outlives the tunnel, as target does */
	const struct endpoint *target;   /* FORM_HOST_PORT */
	struct task *task;               /* posted when tunnel_run() can go on */
};

/* One that is not open yet. */
struct tunnel *tunnel_new(const struct tunnel_settings *settings);
/* Begin on a connection with the first proxy, which is taken. It has a task, and may be watched already. */
void tunnel_open(struct tunnel *tunnel, struct opened *opened);
bool tunnel_is_open(const struct tunnel *tunnel);

/* A proxy wants to know who asks, or there is another address to ask for: to be opened again, on a new connection. */
#define TUNNEL_AGAIN 2
/*
 * Go on as far as can be. Returns 1: the target is connected, TUNNEL_AGAIN (it is not open then), 0: it waits (or is
 * held), -errno: it has failed, with fail filled.
 */
int tunnel_run(struct tunnel *tunnel, struct failure *fail);
/* Who has to act next, for a message: "socks5 proxy localhost port 1080". Returns dst. */
const char *tunnel_format_awaited(const struct tunnel *tunnel, char *dst, size_t size);
/* Is a name being resolved here? Which one, or would be: that of the next proxy or of the target. */
bool tunnel_is_resolving(const struct tunnel *tunnel);
const char *tunnel_next_host(const struct tunnel *tunnel);
/* Give the connection, of which no byte behind the proxies' answers was taken; the tunnel is left empty. */
void tunnel_take(struct tunnel *tunnel, struct opened *opened);
/* Close what is open and free it. is_abrupt: who is at the other end is to see a reset. NULL: nothing. */
void tunnel_free(struct tunnel *tunnel, bool is_abrupt);

#endif
