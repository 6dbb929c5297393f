/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Digests of bytes, for HTTP's authentication: MD5, SHA-256 and SHA-512/256. By libcrypto, loaded when the first one is
 * wanted (dlopen(3)): linking it would make every run 1.7 times as long to start.
 */
#ifndef SOCKT_STREAM_DIGEST_H
#define SOCKT_STREAM_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

/* What is loaded: version 3 keeps its interface (its ABI) as long as it has this name. */
#define DIGEST_LIBRARY "libcrypto.so.3"

enum digest_kind {
	DIGEST_MD5 = 0,
	DIGEST_SHA256,
	DIGEST_SHA512_256,
};

/* Hexadecimal digits of the longest, and a NUL. */
#define DIGEST_HEX_MAX 65

/* Make the hexadecimal digest of len bytes. Returns whether it could be: the library may be absent, or forbid MD5. */
bool digest_hex(enum digest_kind kind, const void *data, size_t len, char hex[static DIGEST_HEX_MAX]);

#endif
