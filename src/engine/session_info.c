/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel says of a session's connection, in every second in which data move. See info.h. */
#include "engine/session_private.h"

uint64_t session_tell_info(struct session *session)
{
	struct stepper *st = session->engine->st;
	struct info_watch *watch = &session->names->info;
	uint64_t moved, left_ns;
	bool is_due;

	if (st->bus->level < step_level(STEP_INFO) || session->is_own)
		return ENDING_NEVER;
	moved = session->out.bytes + session->out.moves + session->in.bytes + session->in.moves;
	left_ns = info_watch_ask(watch, moved, session_now(session), &is_due);
	if (is_due)
		step_info(st, session->sock, session->number, &session->names->local, &session->names->remote,
			  &watch->marks[0]);
	return left_ns;
}
