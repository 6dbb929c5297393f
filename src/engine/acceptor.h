/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An acceptor: takes connections from listening sockets, in batches, as long as its owner has room. Where there is
 * no room, no descriptor or no memory, clients wait in the accept queue.
 */
#ifndef SOCKT_ENGINE_ACCEPTOR_H
#define SOCKT_ENGINE_ACCEPTOR_H

#include "endpoint/listener.h"
#include "engine/admission.h"
#include "engine/engine.h"

struct acceptor_settings {
	struct engine *engine;
	const struct endpoint *endpoint; /* its options are set on each connection */
	/* May another client be taken? */
	bool (*has_room)(void *ctx);
	/* A connection, to be taken (its sock copied) before this returns; its number is engine->sessions. */
	void (*take)(void *ctx, struct opened *opened);
	struct admission *admission; /* who is not admitted is reset, and others are taken; NULL: everybody is */
	/* A client was not admitted; it had the number engine->sessions. NULL: nobody wants to know. */
	void (*refused)(void *ctx);
	/* No more is taken for now. NULL: nobody wants to know. */
	void (*rested)(void *ctx);
	/* accept() fails for good. */
	void (*failed)(void *ctx, const struct failure *fail);
	void *ctx;
};

struct acceptor {
	struct acceptor_settings settings;
	struct listening *sockets; /* the listener's */
	size_t socket_count;
	struct task task;    /* the listening sockets' */
	struct timer again;  /* accept() found no descriptor free: when to try again */
	struct opened accepted; /* a connection that has been taken, while its options are set */
	size_t next_option;
	bool has_accepted;
	bool is_accepting;
	bool has_said_full; /* out of descriptors: said once until the accept queue was empty, its owner's words too */
};

/* Before anything else. */
void acceptor_init(struct acceptor *acceptor, const struct acceptor_settings *settings);
/* Begin. Returns 0 or -errno. */
int acceptor_start(struct acceptor *acceptor, struct listening *sockets, size_t count);
/* There is room again, or a descriptor has become free: go on now. */
void acceptor_resume(struct acceptor *acceptor);
/* Take no more. The sockets are the listener's. May be called again. */
void acceptor_stop(struct acceptor *acceptor);

#endif
