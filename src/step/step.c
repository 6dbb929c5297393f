/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Steps: the gate, the call, the event. See step.h. The calls are in calls.c; how they become events, and what is
 * looked at behind them, in record.c.
 */
#include "step/step.h"

#include <errno.h>
#include <netinet/tcp.h>

#include "base/clock.h"
#include "base/util.h"
#include "step/calls.h"
#include "step/capture.h"
#include "step/record.h"
#include "step/sight.h"

/* Between two looks at a limit whose time stands still. */
#define REST_LOOK_NS (100 * NS_PER_MS)

uint64_t step_limit_now(const struct stepper *st)
{
	const struct gate *gate = st->gate;

	if (gate == NULL)
		return st->env->now_ns();
	return (gate->resting_ns != 0 ? gate->resting_ns : st->env->now_ns()) - gate->rested_ns;
}

uint64_t step_limit_wait(const struct stepper *st, uint64_t left_ns)
{
	bool is_resting = st->gate != NULL && st->gate->resting_ns != 0;

	return is_resting && left_ns < REST_LOOK_NS ? REST_LOOK_NS : left_ns;
}

bool step_is_unseen(const struct stepper *st)
{
	return !st->bus->wants_data && st->gate == NULL;
}

/*
 * Does a datagram go to an address that this call names, from a socket of which nothing else has told (as the shell has
 * them)? A demultiplexer has introduced its peers.
 */
static bool is_strange_send(const struct intent *intent)
{
	return intent->step == STEP_SEND && intent->args.io.to != NULL && intent->sock->protocol == PROTOCOL_UDP &&
	       intent->sock->side == SIDE_NONE;
}

/* The bytes that a step moved, for previews. */
static const void *moved_data(const struct intent *intent, int64_t result)
{
	if (result <= 0)
		return NULL;
	switch (intent->step) {
	case STEP_SEND:
	case STEP_WRITE:
		return intent->args.io.data;
	case STEP_RECV:
		/* tcp(7): MSG_TRUNC discards what it counts, and leaves the buffer as it was. */
		if ((intent->args.io.flags & MSG_TRUNC) != 0 && intent->sock->protocol == PROTOCOL_TCP)
			return NULL;
		return intent->args.io.buf;
	case STEP_READ:
		return intent->args.io.buf;
	case STEP_RECVMMSG:
	case STEP_SENDMSG:
	case STEP_SENDMMSG:
		return intent->args.messages.list->part_count == 0 ? NULL : intent->args.messages.list->parts->iov_base;
	default:
		return NULL;
	}
}

/*
 * At which step it failed is what a debugger asks first: a failure is shown at level 1, whatever the level of the
 * step.
 */
static bool is_failure(const struct stepper *st, enum step_id step, int64_t result)
{
	return st->bus->level != 0 && result < 0 && result != -EAGAIN && result != -EINPROGRESS &&
	       !step_is_observing(step);
}

void step_hide(struct stepper *st, const struct sock *sk, bool is_hidden)
{
	if (UNLIKELY(st->capture != NULL))
		capture_hide(st->capture, sk->fd, is_hidden);
}

/* The call itself. */
static int64_t make_call(struct intent *intent)
{
	union step_args args;

	if (intent->secret == NULL)
		return call_of(intent->step)(intent->sock, &intent->args);
	args = intent->args;
	args.io.data = intent->secret;
	return call_of(intent->step)(intent->sock, &args);
}

/* Make the call with its record. */
static int64_t step_watched(struct stepper *st, struct intent *intent)
{
	struct record rec;
	int64_t result;

	if (UNLIKELY(st->sight != NULL))
		sight_before(st, intent);
	if (UNLIKELY(st->capture != NULL) && intent->step == STEP_CONNECT)
		capture_expect(st->capture, intent->args.name.addr);
	else if (UNLIKELY(st->capture != NULL) && is_strange_send(intent))
		capture_expect(st->capture, intent->args.io.to);
	record_begin(&rec, st, intent);
	result = make_call(intent);
	record_result(&rec, st, result);
	rec.event.data = intent->hides ? NULL : moved_data(intent, result);
	if (intent->step == STEP_CONNECT || intent->step == STEP_SEND)
		rec.event.remote = intent->step == STEP_CONNECT ? intent->args.name.addr : intent->args.io.to;
	if (intent->step == STEP_RECV && result >= 0)
		rec.event.remote = intent->args.io.from;
	if (intent->step == STEP_SENDMSG)
		rec.event.remote = intent->args.messages.list->addr;
	if (is_failure(st, intent->step, result))
		rec.event.level = 1;
	else if (intent->step == STEP_FCNTL && intent->args.fcntl.is_own)
		rec.event.level = 3;
	else if (intent->step == STEP_CONNECT && result == -EAGAIN && intent->sock->is_asking)
		rec.event.level = 2;
	if (record_is_asked(st, intent->step))
		rec.event.level = 1;
	if (UNLIKELY(st->capture != NULL) && is_strange_send(intent) && result >= 0)
		rec.event.local = observe_local(&rec.observer, intent->sock->fd);
	record_look(&rec, st, intent->sock, NULL);
	record_emit(&rec, st);
	if (UNLIKELY(st->sight != NULL))
		sight_after(st, intent, rec.event.t_ns + st->bus->start_ns, result);
	return result;
}

/*
 * Ask the gate, if there is one. Steps that only look are free, and so is close(): it is the last thing that is
 * done with a sock, and who does it is often gone when the gate lets go.
 */
static bool is_held(struct stepper *st, const struct intent *intent)
{
	return UNLIKELY(st->gate != NULL) && !step_is_observing(intent->step) && intent->step != STEP_CLOSE &&
	       !st->gate->admits(st->gate, intent);
}

/* A step that nobody watches has failed: tell of it, without the time it took. */
static void step_failed(struct stepper *st, const struct intent *intent, int64_t result)
{
	struct record rec;

	record_begin(&rec, st, intent);
	record_result(&rec, st, result);
	rec.event.has_dur = false;
	rec.event.level = 1;
	record_look(&rec, st, intent->sock, NULL);
	record_emit(&rec, st);
}

int64_t step_do(struct stepper *st, struct intent *intent)
{
	return is_held(st, intent) ? STEP_HELD : step_make(st, intent);
}

int64_t step_make(struct stepper *st, struct intent *intent)
{
	int64_t result;

	if (record_is_wanted(st, intent->step))
		return step_watched(st, intent);
	result = make_call(intent);
	if (UNLIKELY(is_failure(st, intent->step, result)))
		step_failed(st, intent, result);
	return result;
}

int step_accept(struct stepper *st, struct sock *listener, struct sock *accepted, struct addr *peer)
{
	struct addr addr = { .len = 0 };
	struct intent intent = { .step = STEP_ACCEPT, .sock = listener };
	struct record rec;
	int64_t fd;

	intent.args.accept.addr = &addr;
	intent.args.accept.flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
	if (is_held(st, &intent))
		return STEP_HELD;
	if (record_is_wanted(st, STEP_ACCEPT))
		record_begin(&rec, st, &intent);
	fd = call_of(STEP_ACCEPT)(listener, &intent.args);
	if (fd == -EAGAIN)
		listener->ready &= (uint8_t)~READY_IN;
	if (fd >= 0) {
		accepted->fd = (int)fd;
		accepted->protocol = listener->protocol;
		accepted->side = SIDE_SERVER;
		accepted->kind = SOCK_KIND_SOCKET;
		accepted->ready = READY_OUT;
		if (peer != NULL)
			*peer = addr;
	}
	if (!record_is_wanted(st, STEP_ACCEPT))
		return fd < 0 ? (int)fd : 0;
	record_result(&rec, st, fd);
	/* A call that brought nobody belongs to no session. */
	rec.event.session = fd < 0 ? 0 : accepted->session;
	rec.event.side = SIDE_SERVER;
	/* The state of the event is that of the new socket, which had none before. */
	rec.event.state_from = 0;
	rec.event.state_to = 0;
	if (fd >= 0) {
		rec.event.remote = &addr;
		record_look(&rec, st, accepted, listener);
	} else if (fd == -EAGAIN) {
		/* That nobody is there is no part of a socket's life. */
		rec.event.level = 2;
	}
	record_emit(&rec, st);
	if (UNLIKELY(st->sight != NULL) && fd >= 0)
		sight_accepted(st, accepted);
	return fd < 0 ? (int)fd : 0;
}

/* The event CONNECTED: the verdict on a connect that was in progress. */
static void emit_connected(struct stepper *st, struct sock *sk, const struct addr *addr, int error)
{
	struct record rec;
	struct intent intent = { .step = STEP_CONNECTED, .sock = sk };

	record_begin(&rec, st, &intent);
	record_result(&rec, st, -error);
	rec.event.args = NULL;
	rec.event.dur_ns = st->env->now_ns() - sk->asked_ns;
	rec.event.remote = addr;
	record_look(&rec, st, sk, NULL);
	record_emit(&rec, st);
}

int step_connected(struct stepper *st, struct sock *sk, const struct addr *addr, int *soft)
{
	bool is_over = (sk->ready & (READY_OUT | READY_HUP)) != 0;
	struct tcp_facts facts;
	int error = 0;

	if ((sk->ready & (READY_ERR | READY_HUP)) != 0)
		error = step_error(st, sk);
	/*
	 * A handshake is never answered so (ECONNREFUSED is its RST): it had stood already; EPIPE is a RST behind a FIN
	 * (the kernel's tcp_reset()). Of vsock(7) it is.
	 */
	if ((error == ECONNRESET || error == EPIPE) && sk->protocol != PROTOCOL_VSOCK) {
		sk->was_reset = true;
		error = 0;
	} else if (error == 0 && (sk->ready & READY_HUP) != 0 && step_tcp_facts(st, sk, &facts) == 0 &&
		   facts.state == TCP_CLOSE) {
		/* The error is lost: who took the ICMP error off the queue in that moment has cleared it, too. */
		error = *soft != 0 ? *soft : ENOTCONN;
	}
	if (!is_over) {
		/* An ICMP error that came while the kernel was busy with the socket: SYNs go on (kernel.md trap 2). */
		sk->ready &= (uint8_t)~READY_ERR;
		if (step_tcp_facts(st, sk, &facts) < 0 || facts.state == TCP_SYN_SENT) {
			if (error != 0)
				*soft = error;
			return -EINPROGRESS;
		}
	}
	if (record_is_wanted(st, STEP_CONNECTED))
		emit_connected(st, sk, addr, error);
	if (UNLIKELY(st->sight != NULL) && error == 0)
		sight_connected(st, sk);
	return -error;
}
