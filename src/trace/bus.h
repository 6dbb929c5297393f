/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bus: takes each event once and gives it to every sink whose level reaches it. Knows nothing of what a sink makes
 * of it. Where no sink is, level is 0 and nobody calls bus_emit().
 */
#ifndef SOCKT_TRACE_BUS_H
#define SOCKT_TRACE_BUS_H

#include "trace/event.h"
#include "trace/sink.h"

/* Whoever has events that belong among others, by their time: packets. */
struct bus_source {
	/* Emit what was before t_ns, for an event of that time comes next. Not called for PACKET. */
	void (*before)(struct bus_source *source, uint64_t t_ns);
	/* Emit what there is: no event of an earlier time comes any more. Returns as bus_flush(). */
	uint64_t (*flush)(struct bus_source *source);
};

/* Whoever else hears of every event, whatever the sinks show: the shell, which shows its own calls. */
struct bus_tap {
	void (*event)(struct bus_tap *tap, const struct event *event);
	uint8_t level; /* of events that it has to hear of, 1 to 3: others may not be made */
};

struct bus {
	uint8_t level;      /* the highest of any sink, and of the tap: what is worth making an event of */
	uint8_t sink_level; /* the highest of any sink that writes: what has a number */
	bool wants_data;    /* a sink wants previews or payload: flows take the copy path */
	bool is_json_stderr; /* a json sink writes to standard error: everything said there is a note */
	uint64_t start_ns;  /* CLOCK_MONOTONIC when the program started */
	uint64_t seq;       /* number of the last event */
	struct sink *sinks; /* list */
	struct ends *ends; /* which sockets are the ends of one connection (bus_watch_ends()); NULL: sessions */
	struct coalesce *coalesce; /* what becomes of pieces (bus_watch_pieces()); NULL: nobody asks */
	/*
	 * A sink's file cannot be written (error: errno): the sink stops, and this is told once, from within
	 * bus_flush(). NULL: bus_clear() tells. Not for standard error, where it could not be said.
	 */
	void (*stopped)(void *ctx, const char *file, int error);
	void *stopped_ctx;
	struct bus_source *source; /* borrowed; NULL: none */
	struct bus_tap *tap;       /* borrowed; NULL: none */
};

/* Start an empty bus. start_ns: CLOCK_MONOTONIC at the start of the program, the zero of t_ms. */
void bus_init(struct bus *bus, uint64_t start_ns);
/* Add a sink (takes it) and raise the level. */
void bus_add(struct bus *bus, struct sink *sink);
/* From now on tap, which is borrowed, hears of every event; NULL: nobody. */
void bus_set_tap(struct bus *bus, struct bus_tap *tap);
/* Let a sink that was added show more, or less (0: nothing). */
void bus_set_level(struct bus *bus, struct sink *sink, uint8_t level);
/*
 * From now on events tell where pieces of a byte stream have been joined or cut (coalesce.h): where level >= 2, else
 * nothing. The arguments are those of coalesce_new().
 */
void bus_watch_pieces(struct bus *bus, bool is_relay, bool has_header);
/*
 * From now on events tell of which connection they are: both ends of one are in this program, and each is a session to
 * who runs it (ends.h). All sinks show the same number for the same thing, whatever they have missed.
 */
void bus_watch_ends(struct bus *bus);
/* Number the event and deliver it to every sink whose level is at least that of the event's step. */
void bus_emit(struct bus *bus, const struct event *event);
/* A NOTE event with a sentence, of session (0: none), where level >= 1. */
void bus_note(struct bus *bus, uint64_t now_ns, uint32_t session, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* The last line at -v: which rule ended it (ended_sentence() with limit put in). Text only: JSON has it in END. */
void bus_ended(struct bus *bus, enum ended_by ended, const char *limit);
/*
 * Let sinks write what they hold: called before the loop waits. One that cannot stops. Returns when (CLOCK_MONOTONIC)
 * it has to be called again at the latest; UINT64_MAX: not before the next event.
 */
uint64_t bus_flush(struct bus *bus);
/*
 * Flush, close and free all sinks. Returns 0, or -errno of the first sink whose file could not be written and of which
 * that was not told before; its name is then written to file (size bytes).
 */
int bus_clear(struct bus *bus, char *file, size_t size);

#endif
