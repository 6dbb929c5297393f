/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of hosts and ports. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/parse.h"
#include "endpoint/reading.h"

#define DIGITS "0123456789"
#define HEX_DIGITS DIGITS "abcdefABCDEF"
#define NAME_CHARS DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_."
#define SERVICE_CHARS NAME_CHARS "+"
#define GROUP_MAX 4  /* digits of a group of an IPv6 address */
#define LABEL_MAX 63 /* RFC 1035 section 2.3.4 */

/* Is it a numeric address? As addr_parse_ip(). */
static int parse_ip(struct span text, struct addr *addr)
{
	char copy[ENDPOINT_HOST_MAX + 1];

	if (!span_copy(text, copy, sizeof(copy)))
		return -EINVAL;
	return addr_parse_ip(addr, copy, 0);
}

/* Take a numeric host, whose family has to be one of the kind's. */
static int take_address(struct reading *r, struct span host, const struct addr *addr)
{
	const struct endpoint_kind *kind = r->endpoint.kind;
	char shown[SPAN_SHOWN_MAX];
	int family = addr_family(addr);

	if (kind->family != AF_UNSPEC && kind->family != family) {
		return written_mistake(&r->written, host,
				       family == AF_INET6
					       ? _("%s is an IPv6 address, and %s takes IPv4 only")
					       : _("%s is an IPv4 address, and %s takes IPv6 only"),
				       span_show(host, shown),
				       r->wish->family != AF_UNSPEC && r->wish->family == kind->family
					       ? r->wish->family == AF_INET6 ? "-6" : "-4"
					       : kind->name);
	}
	span_copy(host, r->endpoint.host, sizeof(r->endpoint.host));
	r->endpoint.addr = *addr;
	return 0;
}

/* Find what no host name has. */
static int check_name_chars(struct reading *r, struct span host)
{
	char shown[SPAN_SHOWN_MAX];

	for (size_t i = 0; i < host.len; i++) {
		struct span one = { .at = &host.at[i], .len = 1 };

		if (span_consists_of(one, NAME_CHARS))
			continue;
		if (one.at[0] == '*' && r->wish->role != ROLE_CONNECT)
			return written_mistake(
				&r->written, one,
				_("for every address leave the host out: only the port"));
		if ((unsigned char)one.at[0] >= 0x80)
			return written_mistake(
				&r->written, one,
				_("a host name has only ASCII letters: write its xn-- form"));
		if (one.at[0] == ' ')
			return written_mistake(&r->written, one, _("a host name has no blanks"));
		return written_mistake(&r->written, one, _("\"%s\" cannot be in a host name"),
				       span_show(one, shown));
	}
	return 0;
}

/* Look at the parts between the dots; one dot at the end is right. */
static int check_name_labels(struct reading *r, struct span host)
{
	size_t start = 0;

	for (size_t i = 0; i <= host.len; i++) {
		struct span label = { .at = &host.at[start], .len = i - start };

		if (i < host.len && host.at[i] != '.')
			continue;
		if (label.len == 0 && i < host.len)
			return written_mistake(&r->written, label,
					       _("a part of the host name is empty"));
		if (label.len > LABEL_MAX) {
			return written_mistake(&r->written, label,
					       _("a part of a host name has at most %d characters, "
						 "and this has %zu"),
					       LABEL_MAX, label.len);
		}
		start = i + 1;
	}
	return 0;
}

/* A host that is not a numeric address. */
static int read_name(struct reading *r, struct span host)
{
	char shown[SPAN_SHOWN_MAX];
	int ret;

	if (host.len > ENDPOINT_HOST_MAX) {
		return written_mistake(&r->written, host,
				       _("a host name has at most %d characters, and this has %zu"),
				       ENDPOINT_HOST_MAX, host.len);
	}
	if (span_consists_of(host, DIGITS ".")) {
		return written_mistake(&r->written, host,
				       _("\"%s\" is not an IPv4 address: that is four numbers from "
					 "0 to 255, as in 127.0.0.1"),
				       span_show(host, shown));
	}
	ret = check_name_chars(r, host);
	if (ret == 0)
		ret = check_name_labels(r, host);
	if (ret < 0)
		return ret;
	if (r->wish->is_numeric) {
		return written_mistake(
			&r->written, host,
			_("\"%s\" is a name, and -n (--numeric) wants an address in numbers"),
			span_show(host, shown));
	}
	span_copy(host, r->endpoint.host, sizeof(r->endpoint.host));
	return 0;
}

/* The zone of an IPv6 address names no interface. */
static int mistake_zone(struct reading *r, struct span host)
{
	char shown[SPAN_SHOWN_MAX];
	const char *percent = span_find(host, '%');
	struct span zone = percent == NULL ? host : span_from(host, percent + 1);

	return written_mistake(&r->written, zone, _("there is no network interface \"%s\""),
			       span_show(zone, shown));
}

/* A host without brackets: a numeric address or a name. */
static int read_host(struct reading *r, struct span host)
{
	struct addr addr;
	int ret;

	if (host.len == 0) {
		return written_mistake(
			&r->written, host,
			r->wish->role == ROLE_CONNECT
				? _("the host is empty; for this machine write only the port")
				: _("the host is empty; for every address write only the port"));
	}
	ret = parse_ip(host, &addr);
	if (ret == -ENODEV)
		return mistake_zone(r, host);
	return ret == 0 ? take_address(r, host, &addr) : read_name(r, host);
}

/* What was between brackets. */
static int read_bracketed(struct reading *r, struct span host)
{
	char shown[SPAN_SHOWN_MAX];
	struct addr addr;
	int ret;

	ret = parse_ip(host, &addr);
	if (ret == -ENODEV)
		return mistake_zone(r, host);
	if (ret < 0) {
		return written_mistake(&r->written, host, _("\"%s\" is not an IPv6 address"),
				       span_show(host, shown));
	}
	if (addr_family(&addr) != AF_INET6)
		return written_mistake(&r->written, host,
				       _("brackets are for IPv6 addresses only"));
	return take_address(r, host, &addr);
}

/* Is it meant as a number? */
static bool is_number(struct span text)
{
	if (text.len > 1 && (text.at[0] == '-' || text.at[0] == '+'))
		text = span_from(text, text.at + 1);
	return text.len > 0 && span_consists_of(text, DIGITS);
}

/* A port in digits. */
static int read_port_number(struct reading *r, struct span port)
{
	char error[PARSE_ERROR_MAX];
	uint16_t lowest = r->wish->role == ROLE_CONNECT ? 1 : 0;
	uint16_t number;

	if (!span_copy(port, r->endpoint.port, sizeof(r->endpoint.port)))
		return written_mistake(&r->written, port, _("a port is a number from %d to 65535"),
				       lowest);
	if (r->wish->role == ROLE_CONNECT && strcmp(r->endpoint.port, "0") == 0)
		return written_mistake(&r->written, port, _("nothing can be reached at port 0"));
	if (parse_port(r->endpoint.port, lowest, &number, error) < 0)
		return written_mistake(&r->written, port, "%s", error);
	r->endpoint.port_number = number;
	return 0;
}

static int read_port(struct reading *r, struct span port)
{
	char shown[SPAN_SHOWN_MAX];

	if (port.len == 0)
		return written_mistake(&r->written, port, _("the port is missing"));
	if (is_number(port))
		return read_port_number(r, port);
	if (!span_consists_of(port, SERVICE_CHARS)) {
		return written_mistake(&r->written, port,
				       _("\"%s\" is not a port: that is a number up to 65535 or "
					 "the name of a service"),
				       span_show(port, shown));
	}
	if (!span_copy(port, r->endpoint.port, sizeof(r->endpoint.port))) {
		return written_mistake(&r->written, port,
				       _("the name of a service has at most %d characters"),
				       ENDPOINT_SERVICE_MAX);
	}
	if (r->wish->is_numeric) {
		return written_mistake(
			&r->written, port,
			_("\"%s\" is a name, and -n (--numeric) wants the port as a number"),
			span_show(port, shown));
	}
	r->endpoint.is_service = true;
	return 0;
}

/* Host and port are read: what follows from both. */
static int finish(struct reading *r)
{
	if (r->endpoint.addr.len > 0)
		addr_set_port(&r->endpoint.addr, r->endpoint.port_number);
	return 0;
}

/* No host was written: every address when listening, this machine when connecting. */
static int read_bare_port(struct reading *r, struct span port)
{
	char shown[SPAN_SHOWN_MAX];
	struct addr addr;
	struct span host;
	int ret;

	if (parse_ip(port, &addr) == 0 || (!is_number(port) && span_find(port, '.') != NULL)) {
		return written_mistake(&r->written, span_from(port, port.at + port.len),
				       _("the port is missing: write %s:PORT"),
				       span_show(port, shown));
	}
	ret = read_port(r, port);
	if (ret < 0)
		return ret;
	r->endpoint.is_host_default = true;
	if (r->wish->role != ROLE_CONNECT) {
		r->endpoint.is_any_host = true;
		return 0;
	}
	host = span_of("localhost");
	if (r->wish->is_numeric)
		host = span_of(r->endpoint.kind->family == AF_INET6 ? "::1" : "127.0.0.1");
	ret = read_host(r, host);
	return ret < 0 ? ret : finish(r);
}

static int mistake_open_bracket(struct reading *r, struct span from)
{
	return written_mistake(&r->written, span_until(from, from.at + 1), _("the bracket is not closed"));
}

/* [ADDRESS]:PORT */
static int read_bracket_form(struct reading *r, struct span rest)
{
	const char *end = span_find(rest, ']');
	char shown[SPAN_SHOWN_MAX];
	struct span host, behind;
	int ret;

	if (end == NULL)
		return mistake_open_bracket(r, rest);
	host = span_until(span_from(rest, rest.at + 1), end);
	behind = span_from(rest, end + 1);
	ret = read_bracketed(r, host);
	if (ret < 0)
		return ret;
	if (behind.len == 0) {
		return written_mistake(&r->written, behind,
				       _("the port is missing: write [%s]:PORT"),
				       span_show(host, shown));
	}
	if (behind.at[0] != ':')
		return written_mistake(&r->written, behind,
				       _("a colon and the port belong behind the bracket"));
	ret = read_port(r, span_from(behind, behind.at + 1));
	return ret < 0 ? ret : finish(r);
}

static const char *last_colon(struct span text)
{
	return memrchr(text.at, ':', text.len);
}

/* More colons than HOST:PORT has: say what was probably meant. */
static int mistake_colons(struct reading *r, struct span rest)
{
	char shown[SPAN_SHOWN_MAX], port[SPAN_SHOWN_MAX];
	const char *colon = last_colon(rest);
	struct span host = span_until(rest, colon), last = span_from(rest, colon + 1);
	struct span first = span_until(rest, span_find(rest, ':'));
	struct addr addr;

	if (parse_ip(host, &addr) == 0 && span_consists_of(last, DIGITS)) {
		return written_mistake(&r->written, rest,
				       _("an IPv6 address with a port stands in brackets: [%s]:%s"),
				       span_show(host, shown),
				       last.len > 0 ? span_show(last, port) : "PORT");
	}
	if (parse_ip(rest, &addr) == 0) {
		return written_mistake(
			&r->written, rest,
			_("an IPv6 address stands in brackets, and the port behind it: [%s]:PORT"),
			span_show(rest, shown));
	}
	if (!r->has_kind && (first.len > GROUP_MAX || !span_consists_of(first, HEX_DIGITS)))
		return reading_unknown_kind(r, first, span_from(rest, first.at + first.len + 1));
	if (span_consists_of(host, HEX_DIGITS ":."))
		return written_mistake(&r->written, rest,
				       _("this is neither HOST:PORT nor an IPv6 address"));
	return written_mistake(&r->written, span_from(rest, colon),
			       _("there is a colon too many in HOST:PORT"));
}

/* The host and the port of a URL: behind KIND:// and USER:PASSWORD@; an IPv6 address with its brackets. */
static void split_url(struct span rest, const char *colon, struct span *host, struct span *port)
{
	const char *at, *end;

	*host = span_from(rest, colon + strlen("://"));
	host->len = strcspn(host->at, "/?#,");
	at = memrchr(host->at, '@', host->len);
	if (at != NULL)
		*host = span_from(*host, at + 1);
	end = host->len > 0 && host->at[0] == '[' ? span_find(*host, ']') : NULL;
	*port = span_from(*host, end == NULL ? host->at : end + 1);
	end = span_find(*port, ':');
	*port = span_from(*host, end == NULL ? host->at + host->len : end + 1);
	if (end != NULL)
		*host = span_until(*host, end);
}

/* http://host/path and the like. */
static int mistake_url(struct reading *r, struct span rest, const char *colon)
{
	char host_shown[SPAN_SHOWN_MAX], port_shown[SPAN_SHOWN_MAX];
	struct span host, port;

	split_url(rest, colon, &host, &port);
	if (host.len > 0)
		span_show(host, host_shown);
	else
		snprintf(host_shown, sizeof(host_shown), "HOST");
	if (port.len > 0)
		span_show(port, port_shown);
	else
		snprintf(port_shown, sizeof(port_shown), "PORT");
	if (span_begins(rest, "http:"))
		return written_mistake(&r->written, rest,
				       _("this is a URL; an endpoint is the host and the port: %1$s:%2$s; connect "
					 "--http-get PATH asks for a page"),
				       host_shown, port_shown);
	return written_mistake(&r->written, rest, _("this is a URL; an endpoint is the host and the port: %1$s:%2$s"),
			       host_shown, port_shown);
}

int reading_host_port(struct reading *r, struct span rest)
{
	const char *colon;
	struct span port;
	int ret;

	if (rest.len == 0)
		return written_mistake(&r->written, rest, _("the port is missing"));
	if (rest.at[0] == '[')
		return read_bracket_form(r, rest);
	colon = span_find(rest, ':');
	if (colon == NULL && !r->has_kind && reading_is_foreign_alone(rest))
		return reading_foreign_kind(r, rest, span_from(rest, rest.at + rest.len));
	if (colon == NULL)
		return read_bare_port(r, rest);
	if (span_begins(span_from(rest, colon), "://"))
		return mistake_url(r, rest, colon);
	if (colon != last_colon(rest))
		return mistake_colons(r, rest);
	port = span_from(rest, colon + 1);
	/* A path, or a word such as TCP-LISTEN, which is no host that anybody has. */
	if (!r->has_kind && ((port.len > 0 && strchr("/.@", port.at[0]) != NULL) ||
			     reading_is_foreign_kind(span_until(rest, colon), port)))
		return reading_unknown_kind(r, span_until(rest, colon), port);
	ret = read_host(r, span_until(rest, colon));
	if (ret == 0)
		ret = read_port(r, port);
	return ret < 0 ? ret : finish(r);
}

int reading_two_words(struct reading *r, struct span host, struct span port)
{
	const char *colon = span_find(host, ':');
	char shown[SPAN_SHOWN_MAX], port_shown[SPAN_SHOWN_MAX];
	struct addr addr;
	int ret;

	if (reading_is_endpoint(host) && reading_is_endpoint(port))
		return reading_two_endpoints(r, host, port);
	if (host.len > 0 && host.at[0] == '[' && span_find(host, ']') == NULL)
		return mistake_open_bracket(r, host);
	if (host.len > 0 && host.at[0] == '[' && host.at[host.len - 1] == ']') {
		ret = read_bracketed(r, (struct span){ .at = host.at + 1, .len = host.len - 2 });
	} else if (colon != NULL && parse_ip(host, &addr) == -EINVAL) {
		if (endpoint_kind_find_len(host.at, (size_t)(colon - host.at)) == NULL)
			return written_mistake(&r->written, host, _("write HOST PORT, or HOST:PORT in one word"));
		return written_mistake(&r->written, host, _("an endpoint with its kind is one word: %s:%s"),
				       span_show(host, shown), span_show(port, port_shown));
	} else {
		ret = read_host(r, host);
	}
	if (ret == 0)
		ret = read_port(r, port);
	return ret < 0 ? ret : finish(r);
}

bool endpoint_is_host_and_port(const char *first, const char *second)
{
	struct span host = span_of(first), port = span_of(second);
	const char *comma = span_find_unquoted(port, ',');
	struct addr addr;

	if (comma != NULL)
		port = span_until(port, comma);
	if (span_find(port, ':') != NULL)
		return false;
	/* What an empty word lacks is said of a host. */
	if (host.len == 0)
		return true;
	if (host.at[0] == '[')
		return host.at[host.len - 1] == ']';
	/* Options stand behind the port only. */
	if (span_consists_of(host, DIGITS) || span_find_unquoted(host, ',') != NULL)
		return false;
	return span_find(host, ':') == NULL || parse_ip(host, &addr) != -EINVAL;
}
