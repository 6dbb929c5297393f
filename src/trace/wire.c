/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events as bytes: see wire.h. One function says for each struct what it consists of, and serves for both ways, so that
 * writing and reading cannot drift apart. The arguments of steps are in wire_args.c.
 */
#include "trace/wire.h"

#include <errno.h>
#include <string.h>

#include "trace/wire_args.h"

/* What not every kernel fills. */
static void tcp_facts_later(struct wire *w, struct tcp_facts *tcp)
{
	tcp->has_rate = wire_truth(w, tcp->has_rate);
	tcp->is_app_limited = wire_truth(w, tcp->is_app_limited);
	tcp->delivery_rate = wire_number(w, tcp->delivery_rate);
	tcp->has_limits = wire_truth(w, tcp->has_limits);
	tcp->busy_us = wire_number(w, tcp->busy_us);
	tcp->rwnd_limited_us = wire_number(w, tcp->rwnd_limited_us);
	tcp->sndbuf_limited_us = wire_number(w, tcp->sndbuf_limited_us);
	tcp->has_bytes = wire_truth(w, tcp->has_bytes);
	tcp->bytes_sent = wire_number(w, tcp->bytes_sent);
	tcp->bytes_retrans = wire_number(w, tcp->bytes_retrans);
	tcp->has_window = wire_truth(w, tcp->has_window);
	tcp->window = (uint32_t)wire_number(w, tcp->window);
	tcp->limited_by = (enum sender_limit)wire_choice(w, (int)tcp->limited_by, SENDER_LIMIT_COUNT);
	tcp->limited_percent = (uint8_t)wire_choice(w, tcp->limited_percent, 101);
}

static void tcp_facts(struct wire *w, struct tcp_facts *tcp)
{
	tcp->is_valid = wire_truth(w, tcp->is_valid);
	tcp->state = wire_small(w, tcp->state);
	tcp->rtt_us = (uint32_t)wire_number(w, tcp->rtt_us);
	tcp->rttvar_us = (uint32_t)wire_number(w, tcp->rttvar_us);
	tcp->mss = (uint32_t)wire_number(w, tcp->mss);
	tcp->cwnd = (uint32_t)wire_number(w, tcp->cwnd);
	tcp->retransmits = (uint32_t)wire_number(w, tcp->retransmits);
	tcp->queue_len = (uint32_t)wire_number(w, tcp->queue_len);
	tcp->queue_limit = (uint32_t)wire_number(w, tcp->queue_limit);
	tcp->unacked = (uint32_t)wire_number(w, tcp->unacked);
	tcp->notsent = (uint32_t)wire_number(w, tcp->notsent);
	tcp->quiet_ms = (uint32_t)wire_number(w, tcp->quiet_ms);
	tcp->timeouts = (uint32_t)wire_number(w, tcp->timeouts);
	tcp_facts_later(w, tcp);
	tcp->drops = (uint32_t)wire_number(w, tcp->drops);
	tcp->has_queues = wire_truth(w, tcp->has_queues);
	tcp->unread = (uint32_t)wire_number(w, tcp->unread);
	tcp->unsent = (uint32_t)wire_number(w, tcp->unsent);
	tcp->sndbuf = (uint32_t)wire_number(w, tcp->sndbuf);
	tcp->rcvbuf = (uint32_t)wire_number(w, tcp->rcvbuf);
	tcp->segs_out = (uint32_t)wire_number(w, tcp->segs_out);
	tcp->segs_in = (uint32_t)wire_number(w, tcp->segs_in);
	tcp->acked = wire_number(w, tcp->acked);
}

/* The sender is there where there is an error. */
static void icmp_tally(struct wire *w, struct icmp_tally *icmp)
{
	icmp->count = (uint32_t)wire_number(w, icmp->count);
	if (icmp->count == 0)
		return;
	icmp->type = (uint8_t)wire_choice(w, icmp->type, UINT8_MAX + 1);
	icmp->code = (uint8_t)wire_choice(w, icmp->code, UINT8_MAX + 1);
	wire_address(w, w->dst != NULL ? &icmp->sender : NULL, &icmp->sender);
}

static void summary(struct wire *w, struct summary *sum)
{
	sum->sent_bytes = wire_number(w, sum->sent_bytes);
	sum->received_bytes = wire_number(w, sum->received_bytes);
	sum->sends = wire_number(w, sum->sends);
	sum->receives = wire_number(w, sum->receives);
	sum->turns = wire_number(w, sum->turns);
	sum->shape = (enum shape)wire_choice(w, (int)sum->shape, SHAPE_ONE_WAY_IN + 1);
	sum->spoke_first = (enum who)wire_choice(w, (int)sum->spoke_first, WHO_REMOTE + 1);
	sum->closed_first = (enum who)wire_choice(w, (int)sum->closed_first, WHO_REMOTE + 1);
	sum->ended_by = (enum ended_by)wire_choice(w, (int)sum->ended_by, ENDED_COUNT);
	sum->limit = wire_string(w, sum->limit);
	sum->duration_ns = wire_number(w, sum->duration_ns);
	icmp_tally(w, &sum->icmp);
	tcp_facts(w, &sum->tcp);
}

/* How many of the len bytes that moved, or were to be moved, some sink looks at. */
static size_t shown(const struct wire *w, size_t len)
{
	return w->has_payload || len < w->bounds->preview ? len : w->bounds->preview;
}

/*
 * Has as much passed as one call can move (WIRE_MOVED_MAX), no less than nothing, and of what was to be sent no more
 * than there was? Sinks walk over all that did.
 */
static bool is_movable(const struct event *event)
{
	if (event->result < 0)
		return event->error != 0;
	if ((event->step == STEP_SEND || event->step == STEP_WRITE) && event->args != NULL &&
	    (uint64_t)event->result > event->args->io.len)
		return false;
	return (wire_args_of(event->step) == wire_args_messages ? event_messages_len(event) :
								  (uint64_t)event->result) <= WIRE_MOVED_MAX;
}

/*
 * The bytes that moved, and those that were to be sent: mostly the same. What is read is at least as long as sinks
 * within the bounds look at.
 */
static void io_data(struct wire *w, struct wire_event *we)
{
	struct event *event = &we->event;
	const void *sent = event->args != NULL ? we->args.io.data : NULL, *moved = event->data;
	bool has_sent = wire_truth(w, sent != NULL), has_moved = wire_truth(w, moved != NULL);
	bool is_same = wire_truth(w, sent == moved);
	size_t sent_len, moved_len;

	w->is_bad = w->is_bad || (has_sent && event->args == NULL) || (is_same && has_sent != has_moved) ||
		    (w->dst == NULL && !is_movable(event));
	/* A place that is not NULL, for the length is asked of the event. */
	event->data = has_moved && !w->is_bad ? we : NULL;
	moved_len = shown(w, event_data_len(event));
	sent_len = has_sent ? shown(w, we->args.io.len) : 0;
	if (is_same && sent_len > moved_len)
		moved_len = sent_len;
	if (sent_len > WIRE_FRAME_MAX || moved_len > WIRE_FRAME_MAX)
		w->is_bad = true;
	event->data = has_moved && !w->is_bad ? wire_bytes(w, moved, moved_len) : NULL;
	if (is_same)
		sent = event->data;
	else
		sent = has_sent && !w->is_bad ? wire_bytes(w, sent, sent_len) : NULL;
	we->args.io.data = sent;
}

/* Of messages the data are the first part of the first, which has its bytes already where all of them go along. */
static void messages_data(struct wire *w, struct wire_event *we)
{
	struct event *event = &we->event;
	const struct message *first = event->args == NULL ? NULL : we->args.messages.list;
	bool has_moved = wire_truth(w, first != NULL && first->part_count > 0 && event->data != NULL);
	const void *moved = event->data;

	w->is_bad = w->is_bad || (has_moved && (first == NULL || first->part_count == 0 || event->result <= 0)) ||
		    (w->dst == NULL && !is_movable(event));
	/* As in io_data(). */
	event->data = has_moved && !w->is_bad ? we : NULL;
	if (event->data == NULL) {
		if (first != NULL)
			we->messages[0].part_count = 0;
		return;
	}
	if (!w->has_payload)
		we->parts[0].iov_base = (void *)wire_bytes(w, moved, shown(w, event_data_len(event)));
	event->data = we->parts[0].iov_base;
}

/* A sink shows all of the data by now, and there are no more than a preview of them here: then none were seen. */
static void hide_data(const struct wire *w, struct wire_event *we, bool is_messages)
{
	struct event *event = &we->event;
	bool is_sent_short = !is_messages && we->args.io.data != NULL && we->args.io.len > w->bounds->preview;

	if (event_data_len(event) > w->bounds->preview || is_sent_short) {
		event->data = NULL;
		if (is_messages)
			we->messages[0].part_count = 0;
		else
			we->args.io.data = NULL;
	}
}

/* The bytes of those steps that have some. */
static void data(struct wire *w, struct wire_event *we)
{
	bool is_messages = wire_args_of(we->event.step) == wire_args_messages;

	if (!is_messages && wire_args_of(we->event.step) != wire_args_io) {
		we->event.data = NULL;
		return;
	}
	if (is_messages)
		messages_data(w, we);
	else
		io_data(w, we);
	if (w->dst == NULL && !w->is_bad && w->bounds->has_payload && !w->has_payload)
		hide_data(w, we, is_messages);
}

/* What points to something else, but for the data. */
static void pointers(struct wire *w, struct wire_event *we)
{
	struct event *event = &we->event;
	wire_args_fn *args = wire_args_of(event->step);
	bool has_args = wire_truth(w, event->args != NULL && args != NULL), has_became;

	if (has_args && args == NULL)
		w->is_bad = true;
	else if (has_args)
		args(w, we);
	event->args = has_args && args != NULL ? &we->args : NULL;
	event->local = wire_address(w, event->local, &we->local);
	event->remote = wire_address(w, event->remote, &we->remote);
	has_became = wire_truth(w, event->became != NULL && event->became_len <= WIRE_BLOB_MAX);
	event->became_len = has_became ? (size_t)wire_number(w, event->became_len) : 0;
	if (event->became_len > WIRE_BLOB_MAX)
		w->is_bad = true;
	event->became = has_became && !w->is_bad ? wire_bytes(w, event->became, event->became_len) : NULL;
	event->text = wire_string(w, event->text);
	if (wire_truth(w, event->tcp != NULL)) {
		tcp_facts(w, &we->tcp);
		event->tcp = &we->tcp;
	}
	if (wire_truth(w, event->summary != NULL)) {
		summary(w, &we->summary);
		event->summary = &we->summary;
	}
	data(w, we);
}

static void whole(struct wire *w, struct wire_event *we)
{
	struct event *event = &we->event;

	w->has_payload = wire_truth(w, w->bounds->has_payload);
	event->step = (enum step_id)wire_choice(w, (int)event->step, STEP_COUNT);
	event->level = (uint8_t)wire_choice(w, event->level, 4);
	event->t_ns = wire_number(w, event->t_ns);
	event->has_dur = wire_truth(w, event->has_dur);
	event->dur_ns = wire_number(w, event->dur_ns);
	event->session = (uint32_t)wire_number(w, event->session);
	event->side = (enum side)wire_choice(w, (int)event->side, SIDE_SERVER + 1);
	event->fd = wire_small(w, event->fd);
	event->has_result = wire_truth(w, event->has_result);
	event->result = wire_integer(w, event->result);
	event->error = wire_small(w, event->error);
	event->state_from = wire_small(w, event->state_from);
	event->state_to = wire_small(w, event->state_to);
	event->protocol = (enum protocol)wire_choice(w, (int)event->protocol, PROTOCOL_COUNT);
	event->has_connection = wire_truth(w, event->has_connection);
	event->connection = (uint32_t)wire_number(w, event->connection);
	event->is_passed = wire_truth(w, event->is_passed);
	event->is_look = wire_truth(w, event->is_look);
	pointers(w, we);
}

bool wire_write(const struct event *event, const struct wire_bounds *bounds, struct buf *dst)
{
	struct wire w = { .dst = dst, .bounds = bounds };
	struct wire_event we = { .event = *event };
	size_t start = dst->len;
	uint32_t len = 0;

	if (event->args != NULL)
		we.args = *event->args;
	if (event->tcp != NULL)
		we.tcp = *event->tcp;
	if (event->summary != NULL)
		we.summary = *event->summary;
	wire_bytes(&w, &len, sizeof(len));
	whole(&w, &we);
	if (w.is_bad || dst->len - start > WIRE_FRAME_MAX) {
		dst->len = start;
		return false;
	}
	len = (uint32_t)(dst->len - start - WIRE_LENGTH_SIZE);
	memcpy(dst->data + dst->head + start, &len, sizeof(len));
	return true;
}

int wire_read(const void *frame, size_t len, const struct wire_bounds *bounds, struct wire_event *we)
{
	struct wire w = { .at = frame, .end = (const uint8_t *)frame + len, .bounds = bounds };

	we->event = (struct event){ .fd = -1 };
	we->tcp = (struct tcp_facts){ .is_valid = false };
	we->summary = (struct summary){ .limit = NULL };
	memset(&we->args, 0, sizeof(we->args));
	whole(&w, we);
	return w.is_bad || w.at != w.end ? -EBADMSG : 0;
}
