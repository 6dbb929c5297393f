/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks of a pcapng file: see pcapng.h. */
#include "trace/pcapng.h"

#include <string.h>

enum block {
	BLOCK_INTERFACE = 0x00000001,
	BLOCK_STATISTICS = 0x00000005,
	BLOCK_PACKET = 0x00000006,
	BLOCK_SECTION = 0x0A0D0D0A,
};

/* Codes of options: those from 2 on mean what their block makes of them. */
enum option {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	SECTION_SYSTEM = 3,
	SECTION_APPLICATION = 4,
	INTERFACE_NAME = 2,
	INTERFACE_RESOLUTION = 9,
	PACKET_FLAGS = 2,
	STATISTICS_DROPPED = 5,
};

#define BYTE_ORDER_MAGIC 0x1A2B3C4D
#define LINKTYPE_RAW 101
#define RESOLUTION_NS 9 /* stamps count 10^-9 s */
#define LENGTH_AT 4     /* where in a block its length stands */
#define OPTION_MAX 65532 /* its length has 16 bits, and it is padded to 32 */

static void put_16(struct buf *dst, uint16_t value)
{
	buf_append(dst, &value, sizeof(value));
}

static void put_32(struct buf *dst, uint32_t value)
{
	buf_append(dst, &value, sizeof(value));
}

/* A stamp is two halves, the higher one first, whatever the order of bytes is. */
static void put_stamp(struct buf *dst, uint64_t t_ns)
{
	put_32(dst, (uint32_t)(t_ns >> 32));
	put_32(dst, (uint32_t)t_ns);
}

/* Zeros up to the next multiple of 32 bits, behind len bytes. */
static void put_padding(struct buf *dst, size_t len)
{
	static const char zeros[4];

	buf_append(dst, zeros, (4 - len % 4) % 4);
}

static void put_option(struct buf *dst, enum option code, const void *value, size_t len)
{
	if (len > OPTION_MAX)
		len = OPTION_MAX;
	put_16(dst, (uint16_t)code);
	put_16(dst, (uint16_t)len);
	buf_append(dst, value, len);
	put_padding(dst, len);
}

static void put_text(struct buf *dst, enum option code, const char *text)
{
	if (text != NULL)
		put_option(dst, code, text, strlen(text));
}

/* Begin a block. Returns where it begins, for block_end(). */
static size_t block_begin(struct buf *dst, enum block type)
{
	size_t start = dst->len;

	put_32(dst, type);
	put_32(dst, 0); /* its length, which is not known yet */
	return start;
}

/* End the options and the block, whose length stands at both of its ends. */
static void block_end(struct buf *dst, size_t start)
{
	uint32_t len;

	put_option(dst, OPTION_END, "", 0);
	len = (uint32_t)(dst->len - start + sizeof(len));
	put_32(dst, len);
	memcpy(dst->data + dst->head + start + LENGTH_AT, &len, sizeof(len));
}

void pcapng_section(struct buf *dst, const char *application, const char *system, const char *comment)
{
	size_t start = block_begin(dst, BLOCK_SECTION);

	put_32(dst, BYTE_ORDER_MAGIC);
	put_16(dst, 1); /* version 1.0 */
	put_16(dst, 0);
	put_32(dst, UINT32_MAX); /* the length of the section is not known */
	put_32(dst, UINT32_MAX);
	put_text(dst, OPTION_COMMENT, comment);
	put_text(dst, SECTION_SYSTEM, system);
	put_text(dst, SECTION_APPLICATION, application);
	block_end(dst, start);
}

void pcapng_interface(struct buf *dst, const char *name, const char *comment)
{
	const uint8_t resolution = RESOLUTION_NS;
	size_t start = block_begin(dst, BLOCK_INTERFACE);

	put_16(dst, LINKTYPE_RAW);
	put_16(dst, 0);
	put_32(dst, 0); /* packets may be of any length */
	put_text(dst, OPTION_COMMENT, comment);
	put_text(dst, INTERFACE_NAME, name);
	put_option(dst, INTERFACE_RESOLUTION, &resolution, sizeof(resolution));
	block_end(dst, start);
}

void pcapng_packet(struct buf *dst, const struct pcapng_packet *packet)
{
	const uint32_t flags = packet->direction;
	size_t captured = packet->head_len + packet->data_len;
	size_t start = block_begin(dst, BLOCK_PACKET);

	put_32(dst, packet->interface);
	put_stamp(dst, packet->t_ns);
	put_32(dst, (uint32_t)captured);
	put_32(dst, (uint32_t)packet->original);
	buf_append(dst, packet->head, packet->head_len);
	if (packet->data_len > 0)
		buf_append(dst, packet->data, packet->data_len);
	put_padding(dst, captured);
	put_text(dst, OPTION_COMMENT, packet->comment);
	put_option(dst, PACKET_FLAGS, &flags, sizeof(flags));
	block_end(dst, start);
}

void pcapng_statistics(struct buf *dst, uint32_t interface, uint64_t t_ns, uint64_t dropped, const char *comment)
{
	size_t start = block_begin(dst, BLOCK_STATISTICS);

	put_32(dst, interface);
	put_stamp(dst, t_ns);
	put_text(dst, OPTION_COMMENT, comment);
	put_option(dst, STATISTICS_DROPPED, &dropped, sizeof(dropped));
	block_end(dst, start);
}

size_t pcapng_block_len(const char *data, size_t len)
{
	uint32_t block;

	if (len < LENGTH_AT + sizeof(block))
		return 0;
	memcpy(&block, data + LENGTH_AT, sizeof(block));
	return block;
}
