/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guide: the states of a TCP socket. Texts only. */
#include "trace/guide_topics.h"

#include "base/i18n.h"
#include "base/util.h"

static const struct guide_topic topics[] = {
	{
		.name = "CLOSE",
		.aliases = "closed",
		.title = N_("no connection (RFC 9293: CLOSED)"),
		.text = N_(
			"The socket has no connection: it was just made, or its connection "
			"failed, was reset, or has come to its end. Linux says CLOSE, RFC "
			"9293 says CLOSED.\n\n"
			"A trace shows it at the end of every connection, also where this "
			"side ended first: the TIME_WAIT that follows then is kept by the "
			"kernel, apart from the socket.\n\n"
			"Next: connect() leads to SYN_SENT, listen() to LISTEN. Nobody "
			"else has to act.\n\n"
			"See RFC 9293 section 3.3.2."),
	},
	{
		.name = "LISTEN",
		.aliases = "listening",
		.title = N_("waiting for clients"),
		.text = N_(
			"A server socket, after listen(). It waits for SYN from anybody. "
			"Connections are made beside it: the listening socket itself stays "
			"in LISTEN until it is closed, and never carries data.\n\n"
			"ss shows for it the length of its accept queue (Recv-Q) and the "
			"limit (Send-Q).\n\n"
			"See listen(2), ss(8)."),
	},
	{
		.name = "SYN_SENT",
		.aliases = "",
		.title = N_("asked, no answer yet"),
		.text = N_(
			"connect() was called and SYN is on its way. The other host has to "
			"act: SYN-ACK leads to ESTABLISHED, RST to CLOSE with ECONNREFUSED.\n\n"
			"A socket that stays here gets no answer at all: the host is down, "
			"a firewall drops the packets, or the server's accept queue is "
			"full. The kernel repeats SYN at growing intervals and gives up "
			"after about two minutes with ETIMEDOUT.\n\n"
			"See RFC 9293 section 3.5, tcp(7) under tcp_syn_retries."),
	},
	{
		.name = "SYN_RECV",
		.aliases = "syn-received new-syn-recv",
		.title = N_("was asked, has answered"),
		.text = N_(
			"The server's kernel got SYN and sent SYN-ACK. The client has to "
			"act: its ACK leads to ESTABLISHED and puts the connection into "
			"the accept queue. On the server this connection belongs to no "
			"descriptor yet. Many of them at once may mean a flood of false "
			"requests.\n\n"
			"See RFC 9293 section 3.5, tcp(7) under tcp_syncookies."),
	},
	{
		.name = "ESTABLISHED",
		.aliases = "",
		.title = N_("the connection stands"),
		.text = N_(
			"Both sides may send and receive. A connection stays here until "
			"one side ends its direction: our shutdown() or close() leads to "
			"FIN_WAIT1, the peer's FIN to CLOSE_WAIT, a RST to CLOSE.\n\n"
			"It says nothing about whether the other host is still there: "
			"without data or keepalive a peer that lost its power stays "
			"ESTABLISHED for ever.\n\n"
			"See RFC 9293 section 3.3.2, 'sockt help keepalive'."),
	},
	{
		.name = "FIN_WAIT1",
		.aliases = "fin-wait-1",
		.title = N_("we have ended, the peer has not acknowledged it"),
		.text = N_(
			"This side called shutdown(SHUT_WR) or close(): FIN is sent, or "
			"stands behind data that are still in the queue. The peer's kernel "
			"has to act: its ACK leads to FIN_WAIT2, its own FIN to CLOSING or "
			"TIME_WAIT.\n\n"
			"A socket that stays here has a peer that does not acknowledge: it "
			"is gone, or it does not read and its window is shut.\n\n"
			"See RFC 9293 section 3.6."),
	},
	{
		.name = "FIN_WAIT2",
		.aliases = "fin-wait-2",
		.title = N_("we have ended, waiting for the peer to end too"),
		.text = N_(
			"Our FIN is acknowledged: the peer knows that we send no more. It "
			"may still send, and we still receive (half-closed). The peer's "
			"program has to act: when it closes, its FIN leads to TIME_WAIT.\n\n"
			"Where the program has closed the descriptor and waits for "
			"nothing, Linux gives the state up after 60 s (tcp_fin_timeout).\n\n"
			"See RFC 9293 section 3.6, tcp(7)."),
	},
	{
		.name = "CLOSE_WAIT",
		.aliases = "",
		.title = N_("the peer has ended, our program has not yet"),
		.text = N_(
			"The peer's FIN came: it sends no more, recv() returns 0 after the "
			"last byte. Our own program has to act. It may still send; when it "
			"calls shutdown() or close(), the state becomes LAST_ACK.\n\n"
			"A program with many sockets that stay in CLOSE_WAIT has forgotten "
			"to close them: no timer of the kernel ends this state.\n\n"
			"See RFC 9293 section 3.6."),
	},
	{
		.name = "LAST_ACK",
		.aliases = "",
		.title = N_("both have ended, our FIN is not acknowledged yet"),
		.text = N_(
			"The peer ended first, then we did. Only the acknowledgement of "
			"our FIN is missing; with it the socket is gone. No TIME_WAIT "
			"follows on this side: the one that ended first has it.\n\n"
			"See RFC 9293 section 3.6."),
	},
	{
		.name = "CLOSING",
		.aliases = "",
		.title = N_("both ended at the same moment"),
		.text = N_(
			"Both sides sent FIN before they had seen the other's. Our FIN is "
			"not acknowledged yet; the ACK leads to TIME_WAIT. Rarely seen, "
			"since it lasts one round trip at most, unless packets are lost.\n\n"
			"See RFC 9293 section 3.6."),
	},
	{
		.name = "TIME_WAIT",
		.aliases = "2msl",
		.title = N_("ended on both sides, the name still rests"),
		.text = N_(
			"Both directions have ended, and this side ended first. The kernel "
			"keeps the name of the connection (both addresses and ports) for a "
			"while: 60 s on Linux. No process owns it any more, so a trace "
			"shows CLOSE; ss -tan shows the TIME_WAIT.\n\n"
			"Why: the last ACK may be lost, and then the peer sends FIN again "
			"and needs an answer; and a late packet of the old connection must "
			"not be taken for one of a new connection with the same name.\n\n"
			"What it disturbs: a server that is started again cannot bind() "
			"its port while one rests (EADDRINUSE), unless SO_REUSEADDR is "
			"set, as sockt does for its listeners. It costs little memory and "
			"is no error.\n\n"
			"See RFC 9293 section 3.6, RFC 1337, 'sockt help SO_REUSEADDR'."),
	},
};

const struct guide_topics guide_topics_states = { topics, ARRAY_LEN(topics) };
