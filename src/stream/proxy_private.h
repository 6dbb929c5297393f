/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two versions of the PROXY protocol share (proxy_header.c, proxy_v1.c, proxy_v2.c). */
#ifndef SOCKT_STREAM_PROXY_PRIVATE_H
#define SOCKT_STREAM_PROXY_PRIVATE_H

#include "stream/proxy_header.h"

/* Say why these bytes are no header. Returns -EPROTO. */
ssize_t proxy_refuse(const char **reason, const char *why);

/* The families of both addresses, where they are of one kind that may be told; else AF_UNSPEC. */
int proxy_family(const struct proxy_header *header);
/* addr as an address of family (AF_INET of an IPv4-mapped one; AF_INET6 of an IPv4 one: mapped). */
struct addr proxy_addr_as(const struct addr *addr, int family);

/* Each as proxy_header_write() and proxy_header_read(), of one version. */
size_t proxy_v1_write(const struct proxy_header *header, uint8_t *dst);
size_t proxy_v2_write(const struct proxy_header *header, uint8_t *dst);
ssize_t proxy_v1_read(const uint8_t *data, size_t len, struct proxy_header *header, const char **reason);
ssize_t proxy_v2_read(const uint8_t *data, size_t len, struct proxy_header *header, const char **reason);

/* What each begins with. */
#define PROXY_V1_SIGNATURE "PROXY "
#define PROXY_V2_SIGNATURE "\x0D\x0A\x0D\x0A\x00\x0D\x0A\x51\x55\x49\x54\x0A"
#define PROXY_V1_SIGNATURE_LEN (sizeof(PROXY_V1_SIGNATURE) - 1)
#define PROXY_V2_SIGNATURE_LEN (sizeof(PROXY_V2_SIGNATURE) - 1)

#endif
