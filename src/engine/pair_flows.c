/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two flows of a pair: what their ends and errors mean. See pair.h. */
#include <errno.h>

#include "engine/pair_private.h"

struct pair_side *pair_from(struct pair *pair, const struct flow *flow)
{
	return flow == &pair->up ? &pair->client : &pair->target;
}

struct pair_side *pair_to(struct pair *pair, const struct flow *flow)
{
	return flow == &pair->up ? &pair->target : &pair->client;
}

/* The file that is the target cannot be read, or takes no more: the client is reset once it has what came before. */
static void break_file(struct pair *pair, int error)
{
	bool is_read = pair->down.error != 0;
	struct failure *fail = pair_failure(pair);
	bool is_first = fail->domain == FAILURE_NONE;

	failure_set(fail, is_read ? STEP_READ : STEP_WRITE, error, NULL);
	if (is_first) {
		pair_file_name(pair, fail);
		pair->rules->dialed(pair->rules->ctx, pair, fail);
	}
	flow_close(&pair->up);
	if (pair->phase == PAIR_ABORTING)
		return;
	pair_closed_by(pair, &pair->target);
	if (pair_has_peer(pair)) {
		pair_close(pair, ENDED_OUTPUT_CLOSED, true);
		return;
	}
	pair->phase = PAIR_ABORTING;
	pair->ended_by = is_read ? ENDED_ERROR : ENDED_OUTPUT_CLOSED;
	pair->moved_ns = pair_limit_now(pair);
}

void pair_break(struct pair *pair, struct pair_side *side, int error)
{
	struct flow *to = side == &pair->client ? &pair->down : &pair->up;
	const struct pair_names *names = pair->rare->names;
	struct failure *fail;

	if (side == &pair->target && pair->rare->file != NULL) {
		break_file(pair, error);
		return;
	}
	fail = pair_failure(pair);
	/* EPIPE is the late news of the same: the peer's RST has come (tcp_reset() of the kernel). */
	failure_set(fail, STEP_RECV, error == 0 || error == EPIPE ? ECONNRESET : error,
		    names == NULL ? NULL : side == &pair->client ? &names->client : &names->target);
	fail->protocol = (enum protocol)side->layer.sock.protocol;
	fail->side = (enum side)side->layer.sock.side;
	side->is_broken = true;
	pair_closed_by(pair, side);
	if (to->state != FLOW_CLOSED)
		flow_close(to);
	if (pair->phase == PAIR_ABORTING)
		return;
	if (pair_has_peer(pair)) {
		/* Nobody could be told of it. The next datagram begins another session. */
		pair_close(pair, ENDED_ERROR, true);
		return;
	}
	pair->phase = PAIR_ABORTING;
	pair->ended_by = ENDED_RESET;
	pair->moved_ns = pair_limit_now(pair);
}

/* Has the other way ended already? */
static bool is_last_end(const struct pair *pair, const struct flow *flow)
{
	return (flow == &pair->up ? &pair->down : &pair->up)->state == FLOW_SHUT;
}

/* All of a flow is delivered, and its source has ended: pass the end on. */
static void flow_ended(struct pair *pair, struct flow *flow)
{
	struct pair_side *from = pair_from(pair, flow), *to = pair_to(pair, flow);
	bool is_limit = pair_dress_ends(pair, flow);
	int ret;

	if (from->is_broken) {
		pair_break(pair, from, flow->error);
		return;
	}
	/* As much has come from the target as may: both are through. */
	if (flow == &pair->down && is_limit) {
		pair_abort(pair, ENDED_LIMIT, true);
		return;
	}
	/* With both ways at their end, closing says it: one call less. */
	if (is_last_end(pair, flow)) {
		if (!is_limit)
			pair_closed_by(pair, from);
		flow_set_state(flow, FLOW_SHUT);
		return;
	}
	ret = pair_shut_side(pair, to, is_limit ? SHUTDOWN_LIMIT : SHUTDOWN_PASSED);
	if (ret == STEP_HELD || ret == -EAGAIN)
		return;
	if (ret < 0) {
		/* shutdown(2), ENOTCONN: it has been reset since. */
		pair_break(pair, to, ret == -ENOTCONN ? step_error(pair_engine(pair)->st, &to->layer.sock) : -ret);
		return;
	}
	/* One who may send no more has not ended by that. */
	if (is_limit)
		pair_shut_here(pair, to);
	else
		pair_closed_by(pair, from);
	flow_set_state(flow, FLOW_SHUT);
}

/* The program takes no more, as head(1) does: what it has not asked for is thrown away, and it is waited for. */
static void program_is_full(struct pair *pair)
{
	struct flow *up = &pair->up;

	up->error = 0;
	flow_drop_line(up);
	flow_discard(up);
	loop_post(pair_engine(pair)->loop, &pair->task);
}

/* Let a flow move, and act on how that ended. */
static void run_flow(struct pair *pair, struct flow *flow)
{
	switch (flow_run(flow)) {
	case FLOW_WAITS:
		break;
	case FLOW_MORE:
		loop_post_later(pair_engine(pair)->loop, &pair->task);
		break;
	case FLOW_LACKS:
		pair->is_retrying = true;
		break;
	case FLOW_ENDED:
		flow_ended(pair, flow);
		break;
	case FLOW_FAILED_FROM:
		if (!pair_proxy_answer_failure(pair, flow))
			pair_break(pair, pair_from(pair, flow), flow->error);
		break;
	case FLOW_FAILED_TO:
		if (pair->rare->program != NULL && flow == &pair->up && flow->error == EPIPE)
			program_is_full(pair);
		else
			pair_break(pair, pair_to(pair, flow), flow->error);
		break;
	case FLOW_END_BOTH:
		pair_abort(pair, ENDED_LIMIT, true);
		break;
	case FLOW_RESET_BOTH:
		pair_fault_reset(pair, flow);
		break;
	}
}

/* An error that no call has met, since the other side takes nothing now, or has ended: look for it. */
static void check_error(struct pair *pair, struct pair_side *side)
{
	struct sock *sk = &side->layer.sock;
	int error;

	/* It was reset before it was ours, and no flow that waits for a fault will read that. */
	if (side->is_broken && pair_fault_is_deaf(side == &pair->client ? &pair->up : &pair->down))
		pair_break(pair, side, 0);
	/* Of datagrams the call that meets it tells, and it is no end. */
	if ((sk->ready & READY_ERR) == 0 || side->is_broken || !side->stream.has_end)
		return;
	error = step_error(pair_engine(pair)->st, sk);
	if (error == 0 || error == STEP_HELD)
		sk->ready &= (uint8_t)~READY_ERR;
	else
		pair_break(pair, side, error);
}

bool pair_run_flows(struct pair *pair)
{
	pair_datagram_errors(pair);
	run_flow(pair, &pair->up);
	if (pair->phase == PAIR_OPEN)
		run_flow(pair, &pair->down);
	pair_datagram_say(pair);
	if (pair->phase == PAIR_OPEN)
		check_error(pair, &pair->client);
	if (pair->phase == PAIR_OPEN)
		check_error(pair, &pair->target);
	return pair->phase == PAIR_CLOSED;
}
