/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the drawings for a browser have in common, be they SVG or HTML: where things stand, the arrows of a row, what
 * they are called in the style sheet, and all there is to tell of a row. Lengths are pixels.
 */
#ifndef SOCKT_TRACE_DRAWING_H
#define SOCKT_TRACE_DRAWING_H

#include "base/buf.h"
#include "trace/picture.h"

#define DRAWING_ROW 28        /* how high a row is */
#define DRAWING_LINE 16       /* and each line below it */
#define DRAWING_HEAD 76       /* above the first row */
#define DRAWING_BOX 25        /* the name of a lane */
#define DRAWING_LANE_MARGIN 44 /* beside the outer lanes */

/* The columns, from the left edge. */
struct drawing_layout {
	bool is_relay; /* three lanes */
	bool is_whole; /* two lanes, both of this program */
	unsigned width;
	unsigned time;    /* the right edge of the numbers */
	unsigned session, step, state;
	unsigned lanes[PICTURE_LANES_MAX];
	unsigned act;
};

/* The layout of two lanes, of two that are both of this program, or of a relay's three. */
struct drawing_layout drawing_layout_of(bool is_relay, bool is_whole);

/* The style sheet of both; dark where a dark screen is wanted, light on paper. */
extern const char drawing_style[];

/* The name of the style sheet for a state: "begin", "open", "end", "done". */
const char *drawing_state_class(int state);
/* The number of milliseconds as a ladder has it: 3 decimals below 10, then 1. Returns dst. */
const char *drawing_time(uint64_t t_ns, char *dst, size_t size);
/* Add the names of the lanes in their boxes, DRAWING_BOX high, with x counted from left. */
void drawing_lane_names(struct buf *out, const struct drawing_layout *layout, const struct picture *picture,
			unsigned left);
/* Does the act of a row stand to the left of the first lane, which is its client's? */
bool drawing_is_act_left(const struct drawing_layout *layout, const struct picture_row *row);
/*
 * Add the arrows of a row as SVG, with x counted from left, the mark of the lane whose call it is, and its act where
 * that is to their left.
 */
void drawing_arrows(struct buf *out, const struct drawing_layout *layout, const struct picture_row *row, unsigned left);
/* Add the arrows in words, for who does not see them: "sockt to peer: SYN", and the act where it is drawn. */
void drawing_arrows_text(struct buf *out, const struct drawing_layout *layout, const struct picture *picture,
			 const struct picture_row *row);
/*
 * Add all there is to tell of a row as the text of markup, in lines: the call; what is known of it; behind an empty
 * line the explanation, where there is one. At level 3 the first bytes of its data come between.
 */
void drawing_details(struct buf *out, const struct picture_row *row, uint8_t level, const char *explanation);

#endif
