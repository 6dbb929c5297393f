/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session leaves to the next one when its connection is lost: see leftover.h. */
#include "engine/dressing.h"
#include "engine/session_private.h"

void session_take_leftover(struct session *session)
{
	struct leftover *leftover = session->leftover;
	struct flow *out = &session->out;

	if (leftover == NULL)
		return;
	if (leftover->is_message || leftover->unsent.len > 0)
		flow_give(out, buf_peek(&leftover->unsent), leftover->unsent.len, leftover->is_message);
	if (leftover->is_input_ended)
		flow_end_source(out);
	buf_clear(&leftover->unsent);
	*leftover = (struct leftover){ .is_lost = false };
}

void session_leave_unsent(struct session *session)
{
	struct leftover *leftover = session->leftover;
	struct flow *out = &session->out;

	if (leftover == NULL || leftover->is_taken)
		return;
	leftover->is_taken = true;
	leftover->is_input_ended = out->state >= FLOW_DRAIN && !session->rules->is_recv_only;
	/* What a layer holds comes before what the flow does. */
	dressing_take_unsent(session->dressing, &leftover->unsent);
	leftover->is_message = flow_take(out, &leftover->unsent);
}

/* Was the connection lost, and not our own end? */
static bool is_lost_by(const struct session *session, enum ended_by ended)
{
	const struct failure *fail = session->fail;

	if (ended == ENDED_RESET || ended == ENDED_UNACKNOWLEDGED)
		return true;
	return ended == ENDED_ERROR && fail != NULL && fail->domain == FAILURE_ERRNO &&
	       (fail->step == STEP_SEND || fail->step == STEP_RECV || fail->step == STEP_SPLICE ||
		fail->step == STEP_SHUTDOWN);
}

void session_leave_rest(struct session *session, enum ended_by ended)
{
	struct leftover *leftover = session->leftover;

	if (leftover == NULL)
		return;
	session_leave_unsent(session);
	leftover->is_lost = leftover->is_lost || (session->phase == SESSION_OPEN && is_lost_by(session, ended));
	leftover->unacknowledged = (uint64_t)session_unacknowledged_data(session);
}
