/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of a session: the acknowledgement of what was sent, and the summary. See session.h. */
#include <errno.h>

#include "base/clock.h"
#include "base/util.h"
#include "engine/dressing.h"
#include "engine/session_private.h"

/* SIOCOUTQ is looked at again after 1 ms, then twice as late each time, up to 50 ms. */
#define ACK_PAUSE_FIRST_US 1000
#define ACK_PAUSE_LONGEST_US 50000

int session_unacknowledged_data(const struct session *session)
{
	int outstanding;

	if (session->sock->protocol != PROTOCOL_TCP || session->sock->fd == -1)
		return 0;
	/* tcp(7), SIOCOUTQ: our FIN counts as one. */
	outstanding = step_unacknowledged(session->engine->st, session->sock) - session->is_shut;
	return outstanding > 0 ? outstanding : 0;
}

bool session_is_acknowledged(struct session *session)
{
	struct engine *engine = session->engine;
	int outstanding;

	session->ack_due_ns = 0;
	/* Taken by send() is enough for what has no acknowledgements. */
	if (session->sock->protocol != PROTOCOL_TCP || session->sock->fd == -1)
		return true;
	outstanding = step_unacknowledged(engine->st, session->sock);
	if (outstanding <= 0)
		return true;
	session->ack_pause_us = session->ack_pause_us == 0 ? ACK_PAUSE_FIRST_US : session->ack_pause_us * 2;
	if (session->ack_pause_us > ACK_PAUSE_LONGEST_US)
		session->ack_pause_us = ACK_PAUSE_LONGEST_US;
	session->ack_due_ns = engine->st->env->now_ns() + session->ack_pause_us * NS_PER_US;
	return false;
}

/* Has the server ended its sending half, and not only because the client had ended after the reply? */
static bool is_servers_end(const struct session *session)
{
	bool is_client = session->sock->side == SIDE_CLIENT;
	enum who client = is_client ? WHO_LOCAL : WHO_REMOTE;

	if (session->closed_first == client && session->closed_turns >= 2)
		return false;
	return is_client ? session->in.state == FLOW_CLOSED : session->out.state >= FLOW_SHUT;
}

void session_close_abruptly(struct session *session, enum ended_by ended, const char *limit)
{
	/* socket(7): what close() does then. */
	if (session->sock->protocol == PROTOCOL_TCP && session_has_socket(session) && session->sock->fd != -1)
		step_make_abrupt(session->engine->st, session->sock);
	session_close(session, ended, limit);
}

void session_cut_off(struct session *session, enum ended_by ended, const char *limit)
{
	if (session->rules->is_relay && ended != ENDED_USER && session->out.state < FLOW_SHUT)
		session_close_abruptly(session, ended, limit);
	else
		session_close(session, ended, limit);
}

void session_summarize(struct session *session, const char *limit)
{
	struct stepper *st = session->engine->st;
	struct event event = {
		.step = STEP_END,
		.session = session->number,
		.side = session->sock->side,
		.protocol = session->sock->protocol,
		.fd = session->sock->fd,
	};
	struct summary summary = {
		.sent_bytes = session->out.bytes + dressing_added(session->dressing),
		.received_bytes = session->in.bytes + dressing_removed(session->dressing),
		.sends = session->out.moves,
		.receives = session->in.moves,
		.turns = session->talk.turns,
		.spoke_first = session->talk.first,
		.closed_first = session->closed_first,
		.ended_by = session->ended_by,
		.icmp = session->is_peer ? demux_peer_icmp(&session->peer) : (struct icmp_tally){ .count = 0 },
	};
	const struct sender_mark whole = { .t_ns = session->opened_ns };
	char words[32];

	if (st->bus->level < step_level(STEP_END))
		return;
	summary.limit = limit != NULL ? limit : ending_limit((enum ended_by)session->ended_by, session->rules, words,
							      sizeof(words));
	ending_shape(&summary, session->sock->side, is_servers_end(session));
	if (session->exchanges != NULL)
		summary.shape = ending_shape_http(summary.shape, *session->exchanges);
	if (session->is_own) {
		/* There are no two sides of a connection, of which one would ask and the other answer. */
		summary.spoke_first = WHO_NONE;
		summary.closed_first = WHO_NONE;
		if (summary.shape == SHAPE_REQUEST_REPLY)
			summary.shape = SHAPE_CONVERSATION;
	}
	summary.duration_ns = st->env->now_ns() - session->opened_ns;
	if (st->bus->level >= 2 && !session->is_own)
		step_facts(st, session->sock, &whole, &summary.tcp);
	event.t_ns = st->env->now_ns() - st->bus->start_ns;
	event.summary = &summary;
	event.local = &session->names->local;
	event.remote = &session->names->remote;
	bus_emit(st->bus, &event);
}
