/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explanations: which sentences a step gets, for this run, and that each kind is first once. */
#include "trace/explain.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/util.h"
#include "base/wrap.h"
#include "trace/explain_private.h"
#include "trace_samples.h"

#include "check.h"

#define LINES_MAX 5
/* Of text and the ladder: 80, without the time, the number of a relay's session and the bar. */
#define COLUMNS 68
#define COLUMNS_RELAY 64

/* An explanation is no longer than it is meant to be, on a terminal of 80 columns. */
static void must_be_short(const char *text, bool is_relay)
{
	const char *rest = text;
	size_t lines = 0;

	for (; *rest != '\0'; lines++)
		wrap_line(rest, is_relay ? COLUMNS_RELAY : COLUMNS, &rest);
	if (lines > LINES_MAX)
		fail_msg("%zu lines of %d columns: %s", lines, is_relay ? COLUMNS_RELAY : COLUMNS, text);
}


static const struct explain_table *const tables[] = {
	&explain_table_setup,
	&explain_table_connect,
	&explain_table_data,
	&explain_table_end,
};

/* Every step has a row that decides its kind, or is without one on purpose; never both. */
static void test_every_step(void **state)
{
	uint64_t having = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		for (size_t k = 0; k < tables[i]->count; k++) {
			if (tables[i]->rows[k].part == EXPLAIN_KIND && tables[i]->rows[k].error == 0)
				having |= UINT64_C(1) << tables[i]->rows[k].step;
		}
	}
	for (enum step_id step = 0; step < STEP_COUNT; step++) {
		bool is_without = (explain_steps_without >> step & 1) != 0;

		if (((having >> step & 1) != 0) == is_without)
			fail_msg("%s: %s", step_name(step), is_without ? "has a row all the same" : "has no row");
	}
}

/* Topics are there; values are ones there are; there is a sentence or a lead. */
static void must_be_sound(const struct explain_row *row)
{
	const char *name = row->text;

	assert_non_null(row->text);
	if (row->topic != NULL && guide_find_in(row->group, row->topic) == NULL)
		fail_msg("%s: no topic %s", step_name(row->step), row->topic);
	while ((name = strchr(name, '{')) != NULL) {
		size_t len = strcspn(++name, "}");

		if (!explain_is_value(name, len))
			fail_msg("%s: there is no value {%.*s}", step_name(row->step), (int)len, name);
	}
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		for (size_t k = 0; k < tables[i]->count; k++)
			must_be_sound(&tables[i]->rows[k]);
	}
}

/* Whatever an event has or lacks: no crash, no newline, no control character. */
static void on_sample(struct sink *sink, const struct event *event)
{
	bool is_first;
	const char *text = explain_event(sink->state, event, &is_first);

	if (text != NULL)
		must_be_short(text, false);

	for (; text != NULL && *text != '\0'; text++)
		assert_true((unsigned char)*text >= ' ' && *text != 0x7f);
}

static const struct sink_kind checking = { .name = "checking", .event = on_sample };

static void test_samples(void **state)
{
	void (*const samples[])(struct bus *) = { sample_client, sample_server, sample_hostile, sample_bare,
						  sample_proxy, sample_faults, sample_refused, sample_packets,
						  sample_sight, sample_http };
	struct bus bus;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(samples) * 2; i++) {
		struct explain *explain = explain_new(i % 2 == 1);
		struct sink sink = { .kind = &checking, .level = 3, .state = explain };

		bus_init(&bus, 0);
		bus.sinks = &sink;
		bus.level = 3;
		samples[i / 2](&bus);
		explain_free(explain);
	}
}

/* ---- Every step, in every role and state that there can be, is explained in a few lines ---- */

/* What the steps of the sweep are of. */
struct sweep {
	enum protocol protocol;
	enum side side;
	bool is_relay;
	const char *local, *remote;
	struct explain *explain;
};

/* Explain a step with arguments of its own, of descriptor 5. */
static void sweep_step(const struct sweep *sweep, enum step_id step, int error, int from, int to, int64_t result)
{
	const struct addr local = *sample_addr(sweep->local, 40000), remote = *sample_addr(sweep->remote, 50000);
	const int value = 1;
	union step_args args = { .io = { .len = 9 } };
	struct event event = {
		.step = step, .session = 1, .side = sweep->side, .protocol = sweep->protocol, .fd = 5, .args = &args,
		.has_result = true, .result = error != 0 ? -1 : result, .error = error, .state_from = from,
		.state_to = to, .local = &local, .remote = &remote,
	};
	const char *text;
	bool is_first;

	if (step == STEP_SOCKET)
		args = (union step_args){ .socket = { addr_family(&local), SOCK_STREAM, 0 } };
	else if (step == STEP_BIND || step == STEP_CONNECT)
		args = (union step_args){ .name = { step == STEP_BIND ? &local : &remote } };
	else if (step == STEP_LISTEN)
		args = (union step_args){ .listen = { 128 } };
	else if (step == STEP_SETSOCKOPT)
		args = (union step_args){ .sockopt = { SOL_SOCKET, SO_REUSEADDR, &value, sizeof(value) } };
	else if (step == STEP_SHUTDOWN)
		args = (union step_args){ .shutdown = { SHUT_WR } };
	else if (step == STEP_SEND || step == STEP_RECV)
		args = (union step_args){ .io = { .len = 9 } };
	else
		event.args = NULL;
	text = explain_event(sweep->explain, &event, &is_first);
	if (text != NULL)
		must_be_short(text, sweep->is_relay);
}

/* Every step of a socket that has come so far. */
static void sweep_steps(const struct sweep *sweep)
{
	static const int errors[] = { EAGAIN, EINPROGRESS, ECONNREFUSED, ETIMEDOUT, ECONNRESET, EPIPE, EADDRINUSE,
				      ENETUNREACH, EHOSTUNREACH, EACCES, EMFILE, EAFNOSUPPORT };
	static const int states[][2] = {
		{ 0, 0 }, { TCP_CLOSE, TCP_LISTEN }, { 0, TCP_ESTABLISHED }, { 0, TCP_CLOSE_WAIT },
		{ TCP_SYN_SENT, TCP_ESTABLISHED }, { TCP_ESTABLISHED, 0 }, { TCP_ESTABLISHED, TCP_FIN_WAIT1 },
		{ TCP_FIN_WAIT1, TCP_FIN_WAIT2 }, { TCP_ESTABLISHED, TCP_CLOSE_WAIT }, { TCP_CLOSE_WAIT, TCP_LAST_ACK },
		{ TCP_CLOSE_WAIT, 0 }, { TCP_FIN_WAIT2, TCP_TIME_WAIT }, { TCP_CLOSE, 0 }, { TCP_LISTEN, 0 },
	};

	for (enum step_id step = 0; step < STEP_COUNT; step++) {
		for (size_t i = 0; i < ARRAY_LEN(errors); i++)
			sweep_step(sweep, step, errors[i], 0, 0, 0);
		for (size_t i = 0; i < ARRAY_LEN(states); i++) {
			sweep_step(sweep, step, 0, states[i][0], states[i][1], 0);
			sweep_step(sweep, step, 0, states[i][0], states[i][1], 6);
		}
	}
}

/* What a socket has come through before. */
static const struct {
	enum step_id step;
	int64_t result;
	int from, to;
} lives[] = {
	{ STEP_SOCKET, 5, 0, 0 },      { STEP_BIND, 0, 0, 0 },
	{ STEP_CONNECT, 0, 0, 0 },     { STEP_CONNECTED, 0, TCP_SYN_SENT, TCP_ESTABLISHED },
	{ STEP_RECV, 0, TCP_ESTABLISHED, TCP_CLOSE_WAIT },
	{ STEP_SHUTDOWN, 0, TCP_CLOSE_WAIT, TCP_LAST_ACK },
};

static void test_lengths(void **state)
{
	static const struct {
		const char *local, *remote;
	} addrs[] = { { "::ffff:192.0.2.101", "::ffff:192.0.2.102" }, { "127.0.0.1", "127.0.0.1" },
		      { "::", "2001:db8::1:2" } };
	enum protocol protocols[] = { PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_UNIX };

	(void)state;
	/* How far it has come: so many steps of its life. */
	for (size_t i = 0; i < ARRAY_LEN(addrs) * ARRAY_LEN(protocols) * 4 * (ARRAY_LEN(lives) + 1); i++) {
		size_t rest = i, reached = rest % (ARRAY_LEN(lives) + 1);
		struct sweep sweep = { .is_relay = (rest /= ARRAY_LEN(lives) + 1) % 2 == 1 };

		sweep.side = (rest /= 2) % 2 == 1 ? SIDE_SERVER : SIDE_CLIENT;
		rest /= 2;
		sweep.protocol = protocols[rest % ARRAY_LEN(protocols)];
		sweep.local = addrs[rest / ARRAY_LEN(protocols)].local;
		sweep.remote = addrs[rest / ARRAY_LEN(protocols)].remote;
		sweep.explain = explain_new(sweep.is_relay);
		for (size_t k = 0; k < reached; k++) {
			bool is_listening = sweep.side == SIDE_SERVER && lives[k].step == STEP_CONNECT;

			sweep_step(&sweep, is_listening ? STEP_LISTEN : lives[k].step, 0, lives[k].from, lives[k].to,
				   lives[k].result);
		}
		sweep_steps(&sweep);
		explain_free(sweep.explain);
	}
}

/* One step of a run, and what its explanation says and does not say. */
struct story {
	struct event event;
	union step_args args;
	const char *local, *remote; /* "127.0.0.1", of port 9000 and 50000; NULL: the event does not tell */
	const char *want;           /* NULL: the step has no explanation */
	const char *topic;          /* that is pointed to; NULL: not looked at */
	bool is_again;              /* it is not the first of its kind */
};

#define LOCAL_PORT 9000
#define REMOTE_PORT 50000
#define AS_SERVER .fd = 5, .side = SIDE_SERVER
#define AS_CLIENT .fd = 5, .side = SIDE_CLIENT, .session = 1
#define TCP .protocol = PROTOCOL_TCP, .has_result = true
#define UDP .protocol = PROTOCOL_UDP, .has_result = true
#define LOCAL_UNIX .protocol = PROTOCOL_UNIX, .has_result = true
#define FAILS(number) .error = (number), .result = -1

/* Explain the steps of a run in their order. */
static void play(const struct story *steps, size_t count, bool is_relay)
{
	struct explain *explain = explain_new(is_relay);

	for (size_t i = 0; i < count; i++) {
		union step_args args = steps[i].args;
		struct event event = steps[i].event;
		char pointer[64];
		const char *text;
		bool is_first;

		event.args = &args;
		if (steps[i].local != NULL)
			event.local = sample_addr(steps[i].local, LOCAL_PORT);
		if (steps[i].remote != NULL)
			event.remote = sample_addr(steps[i].remote, REMOTE_PORT);
		text = explain_event(explain, &event, &is_first);
		if ((text == NULL) != (steps[i].want == NULL) || (text != NULL && strstr(text, steps[i].want) == NULL))
			fail_msg("step %zu (%s): \"%s\" says not \"%s\"", i, step_name(event.step),
				 text == NULL ? "" : text, steps[i].want == NULL ? "" : steps[i].want);
		if (text != NULL && is_first == steps[i].is_again)
			fail_msg("step %zu (%s) is first: %d", i, step_name(event.step), is_first);
		if (text != NULL)
			must_be_short(text, is_relay);
		snprintf(pointer, sizeof(pointer), " (sockt help %s)", steps[i].topic == NULL ? "" : steps[i].topic);
		if (steps[i].topic != NULL && (text == NULL || strstr(text, pointer) == NULL))
			fail_msg("step %zu (%s) does not point to %s", i, step_name(event.step), steps[i].topic);
	}
	explain_free(explain);
}

#define PLAY(steps, is_relay) play(steps, ARRAY_LEN(steps), is_relay)

/* A server of TCP: its listening socket and the client's are told apart, to the end. */
static void test_server(void **state)
{
	const int off = 0;
	const struct story steps[] = {
		{ { STEP_SOCKET, TCP, .fd = -1, .result = 5 }, { .socket = { AF_INET6, SOCK_STREAM, 0 } },
		  .want = "Descriptor 5 is to be the server socket: it waits for clients and never carries data. "
			  "AF_INET6: addresses of IPv6.", .topic = "socket" },
		{ { STEP_SETSOCKOPT, TCP, AS_SERVER }, { .sockopt = { IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off) } },
		  .want = "Here 0: one socket serves clients of both.", .topic = "IPV6_V6ONLY" },
		{ { STEP_BIND, TCP, AS_SERVER }, { .name = { sample_addr("::", 0) } }, .local = "::",
		  .want = "Port 0 asked for any free port: the kernel has taken 9000. [::] stands for all "
			  "addresses of this "
			  "host, of IPv6 and (IPV6_V6ONLY is 0) of IPv4.", .topic = "bind" },
		{ { STEP_LISTEN, TCP, AS_SERVER, .state_to = TCP_LISTEN }, { .listen = { 7 } },
		  .want = "The backlog, 7, limits how many wait there for accept().", .topic = "listen" },
		{ { STEP_ACCEPT, TCP, AS_SERVER, .session = 1, .result = 6, .state_to = TCP_ESTABLISHED },
		  .remote = "::ffff:127.0.0.1", .local = "::ffff:127.0.0.1",
		  .want = "Descriptor 6 is for the conversation with this one client, [::ffff:127.0.0.1]:50000; 5 "
			  "stays the one that listens. ::ffff:", .topic = "accept" },
		{ { STEP_ACCEPT, TCP, AS_SERVER, FAILS(EAGAIN) }, .want = "The accept queue of descriptor 5 is empty",
		  .topic = "EAGAIN" },
		{ { STEP_ACCEPT, TCP, AS_SERVER, .session = 2, .result = 7, .state_to = TCP_CLOSE_WAIT },
		  .remote = "::1", .want = "CLOSE_WAIT", .is_again = true },
		{ { STEP_CLOSE, TCP, .fd = 6, .side = SIDE_SERVER, .session = 1, .state_from = TCP_ESTABLISHED },
		  .want = "Neither direction had ended" },
		{ { STEP_CLOSE, TCP, AS_SERVER, .state_from = TCP_LISTEN },
		  .want = "Descriptor 5 was the server socket: new clients of [::]:9000 are refused now" },
	};

	(void)state;
	PLAY(steps, false);
}

/* A client of TCP that succeeds, ends first and closes. */
static void test_client(void **state)
{
	const struct story steps[] = {
		{ { STEP_SOCKET, TCP, .session = 1, .side = SIDE_CLIENT, .fd = -1, .result = 5 },
		  { .socket = { AF_INET, SOCK_STREAM, 0 } }, .want = "Descriptor 5 is to be a client socket" },
		{ { STEP_CONNECT, TCP, AS_CLIENT, FAILS(EINPROGRESS) }, { .name = { sample_addr("192.0.2.1", 80) } },
		  .want = "The kernel has sent SYN to 192.0.2.1:80. EINPROGRESS is no failure", .topic = "connect" },
		{ { STEP_CONNECTED, TCP, AS_CLIENT }, .local = "192.0.2.7", .remote = "192.0.2.1",
		  .want = "192.0.2.1:50000 answered SYN with SYN-ACK, and our kernel confirmed with ACK: the "
			  "connection stands. Our end is 192.0.2.7:9000: a client's port may be any, so the kernel "
			  "took a free one. Either" },
		{ { STEP_SEND, TCP, AS_CLIENT, .result = 3 }, { .io = { .len = 9 } }, .want = "it took 3 of 9 bytes" },
		{ { STEP_SEND, TCP, AS_CLIENT, .result = 6 }, { .io = { .len = 6 } },
		  .want = "These 6 bytes are in the send buffer now" },
		{ { STEP_SEND, TCP, AS_CLIENT, FAILS(EAGAIN) }, .want = "The send buffer of descriptor 5 is full" },
		{ { STEP_RECV, TCP, AS_CLIENT, .result = 4 }, .want = "There were 4 bytes." },
		{ { STEP_SHUTDOWN, TCP, AS_CLIENT, .state_from = TCP_ESTABLISHED, .state_to = TCP_FIN_WAIT1 },
		  { .shutdown = { SHUT_WR } }, .want = "The kernel sends FIN behind the last byte" },
		{ { STEP_STATE, TCP, AS_CLIENT, .state_from = TCP_FIN_WAIT1, .state_to = TCP_FIN_WAIT2 },
		  .want = "The peer's kernel has acknowledged our FIN", .topic = "FIN_WAIT2" },
		{ { STEP_RECV, TCP, AS_CLIENT }, .want = "Ours had ended before", .topic = "half-close" },
		{ { STEP_CLOSE, TCP, AS_CLIENT, .state_from = TCP_CLOSE }, .want = "for 60 s (TIME_WAIT)" },
	};

	(void)state;
	PLAY(steps, false);
}

/* Failures are explained, too, and an attempt that failed is not taken for a connection. */
static void test_failures(void **state)
{
	const struct story steps[] = {
		/* An inherited socket may have been connected before. */
		{ { STEP_CLOSE, TCP, .session = 1, .side = SIDE_CLIENT, .fd = 9, .state_from = TCP_CLOSE },
		  .want = "The connection is over, so nothing is sent by it." },
		{ { STEP_SOCKET, TCP, .session = 1, .side = SIDE_CLIENT, .fd = -1, .result = 5 },
		  { .socket = { AF_INET, SOCK_STREAM, 0 } }, .want = "Descriptor 5" },
		{ { STEP_BIND, TCP, AS_SERVER, FAILS(EADDRINUSE) }, { .name = { sample_addr("127.0.0.1", 80) } },
		  .want = "EADDRINUSE: address in use: a socket, or TIME_WAIT, holds this port.",
		  .topic = "EADDRINUSE" },
		{ { STEP_CONNECT, TCP, AS_CLIENT, FAILS(ENETUNREACH) }, { .name = { sample_addr("2001:db8::1", 80) } },
		  .want = "So there is no connection to [2001:db8::1]:80.", .topic = "ENETUNREACH" },
		{ { STEP_CONNECTED, TCP, AS_CLIENT, FAILS(ECONNREFUSED) }, .remote = "127.0.0.1",
		  .want = "no socket listens at 127.0.0.1:50000", .topic = "ECONNREFUSED" },
		{ { STEP_CONNECTED, TCP, AS_CLIENT, FAILS(ECONNREFUSED) }, .remote = "192.0.2.1",
		  .want = "no socket listens on its port 50000, or a firewall answers in its place",
		  .topic = "ECONNREFUSED" },
		{ { STEP_CONNECTED, TCP, AS_CLIENT, FAILS(ETIMEDOUT) }, .remote = "192.0.2.1",
		  .want = "SYN was sent to 192.0.2.1:50000 again and again" },
		{ { STEP_CLOSE, TCP, AS_CLIENT, .state_from = TCP_CLOSE },
		  .want = "There was no connection, so nothing is sent by it." },
		{ { STEP_SOCKET, TCP, AS_CLIENT, FAILS(EMFILE) }, .want = "So there is no socket.", .topic = "EMFILE" },
		{ { STEP_SETSOCKOPT, TCP, AS_CLIENT, FAILS(599) }, .want = NULL },
		{ { STEP_RESOLVE, .session = 1, .fd = -1, .has_result = true, .result = -1 },
		  { .resolve = { .node = "nowhere", .error = EAI_NONAME } }, .want = "So there is no address",
		  .topic = "EAI_NONAME" },
		{ { STEP_NOTE, .fd = -1, .text = "a note" }, .want = NULL },
	};

	(void)state;
	PLAY(steps, false);
}

/* A socket of the shell has a session, but no side yet; a second one takes nothing of what is known of the first. */
static void test_by_hand(void **state)
{
	const struct story steps[] = {
		{ { STEP_SOCKET, TCP, .session = 1, .fd = -1, .result = 6 }, { .socket = { AF_INET, SOCK_STREAM, 0 } },
		  .want = "Descriptor 6 can become a server socket, by listen(), or a client socket, by connect()",
		  .topic = "socket" },
		{ { STEP_LISTEN, TCP, .session = 1, .side = SIDE_SERVER, .fd = 6 }, { .listen = { 128 } },
		  .local = "127.0.0.1", .want = "listen() makes this a server socket" },
		{ { STEP_SOCKET, TCP, .session = 2, .fd = -1, .result = 7 }, { .socket = { AF_INET, SOCK_STREAM, 0 } },
		  .want = "Descriptor 7 can become", .is_again = true },
		{ { STEP_CLOSE, TCP, .session = 1, .side = SIDE_SERVER, .fd = 6, .state_from = TCP_LISTEN },
		  .want = "Descriptor 6 was the server socket: new clients of 127.0.0.1:9000 are refused now" },
		{ { STEP_SOCKET, UDP, .session = 3, .fd = -1, .result = 6 }, { .socket = { AF_INET, SOCK_DGRAM, 0 } },
		  .want = "Descriptor 6 can send datagrams to anybody" },
	};

	(void)state;
	PLAY(steps, false);
}

/* A server that got no address had no connection that could be over. */
static void test_bind_fails(void **state)
{
	const struct story steps[] = {
		{ { STEP_SOCKET, TCP, .fd = -1, .side = SIDE_SERVER, .result = 5 },
		  { .socket = { AF_INET, SOCK_STREAM, IPPROTO_TCP } },
		  .want = "Descriptor 5 is to be the server socket" },
		{ { STEP_BIND, TCP, AS_SERVER, FAILS(EACCES) }, { .name = { sample_addr("127.0.0.1", 80) } },
		  .want = "So descriptor 5 has no address", .topic = "EACCES" },
		{ { STEP_CLOSE, TCP, AS_SERVER, .state_from = TCP_CLOSE },
		  .want = "Descriptor 5 never came to wait for clients" },
	};

	(void)state;
	PLAY(steps, false);
}

/* On loopback the peer may have ended before shutdown() returns: nothing is said of an answer that may still come. */
static void test_both_ended_at_once(void **state)
{
	const struct story steps[] = {
		{ { STEP_SHUTDOWN, TCP, AS_CLIENT, .state_from = TCP_ESTABLISHED, .state_to = TCP_CLOSE },
		  { .shutdown = { SHUT_WR } }, .want = "the peer had ended its direction too: the connection is over" },
	};

	(void)state;
	PLAY(steps, false);
}

/* A peer that breaks off leaves no TIME_WAIT, whoever ended first. */
static void test_reset(void **state)
{
	const struct story steps[] = {
		{ { STEP_CONNECTED, TCP, AS_CLIENT }, .local = "127.0.0.1", .remote = "127.0.0.1", .want = "stands" },
		{ { STEP_SHUTDOWN, TCP, AS_CLIENT, .state_to = TCP_FIN_WAIT1 }, { .shutdown = { SHUT_WR } },
		  .want = "FIN" },
		{ { STEP_RECV, TCP, AS_CLIENT, FAILS(ECONNRESET) }, .want = "it gave up both", .topic = "ECONNRESET" },
		{ { STEP_CLOSE, TCP, AS_CLIENT, .state_from = TCP_CLOSE },
		  .want = "The connection is over, so nothing" },
	};

	(void)state;
	PLAY(steps, false);
}

/* Datagrams have no connections, and no end. */
static void test_datagrams(void **state)
{
	const struct story steps[] = {
		{ { STEP_SOCKET, UDP, .fd = -1, .result = 5 }, { .socket = { AF_INET, SOCK_DGRAM, 0 } },
		  .want = "to wait for datagrams, from anybody" },
		{ { STEP_BIND, UDP, AS_SERVER }, { .name = { sample_addr("127.0.0.1", 9000) } }, .local = "127.0.0.1",
		  .want = "there is no listen(), since UDP has no connections" },
		{ { STEP_RECV, UDP, AS_SERVER, .result = 3 }, .remote = "127.0.0.2",
		  .want = "This one has 3 bytes and is from 127.0.0.2:50000" },
		{ { STEP_RECV, UDP, AS_SERVER }, .remote = "127.0.0.2", .want = "this datagram is empty" },
		{ { STEP_CLOSE, UDP, AS_SERVER }, .want = "Nobody takes datagrams at 127.0.0.1:9000 any more" },
		{ { STEP_CONNECT, UDP, AS_CLIENT }, { .name = { sample_addr("127.0.0.2", 50000) } },
		  .local = "127.0.0.1", .remote = "127.0.0.2",
		  .want = "With UDP nothing is sent by it: the kernel notes 127.0.0.2:50000" },
		{ { STEP_SEND, UDP, AS_CLIENT, .result = 2 }, { .io = { .len = 2 } },
		  .want = "These 2 bytes are one datagram to 127.0.0.2:50000." },
		{ { STEP_SEND, UDP, AS_CLIENT, FAILS(ECONNREFUSED) },
		  .want = "An earlier datagram was answered by ICMP" },
		{ { STEP_CLOSE, UDP, AS_CLIENT }, .want = "UDP has no end" },
	};

	(void)state;
	PLAY(steps, false);
}

static void test_unix(void **state)
{
	const struct story steps[] = {
		{ { STEP_BIND, LOCAL_UNIX, AS_SERVER }, { .name = { sample_unix("/run/x") } },
		  .want = "For a Unix socket it makes a file, /run/x." },
		{ { STEP_BIND, LOCAL_UNIX, AS_SERVER }, { .name = { sample_unix("@x") } },
		  .want = "@x is an abstract name" },
		{ { STEP_CONNECT, LOCAL_UNIX, AS_CLIENT }, { .name = { sample_unix("/run/x") } },
		  .want = "in the accept queue of the server at /run/x" },
		{ { STEP_CONNECT, LOCAL_UNIX, AS_CLIENT, FAILS(ECONNREFUSED) }, { .name = { sample_unix("/run/x") } },
		  .want = "The file /run/x is there, but" },
		{ { STEP_SHUTDOWN, LOCAL_UNIX, AS_CLIENT }, { .shutdown = { SHUT_WR } },
		  .want = "The peer's recv() returns 0 behind the last byte" },
		{ { STEP_CLOSE, LOCAL_UNIX, AS_CLIENT }, .want = "For the peer both directions have ended now" },
	};

	(void)state;
	PLAY(steps, false);
}

/* A relay is a server on one side and a client on the other, and passes ends on. */
static void test_relay(void **state)
{
	const int on = 1;
	const struct story steps[] = {
		{ { STEP_LISTEN, TCP, AS_SERVER, .state_to = TCP_LISTEN }, { .listen = { 7 } }, .local = "127.0.0.1",
		  .want = "The backlog, 7" },
		{ { STEP_SETSOCKOPT, TCP, AS_SERVER }, { .sockopt = { IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on) } },
		  .want = "takes this over from the listening one", .topic = "TCP_NODELAY" },
		{ { STEP_ACCEPT, TCP, AS_SERVER, .session = 1, .result = 6 }, .remote = "127.0.0.1",
		  .want = "Next the relay connects to the target for it." },
		{ { STEP_SOCKET, TCP, .session = 1, .side = SIDE_CLIENT, .fd = -1, .result = 7 },
		  { .socket = { AF_INET, SOCK_STREAM, 0 } }, .want = "there the relay is a client" },
		{ { STEP_SHUTDOWN, TCP, .fd = 7, .side = SIDE_CLIENT, .session = 1 }, { .shutdown = { SHUT_WR } },
		  .want = "The client has ended its direction, and the relay passes that on to the target" },
		{ { STEP_SHUTDOWN, TCP, .fd = 6, .side = SIDE_SERVER, .session = 1 }, { .shutdown = { SHUT_WR } },
		  .want = "The target has ended its direction, and the relay passes that on to the client" },
		{ { STEP_SHUTDOWN, TCP, .fd = 7, .side = SIDE_CLIENT, .session = 1 },
		  { .shutdown = { SHUT_WR, SHUTDOWN_LIMIT } },
		  .want = "The limit is reached: the client may send no more" },
		{ { STEP_SHUTDOWN, TCP, .fd = 6, .side = SIDE_SERVER, .session = 1 },
		  { .shutdown = { SHUT_WR, SHUTDOWN_OWN } },
		  .want = "The relay ends this connection, behind the last" },
	};

	(void)state;
	PLAY(steps, true);
}

/* explain_first() tells of each kind once, and explains the same. */
static void test_first(void **state)
{
	struct explain *explain = explain_new(false), *other = explain_new(false);
	const struct event event = { STEP_RECV, AS_CLIENT, TCP, .result = 5 };
	bool is_first;
	const char *text;

	(void)state;
	text = explain_first(explain, &event);
	assert_non_null(text);
	assert_string_equal(text, explain_event(other, &event, &is_first));
	assert_true(is_first);
	assert_null(explain_first(explain, &event));
	assert_non_null(explain_event(other, &event, &is_first));
	assert_false(is_first);
	explain_free(explain);
	explain_free(other);
	explain_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_step),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_server),
		cmocka_unit_test(test_client),
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_bind_fails),
		cmocka_unit_test(test_both_ended_at_once),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_datagrams),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_relay),
		cmocka_unit_test(test_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
