/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line of the ladder: the columns that a width is shared among, and what of a row stands in them. */
#ifndef SOCKT_TRACE_LADDER_LINE_H
#define SOCKT_TRACE_LADDER_LINE_H

#include "base/buf.h"
#include "trace/picture.h"

#define LADDER_TIME_COLUMNS 10
#define LADDER_WIDTH 80 /* the least, and that of what is no terminal */

/* The columns of a line, from 0. */
struct ladder_layout {
	bool is_relay; /* three lanes */
	bool is_whole; /* two lanes, both of this program */
	unsigned width;
	unsigned step, step_columns; /* where steps stand */
	unsigned state;
	unsigned arrow_columns;
	unsigned left[PICTURE_GAPS_MAX], right[PICTURE_GAPS_MAX]; /* the lanes beside each gap */
	unsigned act; /* 0: acts have no room */
};

/* What lines are drawn with. */
struct ladder_brush {
	const char *lane, *from_left, *from_right; /* a lane, and one from which an arrow begins */
	const char *line, *head_right, *head_left;
	const char *own; /* the lane of the end whose call it is */
	const char *cut; /* in the place of what has no room */
};

struct ladder_line {
	struct ladder_layout layout;
	const struct ladder_brush *brush;
	struct text text; /* under construction */
	unsigned column;  /* of its end */
	bool is_colored;
	bool has_sessions; /* rows carry the number of their session */
	bool has_packets;   /* times are shown to the microsecond */
};

/* Share a width among the columns. */
struct ladder_layout ladder_layout_make(unsigned columns, bool is_relay, bool is_whole);

/* Get memory; the layout, colours and sessions are the caller's to set. */
void ladder_line_init(struct ladder_line *line, size_t preview, bool is_utf8);
void ladder_line_clear(struct ladder_line *line);
void ladder_line_begin(struct ladder_line *line);
/* Drop blanks at the end and add the newline: line->text is a record now. */
void ladder_line_end(struct ladder_line *line);

/* Add the names of the columns. */
void ladder_line_header(struct ladder_line *line, const struct picture *picture);
/* Add milliseconds, with 3 decimals below 10, then 1, the points in one column. */
void ladder_line_time(struct ladder_line *line, uint64_t t_ns);
/* Add a whole row with its lanes, time included. Returns whether everything that is to be said had room. */
bool ladder_line_row(struct ladder_line *line, const struct picture_row *row);
/* Add prefix and as much of a text without lanes as has room, up to a newline. Returns what is left of it. */
const char *ladder_line_text(struct ladder_line *line, uint32_t session, const char *prefix, const char *text);

#endif
