/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose packets are ours, what their numbers mean, and what the kernel is asked to let pass. */
#include "step/packet_table.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/util.h"
#include "check.h"
#include "step/packet_filter.h"

#define OUT true
#define IN false

static struct addr addr_of(const char *ip, uint16_t port)
{
	struct addr addr;

	assert_int_equal(addr_parse_ip(&addr, ip, port), 0);
	return addr;
}

static struct packet_key key_of(const char *local, uint16_t local_port, const char *remote, uint16_t remote_port)
{
	struct addr ours = addr_of(local, local_port), theirs = addr_of(remote, remote_port);
	struct packet_key key;

	assert_true(packet_key_make(&key, IPPROTO_TCP, &ours, &theirs));
	return key;
}

static struct packet_conn *know(struct packet_table *table, const char *local, const char *remote, uint16_t port,
				int fd)
{
	struct packet_key key = key_of(local, 9000, remote, port);
	struct addr ours = addr_of(local, 9000);

	return packet_table_know(table, &key, &ours, 7, SIDE_SERVER, fd);
}

/* Addresses as a dual-stack socket has them are those on the wire, and are shown as the socket has them. */
static void test_mapped_addresses(void **state)
{
	struct packet_table *table = packet_table_new(1);
	struct packet_conn *conn = know(table, "::ffff:127.0.0.1", "::ffff:127.0.0.2", 5, 8);
	struct packet_key key = key_of("127.0.0.1", 9000, "127.0.0.2", 5);
	struct addr local, remote;
	char words[ADDR_TEXT_MAX];

	(void)state;
	assert_ptr_equal(packet_table_find(table, &key, 0), conn);
	packet_conn_addrs(conn, &local, &remote);
	assert_string_equal(addr_format(&remote, words, sizeof(words)), "[::ffff:127.0.0.2]:5");
	key = key_of("127.0.0.1", 9000, "127.0.0.2", 6);
	assert_null(packet_table_find(table, &key, 0));
	key = key_of("127.0.0.3", 9000, "127.0.0.2", 5);
	assert_null(packet_table_find(table, &key, 0));
	packet_table_free(table);
}

static void test_listeners(void **state)
{
	static const struct {
		const char *bound, *to;
		uint16_t port;
		bool want;
	} rows[] = {
		{ "127.0.0.1", "127.0.0.1", 9000, true }, { "127.0.0.1", "127.0.0.2", 9000, false },
		{ "127.0.0.1", "127.0.0.1", 9001, false }, { "0.0.0.0", "10.0.0.1", 9000, true },
		{ "0.0.0.0", "::1", 9000, false }, { "::", "10.0.0.1", 9000, true }, { "::", "fe80::1", 9000, true },
		{ "::1", "::1", 9000, true }, { "::1", "127.0.0.1", 9000, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct packet_table *table = packet_table_new(1);
		struct addr bound = addr_of(rows[i].bound, 9000), to = addr_of(rows[i].to, rows[i].port);

		packet_table_listen(table, IPPROTO_TCP, &bound, 3);
		CHECK_INT(rows[i].bound, packet_table_listener(table, IPPROTO_TCP, &to) != NULL, rows[i].want);
		assert_null(packet_table_listener(table, IPPROTO_UDP, &to));
		packet_table_close(table, 3, 0);
		assert_null(packet_table_listener(table, IPPROTO_TCP, &to));
		packet_table_free(table);
	}
}

/* One that a listener has met becomes that of the session that accepts it; a peer is known by its address alone. */
static void test_meeting(void **state)
{
	struct packet_table *table = packet_table_new(1);
	struct packet_key key = key_of("127.0.0.1", 9000, "127.0.0.2", 5);
	struct addr any = addr_of("::", 9000);
	struct packet_conn *conn = packet_table_meet(table, &key, &any);

	(void)state;
	assert_false(conn->is_known);
	assert_ptr_equal(know(table, "::ffff:127.0.0.1", "::ffff:127.0.0.2", 5, 8), conn);
	assert_true(conn->is_known && conn->session == 7 && conn->is_mapped);
	key = key_of("127.0.0.1", 9000, "127.0.0.2", 6);
	conn = packet_table_meet(table, &key, &any);
	assert_ptr_equal(know(table, "::", "127.0.0.2", 6, 9), conn);
	packet_table_free(table);
}

/* What is closed is remembered for a while, what is done for less, and never more than a number of them. */
static void test_rest(void **state)
{
	struct packet_table *table = packet_table_new(1);
	struct packet_key key = key_of("127.0.0.1", 9000, "127.0.0.2", 5);
	struct packet_conn *conn = know(table, "127.0.0.1", "127.0.0.2", 5, 8);
	struct addr any = addr_of("0.0.0.0", 9000);

	(void)state;
	packet_table_close(table, 8, NS_PER_S);
	assert_true(conn->is_closed);
	assert_non_null(packet_table_find(table, &key, 100 * NS_PER_S));
	assert_null(packet_table_find(table, &key, 300 * NS_PER_S));
	conn = know(table, "127.0.0.1", "127.0.0.2", 5, 8);
	packet_table_close(table, 8, NS_PER_S);
	conn->was_reset = true;
	assert_null(packet_table_find(table, &key, 4 * NS_PER_S));

	know(table, "127.0.0.1", "127.0.0.9", 1, 8);
	for (int i = 0; i < PACKET_RESTING_MAX + 10; i++) {
		key = key_of("127.0.0.1", 9000, i < 5000 ? "127.0.0.2" : "127.0.0.3", (uint16_t)(i + 1));
		packet_table_meet(table, &key, &any);
	}
	key = key_of("127.0.0.1", 9000, "127.0.0.2", 10);
	assert_null(packet_table_find(table, &key, 0));
	key = key_of("127.0.0.1", 9000, "127.0.0.2", 11);
	assert_non_null(packet_table_find(table, &key, 0));
	/* That does not touch those that are open. */
	key = key_of("127.0.0.1", 9000, "127.0.0.9", 1);
	assert_non_null(packet_table_find(table, &key, 0));
	packet_table_free(table);
}

/* A segment: its numbers, relative, must be as wanted. */
static void segment(struct packet_conn *conn, bool is_out, int flags, uint32_t seq, uint32_t ack, uint32_t window,
		    uint32_t length, int wscale, uint32_t want_seq, uint32_t want_ack, uint32_t want_window)
{
	struct packet packet = {
		.is_out = is_out, .protocol = IPPROTO_TCP, .flags = (uint8_t)flags, .seq = seq, .ack = ack,
		.window = window, .length = length, .wscale = (int8_t)wscale,
	};

	packet_conn_number(conn, &packet);
	assert_int_equal(packet.seq, want_seq);
	if ((flags & TH_ACK) != 0)
		assert_int_equal(packet.ack, want_ack);
	assert_int_equal(packet.window, want_window);
}

/* A connection from its SYN to the last acknowledgement, its numbers across 2^32. */
static void test_numbers(void **state)
{
	struct packet_table *table = packet_table_new(1);
	struct packet_conn *conn = know(table, "127.0.0.1", "127.0.0.2", 5, 8);

	(void)state;
	segment(conn, OUT, TH_SYN, 0xfffffff0, 0, 65495, 0, 10, 0, 0, 65495);
	segment(conn, IN, TH_SYN | TH_ACK, 500, 0xfffffff1, 65483, 0, 7, 0, 1, 65483);
	segment(conn, OUT, TH_ACK, 0xfffffff1, 501, 64, 0, -1, 1, 1, 65536);
	segment(conn, OUT, TH_ACK | TH_PUSH, 0xfffffff1, 501, 64, 100, -1, 1, 1, 65536);
	segment(conn, IN, TH_ACK, 501, 0x55, 512, 0, -1, 1, 101, 65536);
	packet_table_close(table, 8, 0);
	assert_int_equal(packet_table_unfinished(table), 1);
	segment(conn, OUT, TH_ACK | TH_FIN, 0x55, 501, 64, 0, -1, 101, 1, 65536);
	segment(conn, IN, TH_ACK, 501, 0x55, 512, 0, -1, 1, 101, 65536);
	assert_int_equal(packet_table_unfinished(table), 1);
	segment(conn, IN, TH_ACK | TH_FIN, 501, 0x56, 512, 0, -1, 1, 102, 65536);
	assert_int_equal(packet_table_unfinished(table), 1);
	segment(conn, OUT, TH_ACK, 0x56, 502, 64, 0, -1, 102, 2, 65536);
	assert_int_equal(packet_table_unfinished(table), 0);
	packet_table_free(table);
}

/*
 * Segments of one direction, each with whether it is sent again: `S` a SYN, `F` a FIN behind 100 bytes, `N-M` bytes N
 * to M of the data, `aN` an acknowledgement of the other side. Returns those that are, as written.
 */
static const char *sent_again(const char *script, char *dst, size_t size)
{
	struct packet_table *table = packet_table_new(1);
	struct packet_conn *conn = know(table, "127.0.0.1", "127.0.0.2", 5, 8);
	struct text text;

	text_init(&text, dst, size);
	while (*script != '\0') {
		struct packet packet = { .is_out = true, .protocol = IPPROTO_TCP, .flags = TH_ACK, .wscale = -1 };
		size_t len = strcspn(script, " ");
		unsigned from = 0, to = 0;

		/* The numbers go round within it. */
		if (*script == 'S') {
			packet.flags = TH_SYN;
			packet.seq = 0xffffffe0;
		} else if (*script == 'F') {
			packet.flags = TH_FIN | TH_ACK;
			packet.seq = 0xffffffe1 + 100;
		} else if (sscanf(script, "a%u", &to) == 1) {
			packet.is_out = false;
			packet.ack = 0xffffffe1 + to;
		} else {
			assert_int_equal(sscanf(script, "%u-%u", &from, &to), 2);
			packet.seq = 0xffffffe1 + from;
			packet.length = to - from;
		}
		packet_conn_number(conn, &packet);
		if (packet.is_again)
			text_addf(&text, "%.*s ", (int)len, script);
		script += len;
		script += strspn(script, " ");
	}
	packet_table_free(table);
	return dst;
}

/* Both ends are ours: the accepted one goes on where the client has counted to, and each hears of the other's end. */
static void test_both_ends(void **state)
{
	static const struct packet shake[] = {
		{ .protocol = IPPROTO_TCP, .flags = TH_SYN, .seq = 1000, .wscale = 3, .is_out = OUT },
		{ .protocol = IPPROTO_TCP, .flags = TH_SYN | TH_ACK, .seq = 5000, .ack = 1001, .wscale = 2 },
	};
	struct packet answer = { .protocol = IPPROTO_TCP, .flags = TH_ACK | TH_FIN, .seq = 5001, .ack = 1001,
				 .length = 5, .window = 100, .wscale = -1, .is_out = OUT };
	struct packet end = { .protocol = IPPROTO_TCP, .flags = TH_ACK | TH_FIN, .seq = 1001, .ack = 5007,
			      .window = 100, .wscale = -1, .is_out = OUT };
	struct packet last = { .protocol = IPPROTO_TCP, .flags = TH_ACK, .seq = 5007, .ack = 1002, .wscale = -1,
			       .is_out = OUT };
	struct packet_table *table = packet_table_new(1);
	struct packet_key key = key_of("127.0.0.1", 40001, "127.0.0.1", 9000);
	struct addr from = addr_of("127.0.0.1", 40001);
	struct packet_conn *client = packet_table_know(table, &key, &from, 1, SIDE_CLIENT, 4), *server;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shake); i++) {
		struct packet packet = shake[i];

		packet_conn_number(client, &packet);
	}
	server = know(table, "127.0.0.1", "127.0.0.1", 40001, 5);
	assert_ptr_equal(server->mirror, client);
	packet_conn_reflect(server, &answer);
	packet_conn_number(server, &answer);
	assert_int_equal(answer.seq, 1);
	assert_int_equal(answer.ack, 1);
	assert_int_equal(answer.window, 400);
	packet_table_close(table, 5, 1);
	packet_table_close(table, 4, 1);
	assert_int_equal(packet_table_unfinished(table), 2);
	packet_conn_reflect(client, &end);
	packet_conn_number(client, &end);
	assert_int_equal(end.ack, 7);
	packet_conn_reflect(server, &last);
	packet_conn_number(server, &last);
	assert_int_equal(packet_table_unfinished(table), 0);
	packet_table_forget(table, client);
	assert_null(server->mirror);
	/* A connect() from the same port has nothing of the one before. */
	client = packet_table_know(table, &key, &from, 3, SIDE_CLIENT, 4);
	assert_null(client->mirror);
	assert_false(client->out.has_base);
	packet_table_free(table);
}

static void test_what_is_sent_again(void **state)
{
	static const struct {
		const char *name, *script, *again;
	} rows[] = {
		{ "nothing", "S 0-10 10-50 50-100 F", "" },
		{ "acknowledgements alone are not", "S 0-10 10-10 10-10", "" },
		{ "a SYN", "S S S 0-10", "S S " },
		{ "data, and the end", "S 0-10 0-10 10-100 F F", "0-10 F " },
		{ "cut, or joined otherwise", "S 0-10 10-50 0-5 5-50 0-50", "0-5 5-50 0-50 " },
		{ "with something new behind it", "S 0-10 0-20 5-20", "5-20 " },
		{ "one that comes late is new", "S 0-10 20-30 10-20 10-20", "10-20 " },
		{ "in two pieces", "S 0-10 40-50 10-20 30-40 20-30 10-40", "10-40 " },
		{ "where too many are missed nobody knows", "S 1-2 3-4 5-6 7-8 9-10 11-12 11-12 0-1 0-1", "" },
		{ "until it is acknowledged", "S 1-2 3-4 5-6 7-8 9-10 11-12 a12 11-12 12-13 12-13", "11-12 12-13 " },
		{ "a hole that is filled in its middle", "S 0-10 40-50 20-30 30-40 10-20 10-20", "" },
		{ "the middle of a connection", "20-30 30-40 30-40", "30-40 " },
	};
	char again[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STRING(rows[i].name, sent_again(rows[i].script, again, sizeof(again)), rows[i].again);
}

/* Where the beginning was not seen, numbers count from the first that is, and windows are as they stand there. */
static void test_numbers_from_the_middle(void **state)
{
	struct packet_table *table = packet_table_new(1);
	struct packet_conn *conn = know(table, "127.0.0.1", "127.0.0.2", 5, 8);

	(void)state;
	segment(conn, OUT, TH_ACK, 1000, 2000, 64, 10, -1, 0, 0, 64);
	segment(conn, IN, TH_ACK, 2000, 1010, 64, 5, -1, 0, 10, 64);
	packet_table_free(table);
	/* A peer without the option: nothing is scaled. */
	table = packet_table_new(1);
	conn = know(table, "127.0.0.1", "127.0.0.2", 5, 8);
	segment(conn, OUT, TH_SYN, 0, 0, 100, 0, 10, 0, 0, 100);
	segment(conn, IN, TH_SYN | TH_ACK, 0, 1, 100, 0, -1, 0, 1, 100);
	segment(conn, OUT, TH_ACK, 1, 1, 100, 0, -1, 1, 1, 100);
	/* The same ends again: a new connection. */
	segment(conn, OUT, TH_SYN, 777, 0, 100, 0, 10, 0, 0, 100);
	segment(conn, IN, TH_SYN | TH_ACK, 888, 778, 100, 0, 2, 0, 1, 100);
	segment(conn, IN, TH_ACK, 889, 778, 100, 0, -1, 1, 1, 400);
	packet_table_free(table);
}

/* The same packet on another interface is a copy; on the same one it was sent again. */
static void test_copies(void **state)
{
	uint8_t bytes[40] = { 0x45, [8] = 64, [39] = 1 };
	struct packet packet = { .family = AF_INET, .bytes = bytes, .captured = sizeof(bytes), .original = 40 };
	struct packet_table *table = packet_table_new(1);
	struct packet_conn *conn = know(table, "127.0.0.1", "127.0.0.2", 5, 8);

	(void)state;
	assert_false(packet_conn_is_copy(conn, &packet, 2));
	assert_true(packet_conn_is_copy(conn, &packet, 3));
	assert_false(packet_conn_is_copy(conn, &packet, 2));
	/* A router has changed the time to live. */
	bytes[8] = 63;
	assert_true(packet_conn_is_copy(conn, &packet, 3));
	bytes[39] = 2;
	assert_false(packet_conn_is_copy(conn, &packet, 3));
	packet_table_free(table);
}

/* Packets of a client are kept until it is known, in order, within a bound. */
static void test_keeping(void **state)
{
	uint8_t bytes[1000] = { 1, 2, 3 };
	struct packet_headers headers = { .packet = { .bytes = bytes, .captured = sizeof(bytes) } };
	struct packet_table *table = packet_table_new(1);
	struct packet_key key = key_of("127.0.0.1", 9000, "127.0.0.2", 5);
	struct addr any = addr_of("0.0.0.0", 9000);
	struct packet_conn *conn = packet_table_meet(table, &key, &any);
	struct packet_early *early;
	size_t kept = 0;

	(void)state;
	assert_null(packet_table_take(table, conn));
	for (uint64_t at_ns = 0; at_ns < 2000; at_ns++)
		packet_table_keep(table, conn, &headers, at_ns);
	while ((early = packet_table_take(table, conn)) != NULL) {
		assert_int_equal(early->at_ns, kept);
		assert_memory_equal(early->headers.packet.bytes, bytes, sizeof(bytes));
		kept++;
		free(early);
	}
	assert_true(kept > 100 && kept * sizeof(bytes) < PACKET_EARLY_MAX);
	/* What is left is given back with the table. */
	packet_table_keep(table, conn, &headers, 1);
	packet_table_free(table);
}

/* ---- The filter ---- */

struct frame {
	uint32_t interface, type, protocol;
	const uint8_t *bytes;
	size_t len;
};

/* One load of the kernel's filter: those it knows by name, or bytes of the packet. Returns false: outside of it. */
static bool load(const struct frame *frame, uint32_t at, size_t size, uint32_t *value)
{
	if (at == (uint32_t)(SKF_AD_OFF + SKF_AD_IFINDEX))
		*value = frame->interface;
	else if (at == (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE))
		*value = frame->type;
	else if (at == (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL))
		*value = frame->protocol;
	else if (at + size > frame->len)
		return false;
	else
		*value = size == 1 ? frame->bytes[at] : (uint32_t)frame->bytes[at] << 8 | frame->bytes[at + 1];
	return true;
}

/* Run a program of the instructions that are used. Returns how many bytes pass. */
static uint32_t run(const struct sock_filter *program, size_t count, const struct frame *frame)
{
	uint32_t a = 0, x = 0;

	for (size_t at = 0; at < count; at++) {
		const struct sock_filter *in = &program[at];

		switch (in->code) {
		case BPF_LD | BPF_W | BPF_ABS:
		case BPF_LD | BPF_H | BPF_ABS:
		case BPF_LD | BPF_B | BPF_ABS:
			if (!load(frame, in->k, BPF_SIZE(in->code) == BPF_B ? 1 : 2, &a))
				return 0;
			break;
		case BPF_LD | BPF_H | BPF_IND:
			if (!load(frame, x + in->k, 2, &a))
				return 0;
			break;
		case BPF_LDX | BPF_B | BPF_MSH:
			x = (uint32_t)(frame->bytes[in->k] & 0xf) * 4;
			break;
		case BPF_LDX | BPF_W | BPF_IMM:
			x = in->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += a == in->k ? in->jt : in->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			at += a >= in->k ? in->jt : in->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			at += (a & in->k) != 0 ? in->jt : in->jf;
			break;
		case BPF_RET | BPF_K:
			return in->k;
		default:
			fail_msg("instruction %#x", in->code);
		}
	}
	fail_msg("the program has no end");
	return 0;
}

#define V4(head, fragment, protocol) head "\0\0\0\0\0" fragment "\x40" protocol "\0\0\x7f\0\0\1\x7f\0\0\1"
#define V6(next) "\x60\0\0\0\0\0" next "\x40" "0123456789abcdef0123456789abcdef"
#define P(from, to) from to "\0\0\0\0"
#define PORT "\x23\x28" /* 9000 */
#define OTHER "\x00\x50"

static void test_filter(void **state)
{
	static const struct {
		const char *name;
		uint32_t interface, type, protocol;
		const char *bytes;
		size_t len;
		bool want;
	} rows[] = {
#define ROW(name, interface, type, protocol, bytes, want) \
	{ name, interface, type, protocol, bytes, sizeof(bytes) - 1, want }
		ROW("from a port", 2, PACKET_HOST, ETH_P_IP, V4("\x45", "\0\0", "\6") P(PORT, OTHER), true),
		ROW("to a port", 2, PACKET_OUTGOING, ETH_P_IP, V4("\x45", "\0\0", "\x11") P(OTHER, PORT), true),
		ROW("another port", 2, PACKET_HOST, ETH_P_IP, V4("\x45", "\0\0", "\6") P(OTHER, OTHER), false),
		ROW("options of IPv4", 2, PACKET_HOST, ETH_P_IP, V4("\x46", "\0\0", "\6") "\1\1\1\0" P(OTHER, PORT),
		    true),
		ROW("a first fragment", 2, PACKET_HOST, ETH_P_IP, V4("\x45", "\x20\0", "\x11") P(OTHER, PORT), true),
		ROW("a later fragment", 2, PACKET_HOST, ETH_P_IP, V4("\x45", "\0\x10", "\x11") P(OTHER, PORT), false),
		ROW("ICMP", 2, PACKET_HOST, ETH_P_IP, V4("\x45", "\0\0", "\1") "\3\3", true),
		ROW("GRE", 2, PACKET_HOST, ETH_P_IP, V4("\x45", "\0\0", "\x2f") P(OTHER, PORT), false),
		ROW("cut", 2, PACKET_HOST, ETH_P_IP, V4("\x45", "\0\0", "\6"), false),
		ROW("ARP", 2, PACKET_HOST, ETH_P_ARP, "\0\1\x08\0\6\4", false),
		ROW("IPv6", 2, PACKET_HOST, ETH_P_IPV6, V6("\6") P(PORT, OTHER), true),
		ROW("another port of IPv6", 2, PACKET_HOST, ETH_P_IPV6, V6("\x11") P(OTHER, OTHER), false),
		ROW("extension headers", 2, PACKET_HOST, ETH_P_IPV6, V6("\0") "\6\0", true),
		ROW("ICMPv6 error", 2, PACKET_HOST, ETH_P_IPV6, V6("\x3a") "\1\4", true),
		ROW("neighbour", 2, PACKET_HOST, ETH_P_IPV6, V6("\x3a") "\x87\0", false),
		ROW("OSPF", 2, PACKET_HOST, ETH_P_IPV6, V6("\x59") P(PORT, PORT), false),
		ROW("loopback, leaving", 1, PACKET_OUTGOING, ETH_P_IP, V4("\x45", "\0\0", "\6") P(PORT, OTHER), true),
		ROW("loopback, arriving", 1, PACKET_HOST, ETH_P_IP, V4("\x45", "\0\0", "\6") P(PORT, OTHER), false),
#undef ROW
	};
	struct sock_filter program[PACKET_FILTER_MAX];
	uint16_t ports[PACKET_FILTER_PORTS_MAX + 1];

	(void)state;
	for (size_t count = 0; count <= PACKET_FILTER_PORTS_MAX; count += count < 3 ? 1 : 15) {
		size_t len;

		/* The one that counts is the last; none of the others is 80. */
		for (size_t i = 0; i < count; i++)
			ports[i] = (uint16_t)(i + 1 < count ? 1000 + i : 9000);
		len = packet_filter_make(ports, count, 176, program);
		assert_true(len <= PACKET_FILTER_MAX);
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			const struct frame frame = { rows[i].interface, rows[i].type, rows[i].protocol,
						     (const uint8_t *)rows[i].bytes, rows[i].len };

			CHECK_INT(rows[i].name, run(program, len, &frame), rows[i].want && count > 0 ? 176 : 0);
		}
	}
	/* More ports than are told apart: all of TCP and UDP. */
	{
		size_t len = packet_filter_make(ports, PACKET_FILTER_PORTS_MAX + 1, 176, program);
		const struct frame frame = { 2, PACKET_HOST, ETH_P_IP,
					     (const uint8_t *)V4("\x45", "\0\0", "\6") P(OTHER, OTHER), 28 };

		assert_int_equal(run(program, len, &frame), 176);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mapped_addresses),
		cmocka_unit_test(test_listeners),
		cmocka_unit_test(test_meeting),
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_both_ends),
		cmocka_unit_test(test_what_is_sent_again),
		cmocka_unit_test(test_numbers_from_the_middle),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_keeping),
		cmocka_unit_test(test_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
