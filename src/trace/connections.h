/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The connections of a run, followed by their events, and the packets that those events stand for: a handshake where
 * connect() succeeded or accept() returned, segments where bytes moved, FIN and RST as they happened. What is held
 * belongs to sockets that are open.
 *
 * Made-up packets have the sockets' own addresses. A Unix socket has none that a packet could have: it is given some of
 * 192.0.2.0/24, which is for documentation (RFC 5737), client .1 and server .2.
 */
#ifndef SOCKT_TRACE_CONNECTIONS_H
#define SOCKT_TRACE_CONNECTIONS_H

#include "base/addr.h"
#include "trace/event.h"

struct connections;

/* A packet that an event stands for. What it points to lives for the delivery only. */
struct connections_packet {
	struct packet packet; /* made up: without bytes */
	bool is_real;         /* seen on its way: packet.bytes are all there is */
	const struct addr *from, *to; /* of one that is made up */
	const void *data;     /* the payload, data_len of its packet.length bytes */
	size_t data_len;
	uint64_t t_ns;        /* on the clock of the trace */
	const char *comment;  /* the session and the call: `session 3: send(7, 512 bytes) = 512, event 41` */
};

typedef void connections_fn(void *ctx, const struct connections_packet *packet);

/*
 * Begin without any.
 *   has_packets  packets of IP sockets are seen (--packets): none are made up
 *   is_whole     both ends are in this program: each segment is one packet, that of who sends it
 *   emit         gets every packet, with ctx
 */
struct connections *connections_new(bool has_packets, bool is_whole, connections_fn *emit, void *ctx);
void connections_free(struct connections *all);
/* Follow one event, number seq. */
void connections_event(struct connections *all, uint64_t seq, const struct event *event);
/*
 * Where both ends are here packets wait, so that their comments name the call that takes what is in them, too. Since
 * when (on the events' clock) the oldest does, UINT64_MAX: none; and hand on those that do since t_ns or longer.
 */
uint64_t connections_held_since(const struct connections *all);
void connections_flush(struct connections *all, uint64_t t_ns);

#endif
