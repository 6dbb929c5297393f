/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a line does to messages: loss, corrupt, duplicate, reorder. See fault_line.h. */
#include <stdlib.h>

#include "base/clock.h"
#include "engine/fault_line_private.h"

/* How long a message waits, beside its latency, for one that overtakes it. */
#define LATE_NS (100 * NS_PER_MS)

/* Is this fault drawn for this message? A number is taken only where the fault is asked for. */
static bool is_drawn(struct fault_line *line, enum fault_kind kind)
{
	return fault_has(&line->rules, kind) && random_chance(&line->random, fault_chance(&line->rules, kind));
}

/* Turn one bit of a message that is not empty. */
static void corrupt(struct fault_line *line, struct chunk *chunk)
{
	uint64_t bit = random_below(&line->random, (uint64_t)chunk->len * 8);

	chunk->data[bit / 8] ^= (char)(1 << bit % 8);
	line_tell(line, FAULT_CORRUPT, 1, 0);
}

void line_release_late(struct fault_line *line)
{
	struct chunk *chunk = line->late;

	line->late = NULL;
	while (chunk != NULL) {
		struct chunk *next = chunk->next;

		line_append(line, chunk);
		chunk = next;
	}
}

/* Hold a message back, with its twin (NULL: none), so that the next one overtakes it. */
static void hold_back(struct fault_line *line, struct chunk *chunk, struct chunk *twin, uint64_t now_ns)
{
	chunk->next = twin;
	for (line->late = chunk; chunk != NULL; chunk = chunk->next) {
		chunk->arrived_ns = now_ns;
		chunk->due_ns = now_ns + fault_number(&line->rules, FAULT_LATENCY) + LATE_NS;
	}
}

/* A message goes in, with its twin. One that was held back goes right behind it. */
static void put_in_order(struct fault_line *line, struct chunk *chunk, struct chunk *twin, uint64_t now_ns)
{
	line_put_chunk(line, chunk, now_ns);
	if (twin != NULL)
		line_put_chunk(line, twin, now_ns);
	if (line->late == NULL)
		return;
	line_tell(line, FAULT_REORDER, line->late->len, 0);
	for (struct chunk *late = line->late; late != NULL; late = late->next)
		late->due_ns = line->last_due_ns;
	line_release_late(line);
}

void line_put_message(struct fault_line *line, const void *data, size_t len, uint64_t now_ns)
{
	struct chunk *chunk, *twin = NULL;

	if (is_drawn(line, FAULT_LOSS)) {
		line_tell(line, FAULT_LOSS, len, 0);
		return;
	}
	chunk = chunk_new(CHUNK_DATA, data, len);
	if (is_drawn(line, FAULT_CORRUPT) && len > 0)
		corrupt(line, chunk);
	if (is_drawn(line, FAULT_DUPLICATE)) {
		twin = chunk_new(CHUNK_DATA, chunk->data, len);
		line_tell(line, FAULT_DUPLICATE, len, 0);
	}
	/* One that overtakes is not overtaken itself: messages change places by twos. */
	if (is_drawn(line, FAULT_REORDER) && line->late == NULL)
		hold_back(line, chunk, twin, now_ns);
	else
		put_in_order(line, chunk, twin, now_ns);
}
