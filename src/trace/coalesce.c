/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which events put pieces into which stream, and which take them out: see coalesce.h. */
#include "trace/coalesce.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/util.h"
#include "trace/coalesce_private.h"

#define BUCKETS 1024
#define ENDS_MAX 65536 /* that are known at a time; more are not looked at */
#define PAIRS_LOOKED 64 /* the newest ends, among which the other one of a connection is looked for */

struct coalesce {
	bool is_relay, has_header;
	bool has_packets; /* one was seen */
	size_t count;
	struct end *buckets[BUCKETS];
	struct end *lonely; /* not of a relay: the newest first */
	struct end *early;  /* whose client is not accepted yet, but sends: the newest first */
};

struct coalesce *coalesce_new(bool is_relay, bool has_header)
{
	struct coalesce *coalesce = xcalloc(1, sizeof(*coalesce));

	coalesce->is_relay = is_relay;
	coalesce->has_header = has_header;
	return coalesce;
}

static void lonely_remove(struct coalesce *coalesce, struct end *end)
{
	struct end **at = &coalesce->lonely;

	while (*at != NULL && *at != end)
		at = &(*at)->older;
	if (*at == end)
		*at = end->older;
}

static void end_free(struct coalesce *coalesce, struct end *end)
{
	if (!coalesce->is_relay)
		lonely_remove(coalesce, end);
	if (end->peer != NULL)
		end->peer->peer = NULL;
	for (size_t i = 0; i < WAY_COUNT; i++)
		free(end->streams[i]);
	free(end);
	coalesce->count--;
}

void coalesce_free(struct coalesce *coalesce)
{
	if (coalesce == NULL)
		return;
	coalesce_early_free(&coalesce->early);
	for (size_t i = 0; i < BUCKETS; i++) {
		while (coalesce->buckets[i] != NULL) {
			struct end *end = coalesce->buckets[i];

			coalesce->buckets[i] = end->next;
			end_free(coalesce, end);
		}
	}
	free(coalesce);
}

static struct end **end_slot(struct coalesce *coalesce, uint32_t session, enum side side)
{
	struct end **slot = &coalesce->buckets[(session * 2 + (side == SIDE_CLIENT)) % BUCKETS];

	while (*slot != NULL && ((*slot)->session != session || (*slot)->side != side))
		slot = &(*slot)->next;
	return slot;
}

/* The end of the event's session and side, made where there is none; NULL: there are too many. */
static struct end *end_get(struct coalesce *coalesce, const struct event *event)
{
	struct end **slot = end_slot(coalesce, event->session, event->side);

	if (*slot == NULL && coalesce->count == ENDS_MAX)
		return NULL;
	if (*slot == NULL) {
		*slot = xcalloc(1, sizeof(**slot));
		(*slot)->session = event->session;
		(*slot)->side = (uint8_t)event->side;
		coalesce->count++;
	}
	(*slot)->is_known = (*slot)->is_known || event->step != STEP_PACKET;
	return *slot;
}

/* Forget the end of an event that ends it: END, or, where no connection came of it, CLOSE. */
static void end_drop(struct coalesce *coalesce, const struct event *event)
{
	struct end **slot = end_slot(coalesce, event->session, event->side), *end = *slot;

	if (end == NULL || (end->is_known && event->step == STEP_CLOSE))
		return;
	*slot = end->next;
	end_free(coalesce, end);
}

static struct coalesce_stream *stream_of(struct end *end, enum way way)
{
	if (end->streams[way] == NULL)
		end->streams[way] = xcalloc(1, sizeof(*end->streams[way]));
	return end->streams[way];
}

/* len bytes were taken of what went in at end. */
static void take(struct end *end, enum way way, uint64_t len, struct event *event)
{
	static const uint8_t what[WAY_COUNT] = {
		[WAY_SEGMENTS_IN] = COALESCED_SEGMENTS,
		[WAY_SEGMENTS_OUT] = COALESCED_SENDS,
		[WAY_RELAYED] = COALESCED_RECEIVES,
		[WAY_PEER] = COALESCED_SENDS,
	};

	struct coalesced verdict = { .what = what[way] };

	if (end == NULL || end->streams[way] == NULL || !coalesce_take(end->streams[way], len, &verdict))
		return;
	/* What is known of segments is nearer than what is known of the peer. */
	if (event->coalesced.what == COALESCED_NOTHING)
		event->coalesced = verdict;
}

/* A connection stands: is its other end in this process? A relay's is, where it is its own target; nobody asks. */
static void meet(struct coalesce *coalesce, const struct event *event)
{
	const struct addr *remote = event->remote;
	struct end *end, **at = &coalesce->lonely;

	/* Several Unix sockets may have no name at all. */
	if (coalesce->is_relay || event->protocol != PROTOCOL_TCP)
		return;
	if (event->error != 0 || event->local == NULL || remote == NULL)
		return;
	end = end_get(coalesce, event);
	if (end == NULL || end->peer != NULL || end->remote.len != 0)
		return;
	end->local = *event->local;
	end->remote = *remote;
	for (size_t looked = 0; *at != NULL && looked < PAIRS_LOOKED; at = &(*at)->older, looked++) {
		struct end *other = *at;

		if (!addr_equal(&other->local, &end->remote) || !addr_equal(&other->remote, &end->local))
			continue;
		*at = other->older;
		end->peer = other;
		other->peer = end;
		return;
	}
	/* Who has waited for so long meets nobody any more. */
	*at = NULL;
	end->older = coalesce->lonely;
	coalesce->lonely = end;
}

/* So many bytes were passed by: segments that come later, or were missed. */
static void see_gap(struct end *end, bool is_out, uint32_t len)
{
	struct coalesced ignored;

	if (len == 0)
		return;
	if (is_out && end->streams[WAY_SEGMENTS_OUT] != NULL) {
		coalesce_take(end->streams[WAY_SEGMENTS_OUT], len, &ignored);
	} else if (!is_out) {
		coalesce_put_vague(stream_of(end, WAY_SEGMENTS_IN), len);
	}
}

void coalesce_packet(struct end *end, struct event *event)
{
	const struct packet *packet = &event->args->packet;
	uint32_t end_seq = packet->seq + packet->length, from = packet->seq;

	if ((packet->flags & TH_SYN) != 0) {
		/* From the beginning on: else nobody knows which bytes of a call a segment has. */
		end->has_seq[packet->is_out] = true;
		end->next_seq[packet->is_out] = packet->seq + 1;
		return;
	}
	/* They are numbered from the first that was seen: that was no SYN. */
	if (packet->length > 0 && packet->seq == 0)
		end->has_seq[packet->is_out] = false;
	/* Sent again: it was seen already. */
	if (packet->length == 0 || !end->has_seq[packet->is_out] ||
	    (int32_t)(end_seq - end->next_seq[packet->is_out]) <= 0)
		return;
	if ((int32_t)(end->next_seq[packet->is_out] - from) > 0)
		from = end->next_seq[packet->is_out];
	see_gap(end, packet->is_out, from - end->next_seq[packet->is_out]);
	end->next_seq[packet->is_out] = end_seq;
	if (packet->is_out)
		take(end, WAY_SEGMENTS_OUT, end_seq - from, event);
	else
		coalesce_put(stream_of(end, WAY_SEGMENTS_IN), end_seq - from);
}

/*
 * The end that a packet belongs to; NULL: none that matters. A SYN makes it, but not the last segments of a connection:
 * they come when it has ended, and nothing would forget the end that they made.
 */
static struct end *end_of_packet(struct coalesce *coalesce, const struct event *event)
{
	const struct packet *packet = event->args == NULL ? NULL : &event->args->packet;

	if (packet == NULL || packet->protocol != IPPROTO_TCP)
		return NULL;
	if ((packet->flags & TH_SYN) != 0)
		return end_get(coalesce, event);
	return *end_slot(coalesce, event->session, event->side);
}

/*
 * A connection stands. The segments of its handshake belonged to no session yet, where it was accepted, or were
 * forgotten with an attempt that failed; data begin with 1.
 */
static void see_beginning(struct coalesce *coalesce, const struct event *event)
{
	struct end *end;

	if (!coalesce->has_packets || event->error != 0)
		return;
	end = end_get(coalesce, event);
	if (end == NULL)
		return;
	if (event->step == STEP_ACCEPT)
		coalesce_early_accept(&coalesce->early, end, event);
	for (size_t i = 0; i < ARRAY_LEN(end->has_seq); i++) {
		end->next_seq[i] = end->has_seq[i] ? end->next_seq[i] : 1;
		end->has_seq[i] = true;
	}
}

/* Bytes came to this end. */
static void see_in(struct coalesce *coalesce, struct end *end, struct event *event)
{
	uint64_t len = (uint64_t)event->result;

	/* Counted though nothing is known to have come: what was not seen before accept() may come here. */
	if (end->has_seq[false])
		stream_of(end, WAY_SEGMENTS_IN);
	take(end, WAY_SEGMENTS_IN, len, event);
	if (end->peer != NULL)
		take(end->peer, WAY_PEER, len, event);
	if (coalesce->is_relay && !(coalesce->has_header && end->side == SIDE_SERVER))
		coalesce_put(stream_of(end, WAY_RELAYED), len);
}

/* Bytes left it. */
static void see_out(struct coalesce *coalesce, struct end *end, struct event *event)
{
	uint64_t len = (uint64_t)event->result;

	if (coalesce->is_relay)
		take(*end_slot(coalesce, event->session, end->side == SIDE_SERVER ? SIDE_CLIENT : SIDE_SERVER),
		     WAY_RELAYED, len, event);
	if (end->has_seq[true])
		coalesce_put(stream_of(end, WAY_SEGMENTS_OUT), len);
	if (end->peer != NULL)
		coalesce_put(stream_of(end, WAY_PEER), len);
}

/* Are they bytes of a stream, that moved? Messages stay what they are. */
static bool is_stream_move(const struct event *event)
{
	bool is_stream = event->protocol == PROTOCOL_TCP || event->protocol == PROTOCOL_UNIX ||
			 (event->step == STEP_SPLICE && event->protocol == PROTOCOL_NONE);

	return is_stream && event->error == 0 && event->has_result && event->result > 0 && event->args != NULL;
}

void coalesce_event(struct coalesce *coalesce, struct event *event)
{
	struct end *end;

	coalesce->has_packets = coalesce->has_packets || event->step == STEP_PACKET;
	if (event->step == STEP_PACKET && event->session == 0)
		coalesce_early_packet(&coalesce->early, event);
	if (event->session == 0 || event->side == SIDE_NONE)
		return;
	switch (event->step) {
	case STEP_ACCEPT:
	case STEP_CONNECT:
	case STEP_CONNECTED:
		see_beginning(coalesce, event);
		meet(coalesce, event);
		return;
	case STEP_CLOSE:
	case STEP_END:
		end_drop(coalesce, event);
		return;
	case STEP_PACKET:
		end = end_of_packet(coalesce, event);
		if (end != NULL)
			coalesce_packet(end, event);
		return;
	case STEP_RECV:
	case STEP_SEND:
	case STEP_SPLICE:
		break;
	default:
		return;
	}
	if (!is_stream_move(event) || (event->step == STEP_RECV && (event->args->io.flags & MSG_PEEK) != 0))
		return;
	end = end_get(coalesce, event);
	if (end == NULL)
		return;
	/* Out of a pipe of ours, which is no socket. */
	if (event->step == STEP_SEND || (event->step == STEP_SPLICE && event->protocol == PROTOCOL_NONE))
		see_out(coalesce, end, event);
	else
		see_in(coalesce, end, event);
}
