/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explanations: asking for a connection, and the answer. Sentences only. */
#include "trace/explain_private.h"

#include <errno.h>
#include <netinet/tcp.h>

#include "base/i18n.h"
#include "base/util.h"

#define CALL(name) .group = GUIDE_CALLS, .topic = (name)

static const struct explain_row rows[] = {
	/* connect */
	{ STEP_CONNECT, EXPLAIN_KIND, EXPLAIN_TCP, .error = EINPROGRESS, CALL("connect"),
	  .text = N_("The kernel has sent SYN to {remote}. EINPROGRESS is no failure: this socket does not block, "
		     "so the call did not wait for the answer. That comes as the step \"connected\".") },
	{ STEP_CONNECT, EXPLAIN_KIND, EXPLAIN_UNIX, .error = EAGAIN, .group = GUIDE_ERRORS,
	  .text = N_("The accept queue of the server at {remote} is full.") },
	{ STEP_CONNECT, EXPLAIN_KIND, EXPLAIN_UNIX, .error = ECONNREFUSED, .group = GUIDE_ERRORS,
	  .text = N_("The file {remote} is there, but no process listens on it.") },
	{ STEP_CONNECT, EXPLAIN_KIND, .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS,
	  .text = N_("So there is no connection to {remote}.") },
	{ STEP_CONNECT, EXPLAIN_KIND, EXPLAIN_DATAGRAM, CALL("connect"),
	  .text = N_("With datagrams nothing is sent by it: the kernel only notes {remote}, so that send() needs "
		     "no address and datagrams from anybody else are not taken. Whether somebody is there, it "
		     "does not tell.") },
	{ STEP_CONNECT, EXPLAIN_KIND, EXPLAIN_UNIX, CALL("connect"),
	  .text = N_("The connection stands at once, since no network is between the two: it is in the accept "
		     "queue of the server at {remote}.") },
	{ STEP_CONNECT, EXPLAIN_KIND, CALL("connect"), .text = N_("The connection to {remote} stands.") },
	{ STEP_CONNECT, EXPLAIN_VALUES, EXPLAIN_UDP, .not = FACT_BOUND,
	  .text = N_("The answers come to {local}: the kernel has taken a free port, {local port}.") },

	/* connected */
	{ STEP_CONNECTED, EXPLAIN_KIND, EXPLAIN_TCP, FACT_LOOPBACK, .error = ECONNREFUSED, .group = GUIDE_ERRORS,
	  .text = N_("The kernel answered our SYN with RST: no socket listens at {remote}. This one cannot be "
		     "used again; for another attempt a new one is made.") },
	{ STEP_CONNECTED, EXPLAIN_KIND, EXPLAIN_TCP, .error = ECONNREFUSED, .group = GUIDE_ERRORS,
	  .text = N_("{remote host} answered our SYN with RST: no socket listens on its port {remote port}, or a "
		     "firewall answers so in its place. This socket cannot be used again; for another attempt a "
		     "new one is made.") },
	{ STEP_CONNECTED, EXPLAIN_KIND, .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS,
	  .text = N_("So there is no connection to {remote}; for another attempt a new socket is made.") },
	{ STEP_CONNECTED, EXPLAIN_KIND, CALL("connected"),
	  .text = N_("{remote} answered SYN with SYN-ACK, and our kernel confirmed with ACK: the connection "
		     "stands.") },
	{ STEP_CONNECTED, EXPLAIN_VALUES, EXPLAIN_TCP, FACT_BOUND,
	  .text = N_("Our end of it is {local}, as bind() has said.") },
	{ STEP_CONNECTED, EXPLAIN_VALUES, EXPLAIN_TCP, FACT_EPHEMERAL,
	  .text = N_("Our end of it is {local}: nobody has to know a client's port, so the kernel took a free one "
		     "from its ephemeral range (32768 to 60999, unless the host says otherwise).") },
	{ STEP_CONNECTED, EXPLAIN_VALUES, EXPLAIN_TCP,
	  .text = N_("Our end of it is {local}: nobody has to know a client's port, so the kernel took a free "
		     "one.") },
	{ STEP_CONNECTED, EXPLAIN_AFTER, EXPLAIN_TCP, FACT_RELAY,
	  .text = N_("What the client says can now go to the target.") },
	{ STEP_CONNECTED, EXPLAIN_AFTER, EXPLAIN_TCP, .text = N_("From now on either side may send.") },
};

const struct explain_table explain_table_connect = { rows, ARRAY_LEN(rows) };
