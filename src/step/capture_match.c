/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose a packet is: see capture_private.h. */
#include "step/capture_private.h"

#include <netinet/tcp.h>

#include "step/route.h"

/* The connection of a packet between these ends. */
static struct packet_conn *find(struct capture *capture, const struct packet_seen *seen, uint8_t protocol,
				const struct addr *local, const struct addr *remote)
{
	struct packet_key key;

	if (!packet_key_make(&key, protocol, local, remote))
		return NULL;
	return packet_table_find(capture->table, &key, capture_time(capture, seen));
}

/* The same for a packet that is no ICMP error, with is_out set. One that begins a new connection is nobody's. */
static struct packet_conn *find_current(struct capture *capture, const struct packet_seen *seen,
					const struct packet *packet, const struct addr *local,
					const struct addr *remote)
{
	struct packet_conn *conn = find(capture, seen, packet->protocol, local, remote);

	if (conn == NULL || !packet_conn_is_over(conn) || !packet_conn_is_renewed(conn, packet))
		return conn;
	/* Somebody else's, or that of a client: its ends have been free since ours was closed, or reset. */
	packet_table_forget(capture->table, conn);
	return NULL;
}

/* Is it an address of this host, or of a group? A router sees packets that are for others. */
static bool is_own_host(struct capture *capture, const struct addr *addr)
{
	struct addr host = *addr;
	struct route route;

	addr_set_port(&host, 0);
	for (size_t i = 0; i < CAPTURE_HOSTS_MAX; i++) {
		if (capture->hosts[i].addr.len > 0 && addr_equal(&capture->hosts[i].addr, &host))
			return capture->hosts[i].is_own;
	}
	capture->hosts[capture->next_host].addr = host;
	capture->hosts[capture->next_host].is_own = route_find(capture->st, &host, &route) < 0 || route.is_local ||
						    route.is_broadcast;
	capture->next_host = (capture->next_host + 1) % CAPTURE_HOSTS_MAX;
	return is_own_host(capture, addr);
}

/* A packet of somebody who is not known comes to where we wait: it is the first of a connection, or a datagram. */
static struct packet_conn *meet(struct capture *capture, const struct packet_seen *seen,
				const struct packet_headers *headers)
{
	const struct packet *packet = &headers->packet;
	const struct addr *bound = packet_table_listener(capture->table, packet->protocol, &headers->destination);
	struct packet_key key;

	if (bound == NULL || !packet_key_make(&key, packet->protocol, &headers->destination, &headers->source))
		return NULL;
	if (packet->protocol == IPPROTO_TCP && (packet->flags & (TH_SYN | TH_ACK)) != TH_SYN)
		return NULL;
	if (seen->interface != PACKET_FILTER_LOOPBACK && addr_is_wildcard(bound) &&
	    !is_own_host(capture, &headers->destination))
		return NULL;
	return packet_table_meet(capture->table, &key, bound);
}

/* An ICMP error answers what it quotes: a packet of ours, or one that came to us. */
static struct packet_conn *match_icmp(struct capture *capture, const struct packet_seen *seen,
				      struct packet_headers *headers)
{
	const struct addr *source = &headers->quoted_source, *destination = &headers->quoted_destination;
	struct packet_conn *conn = NULL;

	headers->packet.icmp_sender = &headers->source;
	if (!seen->is_leaving || seen->interface == PACKET_FILTER_LOOPBACK)
		conn = find(capture, seen, headers->quoted_protocol, source, destination);
	if (conn != NULL || !seen->is_leaving)
		return conn;
	headers->packet.is_out = true;
	return find(capture, seen, headers->quoted_protocol, destination, source);
}

struct packet_conn *capture_match(struct capture *capture, const struct packet_seen *seen,
				  struct packet_headers *headers)
{
	struct packet *packet = &headers->packet;
	struct packet_conn *conn = NULL;

	if (packet_parse(seen->bytes, seen->captured, seen->original, headers) < 0)
		return NULL;
	packet->real_ns = seen->real_ns;
	if (packet_is_icmp(packet))
		return match_icmp(capture, seen, headers);
	if (seen->is_leaving) {
		packet->is_out = true;
		conn = find_current(capture, seen, packet, &headers->source, &headers->destination);
		if (conn != NULL || seen->interface != PACKET_FILTER_LOOPBACK)
			return conn;
	}
	packet->is_out = false;
	conn = find_current(capture, seen, packet, &headers->destination, &headers->source);
	return conn != NULL ? conn : meet(capture, seen, headers);
}
