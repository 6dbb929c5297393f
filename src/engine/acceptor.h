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
	size_t next;         /* the socket whose turn it is */
	struct task task;    /* the listening sockets' */
	struct timer again;  /* accept() found no descriptor free: when to try again */
	const struct listening *from; /* what the last connection came to: the options of its endpoint are set on it */
	struct opened accepted; /* a connection that has been taken, while its options are set */
	size_t next_option;
	bool has_accepted;
	bool is_accepting;
	bool has_said_full;   /* out of descriptors: said once until the queue was empty, its owner's words too */
	uint64_t said_full_ns; /* when; 0: never */
};

/* Before anything else. */
void acceptor_init(struct acceptor *acceptor, const struct acceptor_settings *settings);
/* Begin; sockets of datagrams are passed over. Returns 0 or -errno. */
int acceptor_start(struct acceptor *acceptor, struct listening *sockets, size_t count);
/*
 * There is no descriptor for another client, by whoever found that: may it be said now? Not again until the accept
 * queue was empty, nor within a minute: where each client takes the last one that would be a line for each.
 */
bool acceptor_says_full(struct acceptor *acceptor);
/* There is room again, or a descriptor has become free: go on now. */
void acceptor_resume(struct acceptor *acceptor);
/* Take no more. The sockets are the listener's. May be called again. */
void acceptor_stop(struct acceptor *acceptor);

#endif
