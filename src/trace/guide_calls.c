/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guide: the calls that make a connection. Texts only. */
#include "trace/guide_topics.h"

#include "base/i18n.h"
#include "base/util.h"

static const struct guide_topic topics[] = {
	{
		.name = "resolve",
		.aliases = "getaddrinfo resolver name-resolution dns lookup freeaddrinfo gai",
		.title = N_("ask the resolver for the addresses of a name"),
		.lead = N_(
			"getaddrinfo() asks this host's resolver for the addresses of a "
			"name: sockets take addresses, never names."),
		.text = N_(
			"A service name, as http, is looked up too: it stands for a port. "
			"The answer is a list: one name may have several addresses, of IPv4 "
			"and of IPv6. It comes in the order in which they should be tried "
			"(RFC 6724).\n\n"
			"Without this step a person would have to write 127.0.0.1 or ::1. "
			"With -n (--numeric) only addresses are taken and nothing is asked.\n\n"
			"The resolver may read /etc/hosts and may ask DNS servers "
			"(nsswitch.conf(5) says which, in which order), and that can take "
			"seconds. sockt asks in a thread of its own, so that the time "
			"limits still hold. The calls that libc makes meanwhile are part of "
			"this step.\n\n"
			"Afterwards: a list of candidates, shown with -vv. There is no "
			"socket yet.\n\n"
			"See getaddrinfo(3), gai.conf(5), 'sockt help happy-eyeballs'."),
	},
	{
		.name = "socket",
		.aliases = "",
		.title = N_("make a socket"),
		.lead = N_(
			"socket() makes a socket and returns a descriptor, the number by "
			"which later calls name it."),
		.text = N_(
			"socket(domain, type, protocol): domain is the family of addresses "
			"(AF_INET, AF_INET6, AF_UNIX); type says how data travel "
			"(SOCK_STREAM: a stream of bytes, SOCK_DGRAM: single messages); "
			"protocol names TCP or UDP.\n\n"
			"Why: everything that follows is done on this descriptor. Nothing "
			"is sent yet, and the socket has no address.\n\n"
			"Without it there is nothing to bind or to connect. It fails where "
			"the kernel does not know the family or protocol (EAFNOSUPPORT, "
			"EPROTONOSUPPORT) or where the process has no descriptor left "
			"(EMFILE).\n\n"
			"sockt always adds SOCK_CLOEXEC (a program that is started does not "
			"inherit it) and SOCK_NONBLOCK (no call waits). Afterwards: a TCP "
			"socket is in the state CLOSE.\n\n"
			"See socket(2), socket(7)."),
	},
	{
		.name = "setsockopt",
		.aliases = "set-option",
		.title = N_("set an option of a socket"),
		.lead = N_(
			"setsockopt() changes how one socket behaves."),
		.text = N_(
			"setsockopt(fd, level, option, value): the level says who "
			"understands the option: SOL_SOCKET for all sockets, IPPROTO_TCP, "
			"IPPROTO_IPV6 for one protocol.\n\n"
			"Why: some things must be said before another call. SO_REUSEADDR "
			"counts at bind(), IPV6_V6ONLY before bind(), SO_LINGER at close(). "
			"Set later they have no effect, or an error.\n\n"
			"Without it the defaults of the kernel hold. sockt sets only what "
			"it needs; 'sockt help options' lists those with their reasons.\n\n"
			"See setsockopt(2), socket(7), tcp(7), ipv6(7)."),
	},
	{
		.name = "bind",
		.aliases = "",
		.title = N_("give a socket its local address"),
		.lead = N_(
			"bind() gives a socket its local address, the one by which others "
			"reach it."),
		.text = N_(
			"The address must belong to this host, or be the wildcard 0.0.0.0 "
			"or [::], which stands for all of them. Port 0 asks the kernel for "
			"any free port.\n\n"
			"Why a server needs it: clients must know where to find it. Without "
			"bind(), listen() takes a port at random and nobody knows which. A "
			"client does not need it: connect() picks a local address and a "
			"free port. -s and -p bind a client all the same, where a firewall "
			"or the server asks for a certain source.\n\n"
			"It fails where another socket holds the port (EADDRINUSE), where "
			"the address is not of this host (EADDRNOTAVAIL), or where the port "
			"is below 1024 and the process may not have it (EACCES).\n\n"
			"Afterwards: the address is taken, but nobody can connect yet; the "
			"state is still CLOSE. For a Unix socket bind() makes a file.\n\n"
			"See bind(2), ip(7), unix(7)."),
	},
	{
		.name = "listen",
		.aliases = "backlog-call",
		.title = N_("make a socket wait for connections"),
		.lead = N_(
			"listen() makes this a server socket: the kernel now answers "
			"clients by itself and keeps their connections in the accept queue."),
		.text = N_(
			"They wait there until accept() takes them out. backlog says how "
			"many may wait there (see 'sockt help backlog').\n\n"
			"Why: a socket can either ask or wait; listen() decides for "
			"waiting. Without it clients get RST, which connect() reports as "
			"ECONNREFUSED.\n\n"
			"Afterwards: the state is LISTEN. The socket cannot connect any "
			"more, and never carries data. A datagram socket has no such call: "
			"there is no connection to wait for.\n\n"
			"See listen(2), RFC 9293 section 3.5."),
	},
	{
		.name = "accept",
		.aliases = "accept4",
		.title = N_("take a connection out of the accept queue"),
		.lead = N_(
			"accept() takes the oldest connection out of the accept queue and "
			"returns a new descriptor for it."),
		.text = N_(
			"It also tells the client's address. The listening socket stays as "
			"it is.\n\n"
			"Why: the conversation needs a socket of its own, one for each "
			"client. Without accept() the client believes it is connected, and "
			"may even send: its data wait in the kernel, unread, until the "
			"queue's owner takes the connection or closes.\n\n"
			"Where the queue is empty a blocking socket waits; sockt's do not "
			"block, so the call says EAGAIN and sockt waits with epoll for the "
			"next client. Afterwards: the new descriptor is in the state "
			"ESTABLISHED (or CLOSE_WAIT, where the client has already ended).\n\n"
			"See accept(2)."),
	},
	{
		.name = "connect",
		.aliases = "",
		.title = N_("ask for a connection"),
		.lead = N_(
			"connect() names the peer of a socket; where the protocol has "
			"connections, it asks for one."),
		.text = N_(
			"For TCP the kernel sends SYN, the server's kernel answers SYN-ACK, "
			"ours sends ACK: the connection stands.\n\n"
			"Why: without it a stream socket has no peer, and send() fails with "
			"ENOTCONN (EPIPE on Linux TCP). The kernel also picks the local "
			"address and a free port here, unless bind() has.\n\n"
			"The socket does not block, so the call returns at once with "
			"EINPROGRESS while the packets travel, and the trace shows the "
			"verdict later as 'connected'. RST instead of SYN-ACK is "
			"ECONNREFUSED. Silence is repeated SYNs and, after about two "
			"minutes, ETIMEDOUT; -w sets a shorter limit.\n\n"
			"On a datagram socket connect() sends nothing. It only notes the "
			"peer's address, so that send() needs none, replies from others are "
			"dropped, and ICMP errors are reported. Afterwards: SYN_SENT, then "
			"ESTABLISHED; or CLOSE after a failure.\n\n"
			"See connect(2), RFC 9293 section 3.5."),
	},
	{
		.name = "connected",
		.aliases = "verdict connect-verdict",
		.title = N_("the answer to connect() when it was in progress"),
		.lead = N_(
			"This is the answer to the connect() in progress."),
		.text = N_(
			"It is no call of its own. connect() on a socket that does not "
			"block returns EINPROGRESS; some time later the socket becomes "
			"writable, or has an error. sockt then reads SO_ERROR: 0 means "
			"connected, anything else is the reason it failed. The time shown "
			"is that since connect(), so it is about one round trip.\n\n"
			"Why a step of its own: a connection that hangs shows as a "
			"connect() without its 'connected', on the screen while it hangs.\n\n"
			"An ICMP error from a router may come before the end: the trace "
			"notes it, and the kernel goes on sending SYN. Afterwards: "
			"ESTABLISHED, or CLOSE. A TCP socket that failed is not used again: "
			"sockt closes it and makes a new one for the next address.\n\n"
			"See connect(2) under EINPROGRESS."),
	},
	{
		.name = "spawn",
		.aliases = "posix_spawn posix_spawnp fork execve",
		.title = N_("start a program for a connection"),
		.lead = N_(
			"posix_spawnp() starts another program, as fork() and execve() "
			"do together."),
		.text = N_(
			"Two pipes lead to it: what is written into the one is its standard "
			"input, what comes out of the other is its standard output. The "
			"trace names our ends of both. Its standard error is ours. With "
			"--pty all three are a terminal made for it (posix_openpt).\n\n"
			"Why: a program that reads and writes becomes a server or a client "
			"without a line about sockets in it, as with inetd. It gets no "
			"other descriptor, SIGPIPE as it is by default, and the addresses "
			"in its environment ('sockt help programs').\n\n"
			"The result is the number of the process. ENOENT: there is no such "
			"program; EACCES: it may not be executed.\n\n"
			"See posix_spawn(3), pipe(7), pty(7)."),
	},
	{
		.name = "waitpid",
		.aliases = "wait exit-status wexitstatus wtermsig",
		.title = N_("take how a program has ended"),
		.lead = N_(
			"waitpid() asks how a process that we have started has ended."),
		.text = N_(
			"WEXITSTATUS is what it gave to exit(), WTERMSIG the signal that "
			"ended it. A descriptor of the process (pidfd_open) becomes "
			"readable when it ends, so nobody has to wait in the call.\n\n"
			"Why: where one program is run for one connection, its status is "
			"that of sockt, or 128 and the number of the signal, unless the "
			"connection itself has failed.\n\n"
			"See waitpid(2), pidfd_open(2)."),
	},
	{
		.name = "pass",
		.aliases = "scm_rights pass-fd fdpass descriptor-passing proxyusefdpass",
		.title = N_("hand a descriptor to another process"),
		.lead = N_(
			"sendmsg() with SCM_RIGHTS gives another process a descriptor for "
			"what one of ours stands for."),
		.text = N_(
			"It goes over a Unix socket, beside the bytes of a message; of a "
			"stream there has to be one. The other process gets a number of its "
			"own for the same open file: the connection ends when the last who "
			"has it closes it.\n\n"
			"With connect --pass-fd that is the connection, handed to who "
			"started sockt with a Unix socket as its standard output. ssh does "
			"so (ProxyUseFdpass): no program stands in between afterwards.\n\n"
			"EPIPE: nobody is there to take it.\n\n"
			"See unix(7), sendmsg(2), cmsg(3)."),
	},
	{
		.name = "fchmod",
		.aliases = "umask",
		.title = N_("set the mode that the file of a socket is to have"),
		.lead = N_(
			"fchmod() sets the mode of what a descriptor is for: of a Unix "
			"socket it is that of the file which bind() will make."),
		.text = N_(
			"A new socket has mode 0777. bind() gives that to the file, less "
			"what umask(2) takes away: commonly 0022, so 0755 is left, and with "
			"a umask of 0 everybody could connect.\n\n"
			"sockt calls it with 0600 before bind(), so only the owner can use "
			"the file from its first moment on, and the umask, which is the "
			"whole process's, stays as it is. --mode lets others in later, by "
			"fchmodat(). In 'sockt shell' nothing is called that was not typed: "
			"bind makes the file as the umask leaves it.\n\n"
			"See fchmod(2), umask(2), inode(7)."),
	},
	{
		.name = "lchown",
		.aliases = "chown owner socket-owner",
		.title = N_("give a file to another user or group"),
		.lead = N_(
			"lchown() says whose a file is; a number of -1 leaves user or group "
			"as it is."),
		.text = N_(
			"The l says that of a symbolic link it is the link that changes "
			"hands, and not what it leads to.\n\n"
			"With --owner it is called for the file of a Unix socket, between "
			"bind(), which makes it with mode 0600 then (fchmod), and "
			"listen().\n\n"
			"EPERM: only root (CAP_CHOWN) may give a file to another user; its "
			"owner may give it to a group that it is in itself.\n\n"
			"See lchown(2), unix(7)."),
	},
	{
		.name = "fchmodat",
		.aliases = "chmod mode socket-mode permissions",
		.title = N_("say who may do what with a file"),
		.lead = N_(
			"fchmodat() sets the mode of a file: what its owner, its group and "
			"all others may do."),
		.text = N_(
			"AT_FDCWD: the path begins in the working directory; "
			"AT_SYMLINK_NOFOLLOW: a link is not followed. chmod() is the same "
			"without either.\n\n"
			"Of a Unix socket the right to write (w) is the right to connect, or "
			"to send it datagrams: 0600 is for its owner alone, 0660 for its "
			"group too, 0666 for everybody. 'sockt listen' and 'sockt relay' "
			"let bind() make the file with 0600 (fchmod); with --mode this "
			"follows, and listen() behind it, so nobody gets in between. 'bind' "
			"in 'sockt shell' makes it as the umask leaves it, commonly "
			"0755.\n\n"
			"See fchmodat(2), unix(7), inode(7)."),
	},
	{
		.name = "chroot",
		.aliases = "root-directory jail",
		.title = N_("make a directory the root of all paths"),
		.lead = N_(
			"chroot() makes a directory the root of the process: what is "
			"outside of it has no path any more."),
		.text = N_(
			"With --chroot it is called once the socket is bound and listens, "
			"or the connection stands, and chdir(\"/\") behind it, since the "
			"working directory would stay outside. Descriptors that are open "
			"stay open.\n\n"
			"Why: who takes over a program that has a fault finds no file to "
			"read and no program to run. root can leave it again, so --user "
			"belongs to it.\n\n"
			"EPERM: only root (CAP_SYS_CHROOT) may.\n\n"
			"See chroot(2); 'sockt help rights'."),
	},
	{
		.name = "setgroups",
		.aliases = "supplementary-groups initgroups",
		.title = N_("set the further groups of the process"),
		.lead = N_(
			"setgroups() says in which groups the process is besides its own: "
			"the supplementary ones."),
		.text = N_(
			"Those of root would open files to the new user that are not for "
			"it. With --user USER they are those of the user; with USER:GROUP "
			"there are none.\n\n"
			"EPERM: only root (CAP_SETGID) may; a user namespace may forbid it "
			"to its root, too (/proc/self/setgroups).\n\n"
			"See setgroups(2), user_namespaces(7); 'sockt help rights'."),
	},
	{
		.name = "setgid",
		.aliases = "group-id egid",
		.title = N_("set the group of the process"),
		.lead = N_(
			"setgid() makes the process one of another group."),
		.text = N_(
			"root sets all three: the real group, the effective one, by which "
			"rights are judged, and the saved one, to which it could return.\n\n"
			"EINVAL: a user namespace has no such number. EPERM: only root "
			"(CAP_SETGID) may.\n\n"
			"See setgid(2), credentials(7); 'sockt help rights'."),
	},
	{
		.name = "setuid",
		.aliases = "user-id euid drop-privileges",
		.title = N_("set the user of the process"),
		.lead = N_(
			"setuid() makes the process one of another user: root sets the "
			"real, the effective and the saved id at once, and none is left to "
			"go back to."),
		.text = N_(
			"It is the last of three, for behind it nothing of this kind is "
			"allowed, and the capabilities are gone. sockt then tries "
			"setuid(0), and goes on only where that fails.\n\n"
			"Why: binding a port below 1024 needs root (or "
			"CAP_NET_BIND_SERVICE), serving it does not. What a client makes "
			"the program do, it does as that user.\n\n"
			"EINVAL: a user namespace has no such number (/proc/self/uid_map). "
			"EPERM: only root (CAP_SETUID) may.\n\n"
			"See setuid(2), credentials(7); 'sockt help rights'."),
	},
};

const struct guide_topics guide_topics_calls = { topics, ARRAY_LEN(topics) };
