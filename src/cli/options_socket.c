/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options that are set on the socket: each is one of the table in endpoint/sockopt.h, by its short name. */
#include "cli/options_records.h"

/* What they have in common: they are read once the endpoint is known. */
#define SETS(its_name) .name = its_name, .commands = BOTH, .apply = apply_sockopt

const struct option_record options_socket[] = {
	[OPTION_SOCKOPT - OPTION_FIRST_SOCKET] = {
		SETS("sockopt"),
		.argument = "NAME=VALUE",
		.help = N_("set a socket option by its name in socket(7), tcp(7), ip(7) ..., or as LEVEL:NUMBER"),
	},
	[OPTION_NODELAY - OPTION_FIRST_SOCKET] = {
		SETS("nodelay"),
		.help = N_("send small pieces at once (TCP_NODELAY)"),
	},
	[OPTION_KEEPALIVE - OPTION_FIRST_SOCKET] = {
		SETS("keepalive"),
		.argument = "[=TIME]",
		.is_optional = true,
		.help = N_("ask a silent peer whether it is still there, after TIME of silence (SO_KEEPALIVE)"),
	},
	[OPTION_TTL - OPTION_FIRST_SOCKET] = {
		SETS("ttl"),
		.argument = "N",
		.help = N_("how many routers a packet may pass, 1 to 255 (IP_TTL, IPV6_UNICAST_HOPS)"),
	},
	[OPTION_TOS - OPTION_FIRST_SOCKET] = {
		SETS("tos"),
		.argument = "N",
		.help = N_("the traffic class of packets, 0 to 255 (IP_TOS, IPV6_TCLASS)"),
	},
	[OPTION_DSCP - OPTION_FIRST_SOCKET] = {
		SETS("dscp"),
		.argument = "CLASS",
		.help = N_("the same by its upper six bits: AF21, EF, CS6 or 0 to 63"),
	},
	[OPTION_SNDBUF - OPTION_FIRST_SOCKET] = {
		SETS("sndbuf"),
		.argument = "SIZE",
		.help = N_("size of the send buffer (SO_SNDBUF)"),
	},
	[OPTION_RCVBUF - OPTION_FIRST_SOCKET] = {
		SETS("rcvbuf"),
		.argument = "SIZE",
		.help = N_("size of the receive buffer (SO_RCVBUF)"),
	},
	[OPTION_LINGER - OPTION_FIRST_SOCKET] = {
		SETS("linger"),
		.argument = "TIME",
		.help = N_("close() waits so long for what is unacknowledged; 0: it resets (SO_LINGER)"),
	},
	[OPTION_MSS - OPTION_FIRST_SOCKET] = {
		SETS("mss"),
		.argument = "N",
		.help = N_("bytes of a TCP segment at most, 88 to 32767 (TCP_MAXSEG)"),
	},
	[OPTION_INTERFACE - OPTION_FIRST_SOCKET] = {
		SETS("interface"),
		.argument = "NAME",
		.help = N_("send and receive by this interface only (SO_BINDTODEVICE)"),
	},
	[OPTION_MARK - OPTION_FIRST_SOCKET] = {
		SETS("mark"),
		.argument = "N",
		.help = N_("mark packets for routing rules and firewalls (SO_MARK); for root"),
	},
	[OPTION_REUSEPORT - OPTION_FIRST_SOCKET] = {
		SETS("reuseport"),
		.help = N_("share the port with other sockets that say so too (SO_REUSEPORT)"),
	},
	[OPTION_FASTOPEN - OPTION_FIRST_SOCKET] = {
		SETS("fastopen"),
		.argument = "[=N]",
		.is_optional = true,
		.help = N_("the first data go with the SYN (TCP_FASTOPEN_CONNECT)"),
		.other = { { LISTEN, N_("take data that come with the SYN, from N clients at once (TCP_FASTOPEN)") } },
	},
	[OPTION_CONGESTION - OPTION_FIRST_SOCKET] = {
		SETS("congestion"),
		.argument = "NAME",
		.help = N_("the congestion control of TCP: reno, cubic, bbr (TCP_CONGESTION)"),
	},
	[OPTION_USER_TIMEOUT - OPTION_FIRST_SOCKET] = {
		SETS("user-timeout"),
		.argument = "TIME",
		.help = N_("give up when what was sent is not acknowledged for so long (TCP_USER_TIMEOUT)"),
	},
	[OPTION_BROADCAST - OPTION_FIRST_SOCKET] = {
		SETS("broadcast"),
		.help = N_("let datagrams go to a broadcast address (SO_BROADCAST)"),
	},
	[OPTION_FREEBIND - OPTION_FIRST_SOCKET] = {
		SETS("freebind"),
		.help = N_("bind to an address that this host does not have yet (IP_FREEBIND)"),
	},
	[OPTION_TRANSPARENT - OPTION_FIRST_SOCKET] = {
		SETS("transparent"),
		.help = N_("bind to addresses of others (IP_TRANSPARENT); for root"),
	},
	[OPTION_MD5_KEY_FILE - OPTION_FIRST_SOCKET] = {
		.name = "md5-key-file",
		.argument = "FILE",
		.commands = BOTH,
		.apply = apply_text,
		.offset = FILLS(md5_key_file),
		.help = N_("sign TCP segments with the key in this file, and take none without (TCP_MD5SIG)"),
	},
	[OPTION_JOIN - OPTION_FIRST_SOCKET] = {
		SETS("join"),
		.argument = "GROUP[@NAME]",
		.help = N_("receive what is sent to this multicast group, by this interface; may be repeated"),
	},
	[OPTION_MULTICAST_TTL - OPTION_FIRST_SOCKET] = {
		SETS("multicast-ttl"),
		.argument = "N",
		.help = N_("how many routers a packet to a group may pass; 1 unless given"),
	},
	[OPTION_MULTICAST_LOOP - OPTION_FIRST_SOCKET] = {
		SETS("multicast-loop"),
		.argument = "on|off",
		.help = N_("this host gets what it sends to a group: on unless off is said"),
	},
	[OPTION_MULTICAST_IF - OPTION_FIRST_SOCKET] = {
		SETS("multicast-if"),
		.argument = "NAME",
		.help = N_("send to groups by this interface, or by the one with this address"),
	},
};

static_assert(ARRAY_LEN(options_socket) == OPTION_END_SOCKET - OPTION_FIRST_SOCKET, "a record for each id");
