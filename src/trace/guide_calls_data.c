/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guide: the calls that move data and end a connection. Texts only. */
#include "trace/guide_topics.h"

#include "base/i18n.h"
#include "base/util.h"

static const struct guide_topic topics[] = {
	{
		.name = "send",
		.aliases = "sendto",
		.title = N_("hand bytes to the kernel to be sent"),
		.lead = N_(
			"send() hands bytes to the kernel and returns how many it took; it "
			"does not wait until they arrive."),
		.text = N_(
			"They are copied into the socket's send buffer. On a connection the "
			"kernel sends them, and sends them again where they get lost, until "
			"the peer's kernel acknowledges them.\n\n"
			"Why it may take fewer than asked: the buffer is full, since the "
			"peer reads slowly. EAGAIN means that it took none; sockt then "
			"waits until the socket is writable, and meanwhile reads no further "
			"input.\n\n"
			"On a stream the boundaries of calls are not kept: two sends may "
			"arrive as one recv(), one send as several. On a datagram socket "
			"each send() is one datagram. sendto() names the receiver in the "
			"call.\n\n"
			"MSG_NOSIGNAL asks for the error EPIPE instead of the signal "
			"SIGPIPE.\n\n"
			"See send(2), tcp(7), 'sockt help byte-stream'."),
	},
	{
		.name = "recv",
		.aliases = "recvfrom receive",
		.title = N_("take bytes that have arrived"),
		.lead = N_(
			"recv() takes what has arrived out of the socket's receive buffer."),
		.text = N_(
			"It takes at most as many bytes as there is room for, and returns "
			"how many there were.\n\n"
			"0 has a meaning of its own on a stream: the peer has ended its "
			"direction (its FIN came) and all its data have been read. It is "
			"not an error, and this side may still send. EAGAIN means that "
			"nothing is there at the moment. ECONNRESET means that the peer "
			"broke the connection off.\n\n"
			"On a datagram socket each call takes one datagram; what does not "
			"fit the buffer is cut off and lost (the trace says truncated). 0 "
			"is an empty datagram there. recvfrom() also tells who sent it.\n\n"
			"Without reading, the receive buffer fills, the window that this "
			"side announces shrinks to nothing, and the peer has to stop "
			"sending.\n\n"
			"See recv(2), tcp(7)."),
	},
	{
		.name = "splice",
		.aliases = "zero-copy",
		.title = N_("move bytes inside the kernel"),
		.lead = N_(
			"splice() moves bytes between two descriptors inside the kernel, "
			"without copying them into the program and back."),
		.text = N_(
			"One of the two has to be a pipe.\n\n"
			"Why: on a large transfer copying costs more than anything else. "
			"sockt uses splice() where a flow keeps its buffer full and nobody "
			"needs to see the bytes. Previews (-vv), level 3 and other sinks "
			"that show data need read() and send() instead; --preview 0 lets a "
			"flow splice under -vv.\n\n"
			"EAGAIN from splice() does not say which of the two sides it speaks "
			"of: the input may be empty or the output full.\n\n"
			"See splice(2), pipe(7)."),
	},
	{
		.name = "recvmmsg",
		.aliases = "gro udp-gro",
		.title = N_("take many datagrams that have arrived"),
		.lead = N_(
			"recvmmsg() takes several datagrams in one call."),
		.text = N_(
			"It is recvfrom() for up to so many datagrams, and returns how many "
			"there were, each with its length and the address it came from.\n\n"
			"Why: a datagram is small, and the way into the kernel and back "
			"costs as much as moving it. 'sockt relay' takes 64 a call.\n\n"
			"With the option UDP_GRO one message may be a run of datagrams of "
			"equal sizes that came from one sender (the trace tells their size "
			"as segment). The kernel puts such runs together where they came as "
			"one, from a sendmsg() with UDP_SEGMENT or from a network card that "
			"does the like.\n\n"
			"Where previews are shown (-vv) one datagram is taken a call; "
			"--preview 0 lets a relay take many under -vv.\n\n"
			"See recvmmsg(2), udp(7)."),
	},
	{
		.name = "sendmsg",
		.aliases = "gso udp-gso",
		.title = N_("hand a run of datagrams to the kernel to be sent"),
		.lead = N_(
			"sendmsg() sends bytes with control data beside them: here how they "
			"are to be cut into datagrams, or which address they leave from."),
		.text = N_(
			"The bytes may lie in several places.\n\n"
			"UDP_SEGMENT: the message is a run of datagrams, each of so many "
			"bytes, the last perhaps of fewer. It goes through the kernel as "
			"one packet and is cut as late as possible, by the network card "
			"where it can. In a measurement a datagram sent so cost less than "
			"half. At most 64 datagrams and 65,507 bytes go at once. Where the "
			"kernel refuses (EINVAL, EIO), sendmmsg() serves.\n\n"
			"IP_PKTINFO: which address of this host the datagram leaves from. A "
			"server on a host of several addresses has to answer from the one "
			"that was written to, or the client does not know the answer.\n\n"
			"See sendmsg(2), udp(7), ip(7)."),
	},
	{
		.name = "sendmmsg",
		.aliases = "",
		.title = N_("hand many datagrams to the kernel to be sent"),
		.lead = N_(
			"sendmmsg() sends several datagrams in one call."),
		.text = N_(
			"It is sendto() for each of them, and returns how many were taken; "
			"an error is told only when it meets the first of them.\n\n"
			"Why: one way into the kernel for many datagrams. Where a run of "
			"them has equal sizes, sendmsg() with UDP_SEGMENT costs less still.\n\n"
			"See sendmmsg(2)."),
	},
	{
		.name = "shutdown",
		.aliases = "shut-wr shut-rd shut-rdwr",
		.title = N_("end one direction of a connection"),
		.lead = N_(
			"shutdown(SHUT_WR) ends the sending direction of a connection, and "
			"only that."),
		.text = N_(
			"It says: this side sends no more. What was sent before is still "
			"delivered; then the peer gets FIN, and its recv() returns 0. This "
			"side can go on receiving.\n\n"
			"Why: it is the only way to tell the peer that the input is "
			"complete and still read its answer. close() would end both "
			"directions. Without it a program that reads until the end of its "
			"input, like wc or a compressor behind a socket, would wait for "
			"ever.\n\n"
			"The descriptor stays open: shutdown() changes the connection, "
			"close() gives the descriptor back. Afterwards: ESTABLISHED becomes "
			"FIN_WAIT1 and then FIN_WAIT2; CLOSE_WAIT becomes LAST_ACK. "
			"--no-shutdown leaves this step out, for servers that take a FIN "
			"for an abort.\n\n"
			"See shutdown(2), RFC 9293 section 3.6, 'sockt help half-close'."),
	},
	{
		.name = "close",
		.aliases = "close-call",
		.title = N_("give a descriptor back"),
		.lead = N_(
			"close() gives a descriptor back; its number may be used again."),
		.text = N_(
			"If nobody else holds the socket, it is also the end of the "
			"connection for this side: both directions.\n\n"
			"What the peer sees depends on what is left. If everything that "
			"arrived has been read, the kernel sends what is still unsent and "
			"then FIN. If something unread is left, the kernel sends RST, and "
			"data of ours that are still under way may be lost with it. That is "
			"why sockt reads until the end before it closes, and with "
			"--send-only reads and throws away.\n\n"
			"Afterwards: the connection may live on in the kernel for a while "
			"without it: FIN_WAIT2, TIME_WAIT, LAST_ACK.\n\n"
			"See close(2), RFC 9293 section 3.6, RFC 2525 section 2.17."),
	},
	{
		.name = "read",
		.aliases = "stdin standard-input",
		.title = N_("take bytes from standard input"),
		.lead = N_(
			"read() takes what there is on standard input."),
		.text = N_(
			"That may be a file, a pipe or a terminal. 0 is the end: of the "
			"file, of the pipe's writers, or Ctrl-D at the beginning of a line.\n\n"
			"On a terminal the kernel gives whole lines, so a line is sent when "
			"Enter is pressed. sockt reads only as fast as the connection takes "
			"the data. Shown with -vvv.\n\n"
			"See read(2), 'sockt help half-close'."),
	},
	{
		.name = "write",
		.aliases = "stdout standard-output",
		.title = N_("write bytes to standard output"),
		.lead = N_(
			"write() hands what was received to standard output."),
		.text = N_(
			"Nothing else is ever written there: messages and the trace go to "
			"standard error.\n\n"
			"It may take fewer bytes than asked, or none (EAGAIN), where a "
			"reader of the pipe is slow; then receiving waits, and sending goes "
			"on. EPIPE means that nobody reads any more, ENOSPC that the disk "
			"is full: the session ends with status 6. Shown with -vvv.\n\n"
			"See write(2)."),
	},
};

const struct guide_topics guide_topics_calls_data = { topics, ARRAY_LEN(topics) };
