/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A drawing for a browser while it grows: rows, those that are left out, and the tail. */
#include "trace/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/util.h"
#include "trace/explain.h"
#include "trace/markup.h"
#include "trace/picture_fit.h"
#include "trace/sink_out.h"

#define HOLD_NS (900 * NS_PER_MS)  /* how long a run is held back where no tail can show it */
#define WRITE_NS (250 * NS_PER_MS) /* between two writes of the file */
#define HELD_MAX ((size_t)64 << 10) /* rows that are held until the next */
#define LAST_MAX ((size_t)512 << 10) /* bytes of the last rows */
#define GROWING_MAX 100            /* runs that still grow, of which a row is shown */

void page_command(struct buf *out, const struct sink_options *options, size_t columns)
{
	size_t used = 0;

	for (int i = 0; i < options->argc; i++) {
		const char *name = strrchr(options->argv[i], '/');
		const char *word = i > 0 || name == NULL ? options->argv[i] : name + 1;
		unsigned width = fit_columns(word, strlen(word));

		markup_add(out, i > 0 ? " " : "");
		if (width + 2 > columns - used) {
			width = columns - used > 2 ? (unsigned)(columns - used - 2) : 0;
			markup_text_bytes(out, word, fit_bytes(word, width));
			markup_text(out, "\u2026");
			return;
		}
		markup_text(out, word);
		used += width + 1;
	}
}

void page_description(const struct page *page, struct buf *out)
{
	size_t lanes = picture_lanes(page->picture);

	markup_text(out, _("A sequence diagram, with a row for each step: milliseconds since the start, the call and "
			   "its result, the state of TCP, and an arrow for what is sent. The lanes, from the left:"));
	for (size_t lane = 0; lane < lanes; lane++) {
		markup_add(out, lane == 0 ? " " : ", ");
		markup_text(out, picture_lane_name(page->picture, lane));
	}
	markup_add(out, ".");
}

/* In front of each of the last rows. */
struct page_row {
	size_t len; /* bytes */
	unsigned height;
};

/* Take the oldest of the last rows off. */
static void drop_oldest(struct page *page)
{
	struct page_row row;

	memcpy(&row, buf_peek(&page->last), sizeof(row));
	buf_consume(&page->last, sizeof(row) + row.len);
	page->last_count--;
	page->left_count++;
	page->left_height += row.height;
}

/* A row, or a line, is made: it is one of the first, or for now of the last. */
static void page_put(struct page *page, const struct buf *marks, unsigned height)
{
	const struct page_row row = { .len = marks->len, .height = height };

	page->is_changed = true;
	page->y += height;
	if (page->rows++ < PAGE_ROWS_FIRST) {
		page->last_y = page->y;
		sink_record(page->sink, buf_peek(marks), marks->len);
		return;
	}
	buf_append(&page->last, &row, sizeof(row));
	buf_append(&page->last, buf_peek(marks), marks->len);
	page->last_count++;
	while (page->last_count > PAGE_ROWS_LAST || (page->last.len > LAST_MAX && page->last_count > 1))
		drop_oldest(page);
}

static void put_line(struct page *page, const char *line)
{
	struct buf marks = { 0 };
	unsigned height = page->kind->line(page, &marks, page->y, line);

	page_put(page, &marks, height);
	buf_clear(&marks);
}

/* A run that still grows, in the tail. */
static void put_growing(struct page *page, const struct picture_row *row)
{
	if (page->growing++ < GROWING_MAX)
		page->y += page->kind->row(page, &page->tail, page->y, row, NULL);
}

/* What the step of a row is for; NULL: nothing is said of it. */
static const char *explain(struct page *page, const struct event *event)
{
	bool is_first;

	if (event == NULL)
		return NULL;
	page->is_explained = true;
	return explain_event(page->explain, event, &is_first);
}

static void on_row(void *ctx, const struct picture_row *row)
{
	struct page *page = ctx;
	struct buf marks = { 0 };
	unsigned height;

	page->has_sessions = page->has_sessions || row->session > 1;
	if (row->is_provisional) {
		put_growing(page, row);
		return;
	}
	height = page->kind->row(page, &marks, page->y, row, explain(page, row->event));
	page_put(page, &marks, height);
	buf_clear(&marks);
}

/* Add the last rows to the tail, and in front of them how many are missing. Returns how far they have moved up. */
static uint64_t add_last(struct page *page)
{
	const char *data = buf_peek(&page->last);
	uint64_t moved = 0;
	char line[128];

	if (page->left_count > 0) {
		snprintf(line, sizeof(line), _("%" PRIu64 " rows are left out here: a trace as JSON has all of them"),
			 page->left_count);
		moved = page->left_height - page->kind->line(page, &page->tail, page->last_y, line);
		if (page->kind->jump != NULL)
			page->kind->jump(page, &page->tail, moved);
	}
	for (size_t i = 0; i < page->last.len;) {
		struct page_row row;

		memcpy(&row, data + i, sizeof(row));
		buf_append(&page->tail, data + i + sizeof(row), row.len);
		i += sizeof(row) + row.len;
	}
	return moved;
}

/* Make the tail: the last rows, the runs that grow, and the end of the marks. Returns the height of the drawing. */
static uint64_t make_tail(struct page *page)
{
	uint64_t y = page->y, height, moved;
	char line[96];

	buf_clear(&page->tail);
	moved = add_last(page);
	page->growing = 0;
	picture_peek(page->picture);
	if (page->growing > GROWING_MAX) {
		snprintf(line, sizeof(line), _("%u more transfers go on"), page->growing - GROWING_MAX);
		page->y += page->kind->line(page, &page->tail, page->y, line);
	}
	height = page->y - moved;
	page->kind->tail(page, &page->tail, height);
	page->y = y;
	return height;
}

/* Bring the file up to date, whole to its end. */
static void page_write(struct page *page)
{
	uint64_t height = make_tail(page);

	if (page->kind->size != NULL && page->written_ns != 0) {
		struct buf size = { 0 };

		page->kind->size(page, &size, height);
		sink_out_patch(page->sink->out, page->size_at, buf_peek(&size), size.len);
		buf_clear(&size);
	}
	sink_out_tail(page->sink->out, buf_peek(&page->tail), page->tail.len);
	buf_clear(&page->tail);
	page->is_changed = false;
	page->written_ns = clock_now_ns();
}

void page_event(struct sink *sink, const struct event *event)
{
	struct page *page = sink->state;

	page->is_changed = true;
	page->is_explained = false;
	picture_event(page->picture, sink->seq, event);
	/* One that has no row is to be learned from too. That costs less than to explain it. */
	if (!page->is_explained)
		explain_first(page->explain, event);
	if (page->has_rewriting && sink_out_held(sink->out) >= HELD_MAX)
		page_write(page);
}

void page_ended(struct sink *sink, enum ended_by ended, const char *limit)
{
	struct page *page = sink->state;
	char sentence[160], line[200];

	picture_flush(page->picture, UINT64_MAX);
	snprintf(line, sizeof(line), _("ended: %s"), ended_format(ended, limit, sentence, sizeof(sentence)));
	put_line(page, line);
}

size_t page_lost(struct sink *sink, uint64_t count, char *dst)
{
	struct page *page = sink->state;
	struct buf marks = { 0 };
	char line[96];
	size_t len;

	snprintf(line, sizeof(line), _("%" PRIu64 " rows were lost here: the output did not keep up"), count);
	page->y += page->kind->line(page, &marks, page->y, line);
	len = marks.len < SINK_LOST_MAX ? marks.len : 0;
	if (len > 0)
		memcpy(dst, buf_peek(&marks), len);
	buf_clear(&marks);
	return len;
}

uint64_t page_flush(struct sink *sink, uint64_t now_ns)
{
	struct page *page = sink->state;
	uint64_t since_ns;

	if (page->has_rewriting) {
		if (page->is_changed && now_ns - page->written_ns >= WRITE_NS)
			page_write(page);
		return page->is_changed ? page->written_ns + WRITE_NS : UINT64_MAX;
	}
	if (now_ns > page->start_ns + HOLD_NS)
		picture_flush(page->picture, now_ns - page->start_ns - HOLD_NS);
	since_ns = picture_pending_since(page->picture);
	return since_ns == UINT64_MAX ? UINT64_MAX : page->start_ns + since_ns + HOLD_NS;
}

int page_open(struct sink *sink, const struct sink_options *options, const struct page_kind *kind)
{
	struct page *page = xcalloc(1, sizeof(*page));
	const struct picture_options wish = {
		.is_relay = options->is_relay,
		.is_whole = options->is_whole,
		.has_packets = options->has_packets,
		.is_utf8 = true,
		.level = sink->level,
		.preview = sink->preview,
		.row = on_row,
		.ctx = page,
	};
	struct buf head = { 0 };

	page->kind = kind;
	page->sink = sink;
	page->picture = picture_new(&wish);
	page->explain = explain_new(options->is_relay);
	page->has_sessions = options->is_relay;
	page->layout = drawing_layout_of(options->is_relay, options->is_whole);
	page->start_ns = options->start_ns != 0 ? options->start_ns : clock_now_ns();
	page->has_rewriting = sink_out_keep_tail(sink->out);
	page->y = DRAWING_HEAD;
	sink->state = page;
	kind->head(page, &head, options);
	sink_record(sink, buf_peek(&head), head.len);
	buf_clear(&head);
	if (page->has_rewriting)
		page_write(page);
	return 0;
}

void page_close(struct sink *sink)
{
	struct page *page = sink->state;

	picture_flush(page->picture, UINT64_MAX);
	if (page->has_rewriting) {
		page_write(page);
	} else {
		make_tail(page);
		sink_record(sink, buf_peek(&page->tail), page->tail.len);
		buf_clear(&page->tail);
	}
	picture_free(page->picture);
	explain_free(page->explain);
	buf_clear(&page->last);
	free(page);
	sink->state = NULL;
}
