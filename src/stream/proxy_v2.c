/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The PROXY protocol, version 2, section 2.2: binary.
 *
 *     signature (12) | version, command (1) | family, protocol (1) | length of the rest (2) | addresses | TLVs
 */
#include <arpa/inet.h>
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"
#include "stream/proxy_private.h"

#define AT_COMMAND 12
#define AT_FAMILY 13
#define AT_LENGTH 14

#define VERSION_2 0x20
#define COMMAND_LOCAL 0x0
#define COMMAND_PROXY 0x1
#define PROTOCOL_UNSPECIFIED 0x0
#define PROTOCOL_STREAM 0x1
#define PROTOCOL_DATAGRAM 0x2

#define TLV_HEAD 3
#define TLV_CRC32C 0x03
#define CRC_SIZE ((size_t)4)

#define UN_NAME_MAX (PROXY_V2_UNIX / 2)
#define UN_NAME_OFFSET offsetof(struct sockaddr_un, sun_path)

static_assert(UN_NAME_MAX == sizeof(((struct sockaddr_un *)NULL)->sun_path), "names of Unix sockets");

/* The families by their number in the header. */
static const struct {
	int family;
	size_t size; /* of both addresses, with their ports */
} families[] = {
	{ AF_UNSPEC, 0 },
	{ AF_INET, 12 },
	{ AF_INET6, 36 },
	{ AF_UNIX, PROXY_V2_UNIX },
};

/* ---- Writing ------------------------------------------------------------------------------------------------ */

/* Where the two addresses and the two ports of a family are. */
static void write_ip(uint8_t *dst, const struct addr *source, const struct addr *destination, int family)
{
	size_t size = family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
	const struct addr *addrs[] = { source, destination };

	for (size_t i = 0; i < ARRAY_LEN(addrs); i++) {
		const struct addr addr = proxy_addr_as(addrs[i], family);
		uint16_t port_be = htons(addr_port(&addr));

		memcpy(dst + i * size, family == AF_INET ? (const void *)&addr.in.sin_addr : &addr.in6.sin6_addr, size);
		memcpy(dst + 2 * size + i * sizeof(port_be), &port_be, sizeof(port_be));
	}
}

/* The name of a Unix socket; one without a name is all zeros. */
static void write_unix(uint8_t *dst, const struct addr *addr)
{
	if (addr->len > UN_NAME_OFFSET)
		memcpy(dst, addr->un.sun_path, addr->len - UN_NAME_OFFSET);
}

size_t proxy_v2_write(const struct proxy_header *header, uint8_t *dst)
{
	int family = proxy_family(header);
	size_t number = 0;
	uint16_t size_be;

	while (families[number].family != family)
		number++;
	memset(dst, 0, PROXY_WRITTEN_MAX);
	memcpy(dst, PROXY_V2_SIGNATURE, PROXY_V2_SIGNATURE_LEN);
	dst[AT_COMMAND] = VERSION_2 | (header->is_local ? COMMAND_LOCAL : COMMAND_PROXY);
	dst[AT_FAMILY] = number == 0 ? 0 : (uint8_t)(number << 4 | PROTOCOL_STREAM);
	size_be = htons((uint16_t)families[number].size);
	memcpy(dst + AT_LENGTH, &size_be, sizeof(size_be));
	if (family == AF_UNIX) {
		write_unix(dst + PROXY_V2_FIXED, &header->source);
		write_unix(dst + PROXY_V2_FIXED + UN_NAME_MAX, &header->destination);
	} else if (family != AF_UNSPEC) {
		write_ip(dst + PROXY_V2_FIXED, &header->source, &header->destination, family);
	}
	return PROXY_V2_FIXED + families[number].size;
}

/* ---- Reading ------------------------------------------------------------------------------------------------ */

/* One of the two addresses, index 0 or 1. */
static struct addr read_ip(const uint8_t *src, size_t index, int family)
{
	size_t size = family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
	uint16_t port_be;
	struct addr addr;

	memcpy(&port_be, src + 2 * size + index * sizeof(port_be), sizeof(port_be));
	addr_set_any(&addr, family, ntohs(port_be));
	memcpy(family == AF_INET ? (void *)&addr.in.sin_addr : &addr.in6.sin6_addr, src + index * size, size);
	return addr;
}

/* The name of a Unix socket: up to its NUL, or of an abstract one to the zeros that fill the field. */
static struct addr read_unix(const uint8_t *src, size_t index)
{
	const uint8_t *name = src + index * UN_NAME_MAX;
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t len = strnlen((const char *)name, UN_NAME_MAX);
	struct addr addr;

	if (len == 0)
		for (size_t i = 0; i < UN_NAME_MAX; i++)
			len = name[i] != 0 ? i + 1 : len;
	memcpy(un.sun_path, name, len);
	addr_set(&addr, (const struct sockaddr *)&un, (socklen_t)(UN_NAME_OFFSET + len));
	return addr;
}

/* CRC32c (RFC 4960 appendix B), one bit after the other: a header is short, and few have one. */
static uint32_t crc32c_add(uint32_t crc, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (0x82f63b78U & (0U - (crc & 1)));
	}
	return crc;
}

/* 2.2.3: is the checksum at data + at that of the whole header, with zeros in its own place? */
static bool is_checksum_right(const uint8_t *data, size_t len, size_t at)
{
	static const uint8_t zeros[CRC_SIZE];
	uint32_t crc = UINT32_MAX, said_be;

	crc = crc32c_add(crc, data, at);
	crc = crc32c_add(crc, zeros, CRC_SIZE);
	crc = crc32c_add(crc, data + at + CRC_SIZE, len - at - CRC_SIZE);
	memcpy(&said_be, data + at, CRC_SIZE);
	return ntohl(said_be) == ~crc;
}

/* The TLVs from at to the end, len: all but a checksum are passed over. Returns len, or -EPROTO. */
static ssize_t read_tlvs(const uint8_t *data, size_t at, size_t len, const char **reason)
{
	while (at < len) {
		size_t size;

		if (len - at < TLV_HEAD)
			return proxy_refuse(reason, _("what follows its addresses is not whole"));
		size = (size_t)data[at + 1] << 8 | data[at + 2];
		if (len - at - TLV_HEAD < size)
			return proxy_refuse(reason, _("what follows its addresses is not whole"));
		if (data[at] == TLV_CRC32C && (size != CRC_SIZE || !is_checksum_right(data, len, at + TLV_HEAD)))
			return proxy_refuse(reason, _("its checksum is wrong"));
		at += TLV_HEAD + size;
	}
	return (ssize_t)len;
}

/* A whole header with command PROXY. Returns len, or -EPROTO. */
static ssize_t read_proxied(const uint8_t *data, size_t len, struct proxy_header *header, const char **reason)
{
	unsigned number = data[AT_FAMILY] >> 4, protocol = data[AT_FAMILY] & 0xf;
	const uint8_t *at = data + PROXY_V2_FIXED;
	struct proxy_header found = { .version = PROXY_V2 };
	ssize_t ret;

	/* "The receiver should ignore address information": where it ends is not known then, either. */
	if (number == 0 || protocol == PROTOCOL_UNSPECIFIED) {
		*header = found;
		return (ssize_t)len;
	}
	ret = read_tlvs(data, PROXY_V2_FIXED + families[number].size, len, reason);
	if (ret < 0)
		return ret;
	/* What came by datagrams does not speak of the connection that this is. */
	if (protocol == PROTOCOL_STREAM && families[number].family == AF_UNIX) {
		found.source = read_unix(at, 0);
		found.destination = read_unix(at, 1);
	} else if (protocol == PROTOCOL_STREAM) {
		found.source = read_ip(at, 0, families[number].family);
		found.destination = read_ip(at, 1, families[number].family);
	}
	*header = found;
	return ret;
}

/* What the first PROXY_V2_FIXED bytes say, as far as they are there. Returns 0, or -EPROTO. */
static ssize_t check_fixed(const uint8_t *data, size_t len, size_t size, const char **reason)
{
	bool is_local = len > AT_COMMAND && (data[AT_COMMAND] & 0xf) == COMMAND_LOCAL;
	unsigned number;

	if (len > AT_COMMAND && (data[AT_COMMAND] & 0xf0) != VERSION_2)
		return proxy_refuse(reason, _("it is of a version that is not known"));
	if (len > AT_COMMAND && (data[AT_COMMAND] & 0xf) > COMMAND_PROXY)
		return proxy_refuse(reason, _("its command is neither LOCAL nor PROXY"));
	/* Of LOCAL the family is ignored. */
	number = len > AT_FAMILY && !is_local ? data[AT_FAMILY] >> 4 : 0;
	if (number >= ARRAY_LEN(families))
		return proxy_refuse(reason, _("it names a family of addresses that is none"));
	if (len > AT_FAMILY && !is_local && (data[AT_FAMILY] & 0xf) > PROTOCOL_DATAGRAM)
		return proxy_refuse(reason, _("it names a protocol that is none"));
	if (len < PROXY_V2_FIXED)
		return 0;
	if (size > PROXY_V2_UNIX + PROXY_TLV_MAX)
		return proxy_refuse(reason, _("it is longer than is put up with"));
	if ((data[AT_FAMILY] & 0xf) != PROTOCOL_UNSPECIFIED && size < families[number].size)
		return proxy_refuse(reason, _("it is too short for its addresses"));
	return 0;
}

ssize_t proxy_v2_read(const uint8_t *data, size_t len, struct proxy_header *header, const char **reason)
{
	size_t size = len < PROXY_V2_FIXED ? 0 : (size_t)data[AT_LENGTH] << 8 | data[AT_LENGTH + 1];
	ssize_t ret = check_fixed(data, len, size, reason);

	if (ret < 0 || len < PROXY_V2_FIXED + size)
		return ret;
	if ((data[AT_COMMAND] & 0xf) == COMMAND_PROXY)
		return read_proxied(data, PROXY_V2_FIXED + size, header, reason);
	/* "must use the real connection endpoints and discard the protocol block including the family" */
	*header = (struct proxy_header){ .version = PROXY_V2, .is_local = true };
	return (ssize_t)(PROXY_V2_FIXED + size);
}
