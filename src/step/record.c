/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How steps become events: see record.h. */
#include "step/record.h"

#include <errno.h>
#include <netinet/tcp.h>

#include "step/capture.h"

/* Names that are values of options have at most this size (IFNAMSIZ, TCP_CA_NAME_MAX). */
#define OPTION_NAME_SIZE 16

/* What is looked at behind a step, where a sink wants it. */
enum look {
	LOOK_STATE = 1U << 0, /* it can change the TCP state */
	LOOK_NAMES = 1U << 1, /* it settles the addresses */
	LOOK_TURN = 1U << 2,  /* a turning point: TCP_INFO, queues, buffers at level 2 */
	LOOK_END = 1U << 3,   /* it changes the state only where its result is 0 or an error */
	LOOK_BUFFER = 1U << 4, /* it may set a buffer's size: what it has become at level 2 */
};

static uint8_t step_looks(enum step_id step)
{
	static const uint8_t looks[STEP_COUNT] = {
		[STEP_SETSOCKOPT] = LOOK_BUFFER,
		[STEP_BIND] = LOOK_NAMES,
		[STEP_LISTEN] = LOOK_STATE | LOOK_TURN | LOOK_NAMES,
		[STEP_ACCEPT] = LOOK_STATE | LOOK_TURN | LOOK_NAMES,
		[STEP_CONNECT] = LOOK_STATE | LOOK_TURN | LOOK_NAMES,
		[STEP_CONNECTED] = LOOK_STATE | LOOK_TURN | LOOK_NAMES,
		[STEP_SEND] = LOOK_STATE | LOOK_END,
		[STEP_RECV] = LOOK_STATE | LOOK_END,
		[STEP_SPLICE] = LOOK_STATE | LOOK_END,
		[STEP_SHUTDOWN] = LOOK_STATE,
	};

	return looks[step];
}

void record_begin(struct record *rec, struct stepper *st, const struct intent *intent)
{
	const struct sock *sk = intent->sock;

	rec->event = (struct event){
		.step = intent->step,
		.session = sk->session,
		.side = sk->side,
		.protocol = sk->protocol,
		.fd = intent->step == STEP_SOCKET ? -1 : sk->fd,
		.args = &intent->args,
		.is_passed = sk->is_passed,
		.state_from = sk->state,
		/* The state behind a close() cannot be asked for any more. */
		.state_to = intent->step == STEP_CLOSE ? 0 : sk->state,
		.t_ns = st->env->now_ns() - st->bus->start_ns,
	};
	observer_init(&rec->observer, st);
	rec->reads_back = intent->reads_back;
}

void record_result(struct record *rec, struct stepper *st, int64_t result)
{
	struct event *event = &rec->event;

	event->dur_ns = st->env->now_ns() - st->bus->start_ns - event->t_ns;
	event->has_dur = true;
	event->has_result = true;
	event->result = result < 0 ? -1 : result;
	event->error = result < 0 ? (int)-result : 0;
}

/* The turning points tell what the kernel knows: rtt, mss and the like, queues, buffers as it made them (level 2). */
static void record_turn(struct record *rec, int fd, struct sock *listener, const struct tcp_facts *tcp)
{
	const struct tcp_facts *queue;

	observe_facts(&rec->observer, fd, tcp, &rec->facts);
	if (listener != NULL && tcp != NULL) {
		queue = observe_tcp(&rec->observer, listener->fd);
		if (queue != NULL) {
			listener->queue.len = queue->queue_len;
			rec->facts.queue_len = queue->queue_len;
			rec->facts.queue_limit = queue->queue_limit;
		}
	}
	rec->event.tcp = &rec->facts;
}

/* What the kernel has made of a buffer's size that was asked for: it doubles it, within bounds (socket(7)). */
static void record_buffer(struct record *rec, int fd)
{
	const union step_args *args = rec->event.args;
	const int *size;

	if (args->sockopt.level != SOL_SOCKET ||
	    (args->sockopt.optname != SO_SNDBUF && args->sockopt.optname != SO_RCVBUF))
		return;
	size = observe_option(&rec->observer, fd, SOL_SOCKET, args->sockopt.optname);
	if (size == NULL)
		return;
	rec->facts = (struct tcp_facts){ .is_valid = false };
	*(args->sockopt.optname == SO_SNDBUF ? &rec->facts.sndbuf : &rec->facts.rcvbuf) = (uint32_t)*size;
	rec->event.tcp = &rec->facts;
}

/* Is its value a name? Of one the kernel tells all bytes that it may have. */
static bool is_name(int level, int optname)
{
	return (level == IPPROTO_TCP && (optname == TCP_CONGESTION || optname == TCP_ULP)) ||
	       (level == SOL_SOCKET && optname == SO_BINDTODEVICE);
}

/* What the kernel has made of another option's value. */
static void record_option(struct record *rec, int fd)
{
	int level = rec->event.args->sockopt.level, optname = rec->event.args->sockopt.optname;
	socklen_t len = is_name(level, optname) ? OPTION_NAME_SIZE : rec->event.args->sockopt.optlen;

	rec->event.became = observe_value(&rec->observer, fd, level, optname, &len);
	rec->event.became_len = rec->event.became == NULL ? 0 : len;
}

void record_look(struct record *rec, struct stepper *st, struct sock *sk, struct sock *listener)
{
	struct event *event = &rec->event;
	uint8_t looks = step_looks(event->step);
	const struct tcp_facts *tcp = NULL;
	bool is_settled = event->error == 0;

	if ((looks & LOOK_END) != 0 && (event->result > 0 || event->error == EAGAIN))
		return;
	if (looks == 0 || sk->fd == -1)
		return;
	if (event->step == STEP_CONNECT && event->error == EINPROGRESS && sk->protocol == PROTOCOL_TCP) {
		/* What it means, whatever has become of it in the microseconds since: CONNECTED tells that. */
		sk->state = TCP_SYN_SENT;
		event->state_to = TCP_SYN_SENT;
		/* Which port the kernel chose, while nothing else tells: for packets, and where all looks are shown. */
		if (st->capture != NULL)
			event->local = observe_local(&rec->observer, sk->fd);
		else if (record_is_wanted(st, STEP_GETSOCKNAME))
			observe_local(&rec->observer, sk->fd);
		return;
	}
	if (sk->protocol == PROTOCOL_TCP && (looks & LOOK_STATE) != 0) {
		tcp = observe_tcp(&rec->observer, sk->fd);
		if (tcp != NULL) {
			sk->state = (uint8_t)tcp->state;
			event->state_to = tcp->state;
		}
	}
	if ((looks & LOOK_BUFFER) != 0 && is_settled && st->bus->level >= 2) {
		record_buffer(rec, sk->fd);
		if (rec->reads_back && rec->event.tcp == NULL)
			record_option(rec, sk->fd);
	}
	if ((looks & LOOK_TURN) != 0 && is_settled && st->bus->level >= 2)
		record_turn(rec, sk->fd, listener, tcp);
	if ((looks & LOOK_NAMES) != 0 && is_settled && event->local == NULL)
		event->local = observe_local(&rec->observer, sk->fd);
}

void record_emit(struct record *rec, struct stepper *st)
{
	if (UNLIKELY(st->capture != NULL))
		capture_see(st->capture, &rec->event);
	bus_emit(st->bus, &rec->event);
	observer_emit(&rec->observer, rec->event.session, rec->event.side);
}
