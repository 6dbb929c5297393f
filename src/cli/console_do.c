/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands that do something to sessions. Each says what the peer will see. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/parse.h"
#include "base/unescape.h"
#include "base/util.h"
#include "cli/console_private.h"
#include "trace/names.h"

/* The first who is addressed; says so where there is none. */
static struct console_peer *first_peer(struct console *console)
{
	struct console_peer *peer = console_next(console, NULL);

	if (peer == NULL)
		console_tell(console, _("nobody is connected"));
	return peer;
}

/* Does anybody a line goes to keep messages, so that an empty one is something? */
static bool is_for_messages(struct console *console)
{
	struct console_peer *peer = console_next(console, NULL);

	/* Of who comes it is not known yet. */
	if (peer == NULL)
		return console->rn->has_messages;
	while (peer != NULL && !console_is_of_messages(peer))
		peer = console_next(console, peer);
	return peer != NULL;
}

void console_do_send(struct console *console, const char *text)
{
	char *bytes = xmalloc(strlen(text) + 1), error[UNESCAPE_ERROR_MAX];
	size_t len;

	if (unescape_c(text, bytes, &len, error) < 0)
		console_say(console, error);
	else if (len == 0 && !is_for_messages(console))
		console_tell(console, _("nothing is sent: the text is empty"));
	else
		console_send(console, bytes, len);
	free(bytes);
}

void console_do_file(struct console *console, const char *text)
{
	struct console_peer *peer = first_peer(console);

	for (; peer != NULL; peer = console_next(console, peer)) {
		if (strcmp(text, "stop") == 0)
			console_file_stop(peer);
		else
			console_file_begin(peer, text);
	}
}

void console_do_shutdown(struct console *console, const char *text)
{
	(void)text;
	console_end_sides(console);
}

/* What a reset is to the peer. */
static void tell_reset(struct console *console, const struct console_peer *peer)
{
	if (peer->session->sock->protocol == PROTOCOL_TCP && !peer->session->is_peer)
		console_tell(console, _("reset: %s sees ECONNRESET, and what it has not read may be lost (RST)"),
			     peer->name);
	else
		console_tell(console, _("%1$s has no reset: %2$s is left at once"),
			     protocol_name(peer->session->sock->protocol), peer->name);
}

static void reset(struct console *console, struct console_peer *peer)
{
	tell_reset(console, peer);
	session_reset(peer->session);
}

void console_do_reset(struct console *console, const char *text)
{
	struct console_peer *peer, *next;

	if (text[0] != '\0') {
		peer = console_find_named(console, "/reset", text);
		if (peer != NULL)
			reset(console, peer);
		return;
	}
	for (peer = first_peer(console); peer != NULL; peer = next) {
		next = console_next(console, peer);
		reset(console, peer);
	}
}

void console_tell_closing(const struct console_peer *peer)
{
	struct console *console = peer->console;

	if (peer->session->remote.has_end && peer->session->sock->protocol != PROTOCOL_TCP)
		console_tell(console, _("closing: %s sees an end behind what you have sent"), peer->name);
	else if (peer->session->remote.has_end)
		console_tell(console,
			     _("closing: %s sees an end (FIN) behind what you have sent, and a reset if it sends more"),
			     peer->name);
	else
		console_tell(console, _("closing: %s is told nothing, datagrams have no end"), peer->name);
}

void console_do_close(struct console *console, const char *text)
{
	struct console_peer *peer = first_peer(console);

	(void)text;
	if (peer != NULL && console->where == CONSOLE_ONE) {
		console_quit(console);
		return;
	}
	for (; peer != NULL; peer = console_next(console, peer)) {
		console_tell_closing(peer);
		console_finish(peer);
	}
}

void console_do_kick(struct console *console, const char *text)
{
	struct console_peer *peer = console_find_named(console, "/kick", text);

	if (peer == NULL)
		return;
	console_tell_closing(peer);
	console_finish(peer);
}

void console_do_quit(struct console *console, const char *text)
{
	(void)text;
	console_quit(console);
}

void console_do_to(struct console *console, const char *text)
{
	struct console_peer *peer;

	if (strpbrk(text, " \t") != NULL) {
		console_tell(console, _("/to takes the number alone: each line that is typed after it goes there"));
		return;
	}
	if (strcmp(text, "all") == 0) {
		console->to = 0;
		console_tell(console, _("lines go to all"));
	} else {
		peer = console_find_named(console, "/to", text);
		if (peer == NULL)
			return;
		console->to = peer->number;
		console_tell(console, _("lines go to [%1$u] %2$s only; /to all ends that"), peer->number, peer->name);
	}
	console_set_prompt(console);
}
