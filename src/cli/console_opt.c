/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /opt: socket options by the names of the manual pages, read back as the kernel has them. */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "cli/console_private.h"
#include "endpoint/opening.h"
#include "endpoint/sockopt_named.h"
#include "endpoint/sockopt_value.h"
#include "trace/names.h"

#define VALUE_WORDS_MAX SOCKOPT_WORDS_MAX

/* A value that is set, or NULL. */
struct wish {
	const char *text; /* as it was typed; NULL: the option is only read */
	char value[SOCKOPT_VALUE_MAX];
	socklen_t len;
};

static void tell_failed(struct console *console, const char *what, int error)
{
	char name[32];

	console_tell(console, _("%1$s: %2$s (%3$s)"), what, strerror(error), name_errno(error, name, sizeof(name)));
}

/* What the kernel says an option is now. */
static void tell_value(struct console_peer *peer, const struct sockopt *named, const struct wish *wish)
{
	struct console *console = peer->console;
	char value[SOCKOPT_VALUE_MAX] = "", words[VALUE_WORDS_MAX], asked[VALUE_WORDS_MAX] = "";
	bool is_int = sockopt_is_int(named) && (named->help != NULL || named->level != IPPROTO_TCP);
	socklen_t len = is_int ? sizeof(int) : sizeof(value);
	const char *help = named->help == NULL ? NULL : _(named->help);
	int ret = step_getsockopt(&console->rn->st, peer->session->sock, named->level, named->optname, value, &len);

	if (ret < 0) {
		tell_failed(console, named->constant, -ret);
		return;
	}
	sockopt_format(named, value, len, words, sizeof(words));
	if (wish->text != NULL)
		sockopt_format(named, wish->value, wish->len, asked, sizeof(asked));
	if (wish->text != NULL && strcmp(asked, words) != 0)
		console_tell(console, _("%1$s = %2$s: the kernel made that of %3$s"), named->constant, words, asked);
	else if (help != NULL)
		console_tell(console, _("%1$s = %2$s (%3$s)"), named->constant, words, help);
	else
		console_tell(console, _("%1$s = %2$s"), named->constant, words);
}

static void set_value(struct console_peer *peer, const struct sockopt *named, const struct wish *wish)
{
	struct console *console = peer->console;
	int ret = step_setsockopt(&console->rn->st, peer->session->sock, named->level, named->optname, wish->value,
				  wish->len);
	char what[2 * VALUE_WORDS_MAX], shown[VALUE_WORDS_MAX];

	if (ret == 0) {
		tell_value(peer, named, wish);
		return;
	}
	escape_c(wish->text, strlen(wish->text), shown, sizeof(shown));
	snprintf(what, sizeof(what), "%s=%s", named->constant, shown);
	tell_failed(console, what, -ret);
}

/* Those that endpoints take, with their values: the ones a person is likely to want. */
static void list_values(struct console_peer *peer)
{
	const struct wish none = { .text = NULL };
	const struct addr *remote = &peer->session->names->remote;
	const struct sockopt *option;

	for (size_t i = 0; (option = sockopt_at(i)) != NULL; i++) {
		if (option->name != NULL && option->type != SOCKOPT_DSCP && !option->is_write_only &&
		    sockopt_fits(option, (enum protocol)peer->session->sock->protocol, opening_families(remote, false)))
			tell_value(peer, option, &none);
	}
}

static void refuse(struct console *console, const char *name)
{
	char shown[VALUE_WORDS_MAX];
	const char *nearest = sockopt_named_near(name);

	escape_c(name, strlen(name), shown, sizeof(shown));
	if (nearest != NULL)
		console_tell(console, _("there is no socket option %1$s; did you mean %2$s?"), shown, nearest);
	else
		console_tell(console, _("there is no socket option %s: socket(7) and tcp(7) have them"), shown);
}

/* Read NAME or NAME=VALUE; says what is wrong. */
static bool read_wish(struct console *console, const char *text, struct sockopt *named, struct wish *wish)
{
	const char *equals = strchr(text, '=');
	char name[64], error[PARSE_ERROR_MAX];
	struct sockopt_value value;

	*wish = (struct wish){ .text = equals == NULL ? NULL : equals + 1 };
	snprintf(name, sizeof(name), "%.*s", equals != NULL ? (int)(equals - text) : (int)strlen(text), text);
	if (!sockopt_named_find(name, named)) {
		refuse(console, name);
		return false;
	}
	if (wish->text == NULL)
		return true;
	if (sockopt_parse(named, named->constant, wish->text, true, &value, error) == 0) {
		memcpy(wish->value, value.bytes, sizeof(value.bytes));
		wish->len = value.len;
		return true;
	}
	console_say(console, error);
	return false;
}

void console_do_opt(struct console *console, const char *text)
{
	struct console_peer *peer = console_next(console, NULL);
	struct sockopt named;
	struct wish wish;

	if (peer == NULL) {
		console_tell(console, _("nobody is connected"));
		return;
	}
	if (text[0] == '\0') {
		list_values(peer);
		return;
	}
	if (!read_wish(console, text, &named, &wish))
		return;
	for (; peer != NULL; peer = console_next(console, peer)) {
		if (wish.text != NULL)
			set_value(peer, &named, &wish);
		else
			tell_value(peer, &named, &wish);
	}
}
