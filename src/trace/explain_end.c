/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explanations: how connections end, and the records that are no calls. Sentences only. */
#include "trace/explain_private.h"

#include <netinet/tcp.h>

#include "base/i18n.h"
#include "base/util.h"

#define CALL(name) .group = GUIDE_CALLS, .topic = (name)
#define IDEA(name) .group = GUIDE_IDEAS, .topic = (name)
#define WORD(name) .group = GUIDE_WORDS, .topic = (name)
#define FAILED .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS

/* A note is a sentence for a person already. */
const uint64_t explain_steps_without = UINT64_C(1) << STEP_NOTE;

static const struct explain_row rows[] = {
	/* shutdown */
	{ STEP_SHUTDOWN, EXPLAIN_KIND, FAILED, .text = N_("The direction had ended before, with the connection.") },
	{ STEP_SHUTDOWN, EXPLAIN_KIND, EXPLAIN_STREAM, FACT_RELAY | FACT_SHUT_LIMIT, CALL("shutdown"),
	  .text = N_("The limit is reached: the client may send no more to the target, and the relay ends that "
		     "direction behind the last byte. What the target sends still goes to the client.") },
	{ STEP_SHUTDOWN, EXPLAIN_KIND, EXPLAIN_STREAM, FACT_RELAY | FACT_SHUT_OWN, CALL("shutdown"),
	  .text = N_("The relay ends this connection, behind the last byte. It reads on until the other side has "
		     "ended too, and throws away what still comes: close() would answer that with a failure.") },
	{ STEP_SHUTDOWN, EXPLAIN_KIND, EXPLAIN_STREAM, FACT_RELAY | FACT_CLIENT, CALL("shutdown"),
	  .text = N_("The client has ended its direction, and the relay passes that on to the target, behind the "
		     "last byte. What the target sends still goes to the client.") },
	{ STEP_SHUTDOWN, EXPLAIN_KIND, EXPLAIN_STREAM, FACT_RELAY | FACT_SERVER, CALL("shutdown"),
	  .text = N_("The target has ended its direction, and the relay passes that on to the client, behind the "
		     "last byte. What the client sends still goes to the target.") },
	{ STEP_SHUTDOWN, EXPLAIN_KIND, EXPLAIN_TCP, .from = TCP_CLOSE_WAIT, CALL("shutdown"),
	  .text = N_("The peer had ended its own before: with our FIN both have ended.") },
	{ STEP_SHUTDOWN, EXPLAIN_KIND, EXPLAIN_TCP, .to = TCP_CLOSE, CALL("shutdown"),
	  .text = N_("The kernel has sent FIN behind the last byte. When this call returned the peer had ended its "
		     "direction too: the connection is over.") },
	{ STEP_SHUTDOWN, EXPLAIN_KIND, EXPLAIN_TCP, CALL("shutdown"),
	  .text = N_("The kernel sends FIN behind the last byte, and the peer's recv() returns 0: so it knows "
		     "that it has all, and need not wait for more. It may still answer, until it ends too.") },
	{ STEP_SHUTDOWN, EXPLAIN_KIND, EXPLAIN_UNIX, CALL("shutdown"),
	  .text = N_("The peer's recv() returns 0 behind the last byte: so it knows that it has all, and need not "
		     "wait for more. It may still answer, until it ends too.") },
	{ STEP_SHUTDOWN, EXPLAIN_KIND, CALL("shutdown"), .text = "" },

	/* close */
	{ STEP_CLOSE, EXPLAIN_KIND, FAILED, .text = "" },
	{ STEP_CLOSE, EXPLAIN_KIND, .facts = FACT_PASSED | FACT_LISTENING, CALL("close"),
	  .text = N_("Workers have the same socket by descriptors of their own: clients of {local} are refused once "
		     "the last of these is closed.") },
	{ STEP_CLOSE, EXPLAIN_KIND, .facts = FACT_PASSED, CALL("close"),
	  .text = N_("Another process has the same connection by a descriptor of its own, so nothing is sent, and "
		     "nothing ends.") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_TCP, FACT_LISTENING | FACT_OURS, CALL("close"),
	  .text = N_("Descriptor {fd} was the server socket: new clients of {local} are refused now, and those "
		     "who still waited in the accept queue are reset. Connections that accept() gave out are not "
		     "touched.") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_STREAM, FACT_LISTENING | FACT_OURS, CALL("close"),
	  .text = N_("Descriptor {fd} was the server socket: new clients of {local} are refused now. Connections "
		     "that accept() gave out are not touched.") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_UDP, FACT_LISTENING | FACT_OURS, CALL("close"),
	  .text = N_("Nobody takes datagrams at {local} any more: the kernel answers them by ICMP \"port "
		     "unreachable\".") },
	{ STEP_CLOSE, EXPLAIN_KIND, 1U << PROTOCOL_UNIX_DGRAM, FACT_LISTENING | FACT_OURS, CALL("close"),
	  .text = N_("Nobody takes datagrams at {local} any more: who sends there is refused.") },
	{ STEP_CLOSE, EXPLAIN_KIND, .facts = FACT_LISTENING, CALL("close"),
	  .text = N_("Descriptor {fd} was made by another program, which may still have it: then it goes on "
		     "waiting there.") },
	{ STEP_CLOSE, EXPLAIN_KIND, .facts = FACT_SERVER | FACT_OURS, .not = FACT_STANDING, CALL("close"),
	  .text = N_("Descriptor {fd} never came to wait for clients, so nothing is sent by it.") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_TCP, FACT_CLIENT, .not = FACT_STANDING, .from = TCP_SYN_SENT, CALL("close"),
	  .text = N_("This attempt had no answer yet, and is given up.") },
	{ STEP_CLOSE, EXPLAIN_KIND, .facts = FACT_CLIENT | FACT_OURS, .not = FACT_STANDING, CALL("close"),
	  .text = N_("There was no connection, so nothing is sent by it.") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_TCP, FACT_WE_FIRST, .not = FACT_BROKEN, .from = TCP_CLOSE, CALL("close"),
	  .text = N_("Both directions have ended, so nothing is sent by it. Since this side ended first, the "
		     "kernel remembers both addresses for 60 s (TIME_WAIT), lest late packets be taken for new "
		     "ones.") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_TCP, .from = TCP_CLOSE, CALL("close"),
	  .text = N_("The connection is over, so nothing is sent by it.") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_TCP, FACT_ABRUPT, CALL("close"),
	  .text = N_("Since SO_LINGER is on with the time 0, the kernel throws away what is unsent and sends RST, "
		     "so that the peer does not take it for a complete end.") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_TCP, .from = TCP_CLOSE_WAIT, CALL("close"),
	  .text = N_("The peer had ended its direction before; with close() ours ends too. The kernel sends FIN, "
		     "or RST where something that came was not read.") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_TCP, .from = TCP_FIN_WAIT2, CALL("close"),
	  .text = N_("Our direction had ended before, the peer's has not: what it may still send is answered by "
		     "RST.") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_TCP, .from = TCP_ESTABLISHED, CALL("close"),
	  .text = N_("Neither direction had ended: both end now. The kernel sends what is unsent, then FIN, or "
		     "RST where something that came was not read.") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_TCP, CALL("close"),
	  .text = N_("What of the connection has not ended yet, the kernel ends without this program.") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_UDP, CALL("close"),
	  .text = N_("Nothing is sent by it, and the peer does not learn of it: UDP has no end.") },
	{ STEP_CLOSE, EXPLAIN_KIND, 1U << PROTOCOL_UNIX_DGRAM, CALL("close"),
	  .text = N_("Nothing is sent by it: datagrams have no end.") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_UNIX, CALL("close"),
	  .text = N_("For the peer both directions have ended now: it receives 0, and cannot send any more "
		     "(EPIPE).") },
	{ STEP_CLOSE, EXPLAIN_KIND, CALL("close"), .text = "" },

	/* packets */
	{ STEP_PACKET, EXPLAIN_KIND, .facts = FACT_ICMP, CALL("packet"),
	  .text = N_("It is an ICMP error: a router or a host says why a packet of ours was not taken.") },
	{ STEP_PACKET, EXPLAIN_KIND, .facts = FACT_RST | FACT_OUT, WORD("RST"), .text = N_("Our kernel sends it.") },
	{ STEP_PACKET, EXPLAIN_KIND, .facts = FACT_RST, WORD("RST"), .text = N_("It comes from the peer.") },
	{ STEP_PACKET, EXPLAIN_KIND, .facts = FACT_SYN | FACT_ACK | FACT_OUT, WORD("SYN"),
	  .text = N_("This is SYN-ACK: our kernel agrees, without asking the program, and tells at which number "
		     "our bytes begin.") },
	{ STEP_PACKET, EXPLAIN_KIND, .facts = FACT_SYN | FACT_ACK, WORD("SYN"),
	  .text = N_("This is SYN-ACK: the peer's kernel agrees, and tells at which number its bytes begin.") },
	{ STEP_PACKET, EXPLAIN_KIND, .facts = FACT_SYN | FACT_OUT, WORD("SYN"),
	  .text = N_("This is SYN, which connect() has sent: it asks, and tells at which number our bytes begin.") },
	{ STEP_PACKET, EXPLAIN_KIND, .facts = FACT_SYN, WORD("SYN"),
	  .text = N_("This is SYN: a client asks, and tells at which number its bytes begin.") },
	{ STEP_PACKET, EXPLAIN_KIND, .facts = FACT_FIN | FACT_OUT, WORD("FIN"),
	  .text = N_("It is our direction that ends.") },
	{ STEP_PACKET, EXPLAIN_KIND, .facts = FACT_FIN, WORD("FIN"),
	  .text = N_("It is the peer's direction that ends.") },
	{ STEP_PACKET, EXPLAIN_KIND, EXPLAIN_TCP, FACT_DATA | FACT_OUT, CALL("packet"),
	  .text = N_("This one takes {length} bytes of ours to the peer, and stays in the send buffer until the "
		     "ACK for it comes.") },
	{ STEP_PACKET, EXPLAIN_KIND, EXPLAIN_TCP, FACT_DATA, CALL("packet"),
	  .text = N_("This one brings {length} bytes, which wait in the receive buffer until recv() takes them.") },
	{ STEP_PACKET, EXPLAIN_KIND, EXPLAIN_TCP, FACT_ACK, CALL("packet"),
	  .text = N_("This one carries no data: it acknowledges what has come, and tells how much more there is "
		     "room for (win).") },
	{ STEP_PACKET, EXPLAIN_KIND, CALL("packet"), .text = "" },

	/* records */
	{ STEP_STATE, EXPLAIN_KIND, .to = TCP_CLOSE_WAIT, .group = GUIDE_STATES,
	  .text = N_("The peer's FIN has come. What it sent before can still be read, and this side may still "
		     "send.") },
	{ STEP_STATE, EXPLAIN_KIND, .to = TCP_FIN_WAIT2, .group = GUIDE_STATES,
	  .text = N_("The peer's kernel has acknowledged our FIN; the peer may still send.") },
	{ STEP_STATE, EXPLAIN_KIND, .to = TCP_CLOSE, .group = GUIDE_STATES,
	  .text = N_("The peer has ended too, or has reset the connection: recv() tells which.") },
	{ STEP_STATE, EXPLAIN_KIND, .group = GUIDE_STATES, .text = "" },
	{ STEP_STATE, EXPLAIN_KIND, CALL("state"), .text = "" },
	{ STEP_END, EXPLAIN_KIND, EXPLAIN_DATAGRAM, .not = FACT_NO_SESSION, CALL("end"),
	  .text = N_("Here that is what was exchanged with one peer: datagrams have no connections.") },
	{ STEP_END, EXPLAIN_KIND, .facts = FACT_REPLIED, IDEA("http"),
	  .text = N_("Data went one way at a time, and the client began.") },
	{ STEP_END, EXPLAIN_KIND, .facts = FACT_TALKED, IDEA("conversation"),
	  .text = N_("Here both did. A turn is a run of data in one direction.") },
	{ STEP_END, EXPLAIN_KIND, .not = FACT_NO_SESSION, CALL("end"),
	  .text = N_("It counts what was sent and received, and tells who spoke first and who ended first.") },
	{ STEP_SEGMENTS, EXPLAIN_KIND, CALL("segments"),
	  .text = N_("One call may send several, and one of them may serve several calls; SYN, ACK and FIN belong "
		     "to no send() at all.") },
	{ STEP_ACKNOWLEDGED, EXPLAIN_KIND, CALL("acknowledged"),
	  .text = N_("Whether the program there has read them is not known by it.") },
	{ STEP_ICMP, EXPLAIN_KIND, EXPLAIN_TCP, CALL("icmp"),
	  .text = N_("While a connection is being made TCP takes it as a hint, and goes on asking for a while.") },
	{ STEP_ICMP, EXPLAIN_KIND, CALL("icmp"),
	  .text = N_("With UDP it is the only sign of a failure that there may be.") },
	{ STEP_INFO, EXPLAIN_KIND, .facts = FACT_LISTENING, CALL("info"),
	  .text = N_("Of a listening socket it tells how many connections wait in the accept queue, and how many "
		     "may.") },
	{ STEP_INFO, EXPLAIN_KIND, EXPLAIN_TCP, CALL("info"),
	  .text = N_("rtt: the round trip time; cwnd: how many segments may be under way without an "
		     "acknowledgement; retransmits: segments sent again.") },
	{ STEP_INFO, EXPLAIN_KIND, CALL("info"),
	  .text = N_("Here it knows the queues: unread, what has come and was not received yet; unsent, what has not "
		     "left this host.") },
	{ STEP_HTTP, EXPLAIN_KIND, IDEA("http"),
	  .text = N_("A request and its reply are each a head of lines, an empty line, and perhaps a body; the head "
		     "says how long the body is.") },
	{ STEP_WAITPID, EXPLAIN_KIND, FAILED, .text = "" },
	{ STEP_WAITPID, EXPLAIN_KIND, CALL("waitpid"),
	  .text = N_("Until somebody has asked, the kernel keeps what is left of it (a zombie).") },
	{ STEP_PASS, EXPLAIN_KIND, FAILED, .text = N_("So the connection is given up.") },
	{ STEP_PASS, EXPLAIN_KIND, CALL("pass"),
	  .text = N_("Who gets it reads and writes the connection as if it had made it; ours can be closed then.") },
	{ STEP_FCHMOD, EXPLAIN_KIND, FAILED,
	  .text = N_("So the socket is given up, or others than were meant could use it.") },
	{ STEP_FCHMOD, EXPLAIN_KIND, CALL("fchmod"),
	  .text = N_("It comes before bind(), so nobody else can use the file from its first moment on.") },
	{ STEP_LCHOWN, EXPLAIN_KIND, FAILED,
	  .text = N_("So the socket is given up, or others than were meant could use it.") },
	{ STEP_LCHOWN, EXPLAIN_KIND, EXPLAIN_STREAM, CALL("lchown"),
	  .text = N_("It comes before listen(), so nobody has connected yet.") },
	{ STEP_LCHOWN, EXPLAIN_KIND, CALL("lchown"), .text = "" },
	{ STEP_FCHMODAT, EXPLAIN_KIND, FAILED,
	  .text = N_("So the socket is given up, or others than were meant could use it.") },
	{ STEP_FCHMODAT, EXPLAIN_KIND, CALL("fchmodat"),
	  .text = N_("To connect to a Unix socket, or to send it datagrams, is to write to its file.") },
	{ STEP_CHROOT, EXPLAIN_KIND, FAILED, .text = "" },
	{ STEP_CHROOT, EXPLAIN_KIND, CALL("chroot"), .text = "" },
	{ STEP_SETGROUPS, EXPLAIN_KIND, FAILED, .text = "" },
	{ STEP_SETGROUPS, EXPLAIN_KIND, CALL("setgroups"),
	  .text = N_("They come first, since who is no longer root may not change them.") },
	{ STEP_SETGID, EXPLAIN_KIND, FAILED, .text = "" },
	{ STEP_SETGID, EXPLAIN_KIND, CALL("setgid"), .text = "" },
	{ STEP_SETUID, EXPLAIN_KIND, FAILED, .text = "" },
	{ STEP_SETUID, EXPLAIN_KIND, CALL("setuid"),
	  .text = N_("Port and socket are there already, so nothing of what follows needs root.") },
	{ STEP_REFUSED, EXPLAIN_KIND, EXPLAIN_STREAM, CALL("refused"),
	  .text = N_("Its connection stood already: the kernel makes it before accept() can tell whose it is. So it "
		     "is reset, that it is not taken for an answer without data.") },
	{ STEP_REFUSED, EXPLAIN_KIND, CALL("refused"),
	  .text = N_("What it sends is dropped. It is told nothing of that, for datagrams have no connection that "
		     "could be reset.") },
	{ STEP_PROXY, EXPLAIN_KIND, CALL("proxy"), .text = "" },
	{ STEP_FAULT, EXPLAIN_KIND, CALL("fault"), .text = "" },
};

const struct explain_table explain_table_end = { rows, ARRAY_LEN(rows) };
