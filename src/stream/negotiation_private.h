/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kinds of negotiations share (negotiation.c, negotiation_http.c, negotiation_socks.c). */
#ifndef SOCKT_STREAM_NEGOTIATION_PRIVATE_H
#define SOCKT_STREAM_NEGOTIATION_PRIVATE_H

#include "stream/negotiation.h"

/* A protocol of proxies. */
struct negotiation_ops {
	void (*begin)(struct negotiation *n);
	/* How many bytes the answer has that is waited for, of which in_len are there: as socks_request_len(). */
	ssize_t (*need)(const struct negotiation *n);
	/* Look at what may be more of it than belongs to it; NULL: need() knows without. */
	void (*look)(struct negotiation *n, const uint8_t *data, size_t len);
	/* It is whole: in, in_len. Go on, with in emptied by the caller. */
	void (*answered)(struct negotiation *n);
};

extern const struct negotiation_ops negotiation_http, negotiation_socks4, negotiation_socks5;

/* It has failed. */
void negotiation_fail(struct negotiation *n, enum negotiation_trouble trouble);
/* Send what is in out, len bytes; 0: it could not be written. */
void negotiation_send(struct negotiation *n, size_t len);
/* What the answer tells: the words for code, or its number where they are NULL. */
void negotiation_say(struct negotiation *n, const char *request, const char *about, const char *words, unsigned code);

#endif
