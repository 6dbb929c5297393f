/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands beside and below a call: remarks, states, addresses, facts of TCP, the summary. */
#include <inttypes.h>
#include <netinet/tcp.h>
#include <string.h>

#include "base/clock.h"
#include "trace/coalesce.h"
#include "trace/icmp_words.h"
#include "trace/text_call.h"
#include "trace/text_kernel.h"
#include "trace/text_process.h"
#include "trace/text_sockopt.h"

#define BELOW_COLUMNS 70 /* what 80 columns have room for below a call; in bytes, an arrow is three */
#define FACT_MAX (2 * ADDR_TEXT_MAX + 128) /* the longest fact holds two addresses */

/* An address, marked with from, behind a call. */
static void add_peer(struct text *line, const struct addr *peer)
{
	char words[ADDR_TEXT_MAX];

	if (peer != NULL && peer->len > 0)
		text_addf(line, "   from %s", addr_format(peer, words, sizeof(words)));
}

/* The address that bind() gave, where it is not the one that was asked for: port 0 asks for a free one. */
static void add_chosen(struct text *line, const struct event *event)
{
	char words[ADDR_TEXT_MAX];

	if (event->args == NULL || event->args->name.addr == NULL || event->local == NULL ||
	    event->local->len == 0 || addr_equal(event->local, event->args->name.addr))
		return;
	text_addf(line, "   the kernel chose %s", addr_format(event->local, words, sizeof(words)));
}

/* How long the answer to connect() took. */
static void add_waited(struct text *line, const struct event *event)
{
	char words[32];
	struct text duration;

	text_init(&duration, words, sizeof(words));
	text_duration(&duration, event->dur_ns);
	text_addf(line, _("   after %s"), words);
}

/* What receiving nothing means depends on the protocol. */
static const char *empty_recv(enum protocol protocol)
{
	switch (protocol) {
	case PROTOCOL_TCP:
	case PROTOCOL_UNIX:
	case PROTOCOL_UNIX_SEQPACKET:
	case PROTOCOL_SCTP:
	case PROTOCOL_DCCP:
	case PROTOCOL_VSOCK:
		return _("the peer will send no more");
	case PROTOCOL_UDP:
	case PROTOCOL_UNIX_DGRAM:
		return _("an empty datagram");
	case PROTOCOL_NONE:
	case PROTOCOL_OTHER:
	case PROTOCOL_COUNT:
		break;
	}
	return NULL;
}

/* The length of a listener's accept queue and how many it holds, where the event tells. */
static bool has_queue(const struct event *event, const struct text_view *view)
{
	return view->level >= 2 && event->tcp != NULL && tcp_facts_has_queue(event->tcp);
}

/* Fewer bytes were taken than there were. */
static void add_short(struct text *line, const struct event *event)
{
	size_t asked;

	if (event_is_short(event, &asked))
		text_addf(line, _("   short: %1$" PRId64 " of %2$zu taken"), event->result, asked);
}

void text_remark(struct text *line, const struct event *event, const struct text_view *view)
{
	const struct addr *peer = event->remote;
	const char *words = NULL;

	if (event->step == STEP_BIND && event->error == 0) {
		add_chosen(line, event);
	} else if (event->step == STEP_ACCEPT && event->error == 0) {
		if (event->args != NULL && event->args->accept.addr != NULL)
			peer = event->args->accept.addr;
		add_peer(line, peer);
	} else if (event->step == STEP_RECV && event->has_result && event->error == 0) {
		if (event->args != NULL)
			add_peer(line, event->args->io.from);
		/* A peek at nothing, or a buffer of no bytes, is no end. */
		if (event->result == 0 && (event->args == NULL || event->args->io.len > 0))
			words = empty_recv(event->protocol);
	} else if (event->step == STEP_READ && event->has_result && event->result == 0) {
		words = _("end of input");
	} else if (event->step == STEP_LISTEN && has_queue(event, view)) {
		text_add(line, "   ");
		text_kernel_queue(line, event->tcp);
	} else if (event->step == STEP_SETSOCKOPT && event->error == 0 && view->level >= 2) {
		text_kernel_buffer(line, event);
		text_sockopt_became(line, event);
	}
	add_short(line, event);
	if (event->coalesced.what != COALESCED_NOTHING) {
		text_add(line, "   ");
		coalesce_format(event, line);
	}
	if (words != NULL)
		text_addf(line, "   %s", words);
	if (event->step == STEP_CONNECTED && event->has_dur)
		add_waited(line, event);
}

bool text_states(struct text *line, const struct event *event, const struct text_view *view)
{
	char from[32], to[32];

	if (event->state_to == 0 || event->state_from == event->state_to)
		return false;
	/* Every new socket begins in CLOSE: no news. */
	if (event->state_from == 0 && event->state_to == TCP_CLOSE)
		return false;
	text_add(line, MARK_STATE);
	if (event->state_from != 0)
		text_addf(line, "%s ", name_or_number(&names_tcp_state, event->state_from, from,
						       sizeof(from)));
	text_addf(line, "%s %s" MARK_END, text_arrow(view, ARROW_RIGHT),
		  name_or_number(&names_tcp_state, event->state_to, to, sizeof(to)));
	return true;
}

/* `tcp 127.0.0.1:51834 ⇄ 127.0.0.1:9000`, as far as it is known. Returns whether anything is. */
static bool add_pair(struct text *line, const struct event *event, const struct text_view *view)
{
	char words[ADDR_TEXT_MAX];
	const struct addr *local = event->local;
	const struct addr *remote = event->remote;

	if (view->is_relay && event->side != SIDE_NONE)
		text_add(line, event->side == SIDE_SERVER ? "client: " : "target: ");
	text_add(line, protocol_name(event->protocol));
	if (local != NULL && local->len > 0)
		text_addf(line, "%s%s", line->len > 0 ? " " : "",
			  addr_format(local, words, sizeof(words)));
	if (remote != NULL && remote->len > 0)
		text_addf(line, "%s%s %s", line->len > 0 ? " " : "", text_arrow(view, ARROW_BOTH),
			  addr_format(remote, words, sizeof(words)));
	return line->len > 0;
}

/* The accept queue and the connection, at a turning point. */
static void give_turning_point(struct text_below *below, const struct event *event,
			       const struct text_view *view)
{
	char fact[FACT_MAX];
	struct text line;

	text_init(&line, fact, sizeof(fact));
	if (event->step != STEP_CONNECT && event->step != STEP_CONNECTED &&
	    event->step != STEP_ACCEPT)
		return;
	if (event->local != NULL && event->remote != NULL && add_pair(&line, event, view))
		below->line(below, fact);
	if (event->step == STEP_ACCEPT && has_queue(event, view)) {
		text_init(&line, fact, sizeof(fact));
		text_kernel_queue(&line, event->tcp);
		below->line(below, fact);
	}
	/* Of a listener these facts mean nothing. */
	if (view->level >= 2 && event->tcp != NULL && event->tcp->state != TCP_LISTEN)
		text_kernel_turn(below, event->tcp, true, view);
}

static void give_candidates(struct text_below *below, const union step_args *args)
{
	char fact[FACT_MAX], words[ADDR_TEXT_MAX];
	struct text line;

	for (size_t i = 0; i < args->resolve.found_count; i++) {
		text_init(&line, fact, sizeof(fact));
		text_addf(&line, "%zu. %s", i + 1,
			  addr_format(&args->resolve.found[i], words, sizeof(words)));
		below->line(below, fact);
	}
}

/* The shape of a conversation in words. */
static void add_shape(struct text *line, const struct summary *summary,
		      const struct text_view *view)
{
	switch (summary->shape) {
	case SHAPE_SILENT:
		text_add(line, _("silent"));
		break;
	case SHAPE_REQUEST_REPLY:
		text_add(line, _("one request, one reply, then closed (as HTTP does)"));
		break;
	case SHAPE_REQUESTS:
		text_addf(line, _("requests and replies in turn (HTTP, kept alive): %" PRIu64 " turns"),
			  summary->turns);
		break;
	case SHAPE_CONVERSATION:
		text_addf(line, _("a conversation: %" PRIu64 " turns, both sides spoke"),
			  summary->turns);
		break;
	case SHAPE_ONE_WAY_OUT:
		text_addf(line, _("one way %s"), text_arrow(view, ARROW_RIGHT));
		break;
	case SHAPE_ONE_WAY_IN:
		text_addf(line, _("one way %s"), text_arrow(view, ARROW_LEFT));
		break;
	}
}

/* The first line of a summary: which connection, and why it is over; a line each where one has no room for both. */
static void give_end_line(struct text_below *below, const struct event *event,
			  const struct text_view *view)
{
	const struct summary *summary = event->summary;
	const char *reason = NULL;
	char fact[FACT_MAX], sentence[160];
	struct text line;

	text_init(&line, fact, sizeof(fact));
	if (summary->ended_by != ENDED_NOT)
		reason = ended_format(summary->ended_by, summary->limit, sentence, sizeof(sentence));
	if (add_pair(&line, event, view) && reason != NULL) {
		text_add(&line, ":");
		if (line.len + 1 + strlen(reason) > BELOW_COLUMNS) {
			below->line(below, fact);
			text_init(&line, fact, sizeof(fact));
			text_add(&line, " ");
		}
		text_add(&line, " ");
	}
	if (reason != NULL)
		text_add(&line, reason);
	if (line.len > 0)
		below->line(below, fact);
}

/* What ICMP errors datagrams have met. */
static void add_icmp_tally(struct text *line, const struct icmp_tally *icmp)
{
	char words[128], sender[ADDR_TEXT_MAX];
	struct text said;

	text_init(&said, words, sizeof(words));
	icmp_words_add(addr_family(&icmp->sender), icmp->type, icmp->code, &said);
	addr_format_host(&icmp->sender, sender, sizeof(sender));
	if (icmp->count == 1)
		text_addf(line, _("1 ICMP error: %1$s from %2$s"), words, sender);
	else
		text_addf(line, _("%1$u ICMP errors, the last: %2$s from %3$s"), (unsigned)icmp->count, words, sender);
}

static void give_summary(struct text_below *below, const struct event *event,
			 const struct text_view *view)
{
	static const char *const spoke[] = { NULL, N_("this side spoke first"),
					     N_("the peer spoke first") };
	static const char *const closed[] = { NULL, N_("this side closed first"),
					      N_("the peer closed first") };
	const struct summary *summary = event->summary;
	char fact[FACT_MAX];
	struct text line;

	give_end_line(below, event, view);

	text_init(&line, fact, sizeof(fact));
	text_add(&line, "sent ");
	text_size(&line, summary->sent_bytes);
	text_add(&line, ", received ");
	text_size(&line, summary->received_bytes);
	text_add(&line, " in ");
	text_duration(&line, summary->duration_ns);
	below->part(below, fact);

	text_init(&line, fact, sizeof(fact));
	text_addf(&line, "%" PRIu64 " %s, %" PRIu64 " %s", summary->sends,
		  summary->sends == 1 ? "send" : "sends", summary->receives,
		  summary->receives == 1 ? "receive" : "receives");
	below->part(below, fact);

	if (summary->icmp.count > 0) {
		text_init(&line, fact, sizeof(fact));
		add_icmp_tally(&line, &summary->icmp);
		below->part(below, fact);
	}
	if (spoke[summary->spoke_first] != NULL)
		below->part(below, _(spoke[summary->spoke_first]));
	if (closed[summary->closed_first] != NULL)
		below->part(below, _(closed[summary->closed_first]));
	text_init(&line, fact, sizeof(fact));
	add_shape(&line, summary, view);
	below->part(below, fact);
	below->part(below, NULL);

	if (view->level >= 2)
		text_kernel_turn(below, &summary->tcp, false, view);
}

/* Of a program that was started. */
static void give_spawn_ends(struct text_below *below, const struct event *event)
{
	char fact[128];
	struct text line;

	if (event->error != 0 || event->args == NULL)
		return;
	text_init(&line, fact, sizeof(fact));
	text_spawn_ends(&line, event->args);
	below->line(below, fact);
}

void text_facts(struct text_below *below, const struct event *event, const struct text_view *view)
{
	if (event->step == STEP_END && event->summary != NULL)
		give_summary(below, event, view);
	else if (event->step == STEP_RESOLVE && event->text != NULL)
		below->line(below, event->text);
	else if (event->step == STEP_RESOLVE && view->level >= 2 && event->args != NULL)
		give_candidates(below, event->args);
	else if (event->step == STEP_INFO && event->tcp != NULL)
		text_kernel_below(below, event);
	else if (event->step == STEP_SPAWN)
		give_spawn_ends(below, event);
	else if (event->error == 0)
		give_turning_point(below, event, view);
}
