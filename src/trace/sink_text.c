/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The text sink: each step on a line of its own, for a person.
 *
 *        0.241  [2] listen(5, 128) = 0                         CLOSE → LISTEN        0.01 ms
 *   |time     ||no||call                                  |state                 |  duration
 *
 * The number of the session is there from the moment at which there is more than one, and always in a relay.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/term.h"
#include "base/util.h"
#include "base/wrap.h"
#include "trace/explain.h"
#include "trace/names.h"
#include "trace/sink.h"
#include "trace/sink_out.h"
#include "trace/text_call.h"
#include "trace/text_hex.h"
#include "trace/text_marks.h"

#define TIME_COLUMNS 10
#define STATE_COLUMN 53 /* of a line without a session */
#define RIGHT_EDGE 80
#define LINE_SIZE 8192    /* for everything but the preview */
#define RENDERED_MARGIN 256 /* for the colours of a line */
#define NOTE_LINE_MAX 1024  /* bytes of a note in one line */

struct text_state {
	struct text_view view;
	bool is_colored;
	bool has_packets;
	int terminal;            /* that is written to; -1: it is none */
	uint32_t session;        /* of the event at hand */
	size_t session_columns;  /* 0: only one session was seen so far, and it is no relay's */
	uint64_t t_ns;           /* of the last event */
	struct text line;        /* under construction, with marks */
	char *rendered;          /* the line as it is written */
	size_t rendered_size;
	struct text_hex *hex;    /* level 3; else NULL */
	struct explain *explain; /* NULL: nothing is explained */
};

/* The lines below an event. */
struct below {
	struct text_below parts;
	struct sink *sink;
	bool is_open; /* a line of parts has begun */
};

/* Add blanks up to column, at least min of them. */
static void pad(struct text *line, size_t column, size_t min)
{
	size_t have = marks_columns(line->dst);

	for (size_t i = 0; i < min || have + i < column; i++)
		text_add(line, " ");
}

/* Write the line, with its marks made colours or dropped. */
static void put_line(struct sink *sink)
{
	struct text_state *state = sink->state;
	struct text out;

	text_init(&out, state->rendered, state->rendered_size - 1);
	marks_render(state->line.dst, state->is_colored, &out);
	state->rendered[out.len] = '\n';
	sink_record(sink, state->rendered, out.len + 1);
}

/* Begin a line with the column of the session's number. */
static void add_session(struct text_state *state)
{
	size_t start = marks_columns(state->line.dst);

	if (state->session_columns == 0)
		return;
	if (state->session != 0)
		text_addf(&state->line, "[%" PRIu32 "]", state->session);
	pad(&state->line, start + state->session_columns, 1);
}

/* Begin a line without a time. */
static void begin_below(struct text_state *state)
{
	text_init(&state->line, state->line.dst, state->line.size);
	pad(&state->line, TIME_COLUMNS, 0);
	add_session(state);
}

/*
 * Begin a line with the time: milliseconds, with 3 decimals below 10, then 1, the points in one column. Among packets a
 * tenth of a millisecond is long: always 3.
 */
static void begin_line(struct text_state *state, uint64_t t_ns)
{
	uint64_t us = t_ns / NS_PER_US;

	text_init(&state->line, state->line.dst, state->line.size);
	text_add(&state->line, MARK_DIM);
	if (us < 10000 || state->has_packets)
		text_addf(&state->line, "%4" PRIu64 ".%03" PRIu64, us / 1000, us % 1000);
	else
		text_addf(&state->line, "%4" PRIu64 ".%" PRIu64, us / 1000, us % 1000 / 100);
	text_add(&state->line, MARK_END);
	pad(&state->line, TIME_COLUMNS, 1);
	add_session(state);
}

/* A session's number from which on lines carry it. */
static void see_session(struct text_state *state, uint32_t session)
{
	char number[16];
	struct text text;

	state->session = session;
	if (session <= 1 && state->session_columns == 0)
		return;
	text_init(&text, number, sizeof(number));
	text_addf(&text, "[%" PRIu32 "] ", session);
	if (text.len > state->session_columns)
		state->session_columns = text.len;
}

static void below_line(struct text_below *parts, const char *line)
{
	struct below *below = CONTAINER_OF(parts, struct below, parts);
	struct text_state *state = below->sink->state;

	begin_below(state);
	text_add(&state->line, line);
	put_line(below->sink);
}

static void below_part(struct text_below *parts, const char *part)
{
	struct below *below = CONTAINER_OF(parts, struct below, parts);
	struct text_state *state = below->sink->state;

	if (part == NULL) {
		if (below->is_open)
			put_line(below->sink);
		below->is_open = false;
		return;
	}
	if (below->is_open && marks_columns(state->line.dst) + 2 + marks_columns(part) > RIGHT_EDGE) {
		text_add(&state->line, ";");
		put_line(below->sink);
		below->is_open = false;
	}
	if (below->is_open)
		text_add(&state->line, "; ");
	else
		begin_below(state);
	text_add(&state->line, part);
	below->is_open = true;
}

/* Escape up to len bytes of a sentence, which may hold UTF-8, and add them. */
static void add_sentence(struct text *line, const char *sentence, size_t len)
{
	char escaped[ESCAPE_TERM_MAX(NOTE_LINE_MAX)];
	struct escape_term escape = { 0 };

	if (len > NOTE_LINE_MAX)
		len = NOTE_LINE_MAX;
	len = escape_term(&escape, sentence, len, true, escaped);
	text_add_bytes(line, escaped, len);
}

/* The first line of a note: what the terminal has room for; a file gets whole lines, so that they can be searched. */
static size_t note_line(const struct text_state *state, const char *text, const char **rest)
{
	size_t used = marks_columns(state->line.dst), room, len;

	/* Asked anew, since a window is made wider or narrower. */
	room = state->terminal == -1 ? 0 : term_columns(state->terminal);
	if (room > used)
		return wrap_line(text, room - used, rest);
	len = strcspn(text, "\n");
	*rest = text + len + (text[len] == '\n');
	return len;
}

/* A note: the sentence at the place of the call; further lines of it below. */
static void put_note(struct sink *sink, const struct event *event)
{
	struct text_state *state = sink->state;
	const char *rest = event->text != NULL ? event->text : "";

	for (;;) {
		const char *line = rest;
		size_t len = note_line(state, line, &rest);

		add_sentence(&state->line, line, len);
		put_line(sink);
		if (*rest == '\0')
			return;
		begin_below(state);
	}
}

/* Add the state and the duration to the call, each in its column. */
static void add_columns(struct text_state *state, const struct event *event)
{
	char storage[160];
	struct text part;

	text_init(&part, storage, sizeof(storage));
	if (event->step != STEP_STATE && text_states(&part, event, &state->view)) {
		pad(&state->line, STATE_COLUMN + state->session_columns, 2);
		text_add(&state->line, storage);
	}
	if (!text_wants_duration(event))
		return;
	text_init(&part, storage, sizeof(storage));
	text_add(&part, MARK_DIM);
	text_duration(&part, event->dur_ns);
	text_add(&part, MARK_END);
	/* One that says little is not worth a line that a terminal breaks. */
	if (event->dur_ns < NS_PER_MS && marks_columns(state->line.dst) + 2 + marks_columns(storage) > RIGHT_EDGE)
		return;
	pad(&state->line, RIGHT_EDGE - marks_columns(storage), 2);
	text_add(&state->line, storage);
}

/* Write the payload of an event as a hex dump, one line a record. */
static void put_hex(struct sink *sink, const struct event *event)
{
	struct text_state *state = sink->state;
	struct text_hex_cursor cursor;

	text_hex_begin(state->hex, &cursor, event);
	for (;;) {
		text_init(&state->line, state->line.dst, state->line.size);
		add_session(state);
		if (!text_hex_line(&cursor, &state->line))
			return;
		put_line(sink);
	}
}

/* What the step is for, where it is the first of its kind: a paragraph, set apart from the facts by a bar. */
static void put_explanation(struct sink *sink, const struct event *event)
{
	struct text_state *state = sink->state;
	const char *rest = explain_first(state->explain, event);

	while (rest != NULL && *rest != '\0') {
		const char *line = rest;
		size_t len;

		begin_below(state);
		text_add(&state->line, MARK_DIM);
		text_add(&state->line, text_bar(state->view.is_utf8));
		len = wrap_line(line, RIGHT_EDGE - marks_columns(state->line.dst), &rest);
		text_add_bytes(&state->line, line, len);
		text_add(&state->line, MARK_END);
		put_line(sink);
	}
}

static void text_event(struct sink *sink, const struct event *event)
{
	struct text_state *state = sink->state;
	struct below below = {
		.parts = { .line = below_line, .part = below_part },
		.sink = sink,
	};

	/* It may have been changed (bus_set_level()). */
	state->view.level = sink->level;
	if (sink->level >= 3 && state->hex == NULL)
		state->hex = text_hex_new();
	state->t_ns = event->t_ns;
	see_session(state, event_number(event));
	if (event->step != STEP_END)
		begin_line(state, event->t_ns);
	if (event->step == STEP_NOTE) {
		put_note(sink, event);
		return;
	}
	if (event->step != STEP_END) {
		text_call(&state->line, event, &state->view);
		text_remark(&state->line, event, &state->view);
		add_columns(state, event);
		put_line(sink);
	}
	text_facts(&below.parts, event, &state->view);
	if (state->explain != NULL)
		put_explanation(sink, event);
	if (state->hex != NULL && sink->level >= 3)
		put_hex(sink, event);
}

static void text_ended(struct sink *sink, enum ended_by ended, const char *limit)
{
	struct text_state *state = sink->state;
	char sentence[160];

	state->session = 0;
	begin_below(state);
	text_addf(&state->line, "ended: %s",
		  ended_format(ended, limit, sentence, sizeof(sentence)));
	put_line(sink);
}

static size_t text_lost(struct sink *sink, uint64_t count, char *dst)
{
	struct text text;

	(void)sink;
	text_init(&text, dst, SINK_LOST_MAX);
	text_addf(&text, "%*s%" PRIu64 " %s lost here: the output of the trace did not keep up\n",
		  TIME_COLUMNS, "", count, count == 1 ? "line was" : "lines were");
	return text.len;
}

static int text_open(struct sink *sink, const struct sink_options *options)
{
	struct text_state *state = xcalloc(1, sizeof(*state));
	size_t line_size = LINE_SIZE + sink->preview * 4;

	state->view.level = sink->level;
	state->view.preview = sink->preview;
	state->view.is_utf8 = term_wants_utf8();
	state->view.is_relay = options->is_relay;
	state->has_packets = options->has_packets;
	/* "[1] " */
	state->session_columns = options->is_relay ? 4 : 0;
	state->terminal = isatty(sink_out_fd(sink->out)) ? sink_out_fd(sink->out) : -1;
	state->is_colored = term_wants_color(sink_out_fd(sink->out), options->color);
	text_init(&state->line, xmalloc(line_size), line_size);
	state->rendered_size = line_size + RENDERED_MARGIN;
	state->rendered = xmalloc(state->rendered_size);
	if (sink->level >= 3)
		state->hex = text_hex_new();
	state->explain = options->is_explaining ? explain_new(options->is_relay) : NULL;
	sink->state = state;
	return 0;
}

static void text_close(struct sink *sink)
{
	struct text_state *state = sink->state;

	text_hex_free(state->hex);
	explain_free(state->explain);
	free(state->rendered);
	free(state->line.dst);
	free(state);
	sink->state = NULL;
}

const struct sink_kind sink_text = {
	.name = "text",
	.help = "each step as the C call it is, for people",
	.level_default = 1,
	.open = text_open,
	.event = text_event,
	.ended = text_ended,
	.lost = text_lost,
	.close = text_close,
};
