/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Workers: processes that share the port of a relay. This process, the parent, binds and keeps every listening socket,
 * owns the signals and the sinks, and starts a worker anew that dies; a worker accepts and relays (worker.h). Each
 * worker of a TCP or UDP port has sockets of its own (SO_REUSEPORT, socket(7)); since the parent has them too, who
 * waits in the accept queue of a worker that died is served by the next one.
 */
#ifndef SOCKT_ENGINE_WORKERS_H
#define SOCKT_ENGINE_WORKERS_H

#include "endpoint/listener.h"
#include "engine/commons.h"
#include "engine/link.h"
#include "engine/run.h"
#include "step/child.h"

#define WORKERS_MAX 256

/* What parent and worker tell each other. */
enum worker_message {
	/* To a worker. */
	WORKER_DRAIN = 1, /* take no more clients, and end when those that are there have finished */
	WORKER_STOP,      /* end now: struct worker_stop */
	WORKER_ROOM,      /* there is room for another client, perhaps */
	WORKER_COMMAND,   /* struct worker_ask and a command: to be answered */
	WORKER_LEVEL,     /* uint8_t: the level of the trace has changed */
	/* To the parent. */
	WORKER_SAYS,    /* a sentence for the person */
	WORKER_FREED,   /* a client less: somebody waits for that */
	WORKER_ANSWERS, /* struct worker_ask and the answer */
	WORKER_RESULT,  /* struct run_result: it ends now */
};

struct worker_stop {
	enum ended_by ended;
	char limit[32]; /* "": none */
};

struct worker_ask {
	uint64_t id;
};

/* Where a worker stands, in its own process. */
struct worker_post {
	unsigned index; /* from 0 */
	struct child_end end;
	struct commons *commons;
	struct listening *sockets; /* to accept from; they are closed with the process */
	size_t socket_count;
};

struct workers;

struct workers_settings {
	struct engine *engine;
	const struct endpoint *from; /* outlives the workers */
	const struct endpoint *more; /* further ones, which outlive them too */
	size_t more_count;
	const struct opened_file *file; /* that the target is, outlives them too; NULL: it is none */
	unsigned count;              /* 1 to WORKERS_MAX */
	int backlog;
	bool is_reuseaddr;
	bool wants_names;
	uint64_t max_per_host; /* of all together; 0: no limit */
	uint64_t max_conns; /* of all together; UINT64_MAX: no limit */
	uint64_t drain_ns;  /* how long a worker drains; ENDING_NEVER: as long as it takes */
	/* Called when all of it listens, before there are workers. False: the run is over. */
	bool (*prepare)(void *ctx, struct listening *sockets, size_t count);
	/* Called when the workers are there: to write --ready-fd. What it returns does not count. */
	bool (*ready)(void *ctx, struct listening *sockets, size_t count);
	/* In the process of a worker: serve, and end it. Does not return. */
	void (*serve)(void *ctx, const struct worker_post *post);
	void *ctx;
};

/*
 * Can workers share what from, a socket of that type, stands for? Sockets that accept can be shared; of one that takes
 * datagrams each would get some of every client's.
 */
bool workers_can_share(const struct endpoint *from, int socktype);
/* Start; *result is filled and the loop stopped when it is over. */
struct workers *workers_start(const struct workers_settings *settings, struct run_result *result);
/* As relay_drain(): no more clients; over when all have finished. */
void workers_drain(struct workers *workers);
bool workers_is_draining(const struct workers *workers);
/* What those workers have counted that are gone: to be added to what the others answer. */
const struct relay_counts *workers_gone(const struct workers *workers);
/* When they were started, on the clock of the environment. */
uint64_t workers_started_ns(const struct workers *workers);
/* End all: a signal or a time limit. It is over when the workers have ended; a second call kills them. */
void workers_abandon(struct workers *workers, enum ended_by ended, const char *limit);
/* The level of the parent's bus may have changed: workers trace as much as it takes from now on. */
void workers_tell_level(struct workers *workers);
/*
 * Ask every worker: done is called once, from the loop or from within, with an answer for each (len 0: it had none,
 * or is not there).
 */
typedef void workers_done_fn(void *ctx, const struct buf *answers, unsigned count);
void workers_ask(struct workers *workers, const char *command, workers_done_fn *done, void *ctx);
/* Kill what is left, and free. What was asked and not answered is dropped. NULL: nothing. */
void workers_free(struct workers *workers);

#endif
