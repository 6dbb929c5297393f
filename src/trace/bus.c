/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bus: numbers events and hands each to the sinks that want it, in the order in which they were added. */
#include "trace/bus.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/util.h"
#include "trace/coalesce.h"
#include "trace/ends.h"
#include "trace/sink_out.h"

/* The longest sentence of a note. */
#define NOTE_MAX 1024
/* The highest level there is. */
#define LEVEL_MAX 3
/* A pipe or terminal that was full is tried again, be there new events or not: soon while it takes something. */
#define GATHER_NS (20 * NS_PER_MS) /* between two writes to a file */
#define RETRY_SOON_NS (5 * NS_PER_MS)
#define RETRY_LATE_NS (250 * NS_PER_MS)

void bus_init(struct bus *bus, uint64_t start_ns)
{
	*bus = (struct bus){ .start_ns = start_ns };
}

/* What all sinks together want. */
static void bus_count(struct bus *bus)
{
	uint8_t level = 0;

	bus->sink_level = 0;
	bus->wants_data = false;
	for (const struct sink *sink = bus->sinks; sink != NULL; sink = sink->next) {
		if (sink->level > level)
			level = sink->level;
		if (sink->level > bus->sink_level && !sink->kind->is_silent)
			bus->sink_level = sink->level;
		if (sink->level >= 3 || (sink->level == 2 && sink->preview > 0))
			bus->wants_data = true;
		if (sink->level > 0 && sink->kind->needs_payload)
			bus->wants_data = true;
	}
	bus->level = bus->tap != NULL && bus->tap->level > level ? bus->tap->level : level;
}

void bus_set_tap(struct bus *bus, struct bus_tap *tap)
{
	bus->tap = tap;
	bus_count(bus);
}

void bus_add(struct bus *bus, struct sink *sink)
{
	struct sink **end = &bus->sinks;

	while (*end != NULL)
		end = &(*end)->next;
	sink->next = NULL;
	*end = sink;

	bus_count(bus);
	if (sink->kind == &sink_json && sink_out_fd(sink->out) == STDERR_FILENO)
		bus->is_json_stderr = true;
}

void bus_set_level(struct bus *bus, struct sink *sink, uint8_t level)
{
	sink->level = level;
	bus_count(bus);
}

void bus_watch_pieces(struct bus *bus, bool is_relay, bool has_header)
{
	if (bus->level >= 2 && bus->coalesce == NULL)
		bus->coalesce = coalesce_new(is_relay, has_header);
}

void bus_watch_ends(struct bus *bus)
{
	if (bus->ends == NULL)
		bus->ends = ends_new();
}

void bus_emit(struct bus *bus, const struct event *event)
{
	uint8_t level = event_level(event);
	struct event told;

	if (level > bus->level)
		return;
	/* Before the packets that come before it: those of a connect() are of the connection that it begins. */
	if (UNLIKELY(bus->ends != NULL)) {
		told = *event;
		told.has_connection = true;
		told.connection = ends_number(bus->ends, event);
		event = &told;
	}
	if (UNLIKELY(bus->source != NULL) && event->step != STEP_PACKET)
		bus->source->before(bus->source, event->t_ns);
	if (bus->coalesce != NULL) {
		if (event != &told)
			told = *event;
		coalesce_event(bus->coalesce, &told);
		event = &told;
	}
	if (UNLIKELY(bus->tap != NULL))
		bus->tap->event(bus->tap, event);
	/* What is not written has no number: a gap would look like a loss. */
	if (level <= bus->sink_level)
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

/* Its file cannot be written: nothing is made for it any more, and who runs the bus is told at once. */
static void stop(struct bus *bus, struct sink *sink)
{
	sink->level = 0;
	bus_count(bus);
	if (bus->stopped == NULL || sink_out_fd(sink->out) == STDERR_FILENO)
		return;
	sink->is_told = true;
	bus->stopped(bus->stopped_ctx, sink_out_name(sink->out), -sink_out_error(sink->out));
}

/* Let a sink write. Returns when it wants to be called again. */
static uint64_t flush(struct bus *bus, struct sink *sink)
{
	uint64_t now_ns, due_ns;
	bool has_moved;

	/* As it nearly always is at level 1. */
	if (sink->kind->flush == NULL && !sink_out_holds(sink->out) && sink_out_error(sink->out) == 0)
		return UINT64_MAX;
	now_ns = clock_now_ns();
	due_ns = sink->kind->flush == NULL ? UINT64_MAX : sink->kind->flush(sink, now_ns);
	/* Nobody looks at a file so often: what the next turns of the loop bring goes with it. */
	if (now_ns - sink->written_ns < GATHER_NS && sink_out_is_file(sink->out) && sink_out_error(sink->out) == 0)
		return sink->written_ns + GATHER_NS < due_ns ? sink->written_ns + GATHER_NS : due_ns;
	sink->written_ns = now_ns;
	has_moved = sink_out_flush(sink->out);
	if (UNLIKELY(sink_out_error(sink->out) != 0)) {
		stop(bus, sink);
		return UINT64_MAX;
	}
	if (!sink_out_holds(sink->out)) {
		/* The output has come back: what was lost is said now, be there a next event or not. */
		if (has_moved && sink_say_lost(sink))
			sink_out_flush(sink->out);
		return due_ns;
	}
	sink->pause_ns = has_moved || sink->pause_ns == 0 ? RETRY_SOON_NS : 2 * sink->pause_ns;
	if (sink->pause_ns > RETRY_LATE_NS)
		sink->pause_ns = RETRY_LATE_NS;
	return now_ns + sink->pause_ns < due_ns ? now_ns + sink->pause_ns : due_ns;
}

uint64_t bus_flush(struct bus *bus)
{
	uint64_t due_ns = bus->source == NULL ? UINT64_MAX : bus->source->flush(bus->source);

	for (struct sink *sink = bus->sinks; sink != NULL; sink = sink->next) {
		uint64_t sink_ns = sink->level == 0 ? UINT64_MAX : flush(bus, sink);

		if (sink_ns < due_ns)
			due_ns = sink_ns;
	}
	return due_ns;
}

int bus_clear(struct bus *bus, char *file, size_t size)
{
	int first = 0;

	while (bus->sinks != NULL) {
		struct sink *sink = bus->sinks;
		bool is_told = sink->is_told;
		int ret;

		bus->sinks = sink->next;
		ret = sink_close(sink, first == 0 && !is_told ? file : NULL, size);
		if (first == 0 && !is_told)
			first = ret;
	}
	ends_free(bus->ends);
	bus->ends = NULL;
	coalesce_free(bus->coalesce);
	bus->coalesce = NULL;
	bus->level = 0;
	bus->sink_level = 0;
	bus->tap = NULL;
	bus->wants_data = false;
	bus->is_json_stderr = false;
	return first;
}
