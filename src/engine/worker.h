/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A worker in its own process: a relay that takes its orders from the parent (workers.h), and tells it what there is to
 * tell. What happens is traced to the parent by the sink of bytes (trace/sink_wire.h).
 */
#ifndef SOCKT_ENGINE_WORKER_H
#define SOCKT_ENGINE_WORKER_H

#include "engine/relay.h"
#include "engine/workers.h"

struct worker {
	struct worker_post post;
	struct engine *engine;
	struct run_result *result;
	struct relay *relay; /* NULL: none yet, or no more */
	struct relay_shares shares;
	struct sock channel, events;
	struct link link;
	struct task flush; /* the pipe of events takes more */
	uint64_t lost;     /* sentences, since the last that was sent */
	/* Answer a command of the parent: to be set before the loop runs; NULL: there is no answer. */
	void (*command)(struct worker *worker, const char *command, struct buf *answer);
	void *ctx; /* of command */
};

/* Take the post. Returns 0 or -errno. */
int worker_open(struct worker *worker, const struct worker_post *post, struct engine *engine,
		struct run_result *result);
/* Fill in what makes a relay one of several, and start it. */
void worker_serve(struct worker *worker, const struct relay_settings *settings);
/* Let the parent say a sentence to the person. */
void worker_say(struct worker *worker, const char *sentence);
/* The loop has ended: free the relay. What is traced after that does not reach the parent before worker_close(). */
void worker_stop(struct worker *worker);
/* Tell the parent how it ended, and leave. To be called when the sinks are closed: the parent reads them first. */
void worker_close(struct worker *worker);

#endif
