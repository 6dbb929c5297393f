/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hub: standard input and output shared by a crowd of clients (-k).
 *
 * Standard input is read into one ring of 1 MiB, from which each member reads at its own place: the slowest holds
 * standard input back (or is dropped, --slow drop). It is not read while nobody is there. On standard output
 * whole reads are merged: who has begun to write finishes first.
 */
#ifndef SOCKT_ENGINE_HUB_H
#define SOCKT_ENGINE_HUB_H

#include "base/buf.h"
#include "engine/engine.h"
#include "stream/stream.h"

struct hub;

/* A member: our end of its client's session, as an undermost layer. Embedded in its owner. */
struct hub_member {
	struct layer layer;
	struct hub *hub;
	struct task *task; /* its session's */
	struct hub_member *next, **link; /* link: what points to it; NULL: it is in no crowd */
	uint64_t at;       /* how far it has read: offset in all that standard input gave */
	uint32_t last;     /* with messages: bytes of the one that was read last */
	uint32_t done;     /* of a stream, that took a part of it: how much of the next one is done with */
	uint32_t number;
	bool is_deaf;      /* nothing more goes to its client: standard input does not wait for it */
};

struct hub_settings {
	struct engine *engine;
	struct stream io;  /* standard input and output */
	struct sock *in, *out; /* to be watched; NULL where missing */
	bool is_deaf;      /* --recv-only: standard input is never read */
	bool is_messages;  /* what standard input gives are messages: each member that keeps them gets them whole */
	bool is_tag;       /* "[N] " before each line */
	bool is_line;      /* a line that is begun is ended before anybody else's begins; members write whole ones */
	bool is_dropping;  /* --slow drop */
	/* A member is a whole ring behind: end its session. */
	void (*drop)(void *ctx, struct hub_member *member);
	/* Standard input failed with errno. */
	void (*failed)(void *ctx, int error);
	void *ctx;
};

/* Returns 0 and *hub, or -errno. */
int hub_open(const struct hub_settings *settings, struct hub **hub);
/* Free; members are closed before. NULL: nothing. */
void hub_close(struct hub *hub);
/* Let a member in: it gets what standard input gives from now on. */
void hub_join(struct hub *hub, struct hub_member *member, uint32_t number, struct task *task);
/*
 * Of a member (its layer, or one that stands over it), where nothing moves: is a whole ring waiting for it, so that
 * standard input is not read?
 */
bool hub_is_held_by(const struct layer *layer);
/*
 * Is it to be said now that the output takes nothing of this member's? Of all members it is said once, until the output
 * has taken something.
 */
bool hub_says_blocked(const struct layer *layer);
/* Is it to be said now that a member has ended and standard input has not? Of all members it is said once. */
bool hub_says_ended(const struct layer *layer);
/* Has standard input ended? It is looked at only while members are there. */
bool hub_has_ended(const struct hub *hub);
/* Try standard input again (the terminal is ours again). */
void hub_wake(struct hub *hub);

#endif
