/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Packets as bytes: the heads of IPv4, IPv6, TCP and UDP, with their checksums. The counterpart of packet_parse.h.
 */
#ifndef SOCKT_TRACE_PACKET_MAKE_H
#define SOCKT_TRACE_PACKET_MAKE_H

#include "base/addr.h"
#include "trace/packet.h"

#define PACKET_HEAD_MAX 80 /* IPv6, TCP, the options of a SYN */
/* Bytes of payload that one packet can have: of TCP with both families; of UDP with IPv4; of UDP with IPv6. */
#define PACKET_TCP_MAX (65535 - 20 - 20)
#define PACKET_UDP_MAX (65535 - 20 - 8)
#define PACKET_UDP6_MAX (65535 - 8)

/*
 * Write what stands before the payload into dst (PACKET_HEAD_MAX bytes).
 *   packet     family, protocol (IPPROTO_TCP, IPPROTO_UDP), length; of TCP flags, seq, ack, window (as the field has
 *              it), and of a SYN mss and wscale
 *   from, to   addresses of that family
 *   data       the payload, data_len bytes of it: with fewer than packet->length the checksum is left 0
 * Returns its length.
 */
size_t packet_make(const struct packet *packet, const struct addr *from, const struct addr *to, const void *data,
		   size_t data_len, uint8_t *dst);

/*
 * The sum of 16-bit words that an Internet checksum (RFC 1071) is made of: sum, with len bytes added. Of pieces all
 * but the last have to be of an even length.
 */
uint32_t packet_sum(uint32_t sum, const void *data, size_t len);

#endif
