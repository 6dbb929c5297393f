/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The PROXY protocol, version 1, section 2.1: a line of text.
 *
 *     PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"
#include "stream/proxy_private.h"

#define CRLF "\r\n"
#define UNKNOWN "UNKNOWN"
/* Longer than any field that is right. */
#define FIELD_MAX 64

/* A piece of the line, from a byte to before another. */
struct field {
	const char *at;
	size_t len;
};

/* The address alone; a zone means something on its own host only. */
static const char *write_host(const struct addr *addr, char *dst)
{
	const void *host = addr_family(addr) == AF_INET ? (const void *)&addr->in.sin_addr : &addr->in6.sin6_addr;

	return inet_ntop(addr_family(addr), host, dst, INET6_ADDRSTRLEN);
}

size_t proxy_v1_write(const struct proxy_header *header, uint8_t *dst)
{
	const int family = proxy_family(header);
	char line[PROXY_V1_MAX + 1] = PROXY_V1_SIGNATURE UNKNOWN CRLF, hosts[2][INET6_ADDRSTRLEN];
	size_t len;

	if (family == AF_INET || family == AF_INET6) {
		const struct addr source = proxy_addr_as(&header->source, family);
		const struct addr destination = proxy_addr_as(&header->destination, family);

		snprintf(line, sizeof(line), PROXY_V1_SIGNATURE "%s %s %s %u %u" CRLF,
			 family == AF_INET ? "TCP4" : "TCP6", write_host(&source, hosts[0]),
			 write_host(&destination, hosts[1]), addr_port(&source), addr_port(&destination));
	}
	len = strlen(line);
	memcpy(dst, line, len);
	return len;
}

/* Take the field up to the next space, or the rest, off the front. */
static struct field next_field(struct field *rest)
{
	const char *space = memchr(rest->at, ' ', rest->len);
	struct field field = { rest->at, space == NULL ? rest->len : (size_t)(space - rest->at) };
	size_t taken = field.len + (space != NULL);

	rest->at += taken;
	rest->len -= taken;
	return field;
}

/* An address as inet_pton(3) has it: no leading zeros, no zone. */
static bool read_host(struct field field, int family, struct addr *addr)
{
	char text[FIELD_MAX];

	if (field.len >= sizeof(text) || memchr(field.at, '%', field.len) != NULL)
		return false;
	memcpy(text, field.at, field.len);
	text[field.len] = '\0';
	return strlen(text) == field.len && addr_parse_ip(addr, text, 0) == 0 && addr_family(addr) == family;
}

/* A decimal number from 0 to 65535 without leading zeros. */
static bool read_port(struct field field, struct addr *addr)
{
	unsigned port = 0;

	if (field.len == 0 || field.len > 5 || (field.at[0] == '0' && field.len > 1))
		return false;
	for (size_t i = 0; i < field.len; i++) {
		if (field.at[i] < '0' || field.at[i] > '9')
			return false;
		port = port * 10 + (unsigned)(field.at[i] - '0');
	}
	if (port > UINT16_MAX)
		return false;
	addr_set_port(addr, (uint16_t)port);
	return true;
}

/* The four fields behind TCP4 or TCP6, and nothing else. Returns len, or -EPROTO. */
static ssize_t read_addresses(struct field rest, int family, size_t len, struct proxy_header *header,
			      const char **reason)
{
	struct proxy_header found = { .version = PROXY_V1 };
	size_t spaces = 0;

	for (size_t i = 0; i < rest.len; i++)
		spaces += rest.at[i] == ' ';
	if (spaces != 3)
		return proxy_refuse(reason, _("its line has not two addresses and two ports"));
	if (!read_host(next_field(&rest), family, &found.source) ||
	    !read_host(next_field(&rest), family, &found.destination))
		return proxy_refuse(reason, _("an address in its line is none of the family it names"));
	if (!read_port(next_field(&rest), &found.source) || !read_port(next_field(&rest), &found.destination))
		return proxy_refuse(reason, _("a port in its line is none"));
	*header = found;
	return (ssize_t)len;
}

/* Which words may follow the signature; family AF_UNSPEC: UNKNOWN. */
static const struct {
	const char *word;
	int family;
} words[] = {
	{ "TCP4 ", AF_INET },
	{ "TCP6 ", AF_INET6 },
	{ UNKNOWN " ", AF_UNSPEC },
	{ UNKNOWN CRLF, AF_UNSPEC },
};

/*
 * The first byte, from at on, that no field has: there the CRLF has to be. Anything else, an LF without its CR too, is
 * a mistake that need not be waited on. In UNKNOWN "the receiver must ignore anything presented before the CRLF".
 */
static size_t find_tail(const char *line, size_t len, size_t at, int family)
{
	static const char allowed[] = "0123456789abcdefABCDEF.: ";

	if (family == AF_UNSPEC)
		return 0;
	while (at < len && memchr(allowed, line[at], sizeof(allowed) - 1) != NULL)
		at++;
	return at;
}

/* The end of the line, behind its CRLF; 0: not there yet, -EPROTO: it cannot come any more. */
static ssize_t find_end(const char *line, size_t len, size_t at, int family, const char **reason)
{
	size_t looked = len < PROXY_V1_MAX ? len : PROXY_V1_MAX, tail = find_tail(line, looked, at, family);
	const char *end = memmem(line + tail, looked - tail, CRLF, strlen(CRLF));

	if (family != AF_UNSPEC && tail < looked && end != line + tail && (line[tail] != '\r' || tail + 1 < looked))
		return proxy_refuse(reason, _("its line has a byte that belongs to no address and no port"));
	if (end != NULL)
		return end - line + (ssize_t)strlen(CRLF);
	if (len >= PROXY_V1_MAX)
		return proxy_refuse(reason, _("its line has no end within 107 bytes"));
	return 0;
}

ssize_t proxy_v1_read(const uint8_t *data, size_t len, struct proxy_header *header, const char **reason)
{
	const char *line = (const char *)data;
	bool is_begun = len <= PROXY_V1_SIGNATURE_LEN;

	for (size_t i = 0; i < ARRAY_LEN(words) && !is_begun; i++) {
		size_t word_len = strlen(words[i].word), at = PROXY_V1_SIGNATURE_LEN + word_len;
		ssize_t end;

		if (memcmp(line + PROXY_V1_SIGNATURE_LEN, words[i].word, len < at ? len - PROXY_V1_SIGNATURE_LEN
										   : word_len) != 0)
			continue;
		is_begun = true;
		if (len < at)
			continue;
		end = find_end(line, len, at, words[i].family, reason);
		if (end <= 0)
			return end;
		if (words[i].family != AF_UNSPEC)
			return read_addresses((struct field){ line + at, (size_t)end - at - strlen(CRLF) },
					      words[i].family, (size_t)end, header, reason);
		*header = (struct proxy_header){ .version = PROXY_V1 };
		return end;
	}
	return is_begun ? 0 : proxy_refuse(reason, _("its line names a protocol that is none (TCP4, TCP6, UNKNOWN)"));
}
