/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guide: words about sockt itself. Texts only. */
#include "trace/guide_topics.h"

#include "base/i18n.h"
#include "base/util.h"

static const struct guide_topic topics[] = {
	{
		.name = "endpoint",
		.aliases = "endpoints endpoint-grammar address-grammar kinds kind fd"
			   " fd-n",
		.title = N_("how the end of a connection is written"),
		.text = N_(
			"  [KIND:]REST[,OPTION=VALUE]...\n\n"
			"  tcp:HOST:PORT    tcp4:  tcp6:     a stream over TCP\n"
			"  udp:HOST:PORT    udp4:  udp6:     datagrams over UDP\n"
			"  unix:PATH        unix:@NAME       a stream on this host\n"
			"  unix-dgram:PATH                   datagrams on this host\n"
			"  mptcp:HOST:PORT sctp: dccp: udplite:  kin of TCP and UDP\n"
			"  unix-seqpacket:PATH               messages in order on this host\n"
			"  vsock:CID:PORT                    with virtual machines\n"
			"  fd:N                              a socket that was handed over open\n"
			"  exec:PROGRAM ARG...  sh:COMMAND   a program, as an end of relay\n"
			"  file:PATH  pty  -                 more ends of relay\n"
			"  HOST:PORT  [ADDRESS]:PORT  PORT   mean tcp\n\n"
			"An IPv6 address with a port stands in brackets: [::1]:9000, with "
			"a zone [fe80::1%eth0]:9000. A service name can stand for the "
			"port. A host that is called like a kind is written with one: "
			"tcp:udp:9000. A port alone means all addresses for listen, "
			"localhost for connect. Options begin at the first comma; '\\,' is "
			"a comma, '\\\\' a backslash.\n\n"
			"fd:N is a connected socket for connect, a listening one for "
			"listen; relay takes a pipe or a file too.\n\n"
			"See sockt(1), 'sockt help file'."),
	},
	{
		.name = "vsock",
		.aliases = "virtual-machine virtual-machines cid vm-sockets",
		.title = N_("sockets between a machine and its virtual machines"),
		.text = N_(
			"  guest$ sockt listen vsock:any:9000\n"
			"  host$ sockt connect vsock:3:9000\n\n"
			"A virtual machine may have no network, and yet talk with its "
			"host: by AF_VSOCK. In the place of an IP address there is a "
			"number, the CID (context id): 2 is the host, 1 this machine "
			"itself, from 3 on the guests, each as its hypervisor has named "
			"it. Ports are numbers of 32 bits. A stream it is, with ends and "
			"resets as those of TCP; guests do not reach each other.\n\n"
			"Which machines can be reached says a transport, a module of the "
			"kernel: vhost_vsock on a host, vmw_vsock_virtio_transport in a "
			"guest, vsock_loopback for CID 1. ENODEV: there is none for that "
			"CID. Where nobody listens the answer is ECONNRESET, not "
			"ECONNREFUSED as with TCP.\n\n"
			"See vsock(7)."),
	},
	{
		.name = "file",
		.aliases = "files fifo named-pipe device serial serial-line pseudo-terminal null-modem",
		.title = N_("ends of relay that are no sockets"),
		.text = N_(
			"  sockt relay file:backup.tar backup.example.org:9000\n"
			"  sockt relay 9000 file:log,append\n"
			"  sockt relay pty,link=/tmp/line 192.0.2.1:4001\n"
			"  sockt relay - exec:bc\n\n"
			"relay moves bytes between any two ends. file:PATH as FROM is read "
			"once; the run ends with status 0 when all of it is acknowledged, "
			"and with 6 where bytes came back, which have no place to go. As "
			"TO it is written; all clients write the same file.\n\n"
			"A FIFO is waited for until somebody has its other end open. Of a "
			"device one direction is used; both are by fd:3 and 3<>DEVICE.\n\n"
			"pty makes a terminal and says its name, /dev/pts/5: a program "
			"that wants a serial line opens that, or the link. Two of them, "
			"relay pty pty, are a null modem.\n\n"
			"See sockt-relay(1), Files and terminals."),
	},
	{
		.name = "coalesced",
		.aliases = "coalescing joined cut pieces short-write short-send",
		.title = N_("pieces of a stream that have been joined or cut"),
		.text = N_(
			"A byte stream has no boundaries: what one send() was given may "
			"arrive by several recv(), and several sends by one. Joined by "
			"Nagle's algorithm, by a queue that was full, by a receiver that "
			"comes late; cut by the size of segments, of buffers, of a read.\n\n"
			"With -vv the trace says so wherever it sees both: segments and "
			"receives with --packets, what a relay received and how it left. "
			"'at least' stands where more may have been than was seen.\n\n"
			"A send that is taken in part shows what was given and what was "
			"taken: send(5, ..., 65536) = 60000. The rest is sent when there "
			"is room.\n\n"
			"See sockt-trace(5), 'sockt help byte-stream'."),
	},
	{
		.name = "sandbox",
		.aliases = "namespace namespaces network-namespace user-namespace",
		.title = N_("a network of a run's own"),
		.text = N_(
			"Linux can give a process a network namespace: addresses, ports, "
			"routes and interfaces of its own. In a new one there is only "
			"loopback. --sandbox runs the whole command in one: connect is "
			"refused there (nobody listens), listen takes no port that anybody "
			"else could want, and a mistake reaches no host.\n\n"
			"The privileges over such a network (binding port 80, looking at "
			"packets) belong to whoever made it: to an unprivileged user a "
			"user namespace gives them, for this network alone. Files stay "
			"as they are. Unix sockets with a path are files and lead outside.\n\n"
			"Another command is let in by nsenter -t PID -U -n "
			"--preserve-credentials COMMAND.\n\n"
			"Some hosts forbid it: sysctl user.max_user_namespaces, "
			"kernel.unprivileged_userns_clone and "
			"kernel.apparmor_restrict_unprivileged_userns are the settings. "
			"--sandbox then ends with status 1 and names the one.\n\n"
			"See network_namespaces(7), user_namespaces(7), unshare(1)."),
	},
	{
		.name = "scan",
		.aliases = "scanning port-scan trying-ports open-port no-answer no-evidence",
		.title = N_("which ports of a host are open"),
		.text = N_(
			"With --scan (-z) connect tries a list of ports, several at the "
			"same time, and writes a line for each to standard output:\n\n"
			"  sockt connect --scan localhost 22,80-90,https\n\n"
			"  open         the connection stood; it was closed again\n"
			"  refused      RST: nobody listens there, or a firewall says so\n"
			"  no answer    the packets are dropped, or there is no such host\n"
			"  unreachable  there is no way there; the line tells who says so\n"
			"  answered     UDP: a datagram came back\n"
			"  no evidence  UDP: silence, which may mean anything\n\n"
			"-w says how long an answer is waited for (2 s), -m how many ports "
			"are tried at once (100), -u tries ports of UDP, and --json writes "
			"an object of JSON for each. The status is 0 where a port is open "
			"or has answered, else 1. Ask before you try ports of a host that "
			"is not yours.\n\n"
			"See sockt-connect(1), 'sockt help ECONNREFUSED'."),
	},
	{
		.name = "time-limits",
		.aliases = "timeout timeouts time-limit connect-timeout accept-timeout"
			   " idle-timeout total-timeout quit-after",
		.title = N_("four limits, and one that is none"),
		.text = N_(
			"  -w, --connect-timeout TIME   resolving and connecting, all addresses\n"
			"      --accept-timeout TIME    a listener without a client\n"
			"  -i, --idle-timeout TIME      silence on one connection\n"
			"      --total-timeout TIME     everything\n"
			"  -q, --quit-after TIME        silence after standard input has ended\n\n"
			"The first four end with status 4 and say which one it was. -q is "
			"a normal end: status 0, if all that was sent is acknowledged. "
			"None is set by default, except -q with 1 s for datagrams. TIME is "
			"250ms, 2s, 1m or 1h; a bare number is seconds.\n\n"
			"In a relay -w and -i are limits of one session: it is reset, and "
			"the relay goes on. A session of datagrams ends after 1 minute of "
			"silence unless -i says otherwise.\n\n"
			"See sockt(1), sockt-relay(1)."),
	},
	{
		.name = "ended",
		.aliases = "ending session-end until both-ended local-ended remote-ended"
			   " sent-all output-closed unacknowledged",
		.title = N_("the rules that end a session"),
		.text = N_(
			"A session ends when both directions have ended: standard input "
			"here, and the peer. The last line of the trace names the rule "
			"that ended it:\n\n"
			"  both directions finished      the usual end\n"
			"  the peer ended                --until remote, --recv-only, a terminal\n"
			"  standard input ended          --until local\n"
			"  no data for TIME after ...    --quit-after\n"
			"  everything is sent ...        --send-only\n"
			"  no connection within TIME     --connect-timeout\n"
			"  no client within TIME         --accept-timeout\n"
			"  idle for TIME                 --idle-timeout\n"
			"  TIME have passed              --total-timeout\n"
			"  the peer reset ...            status 5\n"
			"  bytes ... never acknowledged  status 5\n"
			"  our own output takes no more  status 6\n"
			"  signal NAME                   Ctrl-C, SIGTERM\n\n"
			"Where standard input is a terminal the peer's end is enough.\n\n"
			"See sockt(1), 'sockt help half-close'."),
	},
	{
		.name = "exit-status",
		.aliases = "status exit-code exit-codes return-code",
		.title = N_("what sockt's exit status means"),
		.text = N_(
			"  0      all done: every byte read was acknowledged by the peer's\n"
			"         kernel, every byte received was written\n"
			"  1      a step failed before data flowed: resolve, bind, connect ...\n"
			"  2      the command line is wrong\n"
			"  3      refused: by an access rule, TLS verification or a proxy\n"
			"  4      a time limit ran out\n"
			"  5      the peer reset the connection, or what was sent was never\n"
			"         acknowledged\n"
			"  6      the local input or output failed: unreadable, disk full, closed\n"
			"  128+N  ended by signal N: 130 is Ctrl-C, 143 is SIGTERM\n\n"
			"Of several causes the first decides; a signal wins. The message "
			"on standard error says which. Over UDP and Unix sockets, taken by "
			"send() counts as acknowledged.\n\n"
			"A relay's status does not tell what became of single sessions; "
			"the trace does.\n\n"
			"See sockt(1), sockt-relay(1)."),
	},
	{
		.name = "trace",
		.aliases = "verbose verbosity trace-levels levels json ladder sequence-diagram svg html pcap pcapng"
			   " wireshark /trace explain explanation explanations",
		.title = N_("every step, as it happens"),
		.text = N_(
			"  -v     the life of the sockets: calls, states, the summary\n"
			"  -vv    and every send and receive with a preview, TCP_INFO, the queues\n"
			"  -vvv   and all data in hex, and the calls made only to look\n"
			"  --preview N   of how many bytes (32)\n\n"
			"Each line is the C call as it was made, with its result, the "
			"change of the TCP state and the time it took. The first column is "
			"milliseconds since the start. The trace goes to standard error, "
			"or elsewhere:\n\n"
			"  --trace text:FILE   --trace json:FILE   --trace json:fd:3,level=3\n\n"
			"The same events in other forms: ladder is a sequence diagram in "
			"text, svg and html are that picture for a browser, pcap is packets "
			"for Wireshark, c is a C program that makes the calls of the run:\n\n"
			"  --trace ladder   --trace html:FILE   --trace pcap:FILE   --trace c:FILE\n\n"
			"With --explain it says behind the first step of each kind what "
			"that step is for, in this run.\n\n"
			"JSON is one object a line; sockt-trace(5) describes it."),
	},
	{
		.name = "ready-fd",
		.aliases = "ready readiness-line retry",
		.title = N_("how a script knows that a listener listens"),
		.text = N_(
			"--ready-fd N writes a line for each bound address to descriptor "
			"N, once the listener listens, then closes N:\n\n"
			"  tcp [::]:41233\n\n"
			"So a script can use port 0, wait for the line, and take the port "
			"from it. On the other side 'connect --retry 10' tries again while "
			"the server is not there yet.\n\n"
			"See sockt-listen(1), sockt-connect(1)."),
	},
	{
		.name = "reconnect",
		.aliases = "loss lost reconnecting",
		.title = N_("another connection where one is lost"),
		.text = N_(
			"A connection of TCP ends with a FIN from each side, or it is lost: "
			"by a reset (RST), since the program or the host at the other end "
			"has gone, or since nothing is acknowledged any more. "
			"'connect --reconnect' then makes another one:\n\n"
			"  tail -F log | sockt connect --send-only --reconnect loghost 5140\n\n"
			"What was sent before the loss falls into three parts. What the "
			"peer's kernel has acknowledged has arrived there. What ours still "
			"held (SIOCOUTQ, tcp(7)) may have arrived or not: it is not sent "
			"again, since it would then arrive twice, but how much it is is "
			"said. What ours never had goes over the next connection.\n\n"
			"Only a program that numbers its messages, and has each answered, "
			"can do better: it knows what to send again.\n\n"
			"See sockt-connect(1)."),
	},
	{
		.name = "proxy-protocol",
		.aliases = "proxy-header accept-proxy send-proxy",
		.title = N_("how a proxy tells who its client is"),
		.text = N_(
			"A server behind a proxy sees the proxy's address. With the PROXY "
			"protocol each connection of the proxy begins with a header that "
			"names the client's, as a line of text (version 1) or in binary "
			"(version 2):\n\n"
			"  PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\n\n"
			"The server has to expect it, and to believe it; nobody but the "
			"proxy may reach a port that does. A relay reads one from its "
			"clients and sends one to its target:\n\n"
			"  sockt relay 9000,accept-proxy app:8080,proxy-protocol=v2\n\n"
			"Either option does without the other. A client without a valid "
			"header is reset.\n\n"
			"See sockt-relay(1)."),
	},
	{
		.name = "console",
		.aliases = "prompt slash-commands readline",
		.title = N_("talking with a peer at a terminal"),
		.text = N_(
			"Where standard input and output are both a terminal, connect, "
			"listen and relay show a prompt. A line goes to the peer when it "
			"is ended; what arrives stands above the line being typed. A line "
			"that begins with a slash is a command:\n\n"
			"  /help               list the commands\n"
			"  /info               addresses, state, round trip, queues\n"
			"  /send \"\\x00\\n\"      bytes that keys do not have\n"
			"  /shutdown  /close  /reset\n"
			"                      three ways to end: FIN one way, FIN, RST\n"
			"  /ladder             draw what has happened so far\n\n"
			"Ctrl-D ends your side, Ctrl-C leaves. What arrives is shown "
			"escaped, so that a peer cannot drive the terminal (--raw). The "
			"lines that were typed are there again in the next run; --history "
			"says where they are kept, --escape what stands for the slash.\n\n"
			"See sockt(1), CONSOLE."),
	},
	{
		.name = "broker",
		.aliases = "chat crowd room hub broadcast",
		.title = N_("clients that hear each other"),
		.text = N_(
			"A server has a connection with each client, and clients have none "
			"with each other. What looks like a room where everybody hears "
			"everybody is the server sending what it receives from one to all "
			"others: sockt listen --broker does that with bytes, --chat with "
			"lines and names. -v shows it: one recv(), then a send() for each "
			"of the others.\n\n"
			"Each connection has its own pace. What the slowest has not read "
			"yet waits in the server, or all others wait for it, or it is left "
			"behind: at most 1 MiB waits, then it is reset (--slow wait: the "
			"others wait).\n\n"
			"See sockt-listen(1)."),
	},
	{
		.name = "socket-activation",
		.aliases = "LISTEN_FDS LISTEN_PID systemd inetd sd_listen_fds",
		.title = N_("sockets that somebody else has opened"),
		.text = N_(
			"systemd can open a listening socket and start the program when "
			"the first client comes, or again after it has ended: the socket "
			"stays open, clients wait. It is passed as descriptor 3, further "
			"ones as 4, 5 ...\n\n"
			"  sockt relay fd:3 app.example.com:80\n"
			"  systemd-socket-activate -l 9000 sockt relay fd:3 localhost:80\n\n"
			"LISTEN_PID says which process they are for, LISTEN_FDS how many "
			"there are; -v shows it. With inetd, or Accept=yes, the descriptor "
			"is one connection instead, and the relay ends with it.\n\n"
			"See sd_listen_fds(3), sockt-relay(1)."),
	},
	{
		.name = "step-mode",
		.aliases = "stepping step-by-step single-step",
		.title = N_("each call waits for you"),
		.text = N_(
			"With --step every call is shown before it is made, with a line "
			"that says why, and waits for a key at the terminal:\n\n"
			"  enter    make it\n"
			"  e        explain it\n"
			"  i        show all sockets, their states and queues\n"
			"  c        go on without questions\n"
			"  c STEP   go on up to the next STEP: c accept\n"
			"  q        leave\n\n"
			"Meanwhile time limits rest, the kernel does not: the peer may "
			"send, end or reset, and what it has done is seen afterwards. "
			"That is worth a try: hold accept(), and see a client connect to "
			"the accept queue; hold recv(), and see the window close.\n\n"
			"  sockt listen --step 9000\n"
			"  sockt shell --step 03\n\n"
			"See sockt(1), STEP MODE."),
	},
	{
		.name = "programs",
		.aliases = "program exec sh pty",
		.title = N_("a program that talks with the peer"),
		.text = N_(
			"  sockt listen -k --exec 'sort -n' 9000\n"
			"  sockt listen --sh 'date; uptime' 9000\n"
			"  sockt connect --exec ./bot chat.example.org 6667\n\n"
			"--exec runs a program for each connection, --sh a command of the "
			"shell: what the peer sends is its standard input, what it writes "
			"to standard output is sent. The end passes through both ways: the "
			"peer's closes its standard input, so that sort knows that it has "
			"all; its late answer still goes out.\n\n"
			"Words are split at blanks, quotes keep them together, and no "
			"shell looks at them. The program is told who the peer is: "
			"SOCKT_REMOTE_ADDR, SOCKT_REMOTE_PORT, SOCKT_LOCAL_ADDR, "
			"SOCKT_LOCAL_PORT, SOCKT_PROTOCOL in its environment.\n\n"
			"Whoever can connect can use the program. So without an address "
			"listen takes clients of this machine only.\n\n"
			"With --pty it gets a terminal of its own, for programs that "
			"behave otherwise without one: a shell that shows its prompt, a "
			"program that holds back its output in a pipe. Each key goes there "
			"from a terminal in raw mode:\n\n"
			"  stty raw -echo; sockt relay --raw fd:3 HOST:9000 3<>/dev/tty; stty sane\n\n"
			"As an end of relay it is written exec:PROGRAM ARG... or "
			"sh:COMMAND, with ,pty behind it. (pty alone is an end of relay "
			"itself: 'sockt help file'.)\n\n"
			"See sockt(1), PROGRAMS; 'sockt help spawn'."),
	},
	{
		.name = "rights",
		.aliases = "privileges drop-root user chroot root-rights",
		.title = N_("give rights up once they are not needed any more"),
		.text = N_(
			"  sudo sockt listen -k --user nobody --chroot /var/empty 80\n"
			"  sudo sockt relay --user www-data tcp:443 tcp:127.0.0.1:8443\n\n"
			"To bind a port below 1024 takes a right that root has. Whatever "
			"comes afterwards does not: so the socket is made, bound and made "
			"to listen as root, and then, before anybody is accepted, the "
			"process becomes the user of --user for good. With connect that "
			"happens when the connection stands, before a byte is moved.\n\n"
			"--user takes a name or a number, and a group behind a colon. "
			"--chroot DIR makes a directory the root of all paths, before "
			"that. What is opened later is opened as that user and in that "
			"directory: a program of --exec, the files of --body, names that "
			"are looked up.\n\n"
			"See it: with -v the trace has chroot(), setgroups(), setgid() and "
			"setuid() behind listen().\n\n"
			"See sockt(1), RIGHTS; 'sockt help setuid'."),
	},
};

const struct guide_topics guide_topics_words_sockt = { topics, ARRAY_LEN(topics) };
