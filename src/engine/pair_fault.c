/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The faults of a pair: what is drawn for it, what its lines tell, and how it ends by one. See pair.h, fault_line.h. */
#include <stdlib.h>

#include "base/util.h"
#include "engine/fault_line.h"
#include "engine/pair_private.h"

/* What is done once in a connection is told earlier than what is done to its data. */
#define LEVEL_ONCE 1
#define LEVEL_DATA 2
#define KINDS_ONCE                                                                                         \
	(1U << FAULT_LIMIT | 1U << FAULT_RESET | 1U << FAULT_STALL | 1U << FAULT_SLOW_CLOSE | 1U << FAULT_REFUSE)

static struct flow *flow_of(struct pair *pair, enum fault_way way)
{
	return way == FAULT_UP ? &pair->up : &pair->down;
}

/* A fault has been done; direction NULL: to the whole connection. */
static void tell(struct pair *pair, enum fault_kind kind, const char *direction, uint64_t bytes, int64_t ns)
{
	struct stepper *st = pair_engine(pair)->st;
	const union step_args args = {
		.fault = { .kind = fault_record(kind)->word, .direction = direction, .bytes = bytes, .ns = ns },
	};
	struct event event = {
		.step = STEP_FAULT,
		.level = (KINDS_ONCE & 1U << kind) != 0 ? LEVEL_ONCE : LEVEL_DATA,
		.session = pair->number,
		.fd = -1,
		.args = &args,
	};

	if (st->bus->level < event.level)
		return;
	event.t_ns = st->env->now_ns() - st->bus->start_ns;
	bus_emit(st->bus, &event);
}

static void done_up(void *ctx, enum fault_kind kind, uint64_t bytes, int64_t ns)
{
	tell(ctx, kind, fault_way_word(FAULT_UP), bytes, ns);
}

static void done_down(void *ctx, enum fault_kind kind, uint64_t bytes, int64_t ns)
{
	tell(ctx, kind, fault_way_word(FAULT_DOWN), bytes, ns);
}

/* Rules for one direction, from now on. */
static void set_rules(struct pair *pair, enum fault_way way, const struct fault_rules *rules)
{
	static fault_done *const done[] = { [FAULT_UP] = done_up, [FAULT_DOWN] = done_down };
	struct flow *flow = flow_of(pair, way);
	struct fault_line *line = flow_line(flow);
	uint64_t now_ns = pair_engine(pair)->st->env->now_ns();

	if (line != NULL) {
		fault_line_set_rules(line, rules, now_ns);
		return;
	}
	if (rules->set == 0 || flow->state >= FLOW_SHUT)
		return;
	if (pair->talk.lines == NULL)
		pair->talk.lines = xcalloc(1, sizeof(*pair->talk.lines));
	line = fault_line_new(rules, fault_line_seed(pair->rules->seed, pair->number, way), flow->from->is_messages,
			      now_ns, done[way], pair);
	flow_set_line(flow, line);
}

/* What the list of the relay does to this pair. */
static void draw_plan(struct pair *pair, struct fault_plan *plan)
{
	fault_plan(pair->rules->faults, pair->rules->seed, pair->number, plan);
}

bool pair_fault_begin(struct pair *pair)
{
	struct fault_plan plan;

	if (pair->rules->faults == NULL || pair->rules->faults->count == 0)
		return false;
	draw_plan(pair, &plan);
	for (enum fault_way way = 0; way < FAULT_WAY_COUNT; way++)
		set_rules(pair, way, &plan.rules[way]);
	pair->is_refused = plan.is_refused;
	if (!pair->is_refused)
		return false;
	pair_wake(pair);
	return true;
}

void pair_fault_change(struct pair *pair)
{
	struct fault_plan plan;

	if (pair->phase >= PAIR_ABORTING)
		return;
	draw_plan(pair, &plan);
	for (enum fault_way way = 0; way < FAULT_WAY_COUNT; way++)
		set_rules(pair, way, &plan.rules[way]);
	pair_wake(pair);
}

void pair_fault_refuse(struct pair *pair)
{
	tell(pair, FAULT_REFUSE, NULL, 0, 0);
	pair_close(pair, ENDED_FAULT, true);
}

void pair_fault_reset(struct pair *pair, struct flow *flow)
{
	/* What a count is of has to have arrived: a reset overtakes what was sent before it. */
	if (!fault_line_is_timed(flow_line(flow), FAULT_RESET) && pair_unacknowledged(pair, pair_to(pair, flow)) > 0) {
		pair->is_retrying = true;
		return;
	}
	pair_close(pair, ENDED_FAULT, true);
}

bool pair_fault_is_deaf(const struct flow *flow)
{
	return flow->state == FLOW_OPEN && flow_line(flow) != NULL && fault_line_room(flow_line(flow)) == 0;
}

bool pair_fault_waits(const struct pair *pair)
{
	const struct flow_lines *lines = pair->talk.lines;

	for (size_t i = 0; lines != NULL && i < ARRAY_LEN(lines->line); i++) {
		if (lines->line[i] != NULL && fault_line_waits(lines->line[i]))
			return true;
	}
	return false;
}

/* In how many ns a line wants to be asked; ENDING_NEVER: not. A line that does nothing any more is dropped. */
static uint64_t line_left(struct flow *flow, uint64_t now_ns)
{
	struct fault_line *line = flow_line(flow);
	uint64_t wake_ns;

	if (line == NULL || flow->state == FLOW_CLOSED)
		return ENDING_NEVER;
	if (fault_line_is_plain(line)) {
		flow_drop_line(flow);
		return ENDING_NEVER;
	}
	wake_ns = fault_line_wake(line);
	if (wake_ns == 0)
		return ENDING_NEVER;
	return wake_ns > now_ns ? wake_ns - now_ns : 0;
}

uint64_t pair_fault_left(struct pair *pair)
{
	uint64_t now_ns, up, down;

	if (pair->talk.lines == NULL)
		return ENDING_NEVER;
	now_ns = pair_now(pair);
	up = line_left(&pair->up, now_ns);
	down = line_left(&pair->down, now_ns);
	return up < down ? up : down;
}

void pair_fault_clear(struct pair *pair)
{
	free(pair->talk.lines);
	pair->talk.lines = NULL;
}
