/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What faults do to one direction: see fault_line.h. What is done to messages alone is in fault_messages.c. */
#include "engine/fault_line.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/util.h"
#include "engine/fault_line_private.h"

/* What the allocator needs for a chunk, about. */
#define CHUNK_COST (sizeof(struct chunk) + 16)

/* What may wait for a rate beside what is held for latency: a hundredth of a second, within bounds. */
#define QUEUE_MIN ((uint64_t)4 * 1024)
#define QUEUE_MAX ((uint64_t)256 * 1024)
/* A read that brings so much is worth a place of its own for the next one. */
#define BULK_MIN ((size_t)32 * 1024)
/* Less room than this is none while something is held: reading a few bytes at a time would cost too much. */
#define ROOM_MIN ((uint64_t)16 * 1024)

/* The faults that count, bytes or time. */
static const enum fault_kind counting[] = { FAULT_LIMIT, FAULT_RESET, FAULT_STALL };

/* ---- Chunks ---------------------------------------------------------------------------------------------------- */

struct chunk *chunk_new(enum chunk_kind kind, const void *data, size_t len)
{
	struct chunk *chunk = xmalloc(sizeof(*chunk) + len);

	*chunk = (struct chunk){ .kind = (uint8_t)kind, .len = len };
	if (len > 0)
		memcpy(chunk->data, data, len);
	return chunk;
}

void line_append(struct fault_line *line, struct chunk *chunk)
{
	if (chunk->due_ns < line->last_due_ns)
		chunk->due_ns = line->last_due_ns;
	line->last_due_ns = chunk->due_ns;
	chunk->next = NULL;
	if (line->head == NULL)
		line->head = chunk;
	else
		line->tail->next = chunk;
	line->tail = chunk;
	line->held += chunk->len;
	line->chunks++;
}

/* Take the first one out and free it. */
static void line_pop(struct fault_line *line)
{
	struct chunk *chunk = line->head;

	line->head = chunk->next;
	line->held -= chunk->len;
	line->unused -= chunk->unused;
	line->chunks--;
	if (chunk->is_place && line->spare == NULL)
		line->spare = chunk;
	else
		free(chunk);
}

/* Give back the place that is free. */
static void drop_spare(struct fault_line *line)
{
	free(line->spare);
	line->spare = NULL;
}

/* ---- Making one, changing its rules ---------------------------------------------------------------------------- */

void line_tell(struct fault_line *line, enum fault_kind kind, uint64_t bytes, int64_t ns)
{
	if (line->done != NULL)
		line->done(line->ctx, kind, bytes, ns);
}

/* Tell of what is done once. */
static void tell_once(struct fault_line *line, enum fault_kind kind, uint64_t bytes, uint64_t ns)
{
	if ((line->told & 1U << kind) != 0)
		return;
	line->told |= 1U << kind;
	line_tell(line, kind, bytes, (int64_t)ns);
}

/* Do both want the same counted? */
static bool has_same_counts(const struct fault_rules *rules, const struct fault_rules *other)
{
	for (size_t i = 0; i < ARRAY_LEN(counting); i++) {
		enum fault_kind kind = counting[i];

		if (fault_has(rules, kind) != fault_has(other, kind) ||
		    fault_number(rules, kind) != fault_number(other, kind) ||
		    ((rules->timed ^ other->timed) & 1U << kind) != 0)
			return false;
	}
	return true;
}

static void begin_rules(struct fault_line *line, const struct fault_rules *rules, uint64_t now_ns)
{
	/* What is counted already goes on: rules that are added beside do not begin it anew. */
	if (line->since_ns == 0 || !has_same_counts(&line->rules, rules)) {
		line->since_ns = now_ns;
		line->delivered = 0;
		line->told = 0;
	}
	line->rules = *rules;
	line->rules_ns = now_ns;
	line->is_rate_started = false;
	line->is_rate_told = false;
}

struct fault_line *fault_line_new(const struct fault_rules *rules, uint64_t seed, bool is_messages, uint64_t now_ns,
				  fault_done *done, void *ctx)
{
	struct fault_line *line = xcalloc(1, sizeof(*line));

	random_init(&line->random, seed, 0);
	line->is_messages = is_messages;
	line->done = done;
	line->ctx = ctx;
	begin_rules(line, rules, now_ns);
	return line;
}

void fault_line_free(struct fault_line *line)
{
	if (line == NULL)
		return;
	line_release_late(line);
	while (line->head != NULL)
		line_pop(line);
	drop_spare(line);
	free(line);
}

/* How long something is held that comes now: the latency, and what the jitter makes of it. Tells where it is wanted. */
static uint64_t draw_delay(struct fault_line *line, size_t len, bool is_told)
{
	uint64_t latency = fault_number(&line->rules, FAULT_LATENCY);
	uint64_t jitter = fault_number(&line->rules, FAULT_JITTER);
	uint64_t delay = latency;

	if (is_told && latency > 0)
		line_tell(line, FAULT_LATENCY, len, (int64_t)latency);
	if (jitter == 0)
		return delay;
	delay += random_below(&line->random, 2 * jitter + 1);
	delay = delay > jitter ? delay - jitter : 0;
	if (is_told)
		line_tell(line, FAULT_JITTER, len, (int64_t)delay - (int64_t)latency);
	return delay;
}

void line_put_chunk(struct fault_line *line, struct chunk *chunk, uint64_t now_ns)
{
	chunk->arrived_ns = now_ns;
	chunk->due_ns = now_ns + draw_delay(line, chunk->len, chunk->kind == CHUNK_DATA);
	line_append(line, chunk);
}

void fault_line_set_rules(struct fault_line *line, const struct fault_rules *rules, uint64_t now_ns)
{
	line_release_late(line);
	begin_rules(line, rules, now_ns);
	line->last_due_ns = 0;
	for (struct chunk *chunk = line->head; chunk != NULL; chunk = chunk->next) {
		chunk->due_ns = chunk->arrived_ns + draw_delay(line, chunk->len, false);
		if (chunk->kind == CHUNK_END)
			chunk->due_ns += fault_number(rules, FAULT_SLOW_CLOSE);
		if (chunk->due_ns < line->last_due_ns)
			chunk->due_ns = line->last_due_ns;
		line->last_due_ns = chunk->due_ns;
	}
}

/* ---- Putting in ------------------------------------------------------------------------------------------------- */

/* The value of one of the faults that count bytes; UINT64_MAX: it does not. */
static uint64_t count_of(const struct fault_rules *rules, enum fault_kind kind)
{
	if (!fault_has(rules, kind) || (rules->timed & 1U << kind) != 0)
		return UINT64_MAX;
	return rules->values[kind].number;
}

/* How many bytes may be delivered in all. */
static uint64_t line_allowance(const struct fault_line *line)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < ARRAY_LEN(counting); i++) {
		uint64_t count = count_of(&line->rules, counting[i]);

		if (count < least)
			least = count;
	}
	return least;
}

/* How much a line may hold because of its rate and what it holds back: more would only make the sender believe. */
static uint64_t rate_bound(const struct fault_rules *rules)
{
	uint64_t rate = fault_number(rules, FAULT_RATE);
	uint64_t held_ns = fault_number(rules, FAULT_LATENCY) + fault_number(rules, FAULT_JITTER);
	unsigned __int128 flying = (unsigned __int128)rate * held_ns / NS_PER_S;
	uint64_t queue = rate / 100;

	if (rate == 0 || flying > FAULT_LINE_MAX)
		return FAULT_LINE_MAX;
	if (queue < QUEUE_MIN)
		queue = QUEUE_MIN;
	return (uint64_t)flying + (queue > QUEUE_MAX ? QUEUE_MAX : queue);
}

size_t fault_line_room(const struct fault_line *line)
{
	uint64_t bound = rate_bound(&line->rules), used = line->held, allowed, room;

	if (line->is_ended || line_is_stalled(line))
		return 0;
	if (used + line->chunks * CHUNK_COST + line->unused > FAULT_LINE_MAX)
		return 0;
	if (bound == FAULT_LINE_MAX)
		used += line->chunks * CHUNK_COST + line->unused;
	room = bound > used ? bound - used : 0;
	if (room < ROOM_MIN && room < bound / 4)
		return 0;
	allowed = line_allowance(line);
	if (line->is_messages || allowed == UINT64_MAX)
		return room;
	allowed -= allowed > line->delivered ? line->delivered : allowed;
	allowed -= allowed > line->held ? line->held : allowed;
	return allowed < room ? allowed : room;
}

void fault_line_put(struct fault_line *line, const void *data, size_t len, uint64_t now_ns)
{
	assert(!line->is_ended);
	line->is_bulk = len >= BULK_MIN;
	if (line->is_messages)
		line_put_message(line, data, len, now_ns);
	else if (len > 0)
		line_put_chunk(line, chunk_new(CHUNK_DATA, data, len), now_ns);
}

char *fault_line_place(struct fault_line *line)
{
	if (!line->is_bulk || line->is_messages)
		return NULL;
	if (line->spare == NULL)
		line->spare = xmalloc(sizeof(*line->spare) + FAULT_LINE_PLACE);
	return line->spare->data;
}

void fault_line_placed(struct fault_line *line, size_t len, uint64_t now_ns)
{
	struct chunk *chunk = line->spare;

	assert(!line->is_ended);
	line->is_bulk = len >= BULK_MIN;
	if (len == 0)
		return;
	line->spare = NULL;
	/* A place that is nearly full is kept for another read; others are cut to what is in them. */
	*chunk = (struct chunk){ .len = len, .is_place = len >= FAULT_LINE_PLACE / 4 * 3 };
	if (!chunk->is_place)
		chunk = xrealloc(chunk, sizeof(*chunk) + len);
	else
		line->unused += FAULT_LINE_PLACE - len;
	chunk->unused = chunk->is_place ? FAULT_LINE_PLACE - len : 0;
	line_put_chunk(line, chunk, now_ns);
}

void fault_line_end(struct fault_line *line, bool is_reset, uint64_t now_ns)
{
	struct chunk *chunk = chunk_new(is_reset ? CHUNK_BROKEN : CHUNK_END, NULL, 0);
	uint64_t slow_ns = is_reset ? 0 : fault_number(&line->rules, FAULT_SLOW_CLOSE);

	assert(!line->is_ended);
	line_release_late(line);
	line->is_ended = true;
	line->is_broken = is_reset;
	chunk->arrived_ns = now_ns;
	chunk->due_ns = now_ns + draw_delay(line, 0, true) + slow_ns;
	line_append(line, chunk);
	if (slow_ns > 0)
		line_tell(line, FAULT_SLOW_CLOSE, 0, (int64_t)slow_ns);
}

/* ---- Taking out ------------------------------------------------------------------------------------------------- */

/* When a fault that waits for a time comes; UINT64_MAX: never. */
static uint64_t moment_of(const struct fault_line *line, enum fault_kind kind)
{
	if (!fault_has(&line->rules, kind) || (line->rules.timed & 1U << kind) == 0)
		return UINT64_MAX;
	return line->since_ns + line->rules.values[kind].number;
}

bool line_is_stalled(const struct fault_line *line)
{
	return (line->told & 1U << FAULT_STALL) != 0;
}

/* Has the count or the time of a fault come? */
static bool has_come(const struct fault_line *line, enum fault_kind kind, uint64_t now_ns)
{
	return count_of(&line->rules, kind) <= line->delivered || moment_of(line, kind) <= now_ns;
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
		drop_spare(line);
	line->waits = next->wake_ns != 0 || (line->late != NULL && !line_is_stalled(line));
	if (next->verdict != FAULT_END_BOTH && next->verdict != FAULT_RESET_BOTH)
		next->wake_ns = earlier(next->wake_ns, next_moment(line));
	line->wake_ns = next->wake_ns;
}

uint64_t fault_line_wake(const struct fault_line *line)
{
	return line->wake_ns;
}

bool fault_line_waits(const struct fault_line *line)
{
	return line->waits;
}

bool fault_line_is_timed(const struct fault_line *line, enum fault_kind kind)
{
	return (line->rules.timed & 1U << kind) != 0;
}

bool fault_line_is_plain(const struct fault_line *line)
{
	return line->rules.set == 0 && !line->is_ended && !fault_line_holds(line);
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

bool fault_line_holds(const struct fault_line *line)
{
	return line->head != NULL || line->late != NULL;
}

uint64_t fault_line_held(const struct fault_line *line)
{
	uint64_t held = line->held;

	for (const struct chunk *late = line->late; late != NULL; late = late->next)
		held += late->len;
	return held;
}
