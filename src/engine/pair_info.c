/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel says of a pair's two connections, in every second in which data move. See info.h. */
#include "engine/pair_private.h"

uint64_t pair_tell_info(struct pair *pair)
{
	struct stepper *st = pair_engine(pair)->st;
	struct pair_names *names = pair->rare->names;
	uint64_t moved, left_ns;
	bool is_due;

	if (names == NULL || st->bus->level < step_level(STEP_INFO))
		return ENDING_NEVER;
	moved = pair->up.bytes + pair->up.other_bytes + pair->down.bytes + pair->down.other_bytes + pair->up.moves +
		pair->down.moves;
	left_ns = info_watch_ask(&names->info, moved, pair_now(pair), &is_due);
	if (!is_due)
		return left_ns;
	/* Of a client that is an address the socket is everybody's. */
	if (!pair_has_peer(pair))
		step_info(st, &pair->client.layer.sock, pair->number, &names->client_local, &names->client,
			  &names->info.marks[0]);
	if (pair_has_own_target(pair))
		return left_ns;
	step_info(st, &pair->target.layer.sock, pair->number, &names->target_local, &names->target,
		  &names->info.marks[1]);
	return left_ns;
}
