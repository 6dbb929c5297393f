/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of socket options that name a multicast group or an interface: see text_group.h. */
#include "trace/text_group.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static void add_group4(struct text *line, const void *value)
{
	char group[INET_ADDRSTRLEN], address[INET_ADDRSTRLEN];
	struct ip_mreqn request;

	memcpy(&request, value, sizeof(request));
	text_addf(line, "{imr_multiaddr=%s, imr_address=%s, imr_ifindex=%d}",
		  inet_ntop(AF_INET, &request.imr_multiaddr, group, sizeof(group)),
		  inet_ntop(AF_INET, &request.imr_address, address, sizeof(address)), request.imr_ifindex);
}

static void add_group6(struct text *line, const void *value)
{
	char group[INET6_ADDRSTRLEN];
	struct ipv6_mreq request;

	memcpy(&request, value, sizeof(request));
	text_addf(line, "{ipv6mr_multiaddr=%s, ipv6mr_interface=%u}",
		  inet_ntop(AF_INET6, &request.ipv6mr_multiaddr, group, sizeof(group)), request.ipv6mr_interface);
}

bool text_sockopt_add_group(struct text *line, const union step_args *args, const void *value, size_t len)
{
	int level = args->sockopt.level, optname = args->sockopt.optname;

	if (value == NULL)
		return false;
	if (level == IPPROTO_IP && len == sizeof(struct ip_mreqn) &&
	    (optname == IP_ADD_MEMBERSHIP || optname == IP_DROP_MEMBERSHIP || optname == IP_MULTICAST_IF)) {
		add_group4(line, value);
		return true;
	}
	if (level == IPPROTO_IPV6 && len == sizeof(struct ipv6_mreq) &&
	    (optname == IPV6_JOIN_GROUP || optname == IPV6_LEAVE_GROUP)) {
		add_group6(line, value);
		return true;
	}
	return false;
}
