/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns of the ladder, and what stands in them. */
#include "trace/ladder_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/util.h"
#include "base/wrap.h"
#include "trace/picture_fit.h"

#define STATE_COLUMNS 12
#define ACT_COLUMNS 9 /* and the blank before it */
#define ARROW_MIN 13
#define ARROW_RELAY_MIN 12
#define ARROW_MAX 25
#define ARRIVAL_COLUMNS 2 /* of the line behind the head of what arrives */
#define MARGIN_WHOLE 3    /* half of "server", beside its lane */
#define WIDTH_MIN LADDER_WIDTH
#define WIDTH_MAX 140
#define LINE_SIZE 8192
#define COLORS_MARGIN 256

#define COLOR_END "\033[0m"
#define COLOR_DIM "\033[2m"
#define COLOR_ERROR "\033[31m"
#define COLOR_STATE "\033[36m"
#define COLOR_SENT "\033[32m"
#define COLOR_RECEIVED "\033[35m"

static const struct ladder_brush brush_utf8 = {
	.lane = "\u2502",
	.from_left = "\u251c",
	.from_right = "\u2524",
	.line = "\u2500",
	.head_right = "\u25b6",
	.head_left = "\u25c0",
	.own = "\u25cf",
	.cut = "\u2026",
};

static const struct ladder_brush brush_ascii = {
	.lane = "|",
	.from_left = "|",
	.from_right = "|",
	.line = "-",
	.head_right = ">",
	.head_left = "<",
	.own = "*",
	.cut = "...",
};

struct ladder_layout ladder_layout_make(unsigned columns, bool is_relay, bool is_whole)
{
	unsigned arrow_min = is_relay ? ARROW_RELAY_MIN : ARROW_MIN;
	unsigned width = columns < WIDTH_MIN ? WIDTH_MIN : columns > WIDTH_MAX ? WIDTH_MAX : columns;
	struct ladder_layout layout = { .width = width, .is_relay = is_relay, .is_whole = is_whole };

	layout.arrow_columns = arrow_min + (width - WIDTH_MIN) / 5;
	if (layout.arrow_columns > ARROW_MAX)
		layout.arrow_columns = ARROW_MAX;
	if (is_relay) {
		layout.left[0] = LADDER_TIME_COLUMNS;
		layout.right[0] = layout.left[0] + 1 + layout.arrow_columns;
		layout.right[1] = width - 1;
		layout.left[1] = layout.right[1] - 1 - layout.arrow_columns;
		layout.step = layout.right[0] + 2;
		layout.state = layout.left[1] - STATE_COLUMNS;
	} else {
		layout.act = is_whole ? 0 : width - ACT_COLUMNS + 1;
		layout.right[0] = width - 1 - (is_whole ? MARGIN_WHOLE : ACT_COLUMNS);
		layout.left[0] = layout.right[0] - 1 - layout.arrow_columns;
		layout.step = LADDER_TIME_COLUMNS;
		layout.state = layout.left[0] - STATE_COLUMNS;
	}
	layout.step_columns = layout.state - layout.step - 1;
	return layout;
}

void ladder_line_init(struct ladder_line *line, size_t preview, bool is_utf8)
{
	size_t size = LINE_SIZE + COLORS_MARGIN + preview * 4;

	/* One byte more than is used, for the newline. */
	text_init(&line->text, xmalloc(size + 1), size);
	line->brush = is_utf8 ? &brush_utf8 : &brush_ascii;
}

void ladder_line_clear(struct ladder_line *line)
{
	free(line->text.dst);
}

void ladder_line_begin(struct ladder_line *line)
{
	text_init(&line->text, line->text.dst, line->text.size);
	line->column = 0;
}

void ladder_line_end(struct ladder_line *line)
{
	struct text *text = &line->text;

	while (text->len > 0 && text->dst[text->len - 1] == ' ')
		text->len--;
	text->dst[text->len++] = '\n';
}

static void add_bytes(struct ladder_line *line, const char *bytes, size_t len)
{
	text_add_bytes(&line->text, bytes, len);
	line->column += fit_columns(bytes, len);
}

static void add(struct ladder_line *line, const char *string)
{
	add_bytes(line, string, strlen(string));
}

static void color(struct ladder_line *line, const char *sequence)
{
	if (line->is_colored)
		text_add(&line->text, sequence);
}

static void pad(struct ladder_line *line, unsigned column)
{
	while (line->column < column)
		add(line, " ");
}

/* Add the step in at most columns: what has no room is left out before its tail. */
static void add_fitting(struct ladder_line *line, const struct picture_row *row, unsigned columns)
{
	size_t start = line->text.len;

	fit_step(&line->text, row, columns, line->brush->cut);
	line->column += fit_columns(line->text.dst + start, line->text.len - start);
}

/* Fill a gap up to end with the head of an arrow that another line has, its label behind it. */
static void add_arrival(struct ladder_line *line, const struct picture_arrow *arrow, unsigned end)
{
	unsigned room = line->layout.arrow_columns - ARRIVAL_COLUMNS - 2;
	unsigned columns = fit_columns(arrow->label, strlen(arrow->label));

	if (columns > room)
		columns = room;
	if (arrow->way == PICTURE_LEFT)
		add(line, line->brush->head_left);
	else
		pad(line, end - ARRIVAL_COLUMNS - 2 - columns);
	for (unsigned i = 0; arrow->way == PICTURE_LEFT && i < ARRIVAL_COLUMNS; i++)
		add(line, line->brush->line);
	if (arrow->way == PICTURE_LEFT)
		add(line, " ");
	add_bytes(line, arrow->label, fit_bytes(arrow->label, columns));
	if (arrow->way == PICTURE_RIGHT)
		add(line, " ");
	for (unsigned i = 0; arrow->way == PICTURE_RIGHT && i < ARRIVAL_COLUMNS; i++)
		add(line, line->brush->line);
	if (arrow->way == PICTURE_RIGHT)
		add(line, line->brush->head_right);
	pad(line, end);
}

/* Fill a gap: an arrow with its label in the middle, or blanks. The lanes beside it are the caller's. */
static void add_arrow(struct ladder_line *line, const struct picture_arrow *arrow)
{
	unsigned end = line->column + line->layout.arrow_columns;
	unsigned columns = fit_columns(arrow->label, strlen(arrow->label)), room, fill;
	bool has_margin;

	if (arrow->way == PICTURE_NO_WAY) {
		pad(line, end);
		return;
	}
	if (arrow->is_arrival) {
		add_arrival(line, arrow, end);
		return;
	}
	room = line->layout.arrow_columns - 1; /* the head */
	if (columns > room)
		columns = room;
	has_margin = columns > 0 && columns + 2 <= room;
	fill = room - columns - (has_margin ? 2 : 0);
	if (arrow->way == PICTURE_LEFT)
		add(line, line->brush->head_left);
	for (unsigned i = 0; i < fill / 2; i++)
		add(line, line->brush->line);
	add(line, has_margin ? " " : "");
	add_bytes(line, arrow->label, fit_bytes(arrow->label, columns));
	add(line, has_margin ? " " : "");
	for (unsigned i = fill / 2; i < fill; i++)
		add(line, line->brush->line);
	if (arrow->way == PICTURE_RIGHT)
		add(line, line->brush->head_right);
}

/* Was the step in that lane, of the two that are both of this program? */
static bool is_own(const struct ladder_line *line, const struct picture_row *row, int lane)
{
	return line->layout.is_whole && row->lane == lane;
}

/* Does an arrow that goes that way begin at its lane? */
static bool is_from(const struct picture_arrow *arrow, enum picture_way way)
{
	return arrow->way == way && !arrow->is_arrival;
}

/* The two lanes beside a gap, and what goes between them. */
static void add_gap(struct ladder_line *line, const struct picture_row *row, size_t gap)
{
	const struct picture_arrow *arrow = &row->arrows[gap];
	const struct ladder_brush *brush = line->brush;
	/* Of a relay this program is to the right of the first gap. */
	bool is_sent = (arrow->way == PICTURE_RIGHT) == (gap == (line->layout.is_relay ? 1 : 0));

	pad(line, line->layout.left[gap]);
	if (arrow->way != PICTURE_NO_WAY)
		color(line, row->is_failed ? COLOR_ERROR : is_sent ? COLOR_SENT : COLOR_RECEIVED);
	else
		color(line, COLOR_DIM);
	add(line, is_own(line, row, 0) ? brush->own : is_from(arrow, PICTURE_RIGHT) ? brush->from_left : brush->lane);
	add_arrow(line, arrow);
	add(line, is_own(line, row, 1) ? brush->own : is_from(arrow, PICTURE_LEFT) ? brush->from_right : brush->lane);
	color(line, COLOR_END);
}

void ladder_line_time(struct ladder_line *line, uint64_t t_ns)
{
	uint64_t us = t_ns / NS_PER_US;
	char words[32];

	if (us < 10000 || line->has_packets)
		snprintf(words, sizeof(words), "%4" PRIu64 ".%03" PRIu64, us / 1000, us % 1000);
	else
		snprintf(words, sizeof(words), "%4" PRIu64 ".%" PRIu64, us / 1000, us % 1000 / 100);
	color(line, COLOR_DIM);
	add(line, words);
	color(line, COLOR_END);
	add(line, " ");
	pad(line, LADDER_TIME_COLUMNS);
}

static void add_session(struct ladder_line *line, uint32_t session)
{
	char words[16];

	if (!line->has_sessions || session == 0)
		return;
	snprintf(words, sizeof(words), "[%" PRIu32 "] ", session);
	add(line, words);
}

const char *ladder_line_text(struct ladder_line *line, uint32_t session, const char *prefix, const char *text)
{
	const char *rest;
	size_t len;

	pad(line, LADDER_TIME_COLUMNS);
	add_session(line, session);
	add(line, prefix);
	len = wrap_line(text, line->layout.width - line->column, &rest);
	add_bytes(line, text, len);
	return rest;
}

/* The step, and behind it what is said of it, as far as there is room. Returns whether all was. */
static bool add_step(struct ladder_line *line, const struct picture_row *row)
{
	const struct ladder_layout *layout = &line->layout;
	unsigned limit = layout->step + layout->step_columns, remark;

	add_session(line, row->session);
	if (row->state == 0)
		limit += STATE_COLUMNS;
	if (row->is_failed)
		color(line, COLOR_ERROR);
	add_fitting(line, row, limit - line->column);
	if (row->is_failed)
		color(line, COLOR_END);
	remark = fit_columns(row->remark, strlen(row->remark));
	if (remark == 0 || line->column + 2 + remark > limit)
		return remark == 0;
	add(line, "  ");
	add(line, row->remark);
	return true;
}

static void add_state(struct ladder_line *line, const struct picture_row *row)
{
	if (row->state == 0)
		return;
	pad(line, line->layout.state);
	color(line, COLOR_STATE);
	add(line, row->state_name);
	color(line, COLOR_END);
}

bool ladder_line_row(struct ladder_line *line, const struct picture_row *row)
{
	bool is_relay = line->layout.is_relay, has_all;

	ladder_line_time(line, row->t_ns);
	if (is_relay) {
		add_gap(line, row, 0);
		pad(line, line->layout.step);
	}
	has_all = add_step(line, row);
	add_state(line, row);
	add_gap(line, row, is_relay ? 1 : 0);
	if (row->act[0] != '\0' && line->layout.act != 0) {
		pad(line, line->layout.act);
		add(line, row->act);
	}
	return has_all;
}

void ladder_line_header(struct ladder_line *line, const struct picture *picture)
{
	const struct ladder_layout *layout = &line->layout;

	color(line, COLOR_DIM);
	add(line, "      ms");
	if (layout->is_relay) {
		pad(line, layout->left[0]);
		add(line, picture_lane_name(picture, 0));
		pad(line, layout->right[0]);
		add(line, picture_lane_name(picture, 1));
		pad(line, layout->state);
		add(line, _("state"));
		pad(line, layout->right[1] + 1 - (unsigned)strlen(picture_lane_name(picture, 2)));
		add(line, picture_lane_name(picture, 2));
	} else {
		pad(line, layout->step);
		add(line, _("step"));
		pad(line, layout->state);
		add(line, _("state"));
		pad(line, layout->left[0] - (layout->is_whole ? MARGIN_WHOLE - 1 : 0));
		add(line, picture_lane_name(picture, 0));
		pad(line, layout->right[0] - (layout->is_whole ? MARGIN_WHOLE - 1 : 0));
		add(line, picture_lane_name(picture, 1));
	}
	color(line, COLOR_END);
}
