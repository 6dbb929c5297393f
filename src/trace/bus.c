/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bus: numbers events and hands each to the sinks that want it, in the order in which they were added. */
#include "trace/bus.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "trace/sink_out.h"

/* The longest sentence of a note. */
#define NOTE_MAX 1024

void bus_init(struct bus *bus, uint64_t start_ns)
{
	*bus = (struct bus){ .start_ns = start_ns };
}

void bus_add(struct bus *bus, struct sink *sink)
{
	struct sink **end = &bus->sinks;

	while (*end != NULL)
		end = &(*end)->next;
	sink->next = NULL;
	*end = sink;

	if (sink->level > bus->level)
		bus->level = sink->level;
	if (sink->level >= 3 || (sink->level == 2 && sink->preview > 0))
		bus->wants_data = true;
	if (sink->kind == &sink_json && sink_out_fd(sink->out) == STDERR_FILENO)
		bus->is_json_stderr = true;
}

void bus_emit(struct bus *bus, const struct event *event)
{
	uint8_t level = event_level(event);

	/* What nobody sees has no number: a gap would look like a loss. */
	if (level > bus->level)
		return;
	bus->seq++;
	for (struct sink *sink = bus->sinks; sink != NULL; sink = sink->next) {
		if (sink->level < level)
			continue;
		sink->seq = bus->seq;
		sink->kind->event(sink, event);
	}
}

void bus_note(struct bus *bus, uint64_t now_ns, uint32_t session, const char *format, ...)
{
	char sentence[NOTE_MAX];
	struct event event = {
		.step = STEP_NOTE,
		.session = session,
		.fd = -1,
		.text = sentence,
	};
	va_list args;

	if (bus->level < step_level(STEP_NOTE))
		return;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	event.t_ns = now_ns > bus->start_ns ? now_ns - bus->start_ns : 0;
	bus_emit(bus, &event);
}

void bus_ended(struct bus *bus, enum ended_by ended, const char *limit)
{
	for (struct sink *sink = bus->sinks; sink != NULL; sink = sink->next) {
		if (sink->kind->ended != NULL)
			sink->kind->ended(sink, ended, limit);
	}
}

uint64_t bus_flush(struct bus *bus)
{
	uint64_t due_ns = UINT64_MAX;

	for (struct sink *sink = bus->sinks; sink != NULL; sink = sink->next) {
		uint64_t sink_ns = sink->kind->flush == NULL ? UINT64_MAX : sink->kind->flush(sink, clock_now_ns());

		if (sink_ns < due_ns)
			due_ns = sink_ns;
		sink_out_flush(sink->out);
	}
	return due_ns;
}

int bus_clear(struct bus *bus, char *file, size_t size)
{
	int first = 0;

	while (bus->sinks != NULL) {
		struct sink *sink = bus->sinks;
		int ret;

		bus->sinks = sink->next;
		ret = sink_close(sink, first == 0 ? file : NULL, size);
		if (first == 0)
			first = ret;
	}
	bus->level = 0;
	bus->wants_data = false;
	bus->is_json_stderr = false;
	return first;
}
