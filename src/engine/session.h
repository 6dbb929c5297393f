/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session: two flows between our own end (standard input and output, or a place in the crowd of -k) and a connection.
 *
 *     OPEN --(a rule decides, ending.h)--> LEAVING --(all is acknowledged)--> CLOSED
 *       |                                    |
 *       +---(reset, failure, limit, signal)--+--------------------------------> CLOSED
 *
 * LEAVING: standard input is read no more, what was read of it is sent, the sending half is shut, and the
 * acknowledgement of it is waited for.
 */
#ifndef SOCKT_ENGINE_SESSION_H
#define SOCKT_ENGINE_SESSION_H

#include "endpoint/demux.h"
#include "endpoint/opening.h"
#include "engine/ending.h"
#include "engine/flow.h"
#include "engine/info.h"
#include "engine/leftover.h"
#include "stream/socket_layer.h"

enum session_phase {
	SESSION_OPEN = 0,
	SESSION_LEAVING,
	SESSION_CLOSED,
};

struct session;

/* Told once, when it is CLOSED. The session may be freed later, from another task: not within. */
typedef void session_closed_fn(void *ctx, struct session *session);

/* It has been idle for as long as its rules allow: may it go on, since something is done about that? */
typedef bool session_idle_fn(void *ctx, struct session *session);

/* Both addresses of a connection, for the trace and for messages. */
struct session_names {
	struct addr local, remote;
	struct info_watch info;
};

struct session {
	struct task task;
	struct engine *engine;
	const struct ending_rules *rules;
	session_closed_fn *closed;
	session_idle_fn *idle; /* NULL: it may not */
	void *ctx;
	struct session *next; /* in the owner's list */
	struct sock *sock;    /* of the connection; of a datagram listener: the one of all */
	struct session_names *names;
	union {
		struct socket_layer connection;
		struct demux_peer peer;
	};
	struct stream local, remote;
	struct flow out, in; /* local to remote, remote to local */
	struct talk talk;
	struct timer timer;
	uint64_t opened_ns;
	uint64_t moved_ns;  /* when data last moved, by the time of limits */
	uint64_t ended_ns;  /* when standard input ended; 0: not yet */
	uint64_t moved;     /* bytes both ways when that was last looked at */
	uint64_t waiting_ns;    /* since when nothing has moved, as far as it is to be said; 0: not looked at yet */
	uint64_t waiting_moved; /* bytes by then */
	uint64_t in_goal;    /* LEAVING: how many bytes are to come in before it is left; 0: not asked yet */
	uint64_t ack_due_ns; /* when to look at the acknowledgement again; 0: not waited for */
	const uint32_t *exchanges; /* of HTTP: requests with their replies so far; NULL: it is none */
	uint64_t linger_ns;  /* LEAVING, a program has exited: until when the peer's end is waited for; 0: not yet */
	struct leftover *leftover; /* what the connection before has left, and then this one; NULL: nobody goes on */
	struct failure *fail; /* of the first failure; NULL: none */
	struct dressing *dressing; /* what the options put around both ends; NULL: nothing */
	uint32_t number, ack_pause_us;
	uint8_t noticed;      /* END, HUP, ERR of the sock, as far as they were looked at */
	uint8_t phase, ended_by;
	uint8_t closed_first; /* enum who */
	uint32_t closed_turns; /* the turns there had been by then */
	bool is_reset;        /* a send has met a reset: what has arrived is read out, then the session ends */
	bool is_finishing;    /* session_finish() */
	bool is_shut;         /* our FIN is sent, or is to be */
	bool keeps_output;    /* our output is not closed behind the peer's end: it is the next connection's, too */
	bool has_lost;        /* a datagram could not be sent */
	bool has_said_waiting; /* of this pause */
	uint8_t said_waiting;  /* enum waiting, the last that was said */
	bool is_peer;         /* the union holds peer */
	bool is_own;          /* the other end is one of our own too, and sock is an empty one */
	bool is_retrying;     /* a send met ENOBUFS: again by the timer */
	bool is_probed;       /* session_probe() has nothing to do any more */
	bool is_left;         /* -k: the peer, which had ended, is not there any more */
};

struct session_settings {
	struct engine *engine;
	const struct ending_rules *rules; /* outlives the session */
	uint32_t number;
	const uint32_t *exchanges;        /* as in the session */
	struct stream local;              /* our end: its layers outlive the session */
	bool is_messages;                 /* the connection keeps the bounds of messages: for who makes our end */
	bool keeps_output;                /* as in the session */
	struct leftover *leftover;        /* outlives the session; NULL: nobody goes on where it ends */
	session_closed_fn *closed;
	session_idle_fn *idle;            /* as in the session */
	void *ctx;
};

/* Start one on a connected socket, which is taken. It runs from the loop. Returns 0 or -errno. */
int session_open(struct session *session, const struct session_settings *settings, struct opened *opened);
/* Start one on a peer of a datagram listener: to be called before its first datagram is delivered. */
void session_open_peer(struct session *session, const struct session_settings *settings, struct demux *demux,
		       const struct addr *from);
/* Start one with an end of our own, and no socket, in the place of the connection: its layers outlive the session. */
void session_open_own(struct session *session, const struct session_settings *settings, const struct stream *other);
/*
 * End it now: a signal, a time limit of the run, a person. limit: for the summary, may be NULL. Where a person ends it
 * (ENDED_USER) and something is not sent or not acknowledged, that is what is told (ENDED_UNACKNOWLEDGED).
 */
void session_abandon(struct session *session, enum ended_by ended, const char *limit);
/* End it once what was given to our end is sent and acknowledged: our end has to end, too. */
void session_finish(struct session *session);
/* The same, and our end is read no more: what was taken from it is sent. */
void session_quit(struct session *session);
/* End it now with a reset (RST), where the kind has one: what is not sent, or not read by the peer, is lost. */
void session_reset(struct session *session);
/* End it with that failure of ours: the peer sees a reset, where its kind has one, and never an empty answer. */
void session_fail(struct session *session, const struct failure *fail);
/* Our end may be tried again: put it on the run queue. */
void session_wake(struct session *session);
/* Free what it owns; closed sessions only. */
void session_clear(struct session *session);

#endif
