/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guide: errors about addresses, hosts and connections. Texts only. */
#include "trace/guide_topics.h"

#include "base/i18n.h"
#include "base/util.h"

static const struct guide_topic topics[] = {
	{
		.name = "ECONNREFUSED",
		.aliases = "connection-refused refused",
		.title = N_("connection refused: the host is up, nobody listens there"),
		.lead = N_(
			"ECONNREFUSED: nobody listens there."),
		.text = N_(
			"TCP: the answer to our SYN was RST. The host is up and was "
			"reached, but no socket listens on this port at this address; or a "
			"firewall answers in its place. UDP: an earlier datagram was "
			"answered by ICMP 'port unreachable'; the next call on the socket "
			"reports it. Unix: the socket file is there, but no process "
			"listens on it.\n\n"
			"Look: is the server started, on this port, on this address "
			"(127.0.0.1 only, or IPv6 only)? On that host: ss -ltn, for UDP ss "
			"-lun.\n\n"
			"See connect(2), RFC 9293 section 3.5.2."),
	},
	{
		.name = "ETIMEDOUT",
		.aliases = "connection-timed-out timed-out",
		.title = N_("timed out: no answer, for as long as the kernel tried"),
		.text = N_(
			"During connect(): SYN was sent again and again for about two "
			"minutes and nothing came back, neither SYN-ACK nor RST nor ICMP. "
			"The host is off, the address is wrong, a firewall drops the "
			"packets, or the server's accept queue is full. On a connection "
			"that stood: data were sent again for about 15 minutes without an "
			"acknowledgement, or keepalive found nobody.\n\n"
			"Look: does the host answer ping, do other ports of it answer? -w "
			"sets a shorter limit.\n\n"
			"See tcp(7) under tcp_syn_retries and tcp_retries2."),
	},
	{
		.name = "EHOSTUNREACH",
		.aliases = "no-route-to-host host-unreachable unreachable",
		.title = N_("no route to host: the last part of the way is missing"),
		.text = N_(
			"A router said by ICMP that it cannot reach the host, or that it "
			"may not (a firewall that rejects with host-prohibited). On the "
			"own network: nobody answered the question for this address (ARP, "
			"or neighbour discovery), after about three seconds. Or the "
			"routing table has an 'unreachable' route.\n\n"
			"sockt names the sender of the ICMP message, where there was one: "
			"a sender that is not the host itself is a router or a firewall. "
			"Look: ip route get ADDRESS, ip neigh.\n\n"
			"See ip(7), icmp(7), 'sockt help recvmsg'."),
	},
	{
		.name = "ENETUNREACH",
		.aliases = "network-is-unreachable network-unreachable",
		.title = N_("network is unreachable: no route leads there"),
		.text = N_(
			"At once: this host has no route to that network; often an IPv6 "
			"address on a host that has only IPv4, or an interface that is "
			"down. Later: a router said 'net unreachable' by ICMP.\n\n"
			"Look: ip route get ADDRESS, ip -6 route. Where a name has "
			"addresses of both families, sockt tries the others too.\n\n"
			"See connect(2), ip(7)."),
	},
	{
		.name = "ENETDOWN",
		.aliases = "network-is-down",
		.title = N_("network is down: the interface is switched off"),
		.text = N_(
			"The interface that the packet has to leave by is down. Look: ip "
			"link.\n\n"
			"See ip-link(8), packet(7)."),
	},
	{
		.name = "EHOSTDOWN",
		.aliases = "host-is-down",
		.title = N_("host is down"),
		.text = N_(
			"The network layer knows that the host does not answer. Linux "
			"reports it for a few kinds of networks only; for IP a silent host "
			"on the own network is EHOSTUNREACH.\n\n"
			"See errno(3)."),
	},
	{
		.name = "ECONNRESET",
		.aliases = "connection-reset connection-reset-by-peer reset-by-peer",
		.title = N_("connection reset: the peer broke the connection off"),
		.text = N_(
			"The peer sent RST. Its program crashed or closed the socket while "
			"data of ours were unread there; it closed on purpose with "
			"SO_LINGER 0; its host was started anew and knows nothing of the "
			"connection; or a firewall gave the connection up. What we sent "
			"last may not have been read.\n\n"
			"What arrived before the RST is still delivered, then recv() "
			"reports this error once. sockt ends with status 5.\n\n"
			"See RFC 9293 section 3.5.3, 'sockt help RST'."),
	},
	{
		.name = "ECONNABORTED",
		.aliases = "connection-aborted software-caused-connection-abort",
		.title = N_("connection aborted on this side of it"),
		.text = N_(
			"At accept(): the client gave up while it waited in the accept "
			"queue; not an error of the server, sockt takes the next one. On a "
			"connection: this host itself broke it off, for instance an "
			"administrator with ss -K.\n\n"
			"See accept(2)."),
	},
	{
		.name = "EPIPE",
		.aliases = "broken-pipe",
		.title = N_("broken pipe: the direction written to is closed"),
		.text = N_(
			"send(): this side has shut its sending direction down, or the "
			"connection is gone: the first write after the peer's close drew a "
			"RST, this one finds it; or, of TCP, the socket never had a peer. "
			"write() to standard output: the program that read from the pipe "
			"has ended.\n\n"
			"The kernel sends SIGPIPE with it unless asked not to; sockt "
			"ignores that signal.\n\n"
			"See send(2), pipe(7), 'sockt help SIGPIPE'."),
	},
	{
		.name = "ENOTCONN",
		.aliases = "not-connected transport-endpoint-is-not-connected",
		.title = N_("not connected: the socket has no peer"),
		.text = N_(
			"send(), recv(), shutdown() or getpeername() on a socket that is "
			"not connected: connect() was not called, has failed, or is still "
			"under way; or a listening socket was given where a connected one "
			"is needed (fd:N).\n\n"
			"See recv(2), shutdown(2)."),
	},
	{
		.name = "EISCONN",
		.aliases = "already-connected transport-endpoint-is-already-connected",
		.title = N_("already connected"),
		.text = N_(
			"connect() or listen() on a socket that has a peer; or send() with "
			"an address on a connected stream. For another connection a new "
			"socket is made.\n\n"
			"See connect(2)."),
	},
	{
		.name = "EINPROGRESS",
		.aliases = "in-progress operation-now-in-progress",
		.title = N_("in progress: the connection is being made"),
		.text = N_(
			"No failure. connect() on a socket that does not block has sent "
			"SYN and did not wait. The verdict comes later: the step "
			"'connected'.\n\n"
			"See connect(2), 'sockt help connected'."),
	},
	{
		.name = "EALREADY",
		.aliases = "already-in-progress",
		.title = N_("already in progress: a connect() is under way"),
		.text = N_(
			"connect() was called again before the first one had its verdict.\n\n"
			"See connect(2)."),
	},
	{
		.name = "EADDRINUSE",
		.aliases = "address-in-use address-already-in-use port-in-use",
		.title = N_("address in use: a socket, or TIME_WAIT, holds this port"),
		.text = N_(
			"bind() or listen(): another socket has this port at this address, "
			"or at the wildcard address, which stands for all. Or, without "
			"SO_REUSEADDR, an ended connection of this port rests in "
			"TIME_WAIT. Unix: a file with this path exists already, perhaps "
			"left behind by a server that was killed.\n\n"
			"sockt says who holds the port, where it may see that. Look: ss "
			"-ltnp 'sport = :PORT'. Take another port, or 0 for a free one, or "
			"end the other program.\n\n"
			"See bind(2), ip(7), 'sockt help TIME_WAIT'."),
	},
	{
		.name = "EADDRNOTAVAIL",
		.aliases = "address-not-available cannot-assign-requested-address",
		.title = N_("address not available: it is not one of this host"),
		.text = N_(
			"bind() (or -s): no interface of this host has this address. "
			"connect(): all ephemeral ports towards this server are in use, or "
			"no local address suits the target (::1 where IPv6 is switched "
			"off).\n\n"
			"Look: ip address.\n\n"
			"See bind(2), ip(7) under ip_local_port_range."),
	},
	{
		.name = "EDESTADDRREQ",
		.aliases = "destination-address-required",
		.title = N_("no address: a datagram without a receiver"),
		.text = N_(
			"send() on a datagram socket that is not connected and without an "
			"address in the call.\n\n"
			"See send(2)."),
	},
	{
		.name = "EMSGSIZE",
		.aliases = "message-too-long",
		.title = N_("message too long for one datagram"),
		.text = N_(
			"A datagram has to leave in one piece. UDP over IPv4 takes at most "
			"65507 bytes; a Unix datagram must fit the send buffer; and a "
			"datagram that may not be divided must fit the path (MTU). A "
			"stream never reports this.\n\n"
			"Send smaller datagrams: --datagram SIZE.\n\n"
			"See udp(7), ip(7) under IP_MTU_DISCOVER."),
	},
	{
		.name = "EPROTO",
		.aliases = "protocol-error",
		.title = N_("protocol error"),
		.text = N_(
			"The protocol was broken: something came that may not come here. "
			"accept(2) names it for a connection that failed while it waited; "
			"sockt takes the next one.\n\n"
			"See accept(2)."),
	},
};

const struct guide_topics guide_topics_errors_net = { topics, ARRAY_LEN(topics) };
