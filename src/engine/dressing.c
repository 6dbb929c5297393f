/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Layers around the ends of a session: see dressing.h. */
#include "engine/dressing.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "base/i18n.h"
#include "base/util.h"
#include "engine/goodput.h"
#include "engine/session_private.h"

struct dressing {
	struct session *session;
	struct tally *tally; /* NULL: nobody counts */
	struct dressing *next;
	struct dressing_wire wire;
	struct witness_layer witness;
	struct line_layer lines;
	struct limit_layer in, out;
	struct traffic_layer traffic;
	bool is_limited, is_traffic;
};

static bool has_traffic(const struct dressing_wish *wish)
{
	return wish->traffic.is_null || wish->traffic.is_discard || wish->traffic.is_echo;
}

bool dressing_has_pace(const struct dressing_wish *wish)
{
	return wish->pace.rate != 0 || wish->pace.delay_ns != 0;
}

static bool has_limit(const struct dressing_wish *wish)
{
	return wish->limit != DRESSING_NO_LIMIT || wish->limit_messages != DRESSING_NO_LIMIT ||
	       wish->limit_reads != DRESSING_NO_LIMIT;
}

bool dressing_is_wanted(const struct dressing_wish *wish)
{
	return wish->witness != NULL || wish->tally != NULL || has_limit(wish) || wish->is_crlf ||
	       wish->is_telnet || wish->is_line || dressing_has_pace(wish) || has_traffic(wish);
}

bool dressing_is_deaf(const struct dressing_wish *wish)
{
	return wish != NULL && (wish->traffic.is_null || wish->traffic.is_echo);
}

void dressing_put_pace(struct dressing_wire *wire, const struct dressing_wish *wish, struct stream *stream,
		       struct loop *loop, struct task *task)
{
	if (!dressing_has_pace(wish))
		return;
	pace_layer_init(&wire->pace, stream->top, &wish->pace, loop, task, stream->is_messages);
	stream->top = &wire->pace.layer;
}

void dressing_put_text(struct dressing_wire *wire, const struct dressing_wish *wish, struct stream *stream,
		       struct stepper *st, struct sock *sk, const struct witness_place *place)
{
	if (wish->is_telnet) {
		/* The DM of IAC DM is urgent (RFC 854, Synch): it has to stay behind its IAC. */
		if (sk->protocol == PROTOCOL_TCP)
			step_tune(st, sk, SOL_SOCKET, SO_OOBINLINE, 1);
		telnet_layer_init(&wire->telnet, stream->top, place->session, place->loop, place->task);
		stream->top = &wire->telnet.layer;
	}
	if (wish->is_crlf) {
		crlf_layer_init(&wire->crlf, stream->top, stream->is_messages);
		stream->top = &wire->crlf.layer;
	}
}

uint64_t dressing_wire_added(const struct dressing_wire *wire)
{
	return wire->crlf.added + wire->telnet.added;
}

uint64_t dressing_wire_removed(const struct dressing_wire *wire)
{
	return wire->telnet.removed;
}

/* Over the connection. */
static void dress_remote(struct dressing *dressing, const struct dressing_wish *wish, struct session *session)
{
	struct stream *remote = &session->remote;
	struct loop *loop = session->engine->loop;
	const struct witness_place place = { loop, &session->task, session->number, remote->is_messages };

	dressing_put_pace(&dressing->wire, wish, remote, loop, &session->task);
	if (wish->witness != NULL) {
		witness_layer_init(&dressing->witness, remote->top, wish->witness, &place);
		remote->top = &dressing->witness.layer;
	}
	dressing_put_text(&dressing->wire, wish, remote, session->engine->st, session->sock, &place);
	if (wish->is_line) {
		line_layer_init(&dressing->lines, remote->top);
		remote->top = &dressing->lines.layer;
	}
	if (dressing->is_limited) {
		limit_layer_init(&dressing->in, remote->top, wish->limit,
				 remote->is_messages ? wish->limit_messages : wish->limit_reads, remote->is_messages);
		remote->top = &dressing->in.layer;
	}
}

/* Over our own end. */
static void dress_local(struct dressing *dressing, const struct dressing_wish *wish, struct session *session)
{
	struct stream *local = &session->local;
	bool is_messages = session->remote.is_messages;

	if (dressing->is_traffic) {
		traffic_layer_init(&dressing->traffic, local->top, &wish->traffic, session->engine->loop,
				   &session->task, is_messages);
		local->top = &dressing->traffic.layer;
		/* What goes back is what came, empty messages too. */
		if (wish->traffic.is_echo)
			local->is_messages = is_messages;
	}
	if (dressing->is_limited) {
		limit_layer_init(&dressing->out, local->top, wish->limit, LIMIT_NONE, is_messages);
		local->top = &dressing->out.layer;
	}
}

struct dressing *dressing_put(const struct dressing_wish *wish, struct session *session)
{
	struct dressing *dressing = xcalloc(1, sizeof(*dressing));

	dressing->session = session;
	dressing->is_limited = has_limit(wish);
	dressing->is_traffic = has_traffic(wish);
	dress_remote(dressing, wish, session);
	dress_local(dressing, wish, session);
	if (wish->tally != NULL) {
		dressing->tally = wish->tally;
		dressing->next = wish->tally->live;
		wish->tally->live = dressing;
		if (wish->tally->began_ns == 0)
			wish->tally->began_ns = session_now(session);
	}
	return dressing;
}

static uint64_t sent_by(const struct dressing *dressing)
{
	return dressing->session->out.bytes + dressing_added(dressing);
}

static uint64_t received_by(const struct dressing *dressing)
{
	return dressing->session->in.bytes + dressing_removed(dressing);
}

/* What it has moved is counted for good. */
static void leave_tally(struct dressing *dressing)
{
	struct dressing **at = &dressing->tally->live;

	while (*at != dressing)
		at = &(*at)->next;
	*at = dressing->next;
	dressing->tally->sent += sent_by(dressing);
	dressing->tally->received += received_by(dressing);
}

void dressing_free(struct dressing *dressing)
{
	if (dressing == NULL)
		return;
	if (dressing->tally != NULL)
		leave_tally(dressing);
	traffic_layer_clear(&dressing->traffic);
	free(dressing);
}

void dressing_take_unsent(struct dressing *dressing, struct buf *into)
{
	if (dressing == NULL)
		return;
	/* Lines that end with CR LF already stay as they are, the next time. */
	buf_append(into, buf_peek(&dressing->wire.crlf.waiting), dressing->wire.crlf.waiting.len);
	buf_clear(&dressing->wire.crlf.waiting);
}

bool dressing_is_in_ended(const struct dressing *dressing)
{
	return dressing->is_limited && limit_layer_is_reached(&dressing->in);
}

uint64_t dressing_added(const struct dressing *dressing)
{
	return dressing == NULL ? 0 : dressing_wire_added(&dressing->wire);
}

uint64_t dressing_removed(const struct dressing *dressing)
{
	return dressing == NULL ? 0 : dressing_wire_removed(&dressing->wire);
}

void dressing_say_goodput(const struct dressing *dressing)
{
	const struct session *session = dressing->session;
	struct engine *engine = session->engine;
	struct goodput goodput = {
		.sent = sent_by(dressing),
		.received = received_by(dressing),
	};
	char words[GOODPUT_MAX];

	if (!dressing->is_traffic)
		return;
	goodput.duration_ns = session_now(session) - session->opened_ns;
	addr_format_words(&session->names->remote, goodput.peer, sizeof(goodput.peer));
	goodput_format(&goodput, words, sizeof(words));
	if (engine->is_quiet)
		step_note(engine->st, session->number, "%s", words);
	else
		engine_say_of(engine, session->number, "%s", words);
}

void dressing_count(const struct tally *tally, uint64_t *sent, uint64_t *received)
{
	*sent = tally->sent;
	*received = tally->received;
	for (const struct dressing *live = tally->live; live != NULL; live = live->next) {
		*sent += sent_by(live);
		*received += received_by(live);
	}
}
