/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A flow's moves through a line of faults: see flow.h and fault_line.h. What is read goes into the line, and what the
 * line says is due is written. The two do not wait for each other: while an output takes nothing the line fills, up to
 * its bound.
 */
#include <errno.h>

#include "engine/fault_line.h"
#include "engine/flow.h"

/* What one run may do, so that one busy flow starves nobody. */
struct budget {
	uint64_t bytes;
	unsigned moves;
};

static uint64_t flow_now(const struct flow *flow)
{
	return flow->talk->engine->st->env->now_ns();
}

/* Nothing more comes from the source: as an end, or with error as a reset. */
static void source_ended(struct flow *flow, int error)
{
	if (error != 0)
		flow_fail(flow, error, true);
	fault_line_end(flow_line(flow), error != 0, flow_now(flow));
	flow_end_source(flow);
}

/* How much to ask for. */
static size_t read_size(const struct flow *flow, bool has_place)
{
	size_t room = fault_line_room(flow_line(flow)), size = has_place ? FAULT_LINE_PLACE : ENGINE_READ_SIZE;

	if (flow->from->is_messages)
		return ENGINE_BUFFER_SIZE;
	return room < size ? room : size;
}

/* Something was read: into its place, or into the engine's buffer. */
static void put(struct flow *flow, const char *buffer, size_t len, bool has_place)
{
	flow_count(flow, len, false);
	if (has_place)
		fault_line_placed(flow_line(flow), len, flow_now(flow));
	else
		fault_line_put(flow_line(flow), buffer, len, flow_now(flow));
}

/* Read once into the line. Returns whether anything came of it; -ENOBUFS, -ENOMEM: the kernel has no memory. */
static int read_once(struct flow *flow, struct budget *budget)
{
	struct engine *engine = flow->talk->engine;
	bool has_come, has_place;
	unsigned flags = 0;
	char *buffer;
	size_t size;
	ssize_t n;

	if (flow->state != FLOW_OPEN || !stream_is_ready(flow->from, HALF_READ) ||
	    fault_line_room(flow_line(flow)) == 0)
		return 0;
	buffer = fault_line_place(flow_line(flow));
	has_place = buffer != NULL;
	if (!has_place)
		buffer = engine_take_buffer(engine);
	size = read_size(flow, has_place);
	n = layer_read(flow->from->top, engine->st, buffer, size, &flags);
	has_come = n > 0 || (flags & LAYER_EOM) != 0;
	if (has_come) {
		size = (size_t)n < size ? (size_t)n : size;
		put(flow, buffer, size, has_place);
		budget->bytes += size;
	}
	if (!has_place)
		engine_give_buffer(engine, buffer);
	if (has_come || n == -EAGAIN || n == STEP_HELD)
		return has_come;
	if (n == -ENOBUFS || n == -ENOMEM)
		return (int)n;
	source_ended(flow, (int)-n);
	return 1;
}

/*
 * Write what is due, in one send. Returns whether something was taken; -errno: with the failure recorded. A message
 * that fails is done with.
 */
static int write_once(struct flow *flow, const struct fault_next *next, struct budget *budget)
{
	ssize_t n = (ssize_t)next->len;
	uint64_t now_ns = flow_now(flow);

	if (!flow->is_discarding) {
		if (!stream_is_ready(flow->to, HALF_WRITE))
			return 0;
		n = layer_write(flow->to->top, flow->talk->engine->st, next->data, next->len);
	}
	if (n == -EAGAIN || n == STEP_HELD)
		return 0;
	if (n == -ENOBUFS || n == -ENOMEM)
		return (int)n;
	if (n < 0 && flow->to->is_messages)
		fault_line_sent(flow_line(flow), next->len, now_ns);
	if (n < 0)
		return flow_fail(flow, (int)-n, false);
	flow_count(flow, (size_t)n, true);
	budget->bytes += (size_t)n;
	fault_line_sent(flow_line(flow), flow->to->is_messages ? next->len : (size_t)n, now_ns);
	return 1;
}

/* One move: write what is due, else read. Returns true where the run is over, with *result. */
static bool move_once(struct flow *flow, struct budget *budget, enum flow_result *result)
{
	struct fault_next next;
	int wrote = 0, got;

	fault_line_next(flow_line(flow), flow_now(flow), &next);
	switch (next.verdict) {
	case FAULT_WAIT:
		break;
	case FAULT_SEND:
		wrote = write_once(flow, &next, budget);
		break;
	case FAULT_ENDED:
		*result = FLOW_ENDED;
		return true;
	case FAULT_BROKEN:
		*result = FLOW_FAILED_FROM;
		return true;
	case FAULT_END_BOTH:
		*result = FLOW_END_BOTH;
		return true;
	case FAULT_RESET_BOTH:
		*result = FLOW_RESET_BOTH;
		return true;
	}
	if (wrote > 0)
		return false;
	*result = wrote == -ENOBUFS || wrote == -ENOMEM ? FLOW_LACKS : FLOW_FAILED_TO;
	if (wrote < 0)
		return true;
	got = read_once(flow, budget);
	*result = got < 0 ? FLOW_LACKS : FLOW_WAITS;
	return got <= 0;
}

/* Its end has been passed on; the time of a reset may come all the same. */
static enum flow_result run_shut(struct flow *flow)
{
	struct fault_next next;

	if (flow->state == FLOW_CLOSED)
		return FLOW_WAITS;
	fault_line_next(flow_line(flow), flow_now(flow), &next);
	return next.verdict == FAULT_RESET_BOTH ? FLOW_RESET_BOTH : FLOW_WAITS;
}

enum flow_result flow_fault_run(struct flow *flow)
{
	struct budget budget = { 0 };
	enum flow_result result;

	if (flow->path != FLOW_COPY)
		flow_splice_leave(flow);
	for (;;) {
		if (flow->state > FLOW_DRAIN)
			return run_shut(flow);
		/* The end was told before, and could not be passed on then. */
		if (flow->state == FLOW_DRAIN && !fault_line_holds(flow_line(flow)))
			return flow->error != 0 ? FLOW_FAILED_FROM : FLOW_ENDED;
		if (budget.bytes >= FLOW_BUDGET || budget.moves++ == FLOW_MOVES)
			return FLOW_MORE;
		if (move_once(flow, &budget, &result))
			return result;
	}
}

void flow_set_line(struct flow *flow, struct fault_line *line)
{
	flow->talk->lines->line[flow->is_out] = line;
	/* What has ended before goes through it as well. */
	if (flow->state == FLOW_DRAIN)
		fault_line_end(line, flow->error != 0, flow_now(flow));
}

void flow_drop_line(struct flow *flow)
{
	if (flow_line(flow) == NULL)
		return;
	fault_line_free(flow_line(flow));
	flow->talk->lines->line[flow->is_out] = NULL;
}
