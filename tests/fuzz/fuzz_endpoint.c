/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of endpoints and of --source: an endpoint that holds together, or an error with words. */
#include "endpoint/endpoint.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WORDS_MAX 2

/* The bits of the first byte: what stands on the command line beside the words. */
static struct endpoint_wish make_wish(uint8_t bits)
{
	static const int families[] = { AF_UNSPEC, AF_INET, AF_INET6, AF_UNSPEC };
	struct endpoint_wish wish = {
		.role = bits & 1 ? ROLE_LISTEN : ROLE_CONNECT,
		.family = families[bits >> 1 & 3],
		.is_udp = bits >> 3 & 1,
		.is_unix = bits >> 4 & 1,
		.is_numeric = bits >> 5 & 1,
		.is_relay = bits >> 6 & 1,
	};
	return wish;
}

/* An error is there, ends within its room, and nothing in it drives a terminal. */
static void check_error(int ret, const char *error)
{
	size_t len = strnlen(error, ENDPOINT_ERROR_MAX);

	assert(ret == -EINVAL);
	assert(len > 0 && len < ENDPOINT_ERROR_MAX && error[len - 1] != '\n');
	for (size_t i = 0; i < len; i++)
		assert(error[i] == '\n' || (unsigned char)error[i] >= 0x20);
}

static void check_endpoint(const struct endpoint *endpoint)
{
	char text[ENDPOINT_ERROR_MAX];

	assert(endpoint->kind != NULL);
	assert(memchr(endpoint->host, '\0', sizeof(endpoint->host)) != NULL);
	assert(memchr(endpoint->port, '\0', sizeof(endpoint->port)) != NULL);
	assert(memchr(endpoint->path, '\0', sizeof(endpoint->path)) != NULL);
	assert(endpoint->option_count <= ENDPOINT_OPTIONS_MAX);
	assert(!endpoint->is_service || endpoint->port_number == 0);
	assert(addr_family(&endpoint->addr) != AF_UNIX || endpoint->path[0] != '\0');
	assert(endpoint_format_words(endpoint, text, sizeof(text)) == text);
	assert(strlen(text) < sizeof(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *words[WORDS_MAX] = { NULL };
	char error[ENDPOINT_ERROR_MAX] = "";
	struct endpoint endpoint;
	struct endpoint_source source;
	size_t count = 1;

	if (size < 1)
		return 0;
	struct endpoint_wish wish = make_wish(data[0]);
	char *text = malloc(size);
	if (text == NULL)
		abort();
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';

	/* A newline parts the two words, for it is in no word that anyone types. */
	words[0] = text;
	char *newline = strchr(text, '\n');
	if (newline != NULL) {
		*newline = '\0';
		words[count++] = newline + 1;
	}

	int ret = endpoint_parse(&endpoint, words, count, &wish, error);
	if (ret == 0) {
		check_endpoint(&endpoint);
		endpoint_clear(&endpoint);
	} else {
		check_error(ret, error);
	}

	error[0] = '\0';
	ret = endpoint_parse_source(&source, text, "--source", error);
	if (ret != 0)
		check_error(ret, error);
	free(text);
	return 0;
}
