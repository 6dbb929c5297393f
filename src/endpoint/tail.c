/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of the options behind an endpoint's first comma. */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/near.h"
#include "base/parse.h"
#include "endpoint/reading.h"

#define OPTION_NAME_MAX 32
#define OPTION_VALUE_MAX 160 /* a Unix path of bind= fits; no right value is longer */
#define BIND "bind"

/* The names of the options, that of bind first, which is not a socket option. */
static const char *next_option(const void *ctx, size_t index)
{
	const struct sockopt *option;

	(void)ctx;
	if (index == 0)
		return BIND;
	option = sockopt_at(index - 1);
	return option == NULL ? NULL : option->name;
}

static int mistake_unknown(struct reading *r, struct span name)
{
	char shown[SPAN_SHOWN_MAX];
	const char *nearest;

	span_show(name, shown);
	if (near_find(shown, next_option, NULL, &nearest, 1) == 1) {
		return written_mistake(&r->written, name,
				       _("there is no option \"%s\"; did you mean %s?"), shown,
				       nearest);
	}
	return written_mistake(&r->written, name, _("endpoints have no option \"%s\""), shown);
}

/* The option is not one of this kind: say whose it is. */
static int mistake_unfit(struct reading *r, const struct sockopt *option, struct span name)
{
	const struct endpoint_kind *kind = r->endpoint.kind;
	struct text text;
	char owners[80];

	text_init(&text, owners, sizeof(owners));
	for (enum protocol p = PROTOCOL_NONE; p < PROTOCOL_OTHER; p++) {
		if ((option->protocols & 1U << p) != 0)
			text_addf(&text, "%s%s%s", text.len > 0 ? ", " : "", protocol_name(p),
				  option->family == AF_INET6 ? "6" : "");
	}
	return written_mistake(&r->written, name, _("%s (%s) is an option of %s, and this is %s"),
			       option->name, option->constant, owners, kind->name);
}

/* bind=ADDR[:PORT], of Unix sockets bind=PATH */
static int read_bind(struct reading *r, struct span name, const char *value, size_t len,
		     struct span where)
{
	struct endpoint_source *known = &r->endpoint.source, source;
	char reason[PARSE_ERROR_MAX];

	if (r->wish->role != ROLE_CONNECT) {
		return written_mistake(
			&r->written, name,
			_("bind= is for connect; a listener is bound to its own address"));
	}
	if (known->addr.len > 0)
		return written_mistake(&r->written, name, _("%s is given twice"), BIND);
	if (value == NULL)
		return written_mistake(&r->written, name, _("%s needs a value: %s=%s"), BIND, BIND,
				       r->endpoint.kind->form == FORM_PATH ? "PATH"
									   : "ADDR[:PORT]");
	if (r->endpoint.kind->form == FORM_PATH)
		return reading_set_path(r, &known->addr, value, len, where);
	if (reading_source(&source, value, reason) < 0 ||
	    reading_set_source(&r->endpoint, &source, reason) < 0)
		return written_mistake(&r->written, where, "%s", reason);
	return 0;
}

/* A socket option. */
static int read_sockopt(struct reading *r, struct span name, const char *value, struct span where)
{
	struct endpoint *ep = &r->endpoint;
	const struct sockopt *option = NULL;
	char error[PARSE_ERROR_MAX], copy[OPTION_NAME_MAX];
	int number;

	if (span_copy(name, copy, sizeof(copy)))
		option = sockopt_find(copy);
	if (option == NULL)
		return mistake_unknown(r, name);
	if (!sockopt_fits(option, ep->kind->protocol,
			  ep->addr.len > 0 ? addr_family(&ep->addr) : ep->kind->family))
		return mistake_unfit(r, option, name);
	for (size_t i = 0; i < ep->option_count; i++) {
		if (ep->options[i].option == option)
			return written_mistake(&r->written, name, _("%s is given twice"),
					       option->name);
	}
	if (ep->option_count == ENDPOINT_OPTIONS_MAX)
		return written_mistake(&r->written, name, _("an endpoint has at most %d options"),
				       ENDPOINT_OPTIONS_MAX);
	if (sockopt_parse(option, value, &number, error) < 0)
		return written_mistake(&r->written, where, "%s", error);
	ep->options[ep->option_count++] =
		(struct sockopt_value){ .option = option, .value = number };
	return 0;
}

/* NAME or NAME=VALUE */
static int read_option(struct reading *r, struct span text)
{
	const char *equals = span_find(text, '=');
	struct span name = equals == NULL ? text : span_until(text, equals);
	struct span where = equals == NULL ? text : span_from(text, equals + 1);
	char value[OPTION_VALUE_MAX];
	size_t len = 0;

	if (name.len == 0)
		return written_mistake(&r->written, name, _("an option belongs behind the comma"));
	if (equals != NULL) {
		len = span_unquote(where, value, sizeof(value));
		if (len >= sizeof(value))
			return written_mistake(&r->written, where, _("this value is too long"));
	}
	if (name.len == strlen(BIND) && span_begins(name, BIND))
		return read_bind(r, name, equals == NULL ? NULL : value, len, where);
	return read_sockopt(r, name, equals == NULL ? NULL : value, where);
}

int reading_options(struct reading *r, struct span options)
{
	for (;;) {
		const char *comma = span_find_unquoted(options, ',');
		int ret = read_option(r, comma == NULL ? options : span_until(options, comma));

		if (ret < 0 || comma == NULL)
			return ret;
		options = span_from(options, comma + 1);
	}
}
