/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making packets of a connection: addresses, numbers, segments. See connections_private.h. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "trace/connections_private.h"
#include "trace/packet_make.h"

/* The windows of made-up segments: as wide as they can be, so that no reader finds them closed. */
#define WINDOW 65535
#define WINDOW_SHIFT 14

/* Addresses of Unix sockets: 192.0.2.1 and .2, and ports for which no protocol is known. */
#define MADE_CLIENT 0xC0000201
#define MADE_SERVER 0xC0000202
#define MADE_PORT 61000
#define MADE_PORTS 4500

bool connection_is_stream(const struct connection *cn)
{
	return cn->protocol == PROTOCOL_TCP || cn->protocol == PROTOCOL_UNIX || cn->protocol == PROTOCOL_UNIX_SEQPACKET;
}

static bool is_ip(const struct addr *addr)
{
	int family = addr_family(addr);

	return family == AF_INET || family == AF_INET6;
}

/* An IPv4 address that stands in an IPv6 one, as it is on the wire. */
static void unmap(struct addr *addr)
{
	struct addr v4;

	if (!addr_is_v4mapped(addr))
		return;
	addr_set_any(&v4, AF_INET, addr_port(addr));
	memcpy(&v4.in.sin_addr, addr->in6.sin6_addr.s6_addr + 12, sizeof(v4.in.sin_addr));
	*addr = v4;
}

/* The address of one end of a socket that has none of IP. name: of a Unix socket; of no length: it has none. */
static void make_up(const struct connection *cn, bool is_client, const struct addr *name, struct addr *addr)
{
	uint32_t number = cn->ordinal;

	/* The same name is the same port. A client without one has another port each time. */
	if (name->len > offsetof(struct sockaddr, sa_data))
		number = addr_hash(name, 0);
	addr_set_any(addr, AF_INET, (uint16_t)(MADE_PORT + number % MADE_PORTS));
	addr->in.sin_addr.s_addr = htonl(is_client ? MADE_CLIENT : MADE_SERVER);
}

/* Our address where it is not known, or is that of every interface: towards this host it is the peer's. */
static void guess_local(struct addr *local, const struct addr *remote)
{
	uint16_t port = is_ip(local) ? addr_port(local) : 0;

	if (addr_family(local) == addr_family(remote) && !addr_is_wildcard(local))
		return;
	if (addr_is_loopback(remote))
		*local = *remote;
	else
		addr_set_any(local, addr_family(remote), port);
	addr_set_port(local, port);
}

/* Both ends, as addresses of one family of IP. Returns whether they had to be made up. */
static bool settle(const struct connection *cn, struct addr *local, struct addr *remote)
{
	unmap(local);
	unmap(remote);
	if (is_ip(remote)) {
		guess_local(local, remote);
		return false;
	}
	if (is_ip(local)) {
		*remote = *local;
		addr_set_any(remote, addr_family(local), 0);
		return false;
	}
	make_up(cn, cn->is_client, local, local);
	make_up(cn, !cn->is_client, remote, remote);
	return true;
}

/* Hand on one packet; of TCP its number, flags and length are filled in. */
static void emit(const struct making *making, bool is_out, struct connections_packet *made, struct addr *local,
		 struct addr *remote)
{
	struct connections *all = making->all;
	bool is_made_up = settle(making->cn, local, remote);
	char comment[COMMENT_MAX + 128];

	if (all->has_packets && !is_made_up)
		return;
	made->packet.is_out = is_out;
	made->packet.family = (uint8_t)addr_family(local);
	made->from = is_out ? local : remote;
	made->to = is_out ? remote : local;
	made->t_ns = making->t_ns;
	made->comment = making->comment;
	if (is_made_up && !making->cn->is_told) {
		snprintf(comment, sizeof(comment), "%s; a socket of kind %s, carried as %s between made-up addresses",
			 making->comment, protocol_name(making->cn->protocol),
			 made->packet.protocol == IPPROTO_TCP ? "TCP" : "UDP");
		made->comment = comment;
		making->cn->is_told = true;
	}
	connections_hold(making, made);
}

/* One segment, with have of len bytes; numbers go on. */
static void put_segment(const struct making *making, bool is_out, uint8_t flags, const void *data, size_t have,
			size_t len)
{
	struct connection *cn = making->cn;
	struct connection_half *own = is_out ? &cn->out : &cn->in;
	const struct connection_half *other = is_out ? &cn->in : &cn->out;
	struct addr local = cn->local, remote = cn->remote;
	struct connections_packet made = {
		.packet = {
			.protocol = IPPROTO_TCP,
			.flags = flags,
			.seq = own->seq,
			.ack = (flags & TH_ACK) != 0 ? other->seq : 0,
			.window = WINDOW,
			.length = (uint32_t)len,
			.mss = PACKET_TCP_MAX,
			.wscale = WINDOW_SHIFT,
		},
		.data = data,
		.data_len = have,
	};

	/* Modulo 2^32, as the numbers of TCP are. */
	own->seq += (uint32_t)len + ((flags & (TH_SYN | TH_FIN)) != 0);
	if ((flags & TH_FIN) != 0)
		own->has_ended = true;
	emit(making, is_out, &made, &local, &remote);
}

void make_segment(const struct making *making, bool is_out, uint8_t flags)
{
	put_segment(making, is_out, flags, NULL, 0, 0);
}

void make_stream(struct making *making, bool is_out, const void *data, size_t have, size_t len)
{
	const uint8_t *at = data;

	for (size_t done = 0; done < len;) {
		size_t piece = len - done < PACKET_TCP_MAX ? len - done : PACKET_TCP_MAX;
		size_t there = have <= done ? 0 : have - done < piece ? have - done : piece;
		bool is_last = done + piece == len;

		making->flow_end += piece;
		put_segment(making, is_out, is_last ? TH_ACK | TH_PUSH : TH_ACK, there > 0 ? at + done : NULL, there,
			    piece);
		done += piece;
	}
	making->flow = 0;
	if (!making->is_unanswered)
		make_segment(making, !is_out, TH_ACK);
}

void make_datagram(const struct making *making, bool is_out, const struct addr *local, const struct addr *remote,
		   const void *data, size_t have, size_t len)
{
	const struct addr *peer = remote != NULL ? remote : &making->cn->remote;
	size_t max = addr_family(peer) == AF_INET6 && !addr_is_v4mapped(peer) ? PACKET_UDP6_MAX : PACKET_UDP_MAX;
	const uint8_t *at = data;
	size_t done = 0;

	/* Also an empty one is one. */
	do {
		size_t piece = len - done < max ? len - done : max;
		size_t there = have <= done ? 0 : have - done < piece ? have - done : piece;
		struct addr ours = local != NULL ? *local : making->cn->local;
		struct addr theirs = *peer;
		struct connections_packet made = {
			.packet = { .protocol = IPPROTO_UDP, .length = (uint32_t)piece },
			.data = there > 0 ? at + done : NULL,
			.data_len = there,
		};

		emit(making, is_out, &made, &ours, &theirs);
		done += piece;
	} while (done < len);
}
