/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's datagram peers: see server_private.h. */
#include <stdlib.h>

#include "base/i18n.h"
#include "base/util.h"
#include "engine/server_private.h"

/* With -k peers have no end: without -m so many are served at a time. */
#define PEERS_MAX 1024

/* Another peer knocks while one is served: say so, once for each of the first few. */
static void say_knock(struct server *server, const struct addr *from)
{
	struct engine *engine = server->settings.engine;
	char knock[ADDR_TEXT_MAX], served[ADDR_TEXT_MAX];

	for (size_t i = 0; i < server->knock_count; i++)
		if (addr_equal(&server->knocks[i], from))
			return;
	if (server->knock_count < SERVER_KNOCKS_MAX) {
		server->knocks[server->knock_count++] = *from;
		engine_say(engine, _("a datagram from %s is dropped: %s is being served (-k serves all)"),
			   addr_format_words(from, knock, sizeof(knock)),
			   addr_format_words(&server->clients->session.names->remote, served, sizeof(served)));
	} else if (!server->has_said_more_knocks) {
		server->has_said_more_knocks = true;
		engine_say(engine, _("further peers whose datagrams are dropped are not named"));
	}
}

/* With -k there are as many peers as may be: say so once. */
static void say_full(struct server *server, const struct addr *from)
{
	char knock[ADDR_TEXT_MAX];

	if (server->has_said_full)
		return;
	server->has_said_full = true;
	engine_say(server->settings.engine,
		   server->settings.max_conns < PEERS_MAX ?
		   _("a datagram from %s is dropped: %llu peers are being served (--max-conns)") :
		   _("a datagram from %s is dropped: %llu peers are being served, and no more can be"),
		   addr_format_words(from, knock, sizeof(knock)), (unsigned long long)server->client_count);
}

/* A datagram from an address that has no session. */
static bool new_peer(void *ctx, const struct addr *from, size_t len)
{
	struct server_port *port = ctx;
	struct server *server = port->server;
	struct sock *sk = demux_sock(port->demux);
	uint64_t max = server->settings.max_conns < PEERS_MAX ? server->settings.max_conns : PEERS_MAX;
	struct session_settings settings = { .rules = &server->datagram_rules, .is_messages = true };
	struct client *client;

	(void)len;
	if (!admission_admits_peer(&server->admission, server->settings.engine->st, sk, from))
		return false;
	if (!server->settings.is_keep_open)
		max = 1;
	if (server->client_count >= max) {
		if (server->settings.is_keep_open)
			say_full(server, from);
		else if (server->clients != NULL)
			say_knock(server, from);
		return false;
	}
	server->settings.engine->sessions++;
	client = server_new_client(server, from, (enum protocol)sk->protocol, &settings);
	session_open_peer(&client->session, &settings, port->demux, from);
	server_add_client(server, client);
	/* Of several endpoints the first client of any takes all there is. */
	if (!server->settings.is_keep_open)
		server_stop_listening(server, port);
	return true;
}

/* Start on one of them. */
static int open_port(struct server *server, struct listening *at)
{
	struct server_port *port = &server->ports[server->port_count];
	const struct demux_settings settings = {
		.st = server->settings.engine->st,
		.loop = server->settings.engine->loop,
		.on_new = new_peer,
		.ctx = port,
	};
	int ret;

	*port = (struct server_port){ .server = server, .at = at };
	ret = demux_open(&settings, &at->sock, &port->demux);
	if (ret == 0)
		server->port_count++;
	return ret;
}

int server_open_ports(struct server *server)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < server->socket_count; i++) {
		if (!server->sockets[i].is_datagram)
			continue;
		if (server->ports == NULL)
			server->ports = xcalloc(server->socket_count, sizeof(*server->ports));
		ret = open_port(server, &server->sockets[i]);
	}
	return ret;
}

void server_stop_listening(struct server *server, const struct server_port *keep)
{
	acceptor_stop(&server->acceptor);
	for (size_t i = 0; i < server->port_count; i++) {
		if (&server->ports[i] == keep)
			continue;
		demux_close(server->ports[i].demux);
		server->ports[i].demux = NULL;
	}
	listener_stop_but(server->listener, keep == NULL ? NULL : keep->at);
}

void server_close_ports(struct server *server)
{
	for (size_t i = 0; i < server->port_count; i++)
		demux_close(server->ports[i].demux);
	free(server->ports);
	server->ports = NULL;
	server->port_count = 0;
}
