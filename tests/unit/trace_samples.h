/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sample events for the tests of the sinks: every step occurs in them, and a place to catch what is written. */
#ifndef SOCKT_TESTS_TRACE_SAMPLES_H
#define SOCKT_TESTS_TRACE_SAMPLES_H

#include "trace/bus.h"

/* A sink of that kind, writing to a temporary file that captured() reads; level 0: the kind's own. */
struct capture {
	struct bus bus;
	struct sink_options options;
	char file[64];
};

void capture_open(struct capture *capture, const struct sink_kind *kind, int level, size_t preview);
/* The same, of a relay. */
void capture_open_relay(struct capture *capture, const struct sink_kind *kind, int level);
/* The same, with colours. */
void capture_open_colored(struct capture *capture, const struct sink_kind *kind, int level,
			  size_t preview);
/* Close the sink; everything that was written, to be freed. *len (may be NULL) gets its length. */
char *capture_close(struct capture *capture, size_t *len);

/* Addresses by their numbers; they live as long as the program. */
const struct addr *sample_addr(const char *ip, unsigned short port);
const struct addr *sample_unix(const char *path);

/* A client's whole life: two addresses, of which the second answers; 6 bytes sent; the peer closes first. */
void sample_client(struct bus *bus);
/* A server with two clients. */
void sample_server(struct bus *bus);
/* Faults that were done: with bytes, time, direction, and with none of them. */
void sample_proxy(struct bus *bus);
void sample_faults(struct bus *bus);
/* Clients that are refused, in each way. */
void sample_refused(struct bus *bus);
/* Packets of the connection of sample_client(): a handshake, data, a datagram, an ICMP error. */
void sample_packets(struct bus *bus);
/* What the kernel tells: of a connection, of listeners, of a socket that is not TCP, of a buffer. */
void sample_info(struct bus *bus);
void sample_http(struct bus *bus);
/* What is seen without a privilege: the SYN of a client, segments, an acknowledgement, an ICMP error. */
void sample_sight(struct bus *bus);
/* Every step once, with arguments full of hostile bytes and values without a name. */
void sample_hostile(struct bus *bus);
/* Every step without arguments, results or addresses. */
void sample_bare(struct bus *bus);

#endif
