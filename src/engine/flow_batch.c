/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A flow's moves of many messages at once, straight from where they were received: see flow.h. */
#include <errno.h>

#include "engine/flow.h"

bool flow_batch_can(const struct flow *flow)
{
	return flow->from->is_messages && flow->from->top->ops->read_messages != NULL &&
	       flow->to->top->ops->write_messages != NULL && !flow->is_discarding && !flow_holds(flow) &&
	       step_is_unseen(flow->talk->engine->st);
}

int flow_batch_move(struct flow *flow)
{
	struct stepper *st = flow->talk->engine->st;
	struct layer *from = flow->from->top, *to = flow->to->top;
	struct messages messages;
	size_t bytes = 0;
	int n;

	n = from->ops->read_messages(from, st, &messages);
	if (n == -EAGAIN || n == STEP_HELD)
		return 0;
	if (n < 0)
		return flow_fail(flow, -n, true);
	n = to->ops->write_messages(to, st, &messages);
	if (n == -EAGAIN || n == STEP_HELD)
		return 0;
	if (n < 0)
		return flow_fail(flow, -n, false);
	for (int i = 0; i < n; i++)
		bytes += messages.parts[i].iov_len;
	flow_count_moves(flow, bytes, (unsigned)n, false);
	flow_count_moves(flow, bytes, (unsigned)n, true);
	from->ops->release_messages(from, (unsigned)n);
	return 1;
}
