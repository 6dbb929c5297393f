/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdicts on the candidates of a race: see verdict.h. */
#include "endpoint/verdict.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/i18n.h"
#include "step/route.h"
#include "step/sockdiag.h"
#include "trace/icmp_words.h"

/* A note about a candidate at that level. */
static void __attribute__((format(printf, 3, 4))) verdict_note(const struct race *race, uint8_t level,
							       const char *format, ...)
{
	struct bus *bus = race->st->bus;
	char sentence[2 * ADDR_TEXT_MAX + 256];
	struct event event = {
		.step = STEP_NOTE,
		.level = level,
		.session = race->session,
		.fd = -1,
		.text = sentence,
	};
	va_list args;

	if (bus->level < level)
		return;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	event.t_ns = race->st->env->now_ns() - bus->start_ns;
	bus_emit(bus, &event);
}

/* Has the trace told what became of it? */
static bool is_decided(const struct attempt *attempt)
{
	return attempt->error != 0 || attempt->phase == ATTEMPT_CONNECTED;
}

void verdict_losers(const struct race *race, const struct attempt *winner)
{
	char addr[ADDR_TEXT_MAX], faster[ADDR_TEXT_MAX];

	addr_format(&winner->addr, faster, sizeof(faster));
	for (size_t i = 0; i < race->count; i++) {
		if (is_decided(&race->attempts[i]))
			continue;
		addr_format(&race->attempts[i].addr, addr, sizeof(addr));
		if (i < race->started)
			verdict_note(race, 1, _("%s is given up: %s was faster"), addr, faster);
		else
			verdict_note(race, 2, _("%s is not tried: %s came first"), addr, faster);
	}
}

void verdict_unfinished(const struct race *race, const char *limit)
{
	char addr[ADDR_TEXT_MAX];

	for (size_t i = 0; i < race->count; i++) {
		if (is_decided(&race->attempts[i]))
			continue;
		addr_format(&race->attempts[i].addr, addr, sizeof(addr));
		if (i < race->started && limit != NULL)
			verdict_note(race, 1, _("%s is given up: no answer within %s"), addr, limit);
		else if (i < race->started)
			verdict_note(race, 1, _("%s is given up: it is not wanted any more"), addr);
		else if (limit != NULL)
			verdict_note(race, 2, _("%s is not tried: %s have passed"), addr, limit);
		else
			verdict_note(race, 2, _("%s is not tried: it is not wanted any more"), addr);
	}
}

/* Of an address of this host: what the accept queue behind it tells of the silence. */
static void verdict_queue(const struct race *race, const struct addr *addr, const char *words, unsigned syns)
{
	struct port_holder holder;
	int found = sockdiag_find_listener(race->st, addr, &holder);

	if (found == 0)
		verdict_note(race, 1,
			     _("nothing moves for 2 s: %1$s does not answer %2$u SYNs, and no socket listens there; a "
			       "firewall of this host drops them, or the answers"),
			     words, syns);
	if (found != 1)
		return;
	/* The queue takes one more than its limit before the kernel drops SYNs. */
	if (holder.queue_len <= holder.queue_limit) {
		verdict_note(race, 1,
			     _("nothing moves for 2 s: %1$s does not answer %2$u SYNs, though its accept queue has "
			       "room (%3$u waiting, limit %4$u); a firewall of this host drops them"),
			     words, syns, holder.queue_len, holder.queue_limit);
		return;
	}
	if (!race->is_busy)
		sockdiag_find_process(race->st, &holder);
	if (holder.pid != 0)
		verdict_note(race, 1,
			     _("nothing moves for 2 s: %1$s does not answer %2$u SYNs; the cause is not a firewall: "
			       "its accept queue is full (%3$u waiting, limit %4$u); %5$s (pid %6$d) must accept"),
			     words, syns, holder.queue_len, holder.queue_limit, holder.comm, holder.pid);
	else
		verdict_note(race, 1,
			     _("nothing moves for 2 s: %1$s does not answer %2$u SYNs; the cause is not a firewall: "
			       "its accept queue is full (%3$u waiting, limit %4$u); the server must accept"),
			     words, syns, holder.queue_len, holder.queue_limit);
}

/* An ICMP error has come, and SYNs go on: it may pass (RFC 1122 section 4.2.3.9). */
static void verdict_icmp(const struct race *race, const struct failure *fail, const char *words, unsigned syns)
{
	char offender[ADDR_TEXT_MAX], said[64];
	struct text text;

	addr_format_host(&fail->offender, offender, sizeof(offender));
	text_init(&text, said, sizeof(said));
	icmp_words_add(addr_family(&fail->offender), fail->icmp_type, fail->icmp_code, &text);
	verdict_note(race, 1,
		     _("nothing moves for 2 s: %1$s does not answer %2$u SYNs; %3$s has answered with an ICMP error: "
		       "%4$s"),
		     words, syns, offender, said);
}

/* One that waits for an answer. */
static void verdict_waits(const struct race *race, struct attempt *attempt)
{
	char addr[ADDR_TEXT_MAX];
	struct tcp_facts tcp;
	struct route route;
	unsigned syns;

	addr_format_words(&attempt->addr, addr, sizeof(addr));
	if (timer_is_set(&attempt->retry)) {
		verdict_note(race, 1,
			     _("nothing moves for 2 s: the accept queue of %s is full; the server must accept"), addr);
		return;
	}
	if (attempt->sock.protocol != PROTOCOL_TCP || step_tcp_facts(race->st, &attempt->sock, &tcp) < 0)
		return;
	syns = tcp.retransmits + 1;
	if (attempt->fail.offender.len > 0) {
		verdict_icmp(race, &attempt->fail, addr, syns);
		return;
	}
	if (route_find(race->st, &attempt->addr, &route) == 0 && route.is_local) {
		verdict_queue(race, &attempt->addr, addr, syns);
		return;
	}
	verdict_note(race, 1,
		     _("nothing moves for 2 s: %1$s does not answer %2$u SYNs; a firewall drops them, that host "
		       "is gone, or its accept queue is full and the server must accept"),
		     addr, syns);
}

void verdict_slow(const struct race *race)
{
	for (size_t i = 0; i < race->started; i++)
		if (race->attempts[i].phase == ATTEMPT_WAIT || timer_is_set(&race->attempts[i].retry))
			verdict_waits(race, &race->attempts[i]);
}
