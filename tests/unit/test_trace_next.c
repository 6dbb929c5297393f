/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why the next step is made, in one line. */
#include "trace/explain_next.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/util.h"
#include "base/utf8.h"
#include "check.h"

static struct addr ip(const char *host, uint16_t port)
{
	struct addr addr;

	assert_int_equal(addr_parse_ip(&addr, host, port), 0);
	return addr;
}

static void check(const struct explain_next *next, const char *want)
{
	char line[256];
	struct text text;

	text_init(&text, line, sizeof(line));
	explain_next(next, &text);
	assert_string_equal(line, want);
	assert_true(strlen(line) <= EXPLAIN_NEXT_COLUMNS);
}

static struct explain_next make(enum step_id step, enum protocol protocol, enum side role, const union step_args *args)
{
	return (struct explain_next){
		.event = { .step = step, .protocol = protocol, .fd = 5, .args = args },
		.role = role,
	};
}

static void test_names(void **state)
{
	struct addr loopback = ip("127.0.0.1", 9000), far = ip("192.0.2.1", 80);
	struct addr any = ip("::", 0), all = ip("0.0.0.0", 7);
	union step_args args = { .name = { .addr = &loopback } };
	struct explain_next next = make(STEP_CONNECT, PROTOCOL_TCP, SIDE_CLIENT, &args);

	(void)state;
	check(&next, "asks port 9000 of this host for a connection: SYN is sent");
	next.event.protocol = PROTOCOL_UDP;
	check(&next, "sends nothing: it only says with whom to exchange datagrams");
	next = make(STEP_BIND, PROTOCOL_TCP, SIDE_SERVER, &args);
	check(&next, "others on this host, and nobody else, reach it on port 9000");
	args.name.addr = &far;
	check(&next, "others reach it at 192.0.2.1, on port 80");
	next.event.step = STEP_CONNECT;
	check(&next, "asks 192.0.2.1, port 80, for a connection: SYN is sent");
	next = make(STEP_BIND, PROTOCOL_UDP, SIDE_CLIENT, &args);
	check(&next, "this end is to have this address, not one that the kernel picks");
	next.role = SIDE_SERVER;
	args.name.addr = &any;
	check(&next, "every address of this host, and any port that is free");
	args.name.addr = &all;
	check(&next, "others reach it at every address of this host, on port 7");
}

static void test_data(void **state)
{
	struct addr far = ip("192.0.2.1", 80);
	union step_args args = { .io = { .len = 5 } };
	struct explain_next next = make(STEP_SEND, PROTOCOL_TCP, SIDE_CLIENT, &args);

	(void)state;
	check(&next, "5 B go to the kernel, which sends them and waits for the ACK");
	next.event.protocol = PROTOCOL_UDP;
	check(&next, "5 B go to the peer, as one datagram");
	args.io.to = &far;
	check(&next, "5 B go to 192.0.2.1:80, as one datagram");
	next = make(STEP_RECV, PROTOCOL_TCP, SIDE_CLIENT, &args);
	next.unread = 7;
	check(&next, "7 B have come, and wait in the kernel to be taken");
	next.unread = 0;
	next.is_end = true;
	check(&next, "the peer has ended its direction: 0 bytes will say so");
	next.has_error = true;
	check(&next, "the connection has failed: the call will say how");
	next = make(STEP_RECV, PROTOCOL_UDP, SIDE_CLIENT, &args);
	next.unread = 9;
	check(&next, "a datagram of 9 B has come: take it");
	next.event.step = STEP_CLOSE;
	check(&next, "gives the descriptor back");
	next.event.protocol = PROTOCOL_TCP;
	check(&next, "gives it back; the 9 B that nobody has read make that a reset");
}

static void test_options(void **state)
{
	const struct linger abrupt = { .l_onoff = 1 };
	const int one = 1;
	union step_args args = { .sockopt = { SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one) } };
	struct explain_next next = make(STEP_SETSOCKOPT, PROTOCOL_TCP, SIDE_SERVER, &args);

	(void)state;
	check(&next, "SO_REUSEADDR: bind a port although old connections of it rest");
	args.sockopt.optname = SO_LINGER;
	args.sockopt.optval = &abrupt;
	args.sockopt.optlen = sizeof(abrupt);
	check(&next, "so that close() resets the connection instead of ending it");
	args.sockopt.level = 4711;
	check(&next, step_purpose(STEP_SETSOCKOPT));
}

/* Of every step there is something to say, whoever makes it. */
static void test_all(void **state)
{
	struct addr addr = ip("192.0.2.1", 80);

	(void)state;
	for (enum step_id step = 0; step < STEP_COUNT; step++) {
		for (enum protocol protocol = 0; protocol < PROTOCOL_COUNT; protocol++) {
			union step_args args = { .name = { .addr = &addr } };
			struct explain_next next = make(step, protocol, protocol % 3, &args);
			char line[256];
			struct text text;

			if (step == STEP_SETSOCKOPT || step == STEP_SEND || step == STEP_WRITE)
				args = (union step_args){ .io = { .len = 3 } };
			text_init(&text, line, sizeof(line));
			explain_next(&next, &text);
			assert_true(text.len > 0 && !text.is_cut);
			assert_null(strchr(line, '{'));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
