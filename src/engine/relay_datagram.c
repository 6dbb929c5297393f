/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay's clients that send datagrams: a session for each address. See relay_private.h. */
#include <netinet/in.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "base/util.h"
#include "engine/relay_private.h"
#include "stream/datagram_layer.h"

bool relay_is_datagram(const struct listening *sockets)
{
	return sockets[0].is_datagram;
}

/* There are as many sessions as may be: the datagram is dropped. Say so once until there was room. */
static void say_full(struct relay *relay, const struct addr *from)
{
	char words[ADDR_TEXT_MAX];

	relay->counts.dropped++;
	if (relay->has_said_dropped)
		return;
	relay->has_said_dropped = true;
	engine_say(relay->settings.engine,
		   _("a datagram from %s is dropped: no further session is taken while %llu are open"),
		   addr_format_words(from, words, sizeof(words)), (unsigned long long)relay->pair_count);
}

/* A datagram from an address that has no session. */
static bool new_peer(void *ctx, const struct addr *from, size_t len)
{
	struct relay_port *port = ctx;
	struct relay *relay = port->relay;
	struct host *host;
	struct pair *pair;
	int ret;

	(void)len;
	if (relay->is_draining)
		return false;
	if (!admission_admits_peer(&relay->admission, relay->settings.engine->st, demux_sock(port->demux), from)) {
		relay->counts.dropped++;
		return false;
	}
	if (!relay_has_room(relay)) {
		admission_forgo(&relay->admission);
		say_full(relay, from);
		return false;
	}
	relay->has_said_dropped = false;
	pair = pool_take(&relay->memory);
	relay->settings.engine->sessions++;
	host = admission_enter(&relay->admission, from);
	ret = pair_open_peer(pair, &relay->rules, relay->settings.engine->sessions, port->demux, from);
	if (host != NULL)
		pair_rare_make(pair)->host = host;
	relay_add(relay, pair, ret);
	return ret == 0;
}

/* Is the socket bound to every address of this host, so that an answer has to say which it comes from? */
static bool is_any(struct relay *relay, struct sock *sk)
{
	struct addr bound = { .len = 0 };

	return sk->protocol == PROTOCOL_UDP && step_local_addr(relay->settings.engine->st, sk, &bound) == 0 &&
	       addr_is_wildcard(&bound);
}

/* Ask for the address of ours that each datagram came to. Returns whether it will be told. */
static bool ask_local(struct relay *relay, struct sock *sk)
{
	struct stepper *st = relay->settings.engine->st;

	if (!is_any(relay, sk))
		return false;
	/* ipv6(7): on a dual-stack socket it tells of IPv4 too; a socket of IPv4 has no such option. */
	return step_tune(st, sk, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) == 0 ||
	       step_tune(st, sk, IPPROTO_IP, IP_PKTINFO, 1) == 0;
}

void relay_prepare_ports(struct relay *relay, struct listening *sockets, size_t count)
{
	relay->ports = xcalloc(count, sizeof(*relay->ports));
	for (size_t i = 0; i < count; i++) {
		relay->ports[i].relay = relay;
		relay->ports[i].wants_local = ask_local(relay, &sockets[i].sock);
		datagram_prepare(relay->settings.engine->st, &sockets[i].sock, relay->pool.is_many,
				 endpoint_has_option(sockets[i].endpoint, SOL_SOCKET, SO_RCVBUF),
				 endpoint_has_option(sockets[i].endpoint, SOL_SOCKET, SO_SNDBUF), true);
	}
}

int relay_open_ports(struct relay *relay, struct listening *sockets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct relay_port *port = &relay->ports[i];
		const struct demux_settings settings = {
			.st = relay->settings.engine->st,
			.loop = relay->settings.engine->loop,
			.is_many = relay->pool.is_many,
			.is_lossy = sockets[i].sock.protocol == PROTOCOL_UDP,
			.is_forgiving = true,
			.wants_local = port->wants_local,
			.on_new = new_peer,
			.ctx = port,
		};
		int ret = demux_open(&settings, &sockets[i].sock, &port->demux);

		if (ret < 0)
			return ret;
		relay->port_count++;
	}
	return 0;
}

void relay_close_ports(struct relay *relay)
{
	for (size_t i = 0; i < relay->port_count; i++)
		demux_close(relay->ports[i].demux);
	free(relay->ports);
	relay->ports = NULL;
	relay->port_count = 0;
	batch_pool_clear(&relay->pool);
}
