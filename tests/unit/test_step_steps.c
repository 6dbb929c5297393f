/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Steps on real sockets, with a sink that records: the event of each, levels, readiness, verdicts, and a gate
 * that holds.
 */
#include "step/step.h"

#include "base/clock.h"
#include "base/util.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

/* What a sink keeps of an event. */
struct seen {
	enum step_id step;
	int64_t result;
	int error, state_from, state_to;
	enum side side;
	uint32_t session;
	size_t data_len;
	bool has_local, has_remote, has_tcp, has_dur;
};

struct bench {
	struct bus bus;
	struct sink sink;
	struct stepper st;
	struct gate gate;
	struct seen seen[64];
	size_t count;
	uint64_t asked; /* the steps that the gate was asked about */
};

static void bench_event(struct sink *sink, const struct event *event)
{
	struct bench *bench = sink->state;

	assert_true(bench->count < ARRAY_LEN(bench->seen));
	bench->seen[bench->count++] = (struct seen){
		.step = event->step,
		.result = event->result,
		.error = event->error,
		.state_from = event->state_from,
		.state_to = event->state_to,
		.side = event->side,
		.session = event->session,
		.data_len = event_data_len(event),
		.has_local = event->local != NULL,
		.has_remote = event->remote != NULL,
		.has_tcp = event->tcp != NULL,
		.has_dur = event->has_dur,
	};
}

static const struct sink_kind recording = { .name = "recording", .event = bench_event };

static void bench_init(struct bench *bench, uint8_t level)
{
	memset(bench, 0, sizeof(*bench));
	bus_init(&bench->bus, clock_now_ns());
	bench->st = (struct stepper){ .bus = &bench->bus, .env = &env_system };
	bench->sink = (struct sink){ .kind = &recording, .level = level, .state = bench };
	if (level > 0)
		bus_add(&bench->bus, &bench->sink);
}

/* The last event of that step. */
static const struct seen *last_of(const struct bench *bench, enum step_id step)
{
	for (size_t i = bench->count; i > 0; i--)
		if (bench->seen[i - 1].step == step)
			return &bench->seen[i - 1];
	fail_msg("there is no event %s", step_name(step));
	return NULL;
}

/* As the loop would: wait for a fact and set what there is. */
static void wait_ready(struct sock *sk, short events)
{
	struct pollfd pfd = { .fd = sk->fd, .events = (short)(events | POLLRDHUP) };

	assert_int_equal(poll(&pfd, 1, 10000), 1);
	sk->ready |= (uint8_t)(((pfd.revents & POLLIN) != 0 ? READY_IN : 0) |
			       ((pfd.revents & POLLOUT) != 0 ? READY_OUT : 0) |
			       ((pfd.revents & POLLHUP) != 0 ? READY_HUP : 0) |
			       ((pfd.revents & POLLERR) != 0 ? READY_ERR : 0));
}

/* A listening socket on loopback, and where it is. */
static void tcp_listen(struct bench *bench, struct sock *sk, int backlog, struct addr *addr)
{
	sock_init(sk);
	sk->side = SIDE_SERVER;
	assert_int_equal(addr_parse_ip(addr, "127.0.0.1", 0), 0);
	assert_int_equal(step_socket(&bench->st, sk, AF_INET, SOCK_STREAM, IPPROTO_TCP, PROTOCOL_TCP), 0);
	assert_int_equal(step_setsockopt_int(&bench->st, sk, SOL_SOCKET, SO_REUSEADDR, 1), 0);
	assert_int_equal(step_bind(&bench->st, sk, addr), 0);
	assert_int_equal(step_listen(&bench->st, sk, backlog), 0);
	assert_int_equal(step_local_addr(&bench->st, sk, addr), 0);
}

static int tcp_connect(struct bench *bench, struct sock *sk, const struct addr *addr)
{
	sock_init(sk);
	sk->session = 1;
	assert_int_equal(step_socket(&bench->st, sk, AF_INET, SOCK_STREAM, IPPROTO_TCP, PROTOCOL_TCP), 0);
	return step_connect(&bench->st, sk, addr);
}

/* Two ends of a TCP connection. */
struct pair {
	struct sock listener, client, server;
	struct addr addr, peer;
};

static void pair_open(struct bench *bench, struct pair *pair)
{
	int soft = 0;

	tcp_listen(bench, &pair->listener, 5, &pair->addr);
	assert_int_equal(tcp_connect(bench, &pair->client, &pair->addr), -EINPROGRESS);
	wait_ready(&pair->client, POLLOUT);
	assert_int_equal(step_connected(&bench->st, &pair->client, &pair->addr, &soft), 0);
	wait_ready(&pair->listener, POLLIN);
	sock_init(&pair->server);
	pair->server.session = 1;
	assert_int_equal(step_accept(&bench->st, &pair->listener, &pair->server, &pair->peer), 0);
}

static void pair_close(struct bench *bench, struct pair *pair)
{
	step_close(&bench->st, &pair->client);
	step_close(&bench->st, &pair->server);
	step_close(&bench->st, &pair->listener);
}

static void test_life(void **state)
{
	static const struct {
		enum step_id step;
		int error, state_from, state_to;
		enum side side;
	} rows[] = {
		{ STEP_SOCKET, 0, 0, 0, SIDE_SERVER },
		{ STEP_SETSOCKOPT, 0, TCP_CLOSE, TCP_CLOSE, SIDE_SERVER },
		{ STEP_BIND, 0, TCP_CLOSE, TCP_CLOSE, SIDE_SERVER },
		{ STEP_LISTEN, 0, TCP_CLOSE, TCP_LISTEN, SIDE_SERVER },
		{ STEP_SOCKET, 0, 0, 0, SIDE_NONE },
		{ STEP_CONNECT, EINPROGRESS, TCP_CLOSE, TCP_SYN_SENT, SIDE_CLIENT },
		{ STEP_CONNECTED, 0, TCP_SYN_SENT, TCP_ESTABLISHED, SIDE_CLIENT },
		{ STEP_ACCEPT, 0, 0, TCP_ESTABLISHED, SIDE_SERVER },
		{ STEP_SHUTDOWN, 0, TCP_ESTABLISHED, TCP_FIN_WAIT2, SIDE_CLIENT },
		{ STEP_STATE, 0, 0, TCP_CLOSE_WAIT, SIDE_SERVER },
		{ STEP_CLOSE, 0, TCP_FIN_WAIT2, 0, SIDE_CLIENT },
	};
	struct bench bench;
	struct pair pair;
	char byte = 'x';

	(void)state;
	bench_init(&bench, 1);
	pair_open(&bench, &pair);
	/* What moves data is shown from level 2 on. */
	assert_int_equal(step_send(&bench.st, &pair.client, &byte, 1, 0, NULL), 1);
	wait_ready(&pair.server, POLLIN);
	assert_int_equal(step_recv(&bench.st, &pair.server, &byte, 1, 0, NULL), 1);
	assert_int_equal(step_shutdown(&bench.st, &pair.client, SHUT_WR), 0);
	wait_ready(&pair.server, POLLIN);
	pair.server.state = 0;
	step_look(&bench.st, &pair.server);
	assert_int_equal(step_close(&bench.st, &pair.client), 0);
	assert_int_equal(bench.count, ARRAY_LEN(rows));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct seen *seen = &bench.seen[i];
		/* On loopback the FIN may be acknowledged before the look, or just after. */
		int state_to = seen->state_to == TCP_FIN_WAIT1 ? TCP_FIN_WAIT2 : seen->state_to;
		int state_from = seen->state_from == TCP_FIN_WAIT1 ? TCP_FIN_WAIT2 : seen->state_from;

		CHECK_STRING("step", step_name(seen->step), step_name(rows[i].step));
		CHECK_INT(step_name(seen->step), seen->error, rows[i].error);
		CHECK_INT(step_name(seen->step), state_from, rows[i].state_from);
		CHECK_INT(step_name(seen->step), state_to, rows[i].state_to);
		CHECK_INT(step_name(seen->step), seen->side, rows[i].side);
	}
	pair_close(&bench, &pair);
}

static void test_details(void **state)
{
	struct addr local;
	struct bench bench;
	struct pair pair;
	char bytes[8];

	(void)state;
	bench_init(&bench, 2);
	pair_open(&bench, &pair);
	assert_true(last_of(&bench, STEP_BIND)->has_local);
	assert_true(last_of(&bench, STEP_ACCEPT)->has_remote);
	assert_true(last_of(&bench, STEP_ACCEPT)->has_tcp);
	assert_int_equal(last_of(&bench, STEP_ACCEPT)->result, pair.server.fd);
	assert_int_equal(last_of(&bench, STEP_ACCEPT)->session, 1);
	assert_true(last_of(&bench, STEP_CONNECTED)->has_remote);
	assert_true(last_of(&bench, STEP_CONNECTED)->has_local);
	assert_true(last_of(&bench, STEP_LISTEN)->has_dur);
	assert_int_equal(step_local_addr(&bench.st, &pair.client, &local), 0);
	assert_true(addr_equal(&local, &pair.peer));
	assert_int_equal(step_send(&bench.st, &pair.client, "hello", 5, 0, NULL), 5);
	assert_int_equal(last_of(&bench, STEP_SEND)->data_len, 5);
	wait_ready(&pair.server, POLLIN);
	assert_int_equal(step_recv(&bench.st, &pair.server, bytes, sizeof(bytes), 0, NULL), 5);
	assert_int_equal(last_of(&bench, STEP_RECV)->data_len, 5);
	assert_int_equal(step_recv(&bench.st, &pair.server, bytes, sizeof(bytes), 0, NULL), -EAGAIN);
	assert_int_equal(last_of(&bench, STEP_RECV)->error, EAGAIN);
	assert_int_equal(last_of(&bench, STEP_RECV)->result, -1);
	assert_int_equal(last_of(&bench, STEP_RECV)->data_len, 0);
	pair_close(&bench, &pair);
}

/* Each level shows what it is to show, and level 0 nothing at all. */
static void test_levels(void **state)
{
	(void)state;
	for (uint8_t level = 0; level <= 3; level++) {
		struct bench bench;
		struct pair pair;
		uint64_t shown = 0;
		char byte;

		bench_init(&bench, level);
		pair_open(&bench, &pair);
		assert_int_equal(step_send(&bench.st, &pair.client, "x", 1, 0, NULL), 1);
		wait_ready(&pair.server, POLLIN);
		assert_int_equal(step_unread(&bench.st, &pair.server), 1);
		assert_int_equal(step_recv(&bench.st, &pair.server, &byte, 1, 0, NULL), 1);
		for (size_t i = 0; i < bench.count; i++)
			shown |= UINT64_C(1) << bench.seen[i].step;
		CHECK_INT("connect", (shown >> STEP_CONNECT & 1) != 0, level >= 1);
		CHECK_INT("send", (shown >> STEP_SEND & 1) != 0, level >= 2);
		CHECK_INT("recv", (shown >> STEP_RECV & 1) != 0, level >= 2);
		CHECK_INT("ioctl", (shown >> STEP_IOCTL & 1) != 0, level >= 3);
		CHECK_INT("getsockopt", (shown >> STEP_GETSOCKOPT & 1) != 0, level >= 3);
		CHECK_INT("nothing", bench.count == 0, level == 0);
		pair_close(&bench, &pair);
	}
}

/* EAGAIN clears the fact that it speaks of, and nothing else does. */
static void test_readiness(void **state)
{
	static char bulk[1 << 20];
	struct bench bench;
	struct pair pair;
	struct sock extra;
	ssize_t n;

	(void)state;
	bench_init(&bench, 0);
	pair_open(&bench, &pair);
	sock_init(&extra);
	pair.client.ready = READY_IN | READY_OUT;
	assert_int_equal(step_recv(&bench.st, &pair.client, bulk, 1, 0, NULL), -EAGAIN);
	assert_int_equal(pair.client.ready, READY_OUT);
	pair.client.ready = READY_IN | READY_OUT;
	while ((n = step_send(&bench.st, &pair.client, bulk, sizeof(bulk), 0, NULL)) > 0)
		assert_int_equal(pair.client.ready, READY_IN | READY_OUT);
	assert_int_equal(n, -EAGAIN);
	assert_int_equal(pair.client.ready, READY_IN);
	pair.listener.ready = READY_IN;
	assert_int_equal(step_accept(&bench.st, &pair.listener, &extra, NULL), -EAGAIN);
	assert_int_equal(pair.listener.ready, 0);
	/* An end stays one: it may be read again. */
	assert_int_equal(step_shutdown(&bench.st, &pair.server, SHUT_WR), 0);
	wait_ready(&pair.client, POLLIN);
	assert_int_equal(step_recv(&bench.st, &pair.client, bulk, 1, 0, NULL), 0);
	assert_int_equal(pair.client.ready & READY_IN, READY_IN);
	pair_close(&bench, &pair);
}

static void test_read_and_write(void **state)
{
	static char bulk[1 << 17];
	struct sock in, out;
	struct bench bench;
	int fds[2];

	(void)state;
	bench_init(&bench, 3);
	/* They block, and are shared: poll(2) is asked first, and no more is written than goes without waiting. */
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	sock_init(&in);
	sock_init(&out);
	in.fd = fds[0];
	out.fd = fds[1];
	in.needs_poll = true;
	out.needs_poll = true;
	in.ready = READY_IN;
	out.ready = READY_OUT;
	assert_int_equal(step_read(&bench.st, &in, bulk, sizeof(bulk)), -EAGAIN);
	assert_int_equal(in.ready, 0);
	for (int i = 0; i < 16; i++)
		assert_int_equal(step_write(&bench.st, &out, bulk, sizeof(bulk)), 4096);
	assert_int_equal(step_write(&bench.st, &out, bulk, sizeof(bulk)), -EAGAIN);
	assert_int_equal(out.ready, 0);
	assert_int_equal(last_of(&bench, STEP_WRITE)->error, EAGAIN);
	assert_int_equal(step_read(&bench.st, &in, bulk, sizeof(bulk)), 65536);
	assert_int_equal(last_of(&bench, STEP_READ)->data_len, 65536);
	assert_int_equal(step_close(&bench.st, &out), 0);
	assert_int_equal(out.fd, -1);
	assert_int_equal(step_read(&bench.st, &in, bulk, sizeof(bulk)), 0);
	assert_int_equal(step_close(&bench.st, &in), 0);
	assert_int_equal(step_close(&bench.st, &in), 0);
}

/* A socket that was handed in may block: no step on it does. */
static void test_inherited(void **state)
{
	static char bulk[1 << 20];
	struct bench bench;
	struct sock sk;
	int fds[2];
	ssize_t n;

	(void)state;
	bench_init(&bench, 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	sock_init(&sk);
	sk.fd = fds[0];
	sk.is_inherited = true;
	assert_int_equal(step_recv(&bench.st, &sk, bulk, 1, 0, NULL), -EAGAIN);
	while ((n = step_send(&bench.st, &sk, bulk, sizeof(bulk), 0, NULL)) > 0)
		continue;
	assert_int_equal(n, -EAGAIN);
	close(fds[1]);
	/* The peer has gone: an error, and no SIGPIPE. */
	assert_int_equal(step_send(&bench.st, &sk, bulk, 1, 0, NULL), -EPIPE);
	step_close(&bench.st, &sk);
}

static void test_splice(void **state)
{
	struct sock in, out;
	struct bench bench;
	int fds[2], to[2];

	(void)state;
	bench_init(&bench, 2);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
	assert_int_equal(pipe2(to, O_CLOEXEC | O_NONBLOCK), 0);
	sock_init(&in);
	sock_init(&out);
	in.fd = fds[0];
	out.fd = to[1];
	in.ready = READY_IN;
	out.ready = READY_OUT;
	assert_int_equal(step_splice(&bench.st, &in, &out, 100, 0), -EAGAIN);
	/* It does not say of which side it speaks. */
	assert_int_equal(in.ready, READY_IN);
	assert_int_equal(out.ready, READY_OUT);
	assert_int_equal(write(fds[1], "hello", 5), 5);
	assert_int_equal(step_splice(&bench.st, &in, &out, 100, 0), 5);
	assert_int_equal(last_of(&bench, STEP_SPLICE)->result, 5);
	assert_int_equal(last_of(&bench, STEP_SPLICE)->data_len, 0);
	step_close(&bench.st, &in);
	step_close(&bench.st, &out);
	close(fds[1]);
	close(to[0]);
}

static void test_connected_refused(void **state)
{
	struct bench bench;
	struct sock listener, client;
	struct addr addr;
	int soft = 0;

	(void)state;
	bench_init(&bench, 1);
	tcp_listen(&bench, &listener, 1, &addr);
	assert_int_equal(step_close(&bench.st, &listener), 0);
	assert_int_equal(tcp_connect(&bench, &client, &addr), -EINPROGRESS);
	wait_ready(&client, POLLOUT);
	assert_int_equal(step_connected(&bench.st, &client, &addr, &soft), -ECONNREFUSED);
	assert_int_equal(last_of(&bench, STEP_CONNECTED)->error, ECONNREFUSED);
	assert_int_equal(last_of(&bench, STEP_CONNECTED)->state_to, TCP_CLOSE);
	step_close(&bench.st, &client);
}

/* Who takes an ICMP error off the queue clears SO_ERROR, too: a connection that is closed is not connected. */
static void test_connected_error_lost(void **state)
{
	const struct { int soft, error; } rows[] = { { EHOSTUNREACH, EHOSTUNREACH }, { 0, ENOTCONN } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bench bench;
		struct sock listener, client;
		struct addr addr;
		int soft = rows[i].soft;

		bench_init(&bench, 1);
		tcp_listen(&bench, &listener, 1, &addr);
		assert_int_equal(step_close(&bench.st, &listener), 0);
		assert_int_equal(tcp_connect(&bench, &client, &addr), -EINPROGRESS);
		wait_ready(&client, POLLOUT);
		assert_int_equal(step_error(&bench.st, &client), ECONNREFUSED);
		assert_int_equal(step_connected(&bench.st, &client, &addr, &soft), -rows[i].error);
		assert_int_equal(last_of(&bench, STEP_CONNECTED)->error, rows[i].error);
		step_close(&bench.st, &client);
	}
}

/* An ICMP error that is not the end (kernel.md trap 2): the SYN is still on its way, since the accept queue is full. */
static void test_connected_not_over(void **state)
{
	struct bench bench;
	struct sock listener, first, second;
	struct addr addr;
	int soft = 0;

	(void)state;
	bench_init(&bench, 1);
	tcp_listen(&bench, &listener, 0, &addr);
	assert_int_equal(tcp_connect(&bench, &first, &addr), -EINPROGRESS);
	wait_ready(&first, POLLOUT);
	wait_ready(&listener, POLLIN);
	assert_int_equal(tcp_connect(&bench, &second, &addr), -EINPROGRESS);
	second.ready = READY_ERR;
	assert_int_equal(step_connected(&bench.st, &second, &addr, &soft), -EINPROGRESS);
	assert_int_equal(soft, 0);
	assert_int_equal(second.ready, 0);
	for (size_t i = 0; i < bench.count; i++)
		assert_int_not_equal(bench.seen[i].step, STEP_CONNECTED);
	step_close(&bench.st, &second);
	step_close(&bench.st, &first);
	step_close(&bench.st, &listener);
}

/* It stood, and was reset before anybody looked: connected, and remembered. What came before can be read. */
static void connect_and_reset(bool has_finished)
{
	struct bench bench;
	struct sock listener, client, server;
	struct addr addr;
	int soft = 0;

	bench_init(&bench, 1);
	tcp_listen(&bench, &listener, 5, &addr);
	assert_int_equal(tcp_connect(&bench, &client, &addr), -EINPROGRESS);
	wait_ready(&listener, POLLIN);
	sock_init(&server);
	assert_int_equal(step_accept(&bench.st, &listener, &server, NULL), 0);
	if (has_finished)
		assert_int_equal(step_shutdown(&bench.st, &server, SHUT_WR), 0);
	assert_int_equal(step_reset(&bench.st, &server), 0);
	assert_int_equal(server.fd, -1);
	wait_ready(&client, POLLIN | POLLOUT);
	assert_int_equal(client.ready & READY_ERR, READY_ERR);
	assert_int_equal(step_connected(&bench.st, &client, &addr, &soft), 0);
	assert_true(client.was_reset);
	step_close(&bench.st, &client);
	step_close(&bench.st, &listener);
}

static void test_connected_and_reset(void **state)
{
	(void)state;
	connect_and_reset(false);
	/* ECONNRESET above, EPIPE here. */
	connect_and_reset(true);
}

/* Unix sockets connect at once. */
static void test_connect_at_once(void **state)
{
	struct bench bench;
	struct sock listener, client;
	struct addr addr, name;

	(void)state;
	bench_init(&bench, 0);
	sock_init(&listener);
	sock_init(&client);
	memset(&addr, 0, sizeof(addr));
	addr.un.sun_family = AF_UNIX;
	addr.len = sizeof(addr.un.sun_family);
	assert_int_equal(step_socket(&bench.st, &listener, AF_UNIX, SOCK_STREAM, 0, PROTOCOL_UNIX), 0);
	assert_int_equal(step_bind(&bench.st, &listener, &addr), 0);
	assert_int_equal(step_listen(&bench.st, &listener, 1), 0);
	assert_int_equal(step_local_addr(&bench.st, &listener, &name), 0);
	assert_int_equal(step_socket(&bench.st, &client, AF_UNIX, SOCK_STREAM, 0, PROTOCOL_UNIX), 0);
	assert_int_equal(step_connect(&bench.st, &client, &name), 0);
	assert_int_equal(client.ready, READY_OUT);
	assert_int_equal(client.side, SIDE_CLIENT);
	step_close(&bench.st, &client);
	step_close(&bench.st, &listener);
}

static bool refuse(struct gate *gate, const struct intent *intent)
{
	struct bench *bench = CONTAINER_OF(gate, struct bench, gate);

	bench->asked |= UINT64_C(1) << intent->step;
	return false;
}

/* A step that is held has done nothing: no call, no event, and the sock is as it was. */
static void test_held(void **state)
{
	struct sock fresh, before, extra;
	struct bench bench;
	struct pair pair;
	char byte = 'x';
	size_t count;

	(void)state;
	bench_init(&bench, 3);
	pair_open(&bench, &pair);
	assert_int_equal(step_send(&bench.st, &pair.server, "data", 4, 0, NULL), 4);
	wait_ready(&pair.client, POLLIN);
	bench.gate.admits = refuse;
	bench.st.gate = &bench.gate;
	count = bench.count;
	before = pair.client;
	sock_init(&fresh);
	sock_init(&extra);
	assert_int_equal(step_socket(&bench.st, &fresh, AF_INET, SOCK_STREAM, 0, PROTOCOL_TCP), STEP_HELD);
	assert_int_equal(fresh.fd, -1);
	assert_int_equal(step_accept(&bench.st, &pair.listener, &extra, NULL), STEP_HELD);
	assert_int_equal(extra.fd, -1);
	assert_int_equal(step_setsockopt_int(&bench.st, &pair.client, IPPROTO_TCP, TCP_NODELAY, 1), STEP_HELD);
	assert_int_equal(step_bind(&bench.st, &pair.client, &pair.addr), STEP_HELD);
	assert_int_equal(step_listen(&bench.st, &pair.client, 1), STEP_HELD);
	assert_int_equal(step_send(&bench.st, &pair.client, "x", 1, 0, NULL), STEP_HELD);
	assert_int_equal(step_recv(&bench.st, &pair.client, &byte, 1, 0, NULL), STEP_HELD);
	assert_int_equal(step_read(&bench.st, &pair.client, &byte, 1), STEP_HELD);
	assert_int_equal(step_write(&bench.st, &pair.client, "x", 1), STEP_HELD);
	assert_int_equal(step_splice(&bench.st, &pair.client, &pair.server, 1, 0), STEP_HELD);
	assert_int_equal(step_shutdown(&bench.st, &pair.client, SHUT_WR), STEP_HELD);
	assert_memory_equal(&pair.client, &before, sizeof(before));
	assert_int_equal(bench.count, count);
	assert_int_equal(byte, 'x');
	/* What only looks is free, and so is a close. */
	assert_int_equal(step_unread(&bench.st, &pair.client), 4);
	assert_int_equal(step_unread(&bench.st, &pair.server), 0);
	assert_int_equal(step_close(&bench.st, &pair.server), 0);
	assert_int_equal(bench.asked & (UINT64_C(1) << STEP_CLOSE | UINT64_C(1) << STEP_IOCTL), 0);
	assert_true((bench.asked & UINT64_C(1) << STEP_RECV) != 0);
	bench.st.gate = NULL;
	assert_int_equal(step_recv(&bench.st, &pair.client, &byte, 1, 0, NULL), 1);
	pair_close(&bench, &pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_details),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_readiness),
		cmocka_unit_test(test_read_and_write),
		cmocka_unit_test(test_inherited),
		cmocka_unit_test(test_splice),
		cmocka_unit_test(test_connected_refused),
		cmocka_unit_test(test_connected_error_lost),
		cmocka_unit_test(test_connected_not_over),
		cmocka_unit_test(test_connected_and_reset),
		cmocka_unit_test(test_connect_at_once),
		cmocka_unit_test(test_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
