/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why the next step is made: a table of sentences, of which the first that fits is taken. See explain_next.h. */
#include "trace/explain_next.h"

#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

#include "base/i18n.h"
#include "base/template.h"
#include "base/util.h"
#include "trace/explain_private.h"
#include "trace/text_words.h"

#define STREAMS EXPLAIN_STREAM
#define DATAGRAMS EXPLAIN_DATAGRAM

/* What a row asks of the step, as bits: all of them have to hold. */
enum {
	IS_SERVER = 1U << 0,
	IS_CLIENT = 1U << 1,
	IS_WILDCARD = 1U << 2, /* the address is that of all interfaces */
	IS_ANY_PORT = 1U << 3, /* its port is 0 */
	IS_LOOPBACK = 1U << 4,
	IS_END = 1U << 5,
	IS_ERROR = 1U << 6,
	IS_NAMED = 1U << 7,     /* the datagram has an address of its own */
	IS_WR = 1U << 8,        /* of SHUTDOWN: SHUT_WR */
	IS_ABRUPT = 1U << 9,    /* of SETSOCKOPT: SO_LINGER with the time 0 */
	IS_UNREAD = 1U << 11,   /* of CLOSE */
	IS_OPTION = 1U << 10,   /* of SETSOCKOPT: the guide knows the option */
};

struct next_row {
	enum step_id step;
	unsigned protocols; /* bits 1 << PROTOCOL_*; 0: any */
	unsigned bits;
	const char *text;   /* a template */
};

static const struct next_row rows[] = {
	{ STEP_SOCKET, EXPLAIN_TCP, IS_SERVER, N_("this one will wait for clients; it never carries data itself") },
	{ STEP_SOCKET, EXPLAIN_TCP, IS_CLIENT, N_("the socket that will ask for the connection, and carry it") },
	{ STEP_SOCKET, EXPLAIN_TCP, 0, N_("it can become a server, by listen(), or a client, by connect()") },
	{ STEP_SOCKET, EXPLAIN_UDP, IS_SERVER, N_("one socket for the datagrams of all clients") },
	{ STEP_SOCKET, EXPLAIN_UDP, 0, N_("a socket for single messages, which nobody acknowledges") },
	{ STEP_SOCKET, EXPLAIN_UNIX, 0, N_("a socket between processes of this host, named by a path") },
	{ STEP_SETSOCKOPT, 0, IS_ABRUPT, N_("so that close() resets the connection instead of ending it") },
	{ STEP_SETSOCKOPT, 0, IS_OPTION, N_("{option}: {title}") },
	{ STEP_BIND, EXPLAIN_UNIX, 0, N_("makes the name by which others find this socket") },
	{ STEP_BIND, 0, IS_CLIENT | IS_ANY_PORT, N_("this end is to have this address; the kernel picks the port") },
	{ STEP_BIND, 0, IS_CLIENT, N_("this end is to have this address, not one that the kernel picks") },
	{ STEP_BIND, 0, IS_WILDCARD | IS_ANY_PORT, N_("every address of this host, and any port that is free") },
	{ STEP_BIND, 0, IS_WILDCARD, N_("others reach it at every address of this host, on port {port}") },
	{ STEP_BIND, 0, IS_ANY_PORT, N_("others reach it at {host}; port 0 asks for any that is free") },
	{ STEP_BIND, 0, IS_LOOPBACK, N_("others on this host, and nobody else, reach it on port {port}") },
	{ STEP_BIND, 0, 0, N_("others reach it at {host}, on port {port}") },
	{ STEP_FCHMOD, 0, 0, N_("the file that bind() makes next is to be for its owner alone") },
	{ STEP_LCHOWN, 0, 0, N_("the file that bind() has made changes hands, before anybody can connect") },
	{ STEP_FCHMODAT, 0, 0, N_("the mode of the file says who may connect: who may write to it") },
	{ STEP_LISTEN, 0, 0, N_("from then on clients can connect; {backlog} may wait to be accepted") },
	{ STEP_ACCEPT, 0, 0, N_("a client waits in the accept queue: take it out, on a new descriptor") },
	{ STEP_CONNECT, EXPLAIN_TCP, IS_LOOPBACK, N_("asks port {port} of this host for a connection: SYN is sent") },
	{ STEP_CONNECT, EXPLAIN_TCP, 0, N_("asks {host}, port {port}, for a connection: SYN is sent") },
	{ STEP_CONNECT, DATAGRAMS, 0, N_("sends nothing: it only says with whom to exchange datagrams") },
	{ STEP_CONNECT, 0, 0, N_("asks the server that listens there for a connection") },
	{ STEP_SEND, DATAGRAMS, IS_NAMED, N_("{amount} go to {to}, as one datagram") },
	{ STEP_SEND, DATAGRAMS, 0, N_("{amount} go to the peer, as one datagram") },
	{ STEP_SEND, EXPLAIN_TCP, 0, N_("{amount} go to the kernel, which sends them and waits for the ACK") },
	{ STEP_SEND, 0, 0, N_("{amount} go to the kernel, where the peer can take them") },
	{ STEP_RECV, 0, IS_ERROR, N_("the connection has failed: the call will say how") },
	{ STEP_RECV, STREAMS, IS_END, N_("the peer has ended its direction: 0 bytes will say so") },
	{ STEP_RECV, DATAGRAMS, 0, N_("a datagram of {unread} has come: take it") },
	{ STEP_RECV, 0, 0, N_("{unread} have come, and wait in the kernel to be taken") },
	{ STEP_RECVMMSG, 0, 0, N_("datagrams have come: take as many as there is room for") },
	{ STEP_SENDMSG, 0, 0, N_("a run of datagrams goes to the kernel in one call") },
	{ STEP_SENDMMSG, 0, 0, N_("several datagrams go to the kernel in one call") },
	{ STEP_PASS, 0, 0, N_("gives the connection to who is at the other end of standard output") },
	{ STEP_SHUTDOWN, EXPLAIN_TCP, IS_WR, N_("tells the peer that no more comes: FIN; receiving goes on") },
	{ STEP_SHUTDOWN, 0, IS_WR, N_("tells the peer that no more comes; receiving goes on") },
	{ STEP_CLOSE, EXPLAIN_TCP, IS_UNREAD,
	  N_("gives it back; the {unread} that nobody has read make that a reset") },
	{ STEP_CLOSE, STREAMS, 0, N_("gives the descriptor back, and ends what is still open of it") },
	{ STEP_CLOSE, 0, 0, N_("gives the descriptor back") },
	{ STEP_SPAWN, 0, 0, N_("starts the program that talks with the peer in our place") },
	{ STEP_WAITPID, 0, 0, N_("asks how the program has ended, so that nothing of it is left") },
	{ STEP_READ, 0, 0, N_("takes what standard input has") },
	{ STEP_WRITE, 0, 0, N_("puts {amount} that have come out to standard output") },
};

/* Of what an address is. */
static unsigned addr_bits(const struct addr *addr)
{
	if (addr == NULL || addr->len == 0)
		return 0;
	return (addr_is_wildcard(addr) ? IS_WILDCARD : 0U) | (addr_is_loopback(addr) ? IS_LOOPBACK : 0U) |
	       (addr_port(addr) == 0 ? IS_ANY_PORT : 0U);
}

static const struct guide_topic *option_topic(const struct event *event)
{
	const char *name = explain_option_name(event);
	const struct guide_topic *topic;

	if (name == NULL)
		return NULL;
	topic = guide_find_in(GUIDE_OPTIONS, name);
	return topic != NULL ? topic : guide_find_in(GUIDE_MORE_OPTIONS, name);
}

static bool is_abrupt(const struct event *event)
{
	const union step_args *args = event->args;
	struct linger linger;

	if (args->sockopt.level != SOL_SOCKET || args->sockopt.optname != SO_LINGER ||
	    args->sockopt.optlen != sizeof(linger))
		return false;
	memcpy(&linger, args->sockopt.optval, sizeof(linger));
	return linger.l_onoff != 0 && linger.l_linger == 0;
}

/* The bits that depend on what the step is. */
static unsigned step_bits(const struct explain_next *next)
{
	const struct event *event = &next->event;

	if (event->step == STEP_BIND || event->step == STEP_CONNECT)
		return addr_bits(event->args->name.addr);
	if (event->step == STEP_SETSOCKOPT)
		return (is_abrupt(event) ? IS_ABRUPT : 0U) | (option_topic(event) != NULL ? IS_OPTION : 0U);
	if (event->step == STEP_SEND)
		return event->args->io.to != NULL ? IS_NAMED : 0U;
	if (event->step == STEP_RECV)
		return (next->is_end ? IS_END : 0U) | (next->has_error ? IS_ERROR : 0U);
	if (event->step == STEP_CLOSE)
		return next->unread > 0 ? IS_UNREAD : 0U;
	return event->step == STEP_SHUTDOWN && event->args->shutdown.how == SHUT_WR ? IS_WR : 0U;
}

/* A value of a sentence. */
static bool next_value(const void *ctx, const char *name, size_t len, struct text *text)
{
	const struct explain_next *next = ctx;
	const union step_args *args = next->event.args;
	char words[ADDR_TEXT_MAX];
	const struct guide_topic *topic;

	if (len == 4 && memcmp(name, "host", len) == 0) {
		text_add(text, addr_format_host(args->name.addr, words, sizeof(words)));
	} else if (len == 4 && memcmp(name, "port", len) == 0) {
		text_addf(text, "%u", (unsigned)addr_port(args->name.addr));
	} else if (len == 2 && memcmp(name, "to", len) == 0) {
		text_add(text, addr_format(args->io.to, words, sizeof(words)));
	} else if (len == 7 && memcmp(name, "backlog", len) == 0) {
		text_addf(text, "%d", args->listen.backlog);
	} else if (len == 6 && memcmp(name, "amount", len) == 0) {
		text_size(text, args->io.len);
	} else if (len == 6 && memcmp(name, "unread", len) == 0) {
		text_size(text, next->unread);
	} else {
		topic = option_topic(&next->event);
		if (topic == NULL)
			return false;
		text_add(text, len == 6 && memcmp(name, "option", len) == 0 ? topic->name : _(topic->title));
	}
	return true;
}

void explain_next(const struct explain_next *next, struct text *text)
{
	const struct event *event = &next->event;
	unsigned bits = step_bits(next);

	if (next->role != SIDE_NONE)
		bits |= next->role == SIDE_SERVER ? IS_SERVER : IS_CLIENT;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct next_row *row = &rows[i];

		if (row->step != event->step || (row->bits & ~bits) != 0 ||
		    (row->protocols != 0 && (row->protocols >> event->protocol & 1) == 0))
			continue;
		template_expand(_(row->text), ' ', next_value, next, text);
		return;
	}
	text_add(text, _(step_purpose(event->step)));
}
