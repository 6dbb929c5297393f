/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The observing steps that the engine asks for: declared in step.h. */
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/util.h"
#include "step/capture.h"
#include "step/observe.h"
#include "step/sockdiag.h"
#include "step/step.h"

int step_poll(struct stepper *st, struct sock *sk, struct pollfd *fds, unsigned count,
	      const struct step_poll_time *time)
{
	struct intent intent = { .step = STEP_POLL, .sock = sk };

	intent.args.poll.fds = fds;
	intent.args.poll.nfds = count;
	intent.args.poll.timeout_ms = 0;
	intent.args.poll.asked_ms = time->asked_ms;
	intent.args.poll.is_late = time->is_late;
	return (int)step_do(st, &intent);
}

/* An ioctl that answers with an int. */
static int look_queue(struct stepper *st, struct sock *sk, unsigned long request)
{
	struct intent intent = { .step = STEP_IOCTL, .sock = sk };
	int64_t ret;

	intent.args.ioctl.request = request;
	intent.args.ioctl.value = 0;
	ret = step_do(st, &intent);
	return ret < 0 ? (int)ret : intent.args.ioctl.value;
}

int step_unread(struct stepper *st, struct sock *sk)
{
	return look_queue(st, sk, FIONREAD);
}

int step_unacknowledged(struct stepper *st, struct sock *sk)
{
	return look_queue(st, sk, SIOCOUTQ);
}

int step_getsockopt(struct stepper *st, struct sock *sk, int level, int optname, void *value, socklen_t *len)
{
	struct intent intent = { .step = STEP_GETSOCKOPT, .sock = sk };
	int64_t ret;

	intent.args.sockopt.level = level;
	intent.args.sockopt.optname = optname;
	intent.args.sockopt.optval = value;
	intent.args.sockopt.optlen = *len;
	ret = step_do(st, &intent);
	if (ret == 0)
		*len = intent.args.sockopt.optlen;
	return (int)ret;
}

/* A round trip below this is one within this host, or as good as that. */
#define CLOSE_RTT_US 200

bool step_is_paced_closely(struct stepper *st, struct sock *sk)
{
	/* tcp(7), TCP_CONGESTION; the kernel's TCP_CA_NAME_MAX. */
	char name[16] = "";
	socklen_t len = sizeof(name);
	struct tcp_facts facts;

	if (sk->protocol != PROTOCOL_TCP || step_getsockopt(st, sk, IPPROTO_TCP, TCP_CONGESTION, name, &len) < 0 ||
	    strncmp(name, "bbr", 3) != 0)
		return false;
	return step_tcp_facts(st, sk, &facts) == 0 && facts.rtt_us < CLOSE_RTT_US;
}

int step_error(struct stepper *st, struct sock *sk)
{
	socklen_t len = sizeof(int);
	int error = 0, ret;

	ret = step_getsockopt(st, sk, SOL_SOCKET, SO_ERROR, &error, &len);
	return ret < 0 ? -ret : error;
}

/* getsockname() or getpeername(). */
static int look_name(struct stepper *st, struct sock *sk, enum step_id step, struct addr *addr)
{
	struct intent intent = { .step = step, .sock = sk };

	intent.args.name.addr = addr;
	return (int)step_do(st, &intent);
}

int step_local_addr(struct stepper *st, struct sock *sk, struct addr *addr)
{
	return look_name(st, sk, STEP_GETSOCKNAME, addr);
}

int step_peer_addr(struct stepper *st, struct sock *sk, struct addr *addr)
{
	return look_name(st, sk, STEP_GETPEERNAME, addr);
}

int step_tcp_facts(struct stepper *st, struct sock *sk, struct tcp_facts *facts)
{
	const struct tcp_facts *seen;
	struct observer ob;

	if (sk->protocol != PROTOCOL_TCP || sk->fd == -1)
		return -EOPNOTSUPP;
	observer_init(&ob, st);
	seen = observe_tcp(&ob, sk->fd);
	if (seen != NULL)
		*facts = *seen;
	if (st->bus->level >= step_level(STEP_GETSOCKOPT))
		observer_emit(&ob, sk->session, sk->side);
	return seen == NULL ? -EIO : 0;
}

/* Look at everything; the looks are emitted by the caller, behind the event that tells of them. */
static void look_facts(struct observer *ob, struct stepper *st, const struct sock *sk, const struct sender_mark *mark,
		       struct tcp_facts *facts)
{
	observer_init(ob, st);
	observe_facts(ob, sk->fd, sk->protocol == PROTOCOL_TCP ? observe_tcp(ob, sk->fd) : NULL, facts);
	if (mark != NULL)
		sender_limit_judge(facts, mark, st->env->now_ns());
}

void step_facts(struct stepper *st, struct sock *sk, const struct sender_mark *mark, struct tcp_facts *facts)
{
	struct observer ob;

	*facts = (struct tcp_facts){ .is_valid = false };
	if (sk->fd == -1)
		return;
	look_facts(&ob, st, sk, mark, facts);
	if (st->bus->level >= step_level(STEP_GETSOCKOPT))
		observer_emit(&ob, sk->session, sk->side);
}

void step_info(struct stepper *st, struct sock *sk, uint32_t session, const struct addr *local,
	       const struct addr *remote, struct sender_mark *mark)
{
	struct tcp_facts facts;
	struct observer ob;
	struct event event = {
		.step = STEP_INFO,
		.t_ns = st->env->now_ns() - st->bus->start_ns,
		.session = session,
		.side = sk->side,
		.protocol = sk->protocol,
		.fd = sk->fd,
		.local = local,
		.remote = remote,
		.tcp = &facts,
	};

	look_facts(&ob, st, sk, mark, &facts);
	sender_limit_mark(mark, &facts, st->env->now_ns());
	bus_emit(st->bus, &event);
	observer_emit(&ob, session, sk->side);
}

/* The accept queue of a listening socket. Returns whether the kernel tells of it. */
static bool look_queue_of(struct observer *ob, struct stepper *st, const struct sock *listener, struct tcp_facts *facts)
{
	const struct tcp_facts *tcp;
	const uint32_t *memory;

	if (listener->protocol != PROTOCOL_TCP) {
		*facts = (struct tcp_facts){ .state = TCP_LISTEN };
		return sockdiag_unix_queue(st, listener->fd, &facts->queue_len, &facts->queue_limit) == 1;
	}
	tcp = observe_tcp(ob, listener->fd);
	if (tcp == NULL)
		return false;
	*facts = *tcp;
	memory = observe_meminfo(ob, listener->fd);
	facts->drops = memory == NULL ? 0 : memory[SK_MEMINFO_DROPS];
	return true;
}

bool step_queue(struct stepper *st, struct sock *listener, const struct addr *bound)
{
	struct tcp_facts facts;
	struct observer ob;
	struct event event = {
		.step = STEP_INFO,
		.t_ns = st->env->now_ns() - st->bus->start_ns,
		.side = SIDE_SERVER,
		.protocol = listener->protocol,
		.fd = listener->fd,
		.local = bound,
		.tcp = &facts,
	};
	bool is_known;

	if (st->bus->level < step_level(STEP_INFO) || listener->fd == -1)
		return false;
	observer_init(&ob, st);
	is_known = look_queue_of(&ob, st, listener, &facts);
	if (is_known && (facts.queue_len != listener->queue.len || facts.drops != listener->queue.drops))
		bus_emit(st->bus, &event);
	observer_emit(&ob, 0, SIDE_SERVER);
	if (!is_known)
		return false;
	listener->queue = (struct sock_queue){ .len = facts.queue_len, .drops = facts.drops };
	return facts.queue_len > facts.queue_limit;
}

void step_look(struct stepper *st, struct sock *sk)
{
	struct tcp_facts facts;
	struct event event;

	if (st->bus->level < step_level(STEP_STATE) || step_tcp_facts(st, sk, &facts) < 0)
		return;
	if (facts.state == sk->state)
		return;
	event = (struct event){
		.step = STEP_STATE,
		.t_ns = st->env->now_ns() - st->bus->start_ns,
		.session = sk->session,
		.side = sk->side,
		.protocol = sk->protocol,
		.fd = sk->fd,
		.state_from = sk->state,
		.state_to = facts.state,
	};
	sk->state = (uint8_t)facts.state;
	bus_emit(st->bus, &event);
}

void step_introduce(struct stepper *st, const struct sock *sk, const struct addr *local, const struct addr *remote)
{
	if (UNLIKELY(st->capture != NULL))
		capture_introduce(st->capture, sk, local, remote);
}

void step_note(struct stepper *st, uint32_t session, const char *format, ...)
{
	char sentence[512];
	va_list args;

	if (st->bus->level < step_level(STEP_NOTE))
		return;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	bus_note(st->bus, st->env->now_ns(), session, "%s", sentence);
}
