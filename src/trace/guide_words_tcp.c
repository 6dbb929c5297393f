/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guide: words about TCP connections. Texts only. */
#include "trace/guide_topics.h"

#include "base/i18n.h"
#include "base/util.h"

static const struct guide_topic topics[] = {
	{
		.name = "SYN",
		.aliases = "syn-packet syn-ack handshake three-way-handshake",
		.title = N_("the packets that begin a connection"),
		.lead = N_(
			"SYN, SYN-ACK and ACK begin a connection: together they are the "
			"handshake."),
		.text = N_(
			"SYN asks for a connection and tells the first sequence number; "
			"SYN-ACK agrees and tells the other one; ACK confirms. The client's "
			"connect() is done after one round trip. The server's kernel does "
			"its part without the program.\n\n"
			"See RFC 9293 section 3.5."),
	},
	{
		.name = "FIN",
		.aliases = "fin-packet orderly-end",
		.title = N_("the packet that ends one direction"),
		.lead = N_(
			"FIN ends one direction of a connection: no data come behind it."),
		.text = N_(
			"The kernel sends it after shutdown(SHUT_WR) or close(), behind all "
			"data. It is acknowledged like data, and sent again if it gets "
			"lost. The peer's recv() returns 0.\n\n"
			"See RFC 9293 section 3.6."),
	},
	{
		.name = "RST",
		.aliases = "reset rst-packet abort",
		.title = N_("the packet that breaks a connection off"),
		.lead = N_(
			"RST breaks a connection off, both directions at once."),
		.text = N_(
			"It is sent when SYN comes for a port nobody listens on "
			"(ECONNREFUSED), when data come for a connection that no longer "
			"exists, when a socket is closed while something unread is left in "
			"it, or on purpose (SO_LINGER with time 0).\n\n"
			"What the receiver has not read yet can still be read on Linux; "
			"then ECONNRESET. What the sender of RST had still to send is lost. "
			"So RST never means 'all done': sockt ends with status 5.\n\n"
			"See RFC 9293 section 3.5.2, tcp(7)."),
	},
	{
		.name = "backlog",
		.aliases = "listen-queue-limit somaxconn",
		.title = N_("how many connections may wait to be accepted"),
		.text = N_(
			"The second argument of listen(): the limit of the accept queue. "
			"The kernel cuts it to net.core.somaxconn (4096). On Linux the "
			"queue takes one more than the limit says: with backlog 2 three "
			"clients can wait, with 0 one.\n\n"
			"When the queue is full the kernel drops further SYNs without a "
			"word. The client repeats SYN and gets in when accept() has made "
			"room, or ends with ETIMEDOUT. A client never gets 'refused' from "
			"a full queue.\n\n"
			"See it: sockt listen -vv --hold --backlog 2 9000 accepts nobody; "
			"then four clients. The default is 128, of a relay 1024.\n\n"
			"See listen(2), 'sockt help accept-queue'."),
	},
	{
		.name = "accept-queue",
		.aliases = "queue complete-connections hold",
		.title = N_("connections that are complete and not yet accepted"),
		.text = N_(
			"Between a server's kernel and its program stands a queue. A "
			"client's SYN is answered by the kernel; when the handshake is "
			"done the connection is put into the queue; accept() takes the "
			"oldest out. The client sees no difference: for it the connection "
			"stands.\n\n"
			"Its length and limit are shown with -vv, as '2/128', and by ss "
			"-ltn as Recv-Q and Send-Q of the listening socket. A long queue "
			"means that the program accepts too slowly.\n\n"
			"See it: 'sockt listen --hold -vv --backlog 1 9000' listens and never "
			"accepts. Each client of it makes the queue longer by one; who finds it "
			"full gets no answer to its SYN, and waits.\n\n"
			"See listen(2), tcp(7), sockt-listen(1)."),
	},
	{
		.name = "half-close",
		.aliases = "half-closed half-closing end-of-input eof end-of-file",
		.title = N_("one direction has ended, the other goes on"),
		.lead = N_(
			"Each direction of a connection ends by itself (half-close)."),
		.text = N_(
			"shutdown(SHUT_WR) ends the sending one: the peer gets FIN and "
			"reads 0, and can still answer. So 'send everything, then read the "
			"answer' works.\n\n"
			"sockt half-closes when standard input ends, and goes on receiving "
			"until the peer ends too. A program that takes the peer's FIN for "
			"the end of everything loses the answer, or never sends it. Some "
			"servers do so: for them --no-shutdown. With 'sort' behind the "
			"server this prints a and b, and it can do so only since the input "
			"has an end:\n\n"
			"  printf 'b\\na\\n' | sockt connect localhost 9000\n\n"
			"States: FIN_WAIT2 on the side that ended, CLOSE_WAIT on the other.\n\n"
			"See shutdown(2), RFC 9293 section 3.6.1."),
	},
	{
		.name = "nagle",
		.aliases = "nagle-algorithm delayed-ack small-packets",
		.title = N_("why small pieces sometimes wait"),
		.text = N_(
			"Nagle's algorithm: while data are under way without an "
			"acknowledgement, the kernel does not send a piece smaller than a "
			"full packet; it waits for the acknowledgement or for more data. "
			"That keeps programs that write single bytes from filling the "
			"network with headers.\n\n"
			"The receiver may delay its acknowledgement (40 to 200 ms on "
			"Linux), hoping to send it along with data. Both together make "
			"'write, write, read' slow. TCP_NODELAY switches Nagle's algorithm "
			"off.\n\n"
			"See RFC 9293 section 3.7.4, RFC 896, tcp(7)."),
	},
	{
		.name = "keepalive",
		.aliases = "keep-alive tcp-keepalive dead-peer",
		.title = N_("how a silent connection notices that the peer is gone"),
		.text = N_(
			"An idle TCP connection sends no packets. Where the peer's host "
			"loses its power, or a router forgets the connection, this side "
			"never learns it unless it sends. SO_KEEPALIVE (--keepalive) lets "
			"the kernel ask, after two hours of silence by default. A relay "
			"has it on; 'sockt listen -k' turns it on, every 30 seconds, for a "
			"client that has ended, which may still receive, or be gone.\n\n"
			"Not to be confused with sockt's -k (--keep-open) or with HTTP's "
			"keep-alive, which mean serving more than one client, or request. "
			"To give up on silence use -i (--idle-timeout).\n\n"
			"See tcp(7), RFC 9293 section 3.8.4."),
	},
};

const struct guide_topics guide_topics_words_tcp = { topics, ARRAY_LEN(topics) };
