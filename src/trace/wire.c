/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events as bytes: see wire.h. One function says for each struct what it consists of, and serves for both ways, so that
 * writing and reading cannot drift apart: a value goes in, and comes out as it is or as it was read.
 */
#include "trace/wire.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"

/* The longest value of a socket option, or of a sentence: what is longer is no frame of ours. */
#define BLOB_MAX ((size_t)64 << 10)

/* One way through a frame. */
struct wire {
	struct buf *dst;         /* writing; NULL: reading */
	const uint8_t *at, *end; /* reading: what is left */
	const struct wire_bounds *bounds;
	bool is_bad;
};

static void put(struct wire *w, const void *bytes, size_t len)
{
	if (len > 0)
		buf_append(w->dst, bytes, len);
}

/* The next len bytes of the frame; NULL and is_bad where there are not so many. */
static const void *get(struct wire *w, size_t len)
{
	const uint8_t *bytes = w->at;

	if (w->is_bad || (size_t)(w->end - w->at) < len) {
		w->is_bad = true;
		return NULL;
	}
	w->at += len;
	return bytes;
}

/* Seven bits a byte, the lowest first, the eighth says that more follow. */
static void put_number(struct wire *w, uint64_t value)
{
	uint8_t bytes[10];
	size_t len = 0;

	do {
		bytes[len] = (uint8_t)(value & 0x7f);
		value >>= 7;
		if (value != 0)
			bytes[len] |= 0x80;
		len++;
	} while (value != 0);
	put(w, bytes, len);
}

static uint64_t get_number(struct wire *w)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		const uint8_t *byte = get(w, 1);

		if (byte == NULL)
			return 0;
		value |= (uint64_t)(*byte & 0x7f) << shift;
		if ((*byte & 0x80) == 0)
			return value;
	}
	w->is_bad = true;
	return 0;
}

/* A number without a sign. */
static uint64_t number(struct wire *w, uint64_t value)
{
	if (w->dst == NULL)
		return get_number(w);
	put_number(w, value);
	return value;
}

/* A number with a sign: 0, -1, 1, -2, ... become 0, 1, 2, 3, ..., so that small ones are short. */
static int64_t integer(struct wire *w, int64_t value)
{
	uint64_t coded = ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);

	coded = number(w, coded);
	return (int64_t)((coded >> 1) ^ ((coded & 1) != 0 ? UINT64_MAX : 0));
}

static int small(struct wire *w, int value)
{
	return (int)integer(w, value);
}

/* A number below count. */
static int choice(struct wire *w, int value, int count)
{
	uint64_t read = number(w, (uint64_t)value);

	if (read < (uint64_t)count)
		return (int)read;
	w->is_bad = true;
	return 0;
}

static bool truth(struct wire *w, bool value)
{
	return choice(w, value, 2) == 1;
}

/* len bytes, known to both sides. Read, they are where they stand in the frame. */
static const void *bytes_of(struct wire *w, const void *bytes, size_t len)
{
	if (w->dst == NULL)
		return get(w, len);
	put(w, bytes, len);
	return bytes;
}

/* A string with its NUL, or NULL. */
static const char *string(struct wire *w, const char *value)
{
	size_t len;

	if (!truth(w, value != NULL))
		return NULL;
	len = (size_t)number(w, value == NULL ? 0 : strlen(value) + 1);
	if (len == 0 || len > BLOB_MAX) {
		w->is_bad = true;
		return NULL;
	}
	value = bytes_of(w, value, len);
	if (value == NULL || memchr(value, '\0', len) == value + len - 1)
		return value;
	w->is_bad = true;
	return NULL;
}

/* An address, or NULL. Read, it stands in room. */
static struct addr *address(struct wire *w, const struct addr *value, struct addr *room)
{
	struct sockaddr_storage storage = { 0 };
	const void *bytes;
	size_t len;

	if (!truth(w, value != NULL))
		return NULL;
	len = (size_t)number(w, value == NULL ? 0 : value->len);
	if (len > sizeof(room->un)) {
		w->is_bad = true;
		return NULL;
	}
	bytes = bytes_of(w, value == NULL ? NULL : &value->sa, len);
	if (w->dst != NULL || bytes == NULL)
		return (struct addr *)value;
	memcpy(&storage, bytes, len);
	*room = (struct addr){ .len = 0 };
	if (len > 0)
		addr_set(room, (const struct sockaddr *)&storage, (socklen_t)len);
	return room;
}

static void tcp_facts(struct wire *w, struct tcp_facts *tcp)
{
	tcp->is_valid = truth(w, tcp->is_valid);
	tcp->state = small(w, tcp->state);
	tcp->rtt_us = (uint32_t)number(w, tcp->rtt_us);
	tcp->rttvar_us = (uint32_t)number(w, tcp->rttvar_us);
	tcp->mss = (uint32_t)number(w, tcp->mss);
	tcp->cwnd = (uint32_t)number(w, tcp->cwnd);
	tcp->retransmits = (uint32_t)number(w, tcp->retransmits);
	tcp->queue_len = (uint32_t)number(w, tcp->queue_len);
	tcp->queue_limit = (uint32_t)number(w, tcp->queue_limit);
	tcp->sndbuf = (uint32_t)number(w, tcp->sndbuf);
	tcp->rcvbuf = (uint32_t)number(w, tcp->rcvbuf);
}

static void summary(struct wire *w, struct summary *sum)
{
	sum->sent_bytes = number(w, sum->sent_bytes);
	sum->received_bytes = number(w, sum->received_bytes);
	sum->sends = number(w, sum->sends);
	sum->receives = number(w, sum->receives);
	sum->turns = number(w, sum->turns);
	sum->shape = (enum shape)choice(w, (int)sum->shape, SHAPE_ONE_WAY_IN + 1);
	sum->spoke_first = (enum who)choice(w, (int)sum->spoke_first, WHO_REMOTE + 1);
	sum->closed_first = (enum who)choice(w, (int)sum->closed_first, WHO_REMOTE + 1);
	sum->ended_by = (enum ended_by)choice(w, (int)sum->ended_by, ENDED_COUNT);
	sum->limit = string(w, sum->limit);
	sum->duration_ns = number(w, sum->duration_ns);
	tcp_facts(w, &sum->tcp);
}

static void args_resolve(struct wire *w, struct wire_event *we)
{
	union step_args *args = &we->args;
	size_t count = args->resolve.found_count < WIRE_FOUND_MAX ? args->resolve.found_count : WIRE_FOUND_MAX;

	args->resolve.node = string(w, args->resolve.node);
	args->resolve.service = string(w, args->resolve.service);
	args->resolve.family = small(w, args->resolve.family);
	args->resolve.socktype = small(w, args->resolve.socktype);
	args->resolve.error = small(w, args->resolve.error);
	count = (size_t)choice(w, args->resolve.found == NULL ? 0 : (int)count, WIRE_FOUND_MAX + 1);
	for (size_t i = 0; i < count; i++)
		if (address(w, w->dst != NULL ? &args->resolve.found[i] : NULL, &we->found[i]) == NULL)
			w->is_bad = true;
	args->resolve.found = we->found;
	args->resolve.found_count = count;
}

static void args_socket(struct wire *w, struct wire_event *we)
{
	we->args.socket.domain = small(w, we->args.socket.domain);
	we->args.socket.type = small(w, we->args.socket.type);
	we->args.socket.protocol = small(w, we->args.socket.protocol);
}

static void args_sockopt(struct wire *w, struct wire_event *we)
{
	union step_args *args = &we->args;
	bool has_value;

	args->sockopt.level = small(w, args->sockopt.level);
	args->sockopt.optname = small(w, args->sockopt.optname);
	args->sockopt.optlen = (socklen_t)number(w, args->sockopt.optlen);
	has_value = truth(w, args->sockopt.optval != NULL && args->sockopt.optlen <= BLOB_MAX);
	args->sockopt.optval = has_value ? bytes_of(w, args->sockopt.optval, args->sockopt.optlen) : NULL;
}

static void args_name(struct wire *w, struct wire_event *we)
{
	we->args.name.addr = address(w, we->args.name.addr, &we->names[0]);
}

static void args_listen(struct wire *w, struct wire_event *we)
{
	we->args.listen.backlog = small(w, we->args.listen.backlog);
}

static void args_accept(struct wire *w, struct wire_event *we)
{
	we->args.accept.addr = address(w, we->args.accept.addr, &we->names[0]);
	we->args.accept.flags = small(w, we->args.accept.flags);
}

/* The bytes to be sent follow behind the arguments: see data(). */
static void args_io(struct wire *w, struct wire_event *we)
{
	we->args.io.len = (size_t)number(w, we->args.io.len);
	we->args.io.flags = small(w, we->args.io.flags);
	we->args.io.to = address(w, we->args.io.to, &we->names[0]);
	we->args.io.from = address(w, we->args.io.from, &we->names[1]);
	we->args.io.buf = NULL;
}

static void args_splice(struct wire *w, struct wire_event *we)
{
	we->args.splice.fd_out = small(w, we->args.splice.fd_out);
	we->args.splice.len = (size_t)number(w, we->args.splice.len);
	we->args.splice.flags = (unsigned)number(w, we->args.splice.flags);
}

static void args_messages(struct wire *w, struct wire_event *we)
{
	struct message *list = we->args.messages.list;
	bool is_in = we->event.step == STEP_RECVMMSG;
	int64_t count;

	we->args.messages.count = (unsigned)choice(w, (int)we->args.messages.count, MESSAGES_MAX + 1);
	we->args.messages.flags = small(w, we->args.messages.flags);
	we->args.messages.list = we->messages;
	count = is_in ? we->event.result : (int64_t)we->args.messages.count;
	if (count > (int64_t)we->args.messages.count || (!is_in && we->event.result > count &&
							 we->event.step == STEP_SENDMMSG) ||
	    (we->event.step == STEP_SENDMSG && count != 1)) {
		w->is_bad = true;
		return;
	}
	for (int64_t i = 0; i < count; i++) {
		struct message *at = &we->messages[i];

		if (w->dst != NULL)
			*at = list[i];
		at->parts = NULL;
		at->part_count = 0;
		if (i == 0) {
			/* Its bytes follow behind the arguments: see data(). */
			we->part.iov_len = (size_t)number(w, w->dst != NULL && list->part_count > 0 ?
							  list->parts->iov_len : 0);
			at->parts = &we->part;
			at->part_count = 1;
		}
		at->len = (size_t)number(w, at->len);
		at->segment = (uint16_t)number(w, at->segment);
		at->addr = address(w, at->addr, &we->message_addrs[i]);
		at->local = address(w, at->local, &we->message_locals[i]);
	}
}

static void args_shutdown(struct wire *w, struct wire_event *we)
{
	we->args.shutdown.how = small(w, we->args.shutdown.how);
}

static void args_ioctl(struct wire *w, struct wire_event *we)
{
	we->args.ioctl.request = (unsigned long)number(w, we->args.ioctl.request);
	we->args.ioctl.value = small(w, we->args.ioctl.value);
}

static void args_wait(struct wire *w, struct wire_event *we)
{
	we->args.wait.events = (uint32_t)number(w, we->args.wait.events);
}

static void args_probe(struct wire *w, struct wire_event *we)
{
	we->args.probe.what = string(w, we->args.probe.what);
}

static void args_fault(struct wire *w, struct wire_event *we)
{
	we->args.fault.kind = string(w, we->args.fault.kind);
	we->args.fault.direction = string(w, we->args.fault.direction);
	we->args.fault.bytes = number(w, we->args.fault.bytes);
	we->args.fault.ns = (int64_t)number(w, (uint64_t)we->args.fault.ns);
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
	case STEP_CONNECTED:
	case STEP_CLOSE:
	case STEP_STATE:
	case STEP_NOTE:
	case STEP_END:
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
	bool has_sent = truth(w, sent != NULL), has_moved = truth(w, moved != NULL);
	bool is_same = truth(w, sent == moved);
	size_t sent_len, moved_len;

	if ((has_sent && event->args == NULL) || (has_sent && !is_io) ||
	    (has_moved && !is_io && (!is_messages || event->args == NULL || event->result <= 0)) ||
	    (is_same && has_sent != has_moved))
		w->is_bad = true;
	/* A place that is not NULL, for the length is asked of the event. */
	event->data = has_moved ? we : NULL;
	moved_len = shown(w, event_data_len(event), true);
	sent_len = has_sent ? shown(w, we->args.io.len, false) : 0;
	if (is_same && sent_len > moved_len)
		moved_len = sent_len;
	if (sent_len > WIRE_FRAME_MAX || moved_len > WIRE_FRAME_MAX)
		w->is_bad = true;
	event->data = has_moved && !w->is_bad ? bytes_of(w, moved, moved_len) : NULL;
	if (is_same)
		sent = event->data;
	else
		sent = has_sent && !w->is_bad ? bytes_of(w, sent, sent_len) : NULL;
	if (is_io)
		we->args.io.data = sent;
}

/* What points to something else, but for the data. */
static void pointers(struct wire *w, struct wire_event *we)
{
	struct event *event = &we->event;
	args_fn *args = args_of(event->step);
	bool has_args = truth(w, event->args != NULL && args != NULL);

	if (has_args && args == NULL)
		w->is_bad = true;
	else if (has_args)
		args(w, we);
	event->args = has_args && args != NULL ? &we->args : NULL;
	event->local = address(w, event->local, &we->local);
	event->remote = address(w, event->remote, &we->remote);
	event->text = string(w, event->text);
	if (truth(w, event->tcp != NULL)) {
		tcp_facts(w, &we->tcp);
		event->tcp = &we->tcp;
	}
	if (truth(w, event->summary != NULL)) {
		summary(w, &we->summary);
		event->summary = &we->summary;
	}
	data(w, we);
}

static void whole(struct wire *w, struct wire_event *we)
{
	struct event *event = &we->event;

	event->step = (enum step_id)choice(w, (int)event->step, STEP_COUNT);
	event->level = (uint8_t)choice(w, event->level, 4);
	event->t_ns = number(w, event->t_ns);
	event->has_dur = truth(w, event->has_dur);
	event->dur_ns = number(w, event->dur_ns);
	event->session = (uint32_t)number(w, event->session);
	event->side = (enum side)choice(w, (int)event->side, SIDE_SERVER + 1);
	event->fd = small(w, event->fd);
	event->has_result = truth(w, event->has_result);
	event->result = integer(w, event->result);
	event->error = small(w, event->error);
	event->state_from = small(w, event->state_from);
	event->state_to = small(w, event->state_to);
	event->protocol = (enum protocol)choice(w, (int)event->protocol, PROTOCOL_COUNT);
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
	put(&w, &len, sizeof(len));
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
