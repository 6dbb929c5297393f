/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A flow's moves inside the kernel: see flow.h.
 *
 * splice(2) answers EAGAIN for two reasons: nothing to read, or no room to write. Through a borrowed pipe the answer is
 * plain, since that is filled only when it is empty and drained only when it is not.
 *
 * The borrowed pipe stands between even where one side is a pipe already: the kernel holds a pipe's lock while
 * TCP works on what is in it, and the program at the pipe's other end would spin on that lock for as long.
 *
 * At urgent data of TCP it stops for good: it answers EAGAIN while the connection stands, and 0, an end, once the peer
 * has sent its FIN, whatever is unread behind them. recv(2) passes them by, and its end is one.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"
#include "engine/flow.h"

/* As much as the widest pipe holds: the kernel moves what there is and what fits. */
#define SPLICE_LEN ((size_t)1 << 20)

/* May data go from one to the other without being seen? */
static bool can_splice(const struct sock *from, const struct sock *to)
{
	if (from == NULL || to == NULL)
		return false;
	/* Towards a file, large writes from the buffer are as fast, and O_APPEND is no trouble (splice(2), EINVAL). */
	return to->kind != SOCK_KIND_FILE && to->kind != SOCK_KIND_TERMINAL;
}

void flow_splice_try(struct flow *flow)
{
	struct sock *from = stream_raw(flow->from, HALF_READ), *to = stream_raw(flow->to, HALF_WRITE);

	if (flow->has_no_splice || flow->is_discarding || !step_is_unseen(flow->talk->engine->st) ||
	    !can_splice(from, to))
		return;
	/*
	 * A congestion control that paces within this host sets a timer for every segment that comes too soon, which
	 * costs more than to copy it; and who copies comes later.
	 */
	if (from->protocol == PROTOCOL_TCP && step_is_paced_closely(flow->talk->engine->st, to)) {
		flow->has_no_splice = true;
		flow->is_wide = true;
		return;
	}
	flow->quiet_waits = 0;
	/* The 64 KiB that a shell gives cost two switches of process for each. */
	if (from->kind == SOCK_KIND_PIPE)
		pipe_widen(from->fd);
	if (to->kind == SOCK_KIND_PIPE)
		pipe_widen(to->fd);
	flow->pipe = pipes_borrow(&flow->talk->engine->pipes);
	/* No pipe to be had (out of descriptors): copying does it too. */
	flow->path = flow->pipe == NULL ? FLOW_COPY : FLOW_SPLICE;
}

void flow_splice_leave(struct flow *flow)
{
	pipes_return(&flow->talk->engine->pipes, flow->pipe);
	flow->pipe = NULL;
	flow->path = FLOW_COPY;
}

bool flow_splice_is_drained(struct flow *flow)
{
	return step_unread(flow->talk->engine->st, stream_raw(flow->from, HALF_READ)) == 0;
}

void flow_splice_rest(struct flow *flow)
{
	if (flow->pipe == NULL || flow->pipe->held > 0)
		return;
	pipes_return(&flow->talk->engine->pipes, flow->pipe);
	flow->pipe = NULL;
}

int flow_splice_unload(struct flow *flow)
{
	char *buffer = engine_take_buffer(flow->talk->engine);
	ssize_t n = step_read(flow->talk->engine->st, &flow->pipe->out, buffer, ENGINE_BUFFER_SIZE);

	if (n < 0) {
		engine_give_buffer(flow->talk->engine, buffer);
		return (int)n;
	}
	flow->pipe->held -= (size_t)n;
	flow_hold(flow, buffer, 0, (size_t)n, false);
	return 0;
}

/* This pair of descriptors cannot be spliced: copy from now on, and say so. */
static int splice_refused(struct flow *flow, const struct sock *sk)
{
	int ret = flow->pipe->held > 0 ? flow_splice_unload(flow) : 0;

	if (ret == STEP_HELD)
		return 0;
	if (ret < 0)
		return flow_fail(flow, -ret, false);
	flow->has_no_splice = true;
	step_note(flow->talk->engine->st, sk->session, _("descriptor %d cannot be spliced (EINVAL): copying instead"),
		  sk->fd);
	flow_splice_leave(flow);
	return 1;
}

/* Out of the borrowed pipe. */
static int drain_pipe(struct flow *flow)
{
	struct sock *to = stream_raw(flow->to, HALF_WRITE), *out = &flow->pipe->out;
	ssize_t n;

	/* The step is the connection's, and whoever holds it lets this flow's task come to it again. */
	out->task = to->task;
	out->session = to->session;
	out->side = to->side;
	n = step_splice(flow->talk->engine->st, out, to, flow->pipe->held, 0);
	if (n == -EAGAIN)
		/* The pipe is not empty: it is the other side that takes nothing now. */
		to->ready &= (uint8_t)~READY_OUT;
	if (n == -EAGAIN || n == STEP_HELD)
		return 0;
	if (n == -EINVAL)
		return splice_refused(flow, to);
	if (n < 0)
		return flow_fail(flow, (int)-n, false);
	flow->pipe->held -= (size_t)n;
	flow_count(flow, (size_t)n, true);
	return 1;
}

/* Whether there is nothing, or an end, or urgent data, only recv(2) can tell: copy from now on. */
static int leave_to_recv(struct flow *flow)
{
	flow->has_no_splice = true;
	flow_splice_leave(flow);
	return 1;
}

/* Into it. Done only when it is empty. */
static int fill_pipe(struct flow *flow)
{
	struct sock *from = stream_raw(flow->from, HALF_READ);
	ssize_t n = step_splice(flow->talk->engine->st, from, &flow->pipe->in, SPLICE_LEN, 0);

	if ((n == -EAGAIN && (from->ready & READY_URGENT) != 0) || (n == 0 && from->kind == SOCK_KIND_SOCKET))
		return leave_to_recv(flow);
	if (n == -EAGAIN)
		/* The pipe is empty: it is the source that has nothing now. */
		from->ready &= (uint8_t)~READY_IN;
	if (n == -EAGAIN || n == STEP_HELD)
		return 0;
	if (n == -EINVAL)
		return splice_refused(flow, from);
	if (n < 0)
		return flow_fail(flow, (int)-n, true);
	if (n == 0) {
		flow_end_source(flow);
		return 1;
	}
	flow->pipe->held += (size_t)n;
	flow_count(flow, (size_t)n, false);
	return 1;
}

int flow_splice_move(struct flow *flow)
{
	/* What was copied before comes first. */
	if (flow->held_len > 0)
		return flow_copy_move(flow);
	if (flow->pipe == NULL)
		flow->pipe = pipes_borrow(&flow->talk->engine->pipes);
	if (flow->pipe == NULL) {
		/* Out of descriptors since it rested: copying does it too. */
		flow->path = FLOW_COPY;
		return 1;
	}
	return flow->pipe->held > 0 ? drain_pipe(flow) : fill_pipe(flow);
}
