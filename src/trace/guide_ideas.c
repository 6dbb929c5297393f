/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guide: the six ideas that a run makes visible. Texts only. */
#include "trace/guide_topics.h"

#include "base/i18n.h"
#include "base/util.h"

static const struct guide_topic topics[] = {
	{
		.name = "socket",
		.aliases = "window socket-name three-parts",
		.title = N_("1. a socket is where a process and the network meet"),
		.text = N_(
			"A socket is the window through which a process sends data to the "
			"network and receives data from it. The process holds it as a file "
			"descriptor, a small number. The network knows it by three things: "
			"protocol, IP address and port. 'tcp 127.0.0.1:9000' is such a "
			"name.\n\n"
			"A connection is named by both of its ends together. That is why a "
			"thousand clients can be connected to one port of a server at the "
			"same time: the server's end is the same in all of them, the "
			"client's end differs, so each connection has its own name and its "
			"own socket.\n\n"
			"See it: with -v the trace prints both ends of each connection, "
			"with protocol and port, as soon as it stands:\n\n"
			"  tcp 127.0.0.1:51834 <-> 127.0.0.1:9000\n\n"
			"Sockets of one host can have a path instead of address and port: "
			"see 'sockt help unix-socket'.\n\n"
			"See socket(7), ip(7), sockt-socket(7)."),
	},
	{
		.name = "roles",
		.aliases = "two-roles server-and-client client-and-server role"
			   " listening-socket accepted-socket",
		.title = N_("2. a server socket waits, a client socket asks"),
		.text = N_(
			"There are two roles. A client socket asks for a connection. A "
			"server socket only waits for such requests: no data ever pass "
			"through it.\n\n"
			"The conversation happens on a new socket. accept() takes one "
			"connection that is waiting, makes a socket for it, and returns "
			"its descriptor. The listening socket stays as it was and can give "
			"out more. So a server that talks with three clients holds four "
			"sockets: one that listens, and one for each client.\n\n"
			"See it: 'sockt listen -v 9000' shows the listening descriptor, in "
			"the state LISTEN, and the descriptor that accept() returned, in "
			"the state ESTABLISHED. They are different numbers.\n\n"
			"  accept(5) = 6   from 127.0.0.1:51834\n\n"
			"See accept(2), listen(2), sockt-socket(7)."),
	},
	{
		.name = "server",
		.aliases = "server-socket server-steps server-calls passive-open",
		.title = N_("3. a server calls socket, bind, listen, accept"),
		.text = N_(
			"A server makes four calls, in this order:\n\n"
			"  socket()  makes the socket; it has no address yet\n"
			"  bind()    gives it an address and a port of this host\n"
			"  listen()  makes it wait: the kernel completes connections for it and\n"
			"            keeps them in the accept queue; backlog: how many may wait\n"
			"  accept()  takes one connection out of it, returns a new descriptor\n\n"
			"The connection is complete before accept() is called: the kernel "
			"answers the client by itself once listen() has been called. "
			"accept() only hands the connection over.\n\n"
			"See it: 'sockt listen -vv 9000' shows the four calls and, after "
			"listen() and accept(), the accept queue as its length and its "
			"limit.\n\n"
			"See 'sockt help accept-queue', listen(2), RFC 9293 section 3.5."),
	},
	{
		.name = "client",
		.aliases = "client-socket client-steps client-calls active-open",
		.title = N_("4. a client calls socket, connect; then both sides are equal"),
		.text = N_(
			"A client makes two calls: socket() makes the socket, connect() "
			"names the server's address and asks for the connection. bind() is "
			"not needed, since the kernel picks the local address and a free "
			"port (see 'sockt help ephemeral-port').\n\n"
			"Once the connection stands, nothing in it says who was the "
			"client. Both sides write and read on equal terms, and either may "
			"end its direction first.\n\n"
			"See it: 'sockt connect -v localhost 9000' shows both calls, and "
			"the states CLOSE, SYN_SENT, ESTABLISHED.\n\n"
			"See connect(2), RFC 9293 section 3.5."),
	},
	{
		.name = "http",
		.aliases = "http-communication request-reply one-request-one-reply",
		.title = N_("5. HTTP: one request, one reply, then closed"),
		.lead = N_(
			"One request, one reply, then closed: this is the shape of HTTP."),
		.text = N_(
			"In its first form (HTTP/1.0) a conversation over HTTP has one "
			"shape: the client connects, sends one request, the server sends "
			"one reply and closes. Data go one way at a time, and only the "
			"client can start. The server cannot say anything unasked: when "
			"the reply is complete there is no connection any more.\n\n"
			"(HTTP/1.1 keeps the connection for further requests, but each is "
			"still started by the client.)\n\n"
			"See it: be the server, and in another terminal the client (or take "
			"a browser for that). Each trace has a line for the request, one for the reply, and "
			"then the summary:\n\n"
			"  sockt listen -v --http --body hello 8080\n"
			"  sockt connect -v --http-get / localhost 8080\n\n"
			"The summary says 'one request, one reply, then closed (as HTTP "
			"does)'. It says so only where the run had this shape: exactly two "
			"turns, the client's and then the server's, and the server ended; or "
			"with --http, where there was one request with its reply.\n\n"
			"See RFC 9112 section 9, 'sockt help conversation'."),
	},
	{
		.name = "conversation",
		.aliases = "socket-communication dialogue both-directions full-duplex"
			   " two-way turn turns shape",
		.title = N_("6. socket communication: both ways, either side speaks"),
		.lead = N_(
			"A connection carries data in both directions, and either side "
			"speaks when it likes."),
		.text = N_(
			"It does so for as long as both sides keep it, in both directions "
			"at the same time: the server may speak first, may speak unasked, "
			"may say nothing for an hour. A chat, a game or a terminal session "
			"needs this; HTTP's request and reply is only one use of it.\n\n"
			"See it: type lines in both terminals of a listener and a client, "
			"then Ctrl-D in one of them. The summary counts the turns (a turn "
			"is a run of data in one direction), and says who spoke first, who "
			"closed first and how long it was open:\n\n"
			"  a conversation: 7 turns, both sides spoke\n\n"
			"See 'sockt help http', 'sockt help half-close', socket(7)."),
	},
};

const struct guide_topics guide_topics_ideas = { topics, ARRAY_LEN(topics) };
