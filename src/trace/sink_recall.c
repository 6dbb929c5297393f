/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last events, kept: see sink_recall.h. Each is kept as the bytes that go between processes (wire.h). */
#include "trace/sink_recall.h"

#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "trace/wire.h"

#define BYTES_MAX ((size_t)1 << 20)

struct recall {
	struct buf frames; /* one behind the other, the oldest first */
	size_t count;
	uint64_t forgotten;
	struct wire_bounds bounds;
};

/* The length of the oldest frame, its own length included. */
static size_t first_len(const struct recall *recall)
{
	uint32_t len;

	memcpy(&len, buf_peek(&recall->frames), sizeof(len));
	return WIRE_LENGTH_SIZE + len;
}

static void recall_event(struct sink *sink, const struct event *event)
{
	struct recall *recall = sink->state;

	if (!wire_write(event, &recall->bounds, &recall->frames))
		return;
	recall->count++;
	while (recall->count > RECALL_EVENTS_MAX || (recall->frames.len > BYTES_MAX && recall->count > 1)) {
		buf_consume(&recall->frames, first_len(recall));
		recall->count--;
		recall->forgotten++;
	}
}

uint64_t sink_recall_replay(const struct sink *sink, struct sink *other)
{
	const struct recall *recall = sink->state;
	const char *frames = buf_peek(&recall->frames);
	struct wire_event *we = xmalloc(sizeof(*we));
	size_t at = 0;
	uint32_t len;

	other->seq = recall->forgotten;
	while (at < recall->frames.len) {
		memcpy(&len, frames + at, sizeof(len));
		at += WIRE_LENGTH_SIZE;
		other->seq++;
		if (wire_read(frames + at, len, &recall->bounds, we) == 0 &&
		    event_level(&we->event) <= other->level)
			other->kind->event(other, &we->event);
		at += len;
	}
	free(we);
	return recall->forgotten;
}

static int recall_open(struct sink *sink, const struct sink_options *options)
{
	struct recall *recall = xcalloc(1, sizeof(*recall));

	recall->bounds.preview = options->preview;
	sink->state = recall;
	return 0;
}

static size_t recall_lost(struct sink *sink, uint64_t count, char *dst)
{
	(void)sink;
	(void)count;
	dst[0] = '\n';
	return 1;
}

static void recall_close(struct sink *sink)
{
	struct recall *recall = sink->state;

	buf_clear(&recall->frames);
	free(recall);
}

const struct sink_kind sink_recall = {
	.name = "recall",
	.help = "",
	.level_default = 2,
	.is_silent = true,
	.open = recall_open,
	.event = recall_event,
	.lost = recall_lost,
	.close = recall_close,
};
