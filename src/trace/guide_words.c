/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guide: words about addresses, protocols and descriptors. Texts only. */
#include "trace/guide_topics.h"

#include "base/i18n.h"
#include "base/util.h"

static const struct guide_topic topics[] = {
	{
		.name = "port",
		.aliases = "port-number ports service",
		.title = N_("a number that tells the sockets of one host apart"),
		.text = N_(
			"An IP address finds the host, the port finds the socket on it: a "
			"number from 1 to 65535. TCP and UDP have a set of ports each; TCP "
			"port 53 and UDP port 53 are different.\n\n"
			"Ports below 1024 need a privilege to be bound "
			"(ip_unprivileged_port_start). Well-known services have fixed "
			"ports and names for them (http 80), listed in /etc/services: see "
			"services(5). Port 0 is no port: bind() takes it as a request for "
			"a free one.\n\n"
			"See ip(7), RFC 6335."),
	},
	{
		.name = "ephemeral-port",
		.aliases = "ephemeral ephemeral-ports free-port port-0 local-port"
			   " source-port",
		.title = N_("a free port that the kernel picks"),
		.text = N_(
			"A client does not care about its own port, so connect() takes a "
			"free one; Linux from 32768 to 60999 (ip_local_port_range). bind() "
			"to port 0 does the same for a server: sockt listen 0. "
			"getsockname() tells which one it is; sockt shows it in the trace "
			"and writes it with --ready-fd. A client that is to come from a "
			"certain port says so: -p (--source-port).\n\n"
			"With tens of thousands of connections to one server they can run "
			"out: EADDRNOTAVAIL.\n\n"
			"See ip(7)."),
	},
	{
		.name = "loopback",
		.aliases = "localhost 127-0-0-1 lo",
		.title = N_("the network of a host with itself"),
		.text = N_(
			"127.0.0.1 (and all of 127.0.0.0/8) and ::1 never leave the host: "
			"the interface lo hands each packet back. A server bound there "
			"cannot be reached from other hosts, which makes it safe to try "
			"things.\n\n"
			"localhost usually has both addresses; a server on one of them is "
			"not found at the other.\n\n"
			"See ip(7), RFC 1122 section 3.2.1.3."),
	},
	{
		.name = "wildcard",
		.aliases = "any-address inaddr-any 0-0-0-0 unspecified-address",
		.title = N_("the address that stands for all of this host's"),
		.text = N_(
			"0.0.0.0 for IPv4 and [::] for IPv6. A server bound to it is "
			"reached at every address of the host, also from outside. To be "
			"reached from this host only, bind 127.0.0.1 or ::1.\n\n"
			"See ip(7), ipv6(7)."),
	},
	{
		.name = "dual-stack",
		.aliases = "ipv4-mapped mapped-address v4-mapped ipv6",
		.title = N_("one socket for IPv4 and IPv6"),
		.text = N_(
			"An IPv6 socket bound to [::] with IPV6_V6ONLY 0 also takes "
			"clients over IPv4. Their addresses appear as IPv6 ones: "
			"::ffff:127.0.0.1. The trace shows them as the kernel gives them; "
			"messages show the IPv4 address.\n\n"
			"sockt listens so when no address is given. Where a host has no "
			"IPv6 it listens on 0.0.0.0 and says so.\n\n"
			"See ipv6(7), RFC 4291 section 2.5.5.2."),
	},
	{
		.name = "happy-eyeballs",
		.aliases = "race candidates rfc-8305 address-race",
		.title = N_("trying several addresses, the first that answers wins"),
		.text = N_(
			"A name may have several addresses, and some may not work: IPv6 "
			"addresses on a network that has only IPv4, for instance. Trying "
			"one after the other would wait minutes for each. So sockt starts "
			"with the first, begins the next 250 ms later, or at once where "
			"one fails, keeps the first connection that stands, and closes the "
			"others. Families take turns.\n\n"
			"-v shows each attempt and its verdict, -vv the whole list.\n\n"
			"See RFC 8305, 'sockt help resolve'."),
	},
	{
		.name = "tcp",
		.aliases = "tcp4 tcp6 transmission-control-protocol",
		.title = N_("a reliable stream of bytes between two ports"),
		.text = N_(
			"TCP makes a connection, numbers the bytes, acknowledges them and "
			"sends lost ones again, keeps a fast sender from flooding a slow "
			"receiver, and ends each direction in an orderly way.\n\n"
			"As endpoints: tcp:HOST:PORT, tcp4: for IPv4 only, tcp6: for IPv6 "
			"only; HOST:PORT and PORT mean tcp.\n\n"
			"See tcp(7), RFC 9293."),
	},
	{
		.name = "udp",
		.aliases = "udp4 udp6 user-datagram-protocol",
		.title = N_("single datagrams between two ports, without a promise"),
		.text = N_(
			"UDP adds ports and a checksum to IP, nothing more: no connection, "
			"no order, no acknowledgement. A port that nobody listens on is "
			"reported only if its host sends ICMP, and only to a socket that "
			"is connected or has asked for it (IP_RECVERR). Silence proves "
			"nothing.\n\n"
			"As endpoints: udp:HOST:PORT, udp4:, udp6:, or the option -u.\n\n"
			"See udp(7), RFC 768, 'sockt help datagram'."),
	},
	{
		.name = "byte-stream",
		.aliases = "stream message-boundaries boundaries",
		.title = N_("TCP carries bytes, not messages"),
		.text = N_(
			"A stream delivers all bytes, each once, in order, and nothing "
			"more. It does not keep the boundaries of send() calls: two sends "
			"of 5 bytes may be received as 10, or as 3 and 7. Programs that "
			"talk in messages have to mark them: by newlines (as many text "
			"protocols do), by a length in front, or by ending the connection.\n\n"
			"See it: -vv shows each send() and recv() with its count. "
			"unix-seqpacket keeps boundaries and is reliable.\n\n"
			"See socket(2), 'sockt help datagram'."),
	},
	{
		.name = "datagram",
		.aliases = "datagrams udp-datagram message messages",
		.title = N_("one message, sent as a whole or not at all"),
		.text = N_(
			"A datagram travels alone. Its boundaries are kept: one send() is "
			"one recv(). With UDP it may be lost, come twice, or overtake "
			"another, and nobody tells the sender; there is no connection, no "
			"accept(), and no end.\n\n"
			"sockt sends what one read of standard input gives, or one line of "
			"a terminal, as one datagram (--datagram read|line|SIZE). After "
			"the end of standard input 'connect' waits for replies until 1 s "
			"passes without one (-q changes it). 'listen' does not connect its "
			"socket: it talks with the first sender, says when others knock, "
			"and with -k serves each. It ends by a signal or a time limit.\n\n"
			"See udp(7), RFC 768."),
	},
	{
		.name = "unix-socket",
		.aliases = "unix unix-stream unix-dgram unix-seqpacket af-unix local-socket"
			   " unix-domain-socket socket-file",
		.title = N_("a socket between processes of one host, named by a path"),
		.text = N_(
			"unix:PATH is a stream, unix-dgram:PATH sends datagrams, "
			"unix-seqpacket:PATH is a connection that keeps the boundaries of "
			"messages. No data leave the host, and nothing gets lost. The "
			"rights of the file decide who may connect: write permission is "
			"needed.\n\n"
			"bind() makes the file. 'sockt listen' and 'sockt relay' let only "
			"its owner connect (mode 0600), and remove it at the end; --mode "
			"0660 lets its group in, --owner :GROUP says which that is. A file "
			"left behind by a server that was killed is replaced if nobody "
			"answers on it; a file of another kind is never touched.\n\n"
			"'bind' in 'sockt shell' is the call alone: the file has the mode "
			"that umask(2) leaves, commonly 0755, and stays at the end: until "
			"rm(1) removes it another bind fails (EADDRINUSE).\n\n"
			"  sockt listen unix:/tmp/talk\n"
			"  sockt connect unix:/tmp/talk\n"
			"  sockt connect --unix /tmp/talk\n\n"
			"See unix(7), 'sockt help abstract-socket'."),
	},
	{
		.name = "abstract-socket",
		.aliases = "abstract abstract-name abstract-unix-socket",
		.title = N_("a Unix socket without a file"),
		.text = N_(
			"unix:@NAME: a name that exists only in the kernel, as long as a "
			"socket has it. No file is made or left behind, and no permission "
			"guards it: every process in the same network namespace may "
			"connect. Only Linux has it.\n\n"
			"See unix(7)."),
	},
	{
		.name = "descriptor",
		.aliases = "file-descriptor fd-number",
		.title = N_("the number by which a process holds a socket"),
		.text = N_(
			"The kernel gives each open file, pipe or socket of a process a "
			"small number, always the lowest free one. 0, 1 and 2 are standard "
			"input, output and error; sockets follow. In the trace it is the "
			"first argument of each call: send(5, ...). The same number may "
			"mean another socket later, after close().\n\n"
			"sockt holds some itself (epoll, signals, the terminal), so its first "
			"socket is not 3, and not always the same number.\n\n"
			"See open(2), 'sockt help EMFILE'."),
	},
	{
		.name = "blocking",
		.aliases = "non-blocking nonblocking blocking-call",
		.title = N_("does a call wait, or come back at once?"),
		.text = N_(
			"On a blocking descriptor recv() waits until data come, accept() "
			"until a client comes, connect() until there is a verdict. Simple, "
			"but meanwhile the program can do nothing else.\n\n"
			"On a non-blocking one each call does what can be done now, or "
			"says EAGAIN (connect(): EINPROGRESS). The program waits for all "
			"its descriptors at once with epoll. sockt works so, and its trace "
			"shows every EAGAIN.\n\n"
			"See fcntl(2) under O_NONBLOCK, epoll(7)."),
	},
	{
		.name = "SIGPIPE",
		.aliases = "sigpipe-signal",
		.title = N_("the signal that a write to a closed pipe sends"),
		.text = N_(
			"Writing to a pipe or a connection that nobody reads sends "
			"SIGPIPE, which ends a program silently. That suits 'producer | "
			"head', but not a server. sockt ignores it, gets EPIPE instead and "
			"ends with a message and status 6.\n\n"
			"See signal(7), pipe(7)."),
	},
	{
		.name = "mtu",
		.aliases = "mss path-mtu fragment",
		.title = N_("the largest packet that a link carries"),
		.text = N_(
			"1500 bytes on Ethernet, 65536 on Linux loopback. The smallest on "
			"the way is the path MTU. TCP cuts its stream to fit: MSS is what "
			"remains for data. A larger datagram is divided into fragments, or "
			"refused with EMSGSIZE.\n\n"
			"See ip(7), RFC 1191, RFC 8201."),
	},
};

const struct guide_topics guide_topics_words = { topics, ARRAY_LEN(topics) };
