/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ladder sink: a sequence diagram in text, a line for each row of the picture, as it happens.
 *
 *     0.270  connect(5, 127.0.0.1:9000)        SYN_SENT    ├─── SYN ────▶│
 *     0.322  connected 5                       ESTABLISHED │◀─ SYN, ACK ─┤ answers
 *   |time  ||step                            ||state      |lane   arrow  lane act
 *
 * In a relay this program stands between its client and its target, with its steps in its lane. Where both ends are its
 * own, a mark in a lane says whose step it is, and of what arrives only the head of the arrow is drawn again:
 *
 *     0.889  send(9, "hello\n") = 6               ●─── 6 B ────▶│
 *     0.931  recv(11, "hello\n") = 6              │      6 B ──▶●
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/util.h"
#include "trace/explain.h"
#include "trace/ladder_line.h"
#include "trace/picture.h"
#include "trace/sink.h"
#include "trace/sink_out.h"
#include "trace/text_words.h"

#define HOLD_NS (900 * NS_PER_MS)   /* how long a run is held back: events are to be seen within a second */
#define STATUS_NS (250 * NS_PER_MS) /* between two looks of a run that grows at the bottom of a terminal */

#define LATE_MAX 8

/* The explanation of an event that is folded: it stands below the row that counts it. */
struct late {
	char *text;
	uint32_t session;
};

struct ladder_state {
	struct sink *sink;
	struct picture *picture;
	struct ladder_line line;
	struct explain *explain;   /* NULL: nothing is explained */
	const char *explanation;   /* of the event at hand; NULL: none */
	struct late late[LATE_MAX];
	size_t late_count;
	const char *bar;           /* in front of its lines */
	bool is_terminal;   /* it has a width that may change */
	bool has_status;    /* a run that grows is shown at the bottom */
	bool is_status_on;  /* it is, now */
	uint64_t start_ns;  /* CLOCK_MONOTONIC at the zero of events */
	uint64_t status_ns; /* when the status was drawn last */
};

/* Begin a line of the width that there is now. */
static void begin(struct ladder_state *state)
{
	struct ladder_line *line = &state->line;

	ladder_line_begin(line);
	if (state->is_terminal)
		line->layout = ladder_layout_make(term_columns(sink_out_fd(state->sink->out)), line->layout.is_relay,
						  line->layout.is_whole);
}

static void put(struct ladder_state *state)
{
	ladder_line_end(&state->line);
	sink_record(state->sink, state->line.text.dst, state->line.text.len);
}

/* Write a text without lanes in as many lines as it takes, each behind prefix. The first of them is begun. */
static void put_text(struct ladder_state *state, uint32_t session, const char *prefix, const char *text)
{
	while (*text != '\0') {
		text = ladder_line_text(&state->line, session, prefix, text);
		put(state);
		begin(state);
	}
}

/* A run that grows, at the bottom of a terminal. */
static void put_status(struct ladder_state *state, const struct picture_row *row)
{
	begin(state);
	ladder_line_row(&state->line, row);
	sink_out_set_status(state->sink->out, state->line.text.dst);
	state->is_status_on = true;
}

/* An explanation, behind the bar. */
static void put_explanation(struct ladder_state *state, uint32_t session, const char *explanation)
{
	put_text(state, session, state->bar, explanation);
}

/* A row of the session stands: those of its events that were folded are among what it counts. */
static void put_late(struct ladder_state *state, uint32_t session)
{
	size_t kept = 0;

	for (size_t i = 0; i < state->late_count; i++) {
		if (state->late[i].session != session) {
			state->late[kept++] = state->late[i];
			continue;
		}
		put_explanation(state, session, state->late[i].text);
		free(state->late[i].text);
	}
	state->late_count = kept;
}

static void on_row(void *ctx, const struct picture_row *row)
{
	struct ladder_state *state = ctx;
	bool has_all = true, is_coalesced;

	if (row->is_provisional) {
		put_status(state, row);
		return;
	}
	if (state->is_status_on)
		sink_out_set_status(state->sink->out, "");
	state->is_status_on = false;
	state->line.has_sessions = state->line.has_sessions || row->session > 1;
	begin(state);
	if (row->kind == PICTURE_NOTE) {
		ladder_line_time(&state->line, row->t_ns);
		put_text(state, row->session, "", row->call);
		return;
	}
	if (row->kind != PICTURE_SUMMARY) {
		has_all = ladder_line_row(&state->line, row);
		put(state);
		begin(state);
	}
	is_coalesced = row->event != NULL && row->event->coalesced.what != COALESCED_NOTHING;
	/* Which port it has become, or what has been joined, nothing else tells. */
	if (!has_all && (row->step == STEP_BIND || is_coalesced))
		put_text(state, row->session, "", row->remark);
	put_text(state, row->session, "", row->below);
	put_late(state, row->session);
	if (row->event != NULL && state->explanation != NULL) {
		put_explanation(state, row->session, state->explanation);
		state->explanation = NULL;
	}
}

static void ladder_event(struct sink *sink, const struct event *event)
{
	struct ladder_state *state = sink->state;

	state->explanation = state->explain == NULL ? NULL : explain_first(state->explain, event);
	picture_event(state->picture, sink->seq, event);
	if (state->explanation != NULL && state->late_count < LATE_MAX)
		state->late[state->late_count++] = (struct late){ xstrdup(state->explanation), event_number(event) };
	state->explanation = NULL;
}

static void ladder_ended(struct sink *sink, enum ended_by ended, const char *limit)
{
	struct ladder_state *state = sink->state;
	char sentence[160], line[200];

	picture_flush(state->picture, UINT64_MAX);
	begin(state);
	snprintf(line, sizeof(line), "ended: %s", ended_format(ended, limit, sentence, sizeof(sentence)));
	put_text(state, 0, "", line);
}

static uint64_t ladder_flush(struct sink *sink, uint64_t now_ns)
{
	struct ladder_state *state = sink->state;
	uint64_t t_ns = now_ns > state->start_ns ? now_ns - state->start_ns : 0;
	uint64_t since_ns;

	if (state->has_status) {
		if (picture_pending_since(state->picture) == UINT64_MAX)
			return UINT64_MAX;
		if (now_ns - state->status_ns >= STATUS_NS) {
			picture_peek(state->picture);
			state->status_ns = now_ns;
		}
		return state->status_ns + STATUS_NS;
	}
	if (t_ns > HOLD_NS)
		picture_flush(state->picture, t_ns - HOLD_NS);
	since_ns = picture_pending_since(state->picture);
	return since_ns == UINT64_MAX ? UINT64_MAX : state->start_ns + since_ns + HOLD_NS;
}

static size_t ladder_lost(struct sink *sink, uint64_t count, char *dst)
{
	int len = snprintf(dst, SINK_LOST_MAX,
			   "%*s%" PRIu64 " %s lost here: the output of the trace did not keep up\n",
			   LADDER_TIME_COLUMNS, "", count, count == 1 ? "line was" : "lines were");

	(void)sink;
	return (size_t)len;
}

static int ladder_open(struct sink *sink, const struct sink_options *options)
{
	struct ladder_state *state = xcalloc(1, sizeof(*state));
	const struct picture_options wish = {
		.is_relay = options->is_relay,
		.is_whole = options->is_whole,
		.has_packets = options->has_packets,
		.is_utf8 = term_wants_utf8(),
		.level = sink->level,
		.preview = sink->preview,
		.row = on_row,
		.ctx = state,
	};
	int fd = sink_out_fd(sink->out);

	state->sink = sink;
	state->explain = options->is_explaining ? explain_new(options->is_relay) : NULL;
	state->bar = text_bar(wish.is_utf8);
	state->picture = picture_new(&wish);
	state->is_terminal = isatty(fd) == 1;
	/* Not where what is received would be written behind it. */
	state->has_status = state->is_terminal && isatty(STDOUT_FILENO) != 1;
	state->start_ns = options->start_ns != 0 ? options->start_ns : clock_now_ns();
	ladder_line_init(&state->line, sink->preview, wish.is_utf8);
	state->line.is_colored = term_wants_color(fd, options->color);
	state->line.has_sessions = options->is_relay;
	state->line.has_packets = options->has_packets;
	state->line.layout = ladder_layout_make(LADDER_WIDTH, options->is_relay, options->is_whole);
	sink->state = state;
	begin(state);
	ladder_line_header(&state->line, state->picture);
	put(state);
	return 0;
}

static void ladder_close(struct sink *sink)
{
	struct ladder_state *state = sink->state;

	picture_flush(state->picture, UINT64_MAX);
	picture_free(state->picture);
	ladder_line_clear(&state->line);
	explain_free(state->explain);
	for (size_t i = 0; i < state->late_count; i++)
		free(state->late[i].text);
	free(state);
	sink->state = NULL;
}

const struct sink_kind sink_ladder = {
	.name = "ladder",
	.help = "a sequence diagram, for people",
	.level_default = 2,
	.open = ladder_open,
	.event = ladder_event,
	.ended = ladder_ended,
	.lost = ladder_lost,
	.flush = ladder_flush,
	.close = ladder_close,
};
