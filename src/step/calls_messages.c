/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls that have many messages, or control data beside them: see calls.h. */
#include "step/calls.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

/* Room for the control data of one message: a segment size, and which of our addresses it is about. */
union control {
	struct cmsghdr align;
	char room[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

/* What the kernel is given of a message, and fills. */
struct form {
	union control control;
	struct sockaddr_storage name;
};

/* The next place for control data behind what header has. */
static void *control_add(struct msghdr *header, int level, int type, size_t len)
{
	struct cmsghdr *at = (struct cmsghdr *)((char *)header->msg_control + header->msg_controllen);

	memset(at, 0, CMSG_SPACE(len));
	at->cmsg_level = level;
	at->cmsg_type = type;
	at->cmsg_len = CMSG_LEN(len);
	header->msg_controllen += CMSG_SPACE(len);
	return CMSG_DATA(at);
}

/* ip(7), ipv6(7): leave from this address of ours. */
static void control_add_local(struct msghdr *header, const struct addr *local)
{
	if (addr_family(local) == AF_INET) {
		struct in_pktinfo *info = control_add(header, IPPROTO_IP, IP_PKTINFO, sizeof(*info));

		info->ipi_spec_dst = local->in.sin_addr;
	} else if (addr_family(local) == AF_INET6) {
		struct in6_pktinfo *info = control_add(header, IPPROTO_IPV6, IPV6_PKTINFO, sizeof(*info));

		info->ipi6_addr = local->in6.sin6_addr;
		info->ipi6_ifindex = local->in6.sin6_scope_id;
	}
}

/* A message that is to be sent, as the kernel takes it. */
static void header_out(struct msghdr *header, struct form *form, const struct message *message)
{
	*header = (struct msghdr){
		.msg_iov = (struct iovec *)message->parts,
		.msg_iovlen = message->part_count,
		.msg_control = &form->control,
	};
	if (message->addr != NULL) {
		header->msg_name = &message->addr->sa;
		header->msg_namelen = message->addr->len;
	}
	if (message->segment != 0) {
		uint16_t *segment = control_add(header, IPPROTO_UDP, UDP_SEGMENT, sizeof(*segment));

		*segment = message->segment;
	}
	if (message->local != NULL && message->local->len > 0)
		control_add_local(header, message->local);
	if (header->msg_controllen == 0)
		header->msg_control = NULL;
}

/* Room for a message that is to come. */
static void header_in(struct msghdr *header, struct form *form, const struct message *message)
{
	*header = (struct msghdr){
		.msg_iov = (struct iovec *)message->parts,
		.msg_iovlen = message->part_count,
		.msg_control = &form->control,
		.msg_controllen = sizeof(form->control),
	};
	if (message->addr != NULL) {
		header->msg_name = &form->name;
		header->msg_namelen = sizeof(form->name);
	}
}

/* Which of our addresses a message came to. */
static void read_local(struct addr *local, const struct cmsghdr *at)
{
	if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_PKTINFO) {
		struct in_pktinfo info;

		memcpy(&info, CMSG_DATA(at), sizeof(info));
		addr_set_any(local, AF_INET, 0);
		local->in.sin_addr = info.ipi_spec_dst;
	} else if (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_PKTINFO) {
		struct in6_pktinfo info;

		memcpy(&info, CMSG_DATA(at), sizeof(info));
		addr_set_any(local, AF_INET6, 0);
		local->in6.sin6_addr = info.ipi6_addr;
		/* Elsewhere the route decides, as it did for the client's; a link-local address needs its link. */
		if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
			local->in6.sin6_scope_id = info.ipi6_ifindex;
	}
}

/* A message that has come. */
static void message_in(struct message *message, struct mmsghdr *from)
{
	struct msghdr *header = &from->msg_hdr;

	message->len = from->msg_len;
	message->segment = 0;
	if (message->addr != NULL)
		addr_set(message->addr, header->msg_name, header->msg_namelen);
	if (message->local != NULL)
		message->local->len = 0;
	for (struct cmsghdr *at = CMSG_FIRSTHDR(header); at != NULL; at = CMSG_NXTHDR(header, at)) {
		int segment;

		if (at->cmsg_level == IPPROTO_UDP && at->cmsg_type == UDP_GRO) {
			memcpy(&segment, CMSG_DATA(at), sizeof(segment));
			message->segment = (uint16_t)segment;
		} else if (message->local != NULL) {
			read_local(message->local, at);
		}
	}
}

int64_t call_recvmmsg(struct sock *sk, union step_args *args)
{
	struct mmsghdr headers[MESSAGES_MAX];
	struct form forms[MESSAGES_MAX];
	unsigned count = args->messages.count;
	int ret;

	for (unsigned i = 0; i < count; i++)
		header_in(&headers[i].msg_hdr, &forms[i], &args->messages.list[i]);
	do
		ret = recvmmsg(sk->fd, headers, count, args->messages.flags, NULL);
	while (ret == -1 && errno == EINTR);
	if (ret == -1)
		return -errno;
	for (int i = 0; i < ret; i++)
		message_in(&args->messages.list[i], &headers[i]);
	return ret;
}

int64_t call_sendmsg(struct sock *sk, union step_args *args)
{
	struct msghdr header;
	struct form form;
	ssize_t ret;

	header_out(&header, &form, args->messages.list);
	do
		ret = sendmsg(sk->fd, &header, args->messages.flags);
	while (ret == -1 && errno == EINTR);
	return ret == -1 ? -errno : ret;
}

/* unix(7), SCM_RIGHTS: a stream has to carry a byte with it. MSG_DONTWAIT, since what it goes over is not ours. */
int64_t call_pass(struct sock *sk, union step_args *args)
{
	union control control;
	char byte = '\0';
	struct iovec part = { &byte, sizeof(byte) };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control };
	ssize_t ret;

	memcpy(control_add(&header, SOL_SOCKET, SCM_RIGHTS, sizeof(int)), &args->pass.passed, sizeof(int));
	do
		ret = sendmsg(sk->fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (ret == -1 && errno == EINTR);
	return ret == -1 ? -errno : ret;
}

int64_t call_sendmmsg(struct sock *sk, union step_args *args)
{
	struct mmsghdr headers[MESSAGES_MAX];
	struct form forms[MESSAGES_MAX];
	unsigned count = args->messages.count;
	int ret;

	for (unsigned i = 0; i < count; i++)
		header_out(&headers[i].msg_hdr, &forms[i], &args->messages.list[i]);
	do
		ret = sendmmsg(sk->fd, headers, count, args->messages.flags);
	while (ret == -1 && errno == EINTR);
	return ret == -1 ? -errno : ret;
}
