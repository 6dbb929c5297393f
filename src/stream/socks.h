/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The messages of SOCKS, by which a client asks a proxy to connect for it: written to bytes, and read from bytes as
 * they come. Pure; knows nothing of sockets.
 *
 * Sources: SOCKS 4 and 4a, "SOCKS: A protocol for TCP proxy across firewalls" and its extension (openssh.com,
 * socks4.protocol and socks4a.protocol); SOCKS 5, RFC 1928; user and password, RFC 1929.
 */
#ifndef SOCKT_STREAM_SOCKS_H
#define SOCKT_STREAM_SOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/addr.h"

#define SOCKS_NAME_MAX 255 /* bytes of a name, a user, a password: SOCKS 5 counts them in a byte */
/* The longest message of each kind: SOCKS 4a has 8 bytes, a user and a name, both with a NUL. */
#define SOCKS_MESSAGE_MAX (8 + 2 * (SOCKS_NAME_MAX + 1))

/* How a client may show who it is (RFC 1928 section 3). */
enum socks_method {
	SOCKS_METHOD_NONE = 0x00,
	SOCKS_METHOD_PASSWORD = 0x02,
	SOCKS_METHOD_NO_ACCEPTABLE = 0xff,
};

/* What is asked for (RFC 1928 section 4). */
enum socks_command {
	SOCKS_COMMAND_CONNECT = 1,
	SOCKS_COMMAND_BIND = 2,
	SOCKS_COMMAND_ASSOCIATE = 3,
};

/* What a proxy of SOCKS 5 answers (RFC 1928 section 6). */
enum socks_reply {
	SOCKS_REPLY_GRANTED = 0,
	SOCKS_REPLY_FAILURE,
	SOCKS_REPLY_NOT_ALLOWED,
	SOCKS_REPLY_NETWORK_UNREACHABLE,
	SOCKS_REPLY_HOST_UNREACHABLE,
	SOCKS_REPLY_REFUSED,
	SOCKS_REPLY_TTL_EXPIRED,
	SOCKS_REPLY_COMMAND_NOT_SUPPORTED,
	SOCKS_REPLY_ADDRESS_NOT_SUPPORTED,
};

/* What a proxy of SOCKS 4 answers. */
enum socks4_reply {
	SOCKS4_REPLY_GRANTED = 90,
	SOCKS4_REPLY_REJECTED,
	SOCKS4_REPLY_NO_IDENT,
	SOCKS4_REPLY_OTHER_IDENT,
};

/* Where a connection is to go: an address, or a name that the proxy is to resolve. */
struct socks_target {
	struct addr addr;                /* len 0: by name; its port does not count */
	char name[SOCKS_NAME_MAX + 1];   /* "" where addr says it */
	uint16_t port;                   /* host order */
};

/* Words for a reply: "connection refused"; of a number that none has NULL. Untranslated, for _(). */
const char *socks_reply_words(unsigned reply);
const char *socks4_reply_words(unsigned reply);

/*
 * Each writes a message into dst (SOCKS_MESSAGE_MAX bytes) and returns its length; 0 where it cannot say that (a name
 * or a user that is empty or too long, an address that is not IPv4 in SOCKS 4).
 */
/* user may be NULL. By name it is SOCKS 4a. */
size_t socks4_write_request(uint8_t *dst, const struct socks_target *target, const char *user);
/* The first message of a client of SOCKS 5: the methods that it can. */
size_t socks_write_greeting(uint8_t *dst, bool has_password);
/* *secret_at: where the password begins, which is the rest of the message. */
size_t socks_write_password(uint8_t *dst, const char *user, const char *password, size_t *secret_at);
size_t socks_write_request(uint8_t *dst, const struct socks_target *target);

/*
 * Each says of a message of which len bytes are there how many it has, as far as they tell: more than len, and so many
 * have to come before it can be asked again; or not more, and it is whole. -EPROTO: they do not begin such a message.
 */
ssize_t socks_greeting_len(const uint8_t *data, size_t len);
ssize_t socks_password_len(const uint8_t *data, size_t len);
/* A request of SOCKS 5 or its reply, which have the same form. */
ssize_t socks_request_len(const uint8_t *data, size_t len);

/* Read the address of a whole request or reply. */
void socks_request_target(const uint8_t *data, struct socks_target *target);

#endif
