/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session on which nothing moves: saying who must act next. See waiting.h. */
#include "base/buf.h"
#include "base/i18n.h"
#include "engine/broker.h"
#include "engine/hub.h"
#include "engine/session_private.h"
#include "engine/waiting.h"

/* Has the peer ended, and standard input has not? Said without -v, too: a script would wait for ever. */
static bool is_waiting_for_input(const struct session *session)
{
	return session->in.state == FLOW_CLOSED && session->out.state == FLOW_OPEN && !session->rules->is_recv_only &&
	       !session->rules->is_send_only;
}

static void waiting_look(struct session *session, struct waiting_facts *facts)
{
	const struct flow *out = &session->out, *in = &session->in;
	const struct ending_rules *rules = session->rules;
	enum protocol protocol = session->sock->protocol;

	*facts = (struct waiting_facts){
		.is_output_blocked = session_is_output_blocked(session) && !broker_is_blocked(session->local.top) &&
				     (!rules->is_crowd || hub_says_blocked(session->local.top)),
		/* Nothing is read that could not be written. */
		.is_out_held = (flow_holds(out) || stream_is_ready(&session->local, HALF_READ)) &&
			       out->state <= FLOW_DRAIN && !stream_is_ready(&session->remote, HALF_WRITE),
		.is_out_ended = out->state >= FLOW_SHUT,
		.is_in_ended = in->state == FLOW_CLOSED,
		.is_default_end = rules->until == ENDING_UNTIL_DEFAULT,
		.is_recv_only = rules->is_recv_only,
		.is_send_only = rules->is_send_only,
		.is_input_ended = out->state >= FLOW_DRAIN,
		.is_crowd = rules->is_crowd,
		.is_holding = rules->is_crowd && hub_is_held_by(session->local.top),
		.has_talked = session->talk.turns > 0,
		.has_end = session->remote.has_end,
		.is_unix = protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP,
		.sent = out->moves,
		.received = in->moves,
	};
	if (session->is_peer)
		facts->icmp = demux_peer_icmp(&session->peer);
	if (protocol == PROTOCOL_TCP)
		step_tcp_facts(session->engine->st, session->sock, &facts->tcp);
}

/* Is what was said of the last pause true of this one as well, and no news? */
static bool is_known(const struct session *session, enum waiting waiting)
{
	return waiting == session->said_waiting && (waiting == WAITING_INPUT || waiting == WAITING_ANSWER);
}

/* We have moved nothing for long enough. Returns when to ask again, as the kernel still does; 0: not in this pause. */
static uint64_t waiting_say(struct session *session)
{
	struct waiting_facts facts;
	const char *who = session->sock->side == SIDE_SERVER ? _("the client") : _("the peer");
	char sentence[512];
	enum waiting waiting;
	uint64_t moves_ns;
	struct text text;

	waiting_look(session, &facts);
	waiting = waiting_decide(&facts);
	moves_ns = waiting_moves_ns(waiting, &facts);
	if (moves_ns > 0 || waiting == WAITING_NOTHING || is_known(session, waiting))
		return moves_ns;
	if (waiting == WAITING_INPUT_OF_ALL && !hub_says_ended(session->local.top))
		return 0;
	session->said_waiting = (uint8_t)waiting;
	text_init(&text, sentence, sizeof(sentence));
	waiting_format(waiting, &facts, who, &text);
	if (waiting == WAITING_INPUT || waiting == WAITING_INPUT_OF_ALL)
		engine_advise(session->engine, "%s", sentence);
	else
		step_note(session->engine->st, session->number, "%s", sentence);
	return 0;
}

uint64_t session_say_waiting(struct session *session)
{
	uint64_t moved = session->out.bytes + session->out.other_bytes + session->in.bytes + session->in.other_bytes;
	uint64_t now_ns, moves_ns;

	/* Of who is an address that datagrams come from nobody knows what it waits for. */
	if (session->is_peer)
		return ENDING_NEVER;
	/* A program says itself what it waits for, if anybody does; and of files there is nothing to be known. */
	if (session->rules->is_program || session->rules->own_name != NULL || session->is_own)
		return ENDING_NEVER;
	if (session->engine->st->bus->level == 0 && !is_waiting_for_input(session))
		return ENDING_NEVER;
	now_ns = session_limit_now(session);
	if (session->waiting_ns == 0 || session->waiting_moved != moved) {
		session->waiting_ns = now_ns;
		session->waiting_moved = moved;
		session->has_said_waiting = false;
	}
	if (session->has_said_waiting)
		return ENDING_NEVER;
	if (now_ns - session->waiting_ns < WAITING_NS)
		return WAITING_NS - (now_ns - session->waiting_ns);
	moves_ns = waiting_say(session);
	session->has_said_waiting = moves_ns == 0;
	session->waiting_ns = now_ns + moves_ns - WAITING_NS;
	return moves_ns > 0 ? moves_ns : ENDING_NEVER;
}
