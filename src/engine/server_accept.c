/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's connections: see server_private.h. */
#include "base/util.h"
#include "engine/server_private.h"

/* A session on the new connection. */
static void server_take(void *ctx, struct opened *opened)
{
	struct server *server = ctx;
	struct failure fail = { .domain = FAILURE_NONE };
	struct session_settings settings = { .rules = server->settings.rules, .is_messages = opened->is_messages };
	struct client *client =
		server_new_client(server, &opened->remote, (enum protocol)opened->sock.protocol, &settings);
	int ret = session_open(&client->session, &settings, opened);

	server_add_client(server, client);
	/* Everybody else is refused from now on. */
	if (!server->settings.is_keep_open)
		server_stop_listening(server, NULL);
	if (ret < 0) {
		failure_set(&fail, STEP_EPOLL_WAIT, -ret, NULL);
		server_finish(server, ENDED_ERROR, &fail, NULL);
	}
}

static void server_accept_failed(void *ctx, const struct failure *fail)
{
	server_finish(ctx, ENDED_ERROR, fail, NULL);
}

bool server_has_room(void *ctx)
{
	const struct server *server = ctx;

	return server->client_count < (server->settings.is_keep_open ? server->settings.max_conns : 1);
}

void server_init_acceptor(struct server *server)
{
	const struct acceptor_settings settings = {
		.engine = server->settings.engine,
		.has_room = server_has_room,
		.take = server_take,
		.admission = &server->admission,
		.failed = server_accept_failed,
		.ctx = server,
	};

	acceptor_init(&server->acceptor, &settings);
}
