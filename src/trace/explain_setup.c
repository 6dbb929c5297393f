/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explanations: what makes a socket ready, up to a client that is accepted. Sentences only. */
#include "trace/explain_private.h"

#include <errno.h>
#include <netinet/tcp.h>

#include "base/i18n.h"
#include "base/util.h"

#define CALL(name) .group = GUIDE_CALLS, .topic = (name)
#define NO_TOPIC .group = GUIDE_GROUP_COUNT

static const struct explain_row rows[] = {
	/* resolve */
	{ STEP_RESOLVE, EXPLAIN_KIND, .error = EXPLAIN_ANY_ERROR, .group = GUIDE_RESOLVER,
	  .text = N_("So there is no address to go to, and no socket is made.") },
	{ STEP_RESOLVE, EXPLAIN_KIND, CALL("resolve"), .text = "" },
	{ STEP_RESOLVE, EXPLAIN_VALUES, .facts = FACT_SEVERAL,
	  .text = N_("{node} has {count} of them. They are tried in this order, {first} first.") },
	{ STEP_RESOLVE, EXPLAIN_VALUES, .text = N_("{node} has one, {first}.") },

	/* socket */
	{ STEP_SOCKET, EXPLAIN_KIND, .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS, .text = "" },
	{ STEP_SOCKET, EXPLAIN_KIND, EXPLAIN_STREAM, FACT_SERVER, CALL("socket"),
	  .text = N_("{new} is to be the server socket, the one that waits for clients.") },
	{ STEP_SOCKET, EXPLAIN_KIND, EXPLAIN_STREAM, FACT_CLIENT | FACT_RELAY, CALL("socket"),
	  .text = N_("{new} is for the relay's own connection to the target: here the relay is a client.") },
	{ STEP_SOCKET, EXPLAIN_KIND, EXPLAIN_STREAM, FACT_CLIENT, CALL("socket"),
	  .text = N_("{new} is to be a client socket, one that asks for a connection.") },
	{ STEP_SOCKET, EXPLAIN_KIND, EXPLAIN_DATAGRAM, FACT_SERVER, CALL("socket"),
	  .text = N_("{new} is to wait for datagrams, from anybody.") },
	{ STEP_SOCKET, EXPLAIN_KIND, EXPLAIN_DATAGRAM, FACT_CLIENT, CALL("socket"),
	  .text = N_("{new} is to send datagrams to one peer, and to receive its answers.") },
	{ STEP_SOCKET, EXPLAIN_KIND, CALL("socket"), .text = "" },
	{ STEP_SOCKET, EXPLAIN_VALUES, EXPLAIN_TCP, FACT_IPV6,
	  .text = N_("AF_INET6: its addresses are of IPv6. SOCK_STREAM: it carries a stream of bytes, by TCP.") },
	{ STEP_SOCKET, EXPLAIN_VALUES, EXPLAIN_TCP,
	  .text = N_("AF_INET: its addresses are of IPv4. SOCK_STREAM: it carries a stream of bytes, by TCP.") },
	{ STEP_SOCKET, EXPLAIN_VALUES, EXPLAIN_UDP, FACT_IPV6,
	  .text = N_("AF_INET6: its addresses are of IPv6. SOCK_DGRAM: it carries single messages, by UDP.") },
	{ STEP_SOCKET, EXPLAIN_VALUES, EXPLAIN_UDP,
	  .text = N_("AF_INET: its addresses are of IPv4. SOCK_DGRAM: it carries single messages, by UDP.") },
	{ STEP_SOCKET, EXPLAIN_VALUES, 1U << PROTOCOL_UNIX,
	  .text = N_("AF_UNIX: its peer is on this host too, and its address is a path. SOCK_STREAM: it carries a "
		     "stream of bytes.") },
	{ STEP_SOCKET, EXPLAIN_VALUES, 1U << PROTOCOL_UNIX_DGRAM,
	  .text = N_("AF_UNIX: its peer is on this host too, and its address is a path. SOCK_DGRAM: it carries "
		     "single messages.") },
	{ STEP_SOCKET, EXPLAIN_VALUES, 1U << PROTOCOL_UNIX_SEQPACKET,
	  .text = N_("AF_UNIX: its peer is on this host too, and its address is a path. SOCK_SEQPACKET: it has "
		     "connections as a stream has, and carries single messages.") },
	{ STEP_SOCKET, EXPLAIN_AFTER, .text = N_("It has no address yet, and nothing has been sent.") },

	/* setsockopt */
	{ STEP_SETSOCKOPT, EXPLAIN_KIND, .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS, .text = "" },
	{ STEP_SETSOCKOPT, EXPLAIN_KIND, .group = GUIDE_OPTIONS, .text = "" },
	{ STEP_SETSOCKOPT, EXPLAIN_KIND, CALL("setsockopt"), .text = "" },

	/* bind */
	{ STEP_BIND, EXPLAIN_KIND, .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS,
	  .text = N_("So socket {fd} has no address, and nobody can reach it.") },
	{ STEP_BIND, EXPLAIN_KIND, EXPLAIN_TCP, FACT_SERVER, CALL("bind"),
	  .text = N_("A server needs one that its clients know: without bind(), listen() would take any free "
		     "port.") },
	{ STEP_BIND, EXPLAIN_KIND, EXPLAIN_UDP, FACT_SERVER, CALL("bind"),
	  .text = N_("A server needs one that its clients know, or they could not send it anything.") },
	{ STEP_BIND, EXPLAIN_KIND, EXPLAIN_UNIX, FACT_SERVER | FACT_ABSTRACT, CALL("bind"),
	  .text = N_("The name {local} is in no directory: it is there as long as the socket is (an abstract "
		     "name).") },
	{ STEP_BIND, EXPLAIN_KIND, EXPLAIN_UNIX, FACT_SERVER, CALL("bind"),
	  .text = N_("For a Unix socket it makes a file, {local}: clients name that path, and the rights of the "
		     "file say who may connect.") },
	{ STEP_BIND, EXPLAIN_KIND, .facts = FACT_CLIENT, CALL("bind"),
	  .text = N_("A client needs no bind(), since connect() takes a free port; here the source was asked for, "
		     "and the peer will see {local}.") },
	{ STEP_BIND, EXPLAIN_KIND, CALL("bind"), .text = "" },
	{ STEP_BIND, EXPLAIN_VALUES, EXPLAIN_TCP | EXPLAIN_UDP, FACT_PORT_ZERO,
	  .text = N_("Port 0 asked for any free port, and the kernel has taken {local port}.") },
	{ STEP_BIND, EXPLAIN_AFTER, EXPLAIN_TCP, FACT_SERVER | FACT_WILDCARD | FACT_DUAL,
	  .text = N_("{local host} stands for every address of this host, of IPv6 and of IPv4 (IPV6_V6ONLY is 0). "
		     "Nobody can connect yet: that takes listen().") },
	{ STEP_BIND, EXPLAIN_AFTER, EXPLAIN_TCP, FACT_SERVER | FACT_WILDCARD,
	  .text = N_("{local host} stands for every address of this host. Nobody can connect yet: that takes "
		     "listen().") },
	{ STEP_BIND, EXPLAIN_AFTER, EXPLAIN_TCP, FACT_SERVER | FACT_LOOPBACK,
	  .text = N_("{local host} is loopback: only programs on this host reach it. Nobody can connect yet: that "
		     "takes listen().") },
	{ STEP_BIND, EXPLAIN_AFTER, EXPLAIN_TCP, FACT_SERVER,
	  .text = N_("Clients will connect to {local}. They cannot yet: that takes listen().") },
	{ STEP_BIND, EXPLAIN_AFTER, EXPLAIN_UDP, FACT_SERVER | FACT_WILDCARD | FACT_DUAL,
	  .text = N_("{local host} stands for every address of this host, of IPv6 and of IPv4 (IPV6_V6ONLY is 0). "
		     "From now on datagrams to port {local port} wait in the receive buffer of {fd}.") },
	{ STEP_BIND, EXPLAIN_AFTER, EXPLAIN_UDP, FACT_SERVER,
	  .text = N_("From now on datagrams to {local} wait in the receive buffer of {fd}. There is no listen(): "
		     "UDP has no connections to wait for.") },

	/* listen */
	{ STEP_LISTEN, EXPLAIN_KIND, .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS,
	  .text = N_("So nobody can connect to {local}.") },
	{ STEP_LISTEN, EXPLAIN_KIND, EXPLAIN_TCP, CALL("listen"),
	  .text = N_("Without it clients would get RST: connection refused.") },
	{ STEP_LISTEN, EXPLAIN_KIND, CALL("listen"), .text = N_("Without it clients would be refused.") },
	{ STEP_LISTEN, EXPLAIN_VALUES,
	  .text = N_("The backlog, {backlog}, limits how many may wait there until accept() takes them out.") },
	{ STEP_LISTEN, EXPLAIN_AFTER,
	  .text = N_("{fd} itself never carries data: it waits at {local}, and each client gets a socket of its "
		     "own.") },

	/* accept */
	{ STEP_ACCEPT, EXPLAIN_KIND, .error = EAGAIN, .group = GUIDE_ERRORS,
	  .text = N_("The accept queue of {fd} is empty: there is no further client now.") },
	{ STEP_ACCEPT, EXPLAIN_KIND, .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS, .text = "" },
	{ STEP_ACCEPT, EXPLAIN_KIND, .facts = FACT_RELAY, CALL("accept"),
	  .text = N_("{new} is the connection of this one client, {remote}; {fd} still listens, for others. The "
		     "relay now makes a connection to the target for it.") },
	{ STEP_ACCEPT, EXPLAIN_KIND, EXPLAIN_UNIX, CALL("accept"),
	  .text = N_("{new} is for the conversation with this one client; {fd} still listens, for others. The "
		     "client is \"(unnamed)\": it did not bind() an address.") },
	{ STEP_ACCEPT, EXPLAIN_KIND, CALL("accept"),
	  .text = N_("{new} is for the conversation with this one client, {remote}; {fd} still listens, for "
		     "others.") },
	{ STEP_ACCEPT, EXPLAIN_VALUES, EXPLAIN_TCP, FACT_V4_MAPPED,
	  .text = N_("::ffff: in front of an address means a client of IPv4 on a socket of IPv6.") },
	{ STEP_ACCEPT, EXPLAIN_AFTER, EXPLAIN_TCP, .not = FACT_RELAY, .to = TCP_CLOSE_WAIT,
	  .text = N_("The connection stood before: the client has already sent what it had, and its end "
		     "(CLOSE_WAIT).") },
	{ STEP_ACCEPT, EXPLAIN_AFTER, EXPLAIN_TCP, .not = FACT_RELAY,
	  .text = N_("The kernel had completed the connection before: the client was connected while it still "
		     "waited in the queue.") },
};

const struct explain_table explain_table_setup = { rows, ARRAY_LEN(rows) };
