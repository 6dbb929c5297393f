/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One datagram socket for many: who floods it, known or unknown, does not keep the rest of the loop from its turn. */
#include "endpoint/demux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/util.h"
#include "check.h"

/* So many datagrams may pass before others have their turn: a few batches. */
#define FEW 300
#define MANY 100000

struct bench {
	struct bus bus;
	struct stepper st;
	struct loop *loop;
	struct demux *demux;
	struct demux_peer peer;
	struct task reader, other;
	int fd; /* connected to the demultiplexer */
	unsigned came, before_other;
	bool is_known, has_other_run;
};

/* Each datagram is followed by the next before the socket is found empty. */
static void came(struct bench *bench)
{
	if (++bench->came < MANY)
		assert_int_equal(send(bench->fd, "x", 1, 0), 1);
	else
		loop_stop(bench->loop);
}

static bool on_new(void *ctx, const struct addr *from, size_t len)
{
	struct bench *bench = ctx;

	(void)len;
	if (bench->is_known) {
		demux_add(bench->demux, &bench->peer, from, 1, &bench->reader);
		return true;
	}
	came(bench);
	return false;
}

static void on_reader(struct task *task)
{
	struct bench *bench = CONTAINER_OF(task, struct bench, reader);
	unsigned flags = 0;
	char byte;

	while (layer_read(&bench->peer.layer, &bench->st, &byte, 1, &flags) == 1)
		came(bench);
}

static void on_other(struct task *task)
{
	struct bench *bench = CONTAINER_OF(task, struct bench, other);

	bench->before_other = bench->came;
	bench->has_other_run = true;
	loop_stop(bench->loop);
}

static void bench_open(struct bench *bench, const struct demux_settings *wish)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct failure fail = { .domain = FAILURE_NONE };
	struct demux_settings settings = *wish;
	socklen_t len = sizeof(addr);
	struct sock sk;

	bench->st = (struct stepper){ .bus = &bench->bus, .env = &env_system };
	bus_init(&bench->bus, 0);
	assert_int_equal(loop_open(&bench->st, &bench->loop, &fail), 0);
	sock_init(&sk);
	sk.protocol = PROTOCOL_UDP;
	sk.fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	bench->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(sk.fd, (struct sockaddr *)&addr, len), 0);
	assert_int_equal(getsockname(sk.fd, (struct sockaddr *)&addr, &len), 0);
	assert_int_equal(connect(bench->fd, (struct sockaddr *)&addr, len), 0);
	settings.st = &bench->st;
	settings.loop = bench->loop;
	settings.on_new = on_new;
	settings.ctx = bench;
	assert_int_equal(demux_open(&settings, &sk, &bench->demux), 0);
	bench->reader.run = on_reader;
	bench->other.run = on_other;
}

/* Flood it, and let another one have its turn as soon as the loop has looked at the descriptors. */
static void check(bool is_known, const struct demux_settings *wish)
{
	struct bench bench = { .is_known = is_known };

	bench_open(&bench, wish);
	for (int i = 0; i < 8; i++)
		assert_int_equal(send(bench.fd, "x", 1, 0), 1);
	demux_sock(bench.demux)->ready |= READY_IN;
	loop_post(bench.loop, demux_sock(bench.demux)->task);
	loop_post_later(bench.loop, &bench.other);
	assert_int_equal(loop_run(bench.loop), 0);
	assert_true(bench.has_other_run);
	assert_in_range(bench.before_other, 1, FEW);
	loop_unpost(bench.loop, &bench.reader);
	if (is_known)
		layer_close(&bench.peer.layer, &bench.st);
	demux_close(bench.demux);
	close(bench.fd);
	loop_close(bench.loop);
	bus_clear(&bench.bus, NULL, 0);
}

static const struct demux_settings one_by_one = { .is_many = false }, many = { .is_many = true, .is_lossy = true };

static void test_a_flood_of_unknown_peers(void **state)
{
	(void)state;
	check(false, &one_by_one);
	check(false, &many);
}

static void test_a_flood_of_a_peer(void **state)
{
	(void)state;
	check(true, &one_by_one);
	check(true, &many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_flood_of_unknown_peers),
		cmocka_unit_test(test_a_flood_of_a_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
