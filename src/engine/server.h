/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The server: the run of `listen`. Without -k one client, and the listening socket is closed as soon as that is
 * there; with -k a crowd around a hub.
 */
#ifndef SOCKT_ENGINE_SERVER_H
#define SOCKT_ENGINE_SERVER_H

#include "endpoint/listener.h"
#include "engine/attendant.h"
#include "engine/run.h"
#include "stream/http_answer.h"

struct server;

struct server_settings {
	struct engine *engine;
	const struct endpoint *endpoint;
	const struct endpoint *more; /* further ones that clients come to */
	size_t more_count;
	const struct ending_rules *rules;
	struct console_end *end;
	const struct attendant *attendant; /* in the place of end; NULL: none */
	int backlog;
	bool is_reuseaddr;
	bool is_line;         /* with -k: lines of clients are not mixed on the output */
	bool is_keep_open, is_tag, is_dropping;
	bool is_broker, is_chat; /* with is_keep_open: clients hear each other; by lines, with names */
	bool is_holding; /* nobody is accepted */
	uint64_t max_conns; /* UINT64_MAX: no limit */
	struct access *access;  /* who may connect; borrowed; NULL: everybody */
	uint64_t max_per_host; /* 0: no limit */
	uint64_t accept_timeout_ns; /* without a client; UINT64_MAX: none */
	bool wants_names;
	const struct http_service *http; /* it answers the clients; NULL: they talk with standard input and output */
	/* Called when it listens, with its sockets: to write --ready-fd. False: the run is over, nobody is served. */
	bool (*ready)(void *ctx, struct listening *sockets, size_t count);
	void *ctx;
};

/* Start; *result is filled and the loop stopped when it is over. */
struct server *server_start(const struct server_settings *settings, struct run_result *result);
/* End it now: a signal or the total time limit. */
void server_abandon(struct server *server, enum ended_by ended, const char *limit);
/*
 * A person wants to leave: take no more clients, and end each session once what was taken from standard input is sent
 * and acknowledged. Returns false where there is none: then server_abandon() is all there is to do.
 */
bool server_leave(struct server *server);
/* The terminal is ours again: read it. */
void server_wake(struct server *server);
void server_free(struct server *server);

#endif
