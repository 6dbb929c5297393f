/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's datagram peers: see server_private.h. */
#include <stdlib.h>

#include "base/i18n.h"
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
	struct server *server = ctx;
	uint64_t max = server->settings.max_conns < PEERS_MAX ? server->settings.max_conns : PEERS_MAX;
	struct session_settings settings;
	struct client *client;

	(void)len;
	if (!admission_admits_peer(&server->admission, server->settings.engine->st, demux_sock(server->demux), from))
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
	client = server_new_client(server, from, &settings);
	session_open_peer(&client->session, &settings, server->demux, from);
	server_add_client(server, client);
	return true;
}

int server_open_demux(struct server *server)
{
	struct engine *engine = server->settings.engine;

	const struct demux_settings settings = {
		.st = engine->st,
		.loop = engine->loop,
		.on_new = new_peer,
		.ctx = server,
	};

	return demux_open(&settings, &server->sockets[0].sock, &server->demux);
}
