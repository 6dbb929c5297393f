/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One question over netlink: see netlink.h. */
#include "step/netlink.h"

#include "step/probe.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for one answer of the kernel's (it fills at most what the reader's buffer holds, and asks for 8 KiB or more). */
#define NETLINK_BUF_SIZE 16384
/* A table that is longer than this many messages is not read to its end: an explanation may not take long. */
#define NETLINK_READS_MAX 256

static int netlink_open(struct stepper *st, struct sock *sk, int protocol)
{
	struct probe probe = probe_begin(st, STEP_PROBE);
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	int ret = fd == -1 ? -errno : fd;

	sk->fd = fd;
	probe_end(&probe, NULL, ret, "socket(AF_NETLINK, SOCK_RAW, %s)",
		  protocol == NETLINK_ROUTE ? "NETLINK_ROUTE" : "NETLINK_SOCK_DIAG");
	return ret < 0 ? ret : 0;
}

static void netlink_close(struct stepper *st, struct sock *sk)
{
	struct probe probe = probe_begin(st, STEP_PROBE);
	struct sock closed = *sk;
	int ret = close(sk->fd) == -1 ? -errno : 0;

	sk->fd = -1;
	probe_end(&probe, &closed, ret, "close(%d)", closed.fd);
}

static int netlink_send(struct stepper *st, struct sock *sk, const char *what, const struct nlmsghdr *request)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct probe probe = probe_begin(st, STEP_PROBE);
	ssize_t ret;

	do
		ret = sendto(sk->fd, request, request->nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel));
	while (ret == -1 && errno == EINTR);
	if (ret == -1)
		ret = -errno;
	probe_end(&probe, sk, ret, "sendto(%d, %s)", sk->fd, what);
	return ret < 0 ? (int)ret : 0;
}

static ssize_t netlink_recv(struct stepper *st, struct sock *sk, const char *what, void *buf, size_t size)
{
	struct iovec iov = { .iov_base = buf, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct probe probe = probe_begin(st, STEP_RECVMSG);
	ssize_t ret;

	do
		ret = recvmsg(sk->fd, &msg, 0);
	while (ret == -1 && errno == EINTR);
	if (ret == -1)
		ret = -errno;
	probe_end(&probe, sk, ret, "%s", what);
	return ret;
}

/* Deliver the messages of one read. Returns 1: more will come, 0: that was all, or -errno as the kernel says. */
static int netlink_deliver(const struct nlmsghdr *msg, size_t len, netlink_fn *each, void *ctx)
{
	int left = (int)len;
	bool is_multi = false;

	for (; NLMSG_OK(msg, left); msg = NLMSG_NEXT(msg, left)) {
		if (msg->nlmsg_type == NLMSG_DONE)
			return 0;
		if (msg->nlmsg_type == NLMSG_ERROR) {
			const struct nlmsgerr *error = NLMSG_DATA(msg);

			return msg->nlmsg_len < NLMSG_LENGTH(sizeof(*error)) ? -EBADMSG : error->error;
		}
		is_multi = (msg->nlmsg_flags & NLM_F_MULTI) != 0;
		each(ctx, NLMSG_DATA(msg), msg->nlmsg_len - NLMSG_HDRLEN);
	}
	return is_multi ? 1 : 0;
}

int netlink_ask(struct stepper *st, int protocol, const char *what, const struct nlmsghdr *request, netlink_fn *each,
		void *ctx)
{
	union {
		struct nlmsghdr align;
		char bytes[NETLINK_BUF_SIZE];
	} buf;
	struct sock sk;
	int ret;

	sock_init(&sk);
	ret = netlink_open(st, &sk, protocol);
	if (ret < 0)
		return ret;
	ret = netlink_send(st, &sk, what, request);
	if (ret < 0)
		goto out;
	for (int i = 0; i < NETLINK_READS_MAX; i++) {
		ssize_t len = netlink_recv(st, &sk, what, buf.bytes, sizeof(buf.bytes));

		ret = len <= 0 ? (int)len : netlink_deliver(&buf.align, (size_t)len, each, ctx);
		if (ret <= 0)
			break;
		ret = 0;
	}
out:
	netlink_close(st, &sk);
	return ret;
}

void netlink_attributes(const void *data, size_t len, const struct rtattr **found, size_t count)
{
	const struct rtattr *attr = data;
	int left = (int)len;

	for (size_t i = 0; i < count; i++)
		found[i] = NULL;
	for (; RTA_OK(attr, left); attr = RTA_NEXT(attr, left))
		if (attr->rta_type < count)
			found[attr->rta_type] = attr;
}
