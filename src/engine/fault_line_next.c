/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes out of a line, and when: the endings, the slices, the times. See fault_line.h. */
#include <assert.h>
#include <string.h>

#include "base/util.h"
#include "engine/fault_line_private.h"

/* Tell of what is done once. */
static void tell_once(struct fault_line *line, enum fault_kind kind, uint64_t bytes, uint64_t ns)
{
	if ((line->told & 1U << kind) != 0)
		return;
	line->told |= 1U << kind;
	line_tell(line, kind, bytes, (int64_t)ns);
}

/* When a fault that waits for a time comes; UINT64_MAX: never. */
static uint64_t moment_of(const struct fault_line *line, enum fault_kind kind)
{
	if (!fault_has(&line->rules, kind) || (line->rules.timed & 1U << kind) == 0)
		return UINT64_MAX;
	return line->since_ns + line->rules.values[kind].number;
}

/* Has the count or the time of a fault come? */
static bool has_come(const struct fault_line *line, enum fault_kind kind, uint64_t now_ns)
{
	return line_count_of(&line->rules, kind) <= line->delivered || moment_of(line, kind) <= now_ns;
}

/* The faults that end everything, or stop it. True: next is filled. */
static bool check_endings(struct fault_line *line, uint64_t now_ns, struct fault_next *next)
{
	const struct fault_rules *rules = &line->rules;
	bool is_timed;

	if (has_come(line, FAULT_RESET, now_ns)) {
		is_timed = (rules->timed & 1U << FAULT_RESET) != 0;
		tell_once(line, FAULT_RESET, line->delivered, is_timed ? now_ns - line->since_ns : 0);
		next->verdict = FAULT_RESET_BOTH;
		return true;
	}
	if (has_come(line, FAULT_LIMIT, now_ns)) {
		tell_once(line, FAULT_LIMIT, line->delivered, 0);
		next->verdict = FAULT_END_BOTH;
		return true;
	}
	if (has_come(line, FAULT_STALL, now_ns)) {
		is_timed = (rules->timed & 1U << FAULT_STALL) != 0;
		tell_once(line, FAULT_STALL, line->delivered, is_timed ? now_ns - line->since_ns : 0);
	}
	if (!line_is_stalled(line))
		return false;
	/* A reset is passed on all the same: there is no connection left that could stand still. */
	next->verdict = line->is_broken ? FAULT_BROKEN : FAULT_WAIT;
	return true;
}

/* Make the first chunk hold a whole slice, where what is due behind it has enough. */
static void gather_slice(struct fault_line *line, uint64_t slice, uint64_t now_ns)
{
	struct chunk *head = line->head, *end = head->next, *merged;
	size_t len = head->len, at = 0;

	while (len < slice && end != NULL && end->kind == CHUNK_DATA && end->due_ns <= now_ns) {
		len += end->len;
		end = end->next;
	}
	if (end == head->next)
		return;
	merged = xmalloc(sizeof(*merged) + len);
	*merged = (struct chunk){ .next = end, .kind = CHUNK_DATA, .len = len,
				  .arrived_ns = head->arrived_ns, .due_ns = head->due_ns };
	while (line->head != end) {
		head = line->head;
		memcpy(merged->data + at, head->data + head->at, head->len);
		at += head->len;
		line_pop(line);
	}
	line->head = merged;
	if (end == NULL)
		line->tail = merged;
	line->held += len;
	line->chunks++;
}

/* The first chunk is data and due: how much of it may go, and when. */
static void plan_send(struct fault_line *line, uint64_t now_ns, struct fault_next *next)
{
	uint64_t slice = fault_number(&line->rules, FAULT_SLICE), left, len;

	if (slice > 0 && line->head->len < slice)
		gather_slice(line, slice, now_ns);
	len = line->head->len;
	if (!line->is_messages) {
		left = line_allowance(line) - line->delivered;
		len = len < left ? len : left;
		line->was_sliced = slice > 0 && len > slice;
		len = line->was_sliced ? slice : len;
	}
	next->data = line->head->data + line->head->at;
	if (fault_has(&line->rules, FAULT_RATE)) {
		line_pace(line, len, slice > 0 || line->is_messages, now_ns, next);
		return;
	}
	next->verdict = FAULT_SEND;
	next->len = len;
}

/* The earlier of two moments, of which 0 is none. */
static uint64_t earlier(uint64_t one, uint64_t other)
{
	return one == 0 || (other != 0 && other < one) ? other : one;
}

/* When a fault's own time will change something; 0: never. */
static uint64_t next_moment(const struct fault_line *line)
{
	uint64_t reset = moment_of(line, FAULT_RESET), stall = moment_of(line, FAULT_STALL);
	uint64_t wake = reset == UINT64_MAX ? 0 : reset;

	if (stall != UINT64_MAX && !line_is_stalled(line))
		wake = earlier(wake, stall);
	if (line->late != NULL && !line_is_stalled(line))
		wake = earlier(wake, line->late->due_ns);
	return wake;
}

void fault_line_next(struct fault_line *line, uint64_t now_ns, struct fault_next *next)
{
	*next = (struct fault_next){ .verdict = FAULT_WAIT };
	if (line->late != NULL && line->late->due_ns <= now_ns)
		line_release_late(line);
	if (!check_endings(line, now_ns, next) && line->head != NULL) {
		struct chunk *head = line->head;

		if (head->due_ns > now_ns) {
			next->wake_ns = head->due_ns;
		} else if (head->kind == CHUNK_DATA) {
			plan_send(line, now_ns, next);
		} else {
			next->verdict = head->kind == CHUNK_END ? FAULT_ENDED : FAULT_BROKEN;
			line_pop(line);
		}
	}
	if (next->verdict == FAULT_WAIT && line->head == NULL)
		line_drop_spare(line);
	line->waits = next->wake_ns != 0 || (line->late != NULL && !line_is_stalled(line));
	if (next->verdict != FAULT_END_BOTH && next->verdict != FAULT_RESET_BOTH)
		next->wake_ns = earlier(next->wake_ns, next_moment(line));
	line->wake_ns = next->wake_ns;
}

void fault_line_sent(struct fault_line *line, size_t len, uint64_t now_ns)
{
	struct chunk *head = line->head;

	assert(head != NULL && head->kind == CHUNK_DATA && len <= head->len);
	if (fault_has(&line->rules, FAULT_RATE))
		line_paid(line, len, now_ns);
	if (line->was_sliced)
		line_tell(line, FAULT_SLICE, len, 0);
	line->was_sliced = false;
	line->delivered += len;
	head->at += len;
	head->len -= len;
	line->held -= len;
	if (head->len == 0)
		line_pop(line);
}
