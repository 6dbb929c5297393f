/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A packet of one of our connections, as it was seen on its way: what the event PACKET tells. Plain values, and the
 * words for them; how they are got from bytes is in packet_parse.h.
 */
#ifndef SOCKT_TRACE_PACKET_H
#define SOCKT_TRACE_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct addr;

/* A segment of TCP, a datagram of UDP, or an ICMP error that answers one of ours. */
struct packet {
	bool is_out;            /* it left our socket; false: it came to it */
	uint8_t family;         /* AF_INET, AF_INET6: as it was on the wire */
	uint8_t protocol;       /* IPPROTO_TCP, _UDP, _ICMP, _ICMPV6 */
	uint8_t flags;          /* of TCP: TH_FIN ... */
	int8_t wscale;          /* of a SYN: the shift of later windows; -1: not there */
	bool has_sack;          /* of a SYN: selective acknowledgements are understood */
	bool has_timestamps;    /* of a SYN */
	bool is_again;          /* of TCP: each of its numbers was seen before; it is sent again */
	bool is_saved;          /* the SYN of a client, which the kernel kept: it came before the time of the event */
	uint8_t icmp_type, icmp_code;
	uint16_t mss;           /* of a SYN: the largest segment that its sender takes; 0: not there */
	uint32_t seq, ack;      /* of TCP: relative to the first of each direction */
	uint32_t window;        /* of TCP: in bytes, scaled where the scale is known */
	uint32_t length;        /* bytes of payload */
	const struct addr *icmp_sender; /* of ICMP: who sent it; NULL: it is not ICMP */
	const uint8_t *bytes;   /* from the IP header on, captured of them; NULL: none are at hand */
	size_t captured, original; /* original: as long as the packet was */
	uint64_t real_ns;       /* CLOCK_REALTIME of the kernel's stamp */
};

/* Is it an ICMP error, of either family? */
bool packet_is_icmp(const struct packet *packet);

#define PACKET_FLAGS_MAX 12 /* room for the flags of a segment */
/*
 * The flags of a segment in short: "[S]", "[SA]", "[PA]", "[FA]", "[R]"; "[]" where it has none. dst of size bytes is
 * always ended by NUL; PACKET_FLAGS_MAX is enough. Returns dst.
 */
const char *packet_flags_format(uint8_t flags, char *dst, size_t size);
/* Add the options of a SYN, each with a blank before it: ` mss 1460 sackOK TS wscale 10`; of none nothing. */
void packet_options_add(const struct packet *packet, struct text *text);
/* Add what an ICMP error says, and who: `port unreachable from 10.7.1.1`. */
void packet_icmp_add(const struct packet *packet, struct text *text);

#endif
