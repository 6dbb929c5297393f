/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values that the sentences of explanations may name: {fd}, {local}, {backlog} ... */
#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "base/template.h"
#include "base/util.h"
#include "trace/explain_private.h"
#include "trace/names.h"

#define NAME_MAX_SHOWN 80 /* bytes of a host name */

typedef bool value_fn(const struct explain_case *it, struct text *text);

static bool add_number(struct text *text, int64_t number)
{
	text_addf(text, "%" PRId64, number);
	return true;
}

static bool add_addr(const struct addr *addr, struct text *text)
{
	char words[ADDR_TEXT_MAX];

	if (addr == NULL)
		return false;
	text_add(text, addr_format(addr, words, sizeof(words)));
	return true;
}

static bool add_host(const struct addr *addr, struct text *text)
{
	char words[ADDR_TEXT_MAX];

	if (addr == NULL)
		return false;
	text_add(text, addr_format_host(addr, words, sizeof(words)));
	return true;
}

static bool add_port(const struct addr *addr, struct text *text)
{
	return addr != NULL && addr_port(addr) != 0 && add_number(text, addr_port(addr));
}

static bool add_escaped(const char *string, struct text *text)
{
	char shown[NAME_MAX_SHOWN * 4 + 1];
	size_t len;

	if (string == NULL)
		return false;
	len = strnlen(string, NAME_MAX_SHOWN);
	escape_c(string, len, shown, sizeof(shown));
	text_add(text, shown);
	return true;
}

static bool value_fd(const struct explain_case *it, struct text *text)
{
	return it->event->fd >= 0 && add_number(text, it->event->fd);
}

/* The descriptor that socket() or accept() returned. */
static bool value_new(const struct explain_case *it, struct text *text)
{
	return it->event->has_result && it->event->result >= 0 && add_number(text, it->event->result);
}

static bool value_local(const struct explain_case *it, struct text *text)
{
	return add_addr(explain_local(it->event, it->socket), text);
}

static bool value_local_host(const struct explain_case *it, struct text *text)
{
	return add_host(explain_local(it->event, it->socket), text);
}

static bool value_local_port(const struct explain_case *it, struct text *text)
{
	return add_port(explain_local(it->event, it->socket), text);
}

static bool value_remote(const struct explain_case *it, struct text *text)
{
	return add_addr(explain_remote(it->event, it->socket), text);
}

static bool value_remote_host(const struct explain_case *it, struct text *text)
{
	return add_host(explain_remote(it->event, it->socket), text);
}

static bool value_remote_port(const struct explain_case *it, struct text *text)
{
	return add_port(explain_remote(it->event, it->socket), text);
}

static bool value_backlog(const struct explain_case *it, struct text *text)
{
	return it->event->step == STEP_LISTEN && it->event->args != NULL &&
	       add_number(text, it->event->args->listen.backlog);
}

/* How many bytes moved, or how many addresses were found. */
static bool value_count(const struct explain_case *it, struct text *text)
{
	return it->event->has_result && add_number(text, it->event->result);
}

/* How many bytes a call was given that took fewer. */
static bool value_asked(const struct explain_case *it, struct text *text)
{
	size_t asked;

	return event_is_short(it->event, &asked) && add_number(text, (int64_t)asked);
}

static bool value_node(const struct explain_case *it, struct text *text)
{
	return it->event->step == STEP_RESOLVE && it->event->args != NULL &&
	       add_escaped(it->event->args->resolve.node, text);
}

static bool value_first(const struct explain_case *it, struct text *text)
{
	const union step_args *args = it->event->args;

	return it->event->step == STEP_RESOLVE && args != NULL && args->resolve.found_count > 0 &&
	       add_host(&args->resolve.found[0], text);
}

/* Bytes of data that a packet carries. */
static bool value_length(const struct explain_case *it, struct text *text)
{
	return it->event->step == STEP_PACKET && it->event->args != NULL &&
	       add_number(text, it->event->args->packet.length);
}

static bool value_errno(const struct explain_case *it, struct text *text)
{
	char number[32];

	text_add(text, event_error_name(it->event, number, sizeof(number)));
	return true;
}

static const struct {
	const char *name;
	value_fn *add;
} values[] = {
	{ "fd", value_fd },
	{ "new", value_new },
	{ "local", value_local },
	{ "local host", value_local_host },
	{ "local port", value_local_port },
	{ "remote", value_remote },
	{ "remote host", value_remote_host },
	{ "remote port", value_remote_port },
	{ "backlog", value_backlog },
	{ "count", value_count },
	{ "asked", value_asked },
	{ "node", value_node },
	{ "first", value_first },
	{ "length", value_length },
	{ "errno", value_errno },
};

/* The index of the value of that name; the number of values: there is none. */
static size_t find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(values); i++) {
		if (strlen(values[i].name) == len && memcmp(values[i].name, name, len) == 0)
			break;
	}
	return i;
}

bool explain_is_value(const char *name, size_t len)
{
	return find(name, len) < ARRAY_LEN(values);
}

bool explain_value(const void *ctx, const char *name, size_t len, struct text *text)
{
	size_t i = find(name, len);

	return i < ARRAY_LEN(values) && values[i].add(ctx, text);
}
