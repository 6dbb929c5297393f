/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What session.c (its life), session_flows.c (its two flows), session_end.c (acknowledgement, summary) and
 * session_waiting.c share. */
#ifndef SOCKT_ENGINE_SESSION_PRIVATE_H
#define SOCKT_ENGINE_SESSION_PRIVATE_H

#include "engine/session.h"

/* The moment of the loop. */
static inline uint64_t session_now(const struct session *session)
{
	return loop_now_ns(session->engine->loop);
}

/* The same of the time by which limits are counted: it stands still while somebody is asked (--step). */
static inline uint64_t session_limit_now(const struct session *session)
{
	return loop_limit_now_ns(session->engine->loop);
}

/* Is the other end a socket of this session alone? */
static inline bool session_has_socket(const struct session *session)
{
	return !session->is_peer && !session->is_own;
}

/* Whose FIN or RST came first: the first that is seen counts. */
void session_closed_by(struct session *session, enum who who);
/* Close everything, and tell. limit: for the summary, may be NULL. */
void session_close(struct session *session, enum ended_by ended, const char *limit);

/* Close it so that the peer sees a reset, where its kind has one. */
void session_close_abruptly(struct session *session, enum ended_by ended, const char *limit);
/* Close it in the midst: a relay resets, unless everything was handed over. */
void session_cut_off(struct session *session, enum ended_by ended, const char *limit);

/* Run a flow, and act on how it ended. Return true where the session is closed. */
bool session_run_out(struct session *session);
bool session_run_in(struct session *session);
/*
 * An error of the connection that no call will meet: nothing is read any more, and nothing is being sent. Returns true
 * where the session is closed.
 */
bool session_check_error(struct session *session);
/*
 * With -k: let the kernel ask whether a peer that has ended is still there to receive, once, unless its endpoint says
 * when to ask (keepalive).
 */
void session_probe(struct session *session);
/* Shut the sending half, where it is to be. Returns false where it has to be tried again. */
bool session_shut_out(struct session *session);

/* The event END. limit: of the sentence ("3 s"), NULL where it has none; session_close() calls it once. */
void session_summarize(struct session *session, const char *limit);
/* Bytes of data that were sent and are not acknowledged; an end of ours is none of them. */
int session_unacknowledged_data(const struct session *session);
/* Acknowledgement of what was sent, an end of ours too: true when nothing is outstanding. Arms the next look. */
bool session_is_acknowledged(struct session *session);
/* Has the peer sent what our output does not take now? */
bool session_is_output_blocked(const struct session *session);
/* Where nothing moves, say who must act next. Returns in how many ns it wants to be asked again; ENDING_NEVER: not. */
uint64_t session_say_waiting(struct session *session);
/* In every second in which data move tell what the kernel knows. Returns as above. */
uint64_t session_tell_info(struct session *session);
/* Begin with what was left of the connection before, if there was one. */
void session_take_leftover(struct session *session);
/* Leave what our end gave and the kernel has not had to the next connection. May be called again. */
void session_leave_unsent(struct session *session);
/* The session is about to be closed: leave what is known of it. */
void session_leave_rest(struct session *session, enum ended_by ended);
/* The failure record, made when first needed. */
struct failure *session_failure(struct session *session);

#endif
