/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An attendant: whoever attends to the sessions of a run, as a console does. It gives each session our end of it, in
 * the place of standard input and output, and is told of its beginning and its end.
 */
#ifndef SOCKT_ENGINE_ATTENDANT_H
#define SOCKT_ENGINE_ATTENDANT_H

#include "engine/session.h"

struct attendant {
	/*
	 * A session of that number is about to begin, whose connection keeps messages or does not. Returns our end of
	 * it, which lives until closed(), or as long as the attendant where the session is not told as opened.
	 */
	struct layer *(*join)(void *ctx, uint32_t number, bool is_messages);
	/* It has begun. */
	void (*opened)(void *ctx, struct session *session);
	/* It is closed; what is known of it can still be read, within this call. */
	void (*closed)(void *ctx, struct session *session);
	bool keeps_messages; /* our ends keep the bounds of messages, and empty ones, where the connection does */
	void *ctx;
};

/* The stream that join() gives. */
static inline struct stream attendant_join(const struct attendant *attendant, uint32_t number, bool is_messages)
{
	return (struct stream){
		.top = attendant->join(attendant->ctx, number, is_messages),
		.is_messages = attendant->keeps_messages && is_messages,
		.has_end = true,
	};
}

#endif
