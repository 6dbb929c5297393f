/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guide: the calls made only to look, and the records that are no calls. Texts only. */
#include "trace/guide_topics.h"

#include "base/i18n.h"
#include "base/util.h"

static const struct guide_topic topics[] = {
	{
		.name = "state",
		.aliases = "state-change",
		.title = N_("the state of a socket has changed without a call"),
		.lead = N_(
			"The state of a TCP socket changes when packets arrive, too, and "
			"not only when the program calls something."),
		.text = N_(
			"Not a call: a record of the trace. sockt looks with TCP_INFO after "
			"each step that can change it, and prints the old and the new one: "
			"ESTABLISHED -> CLOSE_WAIT. One that came and went between two "
			"looks, as on loopback, is not seen. 'sockt help states' lists all "
			"states.\n\n"
			"See RFC 9293 section 3.3.2."),
	},
	{
		.name = "packet",
		.aliases = "packets tcpdump sniffer",
		.title = N_("a packet of a connection was seen on its way"),
		.lead = N_(
			"A packet is what really passes on the network. One send() may "
			"become several, several may become one, and SYN, FIN and "
			"acknowledgements belong to no send() at all."),
		.text = N_(
			"A record of the trace, with --packets. Each line has our port to "
			"the left, the peer's to the right, and "
			"an arrow for the direction; then the flags: S (SYN) opens, F (FIN) "
			"ends one direction, R (RST) ends at once, A acknowledges, P (PSH) "
			"asks to hand on what came; seq, the first byte of the segment, and "
			"ack, the next byte that is expected, both counted from the SYN; "
			"win, how many bytes the sender has room for; len, how many bytes "
			"of data it carries.\n\n"
			"Packets are read from an AF_PACKET socket with the kernel's time "
			"stamps, which needs CAP_NET_RAW; 'segments' and 'acknowledged' "
			"tell what is seen without.\n\n"
			"See RFC 9293 section 3.1, packet(7), capabilities(7)."),
	},
	{
		.name = "segments",
		.aliases = "segment segs-out segs-in",
		.title = N_("how many segments the kernel sent and received"),
		.lead = N_(
			"The kernel sends segments when it finds it right, not when a "
			"program calls; this is how many passed."),
		.text = N_(
			"Not a call: a record of the trace, where --packets is asked for "
			"and not allowed. The counters of the socket (TCP_INFO) tell how "
			"many passed during a call and how many between two, those without "
			"data too.\n\n"
			"During connect() there are 2 out (SYN, ACK) and 1 in (SYN-ACK). "
			"What is acknowledged is counted in sequence numbers: one for each "
			"byte, and one each for SYN and FIN.\n\n"
			"See tcp(7), RFC 4898."),
	},
	{
		.name = "acknowledged",
		.aliases = "acknowledgement acknowledgment ack timestamping",
		.title = N_("the peer's kernel has got what was sent"),
		.lead = N_(
			"The peer's kernel has acknowledged what was sent: it has these "
			"bytes."),
		.text = N_(
			"Not a call: a record of the trace at level 2, where --packets is "
			"asked for and not allowed. send() returns when our kernel has "
			"taken the bytes. When the peer's kernel has them it acknowledges "
			"them, and that is the time from the one to the other: the round "
			"trip, and how long the bytes waited to be sent. Whether the "
			"program there has read them is not known by it.\n\n"
			"The kernel tells it by a time stamp in the error queue of the "
			"socket (SO_TIMESTAMPING). With many sends one record stands for "
			"several.\n\n"
			"See socket(7), recvmsg(2) MSG_ERRQUEUE."),
	},
	{
		.name = "icmp",
		.aliases = "icmp-error icmpv6 offender",
		.title = N_("an ICMP error has come for a socket"),
		.lead = N_(
			"A host or a router that could not deliver a packet of ours has "
			"answered with an ICMP message."),
		.text = N_(
			"Not a call: a record of the trace. Such a message says why, and "
			"quotes the packet, so that the kernel finds the socket it is "
			"about. An error that a call returns does not say who sent it; the "
			"error queue does: the host that was asked, a router on the way, or "
			"a firewall.\n\n"
			"A TCP connection that is being made takes it as a hint and goes on "
			"asking for a while. To a UDP client it is the only answer that "
			"there may be.\n\n"
			"See icmp(7), ip(7) IP_RECVERR, RFC 792, RFC 4443."),
	},
	{
		.name = "note",
		.aliases = "",
		.title = N_("something a person should know"),
		.text = N_(
			"Not a call: a record of the trace with a sentence. For instance "
			"that there is no IPv6 on this host and 0.0.0.0 is used instead, "
			"that a datagram was cut off, or that another way of moving data "
			"was chosen and why."),
	},
	{
		.name = "end",
		.aliases = "summary",
		.title = N_("the summary of a connection"),
		.lead = N_(
			"This is the summary of one connection."),
		.text = N_(
			"Not a call: the last record of each connection in the trace. Bytes "
			"and calls in each direction, how long it was open, turns, who "
			"spoke first, who closed first, the shape (see 'sockt help "
			"conversation') and the rule that ended it (see 'sockt help "
			"ended').\n\n"
			"See sockt-trace(5)."),
	},
	{
		.name = "http-message",
		.aliases = "http message request reply head body status-line request-line",
		.title = N_("a request or a reply of HTTP"),
		.lead = N_(
			"HTTP speaks in messages: a request of the client, a reply of the "
			"server. TCP knows nothing of them: it carries bytes, and where a "
			"message ends is said by the message."),
		.text = N_(
			"Not a call: a record of the trace, with --http and --http-get. A message is a "
			"head, which is a first line, fields (NAME: VALUE) and an empty "
			"line, and perhaps a body. How long the body is stands in the head "
			"(Content-Length), or it comes in chunks that tell their sizes, or "
			"the end of the connection ends it.\n\n"
			"One message may come in several receives, and several in one: the "
			"record stands behind the receive that made it whole, and in front "
			"of the sends of one of ours.\n\n"
			"Of the answers of --http, --status, --header and --body say what "
			"is in them, and --keep-alive that more may follow; of the request "
			"of --http-get, --header.\n\n"
			"See RFC 9112, 'sockt help http'."),
	},
	{
		.name = "proxy",
		.aliases = "proxies socks socks4 socks4a socks5 socks5h tunnel hop",
		.title = N_("what is said to a proxy before the connection stands"),
		.lead = N_(
			"A proxy is a program that connects for others: the client connects "
			"to it, and says first where it wants to go."),
		.text = N_(
			"Not a call: a record of the trace, one for each answer. The kind of "
			"the proxy, its descriptor, what was asked for, and what the answer "
			"means:\n\n"
			"  socks5h 5: methods no authentication = no authentication\n"
			"  socks5h 5: CONNECT example.org:80 = granted\n\n"
			"There is one connection of ours, with the proxy, and the addresses "
			"of the trace are its; the proxy has another one, with the target, "
			"and passes on what comes, both ways. An answer that refuses tells "
			"how things look from the proxy.\n\n"
			"socks5h, socks4a and http give the proxy the name of the target, socks5 "
			"and socks4 its address, which is resolved here. http asks by "
			"CONNECT, the same by HTTP. With --proxy "
			"repeated the first proxy is asked for the second, and so on.\n\n"
			"  sockt connect -v --proxy socks5h://localhost:1080 example.org 80\n\n"
			"listen --proxy-server is the other side: a record says what a "
			"client asked for, and what came of it.\n\n"
			"See sockt-connect(1), RFC 1928, RFC 1929."),
	},
	{
		.name = "fault",
		.aliases = "faults chaos toxic netem latency jitter",
		.title = N_("a connection that is made bad on purpose"),
		.lead = N_(
			"This was asked for by --fault: a connection that is made bad on "
			"purpose."),
		.text = N_(
			"Not a call: a record of the trace. --fault makes a connection "
			"slow, cuts it off or damages it, to see what the programs at its "
			"ends make of that. Each time it does, one record says which fault, "
			"in which direction (up: from the client to the target, down: "
			"back), to how many bytes and for how long.\n\n"
			"Chance takes the same turns again with the same --seed.\n\n"
			"See sockt-relay(1)."),
	},
	{
		.name = "refused",
		.aliases = "access access-rules allow deny allowfile denyfile denied max-per-host",
		.title = N_("who may connect, and who was refused"),
		.lead = N_(
			"A client is not admitted: an access rule refuses it, or its host "
			"has as many connections as it may have."),
		.text = N_(
			"Not a call: a record of the trace. --deny refuses the addresses of "
			"its rules, --allow everybody who is in none of its rules; who is "
			"in both is refused; --allowfile and --denyfile read them from a "
			"file. --max-per-host N refuses a host that has N clients already.\n\n"
			"accept() tells the address of a client only when the kernel has "
			"made the connection: the client sees a connection that stands and "
			"is then reset. A firewall refuses earlier, before there is a "
			"connection. The listener goes on waiting for others.\n\n"
			"An address is no proof of who somebody is: others use the same "
			"host, or the same address behind a NAT, and UDP takes any source "
			"that a packet claims.\n\n"
			"See sockt(1), ACCESS."),
	},
	{
		.name = "info",
		.aliases = "kernel kernels-view rate delivery-rate limit limited limited-by sender-limit",
		.title = N_("what the kernel tells of a connection"),
		.lead = N_(
			"This is what the kernel tells of a socket."),
		.text = N_(
			"Not a call: a record of the trace, shown with -vv for each "
			"connection in every second in which data moved, and of a listener "
			"whenever its accept queue has changed.\n\n"
			"rtt: the round trip and how much it varies. mss: bytes in a "
			"segment. cwnd: segments that may be in flight. retransmits: "
			"segments sent again. Then the rate at which data arrived at the "
			"peer. unread: bytes that have come and wait for recv(). unacked: "
			"bytes that send() has taken and the peer's kernel has not "
			"acknowledged.\n\n"
			"limited by says what kept us from sending more, for which part of "
			"the time: the application (it had nothing to send), the receiver's "
			"window (the peer does not read fast enough), the congestion window "
			"(what was in flight had to be acknowledged first: the network), "
			"the send buffer (it is too small for this path). The kernel counts "
			"this itself.\n\n"
			"See sockt-trace(5), tcp(7)."),
	},
	{
		.name = "epoll_wait",
		.aliases = "epoll epoll-wait select readiness event-loop edge-triggered",
		.title = N_("wait until a descriptor is ready"),
		.lead = N_(
			"epoll_wait() sleeps until one of the program's descriptors can be "
			"read or written."),
		.text = N_(
			"A time limit or a signal ends it, too.\n\n"
			"Why: sockt never waits inside send() or recv(), since the other "
			"direction, other clients and the time limits would have to wait "
			"with it. It waits here for all of them at once.\n\n"
			"EPOLLIN: something can be read. EPOLLOUT: something can be "
			"written. EPOLLRDHUP: the peer sends no more. EPOLLHUP: both "
			"directions have ended. EPOLLERR: an error is there to be fetched. "
			"sockt registers each descriptor once, edge-triggered: a fact is "
			"told when it changes, and holds until a call says EAGAIN. Shown "
			"with -vvv.\n\n"
			"See epoll(7)."),
	},
	{
		.name = "poll",
		.aliases = "pollin pollout pollhup pollerr pollrdhup",
		.title = N_("ask which of several descriptors are ready"),
		.lead = N_(
			"poll() says which of some descriptors can be read or written without "
			"waiting; until one can be, it waits, for at most the time it is given."),
		.text = N_(
			"POLLIN: something can be read: data, the end, or on a listening socket "
			"a connection. POLLOUT: something can be written; on a socket that is "
			"connecting: the connect has ended, and SO_ERROR says how. POLLRDHUP: "
			"the peer sends no more. POLLHUP: both directions have ended. POLLERR: "
			"an error is there to be fetched.\n\n"
			"Why: a program that waits inside recv() of one socket hears nothing of "
			"the others. sockt itself waits with epoll_wait(), its faster relative; "
			"poll() is made by the statement 'poll' of the shell.\n\n"
			"See poll(2)."),
	},
	{
		.name = "fcntl",
		.aliases = "o-nonblock nonblock non-blocking",
		.title = N_("set how a descriptor behaves: whether its calls wait"),
		.lead = N_(
			"fcntl() with F_SETFL sets the flags of an open file; O_NONBLOCK among "
			"them makes calls on it return at once instead of waiting."),
		.text = N_(
			"What would have to wait then fails with EAGAIN, and connect() with "
			"EINPROGRESS.\n\n"
			"Why: one program can serve many sockets only if none of its calls "
			"waits for one of them; it waits in poll() or epoll_wait() for all of "
			"them. sockt makes its sockets non-blocking when they are born "
			"(SOCK_NONBLOCK); the statement 'nonblock' of the shell makes this "
			"call.\n\n"
			"See fcntl(2), poll(2)."),
	},
	{
		.name = "getsockopt",
		.aliases = "",
		.title = N_("look at an option of a socket"),
		.lead = N_(
			"getsockopt() reads an option of a socket."),
		.text = N_(
			"sockt uses it only to look: SO_ERROR after a connect, TCP_INFO for "
			"state, round trip time and retransmissions, SO_SNDBUF and "
			"SO_RCVBUF for the sizes of the buffers that the kernel really "
			"gave.\n\n"
			"Reading SO_ERROR also clears it: an error is reported once. Shown "
			"with -vvv, as \"observe\":true in JSON.\n\n"
			"See getsockopt(2), socket(7), tcp(7)."),
	},
	{
		.name = "getsockname",
		.aliases = "",
		.title = N_("look at the local address of a socket"),
		.lead = N_(
			"getsockname() asks which local address and port a socket has."),
		.text = N_(
			"Needed after bind() to port 0 and after connect(), when the kernel "
			"chose the port. Shown with -vvv.\n\n"
			"See getsockname(2), 'sockt help ephemeral-port'."),
	},
	{
		.name = "getpeername",
		.aliases = "",
		.title = N_("look at the address of the peer"),
		.lead = N_(
			"getpeername() asks to whom a socket is connected."),
		.text = N_(
			"Needed for a descriptor that was handed over (fd:N), where nobody "
			"has seen connect() or accept(). ENOTCONN: to nobody. Shown with "
			"-vvv.\n\n"
			"See getpeername(2)."),
	},
	{
		.name = "ioctl",
		.aliases = "",
		.title = N_("look at the queues of a socket"),
		.lead = N_(
			"ioctl() asks the kernel about a descriptor, here how many bytes "
			"wait in its queues."),
		.text = N_(
			"sockt asks SIOCOUTQ: how many bytes were sent and are not "
			"acknowledged yet; and FIONREAD (SIOCINQ): how many bytes have "
			"arrived and are unread.\n\n"
			"Why: only an empty send queue proves that the peer's kernel has "
			"everything. Without it a program would report success for data "
			"that never arrived. Shown with -vvv.\n\n"
			"See tcp(7), ioctl(2)."),
	},
	{
		.name = "recvmsg",
		.aliases = "error-queue errqueue msg-errqueue",
		.title = N_("read the error queue of a socket"),
		.lead = N_(
			"This recvmsg() only looks: it reads the socket's error queue, or "
			"an answer of the kernel's tables."),
		.text = N_(
			"With MSG_ERRQUEUE it takes one entry from the error queue of a "
			"socket. When a router or a host answers with an ICMP message (port "
			"unreachable, host unreachable, too big), the kernel keeps here "
			"what it said and who sent it.\n\n"
			"Why: ECONNREFUSED or EHOSTUNREACH alone do not tell whether the "
			"host itself refused or a router or firewall on the way. The entry "
			"does: its sender is shown. Also used to read the answers of the "
			"kernel's tables (netlink). Shown with -vvv.\n\n"
			"See ip(7) under IP_RECVERR, recvmsg(2)."),
	},
	{
		.name = "probe",
		.aliases = "sock-diag netlink diagnosis",
		.title = N_("a look at the kernel's tables, made only to explain an error"),
		.lead = N_(
			"A step has failed, and this call looks in the kernel's tables for "
			"the reason. It changes nothing."),
		.text = N_(
			"It tells which process holds the port (sock_diag(7) and /proc), "
			"whether the port rests in TIME_WAIT and for how long, whether "
			"there is a route. A run without errors makes none of these calls. "
			"Shown with -vvv.\n\n"
			"See sock_diag(7), proc(5)."),
	},
};

const struct guide_topics guide_topics_calls_look = { topics, ARRAY_LEN(topics) };
