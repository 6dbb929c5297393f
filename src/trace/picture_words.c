/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of a picture's rows: those of the text sink, in full and in brief. */
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/util.h"
#include "trace/picture_private.h"
#include "trace/text_call.h"
#include "trace/text_packet.h"
#include "trace/text_sight.h"

#define CALL_SIZE 8192 /* of a call, but for its preview; of a note, escaped */
#define BELOW_SIZE 8192
#define REMARK_SIZE 512
#define LABEL_SIZE 64
#define PART_COLUMNS 70 /* of the parts that are joined in a line */
#define NOTE_MAX 1024   /* bytes of a note that are shown */

/* Where the parts of facts go. */
struct below {
	struct text_below parts;
	struct picture_words *words;
};

static void words_make(struct text *text, size_t size)
{
	text_init(text, xmalloc(size), size);
}

void picture_words_init(struct picture *picture)
{
	struct picture_words *words = &picture->words;
	size_t call_size = CALL_SIZE + picture->options.preview * 4;

	words_make(&words->call, call_size);
	words_make(&words->brief, call_size);
	words_make(&words->remark, REMARK_SIZE);
	words_make(&words->below, BELOW_SIZE);
	words_make(&words->part, REMARK_SIZE);
	for (size_t gap = 0; gap < PICTURE_GAPS_MAX; gap++)
		words_make(&words->labels[gap], LABEL_SIZE);
}

void picture_words_clear(struct picture *picture)
{
	struct picture_words *words = &picture->words;

	free(words->call.dst);
	free(words->brief.dst);
	free(words->remark.dst);
	free(words->below.dst);
	free(words->part.dst);
	for (size_t gap = 0; gap < PICTURE_GAPS_MAX; gap++)
		free(words->labels[gap].dst);
}

static void words_empty(struct text *text)
{
	text_init(text, text->dst, text->size);
}

/* Begin a row without words. */
static void words_begin(struct picture *picture)
{
	struct picture_words *words = &picture->words;

	words_empty(&words->call);
	words_empty(&words->brief);
	words_empty(&words->remark);
	words_empty(&words->below);
	words_empty(&words->part);
	words->state[0] = '\0';
	for (size_t gap = 0; gap < PICTURE_GAPS_MAX; gap++)
		words_empty(&words->labels[gap]);
}

/* Take the marks of colours out of a text, and blanks off its front. */
static void drop_marks(struct text *text)
{
	size_t len = 0;

	for (size_t i = 0; i < text->len; i++) {
		if ((unsigned char)text->dst[i] >= ' ' && (len > 0 || text->dst[i] != ' '))
			text->dst[len++] = text->dst[i];
	}
	text->dst[len] = '\0';
	text->len = len;
}

static void put_line(struct text *below, const char *line)
{
	text_add(below, line);
	text_add(below, "\n");
}

static void below_line(struct text_below *parts, const char *line)
{
	put_line(&CONTAINER_OF(parts, struct below, parts)->words->below, line);
}

static void below_part(struct text_below *parts, const char *part)
{
	struct picture_words *words = CONTAINER_OF(parts, struct below, parts)->words;

	if (words->part.len > 0 && (part == NULL || words->part.len + 2 + strlen(part) > PART_COLUMNS)) {
		text_add(&words->part, part == NULL ? "" : ";");
		put_line(&words->below, words->part.dst);
		words_empty(&words->part);
	}
	if (part == NULL)
		return;
	text_add(&words->part, words->part.len > 0 ? "; " : "");
	text_add(&words->part, part);
}

/* Take the bytes from start to end out of a text. */
static void cut(struct text *text, char *start, const char *end)
{
	memmove(start, end, strlen(end) + 1);
	text->len = strlen(text->dst);
}

/* Take a result off the end, where it is that. */
static void cut_result(struct text *text, const char *result)
{
	size_t len = strlen(result);

	if (text->len >= len && strcmp(text->dst + text->len - len, result) == 0)
		cut(text, text->dst + text->len - len, text->dst + text->len);
}

/* Leave out what goes without saying: success, the protocol of a socket, the level of an option. */
static void make_brief(struct text *brief, const char *call, enum step_id step)
{
	char *at, *end;

	text_add(brief, call);
	switch (step) {
	case STEP_SOCKET:
		end = strchr(brief->dst, ')');
		at = end == NULL ? NULL : memrchr(brief->dst, ',', (size_t)(end - brief->dst));
		if (at != NULL)
			cut(brief, at, end);
		break;
	case STEP_SETSOCKOPT:
	case STEP_GETSOCKOPT:
		at = strchr(brief->dst, ',');
		end = at == NULL ? NULL : strchr(at + 1, ',');
		if (end != NULL)
			cut(brief, at, end);
		cut_result(brief, " = 0");
		break;
	case STEP_STATE:
		at = strchr(brief->dst, ':');
		if (at != NULL)
			cut(brief, at, brief->dst + brief->len);
		break;
	case STEP_RESOLVE:
		cut_result(brief, " addresses");
		cut_result(brief, " address");
		break;
	case STEP_CONNECT:
		cut_result(brief, " = EINPROGRESS");
		cut_result(brief, " = 0");
		break;
	case STEP_BIND:
	case STEP_LISTEN:
	case STEP_SHUTDOWN:
	case STEP_CLOSE:
		cut_result(brief, " = 0");
		break;
	default:
		break;
	}
}

/* A note: its sentence, escaped, which may have several lines. */
static void make_note(struct picture_words *words, const char *sentence)
{
	char escaped[ESCAPE_TERM_MAX(NOTE_MAX)];
	struct escape_term escape = { 0 };
	size_t len = sentence == NULL ? 0 : strnlen(sentence, NOTE_MAX);

	text_add_bytes(&words->call, escaped, escape_term(&escape, sentence, len, true, escaped));
	text_add(&words->brief, words->call.dst);
}

/* What an INFO tells stands below it: it has no room beside the lanes. */
static void move_facts(struct picture_words *words)
{
	char *colon = strchr(words->call.dst, ':');

	if (colon == NULL)
		return;
	if (colon[1] == ' ')
		put_line(&words->below, colon + 2);
	cut(&words->call, colon, words->call.dst + words->call.len);
}

/* The brief form of a call. Of one that took less than it was given both amounts matter, and not the bytes. */
static void add_brief(struct picture *picture, const struct event *event)
{
	struct picture_words *words = &picture->words;
	struct text_view view = picture->view;
	size_t asked;

	if (!event_is_short(event, &asked) && (event->step != STEP_SEND || event->error != EAGAIN)) {
		make_brief(&words->brief, words->call.dst, event->step);
		return;
	}
	view.preview = 0;
	text_call(&words->brief, event, &view);
	drop_marks(&words->brief);
}

/* The brief form of a record that is no call. Returns whether it is one. */
static bool add_record(struct text *brief, const struct event *event)
{
	switch (event->step) {
	case STEP_PACKET:
		text_packet_brief(brief, &event->args->packet);
		return true;
	case STEP_SEGMENTS:
		text_segments_brief(brief, event);
		return true;
	case STEP_ACKNOWLEDGED:
		text_acknowledged_brief(brief, event);
		return true;
	default:
		return false;
	}
}

/* The words of an event that is no note. */
static void make_words(struct picture *picture, const struct event *event)
{
	struct picture_words *words = &picture->words;
	struct below below = { .parts = { .line = below_line, .part = below_part }, .words = words };

	text_call(&words->call, event, &picture->view);
	drop_marks(&words->call);
	if (event->step == STEP_INFO)
		move_facts(words);
	if (event->args == NULL || !add_record(&words->brief, event))
		add_brief(picture, event);
	text_remark(&words->remark, event, &picture->view);
	drop_marks(&words->remark);
	text_facts(&below.parts, event, &picture->view);
}

/* Which words and labels are the row's. */
static void point(struct picture *picture, struct picture_row *row)
{
	struct picture_words *words = &picture->words;

	row->call = words->call.dst;
	row->brief = words->brief.dst;
	row->remark = words->remark.dst;
	row->below = words->below.dst;
	row->state_name = words->state;
	for (size_t gap = 0; gap < PICTURE_GAPS_MAX; gap++)
		row->arrows[gap].label = words->labels[gap].dst;
}

static enum picture_kind kind_of(const struct event *event)
{
	switch (event->step) {
	case STEP_NOTE:
		return PICTURE_NOTE;
	case STEP_END:
		return PICTURE_SUMMARY;
	case STEP_PACKET:
		return PICTURE_PACKET;
	default:
		return PICTURE_STEP;
	}
}

void picture_row_event(struct picture *picture, struct picture_session *session, const struct event *event,
		       struct picture_row *row)
{
	char number[32];

	words_begin(picture);
	*row = (struct picture_row){
		.kind = kind_of(event),
		.step = event->step,
		.t_ns = event->t_ns,
		.end_ns = event->t_ns,
		.session = picture->ends != NULL ? session->number : event->session,
		.side = event->side,
		.fd = event->fd,
		.lane = -1,
		.act = "",
		.is_failed = event_has_failed(event) && event->error != EINPROGRESS && event->error != EAGAIN,
		.event = event,
	};
	/* Every new socket begins in CLOSE: no news. */
	if (event->state_to != 0 && event->state_to != event->state_from &&
	    (event->state_from != 0 || event->state_to != TCP_CLOSE)) {
		row->state_from = event->state_from;
		row->state = event->state_to;
		snprintf(picture->words.state, sizeof(picture->words.state), "%s",
			 name_or_number(&names_tcp_state, event->state_to, number, sizeof(number)));
	}
	if (event->step == STEP_NOTE)
		make_note(&picture->words, event->text);
	else
		make_words(picture, event);
	picture_draw(picture, session, event, row);
	point(picture, row);
}

/* `1997 × send` for each gap that something crossed. */
static void add_moves(struct text *line, const struct picture_moves *moves, bool is_utf8)
{
	const char *between = "";

	if (moves->count == 0)
		return;
	text_addf(line, "%s%" PRIu64 " %s ", line->len > 0 ? ", " : "", moves->count, is_utf8 ? "\u00d7" : "x");
	for (unsigned step = 0; step < STEP_COUNT; step++) {
		if ((moves->steps & (UINT64_C(1) << step)) == 0)
			continue;
		text_addf(line, "%s%s", between, step_name((enum step_id)step));
		between = "/";
	}
}

/* The arrow of a run between two ends that are both here: that of what was sent, or else where it arrives. */
static void fold_ends(struct picture *picture, const struct picture_run *run, struct picture_row *row)
{
	bool is_sent = run->moves[0].count > 0, is_right = run->way == PICTURE_RIGHT;

	if (run->has_no_arrow)
		return;
	row->arrows[0].way = run->way;
	row->arrows[0].is_arrival = !is_sent && run->is_here;
	row->lane = is_sent == is_right ? 0 : 1;
	text_size(&picture->words.labels[0], row->bytes);
}

void picture_row_fold(struct picture *picture, const struct picture_run *run, struct picture_row *row)
{
	struct picture_words *words = &picture->words;
	bool is_whole = picture->ends != NULL;
	bool is_in = !picture->options.is_relay && !is_whole && run->way == PICTURE_LEFT && !run->has_no_arrow;

	words_begin(picture);
	*row = (struct picture_row){
		.kind = PICTURE_FOLD,
		.step = run->step,
		.seq = run->seq,
		.t_ns = picture->rows == run->rows ? run->t_ns : run->end_ns,
		.end_ns = run->end_ns,
		.session = run->session->number,
		.side = run->side,
		.fd = run->fd,
		.lane = -1,
		.act = is_in ? _("sends") : "",
	};
	for (size_t gap = 0; gap < PICTURE_GAPS_MAX; gap++) {
		const struct picture_moves *moves = &run->moves[gap];

		if (moves->count == 0)
			continue;
		if (!is_whole)
			row->arrows[gap].way = run->has_no_arrow ? PICTURE_NO_WAY : run->way;
		row->count += moves->count;
		if (moves->bytes > row->bytes)
			row->bytes = moves->bytes;
		if (!run->has_no_arrow && !is_whole)
			text_size(&words->labels[gap], moves->bytes);
		add_moves(&words->call, moves, picture->options.is_utf8);
	}
	if (is_whole)
		fold_ends(picture, run, row);
	text_add(&words->call, " = ");
	text_size(&words->call, row->bytes);
	text_add(&words->brief, words->call.dst);
	text_add(&words->remark, _("in "));
	text_duration(&words->remark, run->end_ns - run->t_ns);
	if (run->others > 0)
		text_addf(&words->remark, _(", with %" PRIu64 " other steps"), run->others);
	point(picture, row);
}
