/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of ports: see port_list.h. */
#include "endpoint/port_list.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/random.h"
#include "base/util.h"
#include "endpoint/written.h"

#define PORTS 65536
#define NAME_MAX_LEN 63
#define DIGITS "0123456789"

struct reading {
	struct port_list *list;
	const char *text;
	bool is_there[PORTS];
	port_list_lookup_fn *lookup;
	void *ctx;
	char *error;
};

/* `ports "20-x": ` and the sentence. Returns -EINVAL. */
static int mistake(struct reading *reading, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int mistake(struct reading *reading, const char *format, ...)
{
	char shown[SPAN_SHOWN_MAX], sentence[PORT_LIST_ERROR_MAX - SPAN_SHOWN_MAX - 16];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	snprintf(reading->error, PORT_LIST_ERROR_MAX, "ports \"%s\": %s", span_show(span_of(reading->text), shown),
		 sentence);
	return -EINVAL;
}

/* A number of an item. */
static int read_port(struct reading *reading, struct span digits, uint32_t *port)
{
	char shown[SPAN_SHOWN_MAX];

	*port = 0;
	for (size_t i = 0; i < digits.len && *port < PORTS; i++)
		*port = *port * 10 + (uint32_t)(digits.at[i] - '0');
	if (*port >= PORTS)
		return mistake(reading, _("%s is no port: they go up to 65535"), span_show(digits, shown));
	if (*port == 0)
		return mistake(reading, _("nothing can be reached at port 0"));
	return 0;
}

static int add_range(struct reading *reading, struct span item, uint32_t first, uint32_t last)
{
	char shown[SPAN_SHOWN_MAX];

	if (last < first)
		return mistake(reading, _("%1$s is the wrong way round: write %2$u-%3$u"), span_show(item, shown), last,
			       first);
	for (uint32_t port = first; port <= last; port++) {
		if (!reading->is_there[port])
			reading->list->ports[reading->list->count++] = (uint16_t)port;
		reading->is_there[port] = true;
	}
	return 0;
}

/* FIRST-LAST, which begins with a digit. */
static int read_range(struct reading *reading, struct span item, const char *hyphen)
{
	struct span from = span_until(item, hyphen), to = span_from(item, hyphen + 1);
	char shown[SPAN_SHOWN_MAX];
	uint32_t first, last;

	if (to.len == 0)
		return mistake(reading, _("%1$s has no end: write %1$s65535 if all above are meant"),
			       span_show(item, shown));
	if (read_port(reading, from, &first) < 0 || read_port(reading, to, &last) < 0)
		return -EINVAL;
	return add_range(reading, item, first, last);
}

static int read_name(struct reading *reading, struct span item)
{
	char shown[SPAN_SHOWN_MAX], name[NAME_MAX_LEN + 1];
	uint16_t port;

	span_show(item, shown);
	if (reading->lookup == NULL)
		return mistake(reading, _("%s is a name, and -n looks up none"), shown);
	port = span_copy(item, name, sizeof(name)) ? reading->lookup(reading->ctx, name) : 0;
	if (port == 0)
		return mistake(reading, _("%s is neither a port, nor a range (20-30), nor a service in /etc/services"),
			       shown);
	return add_range(reading, item, port, port);
}

static int read_item(struct reading *reading, struct span item)
{
	const char *hyphen = span_find(item, '-');
	uint32_t port;

	if (item.len == 0)
		return mistake(reading,
			       _("an item is empty: write numbers, ranges (20-30) or services, with commas between"));
	if (span_consists_of(item, DIGITS))
		return read_port(reading, item, &port) < 0 ? -EINVAL : add_range(reading, item, port, port);
	/* "ms-sql-s" is a service; "9pfs" too. */
	if (hyphen != NULL && hyphen > item.at && span_consists_of(span_until(item, hyphen), DIGITS) &&
	    span_consists_of(span_from(item, hyphen + 1), DIGITS))
		return read_range(reading, item, hyphen);
	return read_name(reading, item);
}

int port_list_parse(struct port_list *list, const char *text, port_list_lookup_fn *lookup, void *ctx, char *error)
{
	struct reading *reading = xcalloc(1, sizeof(*reading));
	struct span rest = span_of(text);
	const char *comma;
	int ret;

	*reading = (struct reading){ .list = list, .text = text, .lookup = lookup, .ctx = ctx, .error = error };
	*list = (struct port_list){ .ports = xcalloc(PORTS, sizeof(*list->ports)) };
	do {
		comma = span_find(rest, ',');
		ret = read_item(reading, comma == NULL ? rest : span_until(rest, comma));
		if (comma != NULL)
			rest = span_from(rest, comma + 1);
	} while (ret == 0 && comma != NULL);
	free(reading);
	if (ret < 0)
		port_list_clear(list);
	else
		list->ports = xrealloc(list->ports, list->count * sizeof(*list->ports));
	return ret;
}

void port_list_clear(struct port_list *list)
{
	free(list->ports);
	*list = (struct port_list){ .count = 0 };
}

void port_list_shuffle(struct port_list *list, uint64_t seed)
{
	struct random random;

	random_init(&random, seed, 0);
	/* Each is swapped with itself or one before it: all orders are as likely. */
	for (size_t i = 1; i < list->count; i++) {
		size_t other = (size_t)random_below(&random, i + 1);
		uint16_t port = list->ports[i];

		list->ports[i] = list->ports[other];
		list->ports[other] = port;
	}
}

uint16_t port_list_service(void *ctx, const char *name)
{
	const struct servent *entry = getservbyname(name, ctx);

	return entry == NULL ? 0 : ntohs((uint16_t)entry->s_port);
}
