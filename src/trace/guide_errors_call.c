/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guide: errors of a call that does not fit, or may not be made. Texts only. */
#include "trace/guide_topics.h"

#include "base/i18n.h"
#include "base/util.h"

static const struct guide_topic topics[] = {
	{
		.name = "EAGAIN",
		.aliases = "ewouldblock would-block resource-temporarily-unavailable"
			   " try-again",
		.title = N_("try again: nothing can be done at the moment"),
		.lead = N_(
			"EAGAIN is no failure: the call would have to wait, and this socket "
			"does not block."),
		.text = N_(
			"recv() has nothing to read, send() finds the buffer full, accept() "
			"finds the queue empty. The program waits with epoll and calls "
			"again. EWOULDBLOCK is the same number on Linux.\n\n"
			"connect() of a Unix socket: the server's accept queue is full.\n\n"
			"See recv(2), send(2), 'sockt help blocking'."),
	},
	{
		.name = "EINTR",
		.aliases = "interrupted interrupted-system-call",
		.title = N_("interrupted by a signal before anything was done"),
		.text = N_(
			"A signal came while the call waited. It is simply made again; "
			"sockt does that by itself.\n\n"
			"See signal(7)."),
	},
	{
		.name = "EINVAL",
		.aliases = "invalid invalid-argument",
		.title = N_("invalid argument"),
		.text = N_(
			"The call does not fit the socket or its state. bind(): the socket "
			"has an address already, or the length of the address is wrong. "
			"listen() and accept(): the socket is connected, or does not "
			"listen. connect(): an IPv6 link-local address without its zone "
			"([fe80::1%eth0]), or a route of the type blackhole.\n\n"
			"See the manual page of the call."),
	},
	{
		.name = "EBADF",
		.aliases = "bad-file-descriptor",
		.title = N_("bad descriptor: this number is not open"),
		.text = N_(
			"The descriptor is closed, or was never given to this process. "
			"With fd:N: whoever started sockt did not hand descriptor N over.\n\n"
			"See proc(5) under /proc/PID/fd."),
	},
	{
		.name = "ENOTSOCK",
		.aliases = "not-a-socket socket-operation-on-non-socket",
		.title = N_("not a socket"),
		.text = N_(
			"The descriptor is a file, a pipe or a terminal, and the call is "
			"one of sockets. With fd:N: N is something else. Look: ls -l "
			"/proc/PID/fd.\n\n"
			"See socket(7)."),
	},
	{
		.name = "EOPNOTSUPP",
		.aliases = "enotsup operation-not-supported not-supported",
		.title = N_("this kind of socket does not know this call"),
		.text = N_(
			"listen() or accept() on a datagram socket; TCP_INFO on a socket "
			"that is not TCP; a flag of send() or recv() that the protocol "
			"does not have.\n\n"
			"See listen(2), send(2)."),
	},
	{
		.name = "ENOPROTOOPT",
		.aliases = "protocol-not-available no-such-option",
		.title = N_("no such option at this level"),
		.text = N_(
			"setsockopt() or getsockopt(): the protocol does not know this "
			"option, or the kernel is too old for it. From connect(): a host "
			"answered with ICMP 'protocol unreachable'.\n\n"
			"See setsockopt(2)."),
	},
	{
		.name = "EAFNOSUPPORT",
		.aliases = "address-family-not-supported",
		.title = N_("address family not supported"),
		.text = N_(
			"socket(): the kernel does not have this family, for instance IPv6 "
			"where it is switched off. bind(), connect(): the address is of "
			"another family than the socket (-s with an IPv4 address for an "
			"IPv6 target).\n\n"
			"See socket(2)."),
	},
	{
		.name = "EPROTONOSUPPORT",
		.aliases = "protocol-not-supported",
		.title = N_("protocol not supported"),
		.text = N_(
			"socket(): the kernel does not have this protocol, or not for this "
			"type. A module may be missing.\n\n"
			"See socket(2), protocols(5)."),
	},
	{
		.name = "ESOCKTNOSUPPORT",
		.aliases = "socket-type-not-supported",
		.title = N_("socket type not supported"),
		.text = N_(
			"socket(): the family is known, but not with this type.\n\n"
			"See socket(2)."),
	},
	{
		.name = "EPROTOTYPE",
		.aliases = "wrong-protocol-type protocol-wrong-type-for-socket",
		.title = N_("wrong type of socket for this target"),
		.text = N_(
			"connect() or send() on a Unix socket: the file belongs to a "
			"socket of another type. A stream client cannot talk to a datagram "
			"socket: try unix-dgram:PATH or unix-seqpacket:PATH.\n\n"
			"See unix(7)."),
	},
	{
		.name = "EACCES",
		.aliases = "permission-denied",
		.title = N_("permission denied"),
		.text = N_(
			"bind(): a port below 1024 (ip_unprivileged_port_start) needs root "
			"or CAP_NET_BIND_SERVICE. Unix: the directory cannot be searched "
			"or written, or the socket file may not be written, which is what "
			"connect() needs. connect(): a route of the type prohibit, a "
			"security module (SELinux, Landlock), or for UDP a broadcast "
			"address.\n\n"
			"See ip(7), unix(7), capabilities(7), path_resolution(7)."),
	},
	{
		.name = "EPERM",
		.aliases = "operation-not-permitted",
		.title = N_("not permitted"),
		.text = N_(
			"The call needs a privilege: certain options, raw sockets. setuid(), "
			"setgid(), setgroups(), chroot() (--user, --chroot): root has it. "
			"lchown() (--owner): only root may give a file to another user; its "
			"owner may give it to a group that it is in itself.\n\n"
			"send() of a datagram: a firewall rule of this host drops it on its "
			"way out. Look: nft list ruleset. bind() of a Unix socket: the file "
			"system has no sockets.\n\n"
			"See capabilities(7), send(2)."),
	},
	{
		.name = "EIO",
		.aliases = "input-output-error i-o-error",
		.title = N_("input or output error"),
		.text = N_(
			"A disk, a terminal or a file system reported a failure, of "
			"standard input or output or of the trace file; also a read from "
			"the terminal by a background process whose shell has gone. The "
			"session ends with status 6.\n\n"
			"See read(2), write(2)."),
	},
};

const struct guide_topics guide_topics_errors_call = { topics, ARRAY_LEN(topics) };
