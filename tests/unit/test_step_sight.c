/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is seen without a privilege, on real sockets: time stamps are told, and are never taken for an error. */
#include "step/sight.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

struct bench {
	struct bus bus;
	struct sink sink;
	struct stepper st;
	struct sock listener, client, server;
	uint64_t last_byte; /* of ACKNOWLEDGED */
	size_t acknowledged, segments, syns;
};

static void bench_event(struct sink *sink, const struct event *event)
{
	struct bench *bench = sink->state;

	if (event->step == STEP_ACKNOWLEDGED) {
		bench->acknowledged++;
		bench->last_byte = event->args->acknowledged.last;
		assert_true(event->has_dur && event->dur_ns < 20 * NS_PER_S);
	}
	bench->segments += event->step == STEP_SEGMENTS;
	bench->syns += event->step == STEP_PACKET && event->args->packet.is_saved;
}

static const struct sink_kind recording = { .name = "recording", .event = bench_event };

/* Wait until the client's socket is so, without looking at its error queue. */
static void await(const struct bench *bench, short events)
{
	struct pollfd asked = { .fd = bench->client.fd, .events = events };

	do
		assert_int_equal(poll(&asked, 1, 20000), 1);
	while ((asked.revents & events) != events);
}

/* A connection over loopback, both ends of which are seen. */
static void bench_open(struct bench *bench)
{
	struct stepper *st = &bench->st;
	struct addr addr = { .len = sizeof(addr.in) };
	int soft;

	*bench = (struct bench){ .st = { .bus = &bench->bus, .env = &env_system, .sight = sight_new() } };
	bus_init(&bench->bus, clock_now_ns());
	bench->sink = (struct sink){ .kind = &recording, .level = 2, .state = bench };
	bench->bus.sinks = &bench->sink;
	bench->bus.level = 2;
	sock_init(&bench->listener);
	sock_init(&bench->client);
	sock_init(&bench->server);
	addr.in.sin_family = AF_INET;
	addr.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(step_socket(st, &bench->listener, AF_INET, SOCK_STREAM, 0, PROTOCOL_TCP), 0);
	assert_int_equal(step_bind(st, &bench->listener, &addr), 0);
	assert_int_equal(step_listen(st, &bench->listener, 1), 0);
	assert_int_equal(step_local_addr(st, &bench->listener, &addr), 0);
	assert_int_equal(step_socket(st, &bench->client, AF_INET, SOCK_STREAM, 0, PROTOCOL_TCP), 0);
	assert_int_equal(step_connect(st, &bench->client, &addr), -EINPROGRESS);
	await(bench, POLLOUT);
	bench->client.ready = READY_OUT;
	assert_int_equal(step_connected(st, &bench->client, &addr, &soft), 0);
	assert_int_equal(step_accept(st, &bench->listener, &bench->server, NULL), 0);
}

static void bench_close(struct bench *bench)
{
	step_close(&bench->st, &bench->client);
	step_close(&bench->st, &bench->server);
	step_close(&bench->st, &bench->listener);
	sight_free(bench->st.sight);
}

static void test_stamp_is_no_error(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench);
	assert_int_equal(bench.syns, 1);
	assert_true(bench.segments >= 2);
	assert_int_equal(step_send(&bench.st, &bench.client, "hello", 5, 0, NULL), 5);
	await(&bench, POLLERR);
	assert_int_equal(sight_events(&bench.st, &bench.client, EPOLLERR | EPOLLOUT), EPOLLOUT);
	assert_int_equal(bench.acknowledged, 1);
	assert_int_equal(bench.last_byte, 4);
	assert_int_equal(step_send(&bench.st, &bench.client, "again", 5, 0, NULL), 5);
	await(&bench, POLLERR);
	assert_int_equal(sight_events(&bench.st, &bench.client, EPOLLERR), 0);
	assert_int_equal(bench.last_byte, 9);
	bench_close(&bench);
}

/* Both have come when somebody looks: the stamp is told, and the error is left to who asks for it. */
static void test_error_beside_a_stamp(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench);
	assert_int_equal(step_send(&bench.st, &bench.client, "hello", 5, 0, NULL), 5);
	await(&bench, POLLERR);
	step_reset(&bench.st, &bench.server);
	await(&bench, POLLHUP);
	assert_int_equal(sight_events(&bench.st, &bench.client, EPOLLERR | EPOLLHUP), EPOLLERR | EPOLLHUP);
	assert_int_equal(bench.acknowledged, 1);
	assert_int_equal(step_error(&bench.st, &bench.client), ECONNRESET);
	/* Without a stamp, too. */
	assert_int_equal(sight_events(&bench.st, &bench.client, EPOLLERR), EPOLLERR);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stamp_is_no_error),
		cmocka_unit_test(test_error_beside_a_stamp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
