/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What server.c (its life), server_accept.c (connections) and server_datagram.c (datagram peers) share. */
#ifndef SOCKT_ENGINE_SERVER_PRIVATE_H
#define SOCKT_ENGINE_SERVER_PRIVATE_H

#include "engine/acceptor.h"
#include "engine/broker.h"
#include "engine/hold.h"
#include "engine/hub.h"
#include "engine/server.h"
#include "stream/http_server_layer.h"

/* Other peers whose knock is said, each once; further ones are not named. */
#define SERVER_KNOCKS_MAX 8

/* One bound datagram socket. */
struct server_port {
	struct server *server;
	struct demux *demux;
	const struct listening *at;
};

/* One client: its session, and with -k its place in the crowd. */
struct client {
	struct session session;
	struct hub_member member;
	struct http_server_layer *http; /* over it, or over standard output; NULL: none */
	struct place *place; /* among those who hear each other; NULL: it hears nobody */
	struct server *server;
	struct host *host; /* --max-per-host; NULL: nobody counts */
	struct client *next, **link; /* link: what points to it; NULL: nothing any more */
};

struct server {
	struct server_settings settings;
	struct run_result *result;
	struct listener *listener;
	struct listening *sockets;
	size_t socket_count;
	struct hub *hub;      /* -k */
	struct broker *broker; /* --broker, --chat */
	struct server_port *ports; /* sockets of datagrams */
	size_t port_count;
	struct ending_rules datagram_rules; /* of their sessions: the rules of all, of what has no end */
	struct acceptor acceptor;
	struct admission admission;
	struct hold hold;     /* --hold: instead of accepting */
	struct task reap;     /* frees closed sessions */
	struct timer no_client; /* --accept-timeout */
	uint64_t no_client_ns;  /* since when nobody is there, by the time of limits */
	struct timer quit;       /* with -k: nobody is there, and standard input has ended (-q) */
	uint64_t quiet_since_ns; /* since when that is so, by the time of limits */
	struct client *clients, *closed;
	uint64_t client_count;
	bool has_said_full; /* no more datagram peers: said once */
	struct addr knocks[SERVER_KNOCKS_MAX];
	size_t knock_count;
	bool has_said_more_knocks;
	bool is_leaving;    /* server_leave() */
};

/*
 * A client at that address, whose socket is of that protocol, that is not counted yet. rules and is_messages of
 * settings are given, the rest is filled.
 */
struct client *server_new_client(struct server *server, const struct addr *remote, enum protocol protocol,
				 struct session_settings *settings);
/* It is open: count it and let it take part. */
void server_add_client(struct server *server, struct client *client);
/* The run is over. */
void server_finish(struct server *server, enum ended_by ended, const struct failure *fail, const char *limit);
/* Make the timer of -q ready; the session of the last client has ended: is it time to leave, or soon? */
void server_init_quit(struct server *server);
void server_consider_quit(struct server *server, const struct session *last);
/* May another client be taken? */
bool server_has_room(void *ctx);
/* Make the acceptor ready; it takes nobody yet. */
void server_init_acceptor(struct server *server);
/* Start on the bound datagram sockets, if there are any. Returns 0 or -errno. */
int server_open_ports(struct server *server);
/* Without -k one client is there: nobody else is listened to. keep: where its datagrams come to; NULL: nowhere. */
void server_stop_listening(struct server *server, const struct server_port *keep);
/* Close them, when all sessions are gone. */
void server_close_ports(struct server *server);

#endif
