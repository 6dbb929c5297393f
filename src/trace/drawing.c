/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the drawings for a browser have in common: columns, arrows, details. */
#include "trace/drawing.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/util.h"
#include "trace/markup.h"
#include "trace/names.h"
#include "trace/text_words.h"


#define DATA_MAX 256 /* bytes of data that are shown in hex */
#define MARK 5       /* half of the mark of whose step it is */
#define ARRIVAL 72   /* how long the arrow is of what arrives, of that which another row has */

struct drawing_layout drawing_layout_of(bool is_relay, bool is_whole)
{
	static const struct drawing_layout two = {
		.width = 980, .time = 66, .session = 78, .step = 106, .state = 476, .lanes = { 620, 860 }, .act = 876,
	};
	static const struct drawing_layout three = {
		.is_relay = true, .width = 1180, .time = 66, .session = 78, .step = 106, .state = 476,
		.lanes = { 664, 874, 1084 }, .act = 1100,
	};
	static const struct drawing_layout ends = {
		.is_whole = true, .width = 980, .time = 66, .session = 78, .step = 106, .state = 516,
		.lanes = { 664, 924 }, .act = 972,
	};

	return is_whole ? ends : is_relay ? three : two;
}

const char *drawing_state_class(int state)
{
	switch (state) {
	case TCP_LISTEN:
	case TCP_SYN_SENT:
	case TCP_SYN_RECV:
		return "begin";
	case TCP_ESTABLISHED:
		return "open";
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
	case TCP_CLOSE_WAIT:
	case TCP_LAST_ACK:
	case TCP_CLOSING:
		return "end";
	default:
		return "done";
	}
}

const char *drawing_time(uint64_t t_ns, char *dst, size_t size)
{
	uint64_t us = t_ns / NS_PER_US;

	if (us < 10000)
		snprintf(dst, size, "%" PRIu64 ".%03" PRIu64, us / 1000, us % 1000);
	else
		snprintf(dst, size, "%" PRIu64 ".%" PRIu64, us / 1000, us % 1000 / 100);
	return dst;
}

/* What an arrow is called in the style sheet. */
static const char *arrow_class(const struct drawing_layout *layout, const struct picture_row *row, size_t gap)
{
	/* Of a relay this program is to the right of the first gap. */
	bool is_sent = (row->arrows[gap].way == PICTURE_RIGHT) == (gap == (layout->is_relay ? 1 : 0));

	if (row->is_failed)
		return "bad";
	return is_sent ? "out" : "in";
}

void drawing_lane_names(struct buf *out, const struct drawing_layout *layout, const struct picture *picture,
			unsigned left)
{
	for (size_t lane = 0; lane < picture_lanes(picture); lane++) {
		unsigned x = layout->lanes[lane] - left;

		markup_addf(out, "<rect class=\"k\" x=\"%u.5\" y=\".5\" width=\"80\" height=\"%d\" rx=\"5\"/>"
			    "<text class=\"m\" x=\"%u\" y=\"17\">", x - 40, DRAWING_BOX - 1, x);
		markup_text(out, picture_lane_name(picture, lane));
		markup_add(out, "</text>");
	}
}

bool drawing_is_act_left(const struct drawing_layout *layout, const struct picture_row *row)
{
	return layout->is_relay && row->act[0] != '\0' && row->arrows[0].way != PICTURE_NO_WAY;
}

void drawing_arrows(struct buf *out, const struct drawing_layout *layout, const struct picture_row *row, unsigned left)
{
	const char *thick = row->kind == PICTURE_FOLD ? " fold" : row->kind == PICTURE_PACKET ? " pkt" : "";

	for (size_t gap = 0; gap < PICTURE_GAPS_MAX; gap++) {
		const struct picture_arrow *arrow = &row->arrows[gap];
		const char *class = arrow_class(layout, row, gap);
		unsigned from = layout->lanes[gap] - left, to = layout->lanes[gap + 1] - left;

		if (arrow->way == PICTURE_NO_WAY)
			continue;
		if (arrow->is_arrival) {
			/* The row of the call that sent it has the whole arrow. */
			from = arrow->way == PICTURE_RIGHT ? to - ARRIVAL : from;
			to = from + ARRIVAL;
		}
		/* The mark of the end whose call it is stays free. */
		if (layout->is_whole && row->lane == (arrow->way == PICTURE_RIGHT ? 1 : 0)) {
			from += arrow->way == PICTURE_RIGHT ? 0 : MARK;
			to -= arrow->way == PICTURE_RIGHT ? MARK : 0;
		}
		/* The line ends inside of the head, whose tip touches the lane. */
		if (arrow->way == PICTURE_RIGHT)
			markup_addf(out, "<path class=\"%s%s\" d=\"M%u 18.5H%um6 0l-8-4v8z\"/>", class, thick, from,
				    to - 8);
		else
			markup_addf(out, "<path class=\"%s%s\" d=\"M%u 18.5H%um-6 0l8-4v8z\"/>", class, thick, to,
				    from + 8);
		if (arrow->label[0] == '\0')
			continue;
		markup_addf(out, "<text class=\"lab %s\" x=\"%u\" y=\"13\">", class, (from + to) / 2);
		markup_text(out, arrow->label);
		markup_add(out, "</text>");
	}
	if (layout->is_whole && row->lane >= 0)
		markup_addf(out, "<circle class=\"own\" cx=\"%u.5\" cy=\"18.5\" r=\"4.5\"/>",
			    layout->lanes[row->lane] - left);
	if (drawing_is_act_left(layout, row)) {
		markup_addf(out, "<text class=\"act at\" x=\"%u\" y=\"18\">", layout->lanes[0] - left - 8);
		markup_text(out, row->act);
		markup_add(out, "</text>");
	}
}

void drawing_arrows_text(struct buf *out, const struct drawing_layout *layout, const struct picture *picture,
			 const struct picture_row *row)
{
	bool is_first = true;

	for (size_t gap = 0; gap < PICTURE_GAPS_MAX; gap++) {
		const struct picture_arrow *arrow = &row->arrows[gap];
		size_t from = arrow->way == PICTURE_RIGHT ? gap : gap + 1;

		if (arrow->way == PICTURE_NO_WAY)
			continue;
		markup_add(out, is_first ? "" : "; ");
		if (!arrow->is_arrival) {
			markup_text(out, picture_lane_name(picture, from));
			markup_add(out, " ");
		}
		markup_text(out, arrow->is_arrival ? _("arrives at") : _("to"));
		markup_add(out, " ");
		markup_text(out, picture_lane_name(picture, 2 * gap + 1 - from));
		markup_add(out, arrow->label[0] != '\0' ? ": " : "");
		markup_text(out, arrow->label);
		is_first = false;
	}
	if (drawing_is_act_left(layout, row)) {
		markup_add(out, "; ");
		markup_text(out, row->act);
	}
}

/* Add a line of details. */
static void add_line(struct buf *out, const struct text *line)
{
	markup_text(out, "\n");
	markup_text(out, line->dst);
}

/* When it was, and for how long. */
static void add_when(struct buf *out, const struct picture_row *row)
{
	char words[160], moment[32];
	struct text line;

	text_init(&line, words, sizeof(words));
	text_addf(&line, _("at %s ms"), drawing_time(row->t_ns, moment, sizeof(moment)));
	/* Of CONNECTED the remark has it. */
	if (row->event != NULL && row->event->has_dur && row->step != STEP_CONNECTED) {
		text_add(&line, _(", took "));
		text_duration(&line, row->event->dur_ns);
	}
	add_line(out, &line);
}

/* Whose it is. */
static void add_owner(struct buf *out, const struct picture_row *row)
{
	char words[160];
	struct text line;

	text_init(&line, words, sizeof(words));
	text_addf(&line, _("event %" PRIu64), row->seq);
	if (row->session != 0)
		text_addf(&line, _(", session %" PRIu32), row->session);
	if (row->side != SIDE_NONE)
		text_add(&line, row->side == SIDE_CLIENT ? _(", as a client") : _(", as a server"));
	if (row->fd >= 0)
		text_addf(&line, _(", descriptor %d"), row->fd);
	if (row->event != NULL && row->event->protocol != PROTOCOL_NONE)
		text_addf(&line, ", %s", protocol_name(row->event->protocol));
	add_line(out, &line);
}

/* What it changed, and what it failed with. */
static void add_outcome(struct buf *out, const struct picture_row *row)
{
	static const struct text_view view = { .is_utf8 = true };
	const struct event *event = row->event;
	char words[256], name[32];
	struct text line;

	if (row->state != 0) {
		text_init(&line, words, sizeof(words));
		text_add(&line, _("state "));
		if (row->state_from != 0) {
			text_name(&line, &names_tcp_state, row->state_from);
			text_addf(&line, " %s ", text_arrow(&view, ARROW_RIGHT));
		}
		text_add(&line, row->state_name);
		add_line(out, &line);
	}
	if (event != NULL && event_has_failed(event)) {
		text_init(&line, words, sizeof(words));
		text_add(&line, event_error_name(event, name, sizeof(name)));
		if (event->error != 0 && event->step != STEP_RESOLVE)
			text_addf(&line, ": %s", strerrordesc_np(event->error));
		add_line(out, &line);
	}
}

/* Both ends, where the lines below do not name them. */
static void add_addresses(struct buf *out, const struct picture_row *row)
{
	static const struct text_view view = { .is_utf8 = true };
	const struct event *event = row->event;
	char words[2 * ADDR_TEXT_MAX + 16];
	struct text line;

	if (event == NULL || row->below[0] != '\0' || (event->local == NULL && event->remote == NULL))
		return;
	text_init(&line, words, sizeof(words));
	if (event->local != NULL)
		text_addr(&line, event->local);
	if (event->local != NULL && event->remote != NULL)
		text_addf(&line, " %s ", text_arrow(&view, ARROW_BOTH));
	if (event->remote != NULL)
		text_addr(&line, event->remote);
	add_line(out, &line);
}

/* The first bytes of the data in hex. */
static void add_data(struct buf *out, const struct event *event)
{
	size_t len = event == NULL ? 0 : event_data_len(event);
	size_t shown = len < DATA_MAX ? len : DATA_MAX;
	char words[80];

	for (size_t at = 0; at < shown; at += 16) {
		size_t part = shown - at < 16 ? shown - at : 16;

		markup_text(out, "\n");
		markup_text(out, escape_hex_line(at, (const char *)event->data + at, part, words, sizeof(words)));
	}
	if (shown < len)
		markup_text(out, "\n...");
}

void drawing_details(struct buf *out, const struct picture_row *row, uint8_t level, const char *explanation)
{
	size_t below = strlen(row->below);

	markup_text(out, row->kind == PICTURE_SUMMARY ? _("summary") : row->call);
	if (row->remark[0] != '\0') {
		markup_text(out, "\n");
		markup_text(out, row->remark);
	}
	add_when(out, row);
	add_owner(out, row);
	add_outcome(out, row);
	add_addresses(out, row);
	if (below > 0) {
		markup_text(out, "\n");
		markup_text_bytes(out, row->below, below - 1);
	}
	if (level >= 3)
		add_data(out, row->event);
	if (explanation != NULL) {
		markup_text(out, "\n\n");
		markup_text(out, explanation);
	}
}
