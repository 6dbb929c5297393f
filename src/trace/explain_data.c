/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explanations: moving data. Sentences only. */
#include "trace/explain_private.h"

#include <errno.h>

#include "base/i18n.h"
#include "base/util.h"

#define CALL(name) .group = GUIDE_CALLS, .topic = (name)
#define WORD(name) .group = GUIDE_WORDS, .topic = (name)

static const struct explain_row rows[] = {
	/* send */
	{ STEP_SEND, EXPLAIN_KIND, EXPLAIN_STREAM, .error = EAGAIN, .group = GUIDE_ERRORS,
	  .text = N_("The send buffer of {fd} is full: the peer takes data more slowly than they come. sockt "
		     "sends again when there is room, and meanwhile reads no more input.") },
	{ STEP_SEND, EXPLAIN_KIND, EXPLAIN_UDP, .error = ECONNREFUSED, .group = GUIDE_ERRORS,
	  .text = N_("An earlier datagram was answered by ICMP \"port unreachable\": no socket takes datagrams at "
		     "{remote}. This call only reports it.") },
	{ STEP_SEND, EXPLAIN_KIND, .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS,
	  .text = N_("The bytes of this call were not taken.") },
	{ STEP_SEND, EXPLAIN_KIND, EXPLAIN_STREAM, FACT_SHORT, CALL("send"),
	  .text = N_("Here it took {count} of {asked} bytes: the send buffer is full. The rest is sent when there "
		     "is room.") },
	{ STEP_SEND, EXPLAIN_KIND, EXPLAIN_TCP, CALL("send"),
	  .text = N_("These {count} bytes are now in the send buffer of {fd}. The kernel sends them, again where "
		     "they get lost, until the peer's kernel has acknowledged them.") },
	{ STEP_SEND, EXPLAIN_KIND, EXPLAIN_UDP, CALL("send"),
	  .text = N_("These {count} bytes are one datagram to {remote}. It arrives as a whole or not at all, and "
		     "UDP does not tell which.") },
	{ STEP_SEND, EXPLAIN_KIND, 1U << PROTOCOL_UNIX, CALL("send"),
	  .text = N_("These {count} bytes wait in the peer's receive queue already: no network is between the "
		     "two, and nothing can get lost on the way.") },
	{ STEP_SEND, EXPLAIN_KIND, 1U << PROTOCOL_UNIX_DGRAM | 1U << PROTOCOL_UNIX_SEQPACKET, CALL("send"),
	  .text = N_("These {count} bytes are one message: the peer receives them as one, and nothing can get "
		     "lost on the way.") },
	{ STEP_SEND, EXPLAIN_KIND, CALL("send"), .text = "" },
	{ STEP_SEND, EXPLAIN_AFTER, EXPLAIN_TCP | 1U << PROTOCOL_UNIX, .not = FACT_SHORT,
	  .text = N_("A stream keeps no boundaries: the peer may receive them in one piece or in several, or "
		     "together with the next.") },

	/* recv */
	{ STEP_RECV, EXPLAIN_KIND, .error = EAGAIN, .group = GUIDE_ERRORS,
	  .text = N_("Nothing has arrived at {fd}. sockt calls again when something has.") },
	{ STEP_RECV, EXPLAIN_KIND, EXPLAIN_UDP, .error = ECONNREFUSED, .group = GUIDE_ERRORS,
	  .text = N_("An earlier datagram was answered by ICMP \"port unreachable\": no socket takes datagrams at "
		     "{remote}. This call only reports it.") },
	{ STEP_RECV, EXPLAIN_KIND, .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS, .text = "" },
	{ STEP_RECV, EXPLAIN_KIND, EXPLAIN_STREAM, FACT_EMPTY | FACT_WE_ENDED, WORD("half-close"),
	  .text = N_("0 bytes mean that the peer has ended its direction, too, and that everything before it has "
		     "been read. Nothing can come any more: both directions have ended.") },
	{ STEP_RECV, EXPLAIN_KIND, EXPLAIN_STREAM, FACT_EMPTY, WORD("half-close"),
	  .text = N_("0 bytes mean that the peer has ended its own direction, and that everything before it has "
		     "been read. It is no error, and this side may still send.") },
	{ STEP_RECV, EXPLAIN_KIND, EXPLAIN_STREAM, CALL("recv"),
	  .text = N_("There were {count} bytes. They need not be what the peer gave to one send(): a stream keeps "
		     "no boundaries.") },
	{ STEP_RECV, EXPLAIN_KIND, EXPLAIN_UDP, FACT_LISTENING, CALL("recv"),
	  .text = N_("Each call takes one datagram. This one has {count} bytes and came from {remote}: the socket "
		     "is not connected, so every datagram tells who sent it.") },
	{ STEP_RECV, EXPLAIN_KIND, EXPLAIN_DATAGRAM, CALL("recv"),
	  .text = N_("Each call takes one datagram, this one of {count} bytes.") },
	{ STEP_RECV, EXPLAIN_KIND, CALL("recv"), .text = "" },

	/* the others that move data */
	{ STEP_SPLICE, EXPLAIN_KIND, .error = EAGAIN, .group = GUIDE_ERRORS, .text = "" },
	{ STEP_SPLICE, EXPLAIN_KIND, .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS, .text = "" },
	{ STEP_SPLICE, EXPLAIN_KIND, CALL("splice"), .text = "" },
	{ STEP_RECVMMSG, EXPLAIN_KIND, .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS, .text = "" },
	{ STEP_RECVMMSG, EXPLAIN_KIND, CALL("recvmmsg"), .text = "" },
	{ STEP_SENDMSG, EXPLAIN_KIND, .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS, .text = "" },
	{ STEP_SENDMSG, EXPLAIN_KIND, CALL("sendmsg"), .text = "" },
	{ STEP_SENDMMSG, EXPLAIN_KIND, .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS, .text = "" },
	{ STEP_SENDMMSG, EXPLAIN_KIND, CALL("sendmmsg"), .text = "" },
	{ STEP_READ, EXPLAIN_KIND, .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS, .text = "" },
	{ STEP_READ, EXPLAIN_KIND, CALL("read"), .text = "" },
	{ STEP_WRITE, EXPLAIN_KIND, .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS, .text = "" },
	{ STEP_WRITE, EXPLAIN_KIND, CALL("write"), .text = "" },

	/* looks */
	{ STEP_EPOLL_WAIT, EXPLAIN_KIND, CALL("epoll_wait"), .text = "" },
	{ STEP_GETSOCKOPT, EXPLAIN_KIND, CALL("getsockopt"), .text = "" },
	{ STEP_GETSOCKNAME, EXPLAIN_KIND, CALL("getsockname"), .text = "" },
	{ STEP_GETPEERNAME, EXPLAIN_KIND, CALL("getpeername"), .text = "" },
	{ STEP_IOCTL, EXPLAIN_KIND, CALL("ioctl"), .text = "" },
	{ STEP_RECVMSG, EXPLAIN_KIND, .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS, .text = "" },
	{ STEP_RECVMSG, EXPLAIN_KIND, CALL("recvmsg"), .text = "" },
	{ STEP_PROBE, EXPLAIN_KIND, CALL("probe"), .text = "" },
};

const struct explain_table explain_table_data = { rows, ARRAY_LEN(rows) };
