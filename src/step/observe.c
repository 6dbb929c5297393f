/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is looked at after a call: see observe.h. */
#include "step/observe.h"

#include <assert.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>

#include "step/calls.h"
#include "step/tcpinfo.h"

void observer_init(struct observer *ob, struct stepper *st)
{
	ob->st = st;
	ob->count = 0;
}

/* Begin a look: the next free observation, its clock started. */
static struct observation *observation_begin(struct observer *ob, enum step_id step, int fd)
{
	struct observation *seen;

	assert(ob->count < OBSERVE_MAX);
	seen = &ob->seen[ob->count++];
	seen->step = step;
	seen->fd = fd;
	seen->t_ns = ob->st->env->now_ns();
	return seen;
}

/* End it: the clock and the result. Returns whether the call succeeded. */
static bool observation_end(struct observer *ob, struct observation *seen, int64_t result)
{
	seen->result = result;
	seen->dur_ns = ob->st->env->now_ns() - seen->t_ns;
	return result >= 0;
}

const struct tcp_facts *observe_tcp(struct observer *ob, int fd)
{
	struct observation *seen = observation_begin(ob, STEP_GETSOCKOPT, fd);

	seen->args.sockopt.level = IPPROTO_TCP;
	seen->args.sockopt.optname = TCP_INFO;
	seen->args.sockopt.optval = NULL;
	return observation_end(ob, seen, tcpinfo_read(fd, &seen->tcp, &seen->args.sockopt.optlen)) ? &seen->tcp : NULL;
}

/* getsockname() or getpeername(). */
static const struct addr *observe_name(struct observer *ob, int fd, enum step_id step)
{
	struct observation *seen = observation_begin(ob, step, fd);
	struct sock sk = { .fd = fd };

	seen->args.name.addr = &seen->addr;
	return observation_end(ob, seen, call_of(step)(&sk, &seen->args)) ? &seen->addr : NULL;
}

const struct addr *observe_local(struct observer *ob, int fd)
{
	return observe_name(ob, fd, STEP_GETSOCKNAME);
}

const struct addr *observe_peer(struct observer *ob, int fd)
{
	return observe_name(ob, fd, STEP_GETPEERNAME);
}

const int *observe_option(struct observer *ob, int fd, int level, int optname)
{
	struct observation *seen = observation_begin(ob, STEP_GETSOCKOPT, fd);
	struct sock sk = { .fd = fd };

	seen->value = 0;
	seen->args.sockopt.level = level;
	seen->args.sockopt.optname = optname;
	seen->args.sockopt.optval = &seen->value;
	seen->args.sockopt.optlen = sizeof(seen->value);
	return observation_end(ob, seen, call_of(STEP_GETSOCKOPT)(&sk, &seen->args)) ? &seen->value : NULL;
}

const void *observe_value(struct observer *ob, int fd, int level, int optname, socklen_t *len)
{
	struct observation *seen = observation_begin(ob, STEP_GETSOCKOPT, fd);
	struct sock sk = { .fd = fd };
	bool is_seen;

	memset(seen->bytes, 0, sizeof(seen->bytes));
	seen->args.sockopt.level = level;
	seen->args.sockopt.optname = optname;
	seen->args.sockopt.optval = seen->bytes;
	seen->args.sockopt.optlen = *len < sizeof(seen->bytes) ? *len : sizeof(seen->bytes);
	is_seen = observation_end(ob, seen, call_of(STEP_GETSOCKOPT)(&sk, &seen->args));
	*len = seen->args.sockopt.optlen;
	return is_seen ? seen->bytes : NULL;
}

const int *observe_ioctl(struct observer *ob, int fd, unsigned long request)
{
	struct observation *seen = observation_begin(ob, STEP_IOCTL, fd);
	struct sock sk = { .fd = fd };
	int64_t ret;

	seen->args.ioctl.request = request;
	seen->args.ioctl.value = 0;
	ret = call_of(STEP_IOCTL)(&sk, &seen->args);
	return observation_end(ob, seen, ret) ? &seen->args.ioctl.value : NULL;
}

const uint32_t *observe_meminfo(struct observer *ob, int fd)
{
	struct observation *seen = observation_begin(ob, STEP_GETSOCKOPT, fd);
	struct sock sk = { .fd = fd };

	memset(seen->meminfo, 0, sizeof(seen->meminfo));
	seen->args.sockopt.level = SOL_SOCKET;
	seen->args.sockopt.optname = SO_MEMINFO;
	seen->args.sockopt.optval = seen->meminfo;
	seen->args.sockopt.optlen = sizeof(seen->meminfo);
	return observation_end(ob, seen, call_of(STEP_GETSOCKOPT)(&sk, &seen->args)) ? seen->meminfo : NULL;
}

/* A buffer's size; 0: the kernel does not tell. */
static uint32_t observe_size(struct observer *ob, int fd, int optname)
{
	const int *size = observe_option(ob, fd, SOL_SOCKET, optname);

	return size == NULL || *size < 0 ? 0 : (uint32_t)*size;
}

void observe_facts(struct observer *ob, int fd, const struct tcp_facts *tcp, struct tcp_facts *facts)
{
	const int *unread, *unsent;

	*facts = (struct tcp_facts){ .is_valid = false };
	if (tcp != NULL)
		*facts = *tcp;
	facts->sndbuf = observe_size(ob, fd, SO_SNDBUF);
	facts->rcvbuf = observe_size(ob, fd, SO_RCVBUF);
	/* A listening socket has none (EINVAL). */
	if (facts->is_valid && facts->state == TCP_LISTEN)
		return;
	unread = observe_ioctl(ob, fd, SIOCINQ);
	unsent = observe_ioctl(ob, fd, SIOCOUTQ);
	facts->has_queues = unread != NULL && unsent != NULL;
	if (!facts->has_queues)
		return;
	facts->unread = (uint32_t)*unread;
	facts->unsent = (uint32_t)*unsent;
}

void observer_emit(struct observer *ob, uint32_t session, enum side side)
{
	struct bus *bus = ob->st->bus;

	for (size_t i = 0; i < ob->count; i++) {
		struct observation *seen = &ob->seen[i];
		struct event event = {
			.step = seen->step,
			.t_ns = seen->t_ns - bus->start_ns,
			.dur_ns = seen->dur_ns,
			.has_dur = true,
			.session = session,
			.side = side,
			.fd = seen->fd,
			.args = &seen->args,
			.has_result = true,
			.result = seen->result < 0 ? -1 : seen->result,
			.error = seen->result < 0 ? (int)-seen->result : 0,
			.is_look = true,
		};

		if (seen->result >= 0 && seen->step == STEP_GETSOCKOPT && seen->args.sockopt.optname == TCP_INFO &&
		    seen->args.sockopt.level == IPPROTO_TCP)
			event.tcp = &seen->tcp;
		bus_emit(bus, &event);
	}
	ob->count = 0;
}
