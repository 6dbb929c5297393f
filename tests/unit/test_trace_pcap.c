/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets made of events: their bytes and checksums, the blocks of the file, what each event of a connection is. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/util.h"
#include "trace/connections.h"
#include "trace/packet_make.h"
#include "trace/packet_parse.h"
#include "trace/pcapng.h"

static struct addr address(const char *text, uint16_t port)
{
	struct addr addr = { .len = 0 };

	assert_int_equal(addr_parse_ip(&addr, text, port), 0);
	return addr;
}

/* ---- Bytes --------------------------------------------------------------------------------------------------- */

static void test_sums(void **state)
{
	/* The example of RFC 1071, section 3. */
	static const uint8_t example[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };
	static uint8_t ones[200001];

	(void)state;
	assert_int_equal(packet_sum(0, example, sizeof(example)), 0xddf2);
	/* In pieces of an even length it is the same; an odd byte at the end counts as the upper half. */
	assert_int_equal(packet_sum(packet_sum(0, example, 2), example + 2, 6), 0xddf2);
	assert_int_equal(packet_sum(0, example, 3), 0x0001 + 0xf200);
	memset(ones, 0xff, sizeof(ones));
	assert_int_equal(packet_sum(0, ones, sizeof(ones) - 1), 0xffff);
	assert_int_equal(packet_sum(0, ones, sizeof(ones)), 0xff00);
	assert_int_equal(packet_sum(7, NULL, 0), 7);
}

/* Is the checksum of what is made right, as a receiver finds it: is the sum of all of it 0xffff? */
static void check_sums(const uint8_t *bytes, size_t len, bool is_v6)
{
	size_t ip = is_v6 ? 40 : 20, hosts = is_v6 ? 32 : 8;
	uint8_t protocol = bytes[is_v6 ? 6 : 9];

	if (!is_v6)
		assert_int_equal(packet_sum(0, bytes, ip), 0xffff);
	assert_int_equal(packet_sum(packet_sum(protocol + (uint32_t)(len - ip), bytes + ip - hosts, hosts), bytes + ip,
				    len - ip),
			 0xffff);
}

static void test_packets_have_right_checksums(void **state)
{
	static const char data[] = "hello, odd";
	static const struct {
		const char *from, *to;
		uint8_t protocol, flags;
		size_t len, head;
	} rows[] = {
		{ "192.0.2.1", "127.0.0.1", IPPROTO_TCP, TH_SYN, 0, 48 },
		{ "192.0.2.1", "127.0.0.1", IPPROTO_TCP, TH_ACK, 9, 40 },
		{ "::1", "2001:db8::1", IPPROTO_TCP, TH_SYN | TH_ACK, 0, 68 },
		{ "::1", "2001:db8::1", IPPROTO_TCP, TH_PUSH, 10, 60 },
		{ "192.0.2.1", "127.0.0.1", IPPROTO_UDP, 0, 7, 28 },
		{ "::1", "2001:db8::1", IPPROTO_UDP, 0, 0, 48 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct addr from = address(rows[i].from, 40000), to = address(rows[i].to, 80);
		bool is_v6 = strchr(rows[i].from, ':') != NULL;
		struct packet packet = {
			.family = is_v6 ? AF_INET6 : AF_INET,
			.protocol = rows[i].protocol,
			.flags = rows[i].flags,
			.seq = 0xfffffff0,
			.ack = 77,
			.window = 65535,
			.mss = 1460,
			.wscale = 7,
			.length = (uint32_t)rows[i].len,
		};
		uint8_t bytes[PACKET_HEAD_MAX + sizeof(data)];
		size_t len = packet_make(&packet, &from, &to, data, rows[i].len, bytes);

		assert_int_equal(len, rows[i].head);
		memcpy(bytes + len, data, rows[i].len);
		check_sums(bytes, len + rows[i].len, is_v6);
	}
}

/* Without all of the payload there is no checksum, but the lengths are those of the whole. */
static void test_a_packet_that_is_not_at_hand(void **state)
{
	struct addr from = address("192.0.2.1", 1), to = address("192.0.2.2", 2);
	struct packet packet = { .family = AF_INET, .protocol = IPPROTO_UDP, .length = 1000 };
	uint8_t bytes[PACKET_HEAD_MAX];

	(void)state;
	assert_int_equal(packet_make(&packet, &from, &to, "abc", 3, bytes), 28);
	assert_int_equal(bytes[2] << 8 | bytes[3], 1028);
	assert_int_equal(bytes[24] << 8 | bytes[25], 1008);
	assert_int_equal(bytes[26] << 8 | bytes[27], 0);
}

static uint32_t word(const struct buf *buf, size_t at)
{
	uint32_t value;

	assert_true(at + sizeof(value) <= buf->len);
	memcpy(&value, buf_peek(buf) + at, sizeof(value));
	return value;
}

static void test_blocks(void **state)
{
	struct buf buf = { .data = NULL };
	const struct pcapng_packet packet = {
		.interface = 1,
		.t_ns = 0x123456789abcdef0,
		.direction = PCAPNG_OUT,
		.head = "abc",
		.head_len = 3,
		.data = "defgh",
		.data_len = 2,
		.original = 9,
		.comment = "why",
	};
	size_t at = 0;
	int count = 0;

	(void)state;
	pcapng_packet(&buf, &packet);
	assert_int_equal(word(&buf, 0), 6);
	assert_int_equal(word(&buf, 4), buf.len);
	assert_int_equal(word(&buf, buf.len - 4), buf.len);
	assert_int_equal(word(&buf, 8), 1);
	assert_int_equal(word(&buf, 12), 0x12345678);
	assert_int_equal(word(&buf, 16), 0x9abcdef0);
	assert_int_equal(word(&buf, 20), 5);
	assert_int_equal(word(&buf, 24), 9);
	assert_memory_equal(buf_peek(&buf) + 28, "abcde\0\0\0\1\0\3\0why\0\2\0\4\0\2\0\0\0\0\0\0\0", 28);
	assert_int_equal(buf.len, 28 + 28 + 4);
	buf_consume(&buf, buf.len);
	/* Every block says how long it is, and the next begins on 32 bits. */
	pcapng_section(&buf, "sockt 0", "Linux", "a comment that is odd");
	pcapng_interface(&buf, "x", NULL);
	pcapng_packet(&buf, &packet);
	pcapng_statistics(&buf, 0, 1, 2, "lost");
	assert_int_equal(word(&buf, 8), 0x1a2b3c4d);
	while (at < buf.len) {
		size_t len = pcapng_block_len(buf_peek(&buf) + at, buf.len - at);

		assert_int_equal(len % 4, 0);
		assert_int_equal(word(&buf, at + len - 4), len);
		at += len;
		count++;
	}
	assert_int_equal(at, buf.len);
	assert_int_equal(count, 4);
	assert_int_equal(pcapng_block_len(buf_peek(&buf), 7), 0);
	buf_clear(&buf);
}

/* ---- Connections --------------------------------------------------------------------------------------------- */

#define SEEN_MAX 64

/* What connections_event() has handed on. */
struct seen {
	struct connections *all;
	uint64_t seq;
	size_t count;
	struct {
		bool is_out;
		uint8_t flags, protocol;
		uint32_t seq, ack, length;
		size_t data_len;
		struct addr from, to;
		char comment[200];
	} packets[SEEN_MAX];
	struct buf data[2]; /* payloads of TCP that came and left */
};

static void on_packet(void *ctx, const struct connections_packet *made)
{
	struct seen *seen = ctx;
	size_t at = seen->count % SEEN_MAX;

	seen->packets[at].is_out = made->packet.is_out;
	seen->packets[at].flags = made->packet.flags;
	seen->packets[at].protocol = made->packet.protocol;
	seen->packets[at].seq = made->packet.seq;
	seen->packets[at].ack = made->packet.ack;
	seen->packets[at].length = made->packet.length;
	seen->packets[at].data_len = made->data_len;
	if (!made->is_real) {
		seen->packets[at].from = *made->from;
		seen->packets[at].to = *made->to;
	}
	snprintf(seen->packets[at].comment, sizeof(seen->packets[at].comment), "%s", made->comment);
	if (made->packet.protocol == IPPROTO_TCP && made->data_len > 0)
		buf_append(&seen->data[made->packet.is_out], made->data, made->data_len);
	seen->count++;
}

static void seen_open(struct seen *seen, bool has_packets)
{
	memset(seen, 0, sizeof(*seen));
	seen->all = connections_new(has_packets, false, on_packet, seen);
}

static void seen_close(struct seen *seen)
{
	connections_free(seen->all);
	buf_clear(&seen->data[0]);
	buf_clear(&seen->data[1]);
}

static void feed(struct seen *seen, const struct event *event)
{
	connections_event(seen->all, ++seen->seq, event);
}

/* An event on the client's descriptor 5 of session 1. */
static struct event of_client(enum step_id step, int64_t result, int error)
{
	return (struct event){
		.step = step,
		.session = 1,
		.side = SIDE_CLIENT,
		.fd = 5,
		.protocol = PROTOCOL_TCP,
		.has_result = true,
		.result = error != 0 ? -1 : result,
		.error = error,
	};
}

static const struct addr *local_of(const char *text)
{
	static struct addr addr;

	addr = address(text, 4000);
	return &addr;
}

/* socket() and connect(), which has not been answered yet. */
static void feed_connect(struct seen *seen)
{
	struct event event = of_client(STEP_SOCKET, 5, 0);
	struct addr remote = address("127.0.0.1", 80);
	union step_args args = { .name = { .addr = &remote } };

	event.fd = -1;
	feed(seen, &event);
	event = of_client(STEP_CONNECT, 0, EINPROGRESS);
	event.args = &args;
	event.remote = &remote;
	feed(seen, &event);
}

static void feed_connected(struct seen *seen, int error)
{
	struct event event = of_client(STEP_CONNECTED, 0, error);

	event.local = error == 0 ? local_of("127.0.0.1") : NULL;
	feed(seen, &event);
}

static void feed_io(struct seen *seen, enum step_id step, const void *data, size_t len)
{
	struct event event = of_client(step, (int64_t)len, 0);
	union step_args args = { .io = { .data = data, .len = len } };

	event.args = &args;
	event.data = len > 0 ? data : NULL;
	feed(seen, &event);
}

static void feed_call(struct seen *seen, enum step_id step, int error)
{
	struct event event = of_client(step, 0, error);
	union step_args args = { .shutdown = { .how = SHUT_WR } };

	event.args = step == STEP_SHUTDOWN ? &args : NULL;
	event.state_from = TCP_ESTABLISHED;
	feed(seen, &event);
}

/* ">S <SA >A ...": which way, and the flags. */
static const char *story(const struct seen *seen, char *dst, size_t size)
{
	struct text text;

	text_init(&text, dst, size);
	for (size_t i = 0; i < seen->count; i++) {
		uint8_t flags = seen->packets[i].flags;

		text_addf(&text, "%s%s%s%s%s%s%s", i == 0 ? "" : " ", seen->packets[i].is_out ? ">" : "<",
			  (flags & TH_SYN) != 0 ? "S" : "", (flags & TH_FIN) != 0 ? "F" : "",
			  (flags & TH_RST) != 0 ? "R" : "", (flags & TH_PUSH) != 0 ? "P" : "",
			  (flags & TH_ACK) != 0 ? "A" : "");
	}
	return dst;
}

static void expect_story(const struct seen *seen, const char *want)
{
	char words[512];

	assert_string_equal(story(seen, words, sizeof(words)), want);
}

static void test_a_conversation(void **state)
{
	struct seen seen;
	uint32_t first;

	(void)state;
	seen_open(&seen, false);
	feed_connect(&seen);
	/* Which local port it has is not known before the answer. */
	assert_int_equal(seen.count, 0);
	feed_connected(&seen, 0);
	feed_io(&seen, STEP_SEND, "question", 8);
	feed_io(&seen, STEP_RECV, "answer", 6);
	feed_call(&seen, STEP_SHUTDOWN, 0);
	feed_io(&seen, STEP_RECV, NULL, 0);
	feed_call(&seen, STEP_CLOSE, 0);
	expect_story(&seen, ">S <SA >A >PA <A <PA >A >FA <A <FA >A");
	first = seen.packets[0].seq;
	assert_int_equal(seen.packets[3].seq, first + 1);
	assert_int_equal(seen.packets[4].ack, first + 9);
	assert_int_equal(seen.packets[8].ack, first + 10);
	assert_int_equal(seen.packets[10].ack, seen.packets[1].seq + 8);
	assert_int_equal(addr_port(&seen.packets[0].from), 4000);
	assert_int_equal(addr_port(&seen.packets[1].from), 80);
	assert_string_equal(seen.packets[0].comment, "session 1: connect(5, 127.0.0.1:80) = EINPROGRESS, event 2");
	assert_string_equal(seen.packets[3].comment, "session 1: send(5, 8 bytes) = 8, event 4");
	assert_string_equal(seen.packets[4].comment, seen.packets[3].comment);
	seen_close(&seen);
}

static void test_handshakes_that_fail(void **state)
{
	static const struct {
		int error;
		const char *story;
	} rows[] = {
		{ ECONNREFUSED, ">S <RA" },
		{ ETIMEDOUT, ">S" },
		{ EHOSTUNREACH, ">S" },
	};
	struct seen seen;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		seen_open(&seen, false);
		feed_connect(&seen);
		feed_connected(&seen, rows[i].error);
		feed_call(&seen, STEP_CLOSE, 0);
		expect_story(&seen, rows[i].story);
		seen_close(&seen);
	}
	/* Given up before there was an answer. */
	seen_open(&seen, false);
	feed_connect(&seen);
	feed_call(&seen, STEP_CLOSE, 0);
	expect_story(&seen, ">S");
	seen_close(&seen);
}

/* How close() ends what has not ended. */
static void test_ends(void **state)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };
	union step_args args = {
		.sockopt = { .level = SOL_SOCKET, .optname = SO_LINGER, .optval = &now, .optlen = sizeof(now) }
	};
	const struct summary summary = { .tcp = { .has_queues = true, .unread = 3 } };
	struct event event;
	struct seen seen;

	(void)state;
	seen_open(&seen, false);
	feed_connect(&seen);
	feed_connected(&seen, 0);
	feed_call(&seen, STEP_CLOSE, 0);
	expect_story(&seen, ">S <SA >A >FA <A");
	seen_close(&seen);

	seen_open(&seen, false);
	feed_connect(&seen);
	event = of_client(STEP_SETSOCKOPT, 0, 0);
	event.args = &args;
	feed(&seen, &event);
	feed_connected(&seen, 0);
	feed_call(&seen, STEP_CLOSE, 0);
	expect_story(&seen, ">S <SA >A >RA");
	seen_close(&seen);

	seen_open(&seen, false);
	feed_connect(&seen);
	feed_connected(&seen, 0);
	event = of_client(STEP_END, 0, 0);
	event.summary = &summary;
	feed(&seen, &event);
	feed_call(&seen, STEP_CLOSE, 0);
	expect_story(&seen, ">S <SA >A >RA");
	seen_close(&seen);

	/* A reset is of the peer, and nothing comes after it. */
	seen_open(&seen, false);
	feed_connect(&seen);
	feed_connected(&seen, 0);
	feed_call(&seen, STEP_RECV, ECONNRESET);
	feed_call(&seen, STEP_SEND, EPIPE);
	feed_call(&seen, STEP_CLOSE, 0);
	expect_story(&seen, ">S <SA >A <RA");
	seen_close(&seen);
}

/* An option of the listening socket is one of whoever it accepts, each time. */
static void test_accepted_sockets_inherit(void **state)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };
	union step_args args = {
		.sockopt = { .level = SOL_SOCKET, .optname = SO_LINGER, .optval = &now, .optlen = sizeof(now) }
	};
	struct addr local = address("127.0.0.1", 80), remote = address("127.0.0.1", 4000);
	struct event event = of_client(STEP_SOCKET, 3, 0);
	struct seen seen;

	(void)state;
	seen_open(&seen, false);
	event.session = 0;
	feed(&seen, &event);
	event.step = STEP_SETSOCKOPT;
	event.fd = 3;
	event.args = &args;
	feed(&seen, &event);
	for (uint32_t session = 1; session <= 2; session++) {
		event = of_client(STEP_ACCEPT, 6 + session, 0);
		event.side = SIDE_SERVER;
		event.session = session;
		event.fd = 3;
		event.local = &local;
		event.remote = &remote;
		feed(&seen, &event);
		event.step = STEP_CLOSE;
		event.fd = 6 + (int)session;
		feed(&seen, &event);
	}
	expect_story(&seen, "<S >SA <A >RA <S >SA <A >RA");
	seen_close(&seen);
}

/* More than one packet holds, until the numbers begin anew. */
static void test_segments_and_numbers(void **state)
{
	const size_t len = (size_t)3 << 20, rounds = 1400; /* more than 4 GiB */
	uint8_t *data = malloc(len);
	struct seen seen;
	uint32_t first;

	(void)state;
	assert_non_null(data);
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(i * 7 + i / 1000);
	seen_open(&seen, false);
	feed_connect(&seen);
	feed_connected(&seen, 0);
	first = seen.packets[0].seq;
	feed_io(&seen, STEP_SEND, data, len);
	assert_int_equal(seen.data[1].len, len);
	assert_memory_equal(buf_peek(&seen.data[1]), data, len);
	/* 49 segments, of which the last is pushed, and their acknowledgement. */
	assert_int_equal(seen.count, 3 + (len + PACKET_TCP_MAX - 1) / PACKET_TCP_MAX + 1);
	assert_int_equal(seen.packets[seen.count - 1].ack, first + 1 + (uint32_t)len);
	assert_int_equal(seen.packets[seen.count - 2].flags, TH_ACK | TH_PUSH);
	assert_int_equal(seen.packets[seen.count - 3].flags, TH_ACK);
	for (size_t i = 1; i < rounds; i++) {
		buf_clear(&seen.data[1]);
		seen.count = 0;
		feed_io(&seen, STEP_SEND, data, len);
	}
	assert_int_equal(seen.packets[seen.count - 1].ack, (uint32_t)(first + 1 + (uint64_t)len * rounds));
	seen_close(&seen);
	free(data);
}

static void test_a_socket_that_came_connected(void **state)
{
	struct seen seen;

	(void)state;
	seen_open(&seen, false);
	feed_io(&seen, STEP_SEND, "abc", 3);
	expect_story(&seen, ">S <SA >A >PA <A");
	assert_string_equal(seen.packets[0].comment,
			    "this handshake was not seen, it was before: session 1: send(5, 3 bytes) = 3, event 1; "
			    "a socket of kind tcp, carried as TCP between made-up addresses");
	seen_close(&seen);
}

/* A run of datagrams is several; an address that stands for all is the one that was used, where that is known. */
static void test_datagrams(void **state)
{
	struct addr any = address("0.0.0.0", 53), ours = address("192.0.2.7", 53), theirs = address("192.0.2.9", 99);
	struct iovec parts[] = { { (void *)"abcd", 4 }, { (void *)"efg", 3 } };
	struct message message = { .parts = parts, .part_count = 2, .len = 7, .segment = 3, .addr = &theirs,
				   .local = &ours };
	union step_args args = { .messages = { .list = &message, .count = 1 } };
	struct event event = of_client(STEP_BIND, 0, 0);
	struct seen seen;

	(void)state;
	seen_open(&seen, false);
	event.protocol = PROTOCOL_UDP;
	event.step = STEP_SOCKET;
	event.result = 5;
	feed(&seen, &event);
	event.step = STEP_BIND;
	event.local = &any;
	feed(&seen, &event);
	event.step = STEP_SENDMSG;
	event.local = NULL;
	event.args = &args;
	event.result = 7;
	feed(&seen, &event);
	assert_int_equal(seen.count, 3);
	assert_int_equal(seen.packets[0].length, 3);
	assert_int_equal(seen.packets[2].length, 1);
	assert_true(addr_equal(&seen.packets[0].from, &ours));
	assert_true(addr_equal(&seen.packets[0].to, &theirs));
	/* Nobody says which of ours it was. */
	message.local = NULL;
	message.segment = 0;
	theirs = address("127.0.0.1", 99);
	feed(&seen, &event);
	ours = address("127.0.0.1", 53);
	assert_int_equal(seen.packets[3].length, 7);
	assert_int_equal(seen.packets[3].data_len, 7);
	assert_true(addr_equal(&seen.packets[3].from, &ours));
	seen_close(&seen);
}

/* Where packets are seen none are made up. */
static void test_none_is_made_up_beside_real_ones(void **state)
{
	static const uint8_t bytes[40] = { 0x45 };
	union step_args args = {
		.packet = { .family = AF_INET, .protocol = IPPROTO_TCP, .bytes = bytes, .captured = sizeof(bytes) }
	};
	struct event event;
	struct seen seen;

	(void)state;
	seen_open(&seen, true);
	feed_connect(&seen);
	feed_connected(&seen, 0);
	feed_io(&seen, STEP_SEND, "abc", 3);
	assert_int_equal(seen.count, 0);
	event = of_client(STEP_PACKET, 0, 0);
	event.args = &args;
	feed(&seen, &event);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.packets[0].comment, "session 1: after send(5, 3 bytes) = 3, event 4");
	event.fd = -1;
	feed(&seen, &event);
	assert_string_equal(seen.packets[1].comment, "session 1: after close()");
	/* One whose bytes are not at hand. */
	args.packet.bytes = NULL;
	feed(&seen, &event);
	assert_int_equal(seen.count, 2);
	seen_close(&seen);
	/* The SYN that the kernel has kept is none of a file that is made up. */
	args.packet.bytes = bytes;
	seen_open(&seen, false);
	feed(&seen, &event);
	assert_int_equal(seen.count, 0);
	seen_close(&seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_packets_have_right_checksums),
		cmocka_unit_test(test_a_packet_that_is_not_at_hand),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_a_conversation),
		cmocka_unit_test(test_handshakes_that_fail),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_accepted_sockets_inherit),
		cmocka_unit_test(test_segments_and_numbers),
		cmocka_unit_test(test_a_socket_that_came_connected),
		cmocka_unit_test(test_datagrams),
		cmocka_unit_test(test_none_is_made_up_beside_real_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
