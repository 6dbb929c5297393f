/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What clients of a proxy server say: cut anywhere it means the same, and what is forwarded is a request again. */
#include "stream/reception.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Let a client say these bytes, at most step of them at a time. Returns how many were taken. */
static size_t say(struct reception *r, const struct reception_rules *rules, const uint8_t *data, size_t size,
		  size_t step)
{
	const uint8_t *out;
	size_t at = 0;

	reception_begin(r, rules);
	while (r->act == RECEPTION_SEND || (r->act == RECEPTION_RECEIVE && at < size)) {
		size_t len = size - at, room;

		if (r->act == RECEPTION_SEND) {
			len = reception_out(r, &out);
			assert(len > 0);
			reception_sent(r, len);
			continue;
		}
		room = reception_room(r);
		if (room == 0) {
			reception_look(r, data + at, len < step ? len : step);
			continue;
		}
		len = len < room ? len : room;
		len = len < step ? len : step;
		reception_take(r, data + at, len);
		at += len;
	}
	return at;
}

/* What the target gets has no field of this connection, and no password. */
static void check_forward(struct reception *r)
{
	struct http_head head;
	const uint8_t *out;
	size_t len = reception_out(r, &out);

	http_head_init(&head, HTTP_REQUEST);
	assert(http_head_read(&head, (const char *)out, len) == (ssize_t)len);
	assert(http_head_field(&head, "Proxy-Authorization", NULL) == NULL);
	assert(http_head_field(&head, "Proxy-Connection", NULL) == NULL);
	assert(http_head_count(&head, "Host") == 1 && http_head_count(&head, "Connection") == 1);
}

static void check(const struct reception_rules *rules, const uint8_t *data, size_t size)
{
	struct reception *whole = calloc(1, sizeof(*whole)), *pieces = calloc(1, sizeof(*pieces));
	size_t all, some;

	if (whole == NULL || pieces == NULL)
		abort();
	all = say(whole, rules, data, size, SIZE_MAX);
	some = say(pieces, rules, data, size, 1);
	assert(whole->act == pieces->act && whole->is_head == pieces->is_head);
	assert(whole->act == RECEPTION_REFUSE || whole->act == RECEPTION_OVER || all == some);
	if (whole->act == RECEPTION_CONNECT) {
		assert(whole->target.port != 0 && whole->target.port == pieces->target.port);
		assert(strcmp(whole->target.name, pieces->target.name) == 0);
		assert(whole->target.addr.len > 0 || whole->target.name[0] != '\0');
		reception_refuse(pieces, RECEPTION_NO_LISTENER, "why");
		assert(pieces->act == RECEPTION_REFUSE && pieces->out_len > 0);
		reception_connected(whole, &whole->target.addr);
		assert(whole->act == RECEPTION_GRANT);
		if (whole->is_forward)
			check_forward(whole);
	}
	free(whole);
	free(pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reception_rules rules = { .name = "sockt-00000000" };
	char error[USERS_ERROR_MAX];
	struct users users;

	if (users_read(&users, (const char *)data, size, error) == 0)
		users_clear(&users);
	if (users_read(&users, "alice:secret\n", 13, error) < 0)
		abort();
	for (int kind = RECEPTION_HTTP; kind <= RECEPTION_SOCKS5; kind++) {
		rules.kind = (enum reception_kind)kind;
		rules.users = NULL;
		check(&rules, data, size);
		rules.users = &users;
		check(&rules, data, size);
	}
	users_clear(&users);
	return 0;
}
