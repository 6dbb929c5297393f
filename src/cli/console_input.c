/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is typed: a line to be sent, a command, or the end of input. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"
#include "cli/console_private.h"

#define EARLY_MAX ((size_t)64 * 1024)

/* Send to one. */
static void send_to(struct console_peer *peer, const void *data, size_t len)
{
	struct console *console = peer->console;

	if (peer->typed.is_ended) {
		console_tell(console, _("not sent to %s: you have ended your side"), peer->name);
		return;
	}
	if (peer->file.fd != -1) {
		console_tell(console, _("not sent to %1$s: %2$s is being sent (/file stop ends that)"), peer->name,
			     peer->file.name);
		return;
	}
	if (!typed_layer_queue(&peer->typed, data, len))
		console_tell(console, _("not sent to %s: it does not read what waits for it already"), peer->name);
	session_wake(peer->session);
}

/* Is nobody there yet, or not any more, and there will be one? */
static bool console_is_waiting(const struct console *console)
{
	return console->where == CONSOLE_ONE &&
	       (console->opened_count == 0 || console->rn->options->reconnect_ns != 0);
}

/* Nobody is there yet, and only one will be: what is typed waits. Returns false: nobody is waited for. */
static bool keep(struct console *console, const void *data, size_t len)
{
	uint32_t length = (uint32_t)len;

	if (!console_is_waiting(console))
		return false;
	if (console->is_early_end || console->early.len + len > EARLY_MAX) {
		console_tell(console, console->is_early_end ? _("not sent: you have ended your side") :
							       _("not sent: too much waits for the peer already"));
		return true;
	}
	buf_append(&console->early, &length, sizeof(length));
	buf_append(&console->early, data, len);
	return true;
}

void console_keep_queue(struct console_peer *peer)
{
	struct console *console = peer->console;
	struct buf *queue = &peer->typed.queue;
	uint32_t length;

	/* All of it: it was taken from the person before. */
	while (queue->len > 0) {
		length = (uint32_t)queue->len;
		if (peer->typed.is_messages) {
			memcpy(&length, buf_peek(queue), sizeof(length));
			buf_consume(queue, sizeof(length));
		}
		buf_append(&console->early, &length, sizeof(length));
		buf_append(&console->early, buf_peek(queue), length);
		buf_consume(queue, length);
	}
	console->is_early_end = peer->typed.is_ended;
}

void console_send_early(struct console_peer *peer)
{
	struct console *console = peer->console;
	uint32_t length;

	while (console->early.len > 0) {
		memcpy(&length, buf_peek(&console->early), sizeof(length));
		buf_consume(&console->early, sizeof(length));
		typed_layer_queue(&peer->typed, buf_peek(&console->early), length);
		buf_consume(&console->early, length);
	}
	if (console->is_early_end)
		console_shut(peer);
	console->is_early_end = false;
	session_wake(peer->session);
}

void console_drop_early(struct console *console)
{
	size_t count = 0;
	uint32_t length;

	while (console->early.len > 0) {
		memcpy(&length, buf_peek(&console->early), sizeof(length));
		buf_consume(&console->early, sizeof(length) + length);
		count += length;
	}
	if (count == 0)
		return;
	console->rn->result.has_lost = true;
	console_tell(console, count == 1 ? _("%zu byte that was typed is not sent: nobody was there") :
					   _("%zu bytes that were typed are not sent: nobody was there"), count);
}

void console_send(struct console *console, const void *data, size_t len)
{
	struct console_peer *peer = console_next(console, NULL);

	if (peer == NULL && keep(console, data, len))
		return;
	if (peer == NULL)
		console_tell(console, _("not sent: nobody is connected"));
	for (; peer != NULL; peer = console_next(console, peer))
		send_to(peer, data, len);
}

/* Send a line with its newline. */
static void send_line(struct console *console, const char *text, size_t len)
{
	char *line = xmalloc(len + 1);

	memcpy(line, text, len);
	line[len] = '\n';
	console_send(console, line, len + 1);
	free(line);
}

void console_end_sides(struct console *console)
{
	struct console_peer *peer = console_next(console, NULL);

	if (console->where == CONSOLE_RELAY) {
		console_tell(console, _("a relay goes on; /quit ends it, /drain lets its clients finish first"));
		return;
	}
	if (peer == NULL && console_is_waiting(console)) {
		console->is_early_end = true;
		console_tell(console, _("your side ends as soon as the connection stands; /quit leaves"));
		return;
	}
	if (peer == NULL)
		console_tell(console, _("nobody is connected whom you could end your side to; /quit leaves"));
	for (; peer != NULL; peer = console_next(console, peer))
		console_shut(peer);
}

/* Ctrl-D on an empty line, or the terminal has gone. */
static void end_input(struct console *console)
{
	if (console->rn->options->is_broker)
		console_tell(console, _("they hear each other, and go on; /shutdown ends your side, /quit leaves"));
	else
		console_end_sides(console);
}

void console_line(void *ctx, const struct editor_line *line)
{
	struct console *console = ctx;
	bool has_escape, is_command, is_relay = console->where == CONSOLE_RELAY;

	if (line == NULL) {
		end_input(console);
		return;
	}
	/* A relay sends nothing: what is pasted there is a command as well. */
	has_escape = (is_relay || !line->is_pasted) && console->escape != '\0' && line->len > 0 &&
		     line->text[0] == console->escape;
	is_command = has_escape && (line->len == 1 || line->text[1] != console->escape);
	if (is_relay) {
		if (line->len > 0)
			console_run_command(console, line->text + has_escape, line->len - has_escape);
		return;
	}
	if (is_command)
		console_run_command(console, line->text + 1, line->len - 1);
	else
		send_line(console, line->text + has_escape, line->len - has_escape);
}
