/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is left of a connection that was lost, for the next one (--reconnect): what our end gave and the kernel never
 * had, which is sent there first, and how many bytes of those that it had were not acknowledged, which may have arrived
 * or not.
 */
#ifndef SOCKT_ENGINE_LEFTOVER_H
#define SOCKT_ENGINE_LEFTOVER_H

#include "base/buf.h"

#include <stdint.h>

/* Zeroed: nothing. */
struct leftover {
	struct buf unsent;       /* bytes, or one message */
	bool is_message;         /* unsent is one, which may be empty */
	bool is_taken;           /* unsent is all there was, and is_input_ended is known */
	bool is_input_ended;     /* our end gives nothing more */
	bool is_lost;            /* the session ended since its connection was lost */
	uint64_t unacknowledged; /* bytes; of what has no acknowledgements 0 */
};

#endif
