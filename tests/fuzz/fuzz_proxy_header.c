/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Headers of the PROXY protocol, from whoever can connect: the same whole or in pieces, and what is passed on. */
#include "stream/proxy_header.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Read from memory of exactly len bytes. */
static ssize_t read_part(const uint8_t *data, size_t len, struct proxy_header *header)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	const char *reason = NULL;
	ssize_t ret;

	if (copy == NULL)
		abort();
	memcpy(copy, data, len);
	ret = proxy_header_read(copy, len, header, &reason);
	assert(ret == -EPROTO || (ret >= 0 && ret <= (ssize_t)len));
	assert((ret < 0) == (reason != NULL));
	free(copy);
	return ret;
}

/* However it is cut: nothing is said before the last byte of a header, and a refusal is for good. */
static void check_pieces(const uint8_t *data, size_t size, ssize_t ret)
{
	size_t whole = ret > 0 ? (size_t)ret : size;
	bool is_refused = false;
	struct proxy_header header;

	assert(ret != 0 || size < PROXY_HEADER_MAX);
	for (size_t len = 0; len < whole; len += len < 300 ? 1 : 97) {
		ssize_t part = read_part(data, len, &header);

		assert(part <= 0 && (ret < 0 || part == 0));
		assert(!is_refused || part < 0);
		is_refused = part < 0;
	}
	if (ret > 0)
		assert(read_part(data, whole, &header) == ret);
}

/* What is passed on says the same, as far as the version can. */
static void check_passed_on(const struct proxy_header *header, enum proxy_version version)
{
	struct proxy_header told = *header, again, third;
	uint8_t bytes[PROXY_WRITTEN_MAX], bytes_again[PROXY_WRITTEN_MAX];
	const char *reason;
	size_t len;

	told.version = version;
	len = proxy_header_write(&told, bytes);
	assert(len <= (version == PROXY_V1 ? PROXY_V1_MAX : PROXY_WRITTEN_MAX));
	assert(proxy_header_read(bytes, len, &again, &reason) == (ssize_t)len);
	assert(again.version == version && again.is_local == (header->is_local && version == PROXY_V2));
	assert(proxy_header_write(&again, bytes_again) == len && memcmp(bytes, bytes_again, len) == 0);
	assert(proxy_header_read(bytes_again, len, &third, &reason) == (ssize_t)len);
	assert(addr_equal(&again.source, &third.source) && addr_equal(&again.destination, &third.destination));
	if (version == PROXY_V2 && addr_family(&header->source) == AF_UNIX)
		assert(addr_equal(&again.source, &header->source));
	if (header->source.len > 0 && addr_family(&header->source) != AF_UNIX)
		assert(addr_port(&again.source) == addr_port(&header->source));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proxy_header header;
	ssize_t ret = read_part(data, size, &header);

	check_pieces(data, size, ret);
	if (ret <= 0)
		return 0;
	assert(header.version == (data[0] == 'P' ? PROXY_V1 : PROXY_V2));
	assert(!header.is_local || (header.source.len == 0 && header.destination.len == 0));
	check_passed_on(&header, PROXY_V1);
	check_passed_on(&header, PROXY_V2);
	return 0;
}
