/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What connecting and listening share: see opening.h. */
#include "endpoint/opening.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/i18n.h"
#include "endpoint/sockopt_named.h"
#include "endpoint/sockopt_value.h"

unsigned opening_families(const struct addr *addr, bool is_dual)
{
	unsigned families = sockopt_families(addr_family(addr));

	/* Of one that speaks IPv4 as well the options of IPv4 count for that part. */
	if (addr_family(addr) == AF_INET6 && (is_dual || addr_is_v4mapped(addr)))
		families |= SOCKOPT_IPV4;
	return families;
}

/* Does it belong to this phase, and to this socket? */
static bool is_due(const struct sockopt_value *value, const struct sock *sk, unsigned phases, unsigned families)
{
	const struct sockopt *option = value->option;

	/* Of one that was given by its numbers nothing is known: as early as can be, listeners hand it on. */
	if (option == NULL)
		return (phases & OPENING_PHASE(BEFORE_BIND)) != 0;
	return (phases & 1U << option->phase) != 0 && sockopt_fits(option, (enum protocol)sk->protocol, families);
}

/* An option could not be set: name it with its value. */
static int fail_option(const struct sockopt_value *value, int error, struct failure *fail)
{
	char name[48], words[SOCKOPT_WORDS_MAX];

	failure_set(fail, STEP_SETSOCKOPT, error, NULL);
	snprintf(fail->target, sizeof(fail->target), "%s=%s",
		 value->option != NULL ? value->option->constant :
					 sockopt_named_format(value->level, value->optname, name, sizeof(name)),
		 sockopt_format(value->option, value->bytes, value->len, words, sizeof(words)));
	return -error;
}

int opening_set_options(struct stepper *st, struct sock *sk, const struct endpoint *endpoint, unsigned phases,
			unsigned families, size_t *next, struct failure *fail)
{
	for (; *next < endpoint->option_count; (*next)++) {
		const struct sockopt_value *value = &endpoint->options[*next];
		bool reads_back = value->option == NULL || !value->option->is_write_only;
		int ret;

		if (!is_due(value, sk, phases, families))
			continue;
		ret = step_set_option(st, sk, value->level, value->optname, value->bytes, value->len, reads_back);
		if (ret == STEP_HELD)
			return ret;
		if (ret < 0)
			return fail_option(value, -ret, fail);
	}
	*next = 0;
	return 0;
}

/* linux/mptcp.h, which does not go together with netinet/in.h: the flags of struct mptcp_info, and where they are. */
#define MPTCP_INFO_OPTION 1
#define MPTCP_INFO_SIZE 96
#define MPTCP_FLAGS_AT 8
#define MPTCP_FELL_BACK 1U

void opening_tell_mptcp(struct stepper *st, struct sock *sk, const struct endpoint *endpoint)
{
	unsigned char info[MPTCP_INFO_SIZE];
	uint32_t flags = MPTCP_FELL_BACK;
	socklen_t len = sizeof(info);

	if (endpoint->kind->ipproto != IPPROTO_MPTCP || st->bus->level == 0)
		return;
	/* A client without it is accepted as a socket of TCP, which does not have the option. */
	if (step_getsockopt(st, sk, SOL_MPTCP, MPTCP_INFO_OPTION, info, &len) == 0 &&
	    len >= MPTCP_FLAGS_AT + sizeof(flags))
		memcpy(&flags, info + MPTCP_FLAGS_AT, sizeof(flags));
	if ((flags & MPTCP_FELL_BACK) == 0)
		step_note(st, sk->session, _("both sides speak multipath TCP"));
	else
		step_note(st, sk->session, _("the peer speaks no multipath TCP: this is a connection of plain TCP"));
}

enum protocol opening_protocol(int domain, int type, int ipproto)
{
	if (domain == AF_UNIX)
		return type == SOCK_STREAM ? PROTOCOL_UNIX :
		       type == SOCK_DGRAM  ? PROTOCOL_UNIX_DGRAM : PROTOCOL_UNIX_SEQPACKET;
	if (domain == AF_VSOCK)
		return type == SOCK_STREAM ? PROTOCOL_VSOCK : PROTOCOL_OTHER;
	if (domain != AF_INET && domain != AF_INET6)
		return PROTOCOL_OTHER;
	if (type == SOCK_STREAM && (ipproto == 0 || ipproto == IPPROTO_TCP))
		return PROTOCOL_TCP;
	if (type == SOCK_STREAM && ipproto == IPPROTO_MPTCP)
		return PROTOCOL_TCP;
	if (ipproto == IPPROTO_SCTP && type == SOCK_STREAM)
		return PROTOCOL_SCTP;
	if (ipproto == IPPROTO_DCCP)
		return PROTOCOL_DCCP;
	if (ipproto == IPPROTO_UDPLITE && type == SOCK_DGRAM)
		return PROTOCOL_UDP;
	return type == SOCK_DGRAM && (ipproto == 0 || ipproto == IPPROTO_UDP) ? PROTOCOL_UDP : PROTOCOL_OTHER;
}

/* An int option of a descriptor that is looked at, or -errno. */
static int adopt_option(struct stepper *st, struct sock *sk, int optname)
{
	socklen_t len = sizeof(int);
	int value = 0, ret;

	ret = step_getsockopt(st, sk, SOL_SOCKET, optname, &value, &len);
	return ret < 0 ? ret : value;
}

int opening_socktype(struct stepper *st, const struct endpoint *endpoint)
{
	struct sock sk = { .fd = endpoint->fd };
	int type;

	if (endpoint->kind->form != FORM_FD)
		return endpoint->kind->socktype;
	type = adopt_option(st, &sk, SO_TYPE);
	return type < 0 ? 0 : type;
}

bool opening_is_ip(struct stepper *st, const struct endpoint *endpoint)
{
	struct sock sk = { .fd = endpoint->fd };
	int domain;

	if (endpoint->kind->form != FORM_FD)
		return endpoint->kind->form == FORM_HOST_PORT;
	domain = adopt_option(st, &sk, SO_DOMAIN);
	return domain == AF_INET || domain == AF_INET6;
}

/* Fill what sk is; returns its socktype, or -errno with fail filled. */
static int adopt_classify(struct stepper *st, struct sock *sk, struct failure *fail)
{
	int domain, ipproto, type = adopt_option(st, sk, SO_TYPE);

	if (type == -ENOTSOCK)
		return failure_usage(
			fail, _("fd:%1$d: descriptor %1$d is not a socket (an end of sockt relay may be none)"),
			sk->fd);
	if (type == -EBADF)
		return failure_usage(fail, _("fd:%d: descriptor %d is not open"), sk->fd, sk->fd);
	if (type < 0)
		return failure_set(fail, STEP_GETSOCKOPT, -type, NULL);
	domain = adopt_option(st, sk, SO_DOMAIN);
	ipproto = adopt_option(st, sk, SO_PROTOCOL);
	sk->protocol = (uint8_t)opening_protocol(domain, type, ipproto);
	sk->kind = SOCK_KIND_SOCKET;
	return type;
}

/* Is it in the role that is asked of it? */
static int adopt_check_role(struct stepper *st, struct opened *opened, bool is_listening, struct failure *fail)
{
	struct sock *sk = &opened->sock;
	bool listens = adopt_option(st, sk, SO_ACCEPTCONN) == 1;
	bool has_peer = !listens && step_peer_addr(st, sk, &opened->remote) == 0;

	/* The peer has reset it before we looked: it was connected, and what came before that can be read. */
	if (!listens && !has_peer && step_error(st, sk) == ECONNRESET) {
		sk->was_reset = true;
		has_peer = true;
	}

	if (is_listening && !listens && !(opened->is_datagram && !has_peer))
		return failure_usage(fail, _("fd:%d: the socket does not listen (sockt connect takes a connected one)"),
				     sk->fd);
	if (!is_listening && listens)
		return failure_usage(fail, _("fd:%d: the socket listens (sockt listen takes one that does)"), sk->fd);
	if (!is_listening && !has_peer)
		return failure_usage(fail, _("fd:%d: the socket is not connected"), sk->fd);
	return 0;
}

/*
 * 0 to 2 are shared with the shell: MSG_DONTWAIT there. Above 2 it is ours for as long as we run, and has O_NONBLOCK
 * until it is closed: splice(2) and accept(2) know nothing else.
 */
static int adopt_nonblock(struct sock *sk, struct failure *fail)
{
	int flags;

	sk->is_shared = true;
	if (sk->fd <= STDERR_FILENO) {
		sk->is_inherited = true;
		return 0;
	}
	flags = fcntl(sk->fd, F_GETFL);
	if (flags == -1 || fcntl(sk->fd, F_SETFL, flags | O_NONBLOCK) == -1 || fcntl(sk->fd, F_SETFD, FD_CLOEXEC) == -1)
		return failure_set(fail, STEP_SOCKET, errno, NULL);
	sk->was_blocking = (flags & O_NONBLOCK) == 0;
	return 0;
}

/* Has a socket that was handed in all options that are asked for? It shows only now what it is. */
static int check_options(const struct sock *sk, const struct endpoint *endpoint, unsigned families,
			 struct failure *fail)
{
	for (size_t i = 0; i < endpoint->option_count; i++) {
		const struct sockopt *option = endpoint->options[i].option;

		if (option != NULL && !sockopt_fits(option, (enum protocol)sk->protocol, families))
			return failure_usage(fail, _("fd:%1$d: %2$s is no option of this socket, which is %3$s"),
					     endpoint->fd, option->constant,
					     protocol_name((enum protocol)sk->protocol));
	}
	return 0;
}

int opening_dress(struct stepper *st, struct opened *opened, const struct endpoint *endpoint, bool is_listening,
		  size_t *next, struct failure *fail)
{
	unsigned phases = OPENING_PHASE(BEFORE_BIND) | OPENING_PHASE(BEFORE_CONNECT);
	unsigned families = opening_families(&opened->local, is_listening);
	int ret = *next == 0 ? check_options(&opened->sock, endpoint, families, fail) : 0;

	/* Of a listener the others are for those that it accepts. */
	if (!is_listening || opened->is_datagram)
		phases |= OPENING_PHASE(CONNECTED);
	return ret < 0 ? ret : opening_set_options(st, &opened->sock, endpoint, phases, families, next, fail);
}

int opening_adopt(struct stepper *st, const struct endpoint *endpoint, bool is_listening, struct opened *opened,
		  struct failure *fail)
{
	int type, ret;

	*opened = (struct opened){ .sock = { .fd = endpoint->fd } };
	type = adopt_classify(st, &opened->sock, fail);
	if (type < 0)
		return type;
	opened->is_datagram = type == SOCK_DGRAM;
	opened->is_messages = type != SOCK_STREAM;
	ret = adopt_check_role(st, opened, is_listening, fail);
	if (ret == 0)
		ret = adopt_nonblock(&opened->sock, fail);
	if (ret < 0)
		return ret;
	opened->sock.side = is_listening ? SIDE_SERVER : SIDE_CLIENT;
	opened->sock.ready = READY_OUT;
	step_local_addr(st, &opened->sock, &opened->local);
	return 0;
}
