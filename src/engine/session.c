/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session: see session.h. The rules are in ending.c, the acknowledgement and the summary in session_end.c. */
#include "engine/session_private.h"

#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/util.h"
#include "engine/dressing.h"

/* How long the peer's end and a silent standard input go unexplained. */
/* When a send that met ENOBUFS is tried again: no descriptor tells. */
#define RETRY_NS (10 * NS_PER_MS)
/* For how long a peer may go on sending to a program that has exited. */
#define LINGER_NS (2 * NS_PER_S)

static_assert(sizeof(struct session) <= 672, "a connection costs little (design: Small)");

struct failure *session_failure(struct session *session)
{
	if (session->fail == NULL)
		session->fail = xcalloc(1, sizeof(*session->fail));
	return session->fail;
}

void session_close(struct session *session, enum ended_by ended, const char *limit)
{
	struct stepper *st = session->engine->st;

	session_leave_rest(session, ended);
	session->ended_by = (uint8_t)ended;
	session->phase = SESSION_CLOSED;
	session_closed_by(session, WHO_LOCAL);
	loop_timer_clear(session->engine->loop, &session->timer);
	loop_unpost(session->engine->loop, &session->task);
	session_summarize(session, limit);
	if (session->dressing != NULL)
		dressing_say_goodput(session->dressing);
	flow_close(&session->out);
	flow_close(&session->in);
	if (session_has_socket(session)) {
		step_look(st, session->sock);
		loop_forget(session->engine->loop, session->sock);
	}
	/* An end of our own is closed by whoever has opened it. */
	if (!session->is_own)
		layer_close(session->remote.top, st);
	session->closed(session->ctx, session);
}

bool session_is_output_blocked(const struct session *session)
{
	return session->in.state <= FLOW_DRAIN &&
	       (flow_holds(&session->in) || (stream_is_ready(&session->remote, HALF_READ) &&
					     !stream_is_ready(&session->local, HALF_WRITE)));
}

/* Has the peer closed? Of a Unix socket EPOLLHUP tells of both halves, and ours is not shut by us. */
static bool session_is_left(const struct session *session)
{
	const struct sock *sk = session->sock;

	if (session->is_left)
		return true;
	return (sk->protocol == PROTOCOL_UNIX || sk->protocol == PROTOCOL_UNIX_SEQPACKET) &&
	       (sk->ready & READY_HUP) != 0 && session->out.state < FLOW_SHUT;
}

/* What has happened, for the rules. */
static void session_facts(struct session *session, struct ending_facts *facts)
{
	uint64_t moved = session->out.bytes + session->in.bytes;
	bool wants_time = session->rules->idle_ns != ENDING_NEVER || session->rules->quit_after_ns != ENDING_NEVER ||
			  session->rules->linger_ns > 0;
	uint64_t now_ns, since_ns;

	facts->local_ended = session->out.state >= FLOW_DRAIN && !flow_holds(&session->out);
	facts->local_shut = session->out.state >= FLOW_SHUT;
	facts->local_gone = session->rules->is_program && layer_is_gone(session->local.top);
	facts->remote_gone = session->rules->is_pipeline && layer_is_gone(session->remote.top);
	facts->remote_ended = session->in.state == FLOW_CLOSED;
	facts->remote_closed = session_is_left(session);
	facts->is_leaving = session->phase == SESSION_LEAVING;
	facts->acknowledged = false;
	facts->quiet_ns = 0;
	facts->ended_quiet_ns = 0;
	facts->since_end_ns = 0;
	if ((session->rules->is_send_only || session->rules->linger_ns > 0) &&
	    ending_is_all_sent(session->rules, facts))
		facts->acknowledged = session_is_acknowledged(session);
	if (!wants_time)
		return;
	now_ns = session_limit_now(session);
	if (moved != session->moved) {
		session->moved = moved;
		session->moved_ns = now_ns;
	}
	facts->quiet_ns = now_ns - session->moved_ns;
	if (session->ended_ns != 0)
		facts->since_end_ns = now_ns - session->ended_ns;
	since_ns = session->ended_ns > session->moved_ns ? session->ended_ns : session->moved_ns;
	/* Data that wait for our output are no silence of the peer's. */
	if (!session_is_output_blocked(session))
		facts->ended_quiet_ns = now_ns > since_ns ? now_ns - since_ns : 0;
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
	next_ns = next_ns == ENDING_NEVER ? ENDING_NEVER : now_ns + step_limit_wait(session->engine->st, next_ns);
	if (session->ack_due_ns != 0 && session->ack_due_ns < next_ns)
		next_ns = session->ack_due_ns;
	/* A later moment needs no new timer: when this one fires, the next is set. */
	if (!timer_is_set(&session->timer) || session->timer.due_ns > next_ns)
		loop_timer_set(session->engine->loop, &session->timer, next_ns);
}

/* Has the kernel given the connection up, so that no acknowledgement will come? */
static bool session_is_dead(struct session *session)
{
	struct tcp_facts facts;

	return (session->sock->ready & READY_HUP) != 0 &&
	       step_tcp_facts(session->engine->st, session->sock, &facts) == 0 && facts.state == TCP_CLOSE;
}

/*
 * LEAVING: is what had arrived written? It counts from the first time of asking: more may come for ever. Once all
 * of it is read, no more is.
 */
static bool session_is_in_written(struct session *session)
{
	struct flow *in = &session->in;
	int unread;

	if (in->state == FLOW_OPEN && !session->remote.is_messages && session_has_socket(session)) {
		unread = session->in_goal == 0 ? step_unread(session->engine->st, session->sock) : 0;
		if (session->in_goal == 0)
			session->in_goal = in->bytes + (uint64_t)(unread > 0 ? unread : 0);
		if (in->bytes < session->in_goal)
			return false;
	}
	if (flow_holds(in))
		flow_end_source(in);
	return !flow_holds(in);
}

/*
 * LEAVING, since the program has exited: what the peer still sends, nobody will read. To close at once would answer it
 * with a reset (RFC 1122, 4.2.2.13), which may overtake what the program said last; so it is thrown away until the peer
 * has ended too, for at most a moment. Returns whether that is over.
 */
static bool session_has_lingered(struct session *session)
{
	uint64_t now_ns = session_now(session);

	if (session->in.state != FLOW_OPEN || !session->remote.has_end || session->is_own)
		return true;
	if (session->linger_ns == 0)
		session->linger_ns = now_ns + LINGER_NS;
	if (now_ns >= session->linger_ns)
		return true;
	session->ack_due_ns = session->linger_ns;
	return false;
}

/* LEAVING, since the peer has ended too early: has it had its time to acknowledge what it got before? */
static bool session_has_lost_peer(const struct session *session)
{
	return session->leftover != NULL && session->leftover->is_lost && session_now(session) >= session->linger_ns;
}

/* The peer has ended while there was input: what it has not been sent is for the next connection. */
static void session_lose(struct session *session)
{
	session_leave_unsent(session);
	session->leftover->is_lost = true;
	session->linger_ns = session_now(session) + LINGER_NS;
}

/* LEAVING: everything is sent; shut, and wait for the acknowledgement. */
static void session_leave(struct session *session)
{
	struct flow *out = &session->out;

	if (session->ended_by == ENDED_QUIT_AFTER && flow_holds(out)) {
		/* The time is over, and the peer has not even taken all of it. */
		session_close(session, ENDED_UNACKNOWLEDGED, NULL);
		return;
	}
	if (out->state == FLOW_DRAIN && flow_holds(out))
		return;
	if (out->state == FLOW_DRAIN && !session_shut_out(session))
		return;
	if (!session_is_in_written(session))
		return;
	if (session->ended_by == ENDED_QUIT_AFTER) {
		/* The time is over: what is not acknowledged now is not waited for. */
		session_close(session,
			      session_unacknowledged_data(session) == 0 ? ENDED_QUIT_AFTER : ENDED_UNACKNOWLEDGED,
			      NULL);
		return;
	}
	if (session_is_acknowledged(session)) {
		if (session->ended_by != ENDED_PROGRAM || session_has_lingered(session))
			session_close(session, (enum ended_by)session->ended_by, NULL);
	}
	/* Asked once more: the last acknowledgement may have come between the two looks. */
	else if (session_has_lost_peer(session) ||
		 (session_is_dead(session) && !session_is_acknowledged(session)))
		session_close(session, ENDED_UNACKNOWLEDGED, NULL);
}

/* A rule has decided, or none has: act on it. Returns the ns until time may change that. */
static uint64_t session_decide(struct session *session)
{
	struct ending_facts facts;
	enum ended_by ended;

	session_facts(session, &facts);
	ended = ending_decide(session->rules, &facts);
	if (ended == ENDED_NOT && session->is_finishing && facts.local_ended)
		ended = session->phase == SESSION_OPEN ? ENDED_USER : ENDED_NOT;
	/* Whoever was leaving when the peer's end was seen has ended it. */
	if (session->is_finishing && (ended == ENDED_REMOTE || ended == ENDED_BOTH))
		ended = ENDED_USER;
	if (ended == ENDED_IDLE_TIMEOUT && session->idle != NULL && session->idle(session->ctx, session)) {
		session->moved_ns = session_limit_now(session);
		return session->rules->idle_ns;
	}
	if (ended == ENDED_IDLE_TIMEOUT) {
		session_cut_off(session, ended, NULL);
		return ENDING_NEVER;
	}
	if (ended != ENDED_NOT && session->phase == SESSION_LEAVING)
		/* -q, while the acknowledgement is waited for: it is waited for no longer. */
		session->ended_by = ENDED_QUIT_AFTER;
	if (ended != ENDED_NOT && session->phase == SESSION_OPEN) {
		session->phase = SESSION_LEAVING;
		session->ended_by = (uint8_t)ended;
		if (session->leftover != NULL && ending_is_loss(session->rules, &facts))
			session_lose(session);
		flow_end_source(&session->out);
		if (ended == ENDED_PROGRAM)
			flow_discard(&session->in);
	}
	if (session->phase == SESSION_LEAVING)
		session_leave(session);
	return session->phase == SESSION_CLOSED ? ENDING_NEVER : ending_next_ns(session->rules, &facts);
}

/* What the peer has done shows in the socket's state: look when a fact is new, not at every turn. */
static void session_notice(struct session *session)
{
	uint8_t facts = session->sock->ready & (READY_END | READY_HUP | READY_ERR);

	if (!session_has_socket(session) || (facts & ~session->noticed) == 0)
		return;
	session->noticed |= facts;
	/* With an error it need not be the peer's end: the kernel may have given up. */
	if ((facts & READY_END) != 0 && (facts & READY_ERR) == 0)
		session_closed_by(session, WHO_REMOTE);
	/* What has come before that end is read first, and recv() = 0 then tells of the state: in their order. */
	if (facts == READY_END && session->in.state == FLOW_OPEN && !session->rules->is_send_only &&
	    (session->sock->ready & READY_IN) != 0)
		return;
	step_look(session->engine->st, session->sock);
}

/* Something has happened: let both flows move, then see whether it is over. */
static void session_run(struct task *task)
{
	struct session *session = CONTAINER_OF(task, struct session, task);
	uint64_t next_ns, say_ns, info_ns;

	session->is_retrying = false;
	session_notice(session);
	/* The datagram that waits was received before what is sent now, whenever our output takes it. */
	if (session->is_peer && stream_is_ready(&session->remote, HALF_READ))
		flow_has_come(&session->in);
	if (session_run_out(session) || session_run_in(session) || session_check_error(session))
		return;
	next_ns = session_decide(session);
	if (session->phase == SESSION_CLOSED)
		return;
	session_probe(session);
	say_ns = session_say_waiting(session);
	info_ns = session_tell_info(session);
	if (info_ns < say_ns)
		say_ns = info_ns;
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
		.idle = settings->idle,
		.ctx = settings->ctx,
		.number = settings->number,
		.local = settings->local,
		.leftover = settings->leftover,
		.keeps_output = settings->keeps_output,
		.exchanges = settings->exchanges,
	};
	session->opened_ns = session_now(session);
	session->moved_ns = session_limit_now(session);
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
	if (session->engine->dressing != NULL)
		session->dressing = dressing_put(session->engine->dressing, session);
	session_take_leftover(session);
}

static void tell_opened(struct session *session)
{
	if (session->engine->opened != NULL)
		session->engine->opened(session->engine->opened_ctx, session);
}

int session_open(struct session *session, const struct session_settings *settings, struct opened *opened)
{
	int ret;

	session_init(session, settings);
	socket_layer_init(&session->connection, &opened->sock, opened->is_datagram, opened->is_messages);
	session->sock = &session->connection.sock;
	session->sock->session = session->number;
	session->is_probed = opened->has_keepalive;
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
	tell_opened(session);
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
	tell_opened(session);
}

void session_open_own(struct session *session, const struct session_settings *settings, const struct stream *other)
{
	session_init(session, settings);
	session->is_own = true;
	session->sock = &session->connection.sock;
	sock_init(session->sock);
	session->sock->session = session->number;
	session->remote = *other;
	session_set_flows(session);
}

void session_abandon(struct session *session, enum ended_by ended, const char *limit)
{
	if (session->phase == SESSION_CLOSED)
		return;
	if (ended == ENDED_USER && (flow_holds(&session->out) || session_unacknowledged_data(session) > 0)) {
		session->has_lost = true;
		ended = ENDED_UNACKNOWLEDGED;
	}
	session_cut_off(session, ended, limit);
}

void session_quit(struct session *session)
{
	flow_end_source(&session->out);
	session_finish(session);
}

void session_finish(struct session *session)
{
	session->is_finishing = true;
	session_wake(session);
}

void session_reset(struct session *session)
{
	if (session->phase != SESSION_CLOSED)
		session_close_abruptly(session, ENDED_USER, NULL);
}

void session_fail(struct session *session, const struct failure *fail)
{
	if (session->phase == SESSION_CLOSED)
		return;
	*session_failure(session) = *fail;
	session_close_abruptly(session, ENDED_ERROR, NULL);
}

void session_clear(struct session *session)
{
	dressing_free(session->dressing);
	free(session->names);
	free(session->fail);
}
