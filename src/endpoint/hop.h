/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hops: the proxies on the way to a target, as a person writes them.
 *
 *     socks5h://[USER[:PASSWORD]@]HOST:PORT
 *
 * Pure, as endpoints are (endpoint.h).
 */
#ifndef SOCKT_ENDPOINT_HOP_H
#define SOCKT_ENDPOINT_HOP_H

#include "endpoint/endpoint.h"
#include "stream/negotiation.h"

#define HOPS_MAX 8

struct hop {
	enum hop_kind kind;
	struct endpoint endpoint;          /* where the proxy is */
	bool has_user;
	char user[SOCKS_NAME_MAX + 1];
	char password[SOCKS_NAME_MAX + 1]; /* "" where there is none; never shown */
};

/* The way to a target: through the first hop to the second ... to the target. */
struct hop_chain {
	struct hop hops[HOPS_MAX];
	size_t count;
};

/*
 * Read a hop from its URL, the escapes (%40) of user and password decoded. Returns 0 and *hop, or -EINVAL with the
 * mistake in error (ENDPOINT_ERROR_MAX bytes), in which no password is. *hop is written only on success.
 */
int hop_parse(struct hop *hop, const char *url, char *error);

/* Where the password of a URL is, as it was written; NULL: it has none. *len: its bytes. */
const char *hop_find_password(const char *url, size_t *len);

/*
 * Give hop a user and a password, "USER:PASSWORD" of len bytes, as a file or the environment has them. Returns 0, or
 * -EINVAL with the mistake in error (ENDPOINT_ERROR_MAX bytes), in which no password is.
 */
int hop_set_user(struct hop *hop, const char *text, size_t len, char *error);

/* As a message names it: "socks5h proxy localhost port 1080". Returns dst. */
const char *hop_format_words(const struct hop *hop, char *dst, size_t size);

#endif
