/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay: the run of `relay`. Each client that is accepted gets a connection of its own to the target. */
#ifndef SOCKT_ENGINE_RELAY_H
#define SOCKT_ENGINE_RELAY_H

#include "base/clock.h"
#include "base/pool.h"
#include "endpoint/listener.h"
#include "engine/acceptor.h"
#include "engine/pair.h"
#include "engine/programs.h"
#include "engine/relay_counts.h"
#include "engine/run.h"

/* Datagrams have no end: a session of theirs that is idle so long is over, if nobody says otherwise. */
#define RELAY_IDLE_NS (60 * NS_PER_S)

/* What a relay that is one of several workers asks of all of them. */
struct relay_shares {
	/* Is there room for one more client? It is taken then, until it is released. */
	bool (*claim)(void *ctx);
	void (*release)(void *ctx);
	/* A session number that no other one has. */
	uint32_t (*number)(void *ctx);
	struct admission_shares hosts; /* the clients of each host */
	void *ctx;
};

struct relay_settings {
	struct engine *engine;
	const struct endpoint *from, *target; /* outlive the relay */
	const struct endpoint *more; /* further ones that clients come to, of the sort of from; they outlive it too */
	size_t more_count;
	const struct reception_rules *reception; /* a proxy server: clients say where to, target is NULL; or NULL */
	const struct hop_chain *chain; /* the proxies on the way to the target, outlive it too; NULL: none */
	const struct opened_file *file; /* that the target is, outlives it too; NULL: it is none */
	bool is_file_shown; /* as in the rules of pairs */
	int backlog;
	bool is_reuseaddr;
	bool wants_names;
	uint64_t max_conns;  /* UINT64_MAX: no limit */
	struct access *access; /* who may connect; borrowed; NULL: everybody */
	uint64_t max_per_host; /* 0: no limit */
	uint64_t connect_ns; /* ENDING_NEVER: no limit */
	uint64_t idle_ns;    /* ENDING_NEVER: none, or of datagrams RELAY_IDLE_NS */
	uint64_t drain_ns;   /* ENDING_NEVER: there is no draining */
	const struct witness *witness;   /* as in the rules of pairs */
	const struct dressing_wish *dressing; /* likewise */
	const struct fault_list *faults; /* copied; NULL: none */
	uint64_t seed;       /* of what is drawn for faults */
	/*
	 * Called when it listens, with its sockets: to write --ready-fd. With no sockets (count 0): the one connection
	 * is there. False: the run is over, nobody is served.
	 */
	bool (*ready)(void *ctx, struct listening *sockets, size_t count);
	void *ctx;
	/* Of a worker: the sockets to accept from (taken), prepared and listening; what it shares with the others. */
	struct listening *sockets;
	size_t socket_count;
	const struct relay_shares *shares; /* NULL: it is alone */
};

struct relay {
	struct relay_settings settings;
	struct run_result *result;
	struct pair_rules rules;
	struct address_cache cache;
	struct fault_list faults; /* those of now */
	struct listener *listener;
	struct acceptor acceptor;
	struct admission admission;
	struct task reap; /* frees closed pairs */
	struct timer drain;
	struct pool memory; /* of the pairs */
	struct pair *pairs, *closed;
	uint32_t next_number; /* of a worker: that of its next session; 0: not known yet */
	bool has_claim;       /* of a worker: it holds room for a client that has not come yet */
	struct batch_pool pool;   /* of datagrams that have come */
	struct relay_port *ports; /* the bound datagram sockets; NULL: none */
	size_t port_count;
	uint64_t pair_count, pair_limit; /* pair_limit: as many as there are descriptors for */
	struct programs *programs; /* that the target is; NULL: it is none */
	struct relay_single *single; /* FROM is one client that is there already; NULL: it listens */
	struct relay_counts counts; /* bytes: of the closed ones, see relay_total() */
	uint64_t started_ns;
	bool is_draining;
	bool is_lacking;           /* no descriptor for a target: free ones are for those who have been taken */
	bool has_said_dropped;     /* a datagram for want of room: said once until there was some */
	bool has_said_unreachable; /* the target: said once until it was reached */
	bool has_said_undelivered; /* datagrams to the target do not arrive: said once until one was answered */
	bool has_said_headerless;  /* a client: said once until one had a header */
};

/*
 * Set what accepted connections are to inherit (tcp(7)), which saves a call for each; see pair.c for the why of it.
 * With is_mortal a process may be killed and others go on.
 */
void relay_prepare(struct stepper *st, struct listening *sockets, size_t count, bool is_mortal);
/* Start; *result is filled and the loop stopped when it is over. */
struct relay *relay_start(const struct relay_settings *settings, struct run_result *result);
/* End it now: a signal or the total time limit. What is open is reset. */
void relay_abandon(struct relay *relay, enum ended_by ended, const char *limit);
/*
 * Take no more clients, let those that are there finish, for at most settings.drain_ns (ENDING_NEVER: as long as it
 * takes); then it is over.
 */
void relay_drain(struct relay *relay);
/*
 * Other faults from now on, for open pairs too (copied; none: what is held back is delivered). They have to be such as
 * may be done to what is relayed: see fault_list_check().
 */
void relay_set_faults(struct relay *relay, const struct fault_list *faults);
/* The counts with those of the open pairs in them. */
struct relay_counts relay_total(const struct relay *relay);
/* The open pair of that number, or NULL. */
struct pair *relay_find(struct relay *relay, uint32_t number);
void relay_free(struct relay *relay);

#endif
