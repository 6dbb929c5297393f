/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When a session is over, and what that means: the rules of "How a session ends", as pure functions of facts, so that
 * they are tested without sockets or clocks.
 */
#ifndef SOCKT_ENGINE_ENDING_H
#define SOCKT_ENGINE_ENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/event.h"
#include "trace/failure.h"

/* No such limit. */
#define ENDING_NEVER UINT64_MAX
#define ENDING_PATIENCE 6

enum ending_until {
	ENDING_UNTIL_DEFAULT = 0, /* both; the peer's end where standard input is a terminal */
	ENDING_UNTIL_LOCAL,
	ENDING_UNTIL_REMOTE,
	ENDING_UNTIL_BOTH,
};

/* What the command line wants. */
struct ending_rules {
	enum ending_until until;
	bool is_recv_only, is_send_only, is_no_shutdown;
	bool is_terminal;  /* standard input is a terminal */
	bool is_crowd;     /* -k: a client's end finishes its session once standard input has ended */
	bool is_datagram;  /* the connection has no end */
	bool is_program;   /* a program stands in the place of standard input and output */
	bool is_pipeline;  /* ... and another in the place of the connection */
	bool is_relay;     /* what is cut off is reset, so that nobody takes what is missing for the end */
	bool is_reconnecting; /* the peer's end while there is input is a loss, after which it is dialed again */
	const char *own_name;   /* what our end is called where it is not standard input and output; NULL: it is */
	const char *other_name; /* the same of the other end, where that is no connection */
	uint64_t idle_ns;  /* ENDING_NEVER: none */
	uint64_t quit_after_ns;
	/*
	 * Of HTTP: so long the peer's end is waited for once all is said and acknowledged, and ENDING_PATIENCE times as
	 * long whatever it sends meanwhile; 0: it is no HTTP.
	 */
	uint64_t linger_ns;
};

/* What has happened. */
struct ending_facts {
	bool local_ended;   /* standard input has ended, and all of it is handed to the kernel */
	bool local_shut;    /* ... and the sending half is shut, where it is to be */
	bool local_gone;    /* of a program: it has exited */
	bool remote_gone;   /* the same of the other one (is_pipeline) */
	bool remote_ended;  /* the peer has ended, and all that came is written */
	bool remote_closed; /* a Unix socket's peer has closed it: nobody is left to take what is sent */
	bool is_leaving;    /* a rule has decided already: only those about time still count */
	bool acknowledged;  /* nothing that was sent is unacknowledged */
	uint64_t quiet_ns;  /* since data last moved, either way, or the connection stood */
	uint64_t ended_quiet_ns; /* since data last moved or standard input ended, whichever was later */
	uint64_t since_end_ns;   /* since standard input ended; 0: it has not */
};

/*
 * Which rule, if any, ends the session now. ENDED_NOT: none. ENDED_IDLE_TIMEOUT is a time limit; the others let
 * what was sent be acknowledged first.
 */
enum ended_by ending_decide(const struct ending_rules *rules, const struct ending_facts *facts);

/* Is the connection lost, since the peer has ended while there is input for it? (rules->is_reconnecting) */
bool ending_is_loss(const struct ending_rules *rules, const struct ending_facts *facts);

/*
 * In how many ns a rule about time may decide otherwise, if nothing else happens; ENDING_NEVER: not at all.
 */
uint64_t ending_next_ns(const struct ending_rules *rules, const struct ending_facts *facts);

/* Is everything handed over that will be: the end of input reached, and the sending half shut where it is to be? */
bool ending_is_all_sent(const struct ending_rules *rules, const struct ending_facts *facts);

/*
 * What the sentence of an ending says in its gap: the limit as a person writes it, or the option by which the peer's
 * end was enough; NULL: nothing. Written into dst where it is not constant.
 */
const char *ending_limit(enum ended_by ended, const struct ending_rules *rules, char *dst, size_t size);

/* Does the end of standard input half-close the connection? */
bool ending_half_closes(const struct ending_rules *rules);

/*
 * Set the shape of an exchange. Exactly two turns, the client's and then the server's, after which the server ended,
 * are a request and its reply, as in HTTP; any other exchange in which both spoke is a conversation. An empty datagram
 * is something said.
 *   summary       what was counted, and who spoke first. What was said in one direction only is one turn of who said
 *                 it: the turns of a session are those of both its connections, and a fault may have kept some from one
 *   side          our role
 *   is_servers_end  has the server ended, and not only because the client had ended after the reply?
 */
void ending_shape(struct summary *summary, enum side side, bool is_servers_end);

/*
 * The same, where the two sides spoke HTTP, which says itself what is a request and what a reply.
 *   exchanges     requests that got their whole reply; 0: the shape is that of the turns
 */
enum shape ending_shape_http(enum shape shape, uint32_t exchanges);

/* What an ending means for the exit status: the command has the numbers. */
enum outcome {
	OUTCOME_OK = 0,   /* nothing lost */
	OUTCOME_FAILED,   /* a step failed before data flowed */
	OUTCOME_USAGE,    /* the command line is wrong */
	OUTCOME_REFUSED,  /* by a rule, by a proxy that does not believe who asks */
	OUTCOME_TIMEOUT,
	OUTCOME_LOST,     /* reset, or bytes that were never acknowledged */
	OUTCOME_LOCAL_IO, /* standard input or output failed */
	OUTCOME_SIGNAL,
};

/* The outcome of an ending; fail: what failed, for ENDED_ERROR. */
enum outcome ending_outcome(enum ended_by ended, const struct failure *fail);

#endif
