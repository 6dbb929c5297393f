/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kinds of receptions share (reception.c, reception_http.c, reception_socks.c). */
#ifndef SOCKT_STREAM_RECEPTION_PRIVATE_H
#define SOCKT_STREAM_RECEPTION_PRIVATE_H

#include "stream/reception.h"

/* A protocol of clients. */
struct reception_ops {
	/* How many bytes the message has that is waited for: as socks_request_len(). */
	ssize_t (*need)(const struct reception *r);
	/* As of struct negotiation_ops; NULL: need() knows without. */
	void (*look)(struct reception *r, const uint8_t *data, size_t len);
	/* What has come cannot be a message. */
	void (*broken)(struct reception *r);
	/* It is whole: in, in_len. */
	void (*asked)(struct reception *r);
	bool (*is_secret)(const struct reception *r);
	void (*connected)(struct reception *r, const struct addr *local);
	void (*refuse)(struct reception *r, enum reception_cause cause, const char *words);
};

extern const struct reception_ops reception_http, reception_socks5;

/* Send len bytes of out, then act. */
void reception_send(struct reception *r, enum reception_act act, size_t len);
/* What is to be told. */
void reception_say(struct reception *r, const char *request, const char *about, const char *words, unsigned code,
		   bool is_refusal);

#endif
