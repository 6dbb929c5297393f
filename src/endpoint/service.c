/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of services into port numbers, by services(5). */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/near.h"
#include "base/util.h"
#include "endpoint/endpoint.h"
#include "endpoint/written.h"

#define SERVICES_MAX 8192 /* names looked through for a near one */
#define NEAREST_MAX 3

struct names {
	char *name[SERVICES_MAX];
	size_t count;
};

static const char *next_name(const void *ctx, size_t index)
{
	const struct names *names = ctx;

	return index < names->count ? names->name[index] : NULL;
}

/* Add the nearest names of services of this protocol: ", did you mean http or https?". */
static void add_nearest(struct text *error, const char *service, const char *protocol)
{
	struct names *names = xcalloc(1, sizeof(*names));
	const char *found[NEAREST_MAX];
	const struct servent *entry;
	size_t count;

	setservent(1);
	while (names->count < SERVICES_MAX && (entry = getservent()) != NULL) {
		if (strcmp(entry->s_proto, protocol) == 0)
			names->name[names->count++] = xstrdup(entry->s_name);
	}
	endservent();
	count = near_find(service, next_name, names, found, NEAREST_MAX);
	for (size_t i = 0; i < count; i++)
		text_addf(error, i == 0 ? _("; near to it: %s") : ", %s", found[i]);
	for (size_t i = 0; i < names->count; i++)
		free(names->name[i]);
	free(names);
}

/* 20-25, as netcats take it. */
static bool is_range(const char *port)
{
	size_t first = strspn(port, "0123456789");
	size_t last = port[first] == '-' ? strspn(port + first + 1, "0123456789") : 0;

	return first > 0 && last > 0 && port[first + 1 + last] == '\0';
}

/* There is no such service: it may be a host without its port. */
static int mistake_unknown(const struct endpoint *endpoint, const char *protocol, char *error)
{
	char shown[SPAN_SHOWN_MAX];
	struct text text;

	span_show(span_of(endpoint->port), shown);
	text_init(&text, error, ENDPOINT_ERROR_MAX);
	if (is_range(endpoint->port)) {
		text_addf(&text,
			  _("port \"%1$s\": one port belongs here; to try several: sockt connect --scan HOST %1$s"),
			  shown);
		return -ENOENT;
	}
	text_addf(&text, _("port \"%s\": there is no service of that name for %s"), shown,
		  protocol);
	add_nearest(&text, endpoint->port, protocol);
	if (endpoint->is_host_default)
		text_addf(&text, _("; if it is a host, the port is missing: %s:PORT"), shown);
	return -ENOENT;
}

int endpoint_find_service(struct endpoint *endpoint, const struct endpoint_wish *wish, char *error)
{
	bool is_udp = endpoint->kind->protocol == PROTOCOL_UDP;
	const char *protocol = is_udp ? "udp" : "tcp";
	const char *other = is_udp ? "tcp" : "udp";
	const struct servent *entry;

	if (!endpoint->is_service)
		return 0;
	entry = getservbyname(endpoint->port, protocol);
	if (entry == NULL) {
		entry = getservbyname(endpoint->port, other);
		if (entry == NULL)
			return mistake_unknown(endpoint, protocol, error);
		snprintf(error, ENDPOINT_ERROR_MAX,
			 _("port \"%s\": the services of %s have no such name, those of %s have: "
			   "write %u if that port is meant"),
			 endpoint->port, protocol, other, ntohs((uint16_t)entry->s_port));
		return -ENOENT;
	}
	endpoint->port_number = ntohs((uint16_t)entry->s_port);
	if (endpoint->port_number == 0 && wish->role == ROLE_CONNECT) {
		snprintf(error, ENDPOINT_ERROR_MAX,
			 _("port \"%s\": nothing can be reached at port 0"), endpoint->port);
		return -ENOENT;
	}
	endpoint->is_service = false;
	if (endpoint->addr.len > 0)
		addr_set_port(&endpoint->addr, endpoint->port_number);
	return 0;
}
