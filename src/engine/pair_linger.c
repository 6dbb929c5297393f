/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A clean end of a pair for a reason of our own: both sides get an end, and what they still send is thrown away until
 * they have ended too. Closing at once would answer that with a reset (RFC 1122, 4.2.2.13), which may overtake what was
 * delivered last.
 */
#include <errno.h>

#include "engine/pair_private.h"

/* Reads in one turn, so that one who goes on sending starves nobody. */
#define LINGER_READS 16

int pair_shut_side(struct pair *pair, struct pair_side *side, enum shutdown_why why)
{
	int ret;

	side->layer.sock.shut_why = (uint8_t)(why & 3);
	ret = layer_shut_write(side->stream.top, pair_engine(pair)->st);
	side->is_shut = ret == 0;
	return ret;
}

/* Say to a side that nothing more comes, once all that goes to it is delivered. */
static void shut_side(struct pair *pair, struct pair_side *side, const struct flow *flow)
{
	int ret;

	if (side->is_shut || flow->state <= FLOW_DRAIN)
		return;
	ret = pair_shut_side(pair, side, SHUTDOWN_OWN);
	side->is_shut = ret != STEP_HELD && ret != -EAGAIN;
}

/* Throw away what comes from a side. */
static void discard_side(struct pair *pair, struct pair_side *side)
{
	struct engine *engine = pair_engine(pair);
	char *buffer = engine_take_buffer(engine);

	for (unsigned i = 0; i < LINGER_READS && !side->has_ended; i++) {
		unsigned flags = 0;
		ssize_t n;

		if (!stream_is_ready(&side->stream, HALF_READ))
			break;
		n = layer_read(side->stream.top, engine->st, buffer, ENGINE_READ_SIZE, &flags);
		if (n == STEP_HELD) {
			/* The gate wakes the pair. */
			engine_give_buffer(engine, buffer);
			return;
		}
		if (n == -EAGAIN)
			break;
		side->is_broken = side->is_broken || n < 0;
		side->has_ended = n < 0 || (n == 0 && (flags & LAYER_EOM) == 0);
	}
	engine_give_buffer(engine, buffer);
	if (!side->has_ended && stream_is_ready(&side->stream, HALF_READ))
		loop_post_later(engine->loop, &pair->task);
}

/* One side: whoever reads from it reads on only where its flow does not. */
static bool linger_side(struct pair *pair, struct pair_side *side, const struct flow *to, const struct flow *from)
{
	if (side->is_broken || !side->stream.has_end)
		return false;
	shut_side(pair, side, to);
	if (from->state > FLOW_OPEN)
		discard_side(pair, side);
	return !side->is_shut || !side->has_ended;
}

bool pair_linger(struct pair *pair)
{
	bool is_lingering = linger_side(pair, &pair->client, &pair->down, &pair->up);

	return linger_side(pair, &pair->target, &pair->up, &pair->down) || is_lingering;
}
