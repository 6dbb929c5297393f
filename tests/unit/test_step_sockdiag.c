/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who holds a port, who sent an ICMP error, which way leads where: asked about sockets of this process. */
#include "step/errqueue.h"
#include "step/probe.h"
#include "step/route.h"
#include "step/sockdiag.h"

#include "base/clock.h"
#include "base/util.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

/* A bus with one sink that counts what it gets. */
struct watched {
	struct bus bus;
	struct sink sink;
	struct stepper st;
	size_t probes, recvmsgs;
	int flags; /* of the last */
	char last[256]; /* the call in words, of the last event */
};

static void watched_event(struct sink *sink, const struct event *event)
{
	struct watched *watched = sink->state;

	/* What an error queue has told is an event of its own, with other arguments. */
	if (event->step != STEP_PROBE && event->step != STEP_RECVMSG)
		return;
	watched->probes += event->step == STEP_PROBE;
	watched->recvmsgs += event->step == STEP_RECVMSG;
	snprintf(watched->last, sizeof(watched->last), "%s",
		 event->args->probe.what == NULL ? "" : event->args->probe.what);
	watched->flags = event->args->probe.flags;
}

static const struct sink_kind watched_kind = { .name = "watched", .event = watched_event };

/* A clock that stands: the search of /proc ends at a time limit, which a busy machine would reach. */
static uint64_t standing_clock(void)
{
	return NS_PER_S;
}

/* One by which every search has taken too long when it has begun. */
static uint64_t racing_clock(void)
{
	static uint64_t now_ns;

	now_ns += NS_PER_S;
	return now_ns;
}

static const struct env env_standing = { .now_ns = standing_clock };
static const struct env env_racing = { .now_ns = racing_clock };

static void watched_init(struct watched *watched, uint8_t level)
{
	memset(watched, 0, sizeof(*watched));
	bus_init(&watched->bus, clock_now_ns());
	watched->st = (struct stepper){ .bus = &watched->bus, .env = &env_standing };
	if (level == 0)
		return;
	watched->sink = (struct sink){ .kind = &watched_kind, .level = level, .state = watched };
	bus_add(&watched->bus, &watched->sink);
}

/* A socket bound to text and a free port; *addr gets its name. -1 where the host has no such family. */
static int bound(const char *text, int type, struct addr *addr)
{
	struct sockaddr_storage name;
	socklen_t len = sizeof(name);
	int one = 1, fd;

	assert_int_equal(addr_parse_ip(addr, text, 0), 0);
	fd = socket(addr_family(addr), type | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	if (type == SOCK_STREAM)
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)), 0);
	if (bind(fd, &addr->sa, addr->len) == -1) {
		close(fd);
		return -1;
	}
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &len), 0);
	addr_set(addr, (struct sockaddr *)&name, len);
	return fd;
}

static int listening(const char *text, struct addr *addr)
{
	int fd = bound(text, SOCK_STREAM, addr);

	if (fd != -1)
		assert_int_equal(listen(fd, 5), 0);
	return fd;
}

static struct addr with_port(const char *text, const struct addr *of)
{
	struct addr addr;

	assert_int_equal(addr_parse_ip(&addr, text, addr_port(of)), 0);
	return addr;
}

/* The name of this process, which is another's under valgrind. */
static void check_comm(const char *comm)
{
	char own[64] = "";
	FILE *file = fopen("/proc/self/comm", "re");

	assert_non_null(file);
	assert_non_null(fgets(own, sizeof(own), file));
	fclose(file);
	own[strcspn(own, "\n")] = '\0';
	assert_string_equal(comm, own);
}

/* The process that is found is this one. */
static void check_is_ours(const struct port_holder *holder)
{
	assert_int_equal(holder->pid, getpid());
	assert_int_equal(holder->uid, geteuid());
	check_comm(holder->comm);
}

static void test_listener(void **state)
{
	struct watched watched;
	struct port_holder holder;
	struct addr addr, other;
	int fd = listening("127.0.0.1", &addr);

	(void)state;
	watched_init(&watched, 0);
	assert_int_equal(sockdiag_find_holder(&watched.st, &addr, PROTOCOL_TCP, &holder), 1);
	assert_int_equal(holder.state, TCP_LISTEN);
	assert_int_equal(holder.queue_limit, 5);
	assert_true(addr_equal(&holder.local, &addr));
	check_is_ours(&holder);

	/* In the way of every address of the port, not of another address, not of another protocol. */
	other = with_port("0.0.0.0", &addr);
	assert_int_equal(sockdiag_find_holder(&watched.st, &other, PROTOCOL_TCP, &holder), 1);
	other = with_port("::", &addr);
	assert_int_equal(sockdiag_find_holder(&watched.st, &other, PROTOCOL_TCP, &holder), 1);
	other = with_port("127.0.0.2", &addr);
	assert_int_equal(sockdiag_find_holder(&watched.st, &other, PROTOCOL_TCP, &holder), 0);
	assert_int_equal(sockdiag_find_holder(&watched.st, &addr, PROTOCOL_UDP, &holder), 0);

	/* A bound socket gives way to one that listens. */
	close(fd);
	assert_int_equal(sockdiag_find_holder(&watched.st, &addr, PROTOCOL_TCP, &holder), 0);
	fd = bound("127.0.0.1", SOCK_STREAM, &addr);
	assert_int_equal(sockdiag_find_holder(&watched.st, &addr, PROTOCOL_TCP, &holder), 1);
	assert_int_equal(holder.state, TCP_CLOSE);
	check_is_ours(&holder);
	close(fd);
}

/* Wait until the kernel tells that of a connection: found, in the state; or, with the state 0, that there is none. */
static void await_pair(struct watched *watched, const struct addr *local, const struct addr *remote, int state)
{
	struct port_holder holder;

	for (int tries = 0; tries < 5000; tries++) {
		int found = sockdiag_find_pair(&watched->st, local, remote, &holder);

		if (found == (state != 0) && (found == 0 || holder.state == state))
			return;
		poll(NULL, 0, 1);
	}
	fail_msg("no connection in state %d", state);
}

/* A connection by its two addresses: both its ends, what TIME_WAIT has left of it, and none. */
static void test_pair(void **state)
{
	struct watched watched;
	struct port_holder holder;
	struct addr server, client, other;
	int listener = listening("127.0.0.1", &server), ends[2];

	(void)state;
	watched_init(&watched, 0);
	ends[0] = bound("127.0.0.1", SOCK_STREAM, &client);
	assert_int_equal(sockdiag_find_pair(&watched.st, &client, &server, &holder), 0);
	assert_int_equal(connect(ends[0], &server.sa, server.len), 0);
	ends[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_int_equal(sockdiag_find_pair(&watched.st, &client, &server, &holder), 1);
	assert_int_equal(holder.state, TCP_ESTABLISHED);
	assert_true(addr_equal(&holder.local, &client));
	assert_int_equal(sockdiag_find_pair(&watched.st, &server, &client, &holder), 1);
	assert_int_equal(holder.state, TCP_ESTABLISHED);
	/* The listener is not taken for a connection, nor one for another. */
	other = with_port("127.0.0.2", &client);
	assert_int_equal(sockdiag_find_pair(&watched.st, &server, &other, &holder), 0);
	close(ends[0]);
	close(ends[1]);
	/* Who ended first keeps the connection, without a socket; the kernel may still be at it. */
	await_pair(&watched, &client, &server, TCP_TIME_WAIT);
	await_pair(&watched, &server, &client, 0);
	close(listener);
}

static void test_dual_stack(void **state)
{
	struct watched watched;
	struct port_holder holder;
	struct addr addr, v4;
	int one = 1, fd = listening("::", &addr);

	(void)state;
	if (fd == -1)
		skip();
	watched_init(&watched, 0);
	v4 = with_port("127.0.0.1", &addr);
	assert_int_equal(sockdiag_find_holder(&watched.st, &v4, PROTOCOL_TCP, &holder), 1);
	assert_int_equal(addr_family(&holder.local), AF_INET6);
	assert_int_equal(sockdiag_find_waiting(&watched.st, &v4, PROTOCOL_TCP, &holder), 1);
	assert_true(sockdiag_takes(&holder, &v4));
	close(fd);

	fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)), 0);
	assert_int_equal(bind(fd, &addr.sa, addr.len), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(sockdiag_find_holder(&watched.st, &v4, PROTOCOL_TCP, &holder), 0);
	/* It waits there, if not for IPv4: that is what a person wants to know. */
	assert_int_equal(sockdiag_find_waiting(&watched.st, &v4, PROTOCOL_TCP, &holder), 1);
	assert_true(holder.is_v6only);
	assert_false(sockdiag_takes(&holder, &v4));
	close(fd);
}

/*
 * A datagram socket at a port that no TCP socket of the host has, not even one in TIME_WAIT: other tests leave
 * those.
 */
static int bound_datagram(struct addr *addr)
{
	for (;;) {
		int fd = bound("127.0.0.1", SOCK_DGRAM, addr);
		int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		bool is_free = bind(tcp, &addr->sa, addr->len) == 0;

		close(tcp);
		if (is_free)
			return fd;
		close(fd);
	}
}

static void test_datagram(void **state)
{
	struct watched watched;
	struct port_holder holder;
	struct addr addr;
	int fd = bound_datagram(&addr);

	(void)state;
	watched_init(&watched, 0);
	assert_int_equal(sockdiag_find_holder(&watched.st, &addr, PROTOCOL_UDP, &holder), 1);
	check_is_ours(&holder);
	assert_int_equal(sockdiag_find_waiting(&watched.st, &addr, PROTOCOL_UDP, &holder), 1);
	assert_int_equal(sockdiag_find_holder(&watched.st, &addr, PROTOCOL_TCP, &holder), 0);
	close(fd);
	assert_int_equal(sockdiag_find_waiting(&watched.st, &addr, PROTOCOL_UDP, &holder), 0);
}

/* Who holds the port is known though the time to look for the process is over. */
static void test_no_time(void **state)
{
	struct watched watched;
	struct port_holder holder;
	struct addr addr;
	int fd = listening("127.0.0.1", &addr);

	(void)state;
	watched_init(&watched, 0);
	watched.st.env = &env_racing;
	assert_int_equal(sockdiag_find_holder(&watched.st, &addr, PROTOCOL_TCP, &holder), 1);
	assert_int_equal(holder.state, TCP_LISTEN);
	assert_int_equal(holder.uid, geteuid());
	assert_int_equal(holder.pid, 0);
	close(fd);
}

/* Closed first by the listening side: its port is in TIME_WAIT when both ends and the listener are gone. */
static void test_time_wait(void **state)
{
	struct watched watched;
	struct port_holder holder;
	struct addr addr;
	int listener = listening("127.0.0.1", &addr), client, server;
	char byte;

	(void)state;
	watched_init(&watched, 0);
	client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(client, &addr.sa, addr.len), 0);
	server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_int_not_equal(server, -1);

	/* While the listener lives it is what is told; without it, the connection. */
	assert_int_equal(sockdiag_find_holder(&watched.st, &addr, PROTOCOL_TCP, &holder), 1);
	assert_int_equal(holder.state, TCP_LISTEN);
	close(listener);
	assert_int_equal(sockdiag_find_holder(&watched.st, &addr, PROTOCOL_TCP, &holder), 1);
	assert_int_equal(holder.state, TCP_ESTABLISHED);
	check_is_ours(&holder);

	close(server);
	assert_int_equal(recv(client, &byte, 1, 0), 0);
	close(client);
	assert_int_equal(sockdiag_find_holder(&watched.st, &addr, PROTOCOL_TCP, &holder), 1);
	assert_int_equal(holder.state, TCP_TIME_WAIT);
	assert_int_equal(holder.pid, 0);
	assert_in_range(holder.time_left_ms, 1, 61000);
}

static void test_unix(void **state)
{
	char directory[] = "/tmp/sockt-unit-XXXXXX", path[64];
	struct watched watched;
	struct unix_holder holder;
	struct addr addr;
	int fd, client, server;

	(void)state;
	watched_init(&watched, 0);
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/s", directory);
	assert_int_equal(addr_set_unix(&addr, path), 0);
	assert_int_equal(sockdiag_find_unix(&watched.st, &addr, &holder), 0);

	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, &addr.sa, addr.len), 0);
	assert_int_equal(sockdiag_find_unix(&watched.st, &addr, &holder), 1);
	assert_false(holder.is_listening);
	assert_int_equal(listen(fd, 3), 0);
	client = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(client, &addr.sa, addr.len), 0);
	assert_int_equal(sockdiag_find_unix(&watched.st, &addr, &holder), 1);
	assert_true(holder.is_listening);
	assert_int_equal(holder.type, SOCK_SEQPACKET);
	assert_int_equal(holder.queue_len, 1);
	assert_int_equal(holder.queue_limit, 3);
	assert_int_equal(holder.pid, getpid());
	check_comm(holder.comm);

	/* What was accepted bears the name, but does not hold it: the file is stale. */
	server = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	assert_int_not_equal(server, -1);
	close(fd);
	assert_int_equal(sockdiag_find_unix(&watched.st, &addr, &holder), 0);
	close(client);
	close(server);
	unlink(path);
	rmdir(directory);
}

static void test_abstract(void **state)
{
	struct watched watched;
	struct unix_holder holder;
	struct addr addr, longer;
	char name[64];
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)state;
	watched_init(&watched, 0);
	snprintf(name, sizeof(name), "@sockt-unit-%d", (int)getpid());
	assert_int_equal(addr_set_unix(&addr, name), 0);
	snprintf(name, sizeof(name), "@sockt-unit-%dx", (int)getpid());
	assert_int_equal(addr_set_unix(&longer, name), 0);
	assert_int_equal(sockdiag_find_unix(&watched.st, &addr, &holder), 0);
	assert_int_equal(bind(fd, &addr.sa, addr.len), 0);
	assert_int_equal(sockdiag_find_unix(&watched.st, &addr, &holder), 1);
	assert_int_equal(holder.type, SOCK_DGRAM);
	assert_int_equal(sockdiag_find_unix(&watched.st, &longer, &holder), 0);
	close(fd);
}

/* A datagram to a port where nobody is: the host itself says so by ICMP. */
static void check_errqueue(const char *host, int level, int option, uint8_t type, uint8_t code)
{
	struct watched watched;
	struct icmp_error error = { 0 };
	struct addr addr;
	struct pollfd pfd;
	struct sock sk;
	int one = 1, closed = bound(host, SOCK_DGRAM, &addr);

	if (closed == -1)
		skip();
	close(closed);
	watched_init(&watched, 3);
	sock_init(&sk);
	sk.protocol = PROTOCOL_UDP;
	sk.fd = socket(addr_family(&addr), SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(setsockopt(sk.fd, level, option, &one, sizeof(one)), 0);
	assert_int_equal(errqueue_take(&watched.st, &sk, &error), 0);
	assert_int_equal(sendto(sk.fd, "x", 1, 0, &addr.sa, addr.len), 1);
	pfd = (struct pollfd){ .fd = sk.fd };
	assert_int_equal(poll(&pfd, 1, 5000), 1);

	assert_int_equal(errqueue_take(&watched.st, &sk, &error), 1);
	assert_int_equal(error.error, ECONNREFUSED);
	assert_int_equal(error.type, type);
	assert_int_equal(error.code, code);
	assert_false(error.is_local);
	assert_true(addr_equal(&error.dest, &addr));
	addr_set_port(&error.offender, addr_port(&addr));
	assert_true(addr_equal(&error.offender, &addr));
	assert_int_equal(errqueue_take(&watched.st, &sk, &error), 0);

	/* Three looks, three events. */
	assert_int_equal(watched.recvmsgs, 3);
	assert_int_equal(watched.flags, MSG_ERRQUEUE | MSG_DONTWAIT);
	assert_string_equal(watched.last, "");
	close(sk.fd);
}

static void test_errqueue(void **state)
{
	(void)state;
	check_errqueue("127.0.0.1", IPPROTO_IP, IP_RECVERR, 3, 3);
}

static void test_errqueue_ipv6(void **state)
{
	(void)state;
	check_errqueue("::1", IPPROTO_IPV6, IPV6_RECVERR, 1, 4);
}

/* A datagram larger than the interface lets through is refused by this host: no sender, and the size that would do. */
static void test_errqueue_local(void **state)
{
	static char big[65507];
	struct watched watched;
	struct icmp_error error = { 0 };
	struct sock sk;
	struct addr addr;
	int probe = IP_PMTUDISC_DO, one = 1;

	(void)state;
	watched_init(&watched, 0);
	sock_init(&sk);
	sk.protocol = PROTOCOL_UDP;
	sk.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(setsockopt(sk.fd, IPPROTO_IP, IP_RECVERR, &one, sizeof(one)), 0);
	assert_int_equal(setsockopt(sk.fd, IPPROTO_IP, IP_MTU_DISCOVER, &probe, sizeof(probe)), 0);
	assert_int_equal(addr_parse_ip(&addr, "192.0.2.1", 9), 0);
	if (sendto(sk.fd, big, sizeof(big), 0, &addr.sa, addr.len) != -1 || errno != EMSGSIZE) {
		close(sk.fd);
		skip(); /* there is no route, or it leads over an interface without such a limit */
	}
	assert_int_equal(errqueue_take(&watched.st, &sk, &error), 1);
	assert_int_equal(error.error, EMSGSIZE);
	assert_true(error.is_local);
	assert_int_equal(error.offender.len, 0);
	assert_in_range(error.info, 576, 65535);
	close(sk.fd);
}

/* unix(7) knows no error queue: asking for it would eat data. */
static void test_errqueue_keeps_data(void **state)
{
	struct watched watched;
	struct icmp_error error;
	struct sock sk;
	int pair[2];
	char byte = 0;

	(void)state;
	watched_init(&watched, 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	sock_init(&sk);
	sk.fd = pair[0];
	sk.protocol = PROTOCOL_UNIX;
	assert_int_equal(send(pair[1], "x", 1, 0), 1);
	assert_int_equal(errqueue_take(&watched.st, &sk, &error), 0);
	assert_int_equal(recv(pair[0], &byte, 1, MSG_DONTWAIT), 1);
	assert_int_equal(byte, 'x');
	close(pair[0]);
	close(pair[1]);
}

static void test_route(void **state)
{
	struct watched watched;
	struct route route;
	struct route_own own;
	struct addr addr;

	(void)state;
	watched_init(&watched, 0);
	assert_int_equal(addr_parse_ip(&addr, "127.0.0.1", 80), 0);
	assert_int_equal(route_find(&watched.st, &addr, &route), 0);
	assert_int_equal(route.error, 0);
	assert_true(route.is_local);
	assert_string_equal(route.interface, "lo");
	assert_int_equal(route.gateway.len, 0);
	assert_int_equal(addr_parse_ip(&addr, "127.255.255.255", 80), 0);
	assert_int_equal(route_find(&watched.st, &addr, &route), 0);
	assert_true(route.is_broadcast);
	assert_int_equal(addr_set_unix(&addr, "@x"), 0);
	assert_int_equal(route_find(&watched.st, &addr, &route), -EAFNOSUPPORT);

	/* Loopback stands last among the host's own addresses. */
	assert_int_equal(route_own(&watched.st, &own), 0);
	assert_int_not_equal(own.count, 0);
	assert_true(own.count == ROUTE_OWN_MAX || addr_is_loopback(&own.addrs[own.count - 1]));
}

/* Looks are events at level 3, and none below. */
static void test_events(void **state)
{
	struct watched watched;
	struct port_holder holder;
	struct addr addr;

	(void)state;
	assert_int_equal(addr_parse_ip(&addr, "127.0.0.1", 1), 0);
	watched_init(&watched, 2);
	sockdiag_find_holder(&watched.st, &addr, PROTOCOL_TCP, &holder);
	assert_int_equal(watched.probes + watched.recvmsgs, 0);
	watched_init(&watched, 3);
	sockdiag_find_holder(&watched.st, &addr, PROTOCOL_TCP, &holder);
	/* For each family: socket, the question, close; and at least one answer. */
	assert_int_equal(watched.probes, 6);
	assert_in_range(watched.recvmsgs, 2, 8);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listener),       cmocka_unit_test(test_dual_stack),
		cmocka_unit_test(test_pair),
		cmocka_unit_test(test_datagram),       cmocka_unit_test(test_time_wait),
		cmocka_unit_test(test_unix),           cmocka_unit_test(test_abstract),
		cmocka_unit_test(test_errqueue),       cmocka_unit_test(test_errqueue_ipv6),
		cmocka_unit_test(test_errqueue_local), cmocka_unit_test(test_errqueue_keeps_data),
		cmocka_unit_test(test_route),          cmocka_unit_test(test_events),
		cmocka_unit_test(test_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
