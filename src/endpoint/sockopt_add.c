/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gives an endpoint a socket option: see sockopt_add.h. */
#include "endpoint/sockopt_add.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "endpoint/sockopt_group.h"
#include "endpoint/sockopt_named.h"
#include "endpoint/sockopt_value.h"

#define NAME_MAX_LEN 48

/* What is being added, and to what. */
struct adding {
	struct endpoint *endpoint;
	enum endpoint_role role;
	const char *name, *what, *text;
	char *error;
};

unsigned sockopt_families_of(const struct endpoint *endpoint)
{
	const struct addr *addr = &endpoint->addr;

	if (addr->len == 0 || endpoint->is_any_host)
		return sockopt_families(endpoint->kind->family);
	/* It may speak IPv4 too (ipv6(7), IPV6_V6ONLY). */
	if (addr_family(addr) == AF_INET6 && (addr_is_wildcard(addr) || addr_is_v4mapped(addr)))
		return SOCKOPT_IPV4 | SOCKOPT_IPV6;
	return sockopt_families(addr_family(addr));
}

/* Has it been given already? */
static bool is_twice(const struct endpoint *endpoint, int level, int optname)
{
	for (size_t i = 0; i < endpoint->option_count; i++)
		if (endpoint->options[i].level == level && endpoint->options[i].optname == optname)
			return true;
	return false;
}

static int append(const struct adding *adding, const struct sockopt_value *value)
{
	struct endpoint *endpoint = adding->endpoint;
	bool is_repeatable = value->option != NULL && value->option->is_repeatable;

	if (!is_repeatable && is_twice(endpoint, value->level, value->optname)) {
		snprintf(adding->error, PARSE_ERROR_MAX, _("%s is given twice"), adding->what);
		return -EPERM;
	}
	if (endpoint->option_count == ENDPOINT_OPTIONS_MAX) {
		snprintf(adding->error, PARSE_ERROR_MAX, _("an endpoint has at most %d options"), ENDPOINT_OPTIONS_MAX);
		return -EPERM;
	}
	endpoint->options[endpoint->option_count++] = *value;
	return 0;
}

static int add_row(const struct adding *adding, const struct sockopt *option, const char *text)
{
	struct sockopt_value value;
	int ret = sockopt_parse(option, adding->what, text, false, &value, adding->error);

	return ret < 0 ? ret : append(adding, &value);
}

/* keepalive=TIME is SO_KEEPALIVE and TCP_KEEPIDLE. */
static int add_keepalive(const struct adding *adding, const struct sockopt *option)
{
	const struct sockopt *idle = sockopt_find_number(IPPROTO_TCP, TCP_KEEPIDLE);
	bool is_on;
	int ret;

	/* A bare 1 is a time, as any number: only what can be no time, and 0, is a truth value. */
	if (adding->text == NULL || (strcmp(adding->text, "1") != 0 && sockopt_is_truth(adding->text, &is_on)))
		return add_row(adding, option, adding->text);
	ret = add_row(adding, idle, adding->text);
	if (ret == -EINVAL)
		snprintf(adding->error, PARSE_ERROR_MAX, _("%s is on, off or a time of whole seconds, as in 30s or 5m"),
			 adding->what);
	return ret < 0 ? ret : add_row(adding, option, "on");
}

/* Of the options that share a name: is this the one for what the value says? */
static bool is_meant(const struct adding *adding, const struct sockopt *option)
{
	struct in_addr address;

	if (option->roles != 0 && (option->roles & adding->role) == 0)
		return false;
	if (adding->text == NULL)
		return true;
	if (option->type == SOCKOPT_GROUP)
		return sockopt_group_family(adding->text) != AF_INET6;
	if (option->type == SOCKOPT_GROUP6)
		return sockopt_group_family(adding->text) == AF_INET6;
	/* An interface named by an IPv4 address is one for IPv4. */
	return option->level != IPPROTO_IPV6 || option->type != SOCKOPT_INDEX ||
	       inet_pton(AF_INET, adding->text, &address) != 1;
}

/* The families that have an option, by its constant or, of a pair, by the short name that was written. */
static unsigned owning_families(const struct adding *adding, const struct sockopt *option)
{
	const struct sockopt *other;
	unsigned families = option->families;

	for (size_t i = 0; option->name != NULL && (other = sockopt_at(i)) != NULL; i++)
		if (other->name != NULL && strcmp(other->name, adding->name) == 0)
			families |= other->families;
	return families;
}

/* The option is not one of this kind: say whose it is. */
static int refuse_unfit(const struct adding *adding, const struct sockopt *option)
{
	unsigned families = owning_families(adding, option);
	const char *version = families == SOCKOPT_IPV6 ? "6" : families == SOCKOPT_IPV4 ? "4" : "";
	const char *name = option->name != NULL ? option->name : adding->name;
	struct text text;
	char owners[80];

	if (adding->endpoint->kind->form == FORM_COMMAND) {
		snprintf(adding->error, PARSE_ERROR_MAX,
			 _("%1$s (%2$s) is an option of sockets, and %3$s is a program"), name, option->constant,
			 adding->endpoint->kind->name);
		return -EPERM;
	}
	if (adding->endpoint->kind->is_relay_only) {
		snprintf(adding->error, PARSE_ERROR_MAX, _("%1$s (%2$s) is an option of sockets, and %3$s is none"),
			 name, option->constant, adding->endpoint->kind->name);
		return -EPERM;
	}
	text_init(&text, owners, sizeof(owners));
	for (enum protocol p = PROTOCOL_NONE; p < PROTOCOL_OTHER; p++)
		if ((option->protocols & 1U << p) != 0)
			text_addf(&text, "%s%s%s", text.len > 0 ? ", " : "", protocol_name(p), version);
	if (option->name != NULL && strcmp(option->name, adding->name) == 0)
		snprintf(adding->error, PARSE_ERROR_MAX, _("%1$s (%2$s) is an option of %3$s, and this is %4$s"),
			 option->name, option->constant, owners, adding->endpoint->kind->name);
	else
		snprintf(adding->error, PARSE_ERROR_MAX, _("%1$s is an option of %2$s, and this is %3$s"),
			 option->constant, owners, adding->endpoint->kind->name);
	return -EPERM;
}

/* All options of a short name that fit. */
static int add_named(const struct adding *adding, const struct sockopt *first)
{
	const struct endpoint *endpoint = adding->endpoint;
	const struct sockopt *option, *unfit = NULL;
	bool is_added = false;
	int ret = 0;

	for (size_t i = 0; ret == 0 && (option = sockopt_at(i)) != NULL; i++) {
		if (option->name == NULL || strcmp(option->name, first->name) != 0 || !is_meant(adding, option))
			continue;
		if (!sockopt_fits(option, endpoint->kind->protocol, sockopt_families_of(endpoint))) {
			unfit = unfit == NULL ? option : unfit;
			continue;
		}
		is_added = true;
		ret = option->optname == SO_KEEPALIVE && option->level == SOL_SOCKET ?
			      add_keepalive(adding, option) :
			      add_row(adding, option, adding->text);
	}
	if (ret == 0 && !is_added)
		return refuse_unfit(adding, unfit == NULL ? first : unfit);
	return ret;
}

/* One that has a constant, in the table or not. */
static int add_constant(const struct adding *adding, const struct sockopt *named)
{
	const struct endpoint *endpoint = adding->endpoint;
	const struct sockopt *option = sockopt_find_number(named->level, named->optname);
	struct sockopt_value value = { .level = named->level, .optname = named->optname };
	int ret;

	if (option != NULL) {
		if (!sockopt_fits(option, endpoint->kind->protocol, sockopt_families_of(endpoint)))
			return refuse_unfit(adding, option);
		return add_row(adding, option, adding->text);
	}
	ret = sockopt_parse_plain(adding->what, adding->text, &value, adding->error);
	return ret < 0 ? ret : append(adding, &value);
}

int sockopt_add(struct endpoint *endpoint, enum endpoint_role role, const char *name, const char *what,
		const char *text, char *error)
{
	const struct adding adding = { endpoint, role, name, what == NULL ? name : what, text, error };
	const struct sockopt *option = sockopt_find(name);
	struct sockopt_value value = { .option = NULL };
	struct sockopt named;
	int ret;

	if (endpoint->kind->is_relay_only)
		return option == NULL ? -ENOENT : refuse_unfit(&adding, option);
	if (option != NULL && option->name != NULL && strcmp(option->name, name) == 0)
		return add_named(&adding, option);
	if (sockopt_named_find(name, &named))
		return add_constant(&adding, &named);
	if (!sockopt_named_numbers(name, &value.level, &value.optname))
		return -ENOENT;
	ret = sockopt_parse_plain(adding.what, text, &value, error);
	return ret < 0 ? ret : append(&adding, &value);
}
