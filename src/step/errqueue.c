/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error queue of a socket: see errqueue.h. */
#include "step/errqueue.h"

#include "step/probe.h"

#include <errno.h>
#include <linux/errqueue.h>
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
}

/* Fill out from the control message that carries the error. Returns whether cmsg is one. */
static bool take_error(const struct cmsghdr *cmsg, struct icmp_error *out)
{
	bool is_v4 = cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_RECVERR;
	bool is_v6 = cmsg->cmsg_level == IPPROTO_IPV6 && cmsg->cmsg_type == IPV6_RECVERR;
	struct sock_extended_err record;

	if (!(is_v4 || is_v6) || cmsg->cmsg_len < CMSG_LEN(sizeof(record)))
		return false;
	memcpy(&record, CMSG_DATA(cmsg), sizeof(record));
	/* The queue also carries time stamps and the completions of zero-copy sends: no errors. */
	if (record.ee_origin != SO_EE_ORIGIN_LOCAL && record.ee_origin != SO_EE_ORIGIN_ICMP &&
	    record.ee_origin != SO_EE_ORIGIN_ICMP6)
		return false;
	out->error = (int)record.ee_errno;
	out->is_local = record.ee_origin == SO_EE_ORIGIN_LOCAL;
	out->type = record.ee_type;
	out->code = record.ee_code;
	out->info = record.ee_info;
	if (!out->is_local)
		take_offender(cmsg, &out->offender);
	return true;
}

/* Read one entry. Returns 1: out is filled, 0: an entry that is no error, or -errno (-EAGAIN: the queue is empty). */
static int errqueue_read(struct stepper *st, struct sock *sk, struct icmp_error *out)
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
	struct probe probe = probe_begin(st, STEP_RECVMSG);
	ssize_t ret;

	probe.flags = MSG_ERRQUEUE | MSG_DONTWAIT;
	do
		ret = recvmsg(sk->fd, &msg, probe.flags);
	while (ret == -1 && errno == EINTR);
	if (ret == -1)
		ret = -errno;
	probe_end(&probe, sk, ret, "%s", "");
	if (ret < 0)
		return (int)ret;
	*out = (struct icmp_error){ 0 };
	if (msg.msg_namelen >= sizeof(sa_family_t) && dest.ss_family != AF_UNSPEC)
		addr_set(&out->dest, (struct sockaddr *)&dest, msg.msg_namelen);
	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg); cmsg != NULL; cmsg = CMSG_NXTHDR(&msg, cmsg))
		if (take_error(cmsg, out))
			return 1;
	return 0;
}

int errqueue_take(struct stepper *st, struct sock *sk, struct icmp_error *out)
{
	struct icmp_error error;
	int ret;

	/* A Unix socket has no such queue, ignores the flag, and would give away its data. */
	if (sk->protocol != PROTOCOL_TCP && sk->protocol != PROTOCOL_UDP)
		return 0;
	do
		ret = errqueue_read(st, sk, &error);
	while (ret == 0);
	if (ret == 1)
		*out = error;
	return ret == -EAGAIN ? 0 : ret;
}

void errqueue_blame(struct stepper *st, struct sock *sk, int error, struct failure *fail)
{
	struct icmp_error seen;

	while (errqueue_take(st, sk, &seen) > 0) {
		if (seen.is_local || (error != 0 && seen.error != error))
			continue;
		fail->offender = seen.offender;
		fail->icmp_type = seen.type;
		fail->icmp_code = seen.code;
	}
}
