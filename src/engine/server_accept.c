/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's connections: see server_private.h. */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "engine/server_private.h"
#include "trace/names.h"

#include "base/util.h"

/* Out of descriptors: nothing tells when there is one, but that one of ours is closed. */
#define AGAIN_NS (100 * NS_PER_MS)

/* accept(2): no descriptor or memory; the client goes on waiting in the queue. */
static bool is_lack(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* accept(2), "Error handling": these are of the connection that was waiting, not of the socket. */
static bool is_of_client(int error)
{
	switch (error) {
	case ECONNABORTED:
	case EPROTO:
	case ENETDOWN:
	case ENOPROTOOPT:
	case EHOSTDOWN:
	case ENONET:
	case EHOSTUNREACH:
	case EOPNOTSUPP:
	case ENETUNREACH:
	case EPERM:
		return true;
	default:
		return false;
	}
}

/* Out of descriptors: say it once, and try again later. */
static void accept_lack(struct server *server, int error)
{
	struct engine *engine = server->settings.engine;
	char name[32];

	if (!server->has_said_full)
		engine_say(engine, _("accept: no descriptor or memory is free (%s); clients wait in the accept queue"),
			   name_errno(error, name, sizeof(name)));
	server->has_said_full = true;
	loop_timer_set(engine->loop, &server->again, engine->st->env->now_ns() + AGAIN_NS);
}

/* A session on the new connection. */
static void accept_client(struct server *server, struct client *client, struct session_settings *settings,
			  struct opened *opened)
{
	struct failure fail = { .domain = FAILURE_NONE };
	int ret = session_open(&client->session, settings, opened);

	server_add_client(server, client);
	/* Everybody else is refused from now on. */
	if (!server->settings.is_keep_open) {
		server->is_listening = false;
		listener_stop(server->listener);
	}
	if (ret < 0) {
		failure_set(&fail, STEP_EPOLL_WAIT, -ret, NULL);
		server_finish(server, ENDED_ERROR, &fail, NULL);
	}
}

/*
 * Go on with the connection that has been taken: set the endpoint's options that belong to connections, and start its
 * session. One whose options cannot be set is closed. Returns 1: go on, 0: nothing more now.
 */
static int accept_go_on(struct server *server)
{
	struct engine *engine = server->settings.engine;
	struct opened *opened = &server->accepted;
	struct failure ignored = { .domain = FAILURE_NONE };
	struct session_settings settings;
	struct client *client;
	int ret;

	ret = opening_set_options(engine->st, &opened->sock, server->settings.endpoint, SOCKOPT_CONNECTED,
				  addr_family(&opened->remote), &server->next_option, &ignored);
	if (ret == STEP_HELD)
		return 0;
	server->has_accepted = false;
	if (ret < 0) {
		step_close(engine->st, &opened->sock);
		return 1;
	}
	engine->sessions++;
	client = server_new_client(server, &settings);
	accept_client(server, client, &settings, opened);
	return server->is_listening;
}

/* Take one connection. Returns 1: go on, 0: nothing more now. */
static int accept_one(struct server *server, struct listening *at)
{
	struct engine *engine = server->settings.engine;
	struct opened *opened = &server->accepted;
	struct failure fail = { .domain = FAILURE_NONE };
	int ret;

	*opened = (struct opened){ .is_messages = server->settings.endpoint->kind->is_messages };
	sock_init(&opened->sock);
	opened->sock.session = engine->sessions + 1;
	opened->sock.task = &server->accept;
	ret = step_accept(engine->st, &at->sock, &opened->sock, &opened->remote);
	if (ret == -EAGAIN)
		server->has_said_full = false;
	if (ret == STEP_HELD || ret == -EAGAIN)
		return 0;
	if (is_lack(-ret)) {
		accept_lack(server, -ret);
		return 0;
	}
	if (ret < 0 && !is_of_client(-ret)) {
		failure_set(&fail, STEP_ACCEPT, -ret, &at->bound);
		server_finish(server, ENDED_ERROR, &fail, NULL);
		return 0;
	}
	if (ret < 0)
		return 1;
	server->has_accepted = true;
	server->next_option = 0;
	return accept_go_on(server);
}

void server_accept(struct task *task)
{
	struct server *server = CONTAINER_OF(task, struct server, accept);

	if (server->has_accepted && accept_go_on(server) == 0)
		return;
	for (size_t i = 0; i < server->socket_count && server->is_listening; i++)
		while (!server->has_accepted && server_has_room(server) && server->again.index == 0 &&
		       (server->sockets[i].sock.ready & READY_IN) != 0)
			if (accept_one(server, &server->sockets[i]) == 0)
				break;
}

void server_accept_again(struct timer *timer)
{
	struct server *server = CONTAINER_OF(timer, struct server, again);

	loop_post(server->settings.engine->loop, &server->accept);
}
