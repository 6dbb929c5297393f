/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Diagnoses of a run with a network of its own (--sandbox): there "this host" is that network, and what people know of
 * their host, its servers and its interfaces, is outside. Sentences only.
 */
#include "engine/diagnose.h"

#include "base/i18n.h"

#include <errno.h>
#include <netdb.h>

#define STEPS_BIND (1U << STEP_BIND)
#define STEPS_CONNECT (1U << STEP_CONNECT | 1U << STEP_CONNECTED)
#define STEPS_DATAGRAM (STEPS_CONNECT | 1U << STEP_SEND | 1U << STEP_RECV)

static bool is_in_sandbox(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->is_sandboxed;
}

/* Nor has anybody been let in (nsenter(1)) who waits on the port. */
static bool is_without_server(const struct failure *failure, const struct facts *facts)
{
	(void)failure;
	return facts->is_sandboxed && facts->has_route && facts->route.is_local && !facts->has_waiting;
}

const struct diagnosis diagnosis_sandbox[] = {
	{ FAILURE_ERRNO, ECONNREFUSED, STEPS_CONNECT, KIND_TCP, is_without_server,
	  N_("no socket listens on {addr} in the network of this run (--sandbox): the kernel answered with RST; a "
	     "server of this host is outside of it"),
	  N_("leave --sandbox out; in `sockt shell --sandbox` both ends are inside") },
	{ FAILURE_ERRNO, ECONNREFUSED, STEPS_DATAGRAM, KIND_UDP, is_without_server,
	  N_("no socket is bound to UDP {addr} in the network of this run (--sandbox); a server of this host is "
	     "outside of it"),
	  N_("leave --sandbox out; in `sockt shell --sandbox` both ends are inside") },
	{ FAILURE_ERRNO, ENETUNREACH, STEPS_DATAGRAM, KIND_INET, is_in_sandbox,
	  N_("the network of this run (--sandbox) has nothing but loopback in it: no way leads to {host}"),
	  N_("leave --sandbox out") },
	{ FAILURE_ERRNO, EADDRNOTAVAIL, STEPS_BIND, KIND_INET, is_in_sandbox,
	  N_("the network of this run (--sandbox) has nothing but loopback in it: {host} is no address there"),
	  N_("leave --sandbox out, or take a loopback address (127.0.0.1)") },
	{ FAILURE_RESOLVER, EAI_AGAIN, 0, KIND_ANY, is_in_sandbox,
	  N_("no name server can be asked from the network of this run (--sandbox), which has nothing but loopback in "
	     "it; whether the name exists is not known"),
	  N_("leave --sandbox out; a numeric address or a name in /etc/hosts needs no name server") },
	{ .domain = FAILURE_NONE },
};
