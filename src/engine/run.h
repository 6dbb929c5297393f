/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run: what a command sets going and what comes of it. The dialer (connect) and the server (listen) are runs; the
 * command gives one its settings, lets the loop go, and reads the result.
 */
#ifndef SOCKT_ENGINE_RUN_H
#define SOCKT_ENGINE_RUN_H

#include "base/buf.h"
#include "engine/ending.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "stream/escape_layer.h"
#include "stream/file_layer.h"
#include "stream/frame_layer.h"
#include "stream/line_layer.h"
#include "stream/stdio_layer.h"

/* Our own end: standard input and output, or a file in their place, with the layers that this run wants over them. */
struct console_end {
	struct stdio_layer *io;
	struct file_layer *file; /* in its place; NULL: none */
	struct sock *in, *out;
	struct escape_layer escape;
	struct line_layer lines;
	struct frame_layer frame;
	struct stream stream;
};

struct console_wish {
	bool is_escaped;   /* what arrives is shown on a terminal */
	bool is_line;      /* standard input is sent in whole lines */
	bool is_messages;  /* the connection keeps messages: standard input is cut into them */
	enum frame_mode frame;
	size_t frame_max;
};

/* Put the layers over io, or over file where that is not NULL. */
void console_end_open(struct console_end *end, struct stdio_layer *io, struct file_layer *file,
		      const struct console_wish *wish);

/*
 * Let standard input and output wake session, which is the only one. What its rules do not read or write need not
 * wake it. Returns 0 or -errno.
 */
int console_end_watch(struct console_end *end, struct session *session);

/* How a run ended. */
struct run_result {
	bool is_over;
	enum ended_by ended;
	struct failure fail; /* domain FAILURE_NONE: nothing failed */
	struct addr remote;  /* of the session that ended it; len 0: none */
	enum protocol protocol;
	enum side side;
	char limit[32];      /* for the last line; "" where the ending has none */
	bool has_lost;       /* something was lost though it ended well: a datagram, a slow client */
};

/* The first cause decides: set the result unless it is set. fail and limit may be NULL. */
void run_result_set(struct run_result *result, enum ended_by ended, const struct failure *fail, const char *limit);
/* Set it from a session that is closed. */
void run_result_of_session(struct run_result *result, const struct session *session);

#endif
