/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The blocks of a pcapng file, as far as they are needed (draft-ietf-opsawg-pcapng): each is appended whole to a
 * buffer. Packets begin with their IP header (LINKTYPE_RAW), stamps are nanoseconds since 1970. Numbers are in the
 * order of this host, which the first block tells.
 */
#ifndef SOCKT_TRACE_PCAPNG_H
#define SOCKT_TRACE_PCAPNG_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Which way a packet went, as its flags have it. */
enum pcapng_direction {
	PCAPNG_IN = 1,
	PCAPNG_OUT = 2,
};

struct pcapng_packet {
	uint32_t interface; /* number of the interface block, from 0 */
	uint64_t t_ns;      /* since 1970 */
	enum pcapng_direction direction;
	const void *head;   /* its first bytes */
	size_t head_len;
	const void *data;   /* those behind them, as far as they are at hand; NULL: none */
	size_t data_len;
	size_t original;    /* how long it was, with what is not at hand */
	const char *comment;
};

/* The block that a file begins with. Texts are UTF-8; NULL: left out. */
void pcapng_section(struct buf *dst, const char *application, const char *system, const char *comment);
/* An interface: packets name it by its number. */
void pcapng_interface(struct buf *dst, const char *name, const char *comment);
void pcapng_packet(struct buf *dst, const struct pcapng_packet *packet);
/* Say that of an interface so many packets, since the beginning, are not in the file. */
void pcapng_statistics(struct buf *dst, uint32_t interface, uint64_t t_ns, uint64_t dropped, const char *comment);

/* How long the block is that begins at data, of which len bytes are there. 0: too few to know. */
size_t pcapng_block_len(const char *data, size_t len);

#endif
