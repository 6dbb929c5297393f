/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The headers of a packet: see packet_parse.h. RFC 791, 792, 768, 4443, 8200, 9293. */
#include "trace/packet_parse.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>

#include "base/util.h"

#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define TCP_HEADER 20
#define UDP_HEADER 8
#define ICMP_HEADER 8
#define PORTS 4 /* bytes of both ports, with which TCP and UDP begin */

/* Extension headers of IPv6 that may stand before the protocol. */
#define EXTENSION_HOP 0
#define EXTENSION_ROUTING 43
#define EXTENSION_FRAGMENT 44
#define EXTENSION_AUTHENTICATION 51
#define EXTENSION_DESTINATION 60
#define EXTENSION_MIN 8

/* What the IP header says. */
struct ip {
	uint8_t family, protocol;
	bool is_fragment;  /* others follow */
	size_t header;     /* bytes before the protocol's header */
	size_t total;      /* bytes of the packet */
	struct addr source, destination;
};

static uint16_t be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t be32(const uint8_t *at)
{
	return (uint32_t)be16(at) << 16 | be16(at + 2);
}

/* Make an address of the bytes in a header, without a port. */
static void put_addr(struct addr *addr, uint8_t family, const uint8_t *at)
{
	*addr = (struct addr){ .len = family == AF_INET ? sizeof(addr->in) : sizeof(addr->in6) };
	addr->sa.sa_family = family;
	if (family == AF_INET)
		memcpy(&addr->in.sin_addr, at, sizeof(addr->in.sin_addr));
	else
		memcpy(&addr->in6.sin6_addr, at, sizeof(addr->in6.sin6_addr));
}

/* The length in a header, where it says one that can be true: offload makes packets whose header has no room for it. */
static size_t total_of(size_t said, size_t original)
{
	return said == 0 || said > original ? original : said;
}

static int read_ipv4(const uint8_t *bytes, size_t captured, size_t original, struct ip *ip)
{
	uint16_t fragment;

	if (captured < IPV4_HEADER)
		return -EBADMSG;
	ip->header = (size_t)(bytes[0] & 0x0f) * 4;
	ip->total = total_of(be16(bytes + 2), original);
	if (ip->header < IPV4_HEADER || ip->header > captured || ip->total < ip->header)
		return -EBADMSG;
	fragment = be16(bytes + 6);
	if ((fragment & 0x1fff) != 0)
		return -EPROTONOSUPPORT;
	ip->is_fragment = (fragment & 0x2000) != 0;
	ip->protocol = bytes[9];
	put_addr(&ip->source, AF_INET, bytes + 12);
	put_addr(&ip->destination, AF_INET, bytes + 16);
	return 0;
}

/* How long the extension header at at is; 0: that is none. */
static size_t extension_len(uint8_t kind, const uint8_t *at)
{
	switch (kind) {
	case EXTENSION_HOP:
	case EXTENSION_ROUTING:
	case EXTENSION_DESTINATION:
		return ((size_t)at[1] + 1) * 8;
	case EXTENSION_FRAGMENT:
		return EXTENSION_MIN;
	case EXTENSION_AUTHENTICATION:
		return ((size_t)at[1] + 2) * 4;
	default:
		return 0;
	}
}

static int read_ipv6(const uint8_t *bytes, size_t captured, size_t original, struct ip *ip)
{
	size_t len;

	if (captured < IPV6_HEADER)
		return -EBADMSG;
	/* A jumbogram has 0 there. */
	len = be16(bytes + 4);
	ip->total = total_of(len == 0 ? 0 : len + IPV6_HEADER, original);
	ip->header = IPV6_HEADER;
	ip->protocol = bytes[6];
	put_addr(&ip->source, AF_INET6, bytes + 8);
	put_addr(&ip->destination, AF_INET6, bytes + 24);
	while (captured - ip->header >= EXTENSION_MIN) {
		const uint8_t *at = bytes + ip->header;

		len = extension_len(ip->protocol, at);
		if (len == 0)
			break;
		if (len > captured - ip->header || ip->header + len > ip->total)
			return -EBADMSG;
		if (ip->protocol == EXTENSION_FRAGMENT) {
			if ((be16(at + 2) & 0xfff8) != 0)
				return -EPROTONOSUPPORT;
			ip->is_fragment = (at[3] & 1) != 0;
		}
		ip->protocol = at[0];
		ip->header += len;
	}
	return ip->total < ip->header ? -EBADMSG : 0;
}

static int read_ip(const uint8_t *bytes, size_t captured, size_t original, struct ip *ip)
{
	*ip = (struct ip){ .family = AF_UNSPEC };
	if (captured < 1)
		return -EBADMSG;
	switch (bytes[0] >> 4) {
	case 4:
		ip->family = AF_INET;
		return read_ipv4(bytes, captured, original, ip);
	case 6:
		ip->family = AF_INET6;
		return read_ipv6(bytes, captured, original, ip);
	default:
		return -EPROTONOSUPPORT;
	}
}

/* The options of a SYN, as far as they were captured. */
static void read_options(const uint8_t *at, size_t len, struct packet *packet)
{
	while (len > 0 && at[0] != TCPOPT_EOL) {
		size_t own = at[0] == TCPOPT_NOP ? 1 : len < 2 ? 0 : at[1];

		if (own == 0 || own > len || (at[0] != TCPOPT_NOP && own < 2))
			return;
		if (at[0] == TCPOPT_MAXSEG && own == TCPOLEN_MAXSEG)
			packet->mss = be16(at + 2);
		else if (at[0] == TCPOPT_WINDOW && own == TCPOLEN_WINDOW)
			/* RFC 7323 section 2.3: a shift above 14 is taken as 14. */
			packet->wscale = at[2] > 14 ? 14 : (int8_t)at[2];
		else if (at[0] == TCPOPT_SACK_PERMITTED && own == TCPOLEN_SACK_PERMITTED)
			packet->has_sack = true;
		else if (at[0] == TCPOPT_TIMESTAMP && own == TCPOLEN_TIMESTAMP)
			packet->has_timestamps = true;
		at += own;
		len -= own;
	}
}

/* total: bytes of the segment, its header included; captured: those at hand. */
static int read_tcp(const uint8_t *at, size_t captured, size_t total, struct packet *packet)
{
	size_t header;

	if (captured < TCP_HEADER)
		return -EBADMSG;
	header = (size_t)(at[12] >> 4) * 4;
	if (header < TCP_HEADER || header > total)
		return -EBADMSG;
	packet->seq = be32(at + 4);
	packet->ack = be32(at + 8);
	packet->flags = at[13];
	packet->window = be16(at + 14);
	packet->length = (uint32_t)(total - header);
	if ((packet->flags & TH_SYN) != 0)
		read_options(at + TCP_HEADER, (header < captured ? header : captured) - TCP_HEADER, packet);
	return 0;
}

static int read_udp(const uint8_t *at, size_t captured, size_t total, bool is_fragment, struct packet *packet)
{
	size_t len;

	if (captured < UDP_HEADER || total < UDP_HEADER)
		return -EBADMSG;
	len = be16(at + 4);
	/* Of a datagram in fragments the header has the whole length, of which this is a part. */
	if (len < UDP_HEADER || (len > total && !is_fragment))
		len = total;
	packet->length = (uint32_t)(len - UDP_HEADER);
	return 0;
}

/* Is it an error, which quotes the packet that it answers? */
static bool is_icmp_error(uint8_t protocol, uint8_t type)
{
	/* RFC 4443: errors are those below 128. RFC 792: unreachable, quench, redirect, time exceeded, parameter. */
	if (protocol == IPPROTO_ICMPV6)
		return type >= 1 && type <= 4;
	return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

static void set_ports(const uint8_t *at, struct addr *source, struct addr *destination)
{
	addr_set_port(source, be16(at));
	addr_set_port(destination, be16(at + 2));
}

static int read_icmp(const uint8_t *at, size_t captured, struct packet_headers *headers)
{
	struct packet *packet = &headers->packet;
	struct ip quoted;
	int ret;

	if (captured < ICMP_HEADER)
		return -EBADMSG;
	packet->icmp_type = at[0];
	packet->icmp_code = at[1];
	if (!is_icmp_error(packet->protocol, packet->icmp_type))
		return -EPROTONOSUPPORT;
	at += ICMP_HEADER;
	captured -= ICMP_HEADER;
	packet->length = (uint32_t)captured;
	/* What is quoted is the beginning of a packet: its length cannot be held against what is there. */
	ret = read_ip(at, captured, SIZE_MAX, &quoted);
	if (ret < 0)
		return ret;
	if (quoted.family != packet->family)
		return -EBADMSG;
	if (quoted.protocol != IPPROTO_TCP && quoted.protocol != IPPROTO_UDP)
		return -EPROTONOSUPPORT;
	if (captured - quoted.header < PORTS)
		return -EBADMSG;
	headers->quoted_protocol = quoted.protocol;
	headers->quoted_source = quoted.source;
	headers->quoted_destination = quoted.destination;
	set_ports(at + quoted.header, &headers->quoted_source, &headers->quoted_destination);
	return 0;
}

int packet_parse(const void *bytes, size_t captured, size_t original, struct packet_headers *headers)
{
	struct packet *packet = &headers->packet;
	const uint8_t *at = bytes;
	struct ip ip;
	size_t total;
	int ret;

	*headers = (struct packet_headers){ .packet = { .wscale = -1 } };
	ret = read_ip(at, captured, original, &ip);
	if (ret < 0)
		return ret;
	if (captured > ip.total)
		captured = ip.total;
	packet->family = ip.family;
	packet->protocol = ip.protocol;
	packet->bytes = bytes;
	packet->captured = captured;
	packet->original = ip.total;
	headers->source = ip.source;
	headers->destination = ip.destination;
	at += ip.header;
	captured -= ip.header;
	total = ip.total - ip.header;
	if (ip.protocol == IPPROTO_TCP)
		ret = read_tcp(at, captured, total, packet);
	else if (ip.protocol == IPPROTO_UDP)
		ret = read_udp(at, captured, total, ip.is_fragment, packet);
	else if (ip.protocol == (ip.family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		return read_icmp(at, captured, headers);
	else
		return -EPROTONOSUPPORT;
	if (ret == 0)
		set_ports(at, &headers->source, &headers->destination);
	return ret;
}
