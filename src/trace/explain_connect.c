/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explanations: asking for a connection, and the answer. Sentences only. */
#include "trace/explain_private.h"

#include <errno.h>

#include "base/i18n.h"
#include "base/util.h"

#define CALL(name) .group = GUIDE_CALLS, .topic = (name)
#define FAILED .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS

static const struct explain_row rows[] = {
	/* connect */
	{ STEP_CONNECT, EXPLAIN_KIND, EXPLAIN_TCP, .error = EINPROGRESS, CALL("connect"),
	  .text = N_("The kernel has sent SYN to {remote}. EINPROGRESS is no failure: this socket does not block, "
		     "so the call does not wait for the answer. That will be the step \"connected\".") },
	{ STEP_CONNECT, EXPLAIN_KIND, EXPLAIN_UNIX, .error = EAGAIN, .group = GUIDE_ERRORS,
	  .text = N_("The accept queue of the server at {remote} is full: it does not accept fast enough.") },
	{ STEP_CONNECT, EXPLAIN_KIND, EXPLAIN_UNIX, .error = ECONNREFUSED, .group = GUIDE_ERRORS,
	  .text = N_("The file {remote} is there, but the process that made it is gone, or does not listen.") },
	{ STEP_CONNECT, EXPLAIN_KIND, EXPLAIN_UNIX, .error = ENOENT, .group = GUIDE_ERRORS,
	  .text = N_("A Unix server makes the file when it binds its socket; at {remote} none has.") },
	{ STEP_CONNECT, EXPLAIN_KIND, FAILED, .text = N_("So there is no connection to {remote}.") },
	{ STEP_CONNECT, EXPLAIN_KIND, EXPLAIN_UDP, CALL("connect"),
	  .text = N_("With UDP nothing is sent by it: the kernel notes {remote}, so that send() needs no address "
		     "and nobody else's datagrams are taken. Whether anybody is there is not known.") },
	{ STEP_CONNECT, EXPLAIN_KIND, 1U << PROTOCOL_UNIX_DGRAM, CALL("connect"),
	  .text = N_("With datagrams nothing is sent by it: the kernel notes {remote}, so that send() needs no "
		     "address.") },
	{ STEP_CONNECT, EXPLAIN_KIND, EXPLAIN_UNIX, CALL("connect"),
	  .text = N_("No network is between the two, so it stands at once, and waits in the accept queue of the "
		     "server at {remote}.") },
	{ STEP_CONNECT, EXPLAIN_KIND, CALL("connect"), .text = N_("The connection to {remote} stands.") },
	{ STEP_CONNECT, EXPLAIN_VALUES, EXPLAIN_UDP, .not = FACT_BOUND,
	  .text = N_("Answers come to {local}.") },

	/* connected */
	{ STEP_CONNECTED, EXPLAIN_KIND, EXPLAIN_TCP, FACT_LOOPBACK, .error = ECONNREFUSED, .group = GUIDE_ERRORS,
	  .text = N_("Our SYN was answered by RST, and not by SYN-ACK: no socket listens at "
		     "{remote}. This socket is of no further use; another attempt needs a new one.") },
	{ STEP_CONNECTED, EXPLAIN_KIND, EXPLAIN_TCP, .error = ECONNREFUSED, .group = GUIDE_ERRORS,
	  .text = N_("Our SYN was answered by RST, and not by SYN-ACK: {remote host} is up, but no socket listens "
		     "on its port {remote port}, or a firewall answers in its place. Another attempt needs a new "
		     "socket.") },
	{ STEP_CONNECTED, EXPLAIN_KIND, EXPLAIN_TCP, .error = ETIMEDOUT, .group = GUIDE_ERRORS,
	  .text = N_("SYN was sent to {remote} again and again. The host is off, or a firewall drops the packets, "
		     "or the server's accept queue is full.") },
	{ STEP_CONNECTED, EXPLAIN_KIND, FAILED,
	  .text = N_("So there is no connection to {remote}; another attempt needs a new socket.") },
	{ STEP_CONNECTED, EXPLAIN_KIND, CALL("connected"),
	  .text = N_("{remote} answered SYN with SYN-ACK, and our kernel confirmed with ACK: the connection "
		     "stands.") },
	{ STEP_CONNECTED, EXPLAIN_VALUES, EXPLAIN_TCP, FACT_BOUND,
	  .text = N_("Our end is {local}, as bind() said.") },
	{ STEP_CONNECTED, EXPLAIN_VALUES, EXPLAIN_TCP, FACT_EPHEMERAL,
	  .text = N_("Our end is {local}: a client's port may be any, so the kernel took a free one "
		     "(ephemeral: 32768 to 60999 by default).") },
	{ STEP_CONNECTED, EXPLAIN_VALUES, EXPLAIN_TCP,
	  .text = N_("Our end is {local}: a client's port may be any, so the kernel took a free one.") },
	{ STEP_CONNECTED, EXPLAIN_AFTER, EXPLAIN_TCP, FACT_RELAY,
	  .text = N_("Now the client's data can go on.") },
	{ STEP_CONNECTED, EXPLAIN_AFTER, EXPLAIN_TCP, .text = N_("Either side may send now.") },
};

const struct explain_table explain_table_connect = { rows, ARRAY_LEN(rows) };
