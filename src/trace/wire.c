/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events as bytes: see wire.h. One function says for each struct what it consists of, and serves for both ways, so that
 * writing and reading cannot drift apart.
 */
#include "trace/wire.h"

#include <errno.h>
#include <string.h>

#include "trace/wire_values.h"

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

static void args_resolve(struct wire *w, struct wire_event *we)
{
	union step_args *args = &we->args;
	size_t count = args->resolve.found_count < WIRE_FOUND_MAX ? args->resolve.found_count : WIRE_FOUND_MAX;

	args->resolve.node = wire_string(w, args->resolve.node);
	args->resolve.service = wire_string(w, args->resolve.service);
	args->resolve.family = wire_small(w, args->resolve.family);
	args->resolve.socktype = wire_small(w, args->resolve.socktype);
	args->resolve.error = wire_small(w, args->resolve.error);
	count = (size_t)wire_choice(w, args->resolve.found == NULL ? 0 : (int)count, WIRE_FOUND_MAX + 1);
	for (size_t i = 0; i < count; i++)
		if (wire_address(w, w->dst != NULL ? &args->resolve.found[i] : NULL, &we->found[i]) == NULL)
			w->is_bad = true;
	args->resolve.found = we->found;
	args->resolve.found_count = count;
}

static void args_socket(struct wire *w, struct wire_event *we)
{
	we->args.socket.domain = wire_small(w, we->args.socket.domain);
	we->args.socket.type = wire_small(w, we->args.socket.type);
	we->args.socket.protocol = wire_small(w, we->args.socket.protocol);
}

static void args_sockopt(struct wire *w, struct wire_event *we)
{
	union step_args *args = &we->args;
	bool has_value;

	args->sockopt.level = wire_small(w, args->sockopt.level);
	args->sockopt.optname = wire_small(w, args->sockopt.optname);
	args->sockopt.optlen = (socklen_t)wire_number(w, args->sockopt.optlen);
	has_value = wire_truth(w, args->sockopt.optval != NULL && args->sockopt.optlen <= WIRE_BLOB_MAX);
	args->sockopt.optval = has_value ? wire_bytes(w, args->sockopt.optval, args->sockopt.optlen) : NULL;
}

static void args_name(struct wire *w, struct wire_event *we)
{
	we->args.name.addr = wire_address(w, we->args.name.addr, &we->names[0]);
}

static void args_listen(struct wire *w, struct wire_event *we)
{
	we->args.listen.backlog = wire_small(w, we->args.listen.backlog);
}

static void args_accept(struct wire *w, struct wire_event *we)
{
	we->args.accept.addr = wire_address(w, we->args.accept.addr, &we->names[0]);
	we->args.accept.flags = wire_small(w, we->args.accept.flags);
}

/* The bytes to be sent follow behind the arguments: see data(). */
static void args_io(struct wire *w, struct wire_event *we)
{
	we->args.io.len = (size_t)wire_number(w, we->args.io.len);
	we->args.io.flags = wire_small(w, we->args.io.flags);
	we->args.io.to = wire_address(w, we->args.io.to, &we->names[0]);
	we->args.io.from = wire_address(w, we->args.io.from, &we->names[1]);
	we->args.io.buf = NULL;
}

static void args_splice(struct wire *w, struct wire_event *we)
{
	we->args.splice.fd_out = wire_small(w, we->args.splice.fd_out);
	we->args.splice.len = (size_t)wire_number(w, we->args.splice.len);
	we->args.splice.flags = (unsigned)wire_number(w, we->args.splice.flags);
}

static void args_messages(struct wire *w, struct wire_event *we)
{
	struct message *list = we->args.messages.list;
	bool is_in = we->event.step == STEP_RECVMMSG;
	int64_t count;

	we->args.messages.count = (unsigned)wire_choice(w, (int)we->args.messages.count, MESSAGES_MAX + 1);
	we->args.messages.flags = wire_small(w, we->args.messages.flags);
	we->args.messages.list = we->messages;
	count = is_in ? we->event.result : (int64_t)we->args.messages.count;
	if (count > (int64_t)we->args.messages.count || (!is_in && we->event.result > count &&
							 we->event.step == STEP_SENDMMSG) ||
	    (!is_in && count == 0) || (we->event.step == STEP_SENDMSG && count != 1)) {
		w->is_bad = true;
		return;
	}
	if (w->dst == NULL)
		memset(we->messages, 0, sizeof(we->messages));
	for (int64_t i = 0; i < count; i++) {
		struct message *at = &we->messages[i];

		if (w->dst != NULL)
			*at = list[i];
		at->parts = NULL;
		at->part_count = 0;
		if (i == 0) {
			/* Its bytes follow behind the arguments: see data(). */
			we->part.iov_len = (size_t)wire_number(w, w->dst != NULL && list->part_count > 0 ?
							  list->parts->iov_len : 0);
			at->parts = &we->part;
			at->part_count = 1;
		}
		at->len = (size_t)wire_number(w, at->len);
		at->segment = (uint16_t)wire_number(w, at->segment);
		at->addr = wire_address(w, at->addr, &we->message_addrs[i]);
		at->local = wire_address(w, at->local, &we->message_locals[i]);
	}
}

static void args_shutdown(struct wire *w, struct wire_event *we)
{
	we->args.shutdown.how = wire_small(w, we->args.shutdown.how);
}

static void args_poll(struct wire *w, struct wire_event *we)
{
	const struct pollfd *fds = we->args.poll.fds;

	we->args.poll.nfds = (unsigned)wire_choice(w, (int)we->args.poll.nfds, POLLED_MAX + 1);
	we->args.poll.timeout_ms = wire_small(w, we->args.poll.timeout_ms);
	we->args.poll.fds = we->polled;
	for (unsigned i = 0; i < we->args.poll.nfds; i++) {
		struct pollfd at = { 0 };

		if (w->dst != NULL)
			at = fds[i];
		at.fd = wire_small(w, at.fd);
		at.events = (short)wire_small(w, at.events);
		at.revents = (short)wire_small(w, at.revents);
		we->polled[i] = at;
	}
}

static void args_fcntl(struct wire *w, struct wire_event *we)
{
	we->args.fcntl.cmd = wire_small(w, we->args.fcntl.cmd);
	we->args.fcntl.flags = wire_small(w, we->args.fcntl.flags);
	we->args.fcntl.is_own = wire_truth(w, we->args.fcntl.is_own);
}

static void args_ioctl(struct wire *w, struct wire_event *we)
{
	we->args.ioctl.request = (unsigned long)wire_number(w, we->args.ioctl.request);
	we->args.ioctl.value = wire_small(w, we->args.ioctl.value);
}

static void args_wait(struct wire *w, struct wire_event *we)
{
	we->args.wait.events = (uint32_t)wire_number(w, we->args.wait.events);
}

static void args_probe(struct wire *w, struct wire_event *we)
{
	we->args.probe.what = wire_string(w, we->args.probe.what);
	we->args.probe.flags = wire_small(w, we->args.probe.flags);
}

static void args_fault(struct wire *w, struct wire_event *we)
{
	we->args.fault.kind = wire_string(w, we->args.fault.kind);
	we->args.fault.direction = wire_string(w, we->args.fault.direction);
	we->args.fault.bytes = wire_number(w, we->args.fault.bytes);
	we->args.fault.ns = (int64_t)wire_number(w, (uint64_t)we->args.fault.ns);
}

/* Its bytes go along where a sink wants all that passed: no other looks at them. */
static void args_packet(struct wire *w, struct wire_event *we)
{
	struct packet *packet = &we->args.packet;
	bool has_bytes;

	packet->is_out = wire_truth(w, packet->is_out);
	packet->family = (uint8_t)wire_choice(w, packet->family, UINT8_MAX + 1);
	packet->protocol = (uint8_t)wire_choice(w, packet->protocol, UINT8_MAX + 1);
	packet->flags = (uint8_t)wire_choice(w, packet->flags, UINT8_MAX + 1);
	packet->wscale = (int8_t)(wire_choice(w, packet->wscale + 1, INT8_MAX + 2) - 1);
	packet->has_sack = wire_truth(w, packet->has_sack);
	packet->has_timestamps = wire_truth(w, packet->has_timestamps);
	packet->is_again = wire_truth(w, packet->is_again);
	packet->is_saved = wire_truth(w, packet->is_saved);
	packet->icmp_type = (uint8_t)wire_choice(w, packet->icmp_type, UINT8_MAX + 1);
	packet->icmp_code = (uint8_t)wire_choice(w, packet->icmp_code, UINT8_MAX + 1);
	packet->mss = (uint16_t)wire_choice(w, packet->mss, UINT16_MAX + 1);
	packet->seq = (uint32_t)wire_number(w, packet->seq);
	packet->ack = (uint32_t)wire_number(w, packet->ack);
	packet->window = (uint32_t)wire_number(w, packet->window);
	packet->length = (uint32_t)wire_number(w, packet->length);
	packet->icmp_sender = wire_address(w, packet->icmp_sender, &we->names[0]);
	packet->original = (size_t)wire_number(w, packet->original);
	packet->real_ns = wire_number(w, packet->real_ns);
	has_bytes = wire_truth(w, packet->bytes != NULL && w->bounds->has_payload);
	packet->captured = has_bytes ? (size_t)wire_number(w, packet->captured) : 0;
	packet->bytes = has_bytes ? wire_bytes(w, packet->bytes, packet->captured) : NULL;
}

static void args_segments(struct wire *w, struct wire_event *we)
{
	union step_args *args = &we->args;

	args->segments.of = (enum step_id)wire_choice(w, (int)args->segments.of, STEP_COUNT);
	args->segments.is_before = wire_truth(w, args->segments.is_before);
	args->segments.out = (uint32_t)wire_number(w, args->segments.out);
	args->segments.in = (uint32_t)wire_number(w, args->segments.in);
	args->segments.retransmits = (uint32_t)wire_number(w, args->segments.retransmits);
	args->segments.acked = wire_number(w, args->segments.acked);
}

static void args_acknowledged(struct wire *w, struct wire_event *we)
{
	we->args.acknowledged.first = wire_number(w, we->args.acknowledged.first);
	we->args.acknowledged.last = wire_number(w, we->args.acknowledged.last);
}

/* What the arguments of a step are. No default: a new step has to be thought of here. NULL: it has none. */
typedef void args_fn(struct wire *w, struct wire_event *we);

static args_fn *args_of(enum step_id step)
{
	switch (step) {
	case STEP_RESOLVE:
		return args_resolve;
	case STEP_SOCKET:
		return args_socket;
	case STEP_SETSOCKOPT:
	case STEP_GETSOCKOPT:
		return args_sockopt;
	case STEP_BIND:
	case STEP_CONNECT:
	case STEP_GETSOCKNAME:
	case STEP_GETPEERNAME:
		return args_name;
	case STEP_LISTEN:
		return args_listen;
	case STEP_ACCEPT:
		return args_accept;
	case STEP_SEND:
	case STEP_RECV:
	case STEP_READ:
	case STEP_WRITE:
		return args_io;
	case STEP_SPLICE:
		return args_splice;
	case STEP_RECVMMSG:
	case STEP_SENDMSG:
	case STEP_SENDMMSG:
		return args_messages;
	case STEP_SHUTDOWN:
		return args_shutdown;
	case STEP_IOCTL:
		return args_ioctl;
	case STEP_EPOLL_WAIT:
		return args_wait;
	case STEP_RECVMSG:
	case STEP_PROBE:
		return args_probe;
	case STEP_FAULT:
		return args_fault;
	case STEP_SEGMENTS:
		return args_segments;
	case STEP_ACKNOWLEDGED:
		return args_acknowledged;
	case STEP_ICMP:
	case STEP_PACKET:
		return args_packet;
	case STEP_FCNTL:
		return args_fcntl;
	case STEP_POLL:
		return args_poll;
	case STEP_CONNECTED:
	case STEP_CLOSE:
	case STEP_STATE:
	case STEP_NOTE:
	case STEP_END:
	case STEP_INFO:
	case STEP_COUNT:
		return NULL;
	}
	return NULL;
}

/* How many of the len bytes that moved (is_payload), or were to be moved, some sink looks at. */
static size_t shown(const struct wire *w, size_t len, bool is_payload)
{
	if (is_payload && w->bounds->has_payload)
		return len;
	return len < w->bounds->preview ? len : w->bounds->preview;
}

/*
 * The bytes that moved, and those that were to be sent: mostly the same. What is read is at least as long as sinks
 * within the bounds look at.
 */
static void data(struct wire *w, struct wire_event *we)
{
	struct event *event = &we->event;
	bool is_io = args_of(event->step) == args_io, is_messages = args_of(event->step) == args_messages;
	const void *sent = is_io && event->args != NULL ? we->args.io.data : NULL;
	const void *moved = is_io || (is_messages && event->args != NULL && event->result > 0) ? event->data : NULL;
	bool has_sent = wire_truth(w, sent != NULL), has_moved = wire_truth(w, moved != NULL);
	bool is_same = wire_truth(w, sent == moved);
	size_t sent_len, moved_len;

	if ((has_sent && event->args == NULL) || (has_sent && !is_io) ||
	    (has_moved && !is_io && (!is_messages || event->args == NULL || event->result <= 0)) ||
	    (is_same && has_sent != has_moved))
		w->is_bad = true;
	/* A place that is not NULL, for the length is asked of the event. */
	event->data = has_moved && !w->is_bad ? we : NULL;
	moved_len = shown(w, event_data_len(event), true);
	sent_len = has_sent ? shown(w, we->args.io.len, false) : 0;
	if (is_same && sent_len > moved_len)
		moved_len = sent_len;
	if (sent_len > WIRE_FRAME_MAX || moved_len > WIRE_FRAME_MAX)
		w->is_bad = true;
	event->data = has_moved && !w->is_bad ? wire_bytes(w, moved, moved_len) : NULL;
	if (is_same)
		sent = event->data;
	else
		sent = has_sent && !w->is_bad ? wire_bytes(w, sent, sent_len) : NULL;
	if (is_io)
		we->args.io.data = sent;
}

/* What points to something else, but for the data. */
static void pointers(struct wire *w, struct wire_event *we)
{
	struct event *event = &we->event;
	args_fn *args = args_of(event->step);
	bool has_args = wire_truth(w, event->args != NULL && args != NULL);

	if (has_args && args == NULL)
		w->is_bad = true;
	else if (has_args)
		args(w, we);
	event->args = has_args && args != NULL ? &we->args : NULL;
	event->local = wire_address(w, event->local, &we->local);
	event->remote = wire_address(w, event->remote, &we->remote);
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
