/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of a hub: what hub.c (standard input) and hub_member.c (the members, standard output) share. */
#ifndef SOCKT_ENGINE_HUB_PRIVATE_H
#define SOCKT_ENGINE_HUB_PRIVATE_H

#include "engine/hub.h"

#define HUB_RING ((size_t)1 << 20)

struct hub {
	struct hub_settings settings;
	struct task task;
	struct hub_member *members;
	struct hub_member *writer; /* who has begun to write and is not done */
	struct hub_member *last_writer; /* whose bytes stand last on the output */
	struct buf waiting;        /* tagged, not yet written */
	bool is_line_open;         /* of whole lines: the last one is not ended */
	bool is_mid_line;          /* the output does not stand at the start of a line */
	bool is_blocked;           /* somebody could not write: woken when the output takes something again */
	bool is_ended;             /* standard input has ended */
	char *ring;
	uint64_t head; /* bytes that standard input has given */
	uint64_t written; /* bytes that the output has taken */
	bool has_said_ended;   /* hub_says_ended() */
	uint64_t said_written; /* so many when it was said that it takes none; UINT64_MAX: never said */
	struct timer stuck;  /* --slow drop: the ring is full, and nobody has caught up */
	uint64_t stuck_tail; /* where the slowest stood then */
};

/* Put every member's session on the run queue. */
void hub_post_all(struct hub *hub);
/* Copy out of the ring, from offset at on. */
void hub_ring_get(const struct hub *hub, uint64_t at, void *data, size_t len);
/* The least that has to be free for standard input to be read. */
size_t hub_least(const struct hub *hub);

#endif
