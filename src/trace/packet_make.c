/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets as bytes: see packet_make.h. */
#include "trace/packet_make.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#define IPV4_HEAD 20
#define IPV6_HEAD 40
#define TCP_HEAD 20
#define UDP_HEAD 8
#define HOPS 64
#define DONT_FRAGMENT 0x4000
#define SUM_PIECE 65536 /* bytes whose words a sum of 32 bits holds with ease */

static uint8_t *put_16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

static uint8_t *put_32(uint8_t *at, uint32_t value)
{
	return put_16(put_16(at, value >> 16), value & 0xffff);
}

/* Put what has run over 16 bits back in. */
static uint32_t fold(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

uint32_t packet_sum(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len > 1) {
		size_t piece = len < SUM_PIECE ? len & ~(size_t)1 : SUM_PIECE;

		sum = fold(sum);
		for (size_t i = 0; i < piece; i += 2)
			sum += (uint32_t)at[i] << 8 | at[i + 1];
		at += piece;
		len -= piece;
	}
	return fold(len == 1 ? fold(sum) + ((uint32_t)at[0] << 8) : sum);
}

/* The bytes of the host's address. */
static const void *host_of(const struct addr *addr, size_t *len)
{
	if (addr->sa.sa_family == AF_INET6) {
		*len = sizeof(addr->in6.sin6_addr);
		return &addr->in6.sin6_addr;
	}
	*len = sizeof(addr->in.sin_addr);
	return &addr->in.sin_addr;
}

static uint8_t *put_host(uint8_t *at, const struct addr *addr)
{
	size_t len;
	const void *host = host_of(addr, &len);

	memcpy(at, host, len);
	return at + len;
}

/* The head of IP, before len bytes. Returns its length. */
static size_t make_ip(const struct packet *packet, const struct addr *from, const struct addr *to, size_t len,
		      uint8_t *dst)
{
	uint8_t *at = dst, *sum;

	if (packet->family == AF_INET6) {
		at = put_32(at, 6U << 28);
		at = put_16(at, (unsigned)len);
		*at++ = packet->protocol;
		*at++ = HOPS;
		put_host(put_host(at, from), to);
		return IPV6_HEAD;
	}
	at = put_16(at, 0x4500);
	at = put_16(at, (unsigned)(IPV4_HEAD + len));
	at = put_16(at, 0); /* what is not fragmented needs no number (RFC 6864) */
	at = put_16(at, DONT_FRAGMENT);
	*at++ = HOPS;
	*at++ = packet->protocol;
	sum = at;
	put_host(put_host(put_16(at, 0), from), to);
	put_16(sum, ~packet_sum(0, dst, IPV4_HEAD) & 0xffff);
	return IPV4_HEAD;
}

/* The head of TCP without its checksum. Returns its length. */
static size_t make_tcp(const struct packet *packet, const struct addr *from, const struct addr *to, uint8_t *dst)
{
	uint8_t *at = dst, *offset;

	at = put_16(at, addr_port(from));
	at = put_16(at, addr_port(to));
	at = put_32(at, packet->seq);
	at = put_32(at, packet->ack);
	offset = at++;
	*at++ = packet->flags;
	at = put_16(at, packet->window);
	at = put_32(at, 0); /* checksum, urgent pointer */
	if ((packet->flags & TH_SYN) != 0) {
		*at++ = TCPOPT_MAXSEG;
		*at++ = TCPOLEN_MAXSEG;
		at = put_16(at, packet->mss);
		*at++ = TCPOPT_NOP;
		*at++ = TCPOPT_WINDOW;
		*at++ = TCPOLEN_WINDOW;
		*at++ = (uint8_t)packet->wscale;
	}
	*offset = (uint8_t)((at - dst) / 4 << 4);
	return (size_t)(at - dst);
}

/* The head of UDP without its checksum. Returns its length. */
static size_t make_udp(const struct packet *packet, const struct addr *from, const struct addr *to, uint8_t *dst)
{
	uint8_t *at = put_16(dst, addr_port(from));

	at = put_16(at, addr_port(to));
	at = put_16(at, UDP_HEAD + packet->length);
	put_16(at, 0);
	return UDP_HEAD;
}

size_t packet_make(const struct packet *packet, const struct addr *from, const struct addr *to, const void *data,
		   size_t data_len, uint8_t *dst)
{
	bool is_tcp = packet->protocol == IPPROTO_TCP;
	size_t ip_len = packet->family == AF_INET6 ? IPV6_HEAD : IPV4_HEAD, head_len, host_len;
	uint8_t *head = dst + ip_len;
	const void *host;
	uint32_t sum;

	head_len = is_tcp ? make_tcp(packet, from, to, head) : make_udp(packet, from, to, head);
	make_ip(packet, from, to, head_len + packet->length, dst);
	if (data_len < packet->length)
		return ip_len + head_len;
	/* The pseudo header: both hosts, the protocol, the length. */
	host = host_of(from, &host_len);
	sum = packet_sum(packet->protocol, host, host_len);
	host = host_of(to, &host_len);
	sum = packet_sum(sum, host, host_len);
	sum = packet_sum(sum + (uint32_t)(head_len + packet->length), head, head_len);
	sum = ~packet_sum(sum, data, data_len) & 0xffff;
	/* 0 in UDP means that there is none (RFC 768). */
	put_16(head + (is_tcp ? 16 : 6), sum == 0 && !is_tcp ? 0xffff : sum);
	return ip_len + head_len;
}
