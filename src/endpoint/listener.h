/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A listener: from endpoints to listening sockets (or bound datagram sockets), one for each address of a
 * name. Without an address it is one dual-stack socket, or 0.0.0.0 where there is no IPv6. Several endpoints are
 * opened one after the other: all of them listen, or none does.
 */
#ifndef SOCKT_ENDPOINT_LISTENER_H
#define SOCKT_ENDPOINT_LISTENER_H

#include "endpoint/opening.h"
#include "endpoint/unixfile.h"
#include "step/loop.h"

#define LISTENER_MAX 8 /* addresses of one name */

struct listener;

/*
 * Whether other sockets may have the same TCP or UDP port (SO_REUSEPORT, socket(7)). The first one shares only once it
 * is bound: another program that shares the port would be found too late.
 */
enum listener_sharing {
	LISTENER_ALONE = 0,
	LISTENER_SHARES_LATER,
	LISTENER_SHARES,
};

struct listener_settings {
	const struct endpoint *endpoint; /* outlives the listener */
	const struct endpoint *more;     /* further ones, which outlive it too */
	size_t more_count;
	int backlog;
	enum listener_sharing sharing;
	bool is_reuseaddr; /* SO_REUSEADDR on TCP */
	bool wants_names;  /* the bound addresses are asked for even where no sink does */
};

/* One socket of it. */
struct listening {
	struct sock sock;
	struct addr bound; /* len 0 where nobody asked */
	struct unixfile file;
	const struct endpoint *endpoint; /* that it was opened for */
	bool is_messages; /* keeps the bounds of messages */
	bool is_datagram; /* datagrams just come: nothing is accepted */
};

/* Called once from the loop: fail NULL, all listen; else nothing does (the listener is still to be freed). */
typedef void listener_done_fn(void *ctx, const struct failure *fail);

struct listener *listener_start(struct stepper *st, struct loop *loop, const struct listener_settings *settings,
				listener_done_fn *done, void *ctx);
/* The sockets of it, *count of them, in the order of the endpoints. They keep their places until it is freed. */
struct listening *listener_sockets(struct listener *listener, size_t *count);
/* Close the sockets and remove their files. May be called again. */
void listener_stop(struct listener *listener);
/* The same of all but one. */
void listener_stop_but(struct listener *listener, const struct listening *keep);
/* Stop and free. NULL: nothing. */
void listener_free(struct listener *listener);

#endif
