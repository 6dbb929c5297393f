/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /opt: socket options by the names of the manual pages, read back as the kernel has them. */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/near.h"
#include "base/parse.h"
#include "cli/console_private.h"
#include "endpoint/sockopt.h"
#include "endpoint/sockopt_named.h"
#include "trace/names.h"

#define VALUE_WORDS_MAX 96

/* A value that is set, or NULL. */
struct wish {
	const char *text; /* as it was typed; NULL: the option is only read */
	char value[SOCKOPT_NAMED_MAX];
	socklen_t len;
};

/* A value in words. */
static void format_value(const struct sockopt_named *named, const void *value, socklen_t len, char *dst, size_t size)
{
	int64_t number = 0;

	dst[0] = '\0';
	if (!sockopt_named_read(named, value, len, &number, dst, size))
		return;
	if (named->form == SOCKOPT_FORM_TIME)
		snprintf(dst, size, "%" PRId64 " ms", number);
	else if (named->form == SOCKOPT_FORM_LINGER)
		snprintf(dst, size, "%" PRId64 " s", number);
	else
		snprintf(dst, size, "%" PRId64, number);
}

/* The help of an option, where endpoints take it. */
static const char *help_of(const struct sockopt_named *named)
{
	const struct sockopt *option = sockopt_find(named->name);

	return option == NULL ? NULL : _(option->help);
}

static void tell_failed(struct console *console, const char *what, int error)
{
	char name[32];

	console_tell(console, _("%1$s: %2$s (%3$s)"), what, strerror(error), name_errno(error, name, sizeof(name)));
}

/* What the kernel says an option is now. */
static void tell_value(struct console_peer *peer, const struct sockopt_named *named, const struct wish *wish)
{
	struct console *console = peer->console;
	char value[SOCKOPT_NAMED_MAX] = "", words[VALUE_WORDS_MAX], asked[VALUE_WORDS_MAX] = "";
	socklen_t len = named->form == SOCKOPT_FORM_INT && named->level != IPPROTO_TCP ? sizeof(int) : sizeof(value);
	const char *help = help_of(named);
	int ret = step_getsockopt(&console->rn->st, peer->session->sock, named->level, named->optname, value, &len);

	if (ret < 0) {
		tell_failed(console, named->name, -ret);
		return;
	}
	format_value(named, value, len, words, sizeof(words));
	if (wish->text != NULL)
		format_value(named, wish->value, wish->len, asked, sizeof(asked));
	if (wish->text != NULL && strcmp(asked, words) != 0)
		console_tell(console, _("%1$s = %2$s: the kernel made that of %3$s"), named->name, words, asked);
	else if (help != NULL)
		console_tell(console, _("%1$s = %2$s (%3$s)"), named->name, words, help);
	else
		console_tell(console, _("%1$s = %2$s"), named->name, words);
}

static void set_value(struct console_peer *peer, const struct sockopt_named *named, const struct wish *wish)
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
	snprintf(what, sizeof(what), "%s=%s", named->name, shown);
	tell_failed(console, what, -ret);
}

/* Those that endpoints take, with their values: the ones a person is likely to want. */
static void list_values(struct console_peer *peer)
{
	const struct wish none = { .text = NULL };
	struct sockopt_named named;
	const struct sockopt *option;

	for (size_t i = 0; (option = sockopt_at(i)) != NULL; i++) {
		if (sockopt_fits(option, peer->session->sock->protocol, addr_family(&peer->session->names->remote)) &&
		    sockopt_named_find(option->constant, &named))
			tell_value(peer, &named, &none);
	}
}

static void refuse(struct console *console, const char *name)
{
	char shown[VALUE_WORDS_MAX];
	const char *nearest;

	escape_c(name, strlen(name), shown, sizeof(shown));
	if (near_find(name, sockopt_named_at, NULL, &nearest, 1) == 1)
		console_tell(console, _("there is no socket option %1$s; the nearest is %2$s"), shown, nearest);
	else
		console_tell(console, _("there is no socket option %s: socket(7) and tcp(7) have them"), shown);
}

/* Read NAME or NAME=VALUE; says what is wrong. */
static bool read_wish(struct console *console, const char *text, struct sockopt_named *named, struct wish *wish)
{
	const char *equals = strchr(text, '=');
	char name[64], error[PARSE_ERROR_MAX];

	*wish = (struct wish){ .text = equals == NULL ? NULL : equals + 1 };
	snprintf(name, sizeof(name), "%.*s", equals != NULL ? (int)(equals - text) : (int)strlen(text), text);
	if (!sockopt_named_find(name, named)) {
		refuse(console, name);
		return false;
	}
	if (wish->text == NULL || sockopt_named_parse(named, wish->text, wish->value, &wish->len, error) == 0)
		return true;
	console_say(console, error);
	return false;
}

void console_do_opt(struct console *console, const char *text)
{
	struct console_peer *peer = console_next(console, NULL);
	struct sockopt_named named;
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
