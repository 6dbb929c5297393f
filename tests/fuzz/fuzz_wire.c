/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events as bytes: whatever arrives is refused, or is an event that every sink can show and that is written as it was
 * read. The first byte says how much of the data goes along.
 */
#include "trace/wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "trace/sink_wire.h"

#define LONG_MOVE (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_sink(struct bus *bus, const struct sink_kind *kind, const struct wire_bounds *bounds)
{
	static char *argv[] = { "sockt", NULL };
	const struct sink_options options = {
		.file = "/dev/null",
		.level = bounds->has_payload ? 3 : 2,
		.preview = bounds->preview,
		.color = TERM_COLOR_NEVER,
		.argc = 1,
		.argv = argv,
		.start_ns = 1,
	};
	struct sink *sink;

	if (sink_open(kind, &options, &sink) < 0)
		abort();
	bus_add(bus, sink);
}

/* The bytes of a call's result. */
static uint64_t moved(const struct event *event)
{
	if (event->step == STEP_RECVMMSG || event->step == STEP_SENDMSG || event->step == STEP_SENDMMSG)
		return event_messages_len(event);
	return event->result < 0 ? 0 : (uint64_t)event->result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* One of them a time, for they are slow. The last two want all data. */
	static const struct sink_kind *const views[] = { &sink_ladder, &sink_svg, &sink_pcap, &sink_c };
	struct wire_event we, again;
	struct wire_bounds bounds;
	struct buf frame = { 0 };
	struct bus bus;

	if (size < 1)
		return 0;
	bounds = (struct wire_bounds){ .preview = data[0] >> 1, .has_payload = (data[0] & 1) != 0 };
	if (wire_read(data + 1, size - 1, &bounds, &we) == 0) {
		bus_init(&bus, 0);
		add_sink(&bus, &sink_text, &bounds);
		add_sink(&bus, &sink_json, &bounds);
		/* pcap writes all that passed, zeros too: gigabytes of them are sound, and take long. */
		if (moved(&we.event) < LONG_MOVE)
			add_sink(&bus, views[data[size - 1] % (bounds.has_payload ? ARRAY_LEN(views) : 2)], &bounds);
		bus_emit(&bus, &we.event);
		bus_clear(&bus, NULL, 0);
		assert(wire_write(&we.event, &bounds, &frame));
		assert(wire_read(buf_peek(&frame) + WIRE_LENGTH_SIZE, frame.len - WIRE_LENGTH_SIZE, &bounds,
				 &again) == 0);
		assert(again.event.step == we.event.step && again.event.result == we.event.result);
		assert(event_data_len(&again.event) == event_data_len(&we.event));
		buf_clear(&frame);
	}
	return 0;
}
