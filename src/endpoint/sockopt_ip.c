/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of IPv4 and IPv6: ip(7), ipv6(7). Where both have one it has the same short name. */
#include <limits.h>
#include <netinet/in.h>

#include "endpoint/sockopt_tables.h"

#define OF(its_family, its_protocols) .families = SOCKOPT_##its_family, .protocols = its_protocols
#define IP(its, type, phase)										\
	.constant = #its, .optname = its,								\
	IS(IPPROTO_IP, type, phase), OF(IPV4, ON_IP)
#define IP_BOOL(its, phase)										\
	.constant = #its, .optname = its,								\
	IS_BOOL(IPPROTO_IP, phase), OF(IPV4, ON_IP)
#define IP_UDP(its, type, phase)										\
	.constant = #its, .optname = its,								\
	IS(IPPROTO_IP, type, phase), OF(IPV4, ON_UDP)
#define IP_UDP_BOOL(its, phase)										\
	.constant = #its, .optname = its,								\
	IS_BOOL(IPPROTO_IP, phase), OF(IPV4, ON_UDP)
#define IPV6(its, type, phase)										\
	.constant = #its, .optname = its,								\
	IS(IPPROTO_IPV6, type, phase), OF(IPV6, ON_IP)
#define IPV6_BOOL(its, phase)										\
	.constant = #its, .optname = its,								\
	IS_BOOL(IPPROTO_IPV6, phase), OF(IPV6, ON_IP)
#define IPV6_UDP(its, type, phase)										\
	.constant = #its, .optname = its,								\
	IS(IPPROTO_IPV6, type, phase), OF(IPV6, ON_UDP)
#define IPV6_UDP_BOOL(its, phase)										\
	.constant = #its, .optname = its,								\
	IS_BOOL(IPPROTO_IPV6, phase), OF(IPV6, ON_UDP)

/* The same words for a pair: of them help shows the first. */
#define HELP_TTL N_("how many routers a packet may pass")
#define HELP_TOS N_("the traffic class of packets, DSCP and ECN together (8 bits)")
#define HELP_DSCP N_("the class of service of packets: AF21, EF, CS6 or 0 to 63")
#define HELP_FREEBIND N_("bind to an address that this host does not have yet")
#define HELP_TRANSPARENT N_("bind to addresses of others (TPROXY); for root (CAP_NET_ADMIN)")
#define HELP_JOIN N_("receive what is sent to this multicast group")
#define HELP_MULTICAST_TTL N_("how many routers a packet to a group may pass; 1 unless given")
#define HELP_MULTICAST_LOOP N_("this host gets what it sends to a group: on unless off is said")
#define HELP_MULTICAST_IF N_("send to groups by this interface")
#define HELP_MTU_DISCOVER N_("packets that are too large: 0 cut them, 1 as the route says, 2 never, 3 nor learn")
#define HELP_MIN_TTL N_("drop packets that have passed more routers: the least TTL they may come with")
#define HELP_MULTICAST_ALL N_("receive what any socket of this host has joined")
#define HELP_UNICAST_IF N_("send by this interface where no route says otherwise")
#define HELP_RECVERR N_("queue ICMP errors, with who sent them")

const struct sockopt sockopt_rows_ip[] = {
	{ IP(IP_TTL, INT, BEFORE_CONNECT), .name = "ttl", .min = 1, .max = UINT8_MAX, .help = HELP_TTL },
	{ IP(IP_TOS, INT, BEFORE_CONNECT), .name = "tos", .max = UINT8_MAX, .help = HELP_TOS },
	{ IP(IP_TOS, DSCP, BEFORE_CONNECT), .name = "dscp", .max = 63, .help = HELP_DSCP },
	{ IP_BOOL(IP_FREEBIND, BEFORE_BIND), .name = "freebind", .help = HELP_FREEBIND },
	{ IP_BOOL(IP_TRANSPARENT, BEFORE_BIND), .name = "transparent", .help = HELP_TRANSPARENT },
	{ IP_UDP(IP_ADD_MEMBERSHIP, GROUP, BEFORE_CONNECT), .name = "join", .is_repeatable = true,
	  .is_write_only = true, .help = HELP_JOIN },
	{ IP_UDP(IP_MULTICAST_TTL, INT, BEFORE_CONNECT), .name = "multicast-ttl", .max = UINT8_MAX,
	  .help = HELP_MULTICAST_TTL },
	{ IP_UDP_BOOL(IP_MULTICAST_LOOP, BEFORE_CONNECT), .name = "multicast-loop",
	  .help = HELP_MULTICAST_LOOP },
	{ IP_UDP(IP_MULTICAST_IF, SENDER, BEFORE_CONNECT), .name = "multicast-if",
	  .is_write_only = true, .help = HELP_MULTICAST_IF },
	{ IP_UDP_BOOL(IP_MULTICAST_ALL, BEFORE_CONNECT), .help = HELP_MULTICAST_ALL },
	{ IP(IP_MTU_DISCOVER, INT, BEFORE_CONNECT), .max = 5, .help = HELP_MTU_DISCOVER },
	{ IP(IP_MINTTL, INT, BEFORE_CONNECT), .name = "min-ttl", .max = UINT8_MAX, .help = HELP_MIN_TTL },
	{ IP(IP_OPTIONS, BYTES, BEFORE_CONNECT),
	  .help = N_("options of the IP header, such as a source route") },
	{ IP(IP_UNICAST_IF, INDEX_BE, BEFORE_CONNECT), .help = HELP_UNICAST_IF },
	{ IP_BOOL(IP_BIND_ADDRESS_NO_PORT, BEFORE_BIND),
	  .help = N_("a client's port is chosen by connect(), not by bind()") },
	{ IP_BOOL(IP_RECVERR, BEFORE_BIND), .help = HELP_RECVERR },
	{ IP_UDP_BOOL(IP_PKTINFO, CONNECTED),
	  .help = N_("where a datagram came in, to who asks by recvmsg()") },
	{ IP_UDP_BOOL(IP_RECVTTL, CONNECTED),
	  .help = N_("the TTL a datagram came with, to who asks by recvmsg()") },
	{ IP_UDP_BOOL(IP_RECVTOS, CONNECTED),
	  .help = N_("the class a datagram came with, to who asks by recvmsg()") },
	{ .constant = NULL },
};

const struct sockopt sockopt_rows_ipv6[] = {
	{ IPV6_BOOL(IPV6_V6ONLY, BEFORE_BIND), .name = "v6only", .help = N_("an IPv6 socket that takes no IPv4") },
	{ IPV6(IPV6_UNICAST_HOPS, INT, BEFORE_CONNECT), .name = "ttl", .min = 1, .max = UINT8_MAX,
	  .help = HELP_TTL },
	{ IPV6(IPV6_TCLASS, INT, BEFORE_CONNECT), .name = "tos", .max = UINT8_MAX, .help = HELP_TOS },
	{ IPV6(IPV6_TCLASS, DSCP, BEFORE_CONNECT), .name = "dscp", .max = 63, .help = HELP_DSCP },
	{ IPV6_BOOL(IPV6_FREEBIND, BEFORE_BIND), .name = "freebind", .help = HELP_FREEBIND },
	{ IPV6_BOOL(IPV6_TRANSPARENT, BEFORE_BIND), .name = "transparent", .help = HELP_TRANSPARENT },
	{ IPV6_UDP(IPV6_JOIN_GROUP, GROUP6, BEFORE_CONNECT), .name = "join", .is_repeatable = true,
	  .is_write_only = true, .help = HELP_JOIN },
	{ IPV6_UDP(IPV6_MULTICAST_HOPS, INT, BEFORE_CONNECT), .name = "multicast-ttl",
	  .max = UINT8_MAX, .help = HELP_MULTICAST_TTL },
	{ IPV6_UDP_BOOL(IPV6_MULTICAST_LOOP, BEFORE_CONNECT), .name = "multicast-loop",
	  .help = HELP_MULTICAST_LOOP },
	{ IPV6_UDP(IPV6_MULTICAST_IF, INDEX, BEFORE_CONNECT), .name = "multicast-if",
	  .help = HELP_MULTICAST_IF },
	{ IPV6_UDP_BOOL(IPV6_MULTICAST_ALL, BEFORE_CONNECT), .help = HELP_MULTICAST_ALL },
	{ IPV6(IPV6_MTU_DISCOVER, INT, BEFORE_CONNECT), .max = 5, .help = HELP_MTU_DISCOVER },
	{ IPV6(IPV6_MTU, INT, BEFORE_CONNECT), .min = 1280, .max = UINT16_MAX,
	  .help = N_("packets are at most so long") },
	{ IPV6(IPV6_MINHOPCOUNT, INT, BEFORE_CONNECT), .name = "min-ttl", .max = UINT8_MAX, .help = HELP_MIN_TTL },
	{ IPV6(IPV6_UNICAST_IF, INDEX_BE, BEFORE_CONNECT), .help = HELP_UNICAST_IF },
	{ IPV6_UDP_BOOL(IPV6_DONTFRAG, BEFORE_CONNECT), .help = N_("never cut a datagram") },
	{ IPV6_BOOL(IPV6_AUTOFLOWLABEL, BEFORE_CONNECT), .help = N_("the kernel gives each flow a label") },
	{ IPV6(IPV6_ADDR_PREFERENCES, INT, BEFORE_BIND), .max = UINT16_MAX,
	  .help = N_("which own address to prefer: 1 temporary, 2 public (RFC 5014)") },
	{ IPV6_BOOL(IPV6_RECVERR, BEFORE_BIND), .help = HELP_RECVERR },
	{ IPV6_UDP_BOOL(IPV6_RECVPKTINFO, CONNECTED),
	  .help = N_("where a datagram came in, to who asks by recvmsg()") },
	{ IPV6_UDP_BOOL(IPV6_RECVHOPLIMIT, CONNECTED),
	  .help = N_("the hop limit a datagram came with, to who asks by recvmsg()") },
	{ IPV6_UDP_BOOL(IPV6_RECVTCLASS, CONNECTED),
	  .help = N_("the class a datagram came with, to who asks by recvmsg()") },
	{ .constant = NULL },
};
