/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Layers around the ends of a session: see dressing.h. */
#include "engine/dressing.h"

#include <stdlib.h>

#include "base/i18n.h"
#include "base/util.h"
#include "engine/goodput.h"
#include "engine/session_private.h"

struct dressing {
	struct session *session;
	struct tally *tally; /* NULL: nobody counts */
	struct dressing *next;
	struct pace_layer pace;
	struct witness_layer witness;
	struct telnet_layer telnet;
	struct crlf_layer crlf;
	struct line_layer lines;
	struct limit_layer in, out;
	struct traffic_layer traffic;
	bool is_limited, is_traffic;
};

static bool has_traffic(const struct dressing_wish *wish)
{
	return wish->traffic.is_null || wish->traffic.is_discard || wish->traffic.is_echo;
}

static bool has_pace(const struct dressing_wish *wish)
{
	return wish->pace.rate != 0 || wish->pace.delay_ns != 0;
}

bool dressing_is_wanted(const struct dressing_wish *wish)
{
	return wish->witness != NULL || wish->tally != NULL || wish->limit != DRESSING_NO_LIMIT || wish->is_crlf ||
	       wish->is_telnet || wish->is_line || has_pace(wish) || has_traffic(wish);
}

bool dressing_is_deaf(const struct dressing_wish *wish)
{
	return wish != NULL && (wish->traffic.is_null || wish->traffic.is_echo);
}

/* Over the connection. */
static void dress_remote(struct dressing *dressing, const struct dressing_wish *wish, struct session *session)
{
	struct stream *remote = &session->remote;
	struct loop *loop = session->engine->loop;
	const struct witness_place place = { loop, &session->task, session->number, remote->is_messages };

	if (has_pace(wish)) {
		pace_layer_init(&dressing->pace, remote->top, &wish->pace, loop, &session->task, remote->is_messages);
		remote->top = &dressing->pace.layer;
	}
	if (wish->witness != NULL) {
		witness_layer_init(&dressing->witness, remote->top, wish->witness, &place);
		remote->top = &dressing->witness.layer;
	}
	if (wish->is_telnet) {
		telnet_layer_init(&dressing->telnet, remote->top, session->number);
		remote->top = &dressing->telnet.layer;
	}
	if (wish->is_crlf) {
		crlf_layer_init(&dressing->crlf, remote->top, remote->is_messages);
		remote->top = &dressing->crlf.layer;
	}
	if (wish->is_line) {
		line_layer_init(&dressing->lines, remote->top);
		remote->top = &dressing->lines.layer;
	}
	if (dressing->is_limited) {
		limit_layer_init(&dressing->in, remote->top, wish->limit, remote->is_messages);
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
		limit_layer_init(&dressing->out, local->top, wish->limit, is_messages);
		local->top = &dressing->out.layer;
	}
}

struct dressing *dressing_put(const struct dressing_wish *wish, struct session *session)
{
	struct dressing *dressing = xcalloc(1, sizeof(*dressing));

	dressing->session = session;
	dressing->is_limited = wish->limit != DRESSING_NO_LIMIT;
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

bool dressing_is_in_ended(const struct dressing *dressing)
{
	return dressing->is_limited && dressing->in.left == 0;
}

uint64_t dressing_added(const struct dressing *dressing)
{
	return dressing == NULL ? 0 : dressing->crlf.added + dressing->telnet.added;
}

uint64_t dressing_removed(const struct dressing *dressing)
{
	return dressing == NULL ? 0 : dressing->telnet.removed;
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
