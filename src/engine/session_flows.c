/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two flows of a session: what their ends and errors mean. See session.h. */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>

#include "base/i18n.h"
#include "engine/dressing.h"
#include "engine/session_private.h"
#include "step/errqueue.h"

/*
 * How long, in seconds, between two questions to a peer that has ended whether it is still there. A host forgets a
 * socket that is closed after a minute (tcp(7), tcp_fin_timeout), and answers with RST from then on.
 */
#define PROBE_PAUSE_S 30

void session_closed_by(struct session *session, enum who who)
{
	if (session->closed_first != WHO_NONE || !session->remote.has_end)
		return;
	session->closed_first = (uint8_t)who;
	session->closed_turns = session->talk.turns;
}

/* Fill the failure of a flow. */
static void session_record(struct session *session, const struct flow *flow, bool is_local)
{
	struct failure *fail = session_failure(session);
	const char *name;
	enum step_id step;

	if (is_local)
		step = flow->is_out ? STEP_READ : STEP_WRITE;
	else if (session->is_own)
		step = flow->is_out ? STEP_WRITE : STEP_READ;
	else
		step = flow->is_out ? STEP_SEND : STEP_RECV;
	/* EPIPE of a connection is the late news of the same: the peer's RST has come (tcp_reset() of the kernel). */
	failure_set(fail, step, flow->error == EPIPE && !is_local && !session->is_own ? ECONNRESET : flow->error,
		    session->names == NULL ? NULL : &session->names->remote);
	name = is_local ? session->rules->own_name : session->rules->other_name;
	if (name != NULL)
		snprintf(fail->target, sizeof(fail->target), "%s", name);
	fail->protocol = session->sock->protocol;
	fail->side = session->sock->side;
	if (session->names != NULL)
		fail->local = session->names->local;
	if (!is_local && fail->protocol == PROTOCOL_UDP && !session->is_peer)
		errqueue_blame(session->engine->st, session->sock, fail->code, fail);
}

/* The connection failed: what does the error mean? */
static enum ended_by connection_ending(const struct session *session, int error)
{
	if (session->is_own)
		return ENDED_ERROR;
	if (session->remote.has_end && (error == ECONNRESET || error == EPIPE))
		return ENDED_RESET;
	/* The kernel has given up sending again and again. */
	if (error == ETIMEDOUT && session->out.bytes > 0)
		return ENDED_UNACKNOWLEDGED;
	return ENDED_ERROR;
}

/* The connection has ended with an error, or is found reset: the ending, and whose end it was. */
static enum ended_by broken_ending(struct session *session, int error)
{
	enum ended_by ended = error == 0 ? ENDED_RESET : connection_ending(session, error);

	if (ended == ENDED_RESET)
		session_closed_by(session, WHO_REMOTE);
	return ended;
}

/* A datagram that could not be sent: said, remembered, and passed over. */
static void session_skip_datagram(struct session *session, int error)
{
	struct flow *out = &session->out;

	session->has_lost = true;
	engine_say(session->engine, error == EMSGSIZE ?
		   _("a datagram of %u bytes is longer than one can be here: not sent (EMSGSIZE)") :
		   _("a datagram of %u bytes cannot be sent: the peer has no address to answer to (EDESTADDRREQ)"),
		   out->held_len);
	out->error = 0;
	flow_drop_held(out);
}

/*
 * Of two programs one takes no more: what the other writes goes nowhere, as in a pipeline of a shell, and ends it by
 * SIGPIPE, if it writes.
 */
static bool session_break_pipe(struct session *session, struct flow *flow, struct stream *from)
{
	flow->error = 0;
	flow_close(flow);
	layer_shut_read(from->top, session->engine->st);
	loop_post(session->engine->loop, &session->task);
	return false;
}

/* The sending flow met an error of the connection. Returns true where the session is closed. */
static bool session_out_failed(struct session *session)
{
	struct flow *out = &session->out;

	if (session->remote.is_messages && (out->error == EMSGSIZE || out->error == EDESTADDRREQ)) {
		session_skip_datagram(session, out->error);
		loop_post(session->engine->loop, &session->task);
		return false;
	}
	if (session->rules->is_pipeline && out->error == EPIPE)
		return session_break_pipe(session, out, &session->local);
	session_record(session, out, false);
	if (session->is_own) {
		session_close(session, ENDED_OUTPUT_CLOSED, NULL);
		return true;
	}
	if (!session->remote.has_end || session->in.state == FLOW_CLOSED) {
		session_close(session, broken_ending(session, out->error), NULL);
		return true;
	}
	/* It has ended, but what came before that can still be read: nothing that arrived is dropped. */
	session->is_reset = true;
	broken_ending(session, out->error);
	session_leave_unsent(session);
	flow_close(out);
	/* A program that waits for us to take what it says would read nothing, and neither side would go on. */
	layer_shut_read(session->local.top, session->engine->st);
	return false;
}

/* The sending half could not be shut. Returns false where that has closed the session. */
static bool session_shut_failed(struct session *session, int error)
{
	struct flow *out = &session->out;

	flow_set_state(out, FLOW_SHUT);
	if (session->is_own) {
		out->error = error;
		session_record(session, out, false);
		session_close(session, ENDED_OUTPUT_CLOSED, NULL);
		return false;
	}
	/*
	 * shutdown(2): the connection has ended before, by a reset or since the kernel gave up. Who still reads
	 * is told.
	 */
	if (error == ENOTCONN && session->in.state != FLOW_CLOSED)
		return true;
	if (error == ENOTCONN)
		error = step_error(session->engine->st, session->sock);
	out->error = error == 0 ? ECONNRESET : error;
	session_record(session, out, false);
	session_close(session, broken_ending(session, out->error), NULL);
	return false;
}

/* Has the peer ended before us, unnoticed so far? Behind our own end its state does not always tell any more. */
static void look_for_end(struct session *session)
{
	if (!session_has_socket(session) || session->closed_first != WHO_NONE)
		return;
	step_look(session->engine->st, session->sock);
	if (session->sock->state == TCP_CLOSE_WAIT)
		session_closed_by(session, WHO_REMOTE);
}

bool session_shut_out(struct session *session)
{
	int ret;

	if (session->ended_ns == 0)
		session->ended_ns = session_limit_now(session);
	/* It may not have ended by itself (--limit). */
	layer_shut_read(session->local.top, session->engine->st);
	if (session->rules->is_no_shutdown || session->is_left || !session->remote.has_end ||
	    (session->phase == SESSION_OPEN && !ending_half_closes(session->rules)))
		return true;
	look_for_end(session);
	ret = layer_shut_write(session->remote.top, session->engine->st);
	if (ret == STEP_HELD || ret == -EAGAIN)
		return false;
	if (ret < 0)
		return session_shut_failed(session, -ret);
	session->is_shut = true;
	session_closed_by(session, WHO_LOCAL);
	flow_set_state(&session->out, FLOW_SHUT);
	return true;
}

bool session_run_out(struct session *session)
{
	switch (flow_run(&session->out)) {
	case FLOW_WAITS:
		return false;
	case FLOW_MORE:
		loop_post_later(session->engine->loop, &session->task);
		return false;
	case FLOW_LACKS:
		session->is_retrying = true;
		return false;
	case FLOW_ENDED:
		session_shut_out(session);
		return session->phase == SESSION_CLOSED;
	case FLOW_FAILED_FROM:
		session_record(session, &session->out, true);
		/* What could not be read is missing: nobody is to take what came before for all of it. */
		session_close_abruptly(session, ENDED_ERROR, NULL);
		return true;
	case FLOW_FAILED_TO:
		return session_out_failed(session);
	case FLOW_END_BOTH:
	case FLOW_RESET_BOTH:
		/* It has no line of faults. */
		return false;
	}
	return false;
}

/* The peer has ended and all it sent is written: close our output, so that what reads it can finish. */
static bool session_finish_in(struct session *session)
{
	bool is_limit;
	int ret = 0;

	if (session->is_reset) {
		session_close(session, broken_ending(session, session->out.error), NULL);
		return true;
	}
	is_limit = session->dressing != NULL && dressing_is_in_ended(session->dressing);
	if (session->phase == SESSION_OPEN && !is_limit)
		session_closed_by(session, WHO_REMOTE);
	if (!session->rules->is_send_only && !session->keeps_output)
		ret = layer_shut_write(session->local.top, session->engine->st);
	if (ret == -EAGAIN || ret == STEP_HELD)
		return false;
	flow_close(&session->in);
	if (ret < 0) {
		flow_fail(&session->in, -ret, false);
		session_record(session, &session->in, true);
		session_close(session, ENDED_OUTPUT_CLOSED, NULL);
		return true;
	}
	if (is_limit)
		session_close(session, ENDED_LIMIT, NULL);
	return is_limit;
}

/* Reading from the connection failed, and all that came before is written. */
static bool session_in_failed(struct session *session)
{
	int error = session->is_reset ? session->out.error : session->in.error;

	session_record(session, &session->in, false);
	session_close(session, broken_ending(session, error), NULL);
	return true;
}

/* The program takes no more, as head(1) does: what it has not asked for is thrown away, and it is waited for. */
static bool session_program_is_full(struct session *session)
{
	session->in.error = 0;
	flow_discard(&session->in);
	loop_post(session->engine->loop, &session->task);
	return false;
}

bool session_run_in(struct session *session)
{
	struct flow *in = &session->in;
	enum flow_result result = flow_run(in);

	if (in->was_truncated) {
		in->was_truncated = false;
		session->has_lost = true;
		engine_say(session->engine, _("a message of %u bytes was cut: it is longer than any that fits"),
			   in->truncated_len);
	}
	switch (result) {
	case FLOW_WAITS:
		return false;
	case FLOW_MORE:
		loop_post_later(session->engine->loop, &session->task);
		return false;
	case FLOW_LACKS:
		session->is_retrying = true;
		return false;
	case FLOW_ENDED:
		return session_finish_in(session);
	case FLOW_FAILED_FROM:
		return session_in_failed(session);
	case FLOW_FAILED_TO:
		if (session->rules->is_pipeline && in->error == EPIPE)
			return session_break_pipe(session, in, &session->remote);
		if (session->rules->is_program && in->error == EPIPE)
			return session_program_is_full(session);
		session_record(session, in, true);
		session_close(session, ENDED_OUTPUT_CLOSED, NULL);
		return true;
	case FLOW_END_BOTH:
	case FLOW_RESET_BOTH:
		/* It has no line of faults. */
		return false;
	}
	return false;
}

/*
 * Is the error of a peer that had ended before, and has lost nothing by it that it has closed altogether? An RST in
 * CLOSE_WAIT is EPIPE, elsewhere ECONNRESET (tcp_reset() of the kernel). What was sent to it may be unread: then it is
 * a reset.
 */
static bool session_has_left(const struct session *session, int error)
{
	return session->rules->is_crowd && error == EPIPE && session->out.bytes == 0 && !flow_holds(&session->out);
}

bool session_check_error(struct session *session)
{
	int error;

	if ((session->sock->ready & READY_ERR) == 0 || session->is_peer || session->in.state != FLOW_CLOSED)
		return false;
	error = step_error(session->engine->st, session->sock);
	if (error == 0 || error == STEP_HELD) {
		session->sock->ready &= (uint8_t)~READY_ERR;
		return false;
	}
	if (session_has_left(session, error)) {
		session->is_left = true;
		session->sock->ready &= (uint8_t)~READY_ERR;
		return false;
	}
	session->out.error = error;
	session_record(session, &session->out, false);
	session_close(session, broken_ending(session, error), NULL);
	return true;
}

void session_probe(struct session *session)
{
	struct stepper *st = session->engine->st;
	struct sock *sk = session->sock;

	if (!session->rules->is_crowd || session->is_probed || session->phase != SESSION_OPEN ||
	    session->in.state != FLOW_CLOSED || !session_has_socket(session) || sk->protocol != PROTOCOL_TCP)
		return;
	session->is_probed = true;
	step_tune(st, sk, IPPROTO_TCP, TCP_KEEPIDLE, PROBE_PAUSE_S);
	step_tune(st, sk, IPPROTO_TCP, TCP_KEEPINTVL, PROBE_PAUSE_S);
	/* Last: tcp(7), TCP_KEEPIDLE. */
	step_tune(st, sk, SOL_SOCKET, SO_KEEPALIVE, 1);
}
