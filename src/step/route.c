/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which way the kernel would send, and which addresses are this host's: see route.h. */
#include "step/route.h"

#include "base/util.h"
#include "step/netlink.h"
#include "step/probe.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* IFF_LOWER_UP of <linux/if.h>, which clashes with <net/if.h>: unlike IFF_RUNNING it is true at once. */
#define LINK_CARRIER 0x10000U

struct route_request {
	struct nlmsghdr header;
	struct rtmsg route;
	struct rtattr attr;
	unsigned char dest[sizeof(struct in6_addr)];
	struct rtattr zone_attr; /* where the address is an IPv6 one with a zone */
	uint32_t zone;
};

/* What on_route() fills. */
struct answer {
	struct route *route;
	uint32_t interface; /* its number */
};

static const void *ip_of(const struct addr *addr, size_t *size)
{
	if (addr_family(addr) == AF_INET) {
		*size = sizeof(addr->in.sin_addr);
		return &addr->in.sin_addr;
	}
	*size = sizeof(addr->in6.sin6_addr);
	return &addr->in6.sin6_addr;
}

/* Put the address, and the zone where there is one, behind each other as attributes. */
static void request_fill(struct route_request *request, const struct addr *dest)
{
	size_t size;
	const void *ip = ip_of(dest, &size);
	size_t len = offsetof(struct route_request, dest) + size;
	unsigned char *end = (unsigned char *)request + len;
	uint32_t zone = addr_family(dest) == AF_INET6 ? dest->in6.sin6_scope_id : 0;

	*request = (struct route_request){
		.header = { .nlmsg_type = RTM_GETROUTE, .nlmsg_flags = NLM_F_REQUEST },
		.route = {
			.rtm_family = (unsigned char)addr_family(dest),
			.rtm_dst_len = (unsigned char)(size * 8),
		},
		.attr = { .rta_type = RTA_DST, .rta_len = (unsigned short)RTA_LENGTH(size) },
	};
	memcpy(request->dest, ip, size);
	if (zone != 0) {
		struct rtattr attr = { .rta_type = RTA_OIF, .rta_len = RTA_LENGTH(sizeof(zone)) };

		memcpy(end, &attr, sizeof(attr));
		memcpy(end + sizeof(attr), &zone, sizeof(zone));
		len += sizeof(attr) + sizeof(zone);
	}
	request->header.nlmsg_len = (uint32_t)len;
}

static void take_gateway(struct route *route, int family, const struct rtattr *attr)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET };

	if (attr == NULL)
		return;
	if (family == AF_INET && RTA_PAYLOAD(attr) == sizeof(in.sin_addr)) {
		memcpy(&in.sin_addr, RTA_DATA(attr), sizeof(in.sin_addr));
		addr_set(&route->gateway, (struct sockaddr *)&in, sizeof(in));
	}
	if (family == AF_INET6 && RTA_PAYLOAD(attr) == sizeof(in6.sin6_addr)) {
		memcpy(&in6.sin6_addr, RTA_DATA(attr), sizeof(in6.sin6_addr));
		addr_set(&route->gateway, (struct sockaddr *)&in6, sizeof(in6));
	}
}

/* IPv6 answers "no route" by a route of type unreachable that bears the error. */
static int error_of_type(int type, const struct rtattr *cacheinfo)
{
	if (cacheinfo != NULL && RTA_PAYLOAD(cacheinfo) >= sizeof(struct rta_cacheinfo)) {
		const struct rta_cacheinfo *info = RTA_DATA(cacheinfo);
		int error = (int)info->rta_error;

		if (error != 0)
			return error < 0 ? -error : error;
	}
	switch (type) {
	case RTN_UNREACHABLE:
		return EHOSTUNREACH;
	case RTN_PROHIBIT:
		return EACCES;
	case RTN_BLACKHOLE:
		return EINVAL;
	default:
		return 0;
	}
}

static void on_route(void *ctx, const void *payload, size_t len)
{
	const struct rtmsg *msg = payload;
	const struct rtattr *attrs[RTA_CACHEINFO + 1];
	struct answer *answer = ctx;
	struct route *route = answer->route;

	if (len < sizeof(*msg))
		return;
	netlink_attributes(msg + 1, len - sizeof(*msg), attrs, ARRAY_LEN(attrs));
	route->error = error_of_type(msg->rtm_type, attrs[RTA_CACHEINFO]);
	route->is_forbidden = route->error != 0 && route->error != ENETUNREACH;
	route->is_local = msg->rtm_type == RTN_LOCAL;
	route->is_broadcast = msg->rtm_type == RTN_BROADCAST || msg->rtm_type == RTN_MULTICAST;
	if (route->error != 0)
		return;
	if (attrs[RTA_OIF] != NULL && RTA_PAYLOAD(attrs[RTA_OIF]) >= sizeof(answer->interface))
		memcpy(&answer->interface, RTA_DATA(attrs[RTA_OIF]), sizeof(answer->interface));
	take_gateway(route, msg->rtm_family, attrs[RTA_GATEWAY]);
}

/* The name of an interface, which libc asks the kernel for. */
static void name_interface(struct stepper *st, uint32_t interface, char name[IF_NAMESIZE])
{
	struct probe probe;
	int ret;

	if (interface == 0)
		return;
	probe = probe_begin(st, STEP_PROBE);
	ret = if_indextoname(interface, name) == NULL ? -errno : 0;
	probe_end(&probe, NULL, ret, "if_indextoname(%u)", interface);
	if (ret < 0)
		name[0] = '\0';
}

int route_find(struct stepper *st, const struct addr *dest, struct route *route)
{
	char text[ADDR_TEXT_MAX], what[ADDR_TEXT_MAX + 16];
	struct route found = { 0 };
	struct answer answer = { .route = &found };
	struct route_request request;
	int ret;

	if (addr_family(dest) != AF_INET && addr_family(dest) != AF_INET6)
		return -EAFNOSUPPORT;
	request_fill(&request, dest);
	snprintf(what, sizeof(what), "route to %s", addr_format_host(dest, text, sizeof(text)));
	ret = netlink_ask(st, NETLINK_ROUTE, what, &request.header, on_route, &answer);
	switch (ret) {
	case 0:
		name_interface(st, answer.interface, found.interface);
		break;
	case -ENETUNREACH:
		found.error = ENETUNREACH;
		break;
	case -EHOSTUNREACH:
	case -EACCES:
	case -EINVAL:
		/* The answer for routes of type unreachable, prohibit and blackhole of IPv4. */
		found.error = -ret;
		found.is_forbidden = true;
		break;
	default:
		return ret;
	}
	*route = found;
	return 0;
}

/* Keep an address: the loopback ones only in what room is left. */
static void own_add(struct route_own *own, const struct sockaddr *sa)
{
	struct addr addr;

	if (own->count == ROUTE_OWN_MAX)
		return;
	addr_set(&addr, sa, sa->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
	own->addrs[own->count++] = addr;
}

/* What one record of an interface that is not loopback says. */
static void own_look(struct route_own *own, const struct ifaddrs *record)
{
	const struct sockaddr *sa = record->ifa_addr;

	if ((record->ifa_flags & IFF_UP) == 0) {
		memccpy(own->down, record->ifa_name, '\0', sizeof(own->down));
		own->down[sizeof(own->down) - 1] = '\0';
		return;
	}
	own->has_link |= (record->ifa_flags & LINK_CARRIER) != 0;
	if (sa == NULL)
		return;
	if (sa->sa_family == AF_INET)
		own->has_ipv4 = true;
	if (sa->sa_family == AF_INET6 &&
	    !IN6_IS_ADDR_LINKLOCAL(&((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr))
		own->has_ipv6 = true;
}

int route_own(struct stepper *st, struct route_own *own)
{
	struct probe probe = probe_begin(st, STEP_PROBE);
	struct ifaddrs *list;
	int ret = getifaddrs(&list) == -1 ? -errno : 0;

	probe_end(&probe, NULL, ret, "getifaddrs()");
	if (ret < 0)
		return ret;
	*own = (struct route_own){ 0 };
	for (int loopback = 0; loopback <= 1; loopback++) {
		for (const struct ifaddrs *record = list; record != NULL; record = record->ifa_next) {
			const struct sockaddr *sa = record->ifa_addr;
			bool is_loopback = (record->ifa_flags & IFF_LOOPBACK) != 0;

			if (is_loopback != (loopback == 1))
				continue;
			if (!is_loopback)
				own_look(own, record);
			if (sa != NULL && (record->ifa_flags & IFF_UP) != 0 &&
			    (sa->sa_family == AF_INET || sa->sa_family == AF_INET6))
				own_add(own, sa);
		}
	}
	freeifaddrs(list);
	return 0;
}
