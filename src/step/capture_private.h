/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of a capture: what capture.c (its life, giving packets out) and capture_match.c (whose they are) share. */
#ifndef SOCKT_STEP_CAPTURE_PRIVATE_H
#define SOCKT_STEP_CAPTURE_PRIVATE_H

#include <netinet/in.h>

#include "step/capture.h"
#include "step/packet_filter.h"
#include "step/packet_ring.h"
#include "step/packet_table.h"

#define CAPTURE_HOSTS_MAX 16

struct capture {
	struct bus_source source;
	struct stepper *st;
	struct loop *loop; /* NULL: none yet */
	struct packet_ring ring;
	struct packet_table *table;
	struct sock sock; /* the ring's, for the loop */
	struct task task;
	struct timer rest;         /* while it is set no packet wakes the loop */
	uint64_t dropped, rested;  /* packets that were looked at; and when the timer was set */
	uint16_t ports[PACKET_FILTER_PORTS_MAX + 1]; /* that pass; when it is full all do */
	size_t port_count;
	uint64_t offset_ns;   /* CLOCK_REALTIME less CLOCK_MONOTONIC */
	uint64_t measured_ns; /* when that was asked */
	bool hides_clients; /* the data of those who come, until somebody says that they may be seen */
	bool is_sharing;
	bool is_busy;         /* packets are being given out */
	bool has_told_losses;
	size_t given;         /* packets since losses were looked for */
	/* Addresses that were asked about: are they this host's? */
	struct {
		struct addr addr;
		bool is_own;
	} hosts[CAPTURE_HOSTS_MAX];
	size_t next_host;
};

/* The protocol of IP; 0: of none that is captured. */
static inline uint8_t capture_ipproto(enum protocol protocol)
{
	return protocol == PROTOCOL_TCP ? IPPROTO_TCP : protocol == PROTOCOL_UDP ? IPPROTO_UDP : 0;
}

/* When a packet passed (CLOCK_MONOTONIC). */
static inline uint64_t capture_time(const struct capture *capture, const struct packet_seen *seen)
{
	return seen->real_ns - capture->offset_ns;
}

/*
 * Read the packet and find its connection; NULL: it is nobody's of ours. Where both its ends are ours it is the
 * sender's. Fills headers, with is_out set as that connection sees it.
 */
struct packet_conn *capture_match(struct capture *capture, const struct packet_seen *seen,
				  struct packet_headers *headers);

#endif
