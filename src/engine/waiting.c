/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who must act next: see waiting.h. */
#include "engine/waiting.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "trace/icmp_words.h"

/* Has the kernel bytes of ours that it may not send, though nothing is in flight? Only the peer's window can say so. */
static bool is_window_closed(const struct waiting_facts *facts)
{
	if (!facts->tcp.is_valid)
		return facts->is_out_held;
	return facts->tcp.unacked == 0 && (facts->is_out_held || facts->tcp.notsent > 0);
}

/* Of datagrams there is no end and no acknowledgement: only an answer shows that the peer has got one. */
static enum waiting decide_datagrams(const struct waiting_facts *facts)
{
	if (facts->is_send_only || facts->received > 0 || facts->is_out_held)
		return WAITING_NOTHING;
	if (facts->is_recv_only)
		return WAITING_PEER_DATA;
	if (facts->sent > 0)
		return WAITING_ANSWER;
	return facts->is_relay || facts->is_input_ended ? WAITING_NOTHING : WAITING_UNKNOWN;
}

/* Nothing is held up: does one wait for the other's words, or end? */
static enum waiting decide_words(const struct waiting_facts *facts)
{
	if (facts->is_recv_only)
		return facts->has_talked || facts->is_in_ended ? WAITING_NOTHING : WAITING_PEER_DATA;
	/* Of a relay that is said of the other side. */
	if (facts->is_in_ended)
		return facts->is_out_ended || facts->is_relay ? WAITING_NOTHING : WAITING_INPUT;
	if (facts->is_out_ended)
		return WAITING_PEER_END;
	if (facts->is_input_ended)
		return WAITING_UNTOLD;
	if (facts->has_talked)
		return WAITING_NOTHING;
	return facts->is_relay ? WAITING_EACH_OTHER : WAITING_FIRST_WORD;
}

enum waiting waiting_decide(const struct waiting_facts *facts)
{
	if (facts->is_output_blocked)
		return WAITING_OUTPUT;
	if (facts->tcp.is_valid && facts->tcp.timeouts > 0 && facts->tcp.unacked > 0)
		return WAITING_LOST;
	if (!facts->has_end)
		return decide_datagrams(facts);
	if (is_window_closed(facts))
		return facts->is_holding ? WAITING_WINDOW_ALL : WAITING_WINDOW;
	/* On its way: a slow network, of which nothing is known that the peer could change. */
	if (facts->is_out_held)
		return WAITING_NOTHING;
	if (facts->is_crowd)
		return facts->is_in_ended && !facts->is_input_ended && facts->is_default_end ? WAITING_INPUT_OF_ALL :
											       WAITING_NOTHING;
	return decide_words(facts);
}

uint64_t waiting_moves_ns(enum waiting waiting, const struct waiting_facts *facts)
{
	uint64_t quiet_ns = facts->tcp.quiet_ms * NS_PER_MS;

	if (!facts->tcp.is_valid)
		return 0;
	/* On its way, at this moment. */
	if (waiting == WAITING_NOTHING && facts->is_out_held)
		return WAITING_NS;
	if (waiting != WAITING_WINDOW && waiting != WAITING_WINDOW_ALL)
		return 0;
	return quiet_ns < WAITING_NS ? WAITING_NS - quiet_ns : 0;
}

/* The sentences in which nothing but the name of the other side is put: %1$s. */
static const char *const sentences[WAITING_COUNT] = {
	[WAITING_OUTPUT] = N_("nothing moves for 2 s: our output takes no more of what %1$s has sent; "
			      "whoever reads standard output must go on"),
	[WAITING_WINDOW] = N_("nothing moves for 2 s: %1$s takes no more, its receive buffer is full; "
			      "it must read"),
	[WAITING_WINDOW_ALL] = N_("nothing moves for 2 s: %1$s takes no more, its receive buffer is full, and "
				  "standard input waits for it; it must read (--slow drop drops it)"),
	[WAITING_INPUT] = N_("the peer has ended; waiting for standard input to end (see --until)"),
	[WAITING_INPUT_OF_ALL] = N_("%1$s has ended, and goes on receiving while standard input is open; with "
				    "--until remote each client is let go at its own end"),
	[WAITING_PEER_END] = N_("nothing moves for 2 s: %1$s has been told that no more comes and has not "
				"ended itself; it must answer, or end"),
	[WAITING_UNTOLD] = N_("nothing moves for 2 s: standard input has ended, and %1$s has not been told "
			      "(--no-shutdown); it must end"),
	[WAITING_PEER_DATA] = N_("nothing moves for 2 s: %1$s has sent nothing yet, and we only receive; "
				 "it must send"),
	[WAITING_FIRST_WORD] = N_("nothing moves for 2 s: neither side has said anything; %1$s may wait for "
				  "us to speak first, as we wait for standard input"),
	[WAITING_EACH_OTHER] = N_("nothing moves for 2 s: neither side has said anything; each may wait for "
				  "the other to speak first"),
	[WAITING_UNKNOWN] = N_("nothing moves for 2 s: no datagram has been sent, and before the first one %1$s "
			       "does not know of us; we wait for standard input"),
};

/* No answer, but ICMP errors: they say why. */
static void format_icmp(const struct waiting_facts *facts, const char *who, struct text *text)
{
	char words[128], sender[ADDR_TEXT_MAX];
	const struct icmp_tally *icmp = &facts->icmp;
	struct text said;

	text_init(&said, words, sizeof(words));
	icmp_words_add(addr_family(&icmp->sender), icmp->type, icmp->code, &said);
	text_addf(text,
		  _("nothing moves for 2 s: %1$s has not answered (datagrams sent: %2$" PRIu64
		    ", ICMP errors: %3$u); the last ICMP error says %4$s and comes from %5$s"),
		  who, facts->sent, (unsigned)icmp->count, words,
		  addr_format_host(&icmp->sender, sender, sizeof(sender)));
}

/* Those in which figures of TCP or datagrams are put. Returns false where the verdict has none. */
static bool format_figures(enum waiting waiting, const struct waiting_facts *facts, const char *who, struct text *text)
{
	const struct tcp_facts *tcp = &facts->tcp;

	if (waiting == WAITING_LOST)
		text_addf(text,
			  _("nothing moves for 2 s: %1$s does not acknowledge what was sent, after %2$u timeouts of "
			    "retransmission; the network loses it, or that host is gone"),
			  who, (unsigned)tcp->timeouts);
	else if (waiting == WAITING_WINDOW && tcp->is_valid)
		text_addf(text,
			  _("nothing moves for 2 s: the window of %1$s is closed (all that was sent is acknowledged, "
			    "%2$u more bytes wait in the kernel); it must read"),
			  who, (unsigned)tcp->notsent);
	else if (waiting == WAITING_WINDOW_ALL && tcp->is_valid)
		text_addf(text,
			  _("nothing moves for 2 s: the window of %1$s is closed (all that was sent is acknowledged, "
			    "%2$u more bytes wait in the kernel), and standard input waits for it; it must read "
			    "(--slow drop drops it)"),
			  who, (unsigned)tcp->notsent);
	else if (waiting == WAITING_ANSWER && facts->is_unix)
		text_addf(text,
			  _("nothing moves for 2 s: %1$s has not answered (datagrams sent: %2$" PRIu64
			    "); it must read them, and answer"),
			  who, facts->sent);
	else if (waiting == WAITING_ANSWER && facts->icmp.count > 0)
		format_icmp(facts, who, text);
	else if (waiting == WAITING_ANSWER)
		text_addf(text,
			  _("nothing moves for 2 s: %1$s has not answered (datagrams sent: %2$" PRIu64
			    ", ICMP errors: none); a firewall drops them, that host is gone, or its program does not "
			    "answer"),
			  who, facts->sent);
	else
		return false;
	return true;
}

void waiting_format(enum waiting waiting, const struct waiting_facts *facts, const char *who, struct text *text)
{
	if (format_figures(waiting, facts, who, text) || sentences[waiting] == NULL)
		return;
	text_addf(text, _(sentences[waiting]), who);
}
