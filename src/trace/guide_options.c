/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guide: options, flags and queues of sockets. Texts only. */
#include "trace/guide_topics.h"

#include "base/i18n.h"
#include "base/util.h"

static const struct guide_topic topics[] = {
	{
		.name = "SO_REUSEADDR",
		.aliases = "reuseaddr reuse-address no-reuseaddr",
		.title = N_("bind a port although old connections of it rest"),
		.lead = N_(
			"SO_REUSEADDR lets bind() take a port while connections of it that "
			"have ended are still in TIME_WAIT."),
		.text = N_(
			"It does not let two sockets listen on the same address and port.\n\n"
			"sockt sets it on TCP listeners, since otherwise a server could not "
			"be started again for 60 s after it ended. --no-reuseaddr leaves it "
			"away, to see why: end a listener that closed first, start it "
			"again, and bind() fails with EADDRINUSE. It is off for UDP, where "
			"it would let two programs share a port unnoticed.\n\n"
			"See socket(7), ip(7), 'sockt help TIME_WAIT'."),
	},
	{
		.name = "SO_REUSEPORT",
		.aliases = "reuseport",
		.title = N_("several sockets share one port"),
		.lead = N_(
			"With SO_REUSEPORT several sockets may be bound to one address and "
			"port, and the kernel spreads clients over them."),
		.text = N_(
			"All of them have to set it. sockt sets it for 'sockt relay "
			"--workers', and where --reuseport asks for it: two programs on one "
			"port by mistake would each get a part of the clients.\n\n"
			"See socket(7)."),
	},
	{
		.name = "IPV6_V6ONLY",
		.aliases = "v6only",
		.title = N_("may an IPv6 socket speak IPv4 too?"),
		.lead = N_(
			"IPV6_V6ONLY says whether a socket of IPv6 is for IPv6 alone (1) or "
			"takes IPv4 too (0)."),
		.text = N_(
			"With 0 the clients of IPv4 at a socket bound to [::] have "
			"addresses like ::ffff:127.0.0.1. The default of the system is "
			"net.ipv6.bindv6only.\n\n"
			"sockt sets it to 0 for a listener without an address, so that one "
			"socket serves both, and to 1 where IPv6 alone is asked for (-6, "
			"tcp6). An address that was written, as [::], is left to the "
			"default of the system. It has to be set before bind().\n\n"
			"See ipv6(7), 'sockt help dual-stack'."),
	},
	{
		.name = "TCP_NODELAY",
		.aliases = "nodelay",
		.title = N_("send small pieces at once"),
		.lead = N_(
			"TCP_NODELAY switches Nagle's algorithm off: a small piece leaves "
			"at once, and does not wait until the one before is acknowledged."),
		.text = N_(
			"Good where answers are waited for (typing, games), of no use for "
			"large transfers. Off here unless the endpoint says so: "
			"9000,nodelay. A relay sets it on both sides, unless nodelay=0 is "
			"said.\n\n"
			"See tcp(7), 'sockt help nagle'."),
	},
	{
		.name = "SO_KEEPALIVE",
		.aliases = "",
		.title = N_("ask a silent peer whether it is still there"),
		.lead = N_(
			"With SO_KEEPALIVE the kernel asks a silent peer now and then "
			"whether it is still there."),
		.text = N_(
			"It sends small probes, by default after two hours, then every 75 "
			"s; nine without an answer end it with ETIMEDOUT. Off here unless "
			"--keepalive or the endpoint says so (9000,keepalive); with a time, "
			"--keepalive=30, the first comes after that much silence "
			"(TCP_KEEPIDLE). A relay sets it on both sides, unless keepalive=0 "
			"is said.\n\n"
			"See tcp(7) under tcp_keepalive_time, socket(7), 'sockt help "
			"keepalive'."),
	},
	{
		.name = "SO_LINGER",
		.aliases = "linger so-linger-0",
		.title = N_("what close() does with unsent data"),
		.lead = N_(
			"SO_LINGER says what close() does with data that are still unsent."),
		.text = N_(
			"Off (the default): close() returns at once, the kernel goes on "
			"sending in the background. On with a time: close() waits. On with "
			"the time 0: close() throws unsent data away and sends RST instead "
			"of FIN.\n\n"
			"sockt uses the last form where a connection has to be broken off, "
			"so that the peer does not take it for a clean end. With 'sockt relay "
			"--workers' the sockets have it from the start and until they are "
			"closed: where a worker is killed, its sessions are reset.\n\n"
			"See socket(7), RFC 9293 section 3.9.1 (ABORT)."),
	},
	{
		.name = "SO_ERROR",
		.aliases = "pending-error",
		.title = N_("the error that waits in a socket"),
		.lead = N_(
			"SO_ERROR is the error that waits in a socket; reading it clears "
			"it."),
		.text = N_(
			"An error that happened between two calls (a RST, an ICMP message, "
			"the end of a connect) waits in the socket. It is fetched by "
			"reading SO_ERROR, or by the next send() or recv(). 0: none.\n\n"
			"See socket(7), 'sockt help connected'."),
	},
	{
		.name = "TCP_INFO",
		.aliases = "tcpinfo rtt cwnd retransmits",
		.title = N_("what the kernel knows of a connection"),
		.lead = N_(
			"TCP_INFO is what the kernel knows of a connection."),
		.text = N_(
			"state (see 'sockt help states'); rtt: the round trip time; mss: "
			"bytes of data in one packet; cwnd: packets that may be under way "
			"without an acknowledgement; retransmits: packets sent again. Of a "
			"listener: the length and limit of its accept queue.\n\n"
			"Shown with -vv at turning points. A rising number of retransmits "
			"means that packets are lost.\n\n"
			"See tcp(7), ss(8) with -i."),
	},
	{
		.name = "SO_SNDBUF",
		.aliases = "sndbuf send-buffer",
		.title = N_("size of the send buffer"),
		.lead = N_(
			"SO_SNDBUF is the size of the send buffer: how many bytes send() "
			"may hand over before they are acknowledged."),
		.text = N_(
			"Linux doubles a value that is set, for its own book-keeping, and "
			"shows the doubled one. Not set, the kernel lets the buffer of a "
			"TCP socket grow by itself, up to tcp_wmem; setting it switches "
			"that off. -vv shows the real size. An endpoint sets it with "
			"sndbuf=SIZE.\n\n"
			"See socket(7), tcp(7)."),
	},
	{
		.name = "SO_RCVBUF",
		.aliases = "rcvbuf receive-buffer window",
		.title = N_("size of the receive buffer"),
		.lead = N_(
			"SO_RCVBUF is the size of the receive buffer: how many bytes may "
			"wait here unread."),
		.text = N_(
			"What is free of it is announced to the peer as the window: a full "
			"buffer stops the peer. Linux doubles a value that is set. Not set, "
			"the buffer of a TCP socket grows by itself, up to tcp_rmem. On UDP "
			"what finds no room is lost. An endpoint sets it with rcvbuf=SIZE.\n\n"
			"See socket(7), tcp(7), udp(7)."),
	},
	{
		.name = "SIOCOUTQ",
		.aliases = "outq send-queue unacknowledged",
		.title = N_("how much is sent and not acknowledged"),
		.text = N_(
			"ioctl(fd, SIOCOUTQ) tells how many bytes of a TCP socket wait in "
			"the send queue: not sent yet, or sent and not acknowledged. A FIN "
			"of ours counts as one. 0 means that the peer's kernel has "
			"everything; it does not say that the peer's program has read it.\n\n"
			"sockt asks it after the last byte, and again until it is 0, "
			"before it says that all went well (status 0).\n\n"
			"See tcp(7), 'sockt help exit-status'."),
	},
	{
		.name = "SIOCINQ",
		.aliases = "fionread inq unread receive-queue",
		.title = N_("how much has arrived and is unread"),
		.text = N_(
			"ioctl(fd, SIOCINQ), or FIONREAD, tells how many bytes can be read "
			"now; of UDP the size of the next datagram.\n\n"
			"See tcp(7), udp(7)."),
	},
	{
		.name = "IP_RECVERR",
		.aliases = "ipv6-recverr recverr",
		.title = N_("keep ICMP errors with their sender"),
		.lead = N_(
			"This option makes the kernel keep each ICMP error of the socket, "
			"with its sender, and report it at once."),
		.text = N_(
			"The errors wait in the error queue of the socket; without the "
			"option a datagram socket is told some of them only, by the errno "
			"alone, and one that is not connected none. sockt sets it on UDP "
			"clients, so that it can say who refused.\n\n"
			"See ip(7), 'sockt help recvmsg'."),
	},
	{
		.name = "UDP_GRO",
		.aliases = "receive-offload",
		.title = N_("one receive may be a run of datagrams"),
		.lead = N_(
			"With UDP_GRO one call may receive a run of datagrams of equal "
			"sizes from one sender."),
		.text = N_(
			"The kernel tells their size beside them. A relay sets it where "
			"datagrams are many: one way into the kernel serves for a whole "
			"run.\n\n"
			"See udp(7), 'sockt help recvmmsg'."),
	},
	{
		.name = "UDP_SEGMENT",
		.aliases = "send-offload",
		.title = N_("one send is a run of datagrams"),
		.lead = N_(
			"UDP_SEGMENT has the bytes of one call cut into datagrams of this "
			"size."),
		.text = N_(
			"A relay gives it with a message where a run of datagrams of equal "
			"sizes is to be sent.\n\n"
			"See udp(7), 'sockt help sendmsg'."),
	},
	{
		.name = "IP_PKTINFO",
		.aliases = "ipv6-recvpktinfo ipv6-pktinfo pktinfo",
		.title = N_("which of our addresses a datagram came to"),
		.lead = N_(
			"With this option each datagram tells which address of this host it "
			"was sent to."),
		.text = N_(
			"A server on a host of several addresses needs it to answer from "
			"the address that was written to: a client takes an answer from "
			"another one for a stranger's. IPV6_RECVPKTINFO is the same for "
			"IPv6.\n\n"
			"See ip(7), ipv6(7), 'sockt help sendmsg'."),
	},
	{
		.name = "MSG_NOSIGNAL",
		.aliases = "msg-flags",
		.title = N_("send(): the error EPIPE, but no SIGPIPE"),
		.text = N_(
			"Without this flag a write to a connection that is gone sends the "
			"signal SIGPIPE, which ends a program that does not handle it.\n\n"
			"See send(2), 'sockt help SIGPIPE'."),
	},
	{
		.name = "MSG_DONTWAIT",
		.aliases = "dontwait",
		.title = N_("do not wait in this one call"),
		.text = N_(
			"The call says EAGAIN where it would have to wait, even if the "
			"descriptor as a whole is a blocking one.\n\n"
			"See send(2), recv(2), 'sockt help blocking'."),
	},
	{
		.name = "MSG_TRUNC",
		.aliases = "truncated truncation",
		.title = N_("a datagram did not fit the buffer"),
		.text = N_(
			"recv() returns with this flag when a datagram was longer than the "
			"buffer: the rest is lost. sockt says so.\n\n"
			"See recv(2)."),
	},
	{
		.name = "SOCK_NONBLOCK",
		.aliases = "o-nonblock nonblock",
		.title = N_("calls on this descriptor do not wait"),
		.text = N_(
			"Given to socket() and accept4(); the same as O_NONBLOCK set by "
			"fcntl(). sockt sets it on every socket of its own, never on the "
			"standard input and output it was given, since other programs "
			"share those. The text of the trace leaves it out, JSON shows it.\n\n"
			"See socket(2), 'sockt help blocking'."),
	},
	{
		.name = "SOCK_CLOEXEC",
		.aliases = "o-cloexec cloexec close-on-exec",
		.title = N_("a program that is started does not inherit it"),
		.text = N_(
			"Given to socket() and accept4(). Without it a child would hold "
			"the connection open after this program has closed it, and the "
			"peer would never see its end. The text of the trace leaves it "
			"out, JSON shows it.\n\n"
			"See socket(2), open(2)."),
	},
};

const struct guide_topics guide_topics_options = { topics, ARRAY_LEN(topics) };
