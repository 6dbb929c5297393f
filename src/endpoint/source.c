/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The address that a client is bound to before it connects: -s, -p, bind=. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/parse.h"
#include "endpoint/reading.h"

#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

bool endpoint_source_is_place(const struct endpoint_source *source)
{
	return source->addr.len > 0 || source->host[0] != '\0';
}

static const char *family_name(int family)
{
	return family == AF_INET6 ? "IPv6" : "IPv4";
}

/*
 * Cut ADDR[:PORT] in two. Returns false where it is not of that form; *port is empty where there is
 * none.
 */
static bool split(struct span text, struct span *host, struct span *port)
{
	const char *end;

	*host = text;
	*port = span_from(text, text.at + text.len);
	if (text.len > 0 && text.at[0] == '[') {
		end = span_find(text, ']');
		if (end == NULL)
			return false;
		*host = span_until(span_from(text, text.at + 1), end);
		*port = span_from(text, end + 1);
		return port->len == 0 || port->at[0] == ':';
	}
	end = span_find(text, ':');
	/* More than one colon without brackets: an IPv6 address, and no port. */
	if (end == NULL || span_find(span_from(text, end + 1), ':') != NULL)
		return true;
	*host = span_until(text, end);
	*port = span_from(text, end);
	return true;
}

/*
 * Does the text without brackets read as an IPv6 address both with its last group and without it? Then that group may
 * be meant as a port.
 */
static bool is_ambiguous(struct span text)
{
	const char *colon = memrchr(text.at, ':', text.len);
	char host[ENDPOINT_HOST_MAX + 1], digits[24];
	char ignored[PARSE_ERROR_MAX];
	struct addr addr;
	uint16_t port;

	if (colon == NULL || !span_copy(span_until(text, colon), host, sizeof(host)) ||
	    !span_copy(span_from(text, colon + 1), digits, sizeof(digits)))
		return false;
	return addr_parse_ip(&addr, host, 0) == 0 && parse_port(digits, 0, &port, ignored) == 0;
}

/* Does the text read as the name of a host? */
static bool is_name(struct span text)
{
	return text.len > 0 && text.len <= ENDPOINT_HOST_MAX && text.at[0] != '-' && text.at[0] != '.' &&
	       span_consists_of(text, NAME_CHARS) && !span_consists_of(text, "0123456789.");
}

/* Put the reason down. */
static int refuse(char *reason, const char *sentence)
{
	snprintf(reason, PARSE_ERROR_MAX, "%s", sentence);
	return -EINVAL;
}

int reading_source(struct endpoint_source *source, const char *text, char *reason)
{
	struct endpoint_source read = { 0 };
	struct span host, port;
	char copy[ENDPOINT_HOST_MAX + 1], digits[24];

	if (text[0] == '\0')
		return refuse(reason, _("the address is empty"));
	if (!split(span_of(text), &host, &port))
		return refuse(reason, _("an IPv6 address with a port is written [ADDR]:PORT"));
	if (!span_copy(host, copy, sizeof(copy)))
		return refuse(reason, _("this is too long for the name of a host"));
	switch (text[0] != '[' && is_name(host) ? 0 : addr_parse_ip(&read.addr, copy, 0)) {
	case 0:
		break;
	case -ENODEV:
		return refuse(reason, _("there is no network interface of that name"));
	default:
		return refuse(reason,
			      _("this is no address (127.0.0.1, ::1, [::1]:5000) and no name of a host"));
	}
	if (read.addr.len == 0)
		snprintf(read.host, sizeof(read.host), "%s", copy);
	if (text[0] == '[' && addr_family(&read.addr) != AF_INET6)
		return refuse(reason, _("brackets are for IPv6 addresses only"));
	if (port.len > 0) {
		if (!span_copy(span_from(port, port.at + 1), digits, sizeof(digits)))
			return refuse(reason, _("a port is a number from 0 to 65535"));
		if (digits[0] != '\0' && digits[strspn(digits, "0123456789")] != '\0')
			return refuse(reason, _("a source port is a number from 0 to 65535: names of services are for "
						"the port to connect to"));
		if (parse_port(digits, 0, &read.port, reason) < 0)
			return -EINVAL;
	}
	if (text[0] != '[' && addr_family(&read.addr) == AF_INET6 && is_ambiguous(host))
		return refuse(reason, _("where the last part is the port, write [ADDR]:PORT, else [ADDR]"));
	if (read.addr.len > 0)
		addr_set_port(&read.addr, read.port);
	*source = read;
	return 0;
}

int endpoint_parse_source(struct endpoint_source *source, const char *text, const char *what,
			  char *error)
{
	struct written written = {
		.what = what,
		.words = &text,
		.word_count = 1,
		.error = error,
		.error_size = ENDPOINT_ERROR_MAX,
	};
	char reason[PARSE_ERROR_MAX];

	if (reading_source(source, text, reason) < 0)
		return written_mistake(&written, span_of(text), "%s", reason);
	return 0;
}

/* Add -s to what bind= said, or -p to either. */
static int merge(struct endpoint_source *into, const struct endpoint_source *source, char *reason)
{
	if (endpoint_source_is_place(source)) {
		if (endpoint_source_is_place(into))
			return refuse(reason,
				      _("--source and bind= are the same thing: give one of them"));
		into->addr = source->addr;
		memcpy(into->host, source->host, sizeof(into->host));
	}
	if (source->port > 0) {
		if (into->port > 0 && into->port != source->port)
			return refuse(reason, _("two different source ports are given"));
		into->port = source->port;
	}
	if (into->addr.len > 0)
		addr_set_port(&into->addr, into->port);
	return 0;
}

/* May this source go with this endpoint? */
static int check(const struct endpoint *endpoint, const struct endpoint_source *source,
		 char *reason)
{
	int family = endpoint->kind->family;

	if (endpoint->kind->form != FORM_HOST_PORT) {
		snprintf(reason, PARSE_ERROR_MAX, _("an IP address or a port is no source for %s"),
			 endpoint->kind->name);
		return -EINVAL;
	}
	if (endpoint->addr.len > 0)
		family = addr_family(&endpoint->addr);
	if (source->addr.len > 0 && family != AF_UNSPEC && family != addr_family(&source->addr)) {
		snprintf(reason, PARSE_ERROR_MAX, _("the source is %s, and the endpoint is %s"),
			 family_name(addr_family(&source->addr)), family_name(family));
		return -EINVAL;
	}
	return 0;
}

int reading_set_source(struct endpoint *endpoint, const struct endpoint_source *source,
		       char *reason)
{
	struct endpoint_source merged = endpoint->source;

	if (check(endpoint, source, reason) < 0 || merge(&merged, source, reason) < 0)
		return -EINVAL;
	endpoint->source = merged;
	/*
	 * A name is asked for addresses of that family only: the others could not be reached from
	 * there.
	 */
	if (merged.addr.len > 0 && endpoint->kind->family == AF_UNSPEC)
		endpoint->kind = endpoint_kind_of_family(endpoint->kind, addr_family(&merged.addr));
	return 0;
}

int endpoint_set_source(struct endpoint *endpoint, const struct endpoint_source *source,
			char *error)
{
	char reason[PARSE_ERROR_MAX];

	if (!endpoint_source_is_place(source) && source->port == 0)
		return 0;
	if (reading_set_source(endpoint, source, reason) < 0) {
		snprintf(error, ENDPOINT_ERROR_MAX, "%s", reason);
		return -EINVAL;
	}
	return 0;
}
