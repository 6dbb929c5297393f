/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pair on which nothing moves: saying who must act next, where there is a trace. See waiting.h. */
#include "base/buf.h"
#include "base/i18n.h"
#include "engine/pair_private.h"
#include "engine/waiting.h"

/* What is known of the side that a flow goes to. */
static void waiting_look(struct pair *pair, const struct flow *to, const struct flow *from, struct waiting_facts *facts)
{
	struct pair_side *side = pair_to(pair, to);
	enum protocol protocol = side->layer.sock.protocol;

	*facts = (struct waiting_facts){
		.is_relay = true,
		/* Nothing is read that could not be written. */
		.is_out_held = to->state <= FLOW_DRAIN &&
			       (flow_holds(to) || stream_is_ready(to->from, HALF_READ)) &&
			       !stream_is_ready(to->to, HALF_WRITE),
		.is_out_ended = to->state >= FLOW_SHUT,
		.is_in_ended = from->state >= FLOW_SHUT,
		.has_talked = pair->talk.turns > 0,
		.has_end = side->stream.has_end,
		.is_unix = protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP,
		/* A flow counts at the target's end what it counts as its own. */
		.sent = to->is_out ? to->moves : to->other_moves,
		.received = from->is_out ? from->other_moves : from->moves,
	};
	facts->icmp = side == &pair->target ? pair_target_icmp(pair) : pair_client_icmp(pair);
	if (protocol == PROTOCOL_TCP && side->layer.sock.fd != -1)
		step_tcp_facts(pair_engine(pair)->st, &side->layer.sock, &facts->tcp);
}

/*
 * Say what is to be said of a side. Returns whether there was anything; sets *moves_ns where the kernel still moves
 * what we have given it: when to ask again.
 */
static bool waiting_say(struct pair *pair, const struct flow *to, const struct flow *from, const char *who,
			uint64_t *moves_ns)
{
	struct waiting_facts facts;
	enum waiting waiting;
	char sentence[512];
	struct text text;

	waiting_look(pair, to, from, &facts);
	waiting = waiting_decide(&facts);
	*moves_ns = waiting_moves_ns(waiting, &facts);
	if (*moves_ns > 0 || waiting == WAITING_NOTHING)
		return false;
	/* No news, after the first time. */
	if (waiting == WAITING_ANSWER && pair->rare->names->has_said_answer)
		return true;
	pair->rare->names->has_said_answer = pair->rare->names->has_said_answer || waiting == WAITING_ANSWER;
	text_init(&text, sentence, sizeof(sentence));
	waiting_format(waiting, &facts, who, &text);
	step_note(pair_engine(pair)->st, pair->number, "%s", sentence);
	return true;
}

uint64_t pair_waiting_left(struct pair *pair)
{
	struct pair_names *names = pair->rare->names;
	uint64_t moved, now_ns, moves_ns;

	/* With faults, who holds things up is we. */
	if (names == NULL || pair->talk.lines != NULL)
		return ENDING_NEVER;
	/* A program says itself what it waits for, if anybody does; and of a file there is nothing to be known. */
	if (pair_has_own_target(pair))
		return ENDING_NEVER;
	moved = pair->up.bytes + pair->up.other_bytes + pair->down.bytes + pair->down.other_bytes;
	now_ns = pair_limit_now(pair);
	if (names->waiting_ns == 0 || names->waiting_moved != moved) {
		names->waiting_ns = now_ns;
		names->waiting_moved = moved;
		names->has_said_waiting = false;
	}
	if (names->has_said_waiting)
		return ENDING_NEVER;
	if (now_ns - names->waiting_ns < WAITING_NS)
		return WAITING_NS - (now_ns - names->waiting_ns);
	/*
	 * Of a pair in which nobody has spoken both sides would say so: once is enough. Of a client that is an address
	 * nobody knows what it waits for.
	 */
	if (!waiting_say(pair, &pair->up, &pair->down, _("the target"), &moves_ns) && moves_ns == 0 &&
	    !pair_has_peer(pair))
		waiting_say(pair, &pair->down, &pair->up, _("the client"), &moves_ns);
	names->has_said_waiting = moves_ns == 0;
	names->waiting_ns = now_ns + moves_ns - WAITING_NS;
	return moves_ns > 0 ? moves_ns : ENDING_NEVER;
}
