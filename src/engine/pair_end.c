/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of a pair: delivering what has arrived before a reset is passed on, and the summaries. See pair.h. */
#include "base/clock.h"
#include "base/parse.h"
#include "engine/pair_private.h"

/*
 * A reset overtakes what was sent before it and is not acknowledged: it waits for that. One who takes nothing for so
 * long is not waited for.
 */
#define ABORT_GRACE_NS (300 * NS_PER_MS)
/* With a clean end: how long one may still send, or not have taken its last bytes. */
#define LINGER_GRACE_NS (2 * NS_PER_S)
/* No descriptor tells of an acknowledgement: how often to look. */
#define ABORT_LOOK_NS (2 * NS_PER_MS)

/* The bytes that have been read from where a flow comes from, as far as 32 bits tell. */
static uint32_t bytes_read(const struct flow *flow)
{
	return (uint32_t)(flow->is_out ? flow->other_bytes : flow->bytes);
}

/* What has arrived by now is to be delivered, and no more: one may go on sending for ever. */
static void set_goal(struct pair *pair, const struct flow *flow)
{
	struct pair_side *side = pair_from(pair, flow);
	int unread = 0;

	if (side->layer.sock.fd != -1)
		unread = step_unread(pair_engine(pair)->st, &side->layer.sock);
	side->goal = bytes_read(flow) + (uint32_t)(unread > 0 ? unread : 0);
}

/* Is it read? */
static bool has_reached_goal(struct pair *pair, const struct flow *flow)
{
	return (int32_t)(pair_from(pair, flow)->goal - bytes_read(flow)) <= 0;
}

void pair_abort(struct pair *pair, enum ended_by ended, bool is_clean)
{
	if (pair->phase >= PAIR_ABORTING)
		return;
	if (pair->phase != PAIR_OPEN) {
		pair_abandon(pair, ended);
		return;
	}
	pair->phase = PAIR_ABORTING;
	pair->ended_by = (uint8_t)ended;
	pair->is_clean_abort = is_clean;
	pair->moved_ns = pair_limit_now(pair);
	if (ended == ENDED_KICKED) {
		set_goal(pair, &pair->up);
		set_goal(pair, &pair->down);
	} else {
		flow_end_source(&pair->up);
		flow_end_source(&pair->down);
	}
	pair_dress_open(pair);
	pair_closed_here(pair);
	pair_wake(pair);
}

/* Let a flow deliver what it holds and what has arrived. Returns true while something is left. */
static bool deliver(struct pair *pair, struct flow *flow)
{
	if (flow->state == FLOW_OPEN && has_reached_goal(pair, flow))
		flow_end_source(flow);
	if (flow->state > FLOW_DRAIN)
		return false;
	switch (flow_run(flow)) {
	case FLOW_WAITS:
		return true;
	case FLOW_MORE:
		loop_post_later(pair_engine(pair)->loop, &pair->task);
		return true;
	case FLOW_LACKS:
		pair->is_retrying = true;
		return true;
	case FLOW_ENDED:
	case FLOW_FAILED_FROM:
	case FLOW_END_BOTH:
	case FLOW_RESET_BOTH:
		flow_close(flow);
		return false;
	case FLOW_FAILED_TO:
		pair_break(pair, pair_to(pair, flow), flow->error);
		return false;
	}
	return false;
}

uint64_t pair_unacknowledged(const struct pair *pair, struct pair_side *side)
{
	int left;

	if (side->is_broken || side->layer.sock.fd == -1 || side->layer.sock.protocol != PROTOCOL_TCP)
		return 0;
	left = step_unacknowledged(pair_engine(pair)->st, &side->layer.sock);
	return left > 0 ? (uint64_t)left : 0;
}

/*
 * So many bytes were promised: one who does not take them now is waited for as in an open session. Returns for how many
 * ns.
 */
static uint64_t limit_wait(struct pair *pair, uint64_t quiet_ns)
{
	uint64_t idle_ns = pair->rules->idle_ns, fault_ns = pair_fault_left(pair);

	if (idle_ns == ENDING_NEVER || idle_ns - quiet_ns > fault_ns)
		return fault_ns;
	return idle_ns - quiet_ns;
}

uint64_t pair_run_abort(struct pair *pair)
{
	bool is_busy = deliver(pair, &pair->up), is_lingering;
	uint64_t grace_ns = pair->is_clean_abort ? LINGER_GRACE_NS : ABORT_GRACE_NS, now_ns, quiet_ns, left, delivered;

	is_busy = deliver(pair, &pair->down) || is_busy;
	is_lingering = pair->is_clean_abort && pair_linger(pair);
	left = pair_unacknowledged(pair, &pair->client) + pair_unacknowledged(pair, &pair->target);
	delivered = pair->up.other_bytes + pair->down.bytes - left;
	now_ns = pair_limit_now(pair);
	/* What a fault holds back is on its way; but whoever asks for an end does not ask for one in an hour. */
	if (delivered != pair->moved || (pair->ended_by != ENDED_KICKED && pair_fault_waits(pair))) {
		pair->moved = delivered;
		pair->moved_ns = now_ns;
	}
	quiet_ns = now_ns - pair->moved_ns;
	if (is_busy && pair->ended_by == ENDED_LIMIT && quiet_ns < pair->rules->idle_ns)
		return limit_wait(pair, quiet_ns);
	if ((is_busy || left > 0) && quiet_ns < grace_ns)
		return ABORT_LOOK_NS;
	if (is_lingering && quiet_ns < grace_ns)
		return grace_ns - quiet_ns;
	/* What we still have is lost now: that is no clean end. */
	pair_close(pair, (enum ended_by)pair->ended_by, !pair->is_clean_abort || is_busy);
	return ENDING_NEVER;
}

/* Has the server ended its sending half, and not only because the client had ended after the reply? */
static bool is_servers_end(const struct pair *pair)
{
	if (pair->client.closed_first == WHO_REMOTE && pair->closed_turns >= 2)
		return false;
	return pair->down.state >= FLOW_SHUT;
}

/* The same, seen from the other side. */
static enum who other_who(enum who who)
{
	return who == WHO_NONE ? WHO_NONE : who == WHO_LOCAL ? WHO_REMOTE : WHO_LOCAL;
}

/* The END event of one side. */
static void summarize(struct pair *pair, struct pair_side *side, struct summary *summary, const struct addr *local,
		      const struct addr *remote)
{
	struct stepper *st = pair_engine(pair)->st;
	struct sock *sk = &side->layer.sock;
	struct event event = {
		.step = STEP_END,
		.session = pair->number,
		.side = (enum side)sk->side,
		.protocol = (enum protocol)sk->protocol,
		.fd = sk->fd,
		.local = local,
		.remote = remote,
		.summary = summary,
	};
	const struct sender_mark whole = {
		.t_ns = side == &pair->client ? pair->opened_ns : pair->rare->names->target_ns,
	};
	char words[32];

	if (pair->ended_by == ENDED_SIGNAL || pair->ended_by == ENDED_TOTAL_TIMEOUT)
		summary->limit = pair->rules->limit;
	if (pair->ended_by == ENDED_IDLE_TIMEOUT)
		summary->limit = parse_format_duration(pair->rules->idle_ns, words, sizeof(words));
	if (pair->ended_by == ENDED_LINGERED)
		summary->limit = parse_format_duration(PAIR_LEAVE_NS, words, sizeof(words));
	if (pair->ended_by == ENDED_CONNECT_TIMEOUT)
		summary->limit = parse_format_duration(pair->rules->connect_ns, words, sizeof(words));
	if (st->bus->level >= 2 && sk->fd != -1)
		step_facts(st, sk, &whole, &summary->tcp);
	ending_shape(summary, (enum side)sk->side, is_servers_end(pair));
	summary->duration_ns = st->env->now_ns() - pair->opened_ns;
	event.t_ns = st->env->now_ns() - st->bus->start_ns;
	bus_emit(st->bus, &event);
}

void pair_summarize(struct pair *pair)
{
	const struct flow *up = &pair->up, *down = &pair->down;
	struct summary client = {
		.sent_bytes = down->bytes,
		.sends = down->moves,
		.received_bytes = up->bytes,
		.receives = up->moves,
		.turns = pair->talk.turns,
		.spoke_first = pair->talk.first,
		.closed_first = pair->client.closed_first,
		.ended_by = pair->ended_by,
		.icmp = pair_client_icmp(pair),
	};
	struct summary target = {
		.sent_bytes = up->other_bytes + pair_dress_added(pair),
		.sends = up->other_moves,
		.received_bytes = down->other_bytes + pair_dress_removed(pair),
		.receives = down->other_moves,
		.turns = pair->talk.turns,
		.spoke_first = other_who(pair->talk.first),
		.closed_first = pair->target.closed_first,
		.ended_by = pair->ended_by,
		.icmp = pair_target_icmp(pair),
	};

	if (pair_engine(pair)->st->bus->level < step_level(STEP_END) || pair->rare->names == NULL)
		return;
	summarize(pair, &pair->client, &client, &pair->rare->names->client_local, &pair->rare->names->client);
	if (pair->has_target && !pair_has_own_target(pair))
		summarize(pair, &pair->target, &target, &pair->rare->names->target_local, &pair->rare->names->target);
}
