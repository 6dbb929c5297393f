/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error queue of a socket: see errqueue.h. */
#include "step/errqueue.h"

#include "base/clock.h"
#include "step/probe.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* Room for the payload that the error is about: only its headers would be of interest, and they are not asked for. */
#define ERRQUEUE_DATA_SIZE 512
/* One sock_extended_err with the address behind it, beside the time stamps that a socket may ask for. */
#define ERRQUEUE_CONTROL_SIZE 512

/* The address of the sender stands behind the record; AF_UNSPEC where the kernel does not know it. */
static void take_offender(const struct cmsghdr *cmsg, struct addr *offender)
{
	const unsigned char *data = CMSG_DATA(cmsg);
	size_t len = cmsg->cmsg_len - CMSG_LEN(0);
	size_t at = sizeof(struct sock_extended_err);
	struct sockaddr_in6 storage = { 0 };
	size_t size;

	if (len <= at + sizeof(sa_family_t))
		return;
	len -= at;
	if (len > sizeof(storage))
		len = sizeof(storage);
	memcpy(&storage, data + at, len);
	if (storage.sin6_family == AF_INET)
		size = sizeof(struct sockaddr_in);
	else if (storage.sin6_family == AF_INET6)
		size = sizeof(struct sockaddr_in6);
	else
		return;
	if (size <= len)
		addr_set(offender, (struct sockaddr *)&storage, (socklen_t)size);
	/* A socket for both versions is told IPv4 senders as IPv6 ones; who sends ICMP of IPv4 is none. */
	addr_unmap(offender);
}

/* When the kernel made the entry: the first of its stamps is the one of software (timestamping.rst). */
static void take_stamp(const struct cmsghdr *cmsg, struct errqueue_entry *out)
{
	struct scm_timestamping stamps;

	if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SO_TIMESTAMPING ||
	    cmsg->cmsg_len < CMSG_LEN(sizeof(stamps)))
		return;
	memcpy(&stamps, CMSG_DATA(cmsg), sizeof(stamps));
	out->real_ns = (uint64_t)stamps.ts[0].tv_sec * NS_PER_S + (uint64_t)stamps.ts[0].tv_nsec;
}

/* Fill out from the control message that says what the entry is. */
static void take_entry(const struct cmsghdr *cmsg, struct errqueue_entry *out)
{
	bool is_v4 = cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_RECVERR;
	bool is_v6 = cmsg->cmsg_level == IPPROTO_IPV6 && cmsg->cmsg_type == IPV6_RECVERR;
	struct sock_extended_err record;

	if (!(is_v4 || is_v6) || cmsg->cmsg_len < CMSG_LEN(sizeof(record)))
		return;
	memcpy(&record, CMSG_DATA(cmsg), sizeof(record));
	out->is_acknowledged = record.ee_origin == SO_EE_ORIGIN_TIMESTAMPING && record.ee_info == SCM_TSTAMP_ACK;
	out->id = record.ee_data;
	/* The queue also carries time stamps and the completions of zero-copy sends: no errors. */
	if (record.ee_origin != SO_EE_ORIGIN_LOCAL && record.ee_origin != SO_EE_ORIGIN_ICMP &&
	    record.ee_origin != SO_EE_ORIGIN_ICMP6)
		return;
	out->is_error = true;
	out->error.error = (int)record.ee_errno;
	out->error.is_local = record.ee_origin == SO_EE_ORIGIN_LOCAL;
	out->error.is_v6 = record.ee_origin == SO_EE_ORIGIN_ICMP6;
	out->error.type = record.ee_type;
	out->error.code = record.ee_code;
	out->error.info = record.ee_info;
	if (!out->error.is_local)
		take_offender(cmsg, &out->error.offender);
}

void errqueue_tell(struct stepper *st, const struct sock *sk, const struct icmp_error *error, uint32_t session,
		   uint8_t level)
{
	union step_args args = { .packet = {
		.family = error->is_v6 ? AF_INET6 : AF_INET,
		.protocol = error->is_v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP,
		.wscale = -1,
		.icmp_type = error->type,
		.icmp_code = error->code,
		.icmp_sender = error->offender.len > 0 ? &error->offender : NULL,
	} };
	const struct event event = {
		.step = STEP_ICMP,
		.level = level,
		.t_ns = st->env->now_ns() - st->bus->start_ns,
		.session = session,
		.side = sk->side,
		.protocol = sk->protocol,
		.fd = sk->fd,
		.args = &args,
		.error = error->error,
		.remote = error->dest.len > 0 ? &error->dest : NULL,
	};

	if (!error->is_local && st->bus->level >= event_level(&event))
		bus_emit(st->bus, &event);
}

int errqueue_next(struct stepper *st, struct sock *sk, struct errqueue_entry *out)
{
	char data[ERRQUEUE_DATA_SIZE];
	union {
		struct cmsghdr align;
		char bytes[ERRQUEUE_CONTROL_SIZE];
	} control;
	struct sockaddr_storage dest;
	struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
	struct msghdr msg = {
		.msg_name = &dest, .msg_namelen = sizeof(dest), .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.bytes, .msg_controllen = sizeof(control.bytes),
	};
	struct probe probe;
	ssize_t ret;

	/* A Unix socket has no such queue, ignores the flag, and would give away its data. */
	if (sk->protocol != PROTOCOL_TCP && sk->protocol != PROTOCOL_UDP)
		return 0;
	probe = probe_begin(st, STEP_RECVMSG);
	probe.flags = MSG_ERRQUEUE | MSG_DONTWAIT;
	do
		ret = recvmsg(sk->fd, &msg, probe.flags);
	while (ret == -1 && errno == EINTR);
	if (ret == -1)
		ret = -errno;
	probe_end(&probe, sk, ret, "%s", "");
	if (ret < 0)
		return ret == -EAGAIN ? 0 : (int)ret;
	*out = (struct errqueue_entry){ 0 };
	if (msg.msg_namelen >= sizeof(sa_family_t) && dest.ss_family != AF_UNSPEC)
		addr_set(&out->error.dest, (struct sockaddr *)&dest, msg.msg_namelen);
	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg); cmsg != NULL; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		take_stamp(cmsg, out);
		take_entry(cmsg, out);
	}
	return 1;
}

int errqueue_take(struct stepper *st, struct sock *sk, struct icmp_error *out)
{
	struct errqueue_entry entry;
	int ret;

	do
		ret = errqueue_next(st, sk, &entry);
	while (ret == 1 && !entry.is_error);
	if (ret == 1) {
		*out = entry.error;
		errqueue_tell(st, sk, out, sk->session, 0);
	}
	return ret;
}

int errqueue_blame(struct stepper *st, struct sock *sk, int error, struct failure *fail)
{
	struct icmp_error seen;
	int last = 0;

	while (errqueue_take(st, sk, &seen) > 0) {
		if (seen.is_local || (error != 0 && seen.error != error))
			continue;
		fail->offender = seen.offender;
		fail->icmp_type = seen.type;
		fail->icmp_code = seen.code;
		last = seen.error;
	}
	return last;
}
