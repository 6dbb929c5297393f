/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One direction between two streams: see flow.h. The moves themselves are in flow_copy.c and flow_splice.c. */
#include "engine/flow.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

/* A flow that has moved fewer bytes between two waits, so many times running, is quiet. */
#define FLOW_QUIET (16 * 1024)
#define FLOW_QUIET_WAITS 2

const char *flow_state_name(enum flow_state state)
{
	static const char *const names[] = {
		[FLOW_OPEN] = "OPEN",
		[FLOW_DRAIN] = "DRAIN",
		[FLOW_SHUT] = "SHUT",
		[FLOW_CLOSED] = "CLOSED",
	};

	return names[state];
}

void flow_init(struct flow *flow, struct engine *engine, struct talk *talk, struct stream *from, struct stream *to,
	       bool is_out)
{
	talk->engine = engine;
	*flow = (struct flow){ .talk = talk, .from = from, .to = to, .is_out = is_out };
}

void flow_set_state(struct flow *flow, enum flow_state next)
{
	/* From each state the later ones, and no way back. */
	assert(next >= flow->state);
	flow->state = (uint8_t)next;
}

void flow_end_source(struct flow *flow)
{
	if (flow->state == FLOW_OPEN)
		flow_set_state(flow, FLOW_DRAIN);
}

bool flow_holds(const struct flow *flow)
{
	return flow->held_len > 0 || flow->is_held_message || (flow->pipe != NULL && flow->pipe->held > 0);
}

/* Whose turn it is. */
static void flow_take_turn(struct flow *flow)
{
	enum who who = flow->is_out ? WHO_LOCAL : WHO_REMOTE;

	if (flow->talk->last == who)
		return;
	flow->talk->last = (uint8_t)who;
	flow->talk->turns++;
	if (flow->talk->first == WHO_NONE)
		flow->talk->first = (uint8_t)who;
}

void flow_has_come(struct flow *flow)
{
	if (flow->has_come)
		return;
	flow->has_come = true;
	flow_take_turn(flow);
}

void flow_count(struct flow *flow, size_t n, bool is_write)
{
	flow_count_moves(flow, n, 1, is_write);
}

void flow_count_moves(struct flow *flow, size_t n, unsigned moves, bool is_write)
{
	if (is_write != flow->is_out) {
		flow->other_bytes += n;
		flow->other_moves += moves;
		return;
	}
	flow->bytes += n;
	flow->moves += moves;
	if (!flow->has_come)
		flow_take_turn(flow);
	flow->has_come = false;
}

int flow_fail(struct flow *flow, int error, bool is_from)
{
	flow->error = error;
	flow->is_error_from = is_from;
	return -error;
}

void flow_discard(struct flow *flow)
{
	flow_drop_held(flow);
	flow_splice_leave(flow);
	flow->has_no_splice = true;
	flow->is_discarding = true;
}

bool flow_take(struct flow *flow, struct buf *into)
{
	bool is_message = flow->is_held_message;

	do {
		if (flow->held_len > 0)
			buf_append(into, flow->held + flow->held_at, flow->held_len);
		flow_drop_held(flow);
	} while (flow->pipe != NULL && flow->pipe->held > 0 && flow_splice_unload(flow) == 0);
	return is_message;
}

void flow_give(struct flow *flow, const void *data, size_t len, bool is_message)
{
	flow->held = xmalloc(len == 0 ? 1 : len);
	if (len > 0)
		memcpy(flow->held, data, len);
	flow->held_at = 0;
	flow->held_len = (uint32_t)len;
	flow->is_held_lent = false;
	flow->is_held_message = is_message;
}

void flow_close(struct flow *flow)
{
	pipes_return(&flow->talk->engine->pipes, flow->pipe);
	flow->pipe = NULL;
	flow_drop_line(flow);
	if (flow->is_held_lent)
		engine_give_buffer(flow->talk->engine, flow->held);
	else
		free(flow->held);
	flow->held = NULL;
	flow->held_len = 0;
	flow->is_held_lent = false;
	flow->is_held_message = false;
	flow_set_state(flow, FLOW_CLOSED);
}

enum flow_act flow_next(const struct flow_view *view)
{
	if (view->state == FLOW_SHUT || view->state == FLOW_CLOSED)
		return FLOW_ACT_DONE;
	if (view->holds)
		return view->can_write ? FLOW_ACT_WRITE : FLOW_ACT_WAIT;
	if (view->state == FLOW_DRAIN)
		return FLOW_ACT_DRAINED;
	/* Nothing is read that could not be written: what waits, waits in the kernel, where it slows the sender. */
	return view->can_read && view->can_write ? FLOW_ACT_READ : FLOW_ACT_WAIT;
}

/* Does a layer that is written to hold back bytes that it has taken? */
static bool flow_is_pending(const struct flow *flow)
{
	return !flow->is_discarding && layer_pending(flow->to->top, HALF_WRITE) > 0;
}

/* Let it write them. As a move. */
static int flow_flush(struct flow *flow)
{
	ssize_t n = layer_write(flow->to->top, flow->talk->engine->st, "", 0);

	if (n == -EAGAIN || n == STEP_HELD)
		return 0;
	return n < 0 ? flow_fail(flow, (int)-n, false) : 1;
}

/* Make one move. 1: something moved or changed, 0: not now, -errno. */
static int flow_move(struct flow *flow)
{
	if (!flow_holds(flow) && flow_is_pending(flow))
		return flow_flush(flow);
	if (flow_batch_can(flow))
		return flow_batch_move(flow);
	return flow->path == FLOW_COPY ? flow_copy_move(flow) : flow_splice_move(flow);
}

/* The view of a flow as it is now. */
static struct flow_view flow_look(const struct flow *flow)
{
	struct flow_view view = { .state = flow->state, .holds = flow_holds(flow) || flow_is_pending(flow) };

	view.can_write = flow->is_discarding || stream_is_ready(flow->to, HALF_WRITE);
	view.can_read = stream_is_ready(flow->from, HALF_READ);
	return view;
}

/*
 * It waits now. One that has moved only a little between several waits, and not for want of room, is quiet: it copies
 * again.
 */
static enum flow_result flow_wait(struct flow *flow)
{
	uint32_t moved = (uint32_t)flow->bytes - flow->wait_mark;

	flow->wait_mark = (uint32_t)flow->bytes;
	if (flow->path == FLOW_COPY)
		return FLOW_WAITS;
	if (moved >= FLOW_QUIET)
		flow->quiet_waits = 0;
	else if (moved > 0 && ++flow->quiet_waits >= FLOW_QUIET_WAITS && !flow_holds(flow) &&
		 flow_splice_is_drained(flow))
		flow_splice_leave(flow);
	flow_splice_rest(flow);
	return FLOW_WAITS;
}

enum flow_result flow_run(struct flow *flow)
{
	uint64_t limit = flow->bytes + FLOW_BUDGET;
	unsigned moves = 0;

	for (;;) {
		struct flow_view view;
		int ret;

		if (flow_line(flow) != NULL && !flow_holds(flow))
			return flow_fault_run(flow);
		view = flow_look(flow);
		switch (flow_next(&view)) {
		case FLOW_ACT_DONE:
			return FLOW_WAITS;
		case FLOW_ACT_WAIT:
			return flow_wait(flow);
		case FLOW_ACT_DRAINED:
			return flow->error != 0 ? FLOW_FAILED_FROM : FLOW_ENDED;
		case FLOW_ACT_WRITE:
		case FLOW_ACT_READ:
			break;
		}
		if (flow->bytes >= limit || moves++ == FLOW_MOVES)
			return FLOW_MORE;
		ret = flow_move(flow);
		if (ret == 0)
			return flow_wait(flow);
		if (ret < 0 && (flow->error == ENOBUFS || flow->error == ENOMEM)) {
			flow->error = 0;
			return FLOW_LACKS;
		}
		if (ret < 0 && !flow->is_error_from)
			return FLOW_FAILED_TO;
		if (ret < 0)
			/* What was read before is written first: no data that arrived is dropped. */
			flow_end_source(flow);
	}
}
