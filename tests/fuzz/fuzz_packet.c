/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Headers of packets, which anybody on the network can send: the first two bytes say how much longer the packet was
 * than what was captured of it, the others are that.
 */
#include "trace/packet_parse.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char words[4 * ADDR_TEXT_MAX], flags[PACKET_FLAGS_MAX];
	struct packet_headers headers;
	struct text text;
	uint8_t *copy;
	size_t more;
	int ret;

	if (size < 2)
		return 0;
	more = (size_t)data[0] << 8 | data[1];
	size -= 2;
	/* Of exactly its size, so that the sanitizer sees what is read behind it. */
	copy = malloc(size > 0 ? size : 1);
	if (copy == NULL)
		abort();
	memcpy(copy, data + 2, size);
	ret = packet_parse(copy, size, size + more, &headers);
	assert(ret == 0 || ret == -EBADMSG || ret == -EPROTONOSUPPORT);
	if (ret == 0) {
		assert(headers.packet.bytes == copy && headers.packet.captured <= size);
		assert(headers.packet.captured <= headers.packet.original && headers.packet.original <= size + more);
		assert(headers.source.len > 0 && headers.destination.len > 0);
		assert(!packet_is_icmp(&headers.packet) || headers.quoted_source.len > 0);
		text_init(&text, words, sizeof(words));
		headers.packet.icmp_sender = &headers.source;
		packet_flags_format(headers.packet.flags, flags, sizeof(flags));
		packet_options_add(&headers.packet, &text);
		packet_icmp_add(&headers.packet, &text);
		assert(!text.is_cut);
	}
	free(copy);
	return 0;
}
