/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A drawing for a browser while it grows: events become rows, and the file is whole after each flush. The first rows
 * are written as they come; of the rest the last ones are kept, and stand in the tail, which is replaced at each
 * flush, as do the runs that still grow. So the file of any run has a bound, and says how many rows it leaves out.
 */
#ifndef SOCKT_TRACE_PAGE_H
#define SOCKT_TRACE_PAGE_H

#include "trace/drawing.h"
#include "trace/sink.h"

struct explain;
struct page;

#define PAGE_ROWS_FIRST 600
#define PAGE_ROWS_LAST 200

/* How a kind of drawing writes: each function adds its marks to out. y is the upper edge; heights are pixels. */
struct page_kind {
	/* All up to the first row; sets page->size_at. */
	void (*head)(struct page *page, struct buf *out, const struct sink_options *options);
	/* A row. Returns its height. */
	unsigned (*row)(const struct page *page, struct buf *out, uint64_t y, const struct picture_row *row,
			const char *explanation);
	/* A line of our own that is no event. Returns its height. */
	unsigned (*line)(const struct page *page, struct buf *out, uint64_t y, const char *line);
	/* Move up by height what follows: rows have been left out. NULL: what follows stands where there is room. */
	void (*jump)(const struct page *page, struct buf *out, uint64_t height);
	/* The end of a drawing of that height. */
	void (*tail)(const struct page *page, struct buf *out, uint64_t height);
	/* What the head says at size_at of that height, always as long. NULL: it says nothing. */
	void (*size)(const struct page *page, struct buf *out, uint64_t height);
};

struct page {
	const struct page_kind *kind;
	struct sink *sink;
	struct picture *picture;
	struct drawing_layout layout;
	struct explain *explain;
	bool is_explained;  /* the event at hand */
	bool has_sessions;  /* there is more than one */
	bool has_rewriting; /* the file has a tail after each flush; else once, when it is closed */
	bool is_changed;    /* since it was written */
	size_t size_at;     /* where the head says the size, in bytes from its start; set by head */
	uint64_t start_ns;  /* CLOCK_MONOTONIC at the zero of events */
	uint64_t written_ns; /* when the file was written last; 0: never */
	uint64_t y;         /* where the next row begins */
	uint64_t rows;
	struct buf last;    /* the last rows, each behind its struct page_row */
	uint64_t last_y;    /* where the first of the rows behind the first begins, be it left out or not */
	uint64_t last_count, left_count, left_height;
	struct buf tail;  /* under construction */
	unsigned growing;   /* rows of runs that still grow, in it */
};

/*
 * For the kinds: add the command as it was given, in at most columns (SIZE_MAX: whatever it takes); and in words what
 * is to be seen, for who does not see it.
 */
void page_command(struct buf *out, const struct sink_options *options, size_t columns);
void page_description(const struct page *page, struct buf *out);

/* Begin a drawing of that kind. Returns 0. */
int page_open(struct sink *sink, const struct sink_options *options, const struct page_kind *kind);
/* The functions of struct sink_kind, for both kinds. */
void page_event(struct sink *sink, const struct event *event);
void page_ended(struct sink *sink, enum ended_by ended, const char *limit);
size_t page_lost(struct sink *sink, uint64_t count, char *dst);
uint64_t page_flush(struct sink *sink, uint64_t now_ns);
void page_close(struct sink *sink);

#endif
