/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of proxies, SOCKS and HTTP, and requests of clients of SOCKS: cut anywhere they mean the same. */
#include "stream/negotiation.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Let a proxy answer with these bytes, at most step of them at a time. Returns how many were taken. */
static size_t answer(struct negotiation *n, enum hop_kind kind, const uint8_t *data, size_t size, size_t step,
		     struct http_challenge *challenge)
{
	struct negotiation_wish wish = {
		.kind = kind, .user = "user", .password = "password", .target = { .name = "name", .port = 80 },
		.challenge = challenge,
	};
	uint8_t shown[NEGOTIATION_OUT_MAX];
	const uint8_t *out;
	size_t at = 0;

	if (hop_kind_record(kind)->is_ipv4 && hop_kind_record(kind)->resolves_here)
		addr_parse_ip(&wish.target.addr, "127.0.0.1", 80);
	negotiation_begin(n, &wish);
	while (n->act == NEGOTIATION_SEND || (n->act == NEGOTIATION_RECEIVE && at < size)) {
		size_t len = size - at, room;

		if (n->act == NEGOTIATION_SEND) {
			len = negotiation_out(n, &out, shown);
			assert(len > 0 && memmem(shown, len, "password", 8) == NULL);
			negotiation_sent(n, len);
			continue;
		}
		room = negotiation_room(n);
		if (room == 0) {
			negotiation_look(n, data + at, len < step ? len : step);
			continue;
		}
		assert(room > 0 && room <= NEGOTIATION_IN_MAX);
		len = len < room ? len : room;
		len = len < step ? len : step;
		negotiation_take(n, data + at, len);
		at += len;
	}
	if (n->act == NEGOTIATION_RECEIVE)
		negotiation_ended(n);
	return at;
}

static void check_answers(const uint8_t *data, size_t size)
{
	struct negotiation *whole = calloc(1, sizeof(*whole)), *pieces = calloc(1, sizeof(*pieces));

	if (whole == NULL || pieces == NULL)
		abort();
	for (int kind = 0; kind < HOP_KIND_COUNT; kind++) {
		struct http_challenge first = { .scheme = HTTP_SCHEME_NONE }, second = first;
		size_t all = answer(whole, (enum hop_kind)kind, data, size, SIZE_MAX, &first);
		size_t some = answer(pieces, (enum hop_kind)kind, data, size, 1, &second);

		assert(whole->act == pieces->act && (whole->act == NEGOTIATION_FAILED) == (whole->trouble != 0));
		assert(first.scheme == second.scheme && strcmp(first.nonce, second.nonce) == 0);
		/* A mistake is seen where it is; of an answer both take all, and nothing behind it. */
		assert(whole->act == NEGOTIATION_FAILED || some == all);
	}
	free(whole);
	free(pieces);
}

static void check_request(const uint8_t *data, size_t size)
{
	struct socks_target target, again;
	uint8_t dst[SOCKS_MESSAGE_MAX];
	ssize_t len = socks_request_len(data, size);

	assert(len < 0 || len <= SOCKS_MESSAGE_MAX);
	if (len < 0 || (size_t)len > size)
		return;
	socks_request_target(data, &target);
	if (target.addr.len == 0 && target.name[0] == '\0')
		return;
	assert(socks_write_request(dst, &target) > 0);
	socks_request_target(dst, &again);
	assert(addr_equal(&target.addr, &again.addr) && strcmp(target.name, again.name) == 0 &&
	       target.port == again.port);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ssize_t len = socks_greeting_len(data, size);

	assert(len < 0 || (len >= 2 && len <= 257));
	len = socks_password_len(data, size);
	assert(len < 0 || (len >= 2 && len <= 3 + 2 * SOCKS_NAME_MAX));
	check_answers(data, size);
	check_request(data, size);
	return 0;
}
