/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explanations: how connections end, and the records that are no calls. Sentences only. */
#include "trace/explain_private.h"

#include <errno.h>
#include <netinet/tcp.h>

#include "base/i18n.h"
#include "base/util.h"

#define CALL(name) .group = GUIDE_CALLS, .topic = (name)

/* A note is a sentence for a person already. */
const uint64_t explain_steps_without = UINT64_C(1) << STEP_NOTE;

static const struct explain_row rows[] = {
	/* shutdown */
	{ STEP_SHUTDOWN, EXPLAIN_KIND, .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS, .text = "" },
	{ STEP_SHUTDOWN, EXPLAIN_KIND, EXPLAIN_STREAM, FACT_RELAY | FACT_CLIENT, CALL("shutdown"),
	  .text = N_("The client has ended its direction, and the relay passes that on to the target, behind the "
		     "last byte. The other direction goes on.") },
	{ STEP_SHUTDOWN, EXPLAIN_KIND, EXPLAIN_STREAM, FACT_RELAY | FACT_SERVER, CALL("shutdown"),
	  .text = N_("The target has ended its direction, and the relay passes that on to the client, behind the "
		     "last byte. The other direction goes on.") },
	{ STEP_SHUTDOWN, EXPLAIN_KIND, EXPLAIN_TCP, .from = TCP_CLOSE_WAIT, CALL("shutdown"),
	  .text = N_("The peer had ended before. With our FIN both directions have ended, and the connection is "
		     "over.") },
	{ STEP_SHUTDOWN, EXPLAIN_KIND, EXPLAIN_TCP, CALL("shutdown"),
	  .text = N_("The kernel sends FIN behind the last byte: so the peer knows that no more will come, and "
		     "its recv() returns 0. Without it the peer would wait for more. This side still receives: "
		     "the peer may answer until it ends, too.") },
	{ STEP_SHUTDOWN, EXPLAIN_KIND, EXPLAIN_UNIX, CALL("shutdown"),
	  .text = N_("So the peer knows that no more will come: its recv() returns 0 behind the last byte. This "
		     "side still receives.") },
	{ STEP_SHUTDOWN, EXPLAIN_KIND, CALL("shutdown"), .text = "" },

	/* close */
	{ STEP_CLOSE, EXPLAIN_KIND, .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS, .text = "" },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_TCP, FACT_LISTENING, CALL("close"),
	  .text = N_("{fd} was the listening socket: from now on new clients of {local} are refused, and those "
		     "who still waited in the accept queue are reset. Connections that accept() has given out go "
		     "on.") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_UNIX, FACT_LISTENING, CALL("close"),
	  .text = N_("{fd} was the socket that waits at {local}: new clients are refused. What accept() has given "
		     "out goes on.") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_UDP, FACT_LISTENING, CALL("close"),
	  .text = N_("From now on nobody takes datagrams to {local}: the kernel answers them by ICMP \"port "
		     "unreachable\".") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_TCP, FACT_NEVER, .from = TCP_SYN_SENT, CALL("close"),
	  .text = N_("This attempt had no answer yet, and is given up.") },
	{ STEP_CLOSE, EXPLAIN_KIND, .facts = FACT_NEVER, CALL("close"),
	  .text = N_("This socket never had a connection, and cannot be used for another attempt.") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_TCP, FACT_ABRUPT, CALL("close"),
	  .text = N_("With SO_LINGER 0 it breaks the connection off: the kernel sends RST and forgets what is "
		     "unsent, so that the peer does not take it for a complete end.") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_TCP, FACT_WE_FIRST, .from = TCP_CLOSE, CALL("close"),
	  .text = N_("Both directions had ended before, so nothing more is sent. Since this side ended first, the "
		     "kernel keeps the names of both ends for 60 s, in TIME_WAIT, so that late packets do harm to "
		     "nobody.") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_TCP, .from = TCP_CLOSE, CALL("close"),
	  .text = N_("Both directions had ended before, so nothing more is sent.") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_TCP, CALL("close"),
	  .text = N_("It also ends what of the connection has not ended: the kernel sends what is unsent, and "
		     "FIN; where something unread is left, RST.") },
	{ STEP_CLOSE, EXPLAIN_KIND, EXPLAIN_UDP, CALL("close"), .text = N_("Nothing is sent by it: UDP has no end.") },
	{ STEP_CLOSE, EXPLAIN_KIND, CALL("close"), .text = "" },

	/* records */
	{ STEP_STATE, EXPLAIN_KIND, .group = GUIDE_STATES, .text = "" },
	{ STEP_STATE, EXPLAIN_KIND, CALL("state"), .text = "" },
	{ STEP_END, EXPLAIN_KIND, .facts = FACT_REPLIED, .group = GUIDE_IDEAS, .topic = "http", .text = "" },
	{ STEP_END, EXPLAIN_KIND, .facts = FACT_TALKED, .group = GUIDE_IDEAS, .topic = "conversation", .text = "" },
	{ STEP_END, EXPLAIN_KIND, CALL("end"), .text = "" },
	{ STEP_SEGMENTS, EXPLAIN_KIND, CALL("segments"), .text = "" },
	{ STEP_ACKNOWLEDGED, EXPLAIN_KIND, CALL("acknowledged"), .text = "" },
	{ STEP_ICMP, EXPLAIN_KIND, CALL("icmp"), .text = "" },
	{ STEP_PACKET, EXPLAIN_KIND, CALL("packet"), .text = "" },
	{ STEP_INFO, EXPLAIN_KIND, CALL("info"), .text = "" },
	{ STEP_FAULT, EXPLAIN_KIND, CALL("fault"), .text = "" },
};

const struct explain_table explain_table_end = { rows, ARRAY_LEN(rows) };
