/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sample events. Times, descriptors and addresses are fixed, so that what a sink makes of them can be compared. */
#include "trace_samples.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/util.h"
#include "trace/sink_out.h"

#define ADDRS_MAX 64

static void open_capture(struct capture *capture, const struct sink_kind *kind, int level,
			 size_t preview, enum term_color color, bool is_relay)
{
	static char *argv[] = { "sockt", "connect", "localhost", "9000", NULL };
	struct sink *sink;
	int fd;

	*capture = (struct capture){ 0 };
	snprintf(capture->file, sizeof(capture->file), "/tmp/sockt-trace-XXXXXX");
	fd = mkstemp(capture->file);
	assert_int_not_equal(fd, -1);
	close(fd);
	capture->options = (struct sink_options){
		.file = capture->file,
		.level = (uint8_t)level,
		.preview = preview,
		.color = color,
		.is_relay = is_relay,
		.argc = 4,
		.argv = argv,
		.version = "1.2.3",
	};
	bus_init(&capture->bus, 0);
	assert_int_equal(sink_open(kind, &capture->options, &sink), 0);
	bus_add(&capture->bus, sink);
}

void capture_open(struct capture *capture, const struct sink_kind *kind, int level, size_t preview)
{
	open_capture(capture, kind, level, preview, TERM_COLOR_NEVER, false);
}

void capture_open_relay(struct capture *capture, const struct sink_kind *kind, int level)
{
	open_capture(capture, kind, level, 0, TERM_COLOR_NEVER, true);
}

void capture_open_colored(struct capture *capture, const struct sink_kind *kind, int level,
			  size_t preview)
{
	open_capture(capture, kind, level, preview, TERM_COLOR_ALWAYS, false);
}

char *capture_close(struct capture *capture, size_t *len)
{
	struct stat st;
	char *text;
	FILE *file;
	size_t n;

	assert_int_equal(bus_clear(&capture->bus, NULL, 0), 0);
	file = fopen(capture->file, "r");
	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &st), 0);
	text = xmalloc((size_t)st.st_size + 1);
	n = fread(text, 1, (size_t)st.st_size, file);
	text[n] = '\0';
	fclose(file);
	unlink(capture->file);
	if (len != NULL)
		*len = n;
	return text;
}

static struct addr *new_addr(void)
{
	static struct addr addrs[ADDRS_MAX];
	static size_t next;

	return &addrs[next++ % ADDRS_MAX];
}

const struct addr *sample_addr(const char *ip, unsigned short port)
{
	struct addr *addr = new_addr();

	assert_int_equal(addr_parse_ip(addr, ip, port), 0);
	return addr;
}

const struct addr *sample_unix(const char *path)
{
	struct addr *addr = new_addr();

	assert_int_equal(addr_set_unix(addr, path), 0);
	return addr;
}

/* An event that began us microseconds after the start. */
static struct event at(uint64_t us, enum step_id step, int fd)
{
	return (struct event){
		.step = step,
		.t_ns = us * NS_PER_US,
		.session = 1,
		.side = SIDE_CLIENT,
		.fd = fd,
		.protocol = PROTOCOL_TCP,
	};
}

/* Deliver an event that was answered. */
static void answer(struct bus *bus, struct event event, int64_t result, int error,
		   const union step_args *args)
{
	event.has_result = true;
	event.result = error != 0 ? -1 : result;
	event.error = error;
	event.args = args;
	bus_emit(bus, &event);
}

/* The same with states and a duration. */
static void change(struct bus *bus, struct event event, int64_t result, int error,
		   const union step_args *args, int from, int to)
{
	event.state_from = from;
	event.state_to = to;
	answer(bus, event, result, error, args);
}

static struct event lasting(struct event event, uint64_t us)
{
	event.has_dur = true;
	event.dur_ns = us * NS_PER_US;
	return event;
}

static const struct tcp_facts client_tcp = {
	.is_valid = true,
	.state = TCP_ESTABLISHED,
	.rtt_us = 31,
	.rttvar_us = 15,
	.mss = 32741,
	.cwnd = 10,
	.sndbuf = 2626560,
	.rcvbuf = 131072,
};

/* Resolve a name, try the first address in vain, the second with success. */
static void client_connects(struct bus *bus)
{
	const struct addr *v6 = sample_addr("::1", 9000), *v4 = sample_addr("127.0.0.1", 9000);
	struct addr found[] = { *v6, *v4 };
	union step_args resolve = { .resolve = { "localhost", "9000", AF_UNSPEC, SOCK_STREAM, 0, found, 2 } };
	union step_args socket = { .socket = { AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP } };
	union step_args name = { .name = { v6 } };
	struct event event;

	event = lasting(at(0, STEP_RESOLVE, -1), 210);
	event.protocol = PROTOCOL_NONE;
	answer(bus, event, 2, 0, &resolve);
	change(bus, lasting(at(213, STEP_SOCKET, -1), 12), 5, 0, &socket, 0, TCP_CLOSE);
	event = lasting(at(241, STEP_CONNECT, 5), 15);
	event.remote = v6;
	change(bus, event, 0, EINPROGRESS, &name, TCP_CLOSE, TCP_SYN_SENT);
	event = lasting(at(258, STEP_CONNECTED, 5), 32);
	event.remote = v6;
	change(bus, event, 0, ECONNREFUSED, NULL, TCP_SYN_SENT, TCP_CLOSE);
	answer(bus, lasting(at(260, STEP_CLOSE, 5), 4), 0, 0, NULL);

	socket.socket.domain = AF_INET;
	name.name.addr = v4;
	change(bus, lasting(at(266, STEP_SOCKET, -1), 5), 5, 0, &socket, 0, TCP_CLOSE);
	change(bus, lasting(at(270, STEP_CONNECT, 5), 40), 0, EINPROGRESS, &name, TCP_CLOSE, TCP_SYN_SENT);
	event = lasting(at(322, STEP_CONNECTED, 5), 52);
	event.local = sample_addr("127.0.0.1", 51834);
	event.remote = v4;
	event.tcp = &client_tcp;
	change(bus, event, 0, 0, NULL, TCP_SYN_SENT, TCP_ESTABLISHED);
}

void sample_client(struct bus *bus)
{
	union step_args io = { .io = { .data = "hello\n", .len = 6, .flags = MSG_NOSIGNAL } };
	union step_args end = { .io = { .len = 65536 } };
	union step_args shut = { .shutdown = { SHUT_WR } };
	struct summary summary = {
		.sent_bytes = 6,
		.sends = 1,
		.turns = 1,
		.shape = SHAPE_ONE_WAY_OUT,
		.spoke_first = WHO_LOCAL,
		.closed_first = WHO_REMOTE,
		.ended_by = ENDED_BOTH,
		.duration_ns = 14 * NS_PER_MS,
		.tcp = client_tcp,
	};
	struct event event;

	client_connects(bus);
	event = at(12400, STEP_SEND, 5);
	event.data = io.io.data;
	answer(bus, event, 6, 0, &io);
	answer(bus, at(12410, STEP_RECV, 5), 0, EAGAIN, &end);
	change(bus, at(14020, STEP_RECV, 5), 0, 0, &end, TCP_ESTABLISHED, TCP_CLOSE_WAIT);
	change(bus, lasting(at(14100, STEP_SHUTDOWN, 5), 20), 0, 0, &shut, TCP_CLOSE_WAIT, TCP_LAST_ACK);
	event = at(14130, STEP_STATE, 5);
	event.state_from = TCP_LAST_ACK;
	event.state_to = TCP_CLOSE;
	bus_emit(bus, &event);
	answer(bus, at(14150, STEP_CLOSE, 5), 0, 0, NULL);
	event = at(14160, STEP_END, -1);
	event.local = sample_addr("127.0.0.1", 51834);
	event.remote = sample_addr("127.0.0.1", 9000);
	event.summary = &summary;
	bus_emit(bus, &event);
	bus_ended(bus, ENDED_BOTH, NULL);
}

/* An event on the server's side, of a session. */
static struct event served(uint64_t us, enum step_id step, int fd, uint32_t session)
{
	struct event event = at(us, step, fd);

	event.side = SIDE_SERVER;
	event.session = session;
	return event;
}

/* Accept one client as descriptor fd. */
static void server_accepts(struct bus *bus, uint64_t us, int fd, uint32_t session)
{
	struct addr peer = *sample_addr("::ffff:127.0.0.1", (unsigned short)(51800 + fd));
	union step_args args = { .accept = { &peer, SOCK_CLOEXEC | SOCK_NONBLOCK } };
	struct tcp_facts tcp = client_tcp;
	struct event event = served(us, STEP_ACCEPT, 3, session);

	tcp.queue_len = 1;
	tcp.queue_limit = 128;
	event.local = sample_addr("::ffff:127.0.0.1", 9000);
	event.remote = &peer;
	event.tcp = &tcp;
	change(bus, event, fd, 0, &args, 0, TCP_ESTABLISHED);
}

void sample_server(struct bus *bus)
{
	const struct addr *any = sample_addr("::", 9000);
	int one = 1;
	union step_args socket = { .socket = { AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP } };
	union step_args option = { .sockopt = { SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one) } };
	union step_args name = { .name = { any } };
	union step_args listening = { .listen = { 128 } };
	union step_args recv = { .io = { .len = 65536 } };
	struct tcp_facts tcp = { .is_valid = true, .state = TCP_LISTEN, .mss = 536, .queue_limit = 128 };
	struct event event;

	change(bus, served(100, STEP_SOCKET, -1, 0), 3, 0, &socket, 0, TCP_CLOSE);
	answer(bus, served(120, STEP_SETSOCKOPT, 3, 0), 0, 0, &option);
	answer(bus, served(140, STEP_BIND, 3, 0), 0, 0, &name);
	event = served(160, STEP_LISTEN, 3, 0);
	event.tcp = &tcp;
	change(bus, event, 0, 0, &listening, TCP_CLOSE, TCP_LISTEN);
	server_accepts(bus, 2000, 4, 1);
	server_accepts(bus, 11000, 5, 2);
	event = served(12000, STEP_RECV, 5, 2);
	event.data = "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n";
	answer(bus, event, 35, 0, &recv);
	bus_note(bus, 12500 * NS_PER_US, 0, "%s", "no IPv6 here\n  so: 0.0.0.0");
}

void sample_info(struct bus *bus)
{
	struct tcp_facts facts = client_tcp;
	struct event event = at(1000000, STEP_INFO, 5);
	int size = 4096;
	union step_args option = { .sockopt = { SOL_SOCKET, SO_RCVBUF, &size, sizeof(size) } };

	facts.has_rate = facts.has_limits = facts.has_bytes = facts.has_window = facts.has_queues = true;
	facts.delivery_rate = UINT64_C(5) << 30;
	facts.busy_us = 900000;
	facts.rwnd_limited_us = 820000;
	facts.bytes_sent = UINT64_C(1) << 40;
	facts.limited_by = SENDER_LIMIT_RECEIVER;
	facts.limited_percent = 82;
	facts.unread = 10;
	facts.unsent = 4 << 20;
	event.tcp = &facts;
	bus_emit(bus, &event);
	facts = (struct tcp_facts){
		.is_valid = true, .state = TCP_LISTEN, .queue_len = 2, .queue_limit = 1, .drops = 1,
	};
	event.fd = 3;
	bus_emit(bus, &event);
	facts = (struct tcp_facts){ .state = TCP_LISTEN, .queue_len = 1, .queue_limit = 1 };
	event.protocol = PROTOCOL_UNIX;
	bus_emit(bus, &event);
	facts = (struct tcp_facts){ .has_queues = true, .unread = 7, .sndbuf = 1, .rcvbuf = 2 };
	event.protocol = PROTOCOL_UDP;
	bus_emit(bus, &event);
	facts = (struct tcp_facts){ .rcvbuf = 8192 };
	event = at(1000001, STEP_SETSOCKOPT, 5);
	event.tcp = &facts;
	answer(bus, event, 0, 0, &option);
}

void sample_proxy(struct bus *bus)
{
	union step_args args = { .proxy = { "socks5", "user", "al\x1bice", "accepted", 0, false } };
	struct event event = at(1000, STEP_PROXY, 5);

	event.args = &args;
	bus_emit(bus, &event);
	args = (union step_args){ .proxy = { "socks5", "CONNECT", "example.org:80", "connection refused", 5, true } };
	bus_emit(bus, &event);
}

void sample_faults(struct bus *bus)
{
	union step_args args = { .fault = { "latency", "up", 65536, 250 * NS_PER_MS } };
	struct event event = at(1000, STEP_FAULT, -1);

	event.args = &args;
	bus_emit(bus, &event);
	args = (union step_args){ .fault = { "jitter", "down", 5, -2500 * (int64_t)NS_PER_US } };
	bus_emit(bus, &event);
	args = (union step_args){ .fault = { "refuse", NULL, 0, 0 } };
	event.level = 1;
	bus_emit(bus, &event);
}

void sample_http(struct bus *bus)
{
	union step_args args = {
		.http = {
			.is_whole = true, .number = 1, .method = "POST", .target = "/a?\x1b[2J", .minor = 1,
			.head_bytes = 78, .body_bytes = 5,
		},
	};
	struct event event = at(1000, STEP_HTTP, -1);

	event.args = &args;
	bus_emit(bus, &event);
	args = (union step_args){
		.http = { .is_reply = true, .is_out = true, .is_whole = true, .number = 1, .status = 404,
			  .reason = "Not Found", .minor = 1, .head_bytes = 120 },
	};
	bus_emit(bus, &event);
	args = (union step_args){ .http = { .number = 2, .head_bytes = 3, .wrong = "it is none" } };
	bus_emit(bus, &event);
	args = (union step_args){
		.http = { .is_reply = true, .number = 2, .status = 200, .reason = "", .head_bytes = 20,
			  .body_bytes = 2048, .wrong = "it is not whole" },
	};
	bus_emit(bus, &event);
}

void sample_refused(struct bus *bus)
{
	union step_args args = { .refused = { "deny", "127.0.0.0/8" } };
	struct event event = at(1000, STEP_REFUSED, 6);

	event.args = &args;
	event.protocol = PROTOCOL_TCP;
	event.remote = sample_addr("127.0.0.1", 51834);
	bus_emit(bus, &event);
	args = (union step_args){ .refused = { "allow", NULL } };
	event.remote = sample_addr("::1", 51834);
	bus_emit(bus, &event);
	args = (union step_args){ .refused = { "max-per-host", "2" } };
	event.protocol = PROTOCOL_UDP;
	event.session = 0;
	bus_emit(bus, &event);
}

/* A packet of the connection of sample_client(), us microseconds after the start. */
static void packet_at(struct bus *bus, uint64_t us, struct packet packet)
{
	union step_args args = { .packet = packet };
	struct event event = at(us, STEP_PACKET, 5);

	event.protocol = packet.protocol == IPPROTO_TCP ? PROTOCOL_TCP : PROTOCOL_UDP;
	event.local = sample_addr("127.0.0.1", 51834);
	event.remote = sample_addr("127.0.0.1", 9000);
	event.args = &args;
	bus_emit(bus, &event);
}

/* A record of what was seen without a privilege, us microseconds after the start. */
static void sight_at(struct bus *bus, uint64_t us, enum step_id step, union step_args args, int error)
{
	struct event event = at(us, step, 5);

	event.protocol = PROTOCOL_TCP;
	event.args = &args;
	event.error = error;
	event.has_dur = step == STEP_ACKNOWLEDGED && args.acknowledged.last == 5;
	event.dur_ns = 140 * NS_PER_US;
	bus_emit(bus, &event);
}

void sample_sight(struct bus *bus)
{
	union step_args args;

	packet_at(bus, 270, (struct packet){ .family = AF_INET, .protocol = IPPROTO_TCP, .flags = TH_SYN, .wscale = 10,
					     .mss = 65495, .window = 65495, .original = 60, .is_saved = true });
	sight_at(bus, 280, STEP_SEGMENTS,
		 (union step_args){ .segments = { .of = STEP_CONNECT, .out = 2, .in = 1, .acked = 1 } }, 0);
	sight_at(bus, 12400, STEP_SEGMENTS,
		 (union step_args){ .segments = { .of = STEP_SEND, .is_before = true, .out = 1, .retransmits = 1 } },
		 0);
	sight_at(bus, 12540, STEP_ACKNOWLEDGED, (union step_args){ .acknowledged = { 0, 5 } }, 0);
	sight_at(bus, 12600, STEP_ACKNOWLEDGED, (union step_args){ .acknowledged = { 6, UINT64_C(1) << 40 } }, 0);
	args.packet = (struct packet){ .family = AF_INET, .protocol = IPPROTO_ICMP, .wscale = -1, .icmp_type = 3,
				       .icmp_code = 3, .icmp_sender = sample_addr("10.7.1.1", 0) };
	sight_at(bus, 12700, STEP_ICMP, args, ECONNREFUSED);
}

void sample_packets(struct bus *bus)
{
	packet_at(bus, 280, (struct packet){ .is_out = true, .family = AF_INET, .protocol = IPPROTO_TCP,
					     .flags = TH_SYN, .wscale = 10, .has_sack = true, .has_timestamps = true,
					     .mss = 65495, .window = 65495, .original = 60 });
	packet_at(bus, 290, (struct packet){ .family = AF_INET, .protocol = IPPROTO_TCP, .flags = TH_SYN | TH_ACK,
					     .wscale = -1, .ack = 1, .mss = 1460, .window = 65483, .original = 44 });
	packet_at(bus, 12410, (struct packet){ .is_out = true, .family = AF_INET, .protocol = IPPROTO_TCP,
					       .flags = TH_PUSH | TH_ACK, .wscale = -1, .seq = 1, .ack = 1,
					       .window = 65536, .length = 6, .original = 46,
					       .bytes = (const uint8_t *)"E\0\0", .captured = 3 });
	packet_at(bus, 12500, (struct packet){ .family = AF_INET6, .protocol = IPPROTO_UDP, .wscale = -1,
					       .length = 3000 });
	packet_at(bus, 12600, (struct packet){ .family = AF_INET, .protocol = IPPROTO_ICMP, .wscale = -1,
					       .icmp_type = 3, .icmp_code = 3,
					       .icmp_sender = sample_addr("10.7.1.1", 0) });
}

/* Bytes that must not reach a terminal or a JSON string as they are. */
static const char hostile[] = "\x1b[2J\"\\\0\xff\xfe\xe2\x80\xae\n\t\x7f/\xc3\xa4 end";

static void hostile_io(struct bus *bus)
{
	const struct addr *peer = sample_unix("/tmp/a\x1b\x01\xff\"b");
	struct addr from = *peer;
	union step_args send = { .io = { .data = hostile, .len = 100000, .flags = MSG_NOSIGNAL | MSG_OOB | 0x1000000,
					 .to = peer } };
	union step_args recv = { .io = { .len = sizeof(hostile), .flags = MSG_TRUNC, .from = &from } };
	union step_args splice = { .splice = { 5, 1048576, SPLICE_F_MOVE | SPLICE_F_NONBLOCK } };
	union step_args file = { .io = { .data = hostile, .len = sizeof(hostile) } };
	struct event event = at(20000000, STEP_SEND, 5);

	event.protocol = PROTOCOL_UNIX_DGRAM;
	event.data = hostile;
	/* Only as much was taken as there is: the sample holds no more. */
	send.io.len = sizeof(hostile);
	answer(bus, event, 7, 0, &send);
	event.step = STEP_RECV;
	/* The datagram was longer than the buffer. */
	answer(bus, event, 5000, 0, &recv);
	event.step = STEP_READ;
	answer(bus, event, sizeof(hostile), 0, &file);
	event.step = STEP_WRITE;
	answer(bus, event, sizeof(hostile), 0, &file);
	event.data = NULL;
	answer(bus, at(20000001, STEP_SPLICE, 0), 65536, 0, &splice);
}

/* Calls of many messages. */
static void sample_messages(struct bus *bus)
{
	char bytes[] = "one\x1b[31m";
	struct iovec parts[2] = { { bytes, sizeof(bytes) - 1 }, { bytes, 3 } };
	struct addr from = *sample_addr("192.0.2.7", 5353), local = *sample_addr("fe80::1", 0);
	struct message list[3] = {
		{ .parts = &parts[0], .part_count = 1, .len = parts[0].iov_len, .addr = &from },
		{ .parts = &parts[1], .part_count = 1, .len = 130, .segment = 60, .addr = &from, .local = &local },
		{ .parts = &parts[1], .part_count = 1 },
	};
	union step_args args = { .messages = { list, 3, MSG_TRUNC } };
	struct event event = at(19900000, STEP_RECVMMSG, 6);

	event.protocol = PROTOCOL_UDP;
	event.data = bytes;
	answer(bus, event, 2, 0, &args);
	event.data = NULL;
	answer(bus, event, 0, EAGAIN, &args);
	event.step = STEP_SENDMMSG;
	args.messages.flags = MSG_NOSIGNAL;
	answer(bus, event, 1, 0, &args);
	event.step = STEP_SENDMSG;
	args.messages.list = &list[1];
	args.messages.count = 1;
	event.data = bytes;
	answer(bus, event, 130, 0, &args);
	event.data = NULL;
	answer(bus, event, 0, EIO, &args);
}

static void hostile_looks(struct bus *bus)
{
	static char *argv[] = { (char *)"/bin/\x1b[2J\xff", (char *)"a b\n", (char *)"", NULL };
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	static const uint32_t groups[] = { 100, 65534 };
	struct pollfd fds[] = { { 5, POLLIN, POLLIN | POLLHUP }, { 6, POLLOUT, 0 } };
	int error = ECONNREFUSED;
	struct tcp_info info = { 0 };
	union step_args args = { .sockopt = { SOL_SOCKET, SO_LINGER, &linger, sizeof(linger) } };

	answer(bus, at(20000002, STEP_SETSOCKOPT, 5), 0, 0, &args);
	args.sockopt.level = 12345;
	args.sockopt.optname = 6789;
	answer(bus, at(20000003, STEP_SETSOCKOPT, 5), 0, ENOPROTOOPT, &args);
	args = (union step_args){ .sockopt = { SOL_SOCKET, SO_ERROR, &error, sizeof(error) } };
	answer(bus, at(20000004, STEP_GETSOCKOPT, 5), 0, 0, &args);
	args = (union step_args){ .sockopt = { IPPROTO_TCP, TCP_INFO, &info, sizeof(info) } };
	answer(bus, at(20000005, STEP_GETSOCKOPT, 5), 0, 0, &args);
	args = (union step_args){ .name = { sample_addr("fe80::1", 1) } };
	answer(bus, at(20000006, STEP_GETSOCKNAME, 5), 0, 0, &args);
	answer(bus, at(20000007, STEP_GETPEERNAME, 5), 0, ENOTCONN, &args);
	args = (union step_args){ .ioctl = { SIOCOUTQ, 17 } };
	answer(bus, at(20000008, STEP_IOCTL, 5), 0, 0, &args);
	args = (union step_args){ .wait = { EPOLLIN | EPOLLRDHUP | EPOLLET } };
	answer(bus, at(20000009, STEP_EPOLL_WAIT, 5), 1, 0, &args);
	args = (union step_args){ .poll = { fds, 2, 0 } };
	answer(bus, at(20000009, STEP_POLL, -1), 1, 0, &args);
	args = (union step_args){ .fcntl = { F_SETFL, O_RDWR | O_NONBLOCK, false } };
	answer(bus, at(20000009, STEP_FCNTL, 5), 0, 0, &args);
	args = (union step_args){ .spawn = { .argv = argv, .in = 6, .out = 7 } };
	answer(bus, at(20000009, STEP_SPAWN, -1), 4711, 0, &args);
	args.spawn.has_pty = true;
	answer(bus, at(20000009, STEP_SPAWN, -1), 0, ENOENT, &args);
	args = (union step_args){ .waitpid = { 4711, 3 << 8 } };
	answer(bus, at(20000009, STEP_WAITPID, -1), 4711, 0, &args);
	args = (union step_args){ .waitpid = { 4712, 9 } };
	answer(bus, at(20000009, STEP_WAITPID, -1), 4712, 0, &args);
	args = (union step_args){ .pass = { 6 } };
	answer(bus, at(20000009, STEP_PASS, 1), 1, 0, &args);
	args = (union step_args){ .fchmod = { UINT32_MAX } };
	answer(bus, at(20000009, STEP_FCHMOD, 5), 0, EPERM, &args);
	args = (union step_args){ .lchown = { "/run/x \x1b", 33, UINT32_MAX } };
	answer(bus, at(20000009, STEP_LCHOWN, 5), 0, EPERM, &args);
	args = (union step_args){ .fchmodat = { "/run/x", 0660 } };
	answer(bus, at(20000009, STEP_FCHMODAT, 5), 0, 0, &args);
	args = (union step_args){ .chroot = { "/srv/empty \x1b" } };
	answer(bus, at(20000009, STEP_CHROOT, -1), 0, EPERM, &args);
	args = (union step_args){ .setgroups = { groups, ARRAY_LEN(groups) } };
	answer(bus, at(20000009, STEP_SETGROUPS, -1), 0, 0, &args);
	args = (union step_args){ .setgroups = { NULL, 0 } };
	answer(bus, at(20000009, STEP_SETGROUPS, -1), 0, 0, &args);
	args = (union step_args){ .setid = { UINT32_MAX - 1 } };
	answer(bus, at(20000009, STEP_SETGID, -1), 0, 0, &args);
	answer(bus, at(20000009, STEP_SETUID, -1), 0, EPERM, &args);
	args = (union step_args){ .probe = { .what = "sock_diag TCP port 9000 \x1b[0m\xff" } };
	answer(bus, at(20000010, STEP_PROBE, -1), 2, 0, &args);
	answer(bus, at(20000011, STEP_RECVMSG, 5), 17, 0, &args);
	args = (union step_args){ .probe = { .flags = MSG_ERRQUEUE | MSG_DONTWAIT } };
	answer(bus, at(20000012, STEP_RECVMSG, 5), 0, EAGAIN, &args);
}

void sample_hostile(struct bus *bus)
{
	union step_args args = { .resolve = { "ho\xffst\x1b\"\n", NULL, 77, 88, EAI_NONAME, NULL, 0 } };
	struct summary summary = {
		.sent_bytes = UINT64_MAX,
		.received_bytes = UINT64_C(3) << 30,
		.sends = 1000000,
		.receives = 1,
		.turns = 7,
		.shape = SHAPE_CONVERSATION,
		.spoke_first = WHO_REMOTE,
		.closed_first = WHO_LOCAL,
		.ended_by = ENDED_IDLE_TIMEOUT,
		.limit = "3 s",
		.duration_ns = UINT64_C(3600) * NS_PER_S,
		.icmp = { .count = 3, .type = 200, .code = 201, .sender = *sample_addr("fe80::1%lo", 0) },
	};
	struct event event = at(15000000, STEP_RESOLVE, -1);

	event.text = "Name or service not known";
	event.has_result = true;
	event.result = -1;
	event.args = &args;
	bus_emit(bus, &event);
	args = (union step_args){ .socket = { 99, 98 | SOCK_CLOEXEC, 97 } };
	answer(bus, at(15000001, STEP_SOCKET, -1), 0, EAFNOSUPPORT, &args);
	args = (union step_args){ .shutdown = { 9 } };
	answer(bus, at(15000002, STEP_SHUTDOWN, 5), 0, 599, &args);
	hostile_io(bus);
	sample_messages(bus);
	hostile_looks(bus);
	bus_note(bus, 21 * NS_PER_S, 3, "%s", hostile);
	event = at(22000000, STEP_END, -1);
	event.protocol = PROTOCOL_UNIX;
	event.local = sample_unix("@na\x01me");
	event.remote = sample_unix("/tmp/a\x1b\xff\"b");
	event.summary = &summary;
	bus_emit(bus, &event);
	bus_ended(bus, ENDED_IDLE_TIMEOUT, "3 s");
}

void sample_bare(struct bus *bus)
{
	for (int step = 0; step < STEP_COUNT; step++) {
		struct event event = { .step = (enum step_id)step, .fd = -1 };

		bus_emit(bus, &event);
		event.fd = 5;
		event.error = EIO;
		bus_emit(bus, &event);
	}
}
