/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The headers of a packet, read from bytes that came from outside: IPv4 and IPv6, TCP, UDP, and ICMP errors with what
 * they quote. Pure, and nothing is believed.
 */
#ifndef SOCKT_TRACE_PACKET_PARSE_H
#define SOCKT_TRACE_PACKET_PARSE_H

#include "base/addr.h"
#include "trace/packet.h"

/* What a packet says of itself. */
struct packet_headers {
	struct packet packet;             /* is_out false; seq, ack and window as on the wire; icmp_sender NULL */
	struct addr source, destination;  /* with their ports; those of ICMP are 0 */
	uint8_t quoted_protocol;          /* of ICMP: of the packet that it answers, and between whom that was */
	struct addr quoted_source, quoted_destination;
};

/*
 * Read the headers of a packet.
 *   bytes      from the IP header on, captured of them
 *   original   how long the packet was, padding of the link included (>= captured)
 * The packet's length is that of its IP header. The first fragment of a datagram stands for all of it.
 * Returns 0; -EPROTONOSUPPORT for what is no business of ours: another protocol, ICMP that is no error or does not
 * quote TCP or UDP, a later fragment; -EBADMSG where headers are cut or contradict each other. headers is written
 * in any case, and counts only with 0.
 */
int packet_parse(const void *bytes, size_t captured, size_t original, struct packet_headers *headers);

#endif
