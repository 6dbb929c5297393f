/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses: texts, and what a kernel (or a peer through it) could put into a sockaddr. */
#include "base/addr.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every way of writing an address ends by NUL within its room and holds printable ASCII. */
static void check_formats(const struct addr *addr, size_t room)
{
	typedef const char *format_function(const struct addr *addr, char *dst, size_t size);
	format_function *formats[] = { addr_format, addr_format_words, addr_format_host };

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		char *dst = malloc(ADDR_TEXT_MAX);
		char *small = malloc(room);
		if (dst == NULL || small == NULL)
			abort();
		assert(formats[i](addr, dst, ADDR_TEXT_MAX) == dst && dst[0] != '\0');
		for (const char *c = dst; *c != '\0'; c++)
			assert(*c >= 0x20 && *c < 0x7f);
		formats[i](addr, small, room);
		assert(strncmp(small, dst, strlen(small)) == 0);
		assert(strlen(small) == (strlen(dst) < room ? strlen(dst) : room - 1));
		free(small);
		free(dst);
	}
}

static void check_questions(const struct addr *addr)
{
	assert(addr_equal(addr, addr));
	assert(!(addr_is_loopback(addr) && addr_is_wildcard(addr)));
	assert(!addr_is_v4mapped(addr) || addr_family(addr) == AF_INET6);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct addr addr, again;

	if (size < 1)
		return 0;
	size_t room = (size_t)data[0] + 1;
	data++;
	size--;

	/* Whatever a sockaddr holds. */
	addr_set(&addr, (const struct sockaddr *)data, (socklen_t)size);
	check_formats(&addr, room);
	check_questions(&addr);

	char *text = malloc(size + 1);
	if (text == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	if (addr_parse_ip(&addr, text, 9000) == 0) {
		char host[ADDR_TEXT_MAX];
		check_formats(&addr, room);
		check_questions(&addr);
		assert(addr_port(&addr) == 9000);
		/* What is written is read as the same (an IPv4-mapped address is written as IPv4). */
		assert(addr_parse_ip(&again, addr_format_host(&addr, host, sizeof(host)), 9000) == 0);
		assert(addr_is_v4mapped(&addr) || addr_equal(&addr, &again));
	}
	if (addr_set_unix(&addr, text) == 0) {
		check_formats(&addr, room);
		check_questions(&addr);
	}
	free(text);
	return 0;
}
