/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What faults do to one direction: see fault_line.h. Here is what a line holds, its rules, and what is put in; what is
 * done to messages alone is in fault_messages.c, what comes out in fault_line_next.c.
 */
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

void line_pop(struct fault_line *line)
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

void line_drop_spare(struct fault_line *line)
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
	line_drop_spare(line);
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

uint64_t line_count_of(const struct fault_rules *rules, enum fault_kind kind)
{
	if (!fault_has(rules, kind) || (rules->timed & 1U << kind) != 0)
		return UINT64_MAX;
	return rules->values[kind].number;
}

uint64_t line_allowance(const struct fault_line *line)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < ARRAY_LEN(counting); i++) {
		uint64_t count = line_count_of(&line->rules, counting[i]);

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

bool line_is_stalled(const struct fault_line *line)
{
	return (line->told & 1U << FAULT_STALL) != 0;
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
