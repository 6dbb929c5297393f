/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The run of `listen`: see server.h. */
#include "engine/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "engine/dressing.h"
#include "engine/server_private.h"
#include "engine/session_private.h"

void server_finish(struct server *server, enum ended_by ended, const struct failure *fail, const char *limit)
{
	run_result_set(server->result, ended, fail, limit);
	loop_stop(server->settings.engine->loop);
}

/* --accept-timeout counts while nobody is there. */
static void server_set_no_client(struct server *server)
{
	struct loop *loop = server->settings.engine->loop;

	if (server->settings.accept_timeout_ns == UINT64_MAX || server->client_count > 0) {
		loop_timer_clear(loop, &server->no_client);
		return;
	}
	server->no_client_ns = loop_limit_now_ns(loop);
	loop_timer_set_after(loop, &server->no_client, server->settings.accept_timeout_ns);
}

/* Nobody has come in time. */
static void server_no_client(struct timer *timer)
{
	struct server *server = CONTAINER_OF(timer, struct server, no_client);
	struct failure fail = {
		.domain = FAILURE_LIMIT,
		.code = ENDED_ACCEPT_TIMEOUT,
		.step = STEP_ACCEPT,
		.side = SIDE_SERVER,
		.protocol = server->settings.endpoint->kind->protocol,
		.limit_ns = server->settings.accept_timeout_ns,
	};
	char limit[32];

	if (loop_limit_is_early(server->settings.engine->loop, timer, server->no_client_ns, fail.limit_ns))
		return;
	if (server->socket_count > 0) {
		/* Of several it is about none. */
		fail.addr = server->socket_count == 1 ? server->sockets[0].bound : (struct addr){ .len = 0 };
	} else {
		/* Without a name to look up it listens from the first moment on. */
		fail.step = STEP_RESOLVE;
		endpoint_format_words(server->settings.endpoint, fail.target, sizeof(fail.target));
	}
	server_finish(server, ENDED_ACCEPT_TIMEOUT, &fail, parse_format_duration(fail.limit_ns, limit, sizeof(limit)));
}

/* Free the sessions that are closed: not from within their own calls. */
static void server_reap(struct task *task)
{
	struct server *server = CONTAINER_OF(task, struct server, reap);

	while (server->closed != NULL) {
		struct client *client = server->closed;

		server->closed = client->next;
		session_clear(&client->session);
		free(client->http);
		free(client);
	}
}

/* A session has ended. */
static void server_session_closed(void *ctx, struct session *session)
{
	struct server *server = ctx;
	struct client *client = CONTAINER_OF(session, struct client, session);
	struct loop *loop = server->settings.engine->loop;

	*client->link = client->next;
	if (client->next != NULL)
		client->next->link = client->link;
	client->link = NULL;
	client->next = server->closed;
	server->closed = client;
	server->client_count--;
	admission_leave(&server->admission, client->host);
	loop_post(loop, &server->reap);
	if (client->http != NULL)
		http_server_layer_clear(client->http, server->settings.engine->st);
	broker_leave(client->place);
	client->place = NULL;
	if (server->settings.attendant != NULL)
		server->settings.attendant->closed(server->settings.attendant->ctx, session);
	if (!server->settings.is_keep_open) {
		run_result_of_session(server->result, session);
		loop_stop(loop);
		return;
	}
	server->result->has_lost = server->result->has_lost || session->has_lost;
	if (server->hub != NULL)
		layer_close(&client->member.layer, server->settings.engine->st);
	/* Our own output failed: that is nobody's session, but the end of all. */
	if (session->ended_by == ENDED_OUTPUT_CLOSED)
		server_finish(server, ENDED_OUTPUT_CLOSED, session->fail, NULL);
	if (server->is_leaving) {
		if (server->clients == NULL)
			server_finish(server, ENDED_USER, NULL, NULL);
		return;
	}
	acceptor_resume(&server->acceptor);
	server_set_no_client(server);
	server_consider_quit(server, session);
}

static void server_say(void *ctx, uint32_t session, const char *sentence)
{
	struct server *server = ctx;

	engine_say_of(server->settings.engine, session, "%s", sentence);
}

/* An answer is cut off: of many clients that is said, of one it is how the run ends. */
static void server_answer_failed(void *ctx, uint32_t session, int error, const char *sentence)
{
	struct server *server = ctx;
	struct failure *fail;

	if (server->settings.is_keep_open || server->clients == NULL) {
		server_say(server, session, sentence);
		return;
	}
	fail = session_failure(&server->clients->session);
	if (fail->domain != FAILURE_NONE)
		return;
	fail->domain = FAILURE_FILE;
	fail->code = error;
	snprintf(fail->text, sizeof(fail->text), "%s", sentence);
}

/* A client that speaks HTTP says nothing any more. */
static bool server_session_idle(void *ctx, struct session *session)
{
	struct server *server = ctx;
	struct client *client = CONTAINER_OF(session, struct client, session);

	return http_server_layer_expire(client->http, server->settings.engine->st);
}

/* Requests are answered between the client and our end. */
static void server_add_http(struct server *server, struct client *client, enum protocol protocol,
			    struct session_settings *settings)
{
	struct http_server_layer *http = xmalloc(sizeof(*http));

	http_server_layer_init(http, settings->local.top, server->settings.http);
	http->connection = (struct http_connection){ settings->number, SIDE_SERVER, protocol };
	http->loop = server->settings.engine->loop;
	http->task = &client->session.task;
	http->say = server_say;
	http->failed = server_answer_failed;
	http->ctx = server;
	client->http = http;
	settings->idle = server_session_idle;
	settings->local.top = &http->layer;
	settings->exchanges = &http->exchanges;
}

struct client *server_new_client(struct server *server, const struct addr *remote, enum protocol protocol,
				 struct session_settings *settings)
{
	struct client *client = xcalloc(1, sizeof(*client));
	bool is_messages = settings->is_messages;

	client->server = server;
	client->host = admission_enter(&server->admission, remote);
	*settings = (struct session_settings){
		.engine = server->settings.engine,
		.rules = settings->rules,
		.is_messages = is_messages,
		.number = server->settings.engine->sessions,
		.local = server->settings.end->stream,
		.closed = server_session_closed,
		.ctx = server,
	};
	if (server->settings.attendant != NULL)
		settings->local = attendant_join(server->settings.attendant, settings->number, is_messages);
	if (server->hub != NULL) {
		hub_join(server->hub, &client->member, settings->number, &client->session.task);
		settings->local.top = &client->member.layer;
	}
	if (server->settings.http != NULL)
		server_add_http(server, client, protocol, settings);
	if (server->broker != NULL) {
		client->place = broker_join(server->broker, settings->number, &client->session.task,
					    settings->local.top, client);
		settings->local.top = broker_layer(client->place);
		settings->local.is_messages = broker_is_of_messages(server->broker);
	}
	return client;
}

void server_add_client(struct server *server, struct client *client)
{
	struct failure fail = { .domain = FAILURE_NONE };
	int ret = 0;

	client->next = server->clients;
	client->link = &server->clients;
	if (client->next != NULL)
		client->next->link = &client->next;
	server->clients = client;
	server->client_count++;
	server_set_no_client(server);
	loop_timer_clear(server->settings.engine->loop, &server->quit);
	if (server->settings.attendant != NULL)
		server->settings.attendant->opened(server->settings.attendant->ctx, &client->session);
	else if (server->hub == NULL)
		ret = console_end_watch(server->settings.end, &client->session);
	if (ret < 0) {
		failure_set(&fail, STEP_EPOLL_WAIT, -ret, NULL);
		server_finish(server, ENDED_ERROR, &fail, NULL);
	}
}

/* A client that is too slow: it is reset, since what it misses would be taken for an end. */
static void drop_client(struct client *client)
{
	struct session *session = &client->session;

	engine_say_of(session->engine, session->number,
		      _("client %u is dropped: it does not keep up, and 1 MiB waits for it (--slow)"),
		      session->number);
	if (session->sock->protocol == PROTOCOL_TCP && !session->is_peer)
		step_make_abrupt(session->engine->st, session->sock);
	session->has_lost = true;
	session_abandon(session, ENDED_KICKED, NULL);
}

/* The hub has one. */
static void server_drop(void *ctx, struct hub_member *member)
{
	(void)ctx;
	drop_client(CONTAINER_OF(member, struct client, member));
}

/* The broker has one. */
static void server_drop_place(void *owner)
{
	drop_client(owner);
}

/* The hub could not read standard input. */
static void server_input_failed(void *ctx, int error)
{
	struct server *server = ctx;
	struct failure fail = { .domain = FAILURE_NONE };

	failure_set(&fail, STEP_READ, error, NULL);
	fail.protocol = server->settings.endpoint->kind->protocol;
	server_finish(server, ENDED_ERROR, &fail, NULL);
}

/* Do any of the clients send messages? */
static bool server_has_messages(const struct server *server)
{
	for (size_t i = 0; i < server->socket_count; i++)
		if (server->sockets[i].is_messages)
			return true;
	return false;
}

/* Start the hub, where there is to be a crowd. */
static int server_open_hub(struct server *server)
{
	struct stdio_layer *io = server->settings.end->io;
	const struct hub_settings settings = {
		.engine = server->settings.engine,
		.io = server->settings.end->stream,
		.in = &io->in,
		.out = &io->out,
		.is_messages = server_has_messages(server),
		.is_deaf = server->settings.rules->is_recv_only || dressing_is_deaf(server->settings.engine->dressing),
		.is_tag = server->settings.is_tag,
		.is_line = server->settings.is_line,
		.is_dropping = server->settings.is_dropping,
		.drop = server_drop,
		.failed = server_input_failed,
		.ctx = server,
	};

	if (server->settings.attendant != NULL)
		return 0;
	return server->settings.is_keep_open ? hub_open(&settings, &server->hub) : 0;
}

/* Let clients hear each other, where they are to. */
static void server_open_broker(struct server *server)
{
	const struct broker_settings settings = {
		.engine = server->settings.engine,
		.is_messages = server_has_messages(server),
		.is_chat = server->settings.is_chat,
		.is_dropping = server->settings.is_dropping,
		.has_own_ends = server->settings.attendant != NULL,
		.drop = server_drop_place,
	};

	if (server->settings.is_broker || server->settings.is_chat)
		server->broker = broker_open(&settings);
}

/* Let the listening sockets wake the accepting. */
static int server_watch_sockets(struct server *server)
{
	int ret;

	if (server->settings.is_holding)
		return hold_start(&server->hold, server->settings.engine, server->sockets, server->socket_count);
	ret = server_open_ports(server);
	return ret < 0 ? ret : acceptor_start(&server->acceptor, server->sockets, server->socket_count);
}

/* The listener has come to an end of its opening. */
static void server_listens(void *ctx, const struct failure *fail)
{
	struct server *server = ctx;
	struct failure own = { .domain = FAILURE_NONE };
	int ret;

	if (fail != NULL) {
		server_finish(server, ENDED_ERROR, fail, NULL);
		return;
	}
	server->sockets = listener_sockets(server->listener, &server->socket_count);
	if (!server->settings.ready(server->settings.ctx, server->sockets, server->socket_count))
		return;
	ret = server_open_hub(server);
	server_open_broker(server);
	if (ret == 0)
		ret = server_watch_sockets(server);
	if (ret < 0) {
		failure_set(&own, STEP_EPOLL_WAIT, -ret, NULL);
		server_finish(server, ENDED_ERROR, &own, NULL);
		return;
	}
}

struct server *server_start(const struct server_settings *settings, struct run_result *result)
{
	struct server *server = xcalloc(1, sizeof(*server));
	const struct listener_settings listener = {
		.endpoint = settings->endpoint,
		.more = settings->more,
		.more_count = settings->more_count,
		.backlog = settings->backlog,
		.is_reuseaddr = settings->is_reuseaddr,
		.wants_names = settings->wants_names,
	};

	server->settings = *settings;
	server->result = result;
	server->datagram_rules = *settings->rules;
	server->datagram_rules.is_datagram = true;
	admission_init(&server->admission, settings->access, settings->max_per_host, NULL,
		       settings->engine->st->env);
	server_init_acceptor(server);
	server->reap.run = server_reap;
	server->no_client.fire = server_no_client;
	server_init_quit(server);
	/* Nobody comes either while the name of our own address is looked up. */
	server_set_no_client(server);
	server->listener = listener_start(settings->engine->st, settings->engine->loop, &listener, server_listens,
					  server);
	return server;
}

/* Close every session, the ending being that of the run. */
static void server_close_all(struct server *server, enum ended_by ended, const char *limit)
{
	while (server->clients != NULL)
		session_abandon(&server->clients->session, ended, limit);
}

void server_abandon(struct server *server, enum ended_by ended, const char *limit)
{
	run_result_set(server->result, ended, NULL, limit);
	server_close_all(server, ended, limit);
	loop_stop(server->settings.engine->loop);
}

bool server_leave(struct server *server)
{
	struct client *client = server->clients;

	server->is_leaving = true;
	acceptor_stop(&server->acceptor);
	for (; client != NULL; client = client->next)
		session_quit(&client->session);
	return server->clients != NULL;
}

void server_wake(struct server *server)
{
	server->settings.end->io->in.ready |= READY_IN;
	if (server->hub != NULL)
		hub_wake(server->hub);
	else if (server->clients != NULL)
		session_wake(&server->clients->session);
}

void server_free(struct server *server)
{
	struct loop *loop;

	if (server == NULL)
		return;
	loop = server->settings.engine->loop;
	server_close_all(server, server->result->ended, server->result->limit);
	loop_unpost(loop, &server->reap);
	acceptor_stop(&server->acceptor);
	hold_stop(&server->hold);
	server_reap(&server->reap);
	loop_timer_clear(loop, &server->no_client);
	loop_timer_clear(loop, &server->quit);
	server_close_ports(server);
	hub_close(server->hub);
	broker_close(server->broker);
	listener_free(server->listener);
	admission_clear(&server->admission);
	free(server);
}
