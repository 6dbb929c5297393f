/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The picture: sessions, and runs of transfers, which are folded. */
#include "trace/picture.h"

#include <errno.h>
#include <stdlib.h>

#include "base/util.h"
#include "trace/picture_private.h"

struct picture *picture_new(const struct picture_options *options)
{
	struct picture *picture = xcalloc(1, sizeof(*picture));

	picture->options = *options;
	picture->view = (struct text_view){
		.level = options->level,
		.preview = options->preview,
		.is_relay = options->is_relay,
		.is_utf8 = options->is_utf8,
	};
	picture_words_init(picture);
	if (!options->is_whole)
		return picture;
	picture->ends = ends_new();
	picture->shared = xcalloc(1, sizeof(*picture->shared));
	for (size_t i = 0; i < PICTURE_WHOLE; i++)
		picture->shared->list[i].fd = -1;
	return picture;
}

void picture_free(struct picture *picture)
{
	if (picture == NULL)
		return;
	for (size_t i = 0; i < PICTURE_BUCKETS; i++) {
		while (picture->buckets[i] != NULL) {
			struct picture_session *session = picture->buckets[i];

			picture->buckets[i] = session->next;
			free(session);
		}
	}
	picture_words_clear(picture);
	ends_free(picture->ends);
	free(picture->shared);
	free(picture);
}

size_t picture_lanes(const struct picture *picture)
{
	return picture->options.is_relay ? 3 : 2;
}

const char *picture_lane_name(const struct picture *picture, size_t lane)
{
	static const char *const pair[] = { N_("sockt"), N_("peer") };
	static const char *const relay[] = { N_("client"), N_("sockt"), N_("target") };
	static const char *const whole[] = { N_("client"), N_("server") };

	if (picture->options.is_whole)
		return _(whole[lane]);
	return picture->options.is_relay ? _(relay[lane]) : _(pair[lane]);
}

static struct picture_session **session_slot(struct picture *picture, uint32_t number)
{
	struct picture_session **slot = &picture->buckets[number % PICTURE_BUCKETS];

	while (*slot != NULL && (*slot)->number != number)
		slot = &(*slot)->next;
	return slot;
}

/* The session of that number, made where there is none. */
static struct picture_session *session_get(struct picture *picture, uint32_t number)
{
	struct picture_session **slot;

	if (picture->last != NULL && picture->last->number == number)
		return picture->last;
	slot = session_slot(picture, number);
	if (*slot == NULL) {
		*slot = xcalloc(1, sizeof(**slot));
		(*slot)->number = number;
		for (size_t kind = 0; kind < PICTURE_RUN_KINDS; kind++)
			(*slot)->runs[kind].session = *slot;
		for (size_t i = 0; i < PICTURE_SOCKETS; i++)
			(*slot)->sockets[i].fd = -1;
		(*slot)->shared = picture->shared;
	}
	if (number != 0)
		picture->last = *slot;
	return *slot;
}

/* Forget a session of which nothing is pending. */
static void session_drop(struct picture *picture, struct picture_session *session)
{
	struct picture_session **slot = session_slot(picture, session->number);

	if (picture->last == session)
		picture->last = NULL;
	*slot = session->next;
	free(session);
}

/* Is the session over with this event? One of which more is told is made anew. */
static bool session_is_over(struct picture_session *session, const struct event *event)
{
	bool is_new = event->step == STEP_SOCKET || event->step == STEP_ACCEPT;

	if (is_new && event->error == 0)
		session->open_count++;
	else if (event->step == STEP_CLOSE)
		session->open_count--;
	if (session->number == 0 || session->open_count > 0)
		return false;
	/* Of a connection that is closed the last segments are still to come, and make it anew. */
	return event->step == STEP_CLOSE || event->step == STEP_END ||
	       (event->step == STEP_PACKET && session->runs[PICTURE_RUN_CALLS].way == PICTURE_NO_WAY &&
		session->runs[PICTURE_RUN_PACKETS].way == PICTURE_NO_WAY);
}

static void give(struct picture *picture, const struct picture_row *row)
{
	if (!row->is_provisional)
		picture->rows++;
	picture->options.row(picture->options.ctx, row);
}

/* Take the run out of the list of those of which something is pending, and forget what that was. */
static void pending_remove(struct picture *picture, struct picture_run *run)
{
	if (!run->is_pending)
		return;
	*(run->older != NULL ? &run->older->newer : &picture->oldest) = run->newer;
	*(run->newer != NULL ? &run->newer->older : &picture->newest) = run->older;
	run->older = NULL;
	run->newer = NULL;
	run->is_pending = false;
	run->others = 0;
	for (size_t gap = 0; gap < PICTURE_GAPS_MAX; gap++)
		run->moves[gap] = (struct picture_moves){ 0 };
}

static void pending_add(struct picture *picture, struct picture_run *run)
{
	run->older = picture->newest;
	*(picture->newest != NULL ? &picture->newest->newer : &picture->oldest) = run;
	picture->newest = run;
	run->is_pending = true;
}

/* Give out what is folded of a run, which may go on. */
static void run_give(struct picture *picture, struct picture_run *run)
{
	struct picture_row row;

	if (!run->is_pending)
		return;
	picture_row_fold(picture, run, &row);
	pending_remove(picture, run);
	give(picture, &row);
}

static void run_end(struct picture *picture, struct picture_run *run)
{
	run_give(picture, run);
	*run = (struct picture_run){ .session = run->session, .way = PICTURE_NO_WAY };
}

static void runs_end(struct picture *picture, struct picture_session *session)
{
	for (size_t kind = 0; kind < PICTURE_RUN_KINDS; kind++)
		run_end(picture, &session->runs[kind]);
}

/* Begin to fold: the first of what has no row. */
static void run_begin_fold(struct picture *picture, struct picture_run *run, uint64_t seq, const struct event *event)
{
	for (size_t gap = 0; gap < PICTURE_GAPS_MAX && !run->is_folding; gap++)
		run->moves[gap] = (struct picture_moves){ 0 };
	run->is_folding = true;
	run->step = event->step;
	run->side = event->side;
	run->fd = event->fd;
	run->seq = seq;
	run->t_ns = event->t_ns;
	run->rows = picture->rows;
	pending_add(picture, run);
}

/* Count a transfer. Returns whether it is folded, and has no row. */
static bool run_add(struct picture *picture, struct picture_run *run, uint64_t seq, const struct event *event,
		    const struct picture_transfer *transfer)
{
	struct picture_moves *moves = &run->moves[transfer->gap];

	if (run->way != transfer->way) {
		run_end(picture, run);
		run->way = transfer->way;
	}
	run->has_no_arrow = transfer->has_no_arrow;
	run->is_here = picture->seen.is_here;
	/* What one end sends the other receives: they take turns. */
	if (picture->ends != NULL && !run->is_folding && run->shown < PICTURE_SHOWN_ENDS)
		run->moves[1 - transfer->gap] = (struct picture_moves){ 0 };
	if (!run->is_pending &&
	    (run->is_folding || moves->count == PICTURE_SHOWN || run->shown == PICTURE_SHOWN_ENDS))
		run_begin_fold(picture, run, seq, event);
	moves->count++;
	moves->bytes += transfer->bytes;
	moves->steps |= UINT64_C(1) << event->step;
	run->end_ns = event->t_ns;
	run->shown += run->is_folding ? 0 : 1;
	return run->is_folding;
}

/*
 * A datagram server receives for nobody in particular (session 0) and answers a session: what goes one way ends the run
 * of the other.
 */
static void end_opposite(struct picture *picture, const struct picture_session *session,
			 const struct picture_transfer *transfer)
{
	struct picture_session *other = session->number != 0 ? *session_slot(picture, 0) : picture->last;
	struct picture_run *run = other == NULL || picture->ends != NULL ? NULL : &other->runs[transfer->kind];

	if (run != NULL && run->way != PICTURE_NO_WAY && run->way != transfer->way)
		run_end(picture, run);
}

/* Does a run go on beside the event, since nothing is said by it that a transfer does not say? */
static bool is_beside(const struct event *event)
{
	switch (event->step) {
	case STEP_SEND:
	case STEP_RECV:
	case STEP_RECVMMSG:
	case STEP_SENDMSG:
	case STEP_SENDMMSG:
		return event->error == EAGAIN;
	case STEP_SPLICE:
	case STEP_READ:
	case STEP_WRITE:
		return event->error == EAGAIN || (event->error == 0 && event->result > 0);
	case STEP_FAULT:
	case STEP_SEGMENTS:
	case STEP_ACKNOWLEDGED:
		return true;
	default:
		return step_is_observing(event->step);
	}
}

/* A row for the event alone. */
static void give_event(struct picture *picture, struct picture_session *session, uint64_t seq,
		       const struct event *event)
{
	struct picture_row row;

	picture_row_event(picture, session, event, &row);
	row.seq = seq;
	give(picture, &row);
}

/* A packet that is no transfer: the calls go on beside it, and the packets beside an acknowledgement. */
static void take_packet(struct picture *picture, struct picture_session *session, uint64_t seq,
			const struct event *event)
{
	struct picture_run *run = &session->runs[PICTURE_RUN_PACKETS];
	bool is_acknowledgement = picture_is_acknowledgement(event);

	if (is_acknowledgement && run->is_pending) {
		run->others++;
		return;
	}
	if (!is_acknowledgement)
		run_end(picture, run);
	give_event(picture, session, seq, event);
}

static void take_step(struct picture *picture, struct picture_session *session, uint64_t seq,
		      const struct event *event)
{
	struct picture_run *run = &session->runs[PICTURE_RUN_CALLS];

	if (event->step == STEP_INFO) {
		/* It tells of what has been moved so far; the run goes on. */
		run_give(picture, run);
	} else if (is_beside(event) && run->is_pending) {
		run->others++;
		return;
	} else if (!is_beside(event)) {
		runs_end(picture, session);
	}
	give_event(picture, session, seq, event);
}

/* The number of the connection. Of both ends the bus tells; what has no bus (a test) counts for itself. */
static uint32_t number_of(const struct picture *picture, const struct event *event)
{
	return picture->ends != NULL && !event->has_connection ? picture->seen.connection : event_number(event);
}

void picture_event(struct picture *picture, uint64_t seq, const struct event *event)
{
	struct picture_session *session;
	struct picture_transfer transfer;

	if (picture->ends != NULL)
		picture->seen = ends_event(picture->ends, event);
	session = session_get(picture, number_of(picture, event));
	transfer = picture_transfer_of(picture, session, event);
	/* One row comes after the other, whatever connection it is of. */
	if (picture->ends != NULL && transfer.way == PICTURE_NO_WAY && event->step != STEP_PACKET &&
	    (!is_beside(event) || !session->runs[PICTURE_RUN_CALLS].is_pending))
		picture_flush(picture, UINT64_MAX);
	if (transfer.way != PICTURE_NO_WAY) {
		end_opposite(picture, session, &transfer);
		if (!run_add(picture, &session->runs[transfer.kind], seq, event, &transfer))
			give_event(picture, session, seq, event);
	} else if (event->step == STEP_PACKET) {
		take_packet(picture, session, seq, event);
	} else {
		take_step(picture, session, seq, event);
	}
	if (session_is_over(session, event)) {
		runs_end(picture, session);
		session_drop(picture, session);
	}
}

uint64_t picture_pending_since(const struct picture *picture)
{
	return picture->oldest == NULL ? UINT64_MAX : picture->oldest->t_ns;
}

void picture_flush(struct picture *picture, uint64_t t_ns)
{
	while (picture->oldest != NULL && picture->oldest->t_ns <= t_ns)
		run_give(picture, picture->oldest);
}

void picture_peek(struct picture *picture)
{
	for (const struct picture_run *run = picture->oldest; run != NULL; run = run->newer) {
		struct picture_row row;

		picture_row_fold(picture, run, &row);
		row.is_provisional = true;
		give(picture, &row);
	}
}
