/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explanations: what makes a socket ready, up to a client that is accepted. Sentences only. */
#include "trace/explain_private.h"

#include <errno.h>
#include <netinet/tcp.h>

#include "base/i18n.h"
#include "base/util.h"

#define CALL(name) .group = GUIDE_CALLS, .topic = (name)
#define OPTION(name) .group = GUIDE_OPTIONS, .topic = (name)
#define FAILED .error = EXPLAIN_ANY_ERROR, .group = GUIDE_ERRORS

static const struct explain_row rows[] = {
	/* resolve */
	{ STEP_RESOLVE, EXPLAIN_KIND, .error = EXPLAIN_ANY_ERROR, .group = GUIDE_RESOLVER,
	  .text = N_("So there is no address, and no socket is made.") },
	{ STEP_RESOLVE, EXPLAIN_KIND, CALL("resolve"), .text = "" },
	{ STEP_RESOLVE, EXPLAIN_VALUES, .facts = FACT_CLIENT | FACT_SEVERAL,
	  .text = N_("{node} has {count} addresses: {first} is tried first, the next where that fails or does not "
		     "answer at once.") },
	{ STEP_RESOLVE, EXPLAIN_VALUES, .facts = FACT_SERVER | FACT_SEVERAL,
	  .text = N_("{node} has {count} addresses, and a server socket is made for each.") },
	{ STEP_RESOLVE, EXPLAIN_VALUES, .text = N_("{node} has one address, {first}.") },

	/* socket */
	{ STEP_SOCKET, EXPLAIN_KIND, FAILED, .text = N_("So there is no socket.") },
	{ STEP_SOCKET, EXPLAIN_KIND, EXPLAIN_STREAM, FACT_SERVER, CALL("socket"),
	  .text = N_("Descriptor {new} is to be the server socket: it waits for clients and never carries "
		     "data.") },
	{ STEP_SOCKET, EXPLAIN_KIND, EXPLAIN_STREAM, FACT_CLIENT | FACT_RELAY, CALL("socket"),
	  .text = N_("Descriptor {new} is for the connection to the target: there the relay is a client.") },
	{ STEP_SOCKET, EXPLAIN_KIND, EXPLAIN_STREAM, FACT_CLIENT, CALL("socket"),
	  .text = N_("Descriptor {new} is to be a client socket: it will ask for a connection.") },
	{ STEP_SOCKET, EXPLAIN_KIND, EXPLAIN_DATAGRAM, FACT_SERVER, CALL("socket"),
	  .text = N_("Descriptor {new} is to wait for datagrams, from anybody.") },
	{ STEP_SOCKET, EXPLAIN_KIND, EXPLAIN_DATAGRAM, FACT_CLIENT | FACT_RELAY, CALL("socket"),
	  .text = N_("Descriptor {new} takes the datagrams of one client to the target, and brings the answers.") },
	{ STEP_SOCKET, EXPLAIN_KIND, EXPLAIN_DATAGRAM, FACT_CLIENT, CALL("socket"),
	  .text = N_("Descriptor {new} is to send datagrams to one peer, and to take its answers.") },
	{ STEP_SOCKET, EXPLAIN_KIND, EXPLAIN_STREAM, CALL("socket"),
	  .text = N_("Descriptor {new} can become a server socket, by listen(), or a client socket, by connect().") },
	{ STEP_SOCKET, EXPLAIN_KIND, EXPLAIN_DATAGRAM, CALL("socket"),
	  .text = N_("Descriptor {new} can send datagrams to anybody, and take them once it has an address.") },
	{ STEP_SOCKET, EXPLAIN_KIND, CALL("socket"), .text = "" },
	{ STEP_SOCKET, EXPLAIN_VALUES, EXPLAIN_TCP, FACT_IPV6,
	  .text = N_("AF_INET6: addresses of IPv6. SOCK_STREAM: a stream of bytes, here by TCP.") },
	{ STEP_SOCKET, EXPLAIN_VALUES, EXPLAIN_TCP,
	  .text = N_("AF_INET: addresses of IPv4. SOCK_STREAM: a stream of bytes, here by TCP.") },
	{ STEP_SOCKET, EXPLAIN_VALUES, EXPLAIN_UDP, FACT_IPV6,
	  .text = N_("AF_INET6: addresses of IPv6. SOCK_DGRAM: single messages, here by UDP.") },
	{ STEP_SOCKET, EXPLAIN_VALUES, EXPLAIN_UDP,
	  .text = N_("AF_INET: addresses of IPv4. SOCK_DGRAM: single messages, here by UDP.") },
	{ STEP_SOCKET, EXPLAIN_VALUES, 1U << PROTOCOL_UNIX,
	  .text = N_("AF_UNIX: peers on this host, addresses are paths. SOCK_STREAM: a stream of bytes.") },
	{ STEP_SOCKET, EXPLAIN_VALUES, 1U << PROTOCOL_UNIX_DGRAM,
	  .text = N_("AF_UNIX: peers on this host, addresses are paths. SOCK_DGRAM: single messages.") },
	{ STEP_SOCKET, EXPLAIN_VALUES, 1U << PROTOCOL_UNIX_SEQPACKET,
	  .text = N_("AF_UNIX: peers on this host, addresses are paths. SOCK_SEQPACKET: single "
		     "messages, over a connection.") },
	{ STEP_SOCKET, EXPLAIN_AFTER, .text = N_("It has no address yet.") },

	/* spawn */
	{ STEP_SPAWN, EXPLAIN_KIND, FAILED, .text = N_("So nobody is there to talk with the peer.") },
	{ STEP_SPAWN, EXPLAIN_KIND, CALL("spawn"),
	  .text = N_("What arrives from the peer is its standard input, and what it writes to its standard output is "
		     "sent; it needs to know nothing of sockets.") },

	/* setsockopt */
	{ STEP_SETSOCKOPT, EXPLAIN_KIND, FAILED, .text = N_("The option is not set.") },
	{ STEP_SETSOCKOPT, EXPLAIN_KIND, .not = FACT_OFF, OPTION("SO_REUSEADDR"),
	  .text = N_("Without it this server could not be started again for a minute after it had ended a "
		     "connection first.") },
	{ STEP_SETSOCKOPT, EXPLAIN_KIND, .facts = FACT_OFF, OPTION("IPV6_V6ONLY"),
	  .text = N_("Here 0: one socket serves clients of both.") },
	{ STEP_SETSOCKOPT, EXPLAIN_KIND, OPTION("IPV6_V6ONLY"), .text = N_("Here 1: IPv4 is not for this socket.") },
	{ STEP_SETSOCKOPT, EXPLAIN_KIND, .facts = FACT_LISTENING, .not = FACT_OFF, OPTION("TCP_NODELAY"),
	  .text = N_("Every socket that accept() returns takes this over from the listening one.") },
	{ STEP_SETSOCKOPT, EXPLAIN_KIND, .facts = FACT_LISTENING, .not = FACT_OFF, OPTION("SO_KEEPALIVE"),
	  .text = N_("Every socket that accept() returns takes this over from the listening one.") },
	{ STEP_SETSOCKOPT, EXPLAIN_KIND, .facts = FACT_ABRUPT, OPTION("SO_LINGER"),
	  .text = N_("Here it is on, with the time 0: close() throws them away and sends RST in place of FIN, so "
		     "that the peer does not take it for a complete end.") },
	{ STEP_SETSOCKOPT, EXPLAIN_KIND, OPTION("SO_RCVBUF"),
	  .text = N_("The kernel doubles what is asked for, and then no longer lets the buffer grow by itself.") },
	{ STEP_SETSOCKOPT, EXPLAIN_KIND, OPTION("SO_SNDBUF"),
	  .text = N_("The kernel doubles what is asked for, and then no longer lets the buffer grow by itself.") },
	{ STEP_SETSOCKOPT, EXPLAIN_KIND, .group = GUIDE_OPTIONS, .text = "" },
	{ STEP_SETSOCKOPT, EXPLAIN_KIND, CALL("setsockopt"), .text = "" },

	/* bind */
	{ STEP_BIND, EXPLAIN_KIND, FAILED,
	  .text = N_("So descriptor {fd} has no address, and nobody can reach it.") },
	{ STEP_BIND, EXPLAIN_KIND, EXPLAIN_TCP | EXPLAIN_UDP, FACT_SERVER, CALL("bind"),
	  .text = N_("A server needs one that its clients know.") },
	{ STEP_BIND, EXPLAIN_KIND, EXPLAIN_UNIX, FACT_SERVER | FACT_ABSTRACT, CALL("bind"),
	  .text = N_("{local} is an abstract name: it is in no directory, and is gone with the socket.") },
	{ STEP_BIND, EXPLAIN_KIND, EXPLAIN_UNIX, FACT_SERVER, CALL("bind"),
	  .text = N_("For a Unix socket it makes a file, {local}. Clients name that path, and the rights of the "
		     "file say who may connect.") },
	{ STEP_BIND, EXPLAIN_KIND, EXPLAIN_UNIX, FACT_CLIENT, CALL("bind"),
	  .text = N_("A client of datagrams needs one, or it could not be answered. The kernel has made up "
		     "{local}.") },
	{ STEP_BIND, EXPLAIN_KIND, .facts = FACT_CLIENT, CALL("bind"),
	  .text = N_("A client does without, since connect() takes an address and a free port for it. Here the "
		     "source was asked for, and the peer will see {local}.") },
	{ STEP_BIND, EXPLAIN_KIND, CALL("bind"), .text = "" },
	{ STEP_BIND, EXPLAIN_VALUES, EXPLAIN_TCP | EXPLAIN_UDP, FACT_PORT_ZERO,
	  .text = N_("Port 0 asked for any free port: the kernel has taken {local port}.") },
	{ STEP_BIND, EXPLAIN_AFTER, EXPLAIN_TCP, FACT_SERVER | FACT_WILDCARD | FACT_DUAL,
	  .text = N_("[::] stands for all addresses of this host, of IPv6 and (IPV6_V6ONLY is 0) of IPv4. Nobody "
		     "can connect yet: that takes listen().") },
	{ STEP_BIND, EXPLAIN_AFTER, EXPLAIN_TCP, FACT_SERVER | FACT_WILDCARD,
	  .text = N_("{local host} stands for all addresses of this host. Nobody can connect yet: that takes "
		     "listen().") },
	{ STEP_BIND, EXPLAIN_AFTER, EXPLAIN_TCP, FACT_SERVER | FACT_LOOPBACK,
	  .text = N_("{local host} is loopback, which only this host reaches. Nobody can connect yet: that takes "
		     "listen().") },
	{ STEP_BIND, EXPLAIN_AFTER, EXPLAIN_TCP, FACT_SERVER,
	  .text = N_("Clients will connect to {local}. They cannot yet: that takes listen().") },
	{ STEP_BIND, EXPLAIN_AFTER, EXPLAIN_STREAM, FACT_SERVER,
	  .text = N_("Nobody can connect yet: that takes listen().") },
	{ STEP_BIND, EXPLAIN_AFTER, EXPLAIN_UDP, FACT_SERVER | FACT_WILDCARD,
	  .text = N_("{local host} stands for all addresses of this host. Datagrams to port {local port} now wait "
		     "in the receive buffer; there is no listen(), since UDP has no connections to wait for.") },
	{ STEP_BIND, EXPLAIN_AFTER, EXPLAIN_UDP, FACT_SERVER,
	  .text = N_("Datagrams to it now wait in the receive buffer; there is no listen(), since UDP has no "
		     "connections to wait for.") },

	/* listen */
	{ STEP_LISTEN, EXPLAIN_KIND, FAILED, .text = N_("So nobody can connect to {local}.") },
	{ STEP_LISTEN, EXPLAIN_KIND, EXPLAIN_TCP, CALL("listen"),
	  .text = N_("Without it they would be refused (RST).") },
	{ STEP_LISTEN, EXPLAIN_KIND, CALL("listen"), .text = N_("Without it they would be refused.") },
	{ STEP_LISTEN, EXPLAIN_VALUES,
	  .text = N_("The backlog, {backlog}, limits how many wait there for accept().") },
	{ STEP_LISTEN, EXPLAIN_AFTER,
	  .text = N_("Descriptor {fd} only waits now; each client gets a socket of its own.") },

	/* accept */
	{ STEP_ACCEPT, EXPLAIN_KIND, .error = EAGAIN, .group = GUIDE_ERRORS,
	  .text = N_("The accept queue of descriptor {fd} is empty; sockt waits for the next client in "
		     "epoll_wait().") },
	{ STEP_ACCEPT, EXPLAIN_KIND, FAILED, .text = N_("Descriptor {fd} goes on listening.") },
	{ STEP_ACCEPT, EXPLAIN_KIND, EXPLAIN_UNIX, FACT_RELAY, CALL("accept"),
	  .text = N_("Descriptor {new} is the connection of this one client; {fd} stays the one that listens. Next the "
		     "relay connects to the target for it.") },
	{ STEP_ACCEPT, EXPLAIN_KIND, .facts = FACT_RELAY, CALL("accept"),
	  .text = N_("Descriptor {new} is the connection of this one client, {remote}; {fd} stays the one that "
		     "listens. Next the relay connects to the target for it.") },
	{ STEP_ACCEPT, EXPLAIN_KIND, EXPLAIN_UNIX, CALL("accept"),
	  .text = N_("Descriptor {new} is for the conversation with this one client; {fd} stays the one that "
		     "listens. A client of a Unix socket needs no address: it is \"(unnamed)\" where it has none.") },
	{ STEP_ACCEPT, EXPLAIN_KIND, CALL("accept"),
	  .text = N_("Descriptor {new} is for the conversation with this one client, {remote}; {fd} stays "
		     "the one that listens.") },
	{ STEP_ACCEPT, EXPLAIN_VALUES, EXPLAIN_TCP, FACT_V4_MAPPED,
	  .text = N_("::ffff: marks an IPv4 address.") },
	{ STEP_ACCEPT, EXPLAIN_AFTER, EXPLAIN_TCP, .not = FACT_RELAY, .to = TCP_CLOSE_WAIT,
	  .text = N_("The client has already sent its end: CLOSE_WAIT.") },
	{ STEP_ACCEPT, EXPLAIN_AFTER, EXPLAIN_TCP, .not = FACT_RELAY,
	  .text = N_("The kernel had connected it before, while it waited.") },
};

const struct explain_table explain_table_setup = { rows, ARRAY_LEN(rows) };
