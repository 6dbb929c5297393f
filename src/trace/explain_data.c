/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explanations: moving data, and looking. Sentences only. */
#include "trace/explain_private.h"

#include <errno.h>

#include "base/i18n.h"
#include "base/util.h"

#define CALL(name) .group = GUIDE_CALLS, .topic = (name)
#define WORD(name) .group = GUIDE_WORDS, .topic = (name)
#define FAILED .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS

static const struct explain_row rows[] = {
	/* send */
	{ STEP_SEND, EXPLAIN_KIND, EXPLAIN_STREAM, .error = EAGAIN, .group = GUIDE_ERRORS,
	  .text = N_("The send buffer of descriptor {fd} is full: the peer takes data more slowly than they come. "
		     "sockt waits until there is room, and meanwhile reads no further input.") },
	{ STEP_SEND, EXPLAIN_KIND, EXPLAIN_UDP, .error = ECONNREFUSED, .group = GUIDE_ERRORS,
	  .text = N_("An earlier datagram was answered by ICMP \"port unreachable\": no socket takes datagrams at "
		     "{remote}. This call only reports it, and has sent nothing.") },
	{ STEP_SEND, EXPLAIN_KIND, EXPLAIN_STREAM, .error = EPIPE, .group = GUIDE_ERRORS,
	  .text = N_("The connection is gone, or its sending direction has ended: nothing more can be sent on it.") },
	{ STEP_SEND, EXPLAIN_KIND, EXPLAIN_STREAM, .error = ECONNRESET, .group = GUIDE_ERRORS,
	  .text = N_("The bytes of this call were not taken, and some of those before may not have been read.") },
	{ STEP_SEND, EXPLAIN_KIND, FAILED, .text = N_("The bytes of this call were not taken.") },
	{ STEP_SEND, EXPLAIN_KIND, EXPLAIN_STREAM, FACT_SHORT, CALL("send"),
	  .text = N_("Here it took {count} of {asked} bytes, for more there was no room in the send buffer. The "
		     "rest follows when there is.") },
	{ STEP_SEND, EXPLAIN_KIND, EXPLAIN_TCP, CALL("send"),
	  .text = N_("These {count} bytes are in the send buffer now: the kernel sends them until the peer's "
		     "kernel has acknowledged them.") },
	{ STEP_SEND, EXPLAIN_KIND, EXPLAIN_UDP, CALL("send"),
	  .text = N_("These {count} bytes are one datagram to {remote}. It arrives whole or not at all, and UDP "
		     "does not tell which.") },
	{ STEP_SEND, EXPLAIN_KIND, 1U << PROTOCOL_UNIX, CALL("send"),
	  .text = N_("These {count} bytes are in the peer's receive queue already: no network is between the two.") },
	{ STEP_SEND, EXPLAIN_KIND, 1U << PROTOCOL_UNIX_DGRAM | 1U << PROTOCOL_UNIX_SEQPACKET, CALL("send"),
	  .text = N_("These {count} bytes are one message, and are in the peer's receive queue already: it is "
		     "received whole, and cannot get lost.") },
	{ STEP_SEND, EXPLAIN_KIND, CALL("send"), .text = "" },
	{ STEP_SEND, EXPLAIN_AFTER, EXPLAIN_TCP | 1U << PROTOCOL_UNIX, .not = FACT_SHORT,
	  .text = N_("A stream keeps no boundaries: they may arrive in pieces, or with others.") },

	/* recv */
	{ STEP_RECV, EXPLAIN_KIND, .error = EAGAIN, .group = GUIDE_ERRORS,
	  .text = N_("Nothing is there to be received from descriptor {fd}; sockt waits in epoll_wait() until "
		     "something is.") },
	{ STEP_RECV, EXPLAIN_KIND, EXPLAIN_UDP, .error = ECONNREFUSED, .group = GUIDE_ERRORS,
	  .text = N_("An earlier datagram was answered by ICMP \"port unreachable\": no socket takes datagrams at "
		     "{remote}. This call only reports it.") },
	{ STEP_RECV, EXPLAIN_KIND, EXPLAIN_STREAM, .error = ECONNRESET, .group = GUIDE_ERRORS,
	  .text = N_("It did not end its direction, it gave up both: what it had still to send is lost, and what "
		     "we sent last may not have been read.") },
	{ STEP_RECV, EXPLAIN_KIND, FAILED, .text = "" },
	{ STEP_RECV, EXPLAIN_KIND, EXPLAIN_STREAM, FACT_EMPTY | FACT_WE_ENDED, WORD("half-close"),
	  .text = N_("0 bytes mean that the peer has ended its direction, and that all it sent has been read. "
		     "Ours had ended before: nothing can come any more, and the connection is over.") },
	{ STEP_RECV, EXPLAIN_KIND, EXPLAIN_STREAM, FACT_EMPTY, WORD("half-close"),
	  .text = N_("0 bytes mean that the peer has ended its direction, and that all it sent has been read. It "
		     "is no error, and this side may still send.") },
	{ STEP_RECV, EXPLAIN_KIND, EXPLAIN_TCP | 1U << PROTOCOL_UNIX, CALL("recv"),
	  .text = N_("There were {count} bytes. They need not be what the peer gave to one send(): a stream keeps "
		     "no boundaries.") },
	{ STEP_RECV, EXPLAIN_KIND, EXPLAIN_DATAGRAM, FACT_EMPTY, CALL("recv"),
	  .text = N_("0 bytes are no end here: this datagram is empty. Datagrams have no end.") },
	{ STEP_RECV, EXPLAIN_KIND, EXPLAIN_UDP, FACT_LISTENING, CALL("recv"),
	  .text = N_("Each call takes one datagram. This one has {count} bytes and is from {remote}: the socket "
		     "is not connected, so each tells who sent it, and anybody may.") },
	{ STEP_RECV, EXPLAIN_KIND, .protocols = EXPLAIN_DATAGRAM | 1U << PROTOCOL_UNIX_SEQPACKET, CALL("recv"),
	  .text = N_("Each call takes one message, as it was sent; this one has {count} bytes.") },
	{ STEP_RECV, EXPLAIN_KIND, CALL("recv"), .text = "" },

	/* the others that move data */
	{ STEP_SPLICE, EXPLAIN_KIND, .error = EAGAIN, .group = GUIDE_ERRORS,
	  .text = N_("Either nothing has come to the one side, or the other has no room: splice() does not say "
		     "which.") },
	{ STEP_SPLICE, EXPLAIN_KIND, FAILED, .text = "" },
	{ STEP_SPLICE, EXPLAIN_KIND, .facts = FACT_EMPTY, WORD("half-close"),
	  .text = N_("0 bytes mean that the side that was read from has ended, and that all of it has been moved.") },
	{ STEP_SPLICE, EXPLAIN_KIND, CALL("splice"), .text = N_("These {count} bytes were moved so.") },
	{ STEP_RECVMMSG, EXPLAIN_KIND, .error = EAGAIN, .group = GUIDE_ERRORS, .text = N_("No datagram is there.") },
	{ STEP_RECVMMSG, EXPLAIN_KIND, FAILED, .text = "" },
	{ STEP_RECVMMSG, EXPLAIN_KIND, CALL("recvmmsg"), .text = N_("Here there were {count}.") },
	{ STEP_SENDMSG, EXPLAIN_KIND, FAILED, .text = "" },
	{ STEP_SENDMSG, EXPLAIN_KIND, CALL("sendmsg"), .text = N_("Here {count} bytes were taken.") },
	{ STEP_SENDMMSG, EXPLAIN_KIND, FAILED, .text = "" },
	{ STEP_SENDMMSG, EXPLAIN_KIND, CALL("sendmmsg"), .text = N_("Here {count} were taken.") },
	{ STEP_READ, EXPLAIN_KIND, .error = EAGAIN, .group = GUIDE_ERRORS,
	  .text = N_("Nothing is there to be read.") },
	{ STEP_READ, EXPLAIN_KIND, FAILED, .text = "" },
	{ STEP_READ, EXPLAIN_KIND, .facts = FACT_EMPTY, CALL("read"),
	  .text = N_("0 bytes mean that it has ended: there is nothing more to send.") },
	{ STEP_READ, EXPLAIN_KIND, CALL("read"), .text = N_("These {count} bytes are to be sent.") },
	{ STEP_WRITE, EXPLAIN_KIND, .error = EAGAIN, .group = GUIDE_ERRORS,
	  .text = N_("Who reads the output is slow; until there is room, nothing more is received.") },
	{ STEP_WRITE, EXPLAIN_KIND, FAILED, .text = "" },
	{ STEP_WRITE, EXPLAIN_KIND, CALL("write"), .text = "" },

	/* looks */
	{ STEP_EPOLL_WAIT, EXPLAIN_KIND, CALL("epoll_wait"),
	  .text = N_("So one program can wait for both directions, for many connections and for a time limit at "
		     "once.") },
	{ STEP_POLL, EXPLAIN_KIND, CALL("poll"),
	  .text = N_("So a program that must not wait in one call finds out which call to make.") },
	{ STEP_FCNTL, EXPLAIN_KIND, .facts = FACT_OFF, CALL("fcntl"),
	  .text = N_("Here it is off: calls wait until there is something to do, as socket() makes it.") },
	{ STEP_FCNTL, EXPLAIN_KIND, CALL("fcntl"),
	  .text = N_("A call that would have to wait answers EAGAIN at once, and the program does something else.") },
	{ STEP_GETSOCKOPT, EXPLAIN_KIND, .group = GUIDE_OPTIONS, .text = N_("This call only looks.") },
	{ STEP_GETSOCKOPT, EXPLAIN_KIND, CALL("getsockopt"), .text = "" },
	{ STEP_GETSOCKNAME, EXPLAIN_KIND, CALL("getsockname"),
	  .text = N_("That is not known beforehand where the kernel chose the port.") },
	{ STEP_GETPEERNAME, EXPLAIN_KIND, CALL("getpeername"), .text = "" },
	{ STEP_IOCTL, EXPLAIN_KIND, CALL("ioctl"),
	  .text = N_("Only an empty send queue proves that the peer's kernel has everything.") },
	{ STEP_RECVMSG, EXPLAIN_KIND, .error = EAGAIN, CALL("recvmsg"), .text = N_("There is no entry.") },
	{ STEP_RECVMSG, EXPLAIN_KIND, FAILED, .text = "" },
	{ STEP_RECVMSG, EXPLAIN_KIND, CALL("recvmsg"), .text = "" },
	{ STEP_PROBE, EXPLAIN_KIND, CALL("probe"), .text = "" },
};

const struct explain_table explain_table_data = { rows, ARRAY_LEN(rows) };
