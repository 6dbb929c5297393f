/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What workers.c (the life of all), workers_one.c (one of them) and workers_ask.c (questions) share. */
#ifndef SOCKT_ENGINE_WORKERS_PRIVATE_H
#define SOCKT_ENGINE_WORKERS_PRIVATE_H

#include "engine/workers.h"
#include "trace/wire.h"

/* One worker, as the parent sees it. */
struct worker_slot {
	struct workers *workers;
	struct child child;
	struct link link;
	struct task read;    /* its events */
	struct wire_reader reader;
	struct timer again;  /* to look whether it has ended, or to start it anew */
	uint64_t started_ns;
	struct run_result result;
	bool has_result; /* it ended as it was to */
	bool is_closed;  /* its channel is: it is ending */
	bool is_over;    /* it is not started any more */
};

/* A question that waits for answers. */
struct question {
	struct question *next;
	uint64_t id;
	unsigned missing; /* answers */
	struct buf answers[WORKERS_MAX];
	bool is_missing[WORKERS_MAX];
	workers_done_fn *done;
	void *ctx;
};

struct workers {
	struct workers_settings settings;
	struct run_result *result;
	struct run_result drained; /* the first failure of draining */
	struct endpoint *own;      /* those of which each worker has sockets of its own, with their ports */
	size_t own_count;
	struct commons *commons;
	/* The first has all endpoints and is the first worker's; the others share what it has that is not their own. */
	struct listener *listeners[WORKERS_MAX];
	unsigned listener_count, listening;      /* started, and those of them that listen */
	struct worker_slot slots[WORKERS_MAX];
	struct timer limit; /* of draining or stopping: what is left then is killed */
	struct question *questions;
	uint64_t last_id;
	uint64_t started_ns;
	uint64_t read_ns; /* when events of a worker were last read */
	struct relay_counts gone; /* what those have counted that are gone */
	bool is_draining, is_stopping;
	bool has_said_fork; /* a worker cannot be started: said once until one was */
};

/* Can each worker have a socket of its own? Others share the one there is. */
bool workers_has_own(const struct endpoint *endpoint);
/* Start the worker of a slot. Returns 0 or -errno. */
int worker_slot_start(struct worker_slot *slot);
/* Send it a message, if it is there. */
void worker_slot_send(struct worker_slot *slot, uint32_t type, const void *data, size_t len);
/* Number of the slot, from 0. */
unsigned worker_slot_index(const struct worker_slot *slot);
/* Is a process there? */
bool worker_slot_is_alive(const struct worker_slot *slot);
/* Close what it holds. The process is killed. */
void worker_slot_clear(struct worker_slot *slot);

/* A worker has ended for good: is all over? */
void workers_look(struct workers *workers);
/* Room was freed: tell those that wait. */
void workers_tell_room(struct workers *workers);
/* An answer has come. */
void workers_answered(struct workers *workers, unsigned index, const void *data, size_t len);
/* A worker that may have been asked is not there any more. */
void workers_ask_gone(struct workers *workers, unsigned index);
/* Forget all questions. */
void workers_ask_clear(struct workers *workers);

#endif
