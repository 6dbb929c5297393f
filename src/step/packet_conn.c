/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is remembered of one connection to read its packets: see packet_table.h. */
#include "step/packet_table.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "base/hash.h"
#include "base/util.h"

/* The bytes of a packet in which two that follow each other differ. */
#define COPY_BYTES 64
#define IPV4_TTL 8
#define IPV4_CHECKSUM 10
#define IPV6_HOPS 7

/* Put one end into an address. */
static void put_addr(const struct packet_conn *conn, const uint8_t *ip, uint16_t port, struct addr *addr)
{
	const struct packet_key *key = &conn->key;

	*addr = (struct addr){ .len = 0 };
	if (key->family == AF_INET && !conn->is_mapped) {
		addr->len = sizeof(addr->in);
		addr->in.sin_family = AF_INET;
		memcpy(&addr->in.sin_addr, ip, sizeof(addr->in.sin_addr));
	} else {
		addr->len = sizeof(addr->in6);
		addr->in6.sin6_family = AF_INET6;
		if (key->family == AF_INET) {
			memset(addr->in6.sin6_addr.s6_addr + 10, 0xff, 2);
			memcpy(addr->in6.sin6_addr.s6_addr + 12, ip, 4);
		} else {
			memcpy(&addr->in6.sin6_addr, ip, sizeof(addr->in6.sin6_addr));
			addr->in6.sin6_scope_id = IN6_IS_ADDR_LINKLOCAL(&addr->in6.sin6_addr) ? conn->zone : 0;
		}
	}
	addr_set_port(addr, port);
}

void packet_conn_addrs(const struct packet_conn *conn, struct addr *local, struct addr *remote)
{
	put_addr(conn, conn->key.local, conn->key.local_port, local);
	put_addr(conn, conn->key.remote, conn->key.remote_port, remote);
}

/* A number of the packet that its copy on another interface has too: without what routers change. */
static uint32_t hash_of(const struct packet *packet)
{
	size_t len = packet->captured < COPY_BYTES ? packet->captured : COPY_BYTES;
	uint32_t hash = hash_begin((uint32_t)packet->original);
	bool is_v4 = packet->family == AF_INET;

	for (size_t i = 0; i < len; i++) {
		bool is_changed = is_v4 ? i == IPV4_TTL || i == IPV4_CHECKSUM || i == IPV4_CHECKSUM + 1 :
					  i == IPV6_HOPS;

		if (!is_changed)
			hash = hash_add(hash, packet->bytes[i]);
	}
	return hash;
}

bool packet_conn_is_copy(struct packet_conn *conn, const struct packet *packet, int interface)
{
	uint32_t hash = hash_of(packet);

	for (size_t i = 0; i < PACKET_COPIES; i++) {
		if (conn->copies[i].interface != 0 && conn->copies[i].interface != interface &&
		    conn->copies[i].hash == hash)
			return true;
	}
	conn->copies[conn->next_copy].hash = hash;
	conn->copies[conn->next_copy].interface = interface;
	conn->next_copy = (conn->next_copy + 1) % PACKET_COPIES;
	return false;
}

bool packet_conn_is_renewed(const struct packet_conn *conn, const struct packet *packet)
{
	const struct packet_flow *flow = packet->is_out ? &conn->out : &conn->in;

	if (packet->protocol != IPPROTO_TCP || (packet->flags & (TH_SYN | TH_ACK)) != TH_SYN)
		return false;
	/* Where its own was not seen, one that comes when it is over cannot be its own. */
	return flow->has_syn ? flow->base != packet->seq : packet_conn_is_over(conn);
}

bool packet_conn_is_over(const struct packet_conn *conn)
{
	return conn->is_known && (conn->is_closed || conn->was_reset);
}

/* Learn from a SYN: where numbers begin, how windows are to be read. */
static void take_syn(struct packet_conn *conn, struct packet_flow *own, const struct packet *packet)
{
	/* The first of a new connection between the same ends. */
	if (packet_conn_is_renewed(conn, packet)) {
		conn->in = (struct packet_flow){ .wscale = -1 };
		conn->out = (struct packet_flow){ .wscale = -1 };
		conn->was_reset = false;
	}
	own->has_base = true;
	own->has_syn = true;
	own->base = packet->seq;
	own->wscale = packet->wscale;
}

/* Is a at or behind b? Numbers go round. */
static bool is_reached(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) >= 0;
}

/* What ends the connection, and what acknowledges that. */
static void take_end(struct packet_conn *conn, struct packet_flow *own, struct packet_flow *other,
		     const struct packet *packet)
{
	if ((packet->flags & TH_RST) != 0)
		conn->was_reset = true;
	if ((packet->flags & TH_FIN) != 0) {
		own->has_fin = true;
		own->fin_end = packet->seq + packet->length + 1;
	}
	if ((packet->flags & TH_ACK) != 0 && other->has_fin && is_reached(packet->ack, other->fin_end))
		other->is_fin_acked = true;
}

/* Forget the part of the gaps that from to end fills. Returns whether any of it was open. */
static bool fill_gaps(struct packet_flow *flow, uint32_t from, uint32_t end)
{
	unsigned kept = 0, count = flow->gap_count;
	bool is_new = false, has_two = false;

	for (unsigned i = 0; i < count; i++) {
		uint32_t first = flow->gaps[i].from, last = flow->gaps[i].to;
		bool is_hit = !is_reached(from, last) && !is_reached(first, end);

		is_new = is_new || is_hit;
		if (!is_hit) {
			flow->gaps[kept].from = first;
			flow->gaps[kept++].to = last;
			continue;
		}
		/* What is left of it before and behind stays open: two are one more than there may be room for. */
		has_two = has_two || (!is_reached(first, from) && !is_reached(end, last));
		if (!is_reached(end, last)) {
			flow->gaps[kept].from = end;
			flow->gaps[kept++].to = last;
		} else if (!is_reached(first, from)) {
			flow->gaps[kept].from = first;
			flow->gaps[kept++].to = from;
		}
	}
	flow->gap_count = (uint8_t)(has_two ? PACKET_GAPS + 1 : kept);
	return is_new;
}

/* Has each number of the segment been seen before? Remembers which have. A segment without any is never sent again. */
static bool is_seen_again(struct packet_flow *flow, const struct packet *packet)
{
	uint32_t end = packet->seq + packet->length + ((packet->flags & TH_SYN) != 0) + ((packet->flags & TH_FIN) != 0);
	bool is_known = flow->gap_count <= PACKET_GAPS;

	if (end == packet->seq)
		return false;
	if (!flow->has_next) {
		flow->has_next = true;
		flow->next = end;
		return false;
	}
	if (!is_reached(flow->next, end)) {
		if (is_known && !is_reached(flow->next, packet->seq) && flow->gap_count++ < PACKET_GAPS) {
			flow->gaps[flow->gap_count - 1].from = flow->next;
			flow->gaps[flow->gap_count - 1].to = packet->seq;
		}
		flow->next = end;
		return false;
	}
	return is_known && !fill_gaps(flow, packet->seq, end);
}

void packet_conn_reflect(struct packet_conn *conn, const struct packet *packet)
{
	struct packet seen = *packet;

	if (conn->mirror == NULL || packet->protocol != IPPROTO_TCP)
		return;
	seen.is_out = !packet->is_out;
	packet_conn_number(conn->mirror, &seen);
}

void packet_conn_number(struct packet_conn *conn, struct packet *packet)
{
	struct packet_flow *own = packet->is_out ? &conn->out : &conn->in;
	struct packet_flow *other = packet->is_out ? &conn->in : &conn->out;

	if (packet->protocol != IPPROTO_TCP)
		return;
	if ((packet->flags & TH_SYN) != 0)
		take_syn(conn, own, packet);
	if (!own->has_base) {
		own->has_base = true;
		own->base = packet->seq;
	}
	packet->is_again = is_seen_again(own, packet);
	/* What is acknowledged has been there, seen or not. */
	if ((packet->flags & TH_ACK) != 0 && other->has_next && is_reached(packet->ack, other->next))
		other->gap_count = 0;
	take_end(conn, own, other, packet);
	/* RFC 7323 section 2.2: only where both have said it, and never in a SYN itself. */
	if ((packet->flags & TH_SYN) == 0 && own->wscale >= 0 && other->wscale >= 0)
		packet->window <<= own->wscale;
	packet->seq -= own->base;
	if ((packet->flags & TH_ACK) == 0)
		return;
	/* What it acknowledges was not seen: numbers of the other side count from there. */
	if (!other->has_base) {
		other->has_base = true;
		other->base = packet->ack;
	}
	packet->ack -= other->base;
}
