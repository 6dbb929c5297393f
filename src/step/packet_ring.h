/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Packets as the kernel sees them pass: an AF_PACKET socket of all interfaces and the ring that it writes them to
 * (packet(7), PACKET_RX_RING). Each is stamped and in the ring before the socket that it is for can have it, and before
 * the call that sends it returns; looking whether there is one costs no call.
 */
#ifndef SOCKT_STEP_PACKET_RING_H
#define SOCKT_STEP_PACKET_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packet_ring {
	int fd; /* -1: closed */
	uint8_t *frames;
	size_t size;        /* bytes of the ring */
	size_t block_size, frame_size, frames_per_block, frame_count;
	size_t next;        /* frame that is read next */
	uint32_t snap;      /* bytes of a packet that are captured */
	uint64_t drops;     /* packets that found no room, as far as they have been counted */
};

/* A packet in the ring. */
struct packet_seen {
	const uint8_t *bytes; /* from the IP header on */
	size_t captured, original;
	uint64_t real_ns;     /* CLOCK_REALTIME when it passed */
	int interface;        /* number of the interface */
	bool is_leaving;      /* PACKET_OUTGOING: this host sent it */
};

/* May there be one? Returns 0, or -errno as packet_ring_open(). */
int packet_ring_check(void);
/*
 * Open the socket; nothing passes before packet_ring_filter().
 *   is_whole  all bytes of each packet are wanted, and not only the headers
 * Returns 0, or -errno (-EPERM: CAP_NET_RAW is needed).
 */
int packet_ring_open(struct packet_ring *ring, bool is_whole);
/* Closed: nothing. */
void packet_ring_close(struct packet_ring *ring);

/* Let pass what is from or to one of these ports (packet_filter.h). Returns 0 or -errno. */
int packet_ring_filter(struct packet_ring *ring, const uint16_t *ports, size_t count);
/* Look at the next packet; it stays. Returns false where there is none. */
bool packet_ring_peek(const struct packet_ring *ring, struct packet_seen *seen);
/* Give the place of the packet that was looked at back to the kernel. */
void packet_ring_drop(struct packet_ring *ring);
/* Ask the kernel how many packets found no room: a call. Returns how many there are in all. */
uint64_t packet_ring_count_drops(struct packet_ring *ring);

#endif
