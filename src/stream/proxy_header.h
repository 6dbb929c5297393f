/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The header of the PROXY protocol, by which one proxy tells the next (or the server) who the client is: written from
 * addresses, and read from bytes as they come. Pure; knows nothing of sockets.
 *
 * Source: "The PROXY protocol, Versions 1 & 2", HAProxy's doc/proxy-protocol.txt; comments name its sections.
 */
#ifndef SOCKT_STREAM_PROXY_HEADER_H
#define SOCKT_STREAM_PROXY_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/addr.h"

#define PROXY_V1_MAX ((size_t)107)   /* a line with its CRLF (2.1) */
#define PROXY_V2_FIXED ((size_t)16)  /* what every binary header begins with (2.2) */
#define PROXY_V2_UNIX ((size_t)216)  /* the longest addresses: two names of 108 bytes (2.2) */
#define PROXY_TLV_MAX ((size_t)4096) /* further bytes that are put up with; the length field would allow 65,535 */
/* The longest header that is read, and the longest one that is written. */
#define PROXY_HEADER_MAX (PROXY_V2_FIXED + PROXY_V2_UNIX + PROXY_TLV_MAX)
#define PROXY_WRITTEN_MAX (PROXY_V2_FIXED + PROXY_V2_UNIX)

enum proxy_version {
	PROXY_NONE = 0,
	PROXY_V1, /* a line of text */
	PROXY_V2, /* binary */
};

struct proxy_header {
	enum proxy_version version;
	bool is_local;           /* the proxy speaks for itself (a health check): there is no client behind it */
	struct addr source;      /* the client; len 0: not told (LOCAL, UNKNOWN, datagrams) */
	struct addr destination; /* where the client connected to; likewise */
};

/*
 * Write header as its version (not PROXY_NONE) has it; IPv4-mapped addresses as IPv4. Addresses that the version does
 * not know, or of different kinds, are not told (UNKNOWN, UNSPEC); version 1 has no LOCAL either.
 *   dst   PROXY_WRITTEN_MAX bytes
 * Returns the length.
 */
size_t proxy_header_write(const struct proxy_header *header, uint8_t *dst);

/*
 * Read a header of either version from the first len bytes of a connection.
 * Returns its length (what follows is not part of it) with *header filled; 0 where the bytes begin a header that is
 * not whole yet; or -EPROTO as soon as they cannot be one, with the reason in *reason (a clause for a message, never
 * freed). Each is written only then.
 */
ssize_t proxy_header_read(const uint8_t *data, size_t len, struct proxy_header *header, const char **reason);

#endif
