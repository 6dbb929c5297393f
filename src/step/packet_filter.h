/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The program by which the kernel decides which packets are handed to us (bpf of packet(7)): TCP and UDP from or to one
 * of our ports, and ICMP errors. It is coarse on purpose, for it has to be right before the addresses are known: who
 * a packet belongs to is decided by packet_table.h. Pure.
 */
#ifndef SOCKT_STEP_PACKET_FILTER_H
#define SOCKT_STEP_PACKET_FILTER_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_FILTER_LOOPBACK 1   /* number of that interface, in every network namespace (the kernel's net/flow.h) */
#define PACKET_FILTER_PORTS_MAX 48 /* ports told apart; with more of them every packet of TCP and UDP passes */
#define PACKET_FILTER_MAX (2 * PACKET_FILTER_PORTS_MAX + 40) /* instructions */

/*
 * Make the program for the count ports (in host order); none: nothing passes. Of a packet that passes, snap bytes are
 * captured. On loopback, where each packet is seen twice, only its departure passes. dst has room for
 * PACKET_FILTER_MAX instructions. Returns how many there are.
 */
size_t packet_filter_make(const uint16_t *ports, size_t count, uint32_t snap, struct sock_filter *dst);

#endif
