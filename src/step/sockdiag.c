/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who holds a port: see sockdiag.h. */
#include "step/sockdiag.h"

#include "base/util.h"
#include "step/netlink.h"
#include "step/procfs.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

/* Stands for every state (a mask of 1 << TCP_*). */
#define STATES_ALL UINT32_MAX

/* What a socket is to the one who asks; the greater wins. 0: nothing. */
typedef int rank_fn(const struct port_holder *holder, const struct addr *addr, enum protocol protocol);

struct search {
	const struct addr *addr;
	const struct addr *remote; /* NULL: any */
	enum protocol protocol;
	rank_fn *rank;
	uint32_t states; /* that are looked through: a mask of 1 << TCP_* */
	int best; /* rank of *holder; 0: none yet */
	struct port_holder *holder;
};

/* The request: all sockets of a protocol and family whose local port is in the filter. */
struct port_request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 diag;
	struct rtattr attr;
	struct inet_diag_bc_op filter[4];
};

/*
 * A program for the kernel that passes the sockets whose local port is port: two comparisons, each followed by its
 * operand; "no" leads behind the end, which means no (sock_diag(7), INET_DIAG_REQ_BYTECODE).
 */
static void port_request_fill(struct port_request *request, int family, int protocol, uint16_t port,
			      uint32_t states)
{
	const unsigned char size = sizeof(request->filter[0]);

	*request = (struct port_request){
		.header = {
			.nlmsg_len = sizeof(*request),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
		.diag = {
			.sdiag_family = (unsigned char)family,
			.sdiag_protocol = (unsigned char)protocol,
			.idiag_states = states,
		},
		.attr = {
			.rta_len = sizeof(request->attr) + sizeof(request->filter),
			.rta_type = INET_DIAG_REQ_BYTECODE,
		},
		.filter = {
			{ .code = INET_DIAG_BC_S_GE, .yes = size * 2, .no = size * 4 + 4 },
			{ .no = port },
			{ .code = INET_DIAG_BC_S_LE, .yes = size * 2, .no = size * 2 + 4 },
			{ .no = port },
		},
	};
}

/* An IPv4-mapped address as the IPv4 one it stands for. */
static struct addr addr_unmapped(const struct addr *addr)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = addr->in6.sin6_port };
	struct addr unmapped = *addr;

	if (!addr_is_v4mapped(addr))
		return unmapped;
	memcpy(&in.sin_addr, &addr->in6.sin6_addr.s6_addr[12], sizeof(in.sin_addr));
	addr_set(&unmapped, (struct sockaddr *)&in, sizeof(in));
	return unmapped;
}

/* One end of a socket in the kernel's record. */
static struct addr end_of(int family, const __be32 ip[4], __be16 port, __u32 interface)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = port };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = port };
	struct addr addr;

	if (family == AF_INET) {
		memcpy(&in.sin_addr, ip, sizeof(in.sin_addr));
		addr_set(&addr, (struct sockaddr *)&in, sizeof(in));
		return addr;
	}
	memcpy(&in6.sin6_addr, ip, sizeof(in6.sin6_addr));
	if (IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr))
		in6.sin6_scope_id = interface;
	addr_set(&addr, (struct sockaddr *)&in6, sizeof(in6));
	return addr_unmapped(&addr);
}

/* Read a record of the kernel's. */
static void holder_fill(struct port_holder *holder, const struct inet_diag_msg *diag, size_t len)
{
	const struct rtattr *attrs[INET_DIAG_SKV6ONLY + 1];
	const struct rtattr *v6only;

	*holder = (struct port_holder){
		.local = end_of(diag->idiag_family, diag->id.idiag_src, diag->id.idiag_sport, diag->id.idiag_if),
		.remote = end_of(diag->idiag_family, diag->id.idiag_dst, diag->id.idiag_dport, diag->id.idiag_if),
		.state = diag->idiag_state,
		.uid = diag->idiag_uid,
		.inode = diag->idiag_inode,
	};
	if (holder->state == TCP_TIME_WAIT)
		holder->time_left_ms = diag->idiag_expires;
	if (holder->state == TCP_LISTEN) {
		holder->queue_len = diag->idiag_rqueue;
		holder->queue_limit = diag->idiag_wqueue;
	}
	netlink_attributes(diag + 1, len - sizeof(*diag), attrs, ARRAY_LEN(attrs));
	v6only = attrs[INET_DIAG_SKV6ONLY];
	if (v6only != NULL && RTA_PAYLOAD(v6only) >= 1)
		holder->is_v6only = *(const uint8_t *)RTA_DATA(v6only) != 0;
}

static void on_record(void *ctx, const void *payload, size_t len)
{
	struct search *search = ctx;
	struct port_holder holder;
	int rank;

	if (len < sizeof(struct inet_diag_msg))
		return;
	holder_fill(&holder, payload, len);
	if (addr_port(&holder.local) != addr_port(search->addr) ||
	    (search->remote != NULL && !addr_equal(&holder.remote, search->remote)))
		return;
	rank = search->rank(&holder, search->addr, search->protocol);
	if (rank <= search->best)
		return;
	search->best = rank;
	*search->holder = holder;
}

bool sockdiag_takes(const struct port_holder *holder, const struct addr *addr)
{
	struct addr to = addr_unmapped(addr);

	if (addr_is_wildcard(&holder->local))
		return addr_family(&holder->local) == addr_family(&to) ||
		       (addr_family(&holder->local) == AF_INET6 && !holder->is_v6only);
	return addr_equal(&holder->local, &to);
}

/* Does holder keep addr from being bound? A wildcard stands in the way of all, and all in its way. */
static bool is_in_the_way(const struct port_holder *holder, const struct addr *addr)
{
	if (sockdiag_takes(holder, addr))
		return true;
	/* Of a dual-stack socket to be, which the IPv6 wildcard means here, sockets of both families are in the way. */
	return addr_is_wildcard(addr) &&
	       (addr_family(addr) == AF_INET6 || addr_family(&holder->local) == AF_INET);
}

static int rank_holder(const struct port_holder *holder, const struct addr *addr, enum protocol protocol)
{
	int exact = addr_equal(&holder->local, addr) ? 1 : 0;

	if (!is_in_the_way(holder, addr))
		return 0;
	if (holder->state == TCP_LISTEN)
		return 7 + exact;
	if (holder->state == TCP_TIME_WAIT)
		return 1 + exact;
	/* Bound: for UDP it is all there is; for TCP its next call will be listen() or connect(). */
	if (protocol == PROTOCOL_UDP || holder->state == TCP_CLOSE)
		return 5 + exact;
	return 3 + exact;
}

static int rank_waiting(const struct port_holder *holder, const struct addr *addr, enum protocol protocol)
{
	int state = protocol == PROTOCOL_UDP ? TCP_CLOSE : TCP_LISTEN;

	if (holder->state != state)
		return 0;
	return sockdiag_takes(holder, addr) ? 2 : 1;
}

/* Look through both families. Returns 1: search->holder is filled, 0: none, -errno where neither could be read. */
static int search_run(struct stepper *st, struct search *search)
{
	static const int families[] = { AF_INET, AF_INET6 };
	int protocol = search->protocol == PROTOCOL_UDP ? IPPROTO_UDP : IPPROTO_TCP;
	uint16_t port = addr_port(search->addr);
	size_t failed = 0;
	int ret = 0;

	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		struct port_request request;
		char what[64];

		snprintf(what, sizeof(what), "sock_diag %s port %u%s", protocol_name(search->protocol), port,
			 families[i] == AF_INET6 ? " IPv6" : "");
		port_request_fill(&request, families[i], protocol, port, search->states);
		ret = netlink_ask(st, NETLINK_SOCK_DIAG, what, &request.header, on_record, search);
		failed += ret < 0;
	}
	if (search->best == 0)
		return failed == ARRAY_LEN(families) ? ret : 0;
	return 1;
}

void sockdiag_find_process(struct stepper *st, struct port_holder *holder)
{
	procfs_find_socket(st, holder->inode, &holder->pid, holder->comm, sizeof(holder->comm));
}

/* The same in all states, and whose socket it is. */
static int search_all(struct stepper *st, struct search *search)
{
	int ret;

	search->states = STATES_ALL;
	ret = search_run(st, search);
	if (ret == 1)
		sockdiag_find_process(st, search->holder);
	return ret;
}

int sockdiag_find_holder(struct stepper *st, const struct addr *addr, enum protocol protocol,
			 struct port_holder *holder)
{
	struct search search = { .addr = addr, .protocol = protocol, .rank = rank_holder, .holder = holder };

	return search_all(st, &search);
}

int sockdiag_find_waiting(struct stepper *st, const struct addr *addr, enum protocol protocol,
			  struct port_holder *holder)
{
	struct search search = { .addr = addr, .protocol = protocol, .rank = rank_waiting, .holder = holder };

	return search_all(st, &search);
}

/* Of the listening sockets: the one of exactly that address before a wildcard. */
static int rank_listener(const struct port_holder *holder, const struct addr *addr, enum protocol protocol)
{
	(void)protocol;
	if (holder->state != TCP_LISTEN || !sockdiag_takes(holder, addr))
		return 0;
	return addr_is_wildcard(&holder->local) ? 1 : 2;
}

int sockdiag_find_listener(struct stepper *st, const struct addr *addr, struct port_holder *holder)
{
	struct search search = {
		.addr = addr,
		.protocol = PROTOCOL_TCP,
		.rank = rank_listener,
		.states = 1U << TCP_LISTEN,
		.holder = holder,
	};

	return search_run(st, &search);
}

static int rank_same(const struct port_holder *holder, const struct addr *addr, enum protocol protocol)
{
	(void)protocol;
	return addr_equal(&holder->local, addr) ? 1 : 0;
}

int sockdiag_find_pair(struct stepper *st, const struct addr *local, const struct addr *remote,
		       struct port_holder *holder)
{
	const struct addr from = addr_unmapped(local), to = addr_unmapped(remote);
	struct search search = {
		.addr = &from,
		.remote = &to,
		.protocol = PROTOCOL_TCP,
		.rank = rank_same,
		.states = STATES_ALL,
		.holder = holder,
	};

	return search_run(st, &search);
}
