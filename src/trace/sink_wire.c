/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sink of a worker: see sink_wire.h. */
#include "trace/sink_wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "trace/sink_out.h"

/* A parent that reads nothing for so long stands still: it is busy with what others send for less. */
#define READ_WAIT_MS 5000

struct wire_state {
	struct wire_bounds bounds;
	struct buf frame; /* under construction */
	uint64_t t_ns;    /* of the last event */
};

struct wire_bounds wire_bounds_of_bus(const struct bus *bus)
{
	struct wire_bounds bounds = { 0 };

	for (const struct sink *sink = bus->sinks; sink != NULL; sink = sink->next) {
		if (sink->preview > bounds.preview)
			bounds.preview = sink->preview;
		bounds.has_payload = bounds.has_payload || sink->level >= 3 || sink->kind->needs_payload;
	}
	return bounds;
}

static int wire_sink_open(struct sink *sink, const struct sink_options *options)
{
	struct wire_state *state = xcalloc(1, sizeof(*state));

	state->bounds = (struct wire_bounds){ .preview = options->preview, .has_payload = sink->level >= 3 };
	sink->state = state;
	/* What the parent writes to a file shall not be less than what a run without workers does. */
	sink_out_set_waited(sink->out, READ_WAIT_MS);
	return 0;
}

static void wire_sink_event(struct sink *sink, const struct event *event)
{
	struct wire_state *state = sink->state;

	state->t_ns = event->t_ns;
	/* The level may have been changed (bus_set_level()). */
	state->bounds.has_payload = sink->level >= 3;
	if (!wire_write(event, &state->bounds, &state->frame)) {
		sink->lost++;
		return;
	}
	sink_record(sink, buf_peek(&state->frame), state->frame.len);
	state->frame.len = 0;
	state->frame.head = 0;
}

static size_t wire_sink_lost(struct sink *sink, uint64_t count, char *dst)
{
	const struct wire_state *state = sink->state;
	char sentence[128];
	struct event note = { .step = STEP_NOTE, .t_ns = state->t_ns, .fd = -1, .text = sentence };
	struct buf frame = { 0 };
	size_t len;

	snprintf(sentence, sizeof(sentence),
		 _("%" PRIu64 " events of a worker were lost here: the trace did not keep up"), count);
	wire_write(&note, &state->bounds, &frame);
	len = frame.len < SINK_LOST_MAX ? frame.len : 0;
	memcpy(dst, buf_peek(&frame), len);
	buf_clear(&frame);
	return len;
}

static void wire_sink_close(struct sink *sink)
{
	struct wire_state *state = sink->state;

	buf_clear(&state->frame);
	free(state);
	sink->state = NULL;
}

const struct sink_kind sink_wire = {
	.name = "wire",
	.help = "events for another process of the run",
	.level_default = 1,
	.open = wire_sink_open,
	.event = wire_sink_event,
	.ended = NULL,
	.lost = wire_sink_lost,
	.close = wire_sink_close,
};
