/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A pair: the session of a relay. A client, the target it is connected to, and a flow each way: up from the client to
 * the target, down back.
 *
 *     HELLO --(the client's PROXY header is read)--> DIALING --(connected)--> OPEN --(both ways have ended)--> CLOSED
 *       any of them --(a side is broken, or is to be)--> ABORTING --(what arrived is delivered)--> CLOSED
 *
 * An end passes through as an end, a reset as a reset, and never the one as the other.
 */
#ifndef SOCKT_ENGINE_PAIR_H
#define SOCKT_ENGINE_PAIR_H

#include "endpoint/connector.h"
#include "endpoint/demux.h"
#include "endpoint/opening_file.h"
#include "engine/ending.h"
#include "engine/fault.h"
#include "engine/flow.h"
#include "engine/info.h"
#include "engine/programs.h"
#include "stream/proxy_header.h"
#include "stream/reception.h"
#include "stream/socket_layer.h"
#include "stream/witness_layer.h"

enum pair_phase {
	PAIR_HELLO = 0, /* a PROXY header is awaited, or what the client of a proxy server asks for */
	PAIR_DIALING,   /* the target is being connected to */
	PAIR_OPEN,
	PAIR_ABORTING,  /* what has arrived is delivered, then both sides are reset */
	PAIR_CLOSED,
};

struct dressing_wish;
struct pair;

/* What all pairs of a relay have in common; outlives them. */
struct pair_rules {
	struct engine *engine;
	const struct endpoint *target;
	struct programs *programs; /* that the target is; NULL: it is none */
	const struct opened_file *file; /* that the target is, borrowed; NULL: it is none */
	bool is_file_shown;        /* it is a terminal, and what comes is shown there escaped */
	const struct reception_rules *reception; /* a proxy server: clients say where to, target is NULL; or NULL */
	const struct hop_chain *chain; /* the proxies on the way to it; NULL: none */
	struct address_cache *cache;
	struct batch_pool *pool; /* of datagrams that have come; NULL: the target has an end */
	enum proxy_version sends_proxy; /* the target gets one; PROXY_NONE: none */
	const struct witness *witness;   /* is shown what passes on the clients' side; NULL: nobody is */
	const struct dressing_wish *dressing; /* what options do to the bytes of the target's side; NULL: nothing */
	const struct fault_list *faults; /* what is done to pairs on purpose; NULL: nothing */
	uint64_t seed;                   /* of what is drawn for that */
	uint64_t connect_ns; /* ENDING_NEVER: no limit */
	uint64_t idle_ns;    /* ENDING_NEVER: none */
	bool is_mortal;      /* this process may be killed and others go on: what ends with it is to be a reset */
	const char *limit;   /* of an ending from outside, as a person writes it ("SIGTERM"); NULL: none */
	/* The target was reached, or not (fail). */
	void (*dialed)(void *ctx, struct pair *pair, const struct failure *fail);
	/* The client has a valid PROXY header (why is NULL), or it has none: why is a sentence, and it is reset. */
	void (*greeted)(void *ctx, struct pair *pair, const char *why);
	/*
	 * There is no descriptor or memory for the connection to the target (fail). Returns whether there may be later:
	 * it is tried again then, for as long as connecting may take.
	 */
	bool (*lacked)(void *ctx, const struct failure *fail);
	/* Datagrams to the target do not arrive: why is a sentence; NULL: it has answered again. */
	void (*undelivered)(void *ctx, struct pair *pair, const char *why);
	/* Told once, when it is CLOSED. The pair may be freed later, from another task: not within. */
	void (*closed)(void *ctx, struct pair *pair);
	void *ctx;
};

/* The addresses of both connections, where somebody wants them. */
struct pair_names {
	struct addr client, client_local, target, target_local;
	struct info_watch info;
	uint64_t target_ns;     /* when the target had been reached */
	uint64_t waiting_ns;    /* since when nothing has moved, as far as it is to be said; 0: not looked at yet */
	uint64_t waiting_moved; /* bytes by then */
	bool has_said_waiting;  /* of this pause */
	bool has_said_answer;   /* that the target has answered no datagram */
};

/* One of the two connections. */
struct pair_side {
	struct socket_layer layer;
	struct stream stream;
	bool is_shut : 1;   /* it has its end: nothing more goes to it */
	bool has_ended : 1; /* of a clean abort: nothing more comes from it */
	bool is_broken : 1; /* reset, or given up by the kernel: its end is none */
	uint8_t noticed;    /* END, HUP, ERR of its sock, as far as they were looked at */
	uint8_t closed_first; /* enum who, as its peer is the remote one */
	uint32_t goal;   /* of a clean abort: what had arrived is read when so many bytes are (their lower half) */
};

/* What most connections do not have: it costs them one pointer. */
struct pair_rare {
	struct program_run *program; /* in the place of the target's connection; NULL: none */
	struct pair_file *file;      /* the same */
	struct pair_names *names;
	struct witness_layer *witness; /* over the client's side; NULL: nobody sees what passes */
	struct host *host; /* the owner's: of --max-per-host; NULL: nobody counts */
	struct failure *fail; /* of the first failure; NULL: none */
	struct pair_datagrams *datagrams; /* where a side is datagrams; else NULL */
	struct pair_proxy *proxy; /* of a proxy server; else NULL */
	struct pair_dress *dress; /* what options do to the bytes; NULL: nothing, or there is no target yet */
	struct pair_hello *hello; /* PROXY headers: until they are read and written; NULL: none, or done */
};

struct pair {
	struct task task;
	struct timer timer;
	const struct pair_rules *rules;
	struct pair *next, **at; /* in the owner's list: *at is this one */
	struct connector *connector;
	const struct pair_rare *rare; /* never NULL; see pair_rare_make() */
	struct pair_side client, target;
	struct flow up, down;
	struct talk talk;
	uint64_t opened_ns;
	uint64_t moved_ns; /* when data last moved, as far as anybody asked; DIALING: when it began */
	uint64_t moved;    /* bytes by then */
	uint32_t number;
	uint32_t closed_turns; /* the turns there had been when the client's connection was first closed */
	uint8_t phase, ended_by;
	bool is_retrying : 1;   /* the kernel lacked memory, or a descriptor: again by the timer */
	bool has_target : 1;    /* the target has been reached */
	bool is_settled : 1;    /* the target's socket has what only a longer life needs */
	bool is_clean_abort : 1; /* ABORTING ends with an end, not a reset */
	bool is_refused : 1;    /* by a fault: it is reset, and has no target */
	bool has_header_first : 1; /* the client begins with a PROXY header */
};

/* The same to be written: it is there from now on, until pair_clear(). */
struct pair_rare *pair_rare_make(struct pair *pair);

/* Start one on an accepted connection, which is taken. It runs from the loop. Returns 0 or -errno. */
int pair_open(struct pair *pair, const struct pair_rules *rules, uint32_t number, struct opened *opened);
/*
 * The same of a client that has no connection but is known by the address its datagrams come from: makes a peer of
 * demux of it.
 */
int pair_open_peer(struct pair *pair, const struct pair_rules *rules, uint32_t number, struct demux *demux,
		   const struct addr *from);
/*
 * Set what sockets of pairs have unless the options of their endpoint (NULL: they are set later) say otherwise:
 * TCP_NODELAY and SO_KEEPALIVE.
 */
void pair_set_defaults(struct stepper *st, struct sock *sk, const struct endpoint *endpoint);
/* End it now: what is left of it is reset. */
void pair_abandon(struct pair *pair, enum ended_by ended);
/*
 * End it for a reason of our own: what has arrived is delivered first (a side that does not take it is not waited for
 * longer than a moment), then both sides are reset; with is_clean they see an end.
 */
void pair_abort(struct pair *pair, enum ended_by ended, bool is_clean);
/* The faults of its rules are others now. */
void pair_fault_change(struct pair *pair);
/* Put it on the run queue. */
void pair_wake(struct pair *pair);
/* The ICMP errors that its datagrams have met. */
uint64_t pair_undelivered(const struct pair *pair);
/* Does a wish ask for something that is done to pairs? */
bool pair_dress_is_wanted(const struct dressing_wish *wish);
/* Free what it owns; closed pairs only. */
void pair_clear(struct pair *pair);
/* "dialing", "open" ... */
const char *pair_phase_name(enum pair_phase phase);

#endif
