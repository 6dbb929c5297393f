/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is seen without a privilege: see sight.h. */
#include "step/sight.h"

#include <errno.h>
#include <linux/net_tstamp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/util.h"
#include "step/errqueue.h"
#include "step/observe.h"
#include "step/probe.h"
#include "trace/packet_parse.h"

/* Sends of which the moment is remembered until they are acknowledged: of more, it is not said how long they took. */
#define SENDS_MAX 64
/* An IPv6 header, and a TCP header with all its options: as much as the kernel keeps of a SYN, and some extensions. */
#define SYN_MAX 256

/* A call that sent: the number of the byte behind its last, and when. */
struct sent {
	uint64_t end;
	uint64_t at_ns;
};

/* What is remembered of a TCP socket. */
struct seen {
	uint32_t segs_out, segs_in, retransmits;
	uint64_t acked;
	bool is_stamped;      /* acknowledgements are told (SO_TIMESTAMPING) */
	uint64_t base;        /* acked when that began */
	uint64_t sent;        /* bytes, since then */
	uint64_t told;        /* of these: acknowledged, and said so */
	size_t first, count;  /* of the ring */
	struct sent sends[SENDS_MAX];
};

struct sight {
	struct seen **seen; /* by descriptor */
	size_t room;
};

struct sight *sight_new(void)
{
	return xcalloc(1, sizeof(struct sight));
}

void sight_free(struct sight *sight)
{
	if (sight == NULL)
		return;
	for (size_t fd = 0; fd < sight->room; fd++)
		free(sight->seen[fd]);
	free(sight->seen);
	free(sight);
}

/* What is remembered of a descriptor; NULL: nothing. */
static struct seen *seen_of(const struct sight *sight, int fd)
{
	return fd >= 0 && (size_t)fd < sight->room ? sight->seen[fd] : NULL;
}

/* The same, made where there is nothing. */
static struct seen *seen_get(struct sight *sight, int fd)
{
	size_t at = (size_t)fd, room = sight->room;

	if (at >= room) {
		sight->room = at + 1 > 2 * room ? at + 1 : 2 * room;
		sight->seen = xrealloc(sight->seen, sight->room * sizeof(*sight->seen));
		memset(sight->seen + room, 0, (sight->room - room) * sizeof(*sight->seen));
	}
	if (sight->seen[at] == NULL)
		sight->seen[at] = xcalloc(1, sizeof(*sight->seen[at]));
	return sight->seen[at];
}

static void seen_drop(struct sight *sight, int fd)
{
	if (seen_of(sight, fd) == NULL)
		return;
	free(sight->seen[fd]);
	sight->seen[fd] = NULL;
}

/* An event of sk, of step, now. */
static struct event event_of(const struct stepper *st, const struct sock *sk, enum step_id step,
			     const union step_args *args)
{
	return (struct event){
		.step = step,
		.t_ns = st->env->now_ns() - st->bus->start_ns,
		.session = sk->session,
		.side = sk->side,
		.protocol = sk->protocol,
		.fd = sk->fd,
		.args = args,
	};
}

/* Look at the counters of a TCP socket, and tell what has changed. */
static void look(struct stepper *st, const struct sock *sk, enum step_id of, bool is_before)
{
	struct seen *seen = seen_get(st->sight, sk->fd);
	union step_args args = { .segments = { .of = of, .is_before = is_before } };
	struct event event = event_of(st, sk, STEP_SEGMENTS, &args);
	const struct tcp_facts *facts;
	struct observer observer;

	observer_init(&observer, st);
	facts = observe_tcp(&observer, sk->fd);
	if (facts != NULL) {
		args.segments.out = facts->segs_out - seen->segs_out;
		args.segments.in = facts->segs_in - seen->segs_in;
		args.segments.retransmits = facts->retransmits - seen->retransmits;
		args.segments.acked = facts->acked - seen->acked;
		seen->segs_out = facts->segs_out;
		seen->segs_in = facts->segs_in;
		seen->retransmits = facts->retransmits;
		seen->acked = facts->acked;
		event.level = step_level(of);
		if (args.segments.out != 0 || args.segments.in != 0 || args.segments.acked != 0)
			bus_emit(st->bus, &event);
	}
	observer_emit(&observer, sk->session, sk->side);
}

/* ---- The time until an acknowledgement ---- */

/* Set an option of ours: no gate is asked, since no person asked for the step. */
static int set_option(struct stepper *st, struct sock *sk, int level, int optname, int value)
{
	struct stepper own = { .bus = st->bus, .env = st->env };

	return step_setsockopt_int(&own, sk, level, optname, value);
}

/*
 * Ask for a time stamp whenever something is acknowledged. Before the first byte is sent, for from here on the kernel
 * counts (SOF_TIMESTAMPING_OPT_ID). Not on what others hold as well: the option is one of the open file.
 */
static void ask_for_stamps(struct stepper *st, struct sock *sk)
{
	const int flags = SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
			  SOF_TIMESTAMPING_OPT_TSONLY;
	struct seen *seen;

	if (st->bus->level < step_level(STEP_ACKNOWLEDGED) || sk->is_shared || sk->is_inherited)
		return;
	seen = seen_get(st->sight, sk->fd);
	seen->base = seen->acked;
	seen->is_stamped = set_option(st, sk, SOL_SOCKET, SO_TIMESTAMPING, flags) == 0;
}

/* Remember a call that sent len bytes. */
static void note_sent(struct seen *seen, uint64_t began_ns, uint64_t len)
{
	size_t at;

	seen->sent += len;
	if (seen->count == SENDS_MAX) {
		seen->first = (seen->first + 1) % SENDS_MAX;
		seen->count--;
	}
	at = (seen->first + seen->count++) % SENDS_MAX;
	seen->sends[at] = (struct sent){ .end = seen->sent, .at_ns = began_ns };
}

/* CLOCK_REALTIME, as the stamps of the kernel are, to that of the trace. */
static uint64_t trace_time(const struct stepper *st, uint64_t real_ns)
{
	uint64_t now_ns = st->env->now_ns(), start_ns = st->bus->start_ns, ago_ns;

	ago_ns = clock_real_ns() - real_ns;
	/* The clock was set meanwhile. */
	if (ago_ns > now_ns - start_ns)
		ago_ns = 0;
	return now_ns - start_ns - ago_ns;
}

/* When the call was made that sent the byte before end, since the start; 0: not known. Forgets what is before it. */
static uint64_t sent_at(const struct stepper *st, struct seen *seen, uint64_t end)
{
	uint64_t sent_ns = 0;

	while (seen->count > 0 && seen->sends[seen->first].end <= end) {
		if (seen->sends[seen->first].end == end)
			sent_ns = seen->sends[seen->first].at_ns - st->bus->start_ns;
		seen->first = (seen->first + 1) % SENDS_MAX;
		seen->count--;
	}
	return sent_ns;
}

/* The bytes before end are acknowledged. real_ns: of the stamp; 0: there was none, and it is not known when. */
static void tell_acknowledged(struct stepper *st, const struct sock *sk, struct seen *seen, uint64_t end,
			      uint64_t real_ns)
{
	union step_args args = { .acknowledged = { .first = seen->told, .last = end - 1 } };
	struct event event = event_of(st, sk, STEP_ACKNOWLEDGED, &args);
	uint64_t sent_ns;

	/* A stamp of what was told already, or of what was never sent. */
	if (end <= seen->told || end > seen->sent)
		return;
	sent_ns = sent_at(st, seen, end);
	seen->told = end;
	if (real_ns != 0) {
		event.t_ns = trace_time(st, real_ns);
		event.has_dur = sent_ns != 0 && event.t_ns >= sent_ns;
		event.dur_ns = event.has_dur ? event.t_ns - sent_ns : 0;
	}
	bus_emit(st->bus, &event);
}

/*
 * What a stamp has told nothing of before close(): the kernel drops one where the receive buffer is full. TCP_INFO says
 * that it was acknowledged, but not when.
 */
static void tell_rest(struct stepper *st, const struct sock *sk, struct seen *seen)
{
	uint64_t acked = seen->acked - seen->base;

	if (seen->is_stamped)
		tell_acknowledged(st, sk, seen, acked < seen->sent ? acked : seen->sent, 0);
}

/* The kernel's number of a byte has 32 bits: it is the next one behind what was told that ends so. */
static uint64_t end_of(const struct seen *seen, uint32_t id)
{
	return seen->told + (uint32_t)(id + 1 - (uint32_t)seen->told);
}

/* Empty the error queue. Returns how many entries there were. */
static size_t drain(struct stepper *st, struct sock *sk, struct seen *seen)
{
	struct errqueue_entry entry;
	size_t count = 0;

	while (errqueue_next(st, sk, &entry) > 0) {
		count++;
		if (entry.is_error)
			errqueue_tell(st, sk, &entry.error, sk->session, 0);
		if (entry.is_acknowledged)
			tell_acknowledged(st, sk, seen, end_of(seen, entry.id), entry.real_ns);
	}
	return count;
}

/* Does EPOLLERR still hold? With an empty error queue it is the socket's own error, which nobody has taken yet. */
static bool has_error(struct stepper *st, const struct sock *sk)
{
	struct pollfd asked = { .fd = sk->fd };
	struct probe probe = probe_begin(st, STEP_PROBE);
	int ret;

	do
		ret = poll(&asked, 1, 0);
	while (ret == -1 && errno == EINTR);
	probe_end(&probe, sk, ret == -1 ? -errno : ret, "poll(%d)", sk->fd);
	return ret != 0;
}

uint32_t sight_events(struct stepper *st, struct sock *sk, uint32_t events)
{
	struct seen *seen = seen_of(st->sight, sk->fd);

	if (seen == NULL || !seen->is_stamped)
		return events;
	/* Another stamp may have come since: then what poll() saw is that. */
	while (drain(st, sk, seen) > 0)
		if (!has_error(st, sk))
			return events & ~(uint32_t)EPOLLERR;
	return events;
}

/* ---- The SYN of a client ---- */

/* The kernel gives it once, and forgets it then. */
static void tell_syn(struct stepper *st, const struct sock *sk)
{
	uint8_t bytes[SYN_MAX];
	socklen_t len = sizeof(bytes);
	struct packet_headers headers;
	union step_args args;
	struct event event = event_of(st, sk, STEP_PACKET, &args);
	struct probe probe = probe_begin(st, STEP_PROBE);
	int ret = getsockopt(sk->fd, IPPROTO_TCP, TCP_SAVED_SYN, bytes, &len) == -1 ? -errno : 0;

	probe_end(&probe, sk, ret, "getsockopt(%d, IPPROTO_TCP, TCP_SAVED_SYN)", sk->fd);
	if (ret < 0 || len == 0 || packet_parse(bytes, len, len, &headers) < 0)
		return;
	headers.packet.seq = 0;
	headers.packet.is_saved = true;
	args.packet = headers.packet;
	event.local = &headers.destination;
	event.remote = &headers.source;
	bus_emit(st->bus, &event);
}

/* ---- Around a step ---- */

/* During which steps segments pass. */
static bool is_of_interest(const struct intent *intent)
{
	switch (intent->step) {
	case STEP_CONNECT:
	case STEP_SEND:
	case STEP_RECV:
	case STEP_SPLICE:
	case STEP_SHUTDOWN:
	case STEP_CLOSE:
		return true;
	default:
		return false;
	}
}

/* The TCP socket of a step: of a splice it may be at the other end. Returns whether there is one. */
static bool socket_of(const struct sight *sight, const struct intent *intent, struct sock *sk)
{
	*sk = *intent->sock;
	if (intent->step == STEP_SPLICE && seen_of(sight, intent->args.splice.fd_out) != NULL) {
		sk->fd = intent->args.splice.fd_out;
		sk->protocol = PROTOCOL_TCP;
	}
	return sk->fd != -1 && sk->protocol == PROTOCOL_TCP && sk->state != TCP_LISTEN && is_of_interest(intent);
}

void sight_before(struct stepper *st, const struct intent *intent)
{
	struct sock sk;
	struct seen *seen;

	if (intent->step == STEP_LISTEN && intent->sock->protocol == PROTOCOL_TCP)
		set_option(st, intent->sock, IPPROTO_TCP, TCP_SAVE_SYN, 1);
	if (!socket_of(st->sight, intent, &sk))
		return;
	seen = seen_of(st->sight, sk.fd);
	if (seen == NULL && intent->step != STEP_CONNECT)
		return;
	if (seen != NULL && seen->is_stamped && intent->step == STEP_CLOSE)
		drain(st, &sk, seen);
	if (seen != NULL)
		look(st, &sk, intent->step, true);
	if (seen != NULL && intent->step == STEP_CLOSE) {
		tell_rest(st, &sk, seen);
		seen_drop(st->sight, sk.fd);
	}
}

void sight_after(struct stepper *st, const struct intent *intent, uint64_t began_ns, int64_t result)
{
	struct sock sk;
	struct seen *seen;

	if (intent->step == STEP_CLOSE || !socket_of(st->sight, intent, &sk))
		return;
	seen = seen_of(st->sight, sk.fd);
	if (seen == NULL && intent->step != STEP_CONNECT)
		return;
	look(st, &sk, intent->step, false);
	if (intent->step == STEP_CONNECT && result == 0)
		ask_for_stamps(st, intent->sock);
	else if (seen != NULL && seen->is_stamped && result > 0 &&
		 (intent->step == STEP_SEND || (intent->step == STEP_SPLICE && sk.fd == intent->args.splice.fd_out)))
		note_sent(seen, began_ns, (uint64_t)result);
}

void sight_accepted(struct stepper *st, struct sock *accepted)
{
	if (accepted->protocol != PROTOCOL_TCP)
		return;
	tell_syn(st, accepted);
	look(st, accepted, STEP_ACCEPT, true);
	ask_for_stamps(st, accepted);
}

void sight_connected(struct stepper *st, struct sock *sk)
{
	if (sk->protocol != PROTOCOL_TCP)
		return;
	look(st, sk, STEP_CONNECTED, true);
	ask_for_stamps(st, sk);
}
