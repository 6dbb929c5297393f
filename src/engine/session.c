/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session: see session.h. The rules are in ending.c, the acknowledgement and the summary in session_end.c. */
#include "engine/session.h"

#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/util.h"

/* How long the peer's end and a silent standard input go unexplained. */
#define SAY_WAITING_NS (2 * NS_PER_S)
/* When a send that met ENOBUFS is tried again: no descriptor tells. */
#define RETRY_NS (10 * NS_PER_MS)

static_assert(sizeof(struct session) <= 640, "a connection costs little (design: Small)");

struct failure *session_failure(struct session *session)
{
	if (session->fail == NULL)
		session->fail = xcalloc(1, sizeof(*session->fail));
	return session->fail;
}

/* The moment of the loop. */
static uint64_t session_now(const struct session *session)
{
	return loop_now_ns(session->engine->loop);
}

/* Whose FIN or RST came first: the first that is seen counts. */
static void session_closed_by(struct session *session, enum who who)
{
	if (session->closed_first != WHO_NONE || !session->remote.has_end)
		return;
	session->closed_first = (uint8_t)who;
	session->closed_turns = session->talk.turns;
}

/* Close everything, and tell. */
static void session_close(struct session *session, enum ended_by ended, const char *limit)
{
	struct stepper *st = session->engine->st;

	session->ended_by = (uint8_t)ended;
	session->phase = SESSION_CLOSED;
	session_closed_by(session, WHO_LOCAL);
	loop_timer_clear(session->engine->loop, &session->timer);
	loop_unpost(session->engine->loop, &session->task);
	session_summarize(session, limit);
	flow_close(&session->out);
	flow_close(&session->in);
	if (!session->is_peer) {
		step_look(st, session->sock);
		loop_forget(session->engine->loop, session->sock);
	}
	layer_close(session->remote.top, st);
	session->closed(session->ctx, session);
}

/* Fill the failure of a flow. */
static void session_record(struct session *session, const struct flow *flow, bool is_local)
{
	struct failure *fail = session_failure(session);
	enum step_id step;

	if (is_local)
		step = flow->is_out ? STEP_READ : STEP_WRITE;
	else
		step = flow->is_out ? STEP_SEND : STEP_RECV;
	/* EPIPE of a connection is the late news of the same: the peer's RST has come (tcp_reset() of the kernel). */
	failure_set(fail, step, flow->error == EPIPE && !is_local ? ECONNRESET : flow->error,
		    session->names == NULL ? NULL : &session->names->remote);
	fail->protocol = session->sock->protocol;
	fail->side = session->sock->side;
	if (session->names != NULL)
		fail->local = session->names->local;
}

/* The connection failed: what does the error mean? */
static enum ended_by connection_ending(const struct session *session, int error)
{
	if (session->remote.has_end && (error == ECONNRESET || error == EPIPE))
		return ENDED_RESET;
	/* The kernel has given up sending again and again. */
	if (error == ETIMEDOUT && session->out.bytes > 0)
		return ENDED_UNACKNOWLEDGED;
	return ENDED_ERROR;
}

/* A datagram that could not be sent: said, remembered, and passed over. */
static void session_skip_datagram(struct session *session, int error)
{
	struct flow *out = &session->out;

	session->has_lost = true;
	engine_say(session->engine, error == EMSGSIZE ?
		   _("a datagram of %zu bytes is longer than one can be here: not sent (EMSGSIZE)") :
		   _("a datagram of %zu bytes cannot be sent: the peer has no address to answer to (EDESTADDRREQ)"),
		   out->held_len);
	out->error = 0;
	flow_drop_held(out);
}

/* The sending flow met an error of the connection. Returns true where the session is closed. */
static bool session_out_failed(struct session *session)
{
	struct flow *out = &session->out;

	if (out->error == ENOBUFS || out->error == ENOMEM) {
		session->is_retrying = true;
		out->error = 0;
		return false;
	}
	if (session->remote.is_messages && (out->error == EMSGSIZE || out->error == EDESTADDRREQ)) {
		session_skip_datagram(session, out->error);
		loop_post(session->engine->loop, &session->task);
		return false;
	}
	session_record(session, out, false);
	if (!session->remote.has_end || session->in.state == FLOW_CLOSED) {
		session_close(session, connection_ending(session, out->error), NULL);
		return true;
	}
	/* The peer has reset it, but what came before that can still be read: nothing that arrived is dropped. */
	session->is_reset = true;
	session_closed_by(session, WHO_REMOTE);
	flow_close(out);
	return false;
}

/* Shut the sending half, where it is to be. Returns false where it has to be tried again. */
static bool session_shut_out(struct session *session)
{
	int ret;

	if (session->ended_ns == 0)
		session->ended_ns = session_now(session);
	if (session->rules->is_no_shutdown || !session->remote.has_end ||
	    (session->phase == SESSION_OPEN && !ending_half_closes(session->rules)))
		return true;
	ret = layer_shut_write(session->remote.top, session->engine->st);
	if (ret == STEP_HELD || ret == -EAGAIN)
		return false;
	session_closed_by(session, WHO_LOCAL);
	flow_set_state(&session->out, FLOW_SHUT);
	return true;
}

/* Run the flow from our end to the peer. Returns true where the session is closed. */
static bool session_run_out(struct session *session)
{
	switch (flow_run(&session->out)) {
	case FLOW_WAITS:
		return false;
	case FLOW_MORE:
		loop_post(session->engine->loop, &session->task);
		return false;
	case FLOW_ENDED:
		session_shut_out(session);
		return false;
	case FLOW_FAILED_FROM:
		session_record(session, &session->out, true);
		session_close(session, ENDED_ERROR, NULL);
		return true;
	case FLOW_FAILED_TO:
		return session_out_failed(session);
	}
	return false;
}

/* The peer has ended and all it sent is written: close our output, so that what reads it can finish. */
static bool session_finish_in(struct session *session)
{
	int ret = 0;

	if (session->is_reset) {
		session_close(session, ENDED_RESET, NULL);
		return true;
	}
	session_closed_by(session, WHO_REMOTE);
	if (!session->rules->is_send_only)
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
	return false;
}

/* Reading from the connection failed, and all that came before is written. */
static bool session_in_failed(struct session *session)
{
	enum ended_by ended = session->is_reset ? ENDED_RESET : connection_ending(session, session->in.error);

	if (ended == ENDED_RESET)
		session_closed_by(session, WHO_REMOTE);
	session_record(session, &session->in, false);
	session_close(session, ended, NULL);
	return true;
}

/* Run the flow from the peer to our end. Returns true where the session is closed. */
static bool session_run_in(struct session *session)
{
	struct flow *in = &session->in;
	enum flow_result result = flow_run(in);

	if (in->was_truncated) {
		in->was_truncated = false;
		session->has_lost = true;
		engine_say(session->engine, _("a message of %zu bytes was cut: it is longer than any that fits"),
			   in->truncated_len);
	}
	switch (result) {
	case FLOW_WAITS:
		return false;
	case FLOW_MORE:
		loop_post(session->engine->loop, &session->task);
		return false;
	case FLOW_ENDED:
		return session_finish_in(session);
	case FLOW_FAILED_FROM:
		return session_in_failed(session);
	case FLOW_FAILED_TO:
		session_record(session, in, true);
		session_close(session, ENDED_OUTPUT_CLOSED, NULL);
		return true;
	}
	return false;
}

/*
 * An error of the connection that no call will meet: nothing is read any more, and nothing is being sent. Returns true
 * where the session is closed.
 */
static bool session_check_error(struct session *session)
{
	int error;

	if ((session->sock->ready & READY_ERR) == 0 || session->is_peer || session->in.state != FLOW_CLOSED)
		return false;
	error = step_error(session->engine->st, session->sock);
	if (error == 0 || error == STEP_HELD) {
		session->sock->ready &= (uint8_t)~READY_ERR;
		return false;
	}
	session->out.error = error;
	session_record(session, &session->out, false);
	session_close(session, connection_ending(session, error), NULL);
	return true;
}

/* What has happened, for the rules. */
static void session_facts(struct session *session, struct ending_facts *facts)
{
	uint64_t moved = session->out.bytes + session->in.bytes;
	bool wants_time = session->rules->idle_ns != ENDING_NEVER || session->rules->quit_after_ns != ENDING_NEVER;
	uint64_t now_ns, since_ns;

	facts->local_ended = session->out.state >= FLOW_DRAIN && !flow_holds(&session->out);
	facts->local_shut = session->out.state >= FLOW_SHUT;
	facts->remote_ended = session->in.state == FLOW_CLOSED;
	facts->acknowledged = false;
	facts->quiet_ns = 0;
	facts->ended_quiet_ns = 0;
	if (session->rules->is_send_only && ending_is_all_sent(session->rules, facts))
		facts->acknowledged = session_is_acknowledged(session);
	if (!wants_time)
		return;
	now_ns = session_now(session);
	if (moved != session->moved) {
		session->moved = moved;
		session->moved_ns = now_ns;
	}
	facts->quiet_ns = now_ns - session->moved_ns;
	since_ns = session->ended_ns > session->moved_ns ? session->ended_ns : session->moved_ns;
	facts->ended_quiet_ns = now_ns > since_ns ? now_ns - since_ns : 0;
}

/* The peer has ended and nothing comes from standard input: say once what is waited for. */
static uint64_t session_say_waiting(struct session *session)
{
	uint64_t now_ns;

	if (session->has_said_waiting || session->rules->is_crowd || session->in.state != FLOW_CLOSED ||
	    session->out.state != FLOW_OPEN || session->rules->is_recv_only || session->rules->is_send_only)
		return ENDING_NEVER;
	now_ns = session_now(session);
	if (session->waiting_ns == 0 || session->waiting_bytes != session->out.bytes) {
		session->waiting_ns = now_ns;
		session->waiting_bytes = session->out.bytes;
	}
	if (now_ns - session->waiting_ns < SAY_WAITING_NS)
		return SAY_WAITING_NS - (now_ns - session->waiting_ns);
	session->has_said_waiting = true;
	engine_say(session->engine, _("the peer has ended; waiting for the end of standard input "
				      "(Ctrl-D on a terminal; --until remote leaves at the peer's end)"));
	return ENDING_NEVER;
}

/* Set the timer to the earliest of what waits for a moment. */
static void session_set_timer(struct session *session, uint64_t next_ns)
{
	uint64_t now_ns;

	if (session->is_retrying)
		next_ns = next_ns < RETRY_NS ? next_ns : RETRY_NS;
	if (next_ns == ENDING_NEVER && session->ack_due_ns == 0) {
		loop_timer_clear(session->engine->loop, &session->timer);
		return;
	}
	now_ns = session_now(session);
	next_ns = next_ns == ENDING_NEVER ? ENDING_NEVER : now_ns + next_ns;
	if (session->ack_due_ns != 0 && session->ack_due_ns < next_ns)
		next_ns = session->ack_due_ns;
	/* A later moment needs no new timer: when this one fires, the next is set. */
	if (session->timer.index == 0 || session->timer.due_ns > next_ns)
		loop_timer_set(session->engine->loop, &session->timer, next_ns);
}

/* Has the kernel given the connection up, so that no acknowledgement will come? */
static bool session_is_dead(struct session *session)
{
	struct tcp_facts facts;

	return (session->sock->ready & READY_HUP) != 0 &&
	       step_tcp_facts(session->engine->st, session->sock, &facts) == 0 && facts.state == TCP_CLOSE;
}

/* LEAVING: everything is sent; shut, and wait for the acknowledgement. */
static void session_leave(struct session *session)
{
	struct flow *out = &session->out;

	if (out->state == FLOW_DRAIN && flow_holds(out))
		return;
	if (out->state == FLOW_DRAIN && !session_shut_out(session))
		return;
	if (session->ended_by == ENDED_QUIT_AFTER) {
		/* The time is over: what is not acknowledged now is not waited for. */
		session_close(session,
			      session_is_acknowledged(session) ? ENDED_QUIT_AFTER : ENDED_UNACKNOWLEDGED, NULL);
		return;
	}
	if (session_is_acknowledged(session))
		session_close(session, (enum ended_by)session->ended_by, NULL);
	/* Asked once more: the last acknowledgement may have come between the two looks. */
	else if (session_is_dead(session) && !session_is_acknowledged(session))
		session_close(session, ENDED_UNACKNOWLEDGED, NULL);
}

/* A rule has decided, or none has: act on it. Returns the ns until time may change that. */
static uint64_t session_decide(struct session *session)
{
	struct ending_facts facts;
	enum ended_by ended;

	session_facts(session, &facts);
	ended = ending_decide(session->rules, &facts);
	if (ended == ENDED_IDLE_TIMEOUT) {
		session_close(session, ended, NULL);
		return ENDING_NEVER;
	}
	if (session->phase == SESSION_OPEN && ended != ENDED_NOT) {
		session->phase = SESSION_LEAVING;
		session->ended_by = (uint8_t)ended;
		flow_end_source(&session->out);
	}
	if (session->phase == SESSION_LEAVING)
		session_leave(session);
	return session->phase == SESSION_CLOSED ? ENDING_NEVER : ending_next_ns(session->rules, &facts);
}

/* Something has happened: let both flows move, then see whether it is over. */
static void session_run(struct task *task)
{
	struct session *session = CONTAINER_OF(task, struct session, task);
	uint64_t next_ns, say_ns;

	session->is_retrying = false;
	if (!session->is_peer && (session->sock->ready & READY_END) != 0) {
		session_closed_by(session, WHO_REMOTE);
		step_look(session->engine->st, session->sock);
	}
	if (session_run_out(session) || session_run_in(session) || session_check_error(session))
		return;
	next_ns = session_decide(session);
	if (session->phase == SESSION_CLOSED)
		return;
	say_ns = session_say_waiting(session);
	session_set_timer(session, say_ns < next_ns ? say_ns : next_ns);
}

static void session_timer(struct timer *timer)
{
	struct session *session = CONTAINER_OF(timer, struct session, timer);

	loop_post(session->engine->loop, &session->task);
}

void session_wake(struct session *session)
{
	loop_post(session->engine->loop, &session->task);
}

/* Fill what both kinds of session have in common. */
static void session_init(struct session *session, const struct session_settings *settings)
{
	*session = (struct session){
		.task = { .run = session_run },
		.timer = { .fire = session_timer },
		.engine = settings->engine,
		.rules = settings->rules,
		.closed = settings->closed,
		.ctx = settings->ctx,
		.number = settings->number,
		.local = settings->local,
	};
	session->opened_ns = session_now(session);
	session->moved_ns = session->opened_ns;
	session->names = xcalloc(1, sizeof(*session->names));
}

/* Make the flows between our end and the connection. */
static void session_set_flows(struct session *session)
{
	const struct ending_rules *rules = session->rules;

	flow_init(&session->out, session->engine, &session->talk, &session->local, &session->remote, true);
	flow_init(&session->in, session->engine, &session->talk, &session->remote, &session->local, false);
	session->in.is_discarding = rules->is_send_only;
	if (rules->is_recv_only)
		/* Counts as ended, without a shutdown: the peer may take a FIN for an abort. */
		flow_set_state(&session->out, FLOW_SHUT);
}

int session_open(struct session *session, const struct session_settings *settings, struct opened *opened)
{
	int ret;

	session_init(session, settings);
	socket_layer_init(&session->connection, &opened->sock, opened->is_datagram, opened->is_messages);
	session->sock = &session->connection.sock;
	session->sock->session = session->number;
	session->is_reset = session->sock->was_reset;
	if (session->is_reset)
		failure_set(session_failure(session), STEP_RECV, ECONNRESET, &opened->remote);
	session->names->remote = opened->remote;
	session->names->local = opened->local;
	session->remote = (struct stream){
		.top = &session->connection.layer,
		.is_messages = opened->is_messages,
		.has_end = !opened->is_datagram,
	};
	session_set_flows(session);
	ret = loop_watch(session->engine->loop, session->sock, &session->task);
	if (ret == 0 && opened->local.len == 0 && session->engine->st->bus->level > 0)
		step_local_addr(session->engine->st, session->sock, &session->names->local);
	return ret;
}

void session_open_peer(struct session *session, const struct session_settings *settings, struct demux *demux,
		       const struct addr *from)
{
	session_init(session, settings);
	session->is_peer = true;
	session->sock = demux_sock(demux);
	session->names->remote = *from;
	demux_add(demux, &session->peer, from, session->number, &session->task);
	session->remote = (struct stream){ .top = &session->peer.layer, .is_messages = true };
	if (session->engine->st->bus->level > 0)
		step_local_addr(session->engine->st, session->sock, &session->names->local);
	session_set_flows(session);
}

void session_abandon(struct session *session, enum ended_by ended, const char *limit)
{
	if (session->phase != SESSION_CLOSED)
		session_close(session, ended, limit);
}

void session_clear(struct session *session)
{
	free(session->names);
	free(session->fail);
}
