/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The dialer: the run of `connect`. One connection, tried again as --retry says, and its session; with --reconnect
 * another one where it is lost.
 */
#ifndef SOCKT_ENGINE_DIALER_H
#define SOCKT_ENGINE_DIALER_H

#include "endpoint/connector.h"
#include "engine/attendant.h"
#include "engine/run.h"
#include "stream/http_client_layer.h"

struct dialer;

struct dialer_settings {
	struct engine *engine;
	const struct endpoint *endpoint;
	const struct hop_chain *chain; /* the proxies on the way to it; NULL: none */
	const struct ending_rules *rules;
	struct console_end *end;
	const struct attendant *attendant; /* in the place of end; NULL: none */
	bool is_passing; /* the connection is handed over by standard output (handover.h): there is no session */
	const struct http_ask *ask;  /* by HTTP; NULL: standard input is sent */
	/*
	 * Called when the connection stands, before its session. file: of its own address. False: the run is over.
	 * NULL: nobody wants to know.
	 */
	bool (*connected)(void *ctx, struct unixfile *file);
	void *ctx;
	uint64_t connect_timeout_ns; /* of each attempt; UINT64_MAX: none */
	uint64_t retries;            /* UINT64_MAX: for ever */
	uint64_t retry_pause_ns;
	/*
	 * A connection that was lost is followed by another one, after such a pause, or longer ones where that fails;
	 * then retries bounds the attempts for each (0: there is no bound). 0: there is none.
	 */
	uint64_t reconnect_ns;
};

/* Start; *result is filled and the loop stopped when it is over. */
struct dialer *dialer_start(const struct dialer_settings *settings, struct run_result *result);
/* End it now: a signal or the total time limit. limit for the summary and the last line. */
void dialer_abandon(struct dialer *dialer, enum ended_by ended, const char *limit);
/*
 * A person wants to leave: end the session once what was taken from standard input is sent and acknowledged. Returns
 * false where there is none: then dialer_abandon() is all there is to do.
 */
bool dialer_leave(struct dialer *dialer);
/* The session; NULL: there is none, or none any more. */
const struct session *dialer_session(const struct dialer *dialer);
/* The terminal is ours again: read it. */
void dialer_wake(struct dialer *dialer);
void dialer_free(struct dialer *dialer);

#endif
