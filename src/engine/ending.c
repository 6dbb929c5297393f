/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a session is over: see ending.h. */
#include "engine/ending.h"

#include <errno.h>

#include "base/i18n.h"
#include "base/parse.h"
#include "stream/negotiation.h"

/* The limit of -q; datagrams, which have no end, have one by themselves on the client's side (set by the command). */
static bool has_quit_after(const struct ending_rules *rules, const struct ending_facts *facts)
{
	return rules->quit_after_ns != ENDING_NEVER && facts->local_ended && !rules->is_recv_only;
}

/*
 * Does silence end it, -i? Once standard input has ended -q takes its place, where that is no longer: the one is a
 * failure, the other is not, and which of them comes first must not depend on when the input ended.
 */
static bool has_idle_limit(const struct ending_rules *rules, const struct ending_facts *facts)
{
	return rules->idle_ns != ENDING_NEVER &&
	       !(has_quit_after(rules, facts) && rules->quit_after_ns <= rules->idle_ns);
}

/* The peer's end is enough. */
static bool remote_is_enough(const struct ending_rules *rules, const struct ending_facts *facts)
{
	if (rules->until == ENDING_UNTIL_REMOTE || rules->is_recv_only)
		return true;
	if (rules->until == ENDING_UNTIL_DEFAULT && rules->is_terminal)
		return true;
	/* With -k standard input is everybody's: it is not waited for on behalf of who has gone, ... */
	if (rules->is_crowd && facts->remote_closed)
		return true;
	/* ... and nobody's to wait for once it has ended. */
	return (rules->is_crowd || rules->is_no_shutdown) && facts->local_ended;
}

bool ending_is_all_sent(const struct ending_rules *rules, const struct ending_facts *facts)
{
	/* With -k nobody is half-closed at the end of standard input: its end is all there is to wait for. */
	return facts->local_shut ||
	       (facts->local_ended && (rules->is_datagram || rules->is_no_shutdown || rules->is_crowd));
}

/*
 * A program is all there is behind the connection: once it has exited, and all that it said is sent, nobody is left to
 * talk with. Before that it is waited for, whoever else has ended.
 */
static enum ended_by decide_by_program(const struct ending_rules *rules, const struct ending_facts *facts)
{
	/* Two of them are done when both are, whatever each still does behind the end of its input. */
	if (rules->is_pipeline && !(facts->remote_gone && facts->remote_ended))
		return ENDED_NOT;
	return facts->local_gone && ending_is_all_sent(rules, facts) ? ENDED_PROGRAM : ENDED_NOT;
}

/* Of HTTP: both sides have ended; or all is said, ours is acknowledged, and the peer has not ended for long enough. */
static enum ended_by decide_http(const struct ending_rules *rules, const struct ending_facts *facts)
{
	if (facts->remote_ended && (facts->local_shut || (facts->local_ended && rules->is_no_shutdown)))
		return ENDED_BOTH;
	if (facts->local_ended && facts->acknowledged &&
	    (facts->ended_quiet_ns >= rules->linger_ns || facts->since_end_ns >= ENDING_PATIENCE * rules->linger_ns))
		return ENDED_LINGERED;
	return ENDED_NOT;
}

bool ending_is_loss(const struct ending_rules *rules, const struct ending_facts *facts)
{
	/* Of a program the end is no loss: it may answer what it was sent whole (sort). */
	return rules->is_reconnecting && !rules->is_program && facts->remote_ended && !facts->local_ended &&
	       rules->until != ENDING_UNTIL_REMOTE && rules->until != ENDING_UNTIL_BOTH;
}

/* The rules about who has ended; those about time are not among them. */
static enum ended_by decide_by_ends(const struct ending_rules *rules, const struct ending_facts *facts)
{
	if (rules->is_program)
		return decide_by_program(rules, facts);
	if (rules->linger_ns > 0)
		return decide_http(rules, facts);
	if (ending_is_loss(rules, facts))
		return ENDED_REMOTE;
	if (rules->is_send_only)
		return ending_is_all_sent(rules, facts) && facts->acknowledged ? ENDED_SENT_ALL : ENDED_NOT;
	if (rules->until == ENDING_UNTIL_LOCAL && facts->local_ended)
		return ENDED_LOCAL;
	if (facts->remote_ended && remote_is_enough(rules, facts))
		return ENDED_REMOTE;
	return facts->remote_ended && facts->local_shut ? ENDED_BOTH : ENDED_NOT;
}

enum ended_by ending_decide(const struct ending_rules *rules, const struct ending_facts *facts)
{
	enum ended_by ended = facts->is_leaving ? ENDED_NOT : decide_by_ends(rules, facts);

	if (ended != ENDED_NOT)
		return ended;
	if (has_quit_after(rules, facts) && facts->ended_quiet_ns >= rules->quit_after_ns)
		return ENDED_QUIT_AFTER;
	return has_idle_limit(rules, facts) && facts->quiet_ns >= rules->idle_ns ? ENDED_IDLE_TIMEOUT : ENDED_NOT;
}

uint64_t ending_next_ns(const struct ending_rules *rules, const struct ending_facts *facts)
{
	uint64_t next = ENDING_NEVER, left;

	if (has_idle_limit(rules, facts))
		next = facts->quiet_ns >= rules->idle_ns ? 0 : rules->idle_ns - facts->quiet_ns;
	if (has_quit_after(rules, facts)) {
		left = facts->ended_quiet_ns >= rules->quit_after_ns ? 0 :
								       rules->quit_after_ns - facts->ended_quiet_ns;
		next = left < next ? left : next;
	}
	if (rules->linger_ns > 0 && facts->local_ended && facts->acknowledged) {
		left = facts->ended_quiet_ns >= rules->linger_ns ? 0 : rules->linger_ns - facts->ended_quiet_ns;
		next = left < next ? left : next;
	}
	return next;
}

/* Which option makes the peer's end enough; in the order of remote_is_enough(). */
static const char *remote_cause(const struct ending_rules *rules)
{
	if (rules->until == ENDING_UNTIL_REMOTE)
		return "--until remote";
	if (rules->is_recv_only)
		return "--recv-only";
	if (rules->is_reconnecting)
		return "--reconnect";
	if (rules->until == ENDING_UNTIL_DEFAULT && rules->is_terminal)
		return rules->own_name != NULL ? _("FROM is a terminal") : _("standard input is a terminal");
	return rules->is_crowd ? "--keep-open" : "--no-shutdown";
}

const char *ending_limit(enum ended_by ended, const struct ending_rules *rules, char *dst, size_t size)
{
	if (ended == ENDED_IDLE_TIMEOUT)
		return parse_format_duration(rules->idle_ns, dst, size);
	if (ended == ENDED_QUIT_AFTER)
		return parse_format_duration(rules->quit_after_ns, dst, size);
	if (ended == ENDED_LINGERED)
		return parse_format_duration(rules->linger_ns, dst, size);
	return ended == ENDED_REMOTE ? remote_cause(rules) : NULL;
}

bool ending_half_closes(const struct ending_rules *rules)
{
	return !rules->is_no_shutdown && !rules->is_recv_only && !rules->is_crowd;
}

static enum shape find_shape(const struct summary *summary, enum side side, bool is_servers_end)
{
	enum who client = side == SIDE_CLIENT ? WHO_LOCAL : WHO_REMOTE;
	/* Bytes that a layer has added stand for themselves, and datagrams may have none. */
	bool has_sent = summary->sent_bytes > 0 || summary->sends > 0;
	bool has_received = summary->received_bytes > 0 || summary->receives > 0;

	if (!has_sent && !has_received)
		return SHAPE_SILENT;
	if (!has_received)
		return SHAPE_ONE_WAY_OUT;
	if (!has_sent)
		return SHAPE_ONE_WAY_IN;
	return summary->turns == 2 && summary->spoke_first == client && is_servers_end ? SHAPE_REQUEST_REPLY :
											  SHAPE_CONVERSATION;
}

void ending_shape(struct summary *summary, enum side side, bool is_servers_end)
{
	static const enum who first[] = {
		[SHAPE_SILENT] = WHO_NONE,
		[SHAPE_ONE_WAY_OUT] = WHO_LOCAL,
		[SHAPE_ONE_WAY_IN] = WHO_REMOTE,
	};

	summary->shape = find_shape(summary, side, is_servers_end);
	if (summary->shape != SHAPE_SILENT && summary->shape != SHAPE_ONE_WAY_OUT && summary->shape != SHAPE_ONE_WAY_IN)
		return;
	summary->turns = summary->shape == SHAPE_SILENT ? 0 : 1;
	summary->spoke_first = first[summary->shape];
}

enum shape ending_shape_http(enum shape shape, uint32_t exchanges)
{
	if (exchanges == 0)
		return shape;
	return exchanges == 1 ? SHAPE_REQUEST_REPLY : SHAPE_REQUESTS;
}

/* A datagram's destination that says so, a router on the way, or this host's firewall: it never had any data. */
static bool is_refused_datagram(const struct failure *fail)
{
	bool is_datagram = fail->protocol == PROTOCOL_UDP || fail->protocol == PROTOCOL_UNIX_DGRAM;

	return is_datagram && (fail->code == ECONNREFUSED || fail->code == EHOSTUNREACH || fail->code == ENETUNREACH ||
			       fail->code == ENOPROTOOPT || fail->code == EPERM || fail->code == EACCES);
}

/* An error: of our own input and output, of the command line, or of a step before data flowed. */
static enum outcome error_outcome(const struct failure *fail)
{
	if (fail->domain == FAILURE_USAGE)
		return OUTCOME_USAGE;
	if (fail->domain == FAILURE_REFUSED)
		return OUTCOME_REFUSED;
	if (fail->domain == FAILURE_LIMIT)
		return OUTCOME_TIMEOUT;
	if (fail->domain == FAILURE_FILE)
		return OUTCOME_LOCAL_IO;
	if (fail->domain == FAILURE_PROXY)
		return fail->code == NEGOTIATION_AUTH ? OUTCOME_REFUSED : OUTCOME_FAILED;
	if (fail->step == STEP_READ || fail->step == STEP_WRITE || fail->step == STEP_PASS)
		return OUTCOME_LOCAL_IO;
	/* Of data that were handed over or promised, some are lost. */
	if ((fail->step == STEP_SEND || fail->step == STEP_RECV || fail->step == STEP_SPLICE ||
	     fail->step == STEP_SHUTDOWN) &&
	    !is_refused_datagram(fail))
		return OUTCOME_LOST;
	return OUTCOME_FAILED;
}

enum outcome ending_outcome(enum ended_by ended, const struct failure *fail)
{
	switch (ended) {
	case ENDED_CONNECT_TIMEOUT:
	case ENDED_ACCEPT_TIMEOUT:
	case ENDED_IDLE_TIMEOUT:
	case ENDED_TOTAL_TIMEOUT:
		return OUTCOME_TIMEOUT;
	case ENDED_RESET:
	case ENDED_UNACKNOWLEDGED:
	case ENDED_KICKED:
	case ENDED_FAULT:
	case ENDED_PROXY:
	case ENDED_REFUSED:
		return OUTCOME_LOST;
	case ENDED_DRAIN:
		/* Those who did not finish in time were reset. */
		return fail->domain == FAILURE_LIMIT ? OUTCOME_TIMEOUT : OUTCOME_OK;
	case ENDED_OUTPUT_CLOSED:
		return OUTCOME_LOCAL_IO;
	case ENDED_SIGNAL:
		return OUTCOME_SIGNAL;
	case ENDED_ERROR:
		return error_outcome(fail);
	case ENDED_NOT:
	case ENDED_BOTH:
	case ENDED_LOCAL:
	case ENDED_REMOTE:
	case ENDED_QUIT_AFTER:
	case ENDED_SENT_ALL:
	case ENDED_LINGERED:
	case ENDED_PASSED:
	case ENDED_LIMIT:
	case ENDED_USER:
	case ENDED_PROGRAM:
	case ENDED_COUNT:
		break;
	}
	return OUTCOME_OK;
}
