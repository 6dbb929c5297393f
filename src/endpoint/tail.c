/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of the options behind an endpoint's first comma. */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/near.h"
#include "base/parse.h"
#include "base/util.h"
#include "endpoint/foreign.h"
#include "endpoint/reading.h"
#include "endpoint/sockopt_add.h"
#include "endpoint/sockopt_named.h"

#define OPTION_NAME_MAX 48
#define OPTION_VALUE_MAX 160 /* a Unix path of bind= fits; no right value is longer */
#define BIND "bind"

enum own_option {
	OWN_BIND = 0,
	OWN_MODE,
	OWN_OWNER,
	OWN_MD5_KEY_FILE,
	OWN_ACCEPT_PROXY,
	OWN_PROXY_PROTOCOL,
	OWN_PTY,
	OWN_APPEND,
	OWN_LINK,
	OWN_COOKED,
	OWN_COUNT
};

static const struct endpoint_option own_options[OWN_COUNT] = {
	[OWN_BIND] = {
		.name = BIND,
		.syntax = "bind=ADDR[:PORT]",
		.help = N_("the local address to connect from, or its name"),
		.is_connect_only = true,
	},
	[OWN_MODE] = {
		.name = "mode",
		.syntax = "mode=MODE",
		.help = N_("of a Unix socket: the mode of its file (0600), which says who may connect"),
		.is_listen_only = true,
	},
	[OWN_OWNER] = {
		.name = "owner",
		.syntax = "owner=USER[:GROUP]",
		.help = N_("of a Unix socket: whose its file is to be; :GROUP changes the group alone"),
		.is_listen_only = true,
	},
	[OWN_MD5_KEY_FILE] = {
		.name = "md5-key-file",
		.syntax = "md5-key-file=PATH",
		.help = N_("sign segments with the key in this file, and take none without (TCP_MD5SIG)"),
	},
	[OWN_ACCEPT_PROXY] = {
		.name = "accept-proxy",
		.syntax = "accept-proxy",
		.help = N_("of FROM: each client is a proxy, whose PROXY header (v1 or v2) says who its client is"),
		.is_relay_only = true,
	},
	[OWN_PROXY_PROTOCOL] = {
		.name = "proxy-protocol",
		.syntax = "proxy-protocol=v1|v2",
		.help = N_("of TO: tell the target who the client is, by a PROXY header"),
		.is_relay_only = true,
	},
	[OWN_PTY] = {
		.name = "pty",
		.syntax = "pty",
		.help = N_("of exec: and sh: the program gets a terminal of its own"),
		.is_relay_only = true,
	},
	[OWN_APPEND] = {
		.name = "append",
		.syntax = "append",
		.help = N_("of TO, file: what stands in the file stays, and what comes stands behind it"),
		.is_relay_only = true,
	},
	[OWN_LINK] = {
		.name = "link",
		.syntax = "link=PATH",
		.help = N_("of pty: make PATH a symbolic link to the terminal, for as long as it is there"),
		.is_relay_only = true,
	},
	[OWN_COOKED] = {
		.name = "cooked",
		.syntax = "cooked",
		.help = N_("of pty: lines, echo and signals, as of a terminal for people; else bytes pass as they are"),
		.is_relay_only = true,
	},
};

const struct endpoint_option *endpoint_option_at(size_t index)
{
	return index < OWN_COUNT ? &own_options[index] : NULL;
}

bool endpoint_option_has_role(const struct endpoint_option *option, enum endpoint_role role)
{
	if (role == ROLE_RELAY)
		return true;
	return !option->is_relay_only && !(role == ROLE_LISTEN ? option->is_connect_only : option->is_listen_only);
}

/* The names of the options: our own first, then those of sockets. */
static const char *next_option(const void *ctx, size_t index)
{
	const struct sockopt *option;

	(void)ctx;
	if (index < OWN_COUNT)
		return own_options[index].name;
	option = sockopt_at(index - OWN_COUNT);
	return option == NULL ? NULL : option->name != NULL ? option->name : option->constant;
}

static int mistake_unknown(struct reading *r, struct span name)
{
	const struct foreign_words *words = foreign_option_find(name.at, name.len);
	char shown[SPAN_SHOWN_MAX];
	struct sockopt option;
	const char *nearest;

	span_show(name, shown);
	if (words != NULL)
		return written_mistake(&r->written, name, _("\"%1$s\" is socat's: %2$s"), shown, _(words->sentence));
	if (sockopt_named_find_loosely(shown, &option))
		return written_mistake(&r->written, name, _("\"%1$s\" is socat's: it is called %2$s here"), shown,
				       option.name != NULL ? option.name : option.constant);
	if (near_find(shown, next_option, NULL, &nearest, 1) == 1 ||
	    near_find(shown, sockopt_named_at, NULL, &nearest, 1) == 1) {
		return written_mistake(&r->written, name,
				       _("there is no option \"%s\"; did you mean %s?"), shown,
				       nearest);
	}
	return written_mistake(&r->written, name, _("endpoints have no option \"%s\""), shown);
}

/* bind=ADDR[:PORT], of Unix sockets bind=PATH */
static int read_bind(struct reading *r, struct span name, const char *value, size_t len,
		     struct span where)
{
	struct endpoint_source *known = &r->endpoint.source, source;
	char reason[PARSE_ERROR_MAX];

	if (r->endpoint.kind->is_relay_only)
		return written_mistake(&r->written, name,
				       r->endpoint.kind->form == FORM_COMMAND ?
					       _("bind= is for sockets, and %s is a program") :
					       _("bind= is for sockets, and %s is none"),
				       r->endpoint.kind->name);
	if (r->wish->role != ROLE_CONNECT) {
		return written_mistake(
			&r->written, name,
			_("bind= is for connect; a listener is bound to its own address"));
	}
	if (endpoint_source_is_place(known))
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
	if (source.host[0] != '\0' && r->wish->is_numeric)
		return written_mistake(&r->written, where,
				       _("\"%s\" is a name, and -n (--numeric) wants an address in numbers"),
				       source.host);
	return 0;
}

/* accept-proxy and proxy-protocol=: are they at an end of a relay that can have them? */
static int check_proxy(struct reading *r, struct span name, enum endpoint_role role, const char *value,
		       const char *wanted)
{
	const struct endpoint_kind *kind = r->endpoint.kind;

	if (!r->wish->is_relay)
		return written_mistake(&r->written, name, _("this is an option of relay: %s"),
				       "sockt relay FROM,accept-proxy TO,proxy-protocol=v2");
	if ((r->wish->role & role) == 0)
		return written_mistake(&r->written, name,
				       role == ROLE_LISTEN ? _("accept-proxy belongs to FROM, where the clients are")
							   : _("proxy-protocol= belongs to TO, where the target is"));
	if (kind->is_messages || kind->is_relay_only)
		return written_mistake(&r->written, name,
				       _("a PROXY header begins a connection of bytes, and %s is none"), kind->name);
	if (r->endpoint.is_accepting_proxy || r->endpoint.proxy_version != PROXY_NONE)
		return written_mistake(&r->written, name, _("%s is given twice"),
				       own_options[role == ROLE_LISTEN ? OWN_ACCEPT_PROXY : OWN_PROXY_PROTOCOL].name);
	if (value == NULL && wanted != NULL)
		return written_mistake(&r->written, name, "%s", wanted);
	return 0;
}

static int read_accept_proxy(struct reading *r, struct span name, const char *value, struct span where)
{
	int ret = check_proxy(r, name, ROLE_LISTEN, value, NULL);

	if (ret < 0)
		return ret;
	if (value != NULL)
		return written_mistake(&r->written, where,
				       _("accept-proxy has no value: both versions are read"));
	r->endpoint.is_accepting_proxy = true;
	return 0;
}

static int read_proxy_protocol(struct reading *r, struct span name, const char *value, struct span where)
{
	char shown[SPAN_SHOWN_MAX];
	int ret = check_proxy(r, name, ROLE_CONNECT, value,
			      _("proxy-protocol needs a version: proxy-protocol=v1 or proxy-protocol=v2"));

	if (ret < 0)
		return ret;
	if (strcmp(value, "v1") == 0)
		r->endpoint.proxy_version = PROXY_V1;
	else if (strcmp(value, "v2") == 0)
		r->endpoint.proxy_version = PROXY_V2;
	else
		return written_mistake(&r->written, where, _("proxy-protocol is v1 or v2, not \"%s\""),
				       span_show(where, shown));
	return 0;
}

/* pty */
static int read_pty(struct reading *r, struct span name, const char *value, struct span where)
{
	if (r->endpoint.kind->form != FORM_COMMAND)
		return written_mistake(&r->written, name, _("a terminal is for a program (exec:, sh:), and this is %s"),
				       r->endpoint.kind->name);
	if (value != NULL)
		return written_mistake(&r->written, where, _("pty has no value"));
	if (r->endpoint.has_pty)
		return written_mistake(&r->written, name, _("%s is given twice"), own_options[OWN_PTY].name);
	r->endpoint.has_pty = true;
	return 0;
}

/* An option without a value, of the kind that has it; is_set is its place. */
static int read_flag(struct reading *r, struct span name, enum own_option own, const char *value, struct span where,
		     bool *is_set)
{
	if (value != NULL)
		return written_mistake(&r->written, where, _("%s has no value"), own_options[own].name);
	if (*is_set)
		return written_mistake(&r->written, name, _("%s is given twice"), own_options[own].name);
	*is_set = true;
	return 0;
}

/* append */
static int read_append(struct reading *r, struct span name, const char *value, struct span where)
{
	if (r->endpoint.kind->form != FORM_FILE)
		return written_mistake(&r->written, name, _("append is an option of file:, and this is %s"),
				       r->endpoint.kind->name);
	if (r->wish->role != ROLE_CONNECT)
		return written_mistake(&r->written, name, _("append belongs to TO: a file that is FROM is read"));
	return read_flag(r, name, OWN_APPEND, value, where, &r->endpoint.is_append);
}

/* link=PATH */
static int read_link(struct reading *r, struct span name, const char *value, struct span where)
{
	if (r->endpoint.kind->form != FORM_PTY)
		return written_mistake(&r->written, name, _("link= is an option of pty, and this is %s"),
				       r->endpoint.kind->name);
	if (value == NULL || value[0] == '\0')
		return written_mistake(&r->written, name, _("link needs a value: link=PATH"));
	if (r->endpoint.file != NULL)
		return written_mistake(&r->written, name, _("%s is given twice"), own_options[OWN_LINK].name);
	(void)where;
	r->endpoint.file = xstrdup(value);
	return 0;
}

/* cooked */
static int read_cooked(struct reading *r, struct span name, const char *value, struct span where)
{
	if (r->endpoint.kind->form != FORM_PTY)
		return written_mistake(&r->written, name, _("cooked is an option of pty, and this is %s"),
				       r->endpoint.kind->name);
	return read_flag(r, name, OWN_COOKED, value, where, &r->endpoint.is_cooked);
}

static int read_key_file(struct reading *r, const char *value, struct span where)
{
	char error[PARSE_ERROR_MAX];

	if (endpoint_set_key_file(&r->endpoint, value, error) < 0)
		return written_mistake(&r->written, where, "%s", error);
	return 0;
}

/* A socket option. */
static int read_sockopt(struct reading *r, struct span name, const char *value, struct span where)
{
	char error[PARSE_ERROR_MAX], copy[OPTION_NAME_MAX];
	int ret = -ENOENT;

	if (span_copy(name, copy, sizeof(copy)))
		ret = sockopt_add(&r->endpoint, r->wish->role, copy, NULL, value, error);
	if (ret == -ENOENT)
		return mistake_unknown(r, name);
	if (ret == -EPERM)
		return written_mistake(&r->written, name, "%s", error);
	return ret < 0 ? written_mistake(&r->written, where, "%s", error) : 0;
}

/* Which of our own options it is; OWN_COUNT: none. */
static enum own_option find_own(struct span name)
{
	enum own_option own = 0;

	while (own < OWN_COUNT &&
	       (strlen(own_options[own].name) != name.len || !span_begins(name, own_options[own].name)))
		own++;
	return own;
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
	switch (find_own(name)) {
	case OWN_BIND:
		return read_bind(r, name, equals == NULL ? NULL : value, len, where);
	case OWN_MODE:
		return reading_mode(r, name, equals == NULL ? NULL : value, where);
	case OWN_OWNER:
		return reading_owner(r, name, equals == NULL ? NULL : value, where);
	case OWN_MD5_KEY_FILE:
		return read_key_file(r, equals == NULL ? NULL : value, where);
	case OWN_ACCEPT_PROXY:
		return read_accept_proxy(r, name, equals == NULL ? NULL : value, where);
	case OWN_PROXY_PROTOCOL:
		return read_proxy_protocol(r, name, equals == NULL ? NULL : value, where);
	case OWN_PTY:
		return read_pty(r, name, equals == NULL ? NULL : value, where);
	case OWN_APPEND:
		return read_append(r, name, equals == NULL ? NULL : value, where);
	case OWN_LINK:
		return read_link(r, name, equals == NULL ? NULL : value, where);
	case OWN_COOKED:
		return read_cooked(r, name, equals == NULL ? NULL : value, where);
	case OWN_COUNT:
		break;
	}
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
