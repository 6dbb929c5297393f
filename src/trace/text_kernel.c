/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel tells of a socket, in words: see text_kernel.h. */
#include "trace/text_kernel.h"

#include <inttypes.h>

#include "base/clock.h"

#define FACT_MAX 160
/* Segments of the first flight (RFC 6928): who has sent no more has a rate of one round trip, not of the path. */
#define FIRST_FLIGHT 10

/* `rtt 0.03 ms ±0.02, mss 32741, cwnd 10, retransmits 0, 3.2 GiB/s`: the last as far as there is a measurement. */
static void add_tcp(struct text *line, const struct tcp_facts *facts, const struct text_view *view)
{
	text_add(line, "rtt ");
	text_duration(line, facts->rtt_us * NS_PER_US);
	text_add(line, view->is_utf8 ? " \u00b1" : " +-");
	text_duration(line, facts->rttvar_us * NS_PER_US);
	text_addf(line, ", mss %" PRIu32 ", cwnd %" PRIu32 ", retransmits %" PRIu32, facts->mss, facts->cwnd,
		  facts->retransmits);
	if (!facts->has_rate || facts->delivery_rate == 0 ||
	    (facts->has_bytes && facts->bytes_sent <= (uint64_t)FIRST_FLIGHT * facts->mss))
		return;
	text_add(line, ", ");
	text_size(line, facts->delivery_rate);
	text_add(line, "/s");
}

void text_kernel_queue(struct text *line, const struct tcp_facts *facts)
{
	text_addf(line, _("accept queue %1$" PRIu32 "/%2$" PRIu32), facts->queue_len, facts->queue_limit);
}

/* `unread 3 KiB, unacked 3.9 MiB`; what is empty only where it is wanted (has_nothing). */
static void add_unread(struct text *line, const struct tcp_facts *facts, bool has_nothing)
{
	bool has_unread = facts->unread > 0 || has_nothing, has_unsent = facts->unsent > 0 || has_nothing;

	if (has_unread) {
		text_add(line, _("unread "));
		text_size(line, facts->unread);
	}
	if (!has_unsent)
		return;
	text_add(line, has_unread ? ", " : "");
	text_add(line, facts->is_valid ? _("unacked ") : _("unsent "));
	text_size(line, facts->unsent);
}

/* What limited the sender, where that is known. */
static void give_limit(struct text_below *below, const struct tcp_facts *facts)
{
	char fact[FACT_MAX];
	struct text line;

	if (facts->limited_by == SENDER_LIMIT_NONE)
		return;
	text_init(&line, fact, sizeof(fact));
	text_addf(&line, _("limited by %1$s %2$u %% of the time"), _(sender_limit_words(facts->limited_by)),
		  (unsigned)facts->limited_percent);
	below->part(below, fact);
}

/* What waits in the kernel, where anything does. */
static void give_unread(struct text_below *below, const struct tcp_facts *facts)
{
	char fact[FACT_MAX];
	struct text line;

	if (!facts->has_queues || (facts->unread == 0 && facts->unsent == 0))
		return;
	text_init(&line, fact, sizeof(fact));
	add_unread(&line, facts, false);
	below->part(below, fact);
}

static void give_buffers(struct text_below *below, const struct tcp_facts *facts)
{
	char fact[FACT_MAX];
	struct text line;

	if (facts->sndbuf == 0 && facts->rcvbuf == 0)
		return;
	text_init(&line, fact, sizeof(fact));
	text_add(&line, _("send buffer "));
	text_size(&line, facts->sndbuf);
	text_add(&line, _(", receive buffer "));
	text_size(&line, facts->rcvbuf);
	below->part(below, fact);
}

/* A queue with no room left: what that does to the next client. */
static void give_full(struct text_below *below, const struct event *event)
{
	const struct tcp_facts *facts = event->tcp;
	char fact[FACT_MAX];
	struct text line;

	/* It holds one more than its limit (the kernel's sk_acceptq_is_full()). */
	if (facts->queue_len <= facts->queue_limit)
		return;
	text_init(&line, fact, sizeof(fact));
	if (event->protocol != PROTOCOL_TCP)
		text_add(&line, _("full: connect() of the next client waits (or fails with EAGAIN)"));
	else if (facts->drops == 0)
		text_add(&line, _("full: the SYN of the next client is dropped, which waits in SYN_SENT"));
	else
		text_addf(&line, _("full: segments of clients have been dropped, %" PRIu32 " so far"), facts->drops);
	below->part(below, fact);
}

void text_kernel_info(struct text *line, const struct event *event, const struct text_view *view)
{
	const char *of = event->side == SIDE_SERVER ? _(", of the client") : _(", of the target");
	const struct tcp_facts *facts = event->tcp;

	text_addf(line, "info %d%s: ", event->fd, view->is_relay && event->session != 0 ? of : "");
	if (facts == NULL)
		return;
	if (tcp_facts_has_queue(facts))
		text_kernel_queue(line, facts);
	else if (facts->is_valid)
		add_tcp(line, facts, view);
	else if (facts->has_queues)
		add_unread(line, facts, true);
}

void text_kernel_below(struct text_below *below, const struct event *event)
{
	if (tcp_facts_has_queue(event->tcp)) {
		give_full(below, event);
	} else if (event->tcp->is_valid) {
		give_limit(below, event->tcp);
		give_unread(below, event->tcp);
	}
	below->part(below, NULL);
}

void text_kernel_turn(struct text_below *below, const struct tcp_facts *facts, bool has_buffers,
		      const struct text_view *view)
{
	char fact[FACT_MAX];
	struct text line;

	if (facts->is_valid && facts->mss > 0) {
		text_init(&line, fact, sizeof(fact));
		add_tcp(&line, facts, view);
		below->part(below, fact);
	}
	if (has_buffers)
		give_buffers(below, facts);
	give_limit(below, facts);
	give_unread(below, facts);
	below->part(below, NULL);
}

void text_kernel_buffer(struct text *line, const struct event *event)
{
	if (event->tcp == NULL)
		return;
	text_addf(line, _("   the kernel made it %" PRIu32),
		  event->tcp->sndbuf > 0 ? event->tcp->sndbuf : event->tcp->rcvbuf);
}
