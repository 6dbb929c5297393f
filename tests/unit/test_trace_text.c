/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text sink, line by line. */
#include "trace/bus.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/util.h"
#include "check.h"
#include "trace_samples.h"

/* What the text sink makes of a sample, to be freed. */
static char *text_of(void (*sample)(struct bus *bus), int level, size_t preview)
{
	struct capture capture;

	setenv("LC_ALL", "C.UTF-8", 1);
	capture_open(&capture, &sink_text, level, preview);
	sample(&capture.bus);
	return capture_close(&capture, NULL);
}

static void must_be(char *text, const char *want)
{
	assert_string_equal(text, want);
	free(text);
}

/* The picture of the design, as far as level 1 shows it. */
static void test_a_client_at_level_1(void **state)
{
	(void)state;
	must_be(text_of(sample_client, 1, 32),
	"   0.000  getaddrinfo(\"localhost\", \"9000\") = 2 addresses                 0.21 ms\n"
	"   0.213  socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP) = 5                 0.01 ms\n"
	"   0.241  connect(5, [::1]:9000) = EINPROGRESS       CLOSE → SYN_SENT\n"
	"   0.258  connected 5: ECONNREFUSED   after 0.03 ms  SYN_SENT → CLOSE\n"
	"   0.260  close(5) = 0\n"
	"   0.266  socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 5\n"
	"   0.270  connect(5, 127.0.0.1:9000) = EINPROGRESS   CLOSE → SYN_SENT\n"
	"   0.322  connected 5   after 0.05 ms                SYN_SENT → ESTABLISHED\n"
	"          tcp 127.0.0.1:51834 ⇄ 127.0.0.1:9000\n"
	"  14.1    shutdown(5, SHUT_WR) = 0                   CLOSE_WAIT → LAST_ACK\n"
	"  14.1    state 5: LAST_ACK → CLOSE\n"
	"  14.1    close(5) = 0\n"
	"          tcp 127.0.0.1:51834 ⇄ 127.0.0.1:9000: both directions finished\n"
	"          sent 6 B, received 0 B in 14 ms; 1 send, 0 receives;\n"
	"          this side spoke first; the peer closed first; one way →\n"
	"          ended: both directions finished\n");
}

/* What level 2 adds is the lines that level 1 does not have. */
static void test_a_client_at_level_2(void **state)
{
	char *text = text_of(sample_client, 2, 32);

	(void)state;
	assert_non_null(strstr(text,
	"2 addresses                 0.21 ms\n"
	"          1. [::1]:9000\n"
	"          2. 127.0.0.1:9000\n"
	"   0.213  socket"));
	assert_non_null(strstr(text,
	"          tcp 127.0.0.1:51834 ⇄ 127.0.0.1:9000\n"
	"          rtt 0.03 ms ±0.01 ms, mss 32741, cwnd 10, retransmits 0;\n"
	"          send buffer 2.5 MiB, receive buffer 128 KiB\n"
	"  12.4    send(5, \"hello\\n\") = 6\n"
	"  12.4    recv(5) = EAGAIN\n"
	"  14.0    recv(5) = 0   the peer will send no more   ESTABLISHED → CLOSE_WAIT\n"
	"  14.1    shutdown"));
	free(text);
}

static void test_a_server_with_two_clients(void **state)
{
	(void)state;
	must_be(text_of(sample_server, 2, 16),
	"   0.100  socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP) = 3\n"
	"   0.120  setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1]) = 0\n"
	"   0.140  bind(3, [::]:9000) = 0\n"
	"   0.160  listen(3, 128) = 0   accept queue 0/128    CLOSE → LISTEN\n"
	"   2.000  accept(3) = 4   from [::ffff:127.0.0.1]:51804  → ESTABLISHED\n"
	"          tcp [::ffff:127.0.0.1]:9000 ⇄ [::ffff:127.0.0.1]:51804\n"
	"          accept queue 1/128\n"
	"          rtt 0.03 ms ±0.01 ms, mss 32741, cwnd 10, retransmits 0;\n"
	"          send buffer 2.5 MiB, receive buffer 128 KiB\n"
	"  11.0    [2] accept(3) = 5   from [::ffff:127.0.0.1]:51805  → ESTABLISHED\n"
	"          [2] tcp [::ffff:127.0.0.1]:9000 ⇄ [::ffff:127.0.0.1]:51805\n"
	"          [2] accept queue 1/128\n"
	"          [2] rtt 0.03 ms ±0.01 ms, mss 32741, cwnd 10, retransmits 0;\n"
	"          [2] send buffer 2.5 MiB, receive buffer 128 KiB\n"
	"  12.0    [2] recv(5, \"GET / HTTP/1.0\\r\\n\"...) = 35\n"
	"  12.5        no IPv6 here\n"
	"                so: 0.0.0.0\n");
}

/* One event at level 3 with a preview of 8 bytes. */
static char *line_of(const struct event *event)
{
	struct capture capture;

	setenv("LC_ALL", "C.UTF-8", 1);
	capture_open(&capture, &sink_text, 2, 8);
	bus_emit(&capture.bus, event);
	return capture_close(&capture, NULL);
}

static struct event io_event(enum step_id step, const union step_args *args, int64_t result)
{
	return (struct event){
		.step = step,
		.fd = 5,
		.args = args,
		.has_result = true,
		.result = result,
		.protocol = PROTOCOL_TCP,
	};
}

static void test_previews(void **state)
{
	union step_args args = { .io = { .data = "GET / HTTP/1.0", .len = 14 } };
	struct event event = io_event(STEP_SEND, &args, 14);

	(void)state;
	must_be(line_of(&event), "   0.000  send(5, \"GET / HT\"..., 14) = 14\n");
	args.io.data = "\0" "1\xff" "a\x1b[\"\\";
	args.io.len = 8;
	event.result = 3;
	must_be(line_of(&event), "   0.000  send(5, \"\\0001\\377a\\x1b[\\\"\\\\\", 8) = 3   short: 3 of 8 taken\n");
	args.io.flags = MSG_NOSIGNAL | MSG_DONTWAIT | MSG_MORE;
	args.io.data = NULL;
	args.io.to = sample_addr("127.0.0.1", 53);
	event.result = -1;
	event.error = EAGAIN;
	must_be(line_of(&event),
		"   0.000  sendto(5, ..., 8, MSG_MORE, 127.0.0.1:53) = EAGAIN\n");

	args = (union step_args){ .io = { .len = 65536 } };
	event = io_event(STEP_RECV, &args, 9);
	event.data = "123456789";
	must_be(line_of(&event), "   0.000  recv(5, \"12345678\"...) = 9\n");
	event.data = NULL;
	must_be(line_of(&event), "   0.000  recv(5) = 9\n");
}

/* What was asked and what was taken: of what leaves, not of what was read as far as there was any. */
static void test_short(void **state)
{
	union step_args args = { .io = { .data = "hello\n", .len = 6 } };
	struct event event = io_event(STEP_SEND, &args, 6);

	(void)state;
	must_be(line_of(&event), "   0.000  send(5, \"hello\\n\") = 6\n");
	event.result = 5;
	must_be(line_of(&event), "   0.000  send(5, \"hello\\n\", 6) = 5   short: 5 of 6 taken\n");
	event.result = -1;
	event.error = EAGAIN;
	must_be(line_of(&event), "   0.000  send(5, \"hello\\n\", 6) = EAGAIN\n");

	args = (union step_args){ .splice = { 9, 1000, 0 } };
	event = io_event(STEP_SPLICE, &args, 999);
	must_be(line_of(&event), "   0.000  splice(5, 9, 1000) = 999\n");
	event.protocol = PROTOCOL_NONE;
	must_be(line_of(&event), "   0.000  splice(5, 9, 1000) = 999   short: 999 of 1000 taken\n");
	event.result = 1000;
	must_be(line_of(&event), "   0.000  splice(5, 9, 1000) = 1000\n");
}

static struct event info_event(const struct tcp_facts *facts, enum protocol protocol)
{
	return (struct event){ .step = STEP_INFO, .fd = 5, .session = 1, .protocol = protocol, .tcp = facts };
}

static void test_info(void **state)
{
	struct tcp_facts facts = {
		.is_valid = true, .state = TCP_ESTABLISHED, .rtt_us = 31, .rttvar_us = 15, .mss = 32741, .cwnd = 10,
		.retransmits = 2, .has_bytes = true, .has_rate = true, .delivery_rate = 3 << 20, .has_queues = true,
	};
	struct event event = info_event(&facts, PROTOCOL_TCP);

	(void)state;
	must_be(line_of(&event), "   0.000  info 5: rtt 0.03 ms ±0.01 ms, mss 32741, cwnd 10, retransmits 2\n");
	facts.bytes_sent = 10 * 32741;
	must_be(line_of(&event), "   0.000  info 5: rtt 0.03 ms ±0.01 ms, mss 32741, cwnd 10, retransmits 2\n");
	facts.bytes_sent++;
	facts.limited_by = SENDER_LIMIT_RECEIVER;
	facts.limited_percent = 82;
	facts.unsent = 4096;
	must_be(line_of(&event),
		"   0.000  info 5: rtt 0.03 ms ±0.01 ms, mss 32741, cwnd 10, retransmits 2, 3 MiB/s\n"
		"          limited by the receiver's window 82 % of the time; unacked 4096 B\n");
	facts.limited_by = SENDER_LIMIT_NONE;
	facts.unread = 5;
	must_be(line_of(&event),
		"   0.000  info 5: rtt 0.03 ms ±0.01 ms, mss 32741, cwnd 10, retransmits 2, 3 MiB/s\n"
		"          unread 5 B, unacked 4096 B\n");
	facts = (struct tcp_facts){ .has_queues = true, .sndbuf = 212992, .rcvbuf = 212992 };
	event = info_event(&facts, PROTOCOL_UDP);
	must_be(line_of(&event), "   0.000  info 5: unread 0 B, unsent 0 B\n");
}

static void test_accept_queue(void **state)
{
	struct tcp_facts facts = { .is_valid = true, .state = TCP_LISTEN, .queue_len = 1, .queue_limit = 1 };
	struct event event = info_event(&facts, PROTOCOL_TCP);

	(void)state;
	must_be(line_of(&event), "   0.000  info 5: accept queue 1/1\n");
	facts.queue_len = 2;
	must_be(line_of(&event),
		"   0.000  info 5: accept queue 2/1\n"
		"          full: the SYN of the next client is dropped, which waits in SYN_SENT\n");
	facts.drops = 3;
	must_be(line_of(&event),
		"   0.000  info 5: accept queue 2/1\n"
		"          full: segments of clients have been dropped, 3 so far\n");
	facts = (struct tcp_facts){ .state = TCP_LISTEN, .queue_len = 1 };
	event = info_event(&facts, PROTOCOL_UNIX);
	must_be(line_of(&event),
		"   0.000  info 5: accept queue 1/0\n"
		"          full: connect() of the next client waits (or fails with EAGAIN)\n");
}

/* What was asked for stands in the call, what it has become behind it. */
static void test_buffer(void **state)
{
	int size = 4096;
	union step_args args = { .sockopt = { SOL_SOCKET, SO_SNDBUF, &size, sizeof(size) } };
	struct tcp_facts facts = { .sndbuf = 8192 };
	struct event event = io_event(STEP_SETSOCKOPT, &args, 0);

	(void)state;
	event.tcp = &facts;
	must_be(line_of(&event),
		"   0.000  setsockopt(5, SOL_SOCKET, SO_SNDBUF, [4096]) = 0   the kernel made it 8192\n");
}

static void test_http(void **state)
{
	union step_args args = {
		.http = { .is_whole = true, .number = 1, .method = "GET", .target = "/a\x1b", .minor = 1,
			  .head_bytes = 78 },
	};
	struct event event = { .step = STEP_HTTP, .fd = -1, .args = &args };

	(void)state;
	must_be(line_of(&event), "   0.000  http ← request 1: GET /a\\x1b HTTP/1.1 (head 78 B)\n");
	args = (union step_args){
		.http = { .is_reply = true, .is_out = true, .is_whole = true, .number = 2, .status = 404,
			  .reason = "Not Found", .head_bytes = 120, .body_bytes = 5 },
	};
	must_be(line_of(&event), "   0.000  http → reply 2: HTTP/1.0 404 Not Found (head 120 B, body 5 B)\n");
	args.http.wrong = "it is not whole";
	must_be(line_of(&event),
		"   0.000  http → reply 2: HTTP/1.0 404 Not Found (head 120 B, body 5 B); it is not whole\n");
	args = (union step_args){ .http = { .number = 3, .head_bytes = 3, .wrong = "it is none" } };
	must_be(line_of(&event), "   0.000  http ← request 3: it is none\n");
}

static void test_faults(void **state)
{
	union step_args args = { .fault = { "latency", "up", 65536, 250 * NS_PER_MS } };
	struct event event = { .step = STEP_FAULT, .fd = -1, .args = &args, .session = 1 };

	(void)state;
	must_be(line_of(&event), "   0.000  fault latency up: 64 KiB, 250 ms\n");
	args = (union step_args){ .fault = { "jitter", "down", 5, -(int64_t)(2 * NS_PER_MS) } };
	must_be(line_of(&event), "   0.000  fault jitter down: 5 B, -2.00 ms\n");
	args = (union step_args){ .fault = { "slow-close", "down", 0, 2 * NS_PER_S } };
	must_be(line_of(&event), "   0.000  fault slow-close down: 2.0 s\n");
	args = (union step_args){ .fault = { "refuse", NULL, 0, 0 } };
	must_be(line_of(&event), "   0.000  fault refuse\n");
}

static void test_sight(void **state)
{
	char *text = text_of(sample_sight, 2, 0);

	(void)state;
	assert_string_equal(text,
	"   0.270    51834 \u2190 9000   [S]    seq 0 win 65495 mss 65495 wscale 10 len 0   (came before accept())\n"
	"   0.280  segments 5: 2 out, 1 in, 1 acknowledged   during connect()\n"
	"  12.4    segments 5: 1 out, 0 in, 1 retransmitted   before send()\n"
	"  12.5    acknowledged 5: bytes 0 to 5   after 0.14 ms\n"
	"  12.6    acknowledged 5: bytes 6 to 1099511627776\n"
	"  12.7    icmp 5: port unreachable from 10.7.1.1: ECONNREFUSED\n");
	free(text);
}

static void test_packets(void **state)
{
	char *text = text_of(sample_packets, 1, 0);

	(void)state;
	assert_string_equal(text,
	"   0.280    51834 \u2192 9000   [S]    seq 0 win 65495 mss 65495 sackOK TS wscale 10 len 0\n"
	"   0.290    51834 \u2190 9000   [SA]   seq 0 ack 1 win 65483 mss 1460 len 0\n"
	"  12.4      51834 \u2192 9000   [PA]   seq 1 ack 1 win 65536 len 6\n"
	"  12.5      51834 \u2190 9000   UDP    len 3000\n"
	"  12.6      51834 \u2190 9000   ICMP   port unreachable from 10.7.1.1\n");
	free(text);
}

/* Receiving nothing is the end of a stream, but not of datagrams, nor for a buffer of no bytes. */
static void test_receiving_nothing(void **state)
{
	union step_args args = { .io = { .len = 65536 } };
	struct event event = io_event(STEP_RECV, &args, 0);

	(void)state;
	event.protocol = PROTOCOL_UNIX;
	must_be(line_of(&event), "   0.000  recv(5) = 0   the peer will send no more\n");
	event.protocol = PROTOCOL_UDP;
	must_be(line_of(&event), "   0.000  recv(5) = 0   an empty datagram\n");
	event.protocol = PROTOCOL_TCP;
	args.io.len = 0;
	must_be(line_of(&event), "   0.000  recv(5) = 0\n");
}

/* Where port 0 was asked for, the port that it became. */
static void test_a_port_that_was_chosen(void **state)
{
	union step_args args = { .name = { sample_addr("127.0.0.1", 0) } };
	struct event event = io_event(STEP_BIND, &args, 0);

	(void)state;
	event.local = sample_addr("127.0.0.1", 41233);
	must_be(line_of(&event),
		"   0.000  bind(5, 127.0.0.1:0) = 0   the kernel chose 127.0.0.1:41233\n");
	args.name.addr = event.local;
	must_be(line_of(&event), "   0.000  bind(5, 127.0.0.1:41233) = 0\n");
}

/* A failed lookup has the resolver's code and its reason. */
static void test_a_failed_lookup(void **state)
{
	union step_args args = { .resolve = { .node = "no.such\n", .error = -2 } };
	struct event event = io_event(STEP_RESOLVE, &args, -1);

	(void)state;
	event.text = "Name or service not known";
	must_be(line_of(&event), "   0.000  getaddrinfo(\"no.such\\n\", NULL) = EAI_NONAME\n"
				 "          Name or service not known\n");
	/* EAI_SYSTEM: the errno says it. */
	args.resolve.error = -11;
	event.error = EMFILE;
	event.text = NULL;
	must_be(line_of(&event), "   0.000  getaddrinfo(\"no.such\\n\", NULL) = EMFILE\n");
}

static void test_times_and_durations(void **state)
{
	static const struct {
		uint64_t t_us, dur_us;
		const char *want;
	} rows[] = {
		{ 9999, 9, "   9.999  bind(5) = 0\n" },
		{ 10000, 10,
		  "  10.0    bind(5) = 0                                                    0.01 ms\n" },
		{ 9999999, 9994,
		  "9999.9    bind(5) = 0                                                    9.99 ms\n" },
		{ 10000000, 14600,
		  "10000.0   bind(5) = 0                                                      14 ms\n" },
		{ 1234567890, 1500000,
		  "1234567.8 bind(5) = 0                                                      1.5 s\n" },
		{ 12345678901, 61000000,
		  "12345678.9 bind(5) = 0                                                 1 min 1 s\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct event event = io_event(STEP_BIND, NULL, 0);

		event.t_ns = rows[i].t_us * NS_PER_US;
		event.dur_ns = rows[i].dur_us * NS_PER_US;
		event.has_dur = true;
		must_be(line_of(&event), rows[i].want);
	}
}

static void test_states(void **state)
{
	struct event event = io_event(STEP_LISTEN, NULL, 0);

	(void)state;
	event.state_to = TCP_LISTEN;
	must_be(line_of(&event), "   0.000  listen(5) = 0                              → LISTEN\n");
	event.state_to = TCP_CLOSE;
	must_be(line_of(&event), "   0.000  listen(5) = 0\n");
	event.state_from = event.state_to = TCP_LISTEN;
	must_be(line_of(&event), "   0.000  listen(5) = 0\n");
	event.state_from = 99;
	must_be(line_of(&event), "   0.000  listen(5) = 0                              99 → LISTEN\n");
}

static void test_ascii(void **state)
{
	struct capture capture;
	char *text;

	(void)state;
	setenv("LC_ALL", "C", 1);
	capture_open(&capture, &sink_text, 2, 32);
	sample_client(&capture.bus);
	text = capture_close(&capture, NULL);
	for (const char *byte = text; *byte != '\0'; byte++)
		assert_true(*byte == '\n' || (*byte >= ' ' && *byte <= '~'));
	assert_non_null(strstr(text, "SYN_SENT -> ESTABLISHED"));
	assert_non_null(strstr(text, "tcp 127.0.0.1:51834 <-> 127.0.0.1:9000"));
	assert_non_null(strstr(text, "one way ->"));
	free(text);
}

/* Take every SGR sequence out of text. */
static void strip_colors(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0';) {
		size_t len = from[0] == '\033' && from[1] == '[' ? strcspn(from, "m") + 1 : 0;

		if (len > 0)
			from += len;
		else
			*to++ = *from++;
	}
	*to = '\0';
}

/* Colours add nothing but themselves, and errors, states and data have some. */
static void test_colors(void **state)
{
	static void (*const samples[])(struct bus *) = { sample_client, sample_server, sample_hostile };
	struct capture capture;
	char *text, *plain;

	(void)state;
	setenv("LC_ALL", "C.UTF-8", 1);
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		capture_open_colored(&capture, &sink_text, 3, 32);
		samples[i](&capture.bus);
		text = capture_close(&capture, NULL);
		if (i == 0) {
			assert_non_null(strstr(text, ": \033[31mECONNREFUSED\033[0m"));
			assert_non_null(strstr(text, "= EAGAIN\n"));
			assert_non_null(strstr(text, "\033[36mCLOSE → SYN_SENT\033[0m\n"));
			assert_non_null(strstr(text, "\033[32m\"hello\\n\"\033[0m"));
			assert_non_null(strstr(text, "\033[2m  12.4\033[0m    send"));
		}
		strip_colors(text);
		plain = text_of(samples[i], 3, 32);
		assert_string_equal(text, plain);
		free(plain);
		free(text);
	}
}

/* Nothing from outside reaches the output as it is: no controls, no invalid UTF-8, no overrides. */
static void test_hostile_bytes(void **state)
{
	char *text = text_of(sample_hostile, 3, 64);

	(void)state;
	for (const char *byte = text; *byte != '\0'; byte++) {
		assert_true(*byte == '\n' || (unsigned char)*byte >= ' ');
		assert_true(*byte != 0x7f && (unsigned char)*byte != 0xff);
	}
	assert_null(strstr(text, "\xe2\x80\xae"));
	assert_non_null(strstr(text, "sendto(5, \"\\x1b[2J\\\"\\\\\\0\\xff"));
	free(text);
}

/* Offsets run on for each direction, a new connection on the same descriptor begins at 0. */
static void test_hex_dump(void **state)
{
	union step_args args = { .io = { .data = "0123456789abcdefgh", .len = 18 } };
	struct event event = io_event(STEP_SEND, &args, 18);
	struct capture capture;

	(void)state;
	capture_open(&capture, &sink_text, 3, 0);
	event.data = args.io.data;
	bus_emit(&capture.bus, &event);
	event.step = STEP_RECV;
	event.result = 2;
	bus_emit(&capture.bus, &event);
	/* Spliced past the eye: counted, not shown. */
	event.data = NULL;
	bus_emit(&capture.bus, &event);
	event.data = "\xff\x1b";
	bus_emit(&capture.bus, &event);
	event = io_event(STEP_CLOSE, NULL, 0);
	bus_emit(&capture.bus, &event);
	event = io_event(STEP_SEND, &args, 1);
	event.data = args.io.data;
	bus_emit(&capture.bus, &event);
	must_be(capture_close(&capture, NULL),
	"   0.000  send(5, ..., 18) = 18\n"
	"> 00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|\n"
	"> 00000010  67 68                                             |gh|\n"
	"   0.000  recv(5) = 2\n"
	"< 00000000  30 31                                             |01|\n"
	"   0.000  recv(5) = 2\n"
	"   0.000  recv(5) = 2\n"
	"< 00000004  ff 1b                                             |..|\n"
	"   0.000  close(5) = 0\n"
	"   0.000  send(5, ..., 18) = 1   short: 1 of 18 taken\n"
	"> 00000000  30                                                |0|\n");
}

/* The end event of a summary. */
static char *end_of(const struct summary *summary)
{
	struct event event = { .step = STEP_END, .fd = -1, .summary = summary };

	return line_of(&event);
}

/* Sockets of two workers may have one number: each has its own offsets. */
static void test_hex_dump_of_workers(void **state)
{
	union step_args args = { .io = { .data = "01", .len = 2 } };
	struct event event = io_event(STEP_SEND, &args, 2);
	struct capture capture;

	(void)state;
	capture_open(&capture, &sink_text, 3, 0);
	event.data = args.io.data;
	for (uint32_t i = 0; i < 4; i++) {
		event.session = 1 + i % 2;
		bus_emit(&capture.bus, &event);
	}
	must_be(capture_close(&capture, NULL),
	"   0.000  send(5, ..., 2) = 2\n"
	"> 00000000  30 31                                             |01|\n"
	"   0.000  [2] send(5, ..., 2) = 2\n"
	"[2] > 00000000  30 31                                             |01|\n"
	"   0.000  [1] send(5, ..., 2) = 2\n"
	"[1] > 00000002  30 31                                             |01|\n"
	"   0.000  [2] send(5, ..., 2) = 2\n"
	"[2] > 00000002  30 31                                             |01|\n");
}

static void test_summaries(void **state)
{
	struct summary summary = {
		.sent_bytes = 9999,
		.received_bytes = 10240,
		.sends = 2,
		.receives = 1,
		.turns = 2,
		.shape = SHAPE_REQUEST_REPLY,
		.spoke_first = WHO_REMOTE,
		.closed_first = WHO_LOCAL,
		.ended_by = ENDED_IDLE_TIMEOUT,
		.limit = "3 s",
		.duration_ns = 3200 * NS_PER_MS,
	};

	(void)state;
	must_be(end_of(&summary),
	"          idle for 3 s (--idle-timeout)\n"
	"          sent 9999 B, received 10 KiB in 3.2 s; 2 sends, 1 receive;\n"
	"          the peer spoke first; this side closed first;\n"
	"          one request, one reply, then closed (as HTTP does)\n");
	summary = (struct summary){ .shape = SHAPE_CONVERSATION, .turns = 7,
				    .sent_bytes = UINT64_MAX, .received_bytes = 1 << 30 };
	must_be(end_of(&summary),
	"          sent 16.0 EiB, received 1 GiB in 0.00 ms; 0 sends, 0 receives;\n"
	"          a conversation: 7 turns, both sides spoke\n");
	summary = (struct summary){ .shape = SHAPE_ONE_WAY_IN };
	must_be(end_of(&summary),
	"          sent 0 B, received 0 B in 0.00 ms; 0 sends, 0 receives; one way ←\n");
	summary.icmp = (struct icmp_tally){ .count = 1, .type = 3, .code = 1, .sender = *sample_addr("10.0.0.1", 0) };
	must_be(end_of(&summary),
	"          sent 0 B, received 0 B in 0.00 ms; 0 sends, 0 receives;\n"
	"          1 ICMP error: host unreachable from 10.0.0.1; one way ←\n");
	summary.icmp = (struct icmp_tally){ .count = 7, .type = 1, .code = 4, .sender = *sample_addr("::1", 0) };
	must_be(end_of(&summary),
	"          sent 0 B, received 0 B in 0.00 ms; 0 sends, 0 receives;\n"
	"          7 ICMP errors, the last: port unreachable from ::1; one way ←\n");
	summary = (struct summary){ .shape = SHAPE_SILENT };
	must_be(end_of(&summary),
	"          sent 0 B, received 0 B in 0.00 ms; 0 sends, 0 receives; silent\n");
}

/* Every step has a line, with and without its arguments; no line is cut. */
static void test_every_step(void **state)
{
	char *text = text_of(sample_bare, 3, 32);

	(void)state;
	for (int step = 0; step < STEP_COUNT; step++) {
		if (step == STEP_NOTE || step == STEP_END)
			continue;
		assert_non_null(strstr(text, step_name((enum step_id)step)));
	}
	assert_int_equal(text[strlen(text) - 1], '\n');
	free(text);
}

/* A preview as long as the data, however long they are. */
static void test_a_long_preview(void **state)
{
	union step_args args = { .io = { .len = 100000 } };
	struct event event = io_event(STEP_SEND, &args, 100000);
	char *data = malloc(100000), *text;
	struct capture capture;

	(void)state;
	assert_non_null(data);
	memset(data, 0xff, 100000);
	args.io.data = event.data = data;
	capture_open(&capture, &sink_text, 2, 100000);
	bus_emit(&capture.bus, &event);
	text = capture_close(&capture, NULL);
	assert_int_equal(strlen(text), strlen("   0.000  send(5, \"\") = 100000\n") + 400000);
	free(text);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_client_at_level_1),
		cmocka_unit_test(test_a_client_at_level_2),
		cmocka_unit_test(test_a_server_with_two_clients),
		cmocka_unit_test(test_previews),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_info),
		cmocka_unit_test(test_accept_queue),
		cmocka_unit_test(test_buffer),
		cmocka_unit_test(test_http),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_packets),
		cmocka_unit_test(test_sight),
		cmocka_unit_test(test_receiving_nothing),
		cmocka_unit_test(test_a_port_that_was_chosen),
		cmocka_unit_test(test_a_failed_lookup),
		cmocka_unit_test(test_times_and_durations),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_ascii),
		cmocka_unit_test(test_colors),
		cmocka_unit_test(test_hostile_bytes),
		cmocka_unit_test(test_hex_dump),
		cmocka_unit_test(test_hex_dump_of_workers),
		cmocka_unit_test(test_summaries),
		cmocka_unit_test(test_every_step),
		cmocka_unit_test(test_a_long_preview),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
