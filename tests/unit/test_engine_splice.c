/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A flow between real pipes and sockets: from copying to splicing and back, full outputs, what cannot be spliced. */
#include "engine/flow.h"

#include "base/clock.h"
#include "base/util.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

#define BULK ((size_t)3 << 20)

/* An undermost layer over any descriptor. */
struct fd_layer {
	struct layer layer;
	struct sock sock;
};

static struct sock *sock_of(struct layer *layer)
{
	return &CONTAINER_OF(layer, struct fd_layer, layer)->sock;
}

static ssize_t fd_read(struct layer *layer, struct stepper *st, void *buf, size_t size, unsigned *flags)
{
	(void)flags;
	return step_read(st, sock_of(layer), buf, size);
}

static ssize_t fd_write(struct layer *layer, struct stepper *st, const void *data, size_t len)
{
	return step_write(st, sock_of(layer), data, len);
}

static unsigned fd_wants(const struct layer *layer, enum half half)
{
	const struct fd_layer *at = CONTAINER_OF(layer, const struct fd_layer, layer);
	unsigned fact = half == HALF_READ ? READY_IN : READY_OUT;

	return (at->sock.ready & fact) != 0 ? 0 : fact;
}

static size_t fd_pending(const struct layer *layer, enum half half)
{
	(void)layer;
	(void)half;
	return 0;
}

static struct sock *fd_raw(struct layer *layer, enum half half)
{
	(void)half;
	return sock_of(layer);
}

static const struct layer_ops fd_ops = {
	.name = "fd", .read = fd_read, .write = fd_write, .wants = fd_wants, .pending = fd_pending, .raw = fd_raw,
};

enum end_kind { PIPE, SOCKET };

/* A flow from one pair of descriptors to another: feed -> from -> to -> drain. */
struct bench {
	struct bus bus;
	struct stepper st;
	struct engine engine;
	struct talk talk;
	struct fd_layer source, sink;
	struct stream from, to;
	struct flow flow;
	int feed, drain;
	size_t fed, drained;
	bool was_spliced, is_done;
	enum flow_result result;
};

static void pair_open(enum end_kind kind, int *read_fd, int *write_fd)
{
	int fds[2];

	if (kind == PIPE)
		assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	else
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
	*read_fd = fds[0];
	*write_fd = fds[1];
}

static void bench_init(struct bench *bench)
{
	memset(bench, 0, sizeof(*bench));
	bus_init(&bench->bus, clock_now_ns());
	bench->st = (struct stepper){ .bus = &bench->bus, .env = &env_system };
	engine_init(&bench->engine, &bench->st, NULL);
	bench->feed = -1;
	bench->drain = -1;
	sock_init(&bench->source.sock);
	sock_init(&bench->sink.sock);
	bench->source.layer.ops = &fd_ops;
	bench->sink.layer.ops = &fd_ops;
	bench->from = (struct stream){ .top = &bench->source.layer, .has_end = true };
	bench->to = (struct stream){ .top = &bench->sink.layer, .has_end = true };
	flow_init(&bench->flow, &bench->engine, &bench->talk, &bench->from, &bench->to, true);
}

static void bench_open(struct bench *bench, enum end_kind from, enum end_kind to)
{
	bench_init(bench);
	pair_open(from, &bench->source.sock.fd, &bench->feed);
	pair_open(to, &bench->drain, &bench->sink.sock.fd);
	bench->source.sock.kind = from == PIPE ? SOCK_KIND_PIPE : SOCK_KIND_SOCKET;
	bench->sink.sock.kind = to == PIPE ? SOCK_KIND_PIPE : SOCK_KIND_SOCKET;
}

static void close_if(int fd)
{
	if (fd != -1)
		close(fd);
}

static void bench_close(struct bench *bench)
{
	flow_close(&bench->flow);
	engine_clear(&bench->engine);
	close_if(bench->feed);
	close_if(bench->drain);
	close_if(bench->source.sock.fd);
	close_if(bench->sink.sock.fd);
}

/* The byte at a place of what is sent: no period that a buffer has. */
static char byte_at(size_t at)
{
	return (char)(at * 31 + at / 251);
}

/* Give as much as goes, up to the byte until. */
static void feed(struct bench *bench, size_t until)
{
	static char block[1 << 16];

	while (bench->fed < until) {
		size_t len = until - bench->fed < sizeof(block) ? until - bench->fed : sizeof(block);
		ssize_t n;

		for (size_t i = 0; i < len; i++)
			block[i] = byte_at(bench->fed + i);
		n = write(bench->feed, block, len);
		if (n == -1 && errno == EAGAIN)
			return;
		assert_true(n > 0);
		bench->fed += (size_t)n;
	}
}

/* Take at most len bytes, and look at each. */
static void drain(struct bench *bench, size_t len)
{
	static char block[1 << 16];

	while (len > 0) {
		ssize_t n = read(bench->drain, block, len < sizeof(block) ? len : sizeof(block));

		if (n <= 0)
			return;
		for (ssize_t i = 0; i < n; i++)
			if (block[i] != byte_at(bench->drained + (size_t)i))
				fail_msg("byte %zu is wrong", bench->drained + (size_t)i);
		bench->drained += (size_t)n;
		len -= (size_t)n;
	}
}

/* As the loop would: set what poll(2) says is there, then let the flow run. */
static void turn(struct bench *bench)
{
	struct pollfd fds[] = {
		{ .fd = bench->source.sock.fd, .events = POLLIN },
		{ .fd = bench->sink.sock.fd, .events = POLLOUT },
	};

	assert_int_not_equal(poll(fds, ARRAY_LEN(fds), 0), -1);
	if ((fds[0].revents & (POLLIN | POLLHUP)) != 0)
		bench->source.sock.ready |= READY_IN;
	if ((fds[1].revents & (POLLOUT | POLLERR)) != 0)
		bench->sink.sock.ready |= READY_OUT;
	bench->result = flow_run(&bench->flow);
	bench->was_spliced = bench->was_spliced || bench->flow.path == FLOW_SPLICE;
	bench->is_done = bench->result != FLOW_WAITS && bench->result != FLOW_MORE;
	/* One that waits has nothing that it could do: else no edge would come, or it would be run again and again. */
	if (bench->result == FLOW_WAITS && flow_holds(&bench->flow))
		assert_int_equal(bench->sink.sock.ready & READY_OUT, 0);
	else if (bench->result == FLOW_WAITS)
		assert_false(stream_is_ready(&bench->from, HALF_READ) && stream_is_ready(&bench->to, HALF_WRITE));
}

/* Move all up to the byte until; step: how much is taken from the output at a time. */
static void move_until(struct bench *bench, size_t until, size_t step)
{
	for (int turns = 0; bench->drained < until; turns++) {
		size_t before = bench->drained;

		feed(bench, until);
		turn(bench);
		drain(bench, step);
		if (bench->is_done || (bench->drained == before && turns > 100000))
			fail_msg("stopped at byte %zu of %zu", bench->drained, until);
	}
}

static const struct {
	const char *name;
	enum end_kind from, to;
} pairs[] = {
	{ "pipe to pipe", PIPE, PIPE },
	{ "pipe to socket", PIPE, SOCKET },
	{ "socket to pipe", SOCKET, PIPE },
	{ "socket to socket", SOCKET, SOCKET },
};

/* Bulk is spliced, single words are copied, bulk is spliced again; the end comes behind all of it. */
static void test_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct bench bench;
		size_t at = 0;

		bench_open(&bench, pairs[i].from, pairs[i].to);
		for (int round = 0; round < 2; round++) {
			move_until(&bench, at += 10, 100);
			CHECK_INT(pairs[i].name, bench.flow.path, FLOW_COPY);
			bench.was_spliced = false;
			move_until(&bench, at += BULK, BULK);
			CHECK_INT(pairs[i].name, bench.was_spliced, 1);
			for (int word = 0; word < 10; word++)
				move_until(&bench, at += 10, 100);
			CHECK_INT(pairs[i].name, bench.flow.path, FLOW_COPY);
			CHECK_INT(pairs[i].name, bench.flow.pipe == NULL, 1);
		}
		close(bench.feed);
		bench.feed = -1;
		turn(&bench);
		CHECK_INT(pairs[i].name, bench.result, FLOW_ENDED);
		CHECK_INT(pairs[i].name, bench.flow.bytes, at);
		bench_close(&bench);
	}
}

/* An output that is taken from slowly, so that it is full most of the time. */
static void test_full_output(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct bench bench;

		bench_open(&bench, pairs[i].from, pairs[i].to);
		move_until(&bench, BULK, 5000);
		CHECK_INT(pairs[i].name, bench.was_spliced, 1);
		CHECK_INT(pairs[i].name, bench.flow.bytes, BULK);
		bench_close(&bench);
	}
}

/* The source ends while much is held: it is written first. */
static void test_end_while_full(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct bench bench;

		bench_open(&bench, pairs[i].from, pairs[i].to);
		for (int turns = 0; turns < 50; turns++) {
			feed(&bench, BULK);
			turn(&bench);
		}
		close(bench.feed);
		bench.feed = -1;
		for (int turns = 0; !bench.is_done && turns < 100000; turns++) {
			drain(&bench, 5000);
			turn(&bench);
		}
		CHECK_INT(pairs[i].name, bench.result, FLOW_ENDED);
		drain(&bench, BULK);
		CHECK_INT(pairs[i].name, bench.drained, bench.fed);
		bench_close(&bench);
	}
}

/* A flow that waits owns no pipe: thousands of idle ones would need as many descriptors. */
static void test_waiting_owns_nothing(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, SOCKET, SOCKET);
	move_until(&bench, BULK, BULK);
	turn(&bench);
	assert_null(bench.flow.pipe);
	assert_int_equal(bench.engine.pipes.free_count, 1);
	bench_close(&bench);
}

/* The reader of the output has gone. */
static void test_output_gone(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct bench bench;

		bench_open(&bench, pairs[i].from, pairs[i].to);
		move_until(&bench, BULK, BULK);
		close(bench.drain);
		bench.drain = -1;
		for (int turns = 0; !bench.is_done && turns < 100; turns++) {
			feed(&bench, BULK + 1000000);
			turn(&bench);
		}
		CHECK_INT(pairs[i].name, bench.result, FLOW_FAILED_TO);
		CHECK_INT(pairs[i].name, bench.flow.error, EPIPE);
		bench_close(&bench);
	}
}

/* An output that splice(2) refuses (a file in append mode): what is in the pipe by then is copied out of it. */
static void test_refused_output(void **state)
{
	char *got = malloc(BULK);
	struct bench bench;
	int file = memfd_create("output", MFD_CLOEXEC);

	(void)state;
	bench_open(&bench, PIPE, PIPE);
	close(bench.sink.sock.fd);
	bench.sink.sock.fd = file;
	bench.sink.sock.kind = SOCK_KIND_OTHER;
	assert_int_not_equal(fcntl(file, F_SETFL, O_APPEND), -1);
	for (int turns = 0; bench.flow.bytes < BULK && turns < 100000; turns++) {
		feed(&bench, BULK);
		turn(&bench);
	}
	assert_true(bench.flow.has_no_splice);
	assert_int_equal(bench.flow.path, FLOW_COPY);
	assert_int_equal(bench.flow.bytes, BULK);
	assert_int_equal(pread(file, got, BULK, 0), BULK);
	for (size_t i = 0; i < BULK; i++)
		if (got[i] != byte_at(i))
			fail_msg("byte %zu is wrong", i);
	free(got);
	bench_close(&bench);
}

/* A source that it refuses: nothing has been taken, and it is read. */
static void test_refused_source(void **state)
{
	uint64_t number = 1;
	struct bench bench;

	(void)state;
	bench_open(&bench, PIPE, PIPE);
	close(bench.source.sock.fd);
	close(bench.feed);
	bench.feed = -1;
	bench.source.sock.fd = eventfd(77, EFD_CLOEXEC | EFD_NONBLOCK);
	bench.source.sock.kind = SOCK_KIND_OTHER;
	flow_splice_try(&bench.flow);
	assert_int_equal(bench.flow.path, FLOW_SPLICE);
	turn(&bench);
	assert_int_equal(bench.result, FLOW_WAITS);
	assert_true(bench.flow.has_no_splice);
	assert_int_equal(read(bench.drain, &number, sizeof(number)), sizeof(number));
	assert_int_equal(number, 77);
	flow_splice_try(&bench.flow);
	assert_int_equal(bench.flow.path, FLOW_COPY);
	bench_close(&bench);
}

/* A sink that wants to see data keeps a flow from splicing, and so does one that is thrown away. */
static void test_seen_is_copied(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench, SOCKET, SOCKET);
	bench.bus.wants_data = true;
	move_until(&bench, BULK, BULK);
	assert_false(bench.was_spliced);
	bench.bus.wants_data = false;
	bench.flow.is_discarding = true;
	flow_splice_try(&bench.flow);
	assert_int_equal(bench.flow.path, FLOW_COPY);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_full_output),
		cmocka_unit_test(test_end_while_full),
		cmocka_unit_test(test_waiting_owns_nothing),
		cmocka_unit_test(test_output_gone),
		cmocka_unit_test(test_refused_output),
		cmocka_unit_test(test_refused_source),
		cmocka_unit_test(test_seen_is_copied),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
