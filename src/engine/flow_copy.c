/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A flow's moves by read and write: see flow.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "engine/flow.h"

/* A remainder up to this size is copied to memory of its own, so that the buffer stays free for others. */
#define HELD_SMALL ((size_t)16 * 1024)
/* A flow that has not moved so much yet may be one that soon stands still, and what it holds then is small. */
#define WIDE_AFTER ((uint64_t)16 << 20)
/* Where so many flows hold a buffer that nobody takes, the others read less. */
#define WIDE_FLOWS 64

/* Nothing is held any more: give the memory back. */
static void held_release(struct flow *flow)
{
	if (flow->is_held_lent)
		engine_give_buffer(flow->talk->engine, flow->held);
	else
		free(flow->held);
	flow->held = NULL;
	flow->held_at = 0;
	flow->held_len = 0;
	flow->is_held_lent = false;
	flow->is_held_message = false;
}

void flow_drop_held(struct flow *flow)
{
	held_release(flow);
}

void flow_hold(struct flow *flow, char *buffer, size_t at, size_t len, bool is_message)
{
	flow->held_len = (uint32_t)len;
	flow->is_held_message = is_message;
	if (len > HELD_SMALL) {
		flow->held = buffer;
		flow->held_at = (uint32_t)at;
		flow->is_held_lent = true;
		return;
	}
	flow->held = xmalloc(len == 0 ? 1 : len);
	memcpy(flow->held, buffer + at, len);
	flow->held_at = 0;
	engine_give_buffer(flow->talk->engine, buffer);
}

/*
 * Write len bytes, or one message. Returns how many are done with (a message: all or none), -EAGAIN: not now, or
 * another -errno with the failure recorded.
 */
static ssize_t write_some(struct flow *flow, const char *data, size_t len)
{
	ssize_t n;

	if (flow->is_discarding)
		return (ssize_t)len;
	n = layer_write(flow->to->top, flow->talk->engine->st, data, len);
	if (n == -EAGAIN || n == STEP_HELD)
		return -EAGAIN;
	if (n < 0)
		return flow_fail(flow, (int)-n, false);
	return n;
}

/* Write what is held. */
static int move_held(struct flow *flow)
{
	bool is_message = flow->is_held_message;
	ssize_t n = write_some(flow, flow->held + flow->held_at, flow->held_len);

	if (n < 0)
		return n == -EAGAIN ? 0 : (int)n;
	flow_count(flow, (size_t)n, true);
	flow->held_at += (uint32_t)n;
	flow->held_len -= is_message ? flow->held_len : (uint32_t)n;
	if (flow->held_len == 0)
		held_release(flow);
	return 1;
}

/* How much to ask for in one read. */
static size_t read_size(const struct flow *flow)
{
	const struct sock *to = stream_raw(flow->to, HALF_WRITE), *from = stream_raw(flow->from, HALF_READ);

	if (flow->from->is_messages)
		return ENGINE_BUFFER_SIZE;
	if (flow->is_wide && flow->bytes >= WIDE_AFTER && flow->talk->engine->lent < WIDE_FLOWS)
		return ENGINE_BUFFER_SIZE;
	if ((to != NULL && to->kind == SOCK_KIND_FILE) || (from != NULL && from->kind == SOCK_KIND_FILE))
		return ENGINE_BUFFER_SIZE;
	return ENGINE_READ_SIZE;
}

/* n bytes, or a message, have come into buffer: count, write, keep the rest. */
static int move_new(struct flow *flow, char *buffer, size_t n, bool is_message)
{
	ssize_t written;
	size_t done;

	flow_count(flow, n, false);
	/* An empty message is one for those who keep messages; a byte stream does not know it. */
	is_message = is_message && flow->to->is_messages;
	if (n == 0 && !is_message) {
		engine_give_buffer(flow->talk->engine, buffer);
		return 1;
	}
	written = write_some(flow, buffer, n);
	if (written >= 0)
		flow_count(flow, (size_t)written, true);
	if (written == (ssize_t)n) {
		engine_give_buffer(flow->talk->engine, buffer);
		return 1;
	}
	done = written > 0 ? (size_t)written : 0;
	/*
	 * It may have a place to wait already. But what a gate holds could be written: given back it would be read,
	 * held and given back without an end.
	 */
	if ((written >= 0 || written == -EAGAIN) && flow->from->top->ops->give_back != NULL &&
	    flow->talk->engine->st->gate == NULL) {
		flow->from->top->ops->give_back(flow->from->top, n - done);
		engine_give_buffer(flow->talk->engine, buffer);
		return written >= 0;
	}
	flow_hold(flow, buffer, done, n - done, is_message);
	return written < 0 && written != -EAGAIN ? (int)written : 1;
}

int flow_copy_move(struct flow *flow)
{
	size_t size = read_size(flow);
	unsigned flags = 0;
	char *buffer;
	ssize_t n;

	if (flow_holds(flow))
		return move_held(flow);
	buffer = engine_take_buffer(flow->talk->engine);
	n = layer_read(flow->from->top, flow->talk->engine->st, buffer, size, &flags);
	if (n <= 0 && (flags & LAYER_EOM) == 0) {
		engine_give_buffer(flow->talk->engine, buffer);
		if (n == -EAGAIN || n == STEP_HELD)
			return 0;
		if (n < 0)
			return flow_fail(flow, (int)-n, true);
		flow_end_source(flow);
		return 1;
	}
	if ((flags & LAYER_TRUNC) != 0) {
		flow->was_truncated = true;
		flow->truncated_len = (uint32_t)n;
		n = (ssize_t)size;
	}
	if ((size_t)n >= ENGINE_READ_SIZE)
		flow_splice_try(flow);
	return move_new(flow, buffer, (size_t)n, (flags & LAYER_EOM) != 0);
}
