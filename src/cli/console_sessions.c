/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions as the console sees them: who has come, who has left and how. */
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "cli/console_private.h"
#include "trace/text_words.h"

#define QUIT_WAIT_NS NS_PER_S

/* ---- Finding ---- */

bool console_is_addressed(const struct console *console, const struct console_peer *peer)
{
	return peer->session != NULL && (console->to == 0 || console->to == peer->number);
}

struct console_peer *console_next(struct console *console, struct console_peer *peer)
{
	peer = peer == NULL ? console->peers : peer->next;
	while (peer != NULL && !console_is_addressed(console, peer))
		peer = peer->next;
	return peer;
}

struct console_peer *console_find(struct console *console, uint32_t number)
{
	for (struct console_peer *peer = console->peers; peer != NULL; peer = peer->next) {
		if (peer->number == number && peer->session != NULL)
			return peer;
	}
	return NULL;
}

struct console_peer *console_find_named(struct console *console, const char *command, const char *text)
{
	char error[PARSE_ERROR_MAX];
	struct console_peer *peer;
	uint64_t number;

	if (parse_uint(text, command, 1, UINT32_MAX, &number, error) < 0) {
		console_say(console, error);
		return NULL;
	}
	peer = console_find(console, (uint32_t)number);
	if (peer == NULL)
		console_tell(console, _("there is no peer %u; /peers lists them"), (unsigned)number);
	return peer;
}

/* ---- Coming ---- */

bool console_is_of_messages(const struct console_peer *peer)
{
	return peer->typed.is_messages;
}

static void on_hungry(void *ctx);
static void on_empty(void *ctx);

static struct layer *on_join(void *ctx, uint32_t number, bool is_messages)
{
	struct console *console = ctx;
	struct console_peer *peer = xcalloc(1, sizeof(*peer)), **end = &console->peers;

	peer->console = console;
	peer->number = number;
	peer->file.fd = -1;
	/* In a chat each line has a name already. */
	typed_layer_init(&peer->typed, &console->shared,
			 console->where == CONSOLE_CROWD && !console->rn->options->is_chat ? number : 0,
			 is_messages);
	peer->typed.hungry = on_hungry;
	peer->typed.empty = on_empty;
	peer->typed.ctx = peer;
	while (*end != NULL)
		end = &(*end)->next;
	*end = peer;
	return &peer->typed.layer;
}

/* A person waits for each line: none is held back to fill a packet. */
static void set_nodelay(struct console *console, struct session *session)
{
	const struct endpoint *endpoint;

	if (session->sock->protocol != PROTOCOL_TCP || session->is_peer)
		return;
	for (size_t i = 0; (endpoint = options_endpoint_at(console->rn->options, i)) != NULL; i++)
		if (endpoint_has_option(endpoint, IPPROTO_TCP, TCP_NODELAY))
			return;
	step_tune(&console->rn->st, session->sock, IPPROTO_TCP, TCP_NODELAY, 1);
}

/* What the peer is called: its address, where it has one. */
static void name_peer(struct console_peer *peer)
{
	struct addr remote = peer->session->names->remote;
	char words[ADDR_TEXT_MAX];

	addr_unmap(&remote);
	if (remote.len > 0)
		addr_format(&remote, words, sizeof(words));
	if (remote.len == 0 || strcmp(words, "(unnamed)") == 0)
		snprintf(words, sizeof(words), _("the peer"));
	snprintf(peer->name, sizeof(peer->name), "%s", words);
}

/* A connection of ours stands. */
static void tell_connected(struct console *console, struct console_peer *peer)
{
	struct session *session = peer->session;
	char words[ADDR_TEXT_MAX] = "", help[CONSOLE_HINT_MAX];
	struct addr local = { .len = 0 };
	const char *hint = console_hint(console, help);

	if (step_local_addr(&console->quiet, session->sock, &local) < 0)
		local.len = 0;
	if (!session->remote.has_end)
		console_tell_event(console, _("each line is a datagram to %1$s %2$s; nothing has been sent yet%3$s"),
				   protocol_name(session->sock->protocol), peer->name, hint);
	else if (local.len > 0 && addr_family(&local) != AF_UNIX)
		console_tell_event(console, _("connected to %1$s %2$s from %3$s%4$s"),
				   protocol_name(session->sock->protocol), peer->name,
				   addr_format(&local, words, sizeof(words)), hint);
	else
		console_tell_event(console, _("connected to %1$s %2$s%3$s"), protocol_name(session->sock->protocol),
				   peer->name, hint);
}

static void on_opened(void *ctx, struct session *session)
{
	struct console *console = ctx;
	struct console_peer *peer = console->peers;

	while (peer != NULL && (peer->number != session->number || peer->session != NULL))
		peer = peer->next;
	if (peer == NULL)
		return;
	peer->session = session;
	console->opened_count++;
	name_peer(peer);
	set_nodelay(console, session);
	if (console->rn->options->command->bit != COMMAND_LISTEN)
		tell_connected(console, peer);
	else if (console->where == CONSOLE_CROWD)
		console_tell_event(console,
				   session->is_peer ? _("[%1$u] %2$s has sent its first datagram") :
						      _("[%1$u] %2$s has connected"),
				   peer->number, peer->name);
	else
		console_tell_event(console,
				   session->is_peer ? _("%s has sent its first datagram") : _("%s has connected"),
				   peer->name);
	console_set_prompt(console);
	if (console->where == CONSOLE_ONE)
		console_send_early(peer);
}

/* ---- Leaving ---- */

/* How it ended, as a whole sentence: 1 the peer, 2 bytes received, 3 bytes sent. */
static const char *const endings[ENDED_COUNT] = {
	[ENDED_REMOTE] = N_("%1$s has ended the connection; received %2$s, sent %3$s"),
	[ENDED_BOTH] = N_("%1$s has ended the connection; received %2$s, sent %3$s"),
	[ENDED_RESET] = N_("%1$s has reset the connection; received %2$s, sent %3$s"),
	[ENDED_USER] = N_("the connection with %1$s is closed; received %2$s, sent %3$s"),
	[ENDED_UNACKNOWLEDGED] = N_("the connection with %1$s is over, and not all that was sent is acknowledged; "
				    "received %2$s, sent %3$s"),
	[ENDED_IDLE_TIMEOUT] = N_("%1$s was silent for too long (--idle-timeout); received %2$s, sent %3$s"),
};

static const char *how_it_ended(const struct session *session)
{
	const char *sentence = endings[session->ended_by];

	return sentence != NULL ? _(sentence) : _("the connection with %1$s is over; received %2$s, sent %3$s");
}

static void tell_left(struct console *console, const struct console_peer *peer)
{
	const struct session *session = peer->session;
	char name[CONSOLE_NAME_MAX + 16], received[32], sent[32];
	struct text text;

	text_init(&text, received, sizeof(received));
	text_size(&text, session->in.bytes);
	text_init(&text, sent, sizeof(sent));
	text_size(&text, session->out.bytes);
	if (console->where == CONSOLE_CROWD)
		snprintf(name, sizeof(name), "[%u] %s", peer->number, peer->name);
	else
		snprintf(name, sizeof(name), "%s", peer->name);
	console_tell_event(console, how_it_ended(session), name, received, sent);
}

/* Is its end told as the run's, with causes and cures? */
static bool is_told_elsewhere(const struct console *console, const struct session *session)
{
	enum outcome outcome = ending_outcome((enum ended_by)session->ended_by,
					      session->fail != NULL ? session->fail : &(struct failure){ 0 });

	return console->where == CONSOLE_ONE && outcome != OUTCOME_OK;
}

/* Take peer out of the list and free it. */
static void forget(struct console *console, struct console_peer *peer)
{
	struct console_peer **at = &console->peers;

	while (*at != peer)
		at = &(*at)->next;
	*at = peer->next;
	loop_timer_clear(console->rn->loop, &peer->file.tell);
	if (peer->file.fd != -1)
		close(peer->file.fd);
	free(peer->file.name);
	layer_close(&peer->typed.layer, &console->quiet);
	free(peer);
}

static void on_closed(void *ctx, struct session *session)
{
	struct console *console = ctx;
	struct console_peer *peer = console_find(console, session->number);

	if (peer == NULL)
		return;
	console->closed_count++;
	console->sent_bytes += session->out.bytes;
	console->received_bytes += session->in.bytes;
	if (!is_told_elsewhere(console, session))
		tell_left(console, peer);
	if (session->leftover != NULL && session->leftover->is_lost)
		console_keep_queue(peer);
	if (console->to == peer->number) {
		console->to = 0;
		console_tell(console, _("lines go to all again"));
	}
	forget(console, peer);
	console_set_prompt(console);
	if (console->is_quitting && console->where == CONSOLE_CROWD && console->peers == NULL)
		console->rn->abandon(console->rn->run, ENDED_USER, NULL);
}

void console_init_attendant(struct console *console)
{
	console->attendant = (struct attendant){
		.join = on_join,
		.opened = on_opened,
		.closed = on_closed,
		.keeps_messages = true,
		.ctx = console,
	};
}

void console_forget(struct console *console)
{
	while (console->peers != NULL)
		forget(console, console->peers);
	buf_clear(&console->early);
}

/* ---- Ending ---- */

void console_shut(struct console_peer *peer)
{
	struct console *console = peer->console;

	if (peer->typed.is_ended) {
		console_tell(console, _("you have ended your side already; /quit leaves"));
		return;
	}
	if (!peer->session->remote.has_end) {
		console_tell(console, _("datagrams have no end to tell of; /quit leaves"));
		return;
	}
	console_file_stop(peer);
	peer->typed.is_ended = true;
	session_wake(peer->session);
	if (peer->session->sock->protocol == PROTOCOL_TCP)
		console_tell(console, _("you send no more: %s sees an end (FIN), and may still send"), peer->name);
	else
		console_tell(console, _("you send no more: %s sees an end, and may still send"), peer->name);
}

void console_finish(struct console_peer *peer)
{
	console_file_stop(peer);
	peer->typed.is_ended = true;
	session_finish(peer->session);
}

/* Is anything that was typed not sent, or not acknowledged? */
static bool is_outstanding(struct console_peer *peer)
{
	struct session *session = peer->session;

	return peer->typed.queue.len > 0 || flow_holds(&session->out) ||
	       (session->sock->protocol == PROTOCOL_TCP &&
		step_unacknowledged(&peer->console->quiet, session->sock) > 0);
}

/* What is not acknowledged now is not waited for. */
static void on_quit(struct timer *timer)
{
	struct console *console = CONTAINER_OF(timer, struct console, quit);
	uint64_t rest_ns = step_limit_wait(&console->rn->st, 0);

	/* Somebody is asked about a step on the way out. */
	if (rest_ns > 0) {
		loop_timer_set(console->rn->loop, timer, console->rn->st.env->now_ns() + rest_ns);
		return;
	}
	while (console->peers != NULL && console->peers->session != NULL) {
		struct session *session = console->peers->session;
		bool is_lost = is_outstanding(console->peers);

		session->has_lost = session->has_lost || is_lost;
		session_abandon(session, is_lost ? ENDED_UNACKNOWLEDGED : ENDED_USER, NULL);
	}
	console->rn->abandon(console->rn->run, ENDED_USER, NULL);
}

void console_quit(struct console *console)
{
	struct running *rn = console->rn;
	bool has_session = false;

	if (console->is_quitting)
		return;
	console->is_quitting = true;
	for (struct console_peer *peer = console->peers; peer != NULL; peer = peer->next) {
		if (peer->session == NULL)
			continue;
		has_session = true;
		console_tell_closing(peer);
		console_finish(peer);
	}
	if (!has_session) {
		rn->abandon(rn->run, ENDED_USER, NULL);
		return;
	}
	console->quit.fire = on_quit;
	loop_timer_set(rn->loop, &console->quit, rn->st.env->now_ns() + QUIT_WAIT_NS);
}

static void on_hungry(void *ctx)
{
	console_file_go_on(ctx);
}

/* A message without a byte: it shows as nothing. */
static void on_empty(void *ctx)
{
	const struct console_peer *peer = ctx;
	struct console *console = peer->console;
	bool is_datagram = !peer->session->remote.has_end;

	if (console->where == CONSOLE_CROWD)
		console_tell_event(console, is_datagram ? _("[%1$u] %2$s has sent an empty datagram") :
								     _("[%1$u] %2$s has sent an empty message"),
				   peer->number, peer->name);
	else
		console_tell_event(console, is_datagram ? _("%s has sent an empty datagram") :
								     _("%s has sent an empty message"), peer->name);
}
