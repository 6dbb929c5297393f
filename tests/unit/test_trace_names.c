/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of constants, words of events, the list of steps, failures. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/util.h"
#include "trace/failure.h"
#include "trace/names.h"

static const struct {
	const struct name_table *table;
	long value;
	const char *name;
} name_rows[] = {
	{ &names_domain, AF_INET6, "AF_INET6" },
	{ &names_domain, AF_UNIX, "AF_UNIX" },
	{ &names_socktype, SOCK_SEQPACKET, "SOCK_SEQPACKET" },
	{ &names_ipproto, IPPROTO_TCP, "IPPROTO_TCP" },
	{ &names_ipproto, 0, NULL },
	{ &names_sol, 0, "IPPROTO_IP" },
	{ &names_sol, SOL_SOCKET, "SOL_SOCKET" },
	{ &names_so, SO_REUSEADDR, "SO_REUSEADDR" },
	{ &names_so, SO_TIMESTAMP, "SO_TIMESTAMP" },
	{ &names_tcp, TCP_NODELAY, "TCP_NODELAY" },
	{ &names_tcp, TCP_INFO, "TCP_INFO" },
	{ &names_ip, IP_RECVERR, "IP_RECVERR" },
	{ &names_ipv6, IPV6_V6ONLY, "IPV6_V6ONLY" },
	{ &names_shut, SHUT_WR, "SHUT_WR" },
	{ &names_tcp_state, TCP_ESTABLISHED, "ESTABLISHED" },
	{ &names_tcp_state, TCP_CLOSE, "CLOSE" },
	{ &names_tcp_state, 12, "NEW_SYN_RECV" },
	{ &names_tcp_state, 0, NULL },
	{ &names_errno, EAGAIN, "EAGAIN" },
	{ &names_errno, EOPNOTSUPP, "EOPNOTSUPP" },
	{ &names_errno, EHWPOISON, "EHWPOISON" },
	{ &names_errno, 0, NULL },
	{ &names_eai, EAI_NONAME, "EAI_NONAME" },
};

static void test_values_have_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(name_rows); i++) {
		const char *name = name_of(name_rows[i].table, name_rows[i].value);

		if (name_rows[i].name == NULL)
			assert_null(name);
		else
			assert_string_equal(name, name_rows[i].name);
	}
}

/* A name leads back to a value whose name is shown: its own, or the first of those that share it. */
static void test_names_have_values(void **state)
{
	static const struct name_table *const tables[] = {
		&names_domain, &names_socktype, &names_socktype_flags, &names_ipproto, &names_sol,
		&names_so, &names_tcp, &names_ip, &names_ipv6, &names_udp, &names_msg,
		&names_splice, &names_shut, &names_epoll, &names_tcp_state, &names_ioctl,
		&names_errno, &names_eai,
	};
	long value;

	(void)state;
	for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
		size_t i = 0;

		for (; name_at(tables[t], i) != NULL; i++) {
			long other;

			assert_true(name_value(tables[t], name_at(tables[t], i), &value));
			assert_true(name_value(tables[t], name_of(tables[t], value), &other));
			assert_int_equal(value, other);
		}
		assert_true(i > 0);
		assert_false(name_value(tables[t], "NOSUCHNAME", &value));
		assert_false(name_value(tables[t], "", &value));
	}
	assert_true(name_value(&names_errno, "EWOULDBLOCK", &value));
	assert_int_equal(value, EAGAIN);
}

/* libc knows every errno that there is; so do we. */
static void test_errnos_are_complete(void **state)
{
	(void)state;
	for (int error = 1; error < 4096; error++) {
		const char *want = strerrorname_np(error);
		const char *name = name_of(&names_errno, error);

		if (want == NULL) {
			assert_null(name);
			continue;
		}
		/* glibc calls EOPNOTSUPP ENOTSUP. */
		if (error != EOPNOTSUPP)
			assert_string_equal(name, want);
	}
}

static void test_numbers_and_flags(void **state)
{
	char dst[64], small[8];

	(void)state;
	assert_string_equal(name_or_number(&names_domain, 4711, dst, sizeof(dst)), "4711");
	assert_string_equal(name_errno(599, dst, sizeof(dst)), "errno 599");
	assert_string_equal(name_errno(ECONNRESET, dst, sizeof(dst)), "ECONNRESET");
	assert_string_equal(name_flags(&names_msg, 0, dst, sizeof(dst)), "0");
	assert_string_equal(name_flags(&names_msg, MSG_NOSIGNAL | MSG_DONTWAIT, dst, sizeof(dst)),
			    "MSG_DONTWAIT|MSG_NOSIGNAL");
	assert_string_equal(name_flags(&names_msg, MSG_PEEK | 0x1000000, dst, sizeof(dst)),
			    "MSG_PEEK|0x1000000");
	assert_string_equal(name_flags(&names_epoll, EPOLLIN | EPOLLET, dst, sizeof(dst)),
			    "EPOLLIN|EPOLLET");
	assert_string_equal(name_flags(&names_splice, 0x100, dst, sizeof(dst)), "0x100");
	assert_string_equal(name_flags(&names_msg, MSG_NOSIGNAL, small, sizeof(small)), "MSG_NOS");
	assert_ptr_equal(names_of_level(SOL_SOCKET), &names_so);
	assert_ptr_equal(names_of_level(IPPROTO_TCP), &names_tcp);
	assert_null(names_of_level(12345));
}

static void test_steps(void **state)
{
	(void)state;
	assert_string_equal(step_name(STEP_RESOLVE), "resolve");
	assert_string_equal(step_name(STEP_PROBE), "probe");
	assert_int_equal(step_level(STEP_CONNECT), 1);
	assert_int_equal(step_level(STEP_SEND), 2);
	assert_int_equal(step_level(STEP_READ), 3);
	assert_true(step_is_observing(STEP_GETSOCKOPT));
	assert_false(step_is_observing(STEP_CLOSE));
	for (int step = 0; step < STEP_COUNT; step++) {
		assert_in_range(step_level((enum step_id)step), 1, 3);
		assert_true(strlen(step_purpose((enum step_id)step)) > 0);
	}
}

static void test_words(void **state)
{
	char dst[128];

	(void)state;
	assert_string_equal(protocol_name(PROTOCOL_UNIX_SEQPACKET), "unix-seqpacket");
	assert_string_equal(shape_word(SHAPE_ONE_WAY_IN), "one-way-in");
	assert_string_equal(who_word(WHO_REMOTE), "remote");
	assert_string_equal(ended_word(ENDED_SENT_ALL), "sent-all");
	assert_string_equal(ended_format(ENDED_IDLE_TIMEOUT, "3 s", dst, sizeof(dst)),
			    "idle for 3 s (--idle-timeout)");
	assert_string_equal(ended_format(ENDED_BOTH, NULL, dst, sizeof(dst)),
			    "both directions finished");
	assert_string_equal(ended_format(ENDED_SIGNAL, "SIGINT", dst, 10), "signal SI");
}

/* Each rule has a sentence and a word of its own. */
static void test_endings_differ(void **state)
{
	(void)state;
	for (int a = 0; a < ENDED_COUNT; a++) {
		for (int b = 0; b < a; b++) {
			assert_string_not_equal(ended_word((enum ended_by)a),
						ended_word((enum ended_by)b));
			assert_string_not_equal(ended_sentence((enum ended_by)a),
						ended_sentence((enum ended_by)b));
		}
	}
}

static void test_failure_keeps_the_first(void **state)
{
	struct failure failure = { 0 };
	struct addr addr;

	(void)state;
	assert_int_equal(addr_parse_ip(&addr, "127.0.0.1", 81), 0);
	assert_int_equal(failure_set(&failure, STEP_CONNECT, ECONNREFUSED, &addr), -ECONNREFUSED);
	assert_int_equal(failure_set(&failure, STEP_BIND, EADDRINUSE, NULL), -EADDRINUSE);
	assert_int_equal(failure_usage(&failure, "%s", "late"), -EINVAL);
	assert_int_equal(failure.domain, FAILURE_ERRNO);
	assert_int_equal(failure.code, ECONNREFUSED);
	assert_int_equal(failure.step, STEP_CONNECT);
	assert_int_equal(addr_port(&failure.addr), 81);
	assert_string_equal(failure.text, "");
}

static void test_failure_usage(void **state)
{
	struct failure failure = { 0 };
	char word[1200];

	(void)state;
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	assert_int_equal(failure_usage(&failure, "port %d: %s", 7, word), -EINVAL);
	assert_int_equal(failure.domain, FAILURE_USAGE);
	assert_int_equal(strlen(failure.text), sizeof(failure.text) - 1);
	assert_memory_equal(failure.text, "port 7: xxx", 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_have_names),
		cmocka_unit_test(test_names_have_values),
		cmocka_unit_test(test_errnos_are_complete),
		cmocka_unit_test(test_numbers_and_flags),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_endings_differ),
		cmocka_unit_test(test_failure_keeps_the_first),
		cmocka_unit_test(test_failure_usage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
