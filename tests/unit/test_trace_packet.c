/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Headers of packets, from bytes: what they say, and that nothing is read behind them. */
#include "trace/packet_parse.h"

#include <errno.h>
#include <netinet/tcp.h>

#include "base/buf.h"
#include "base/util.h"
#include "check.h"
#include "guard.h"

/* Captured on loopback: a SYN to port 9000, with all its options. */
#define IP4(total, fragment, protocol)                                                                          \
	"\x45\x00" total "\x12\x34" fragment "\x40" protocol "\x00\x00\x7f\x00\x00\x01\x7f\x00\x00\x02"
#define IP6(len, next) "\x60\x00\x00\x00" len next "\x40" ONE6 TWO6
#define ONE6 "\xfe\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"
#define TWO6 "\xfe\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02"
#define PORTS "\xca\x7a\x23\x28" /* 51834, 9000 */
#define TCP(offset, flags) PORTS "\x00\x00\x00\x07\xff\xff\xff\xfe" offset flags "\x80\x00\x00\x00\x00\x00"
#define SYN_OPTIONS "\x02\x04\xff\xd7\x04\x02\x08\x0a\x00\x00\x00\x01\x00\x00\x00\x00\x01\x03\x03\x0a"
#define UDP(len) PORTS len "\x00\x00"

#define BYTES(string) (string), sizeof(string) - 1

struct row {
	const char *name;
	const char *bytes;
	size_t captured, original; /* original 0: as captured */
	int ret;
	int protocol, flags;
	unsigned length;
	size_t total;
};

static const struct row rows[] = {
	{ "SYN", BYTES(IP4("\x00\x3c", "\x40\x00", "\x06") TCP("\xa0", "\x02") SYN_OPTIONS), 0, 0, IPPROTO_TCP,
	  TH_SYN, 0, 60 },
	{ "six bytes", BYTES(IP4("\x00\x2e", "\x40\x00", "\x06") TCP("\x50", "\x18") "hello\n"), 0, 0, IPPROTO_TCP,
	  TH_PUSH | TH_ACK, 6, 46 },
	{ "padding of the link is no data",
	  BYTES(IP4("\x00\x28", "\x40\x00", "\x06") TCP("\x50", "\x10") "\0\0\0\0\0\0"), 0, 0, IPPROTO_TCP, TH_ACK,
	  0, 40 },
	{ "only the headers were captured", BYTES(IP4("\xff\xff", "\x40\x00", "\x06") TCP("\x50", "\x10")), 65535, 0,
	  IPPROTO_TCP, TH_ACK, 65495, 65535 },
	{ "longer than the header can say", BYTES(IP4("\x00\x00", "\x40\x00", "\x06") TCP("\x50", "\x10")), 100000, 0,
	  IPPROTO_TCP, TH_ACK, 99960, 100000 },
	{ "options of IPv4", BYTES("\x46\x00\x00\x2c\x00\x00\x00\x00\x40\x06\x00\x00\x7f\x00\x00\x01\x7f\x00\x00\x02"
				   "\x01\x01\x01\x00" TCP("\x50", "\x04")), 0, 0, IPPROTO_TCP, TH_RST, 0, 44 },
	{ "a datagram", BYTES(IP4("\x00\x1f", "\x00\x00", "\x11") UDP("\x00\x0b") "abc"), 0, 0, IPPROTO_UDP, 0, 3, 31 },
	{ "an empty datagram",
	  BYTES(IP4("\x00\x1c", "\x00\x00", "\x11") UDP("\x00\x08")), 0, 0, IPPROTO_UDP, 0, 0, 28 },
	{ "the first fragment of a datagram", BYTES(IP4("\x00\x1f", "\x20\x00", "\x11") UDP("\x10\x08") "abc"), 0, 0,
	  IPPROTO_UDP, 0, 4096, 31 },
	{ "a datagram that claims too much", BYTES(IP4("\x00\x1f", "\x00\x00", "\x11") UDP("\x10\x08") "abc"), 0, 0,
	  IPPROTO_UDP, 0, 3, 31 },
	{ "a later fragment",
	  BYTES(IP4("\x00\x1f", "\x00\x10", "\x11") UDP("\x00\x0b") "abc"), 0, -EPROTONOSUPPORT, 0, 0,
	  0, 0 },
	{ "IPv6", BYTES(IP6("\x00\x16", "\x06") TCP("\x50", "\x11") "xy"), 0, 0, IPPROTO_TCP, TH_FIN | TH_ACK, 2, 62 },
	{ "a jumbogram",
	  BYTES(IP6("\x00\x00", "\x00") "\x06\x00\xc2\x04\x00\x01\x86\xa0" TCP("\x50", "\x10")), 100040, 0,
	  IPPROTO_TCP, TH_ACK, 99972, 100040 },
	{ "extension headers", BYTES(IP6("\x00\x28", "\x00") "\x3c\x00\x01\x04\x00\x00\x00\x00"
				     "\x2c\x00\x01\x04\x00\x00\x00\x00" "\x11\x00\x00\x01\x00\x00\x00\x07"
				     UDP("\x00\x10") "12345678"), 0, 0, IPPROTO_UDP, 0, 8, 80 },
	{ "a later fragment of IPv6", BYTES(IP6("\x00\x10", "\x2c") "\x11\x00\x00\x08\x00\x00\x00\x07" UDP("\x00\x10")),
	  0, -EPROTONOSUPPORT, 0, 0, 0, 0 },
	{ "an extension that is too long",
	  BYTES(IP6("\x00\x08", "\x00") "\x06\xff\x00\x00\x00\x00\x00\x00"), 0, -EBADMSG,
	  0, 0, 0, 0 },
	{ "extensions without an end", BYTES(IP6("\x00\x08", "\x00") "\x00\x00\x00\x00\x00\x00\x00\x00"), 0,
	  -EPROTONOSUPPORT, 0, 0, 0, 0 },
	{ "echo request", BYTES(IP4("\x00\x1c", "\x00\x00", "\x01") "\x08\x00\x00\x00\x00\x00\x00\x00"), 0,
	  -EPROTONOSUPPORT, 0, 0, 0, 0 },
	{ "neighbour solicitation", BYTES(IP6("\x00\x08", "\x3a") "\x87\x00\x00\x00\x00\x00\x00\x00"), 0,
	  -EPROTONOSUPPORT, 0, 0, 0, 0 },
	{ "ICMPv6 on IPv4", BYTES(IP4("\x00\x1c", "\x00\x00", "\x3a") "\x01\x04\x00\x00\x00\x00\x00\x00"), 0,
	  -EPROTONOSUPPORT, 0, 0, 0, 0 },
	{ "ICMP that quotes nothing", BYTES(IP4("\x00\x1c", "\x00\x00", "\x01") "\x03\x03\x00\x00\x00\x00\x00\x00"), 0,
	  -EBADMSG, 0, 0, 0, 0 },
	{ "ICMP that quotes IPv6", BYTES(IP4("\x00\x48", "\x00\x00", "\x01") "\x03\x03\x00\x00\x00\x00\x00\x00"
					 IP6("\x00\x08", "\x11") PORTS), 0, -EBADMSG, 0, 0, 0, 0 },
	{ "ICMP that quotes ICMP", BYTES(IP4("\x00\x38", "\x00\x00", "\x01") "\x03\x03\x00\x00\x00\x00\x00\x00"
					 IP4("\x00\x1c", "\x00\x00", "\x01") "\x08\x00\x00\x00\x00\x00\x00\x00"), 0,
	  -EPROTONOSUPPORT, 0, 0, 0, 0 },
	{ "GRE", BYTES(IP4("\x00\x18", "\x00\x00", "\x2f") "\x00\x00\x08\x00"), 0, -EPROTONOSUPPORT, 0, 0, 0, 0 },
	{ "IP version 5", BYTES("\x55\x00\x00\x14"), 0, -EPROTONOSUPPORT, 0, 0, 0, 0 },
	{ "nothing", BYTES(""), 0, -EBADMSG, 0, 0, 0, 0 },
	{ "a header of four words",
	  BYTES("\x44\x00\x00\x28\x00\x00\x00\x00\x40\x06\x00\x00\x7f\x00\x00\x01\x7f\x00\x00\x02"
					  TCP("\x50", "\x10")), 0, -EBADMSG, 0, 0, 0, 0 },
	{ "a TCP header of four words",
	  BYTES(IP4("\x00\x28", "\x40\x00", "\x06") TCP("\x40", "\x10")), 0, -EBADMSG, 0, 0,
	  0, 0 },
	{ "a TCP header longer than the packet", BYTES(IP4("\x00\x28", "\x40\x00", "\x06") TCP("\x60", "\x10")), 0,
	  -EBADMSG, 0, 0, 0, 0 },
};

static void test_rows(void **state)
{
	struct guard guard = guard_open();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];
		struct packet_headers headers;
		size_t original = row->original != 0 ? row->original : row->captured;

		CHECK_INT(row->name, packet_parse(guard_bytes(&guard, row->bytes, row->captured), row->captured,
						  original,
						  &headers), row->ret);
		if (row->ret < 0)
			continue;
		CHECK_INT(row->name, headers.packet.protocol, row->protocol);
		CHECK_INT(row->name, headers.packet.flags, row->flags);
		CHECK_INT(row->name, headers.packet.length, row->length);
		CHECK_INT(row->name, headers.packet.original, row->total);
		CHECK_INT(row->name, headers.packet.captured, row->captured < row->total ? row->captured : row->total);
		CHECK_INT(row->name, addr_port(&headers.source), 51834);
		CHECK_INT(row->name, addr_port(&headers.destination), 9000);
	}
	guard_close(&guard);
}

/* Cut anywhere, a packet is refused, or is read as far as it goes. */
static void test_cut_anywhere(void **state)
{
	struct guard guard = guard_open();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (size_t len = 0; len < rows[i].captured; len++) {
			struct packet_headers headers;
			int ret = packet_parse(guard_bytes(&guard, rows[i].bytes, len), len,
					       rows[i].captured, &headers);

			assert_true(ret == 0 || ret == -EBADMSG || ret == -EPROTONOSUPPORT);
			assert_true(ret != 0 || headers.packet.captured <= len);
		}
	}
	guard_close(&guard);
}

static void test_a_syn(void **state)
{
	static const char bytes[] = IP4("\x00\x3c", "\x40\x00", "\x06") TCP("\xa0", "\x02") SYN_OPTIONS;
	struct packet_headers headers;
	char words[ADDR_TEXT_MAX];
	struct text text;

	(void)state;
	assert_int_equal(packet_parse(bytes, 60, 60, &headers), 0);
	assert_string_equal(addr_format(&headers.source, words, sizeof(words)), "127.0.0.1:51834");
	assert_string_equal(addr_format(&headers.destination, words, sizeof(words)), "127.0.0.2:9000");
	assert_int_equal(headers.packet.family, AF_INET);
	assert_true(headers.packet.seq == 7);
	assert_true(headers.packet.ack == 0xfffffffe);
	assert_int_equal(headers.packet.window, 32768);
	assert_int_equal(headers.packet.mss, 65495);
	assert_int_equal(headers.packet.wscale, 10);
	assert_true(headers.packet.has_sack && headers.packet.has_timestamps);
	text_init(&text, words, sizeof(words));
	packet_options_add(&headers.packet, &text);
	assert_string_equal(words, " mss 65495 sackOK TS wscale 10");
}

/* Options that end early, repeat or lie: what can be read counts. */
static void test_options(void **state)
{
	static const struct {
		const char *name;
		const char *options; /* 8 bytes */
		int mss, wscale;
	} option_rows[] = {
		{ "none", "\x01\x01\x01\x01\x01\x01\x01\x01", 0, -1 },
		{ "end", "\x00\x02\x04\x05\xb4\x00\x00\x00", 0, -1 },
		{ "mss", "\x02\x04\x05\xb4\x00\x00\x00\x00", 1460, -1 },
		{ "a scale above 14", "\x03\x03\xff\x02\x04\x05\xb4\x00", 1460, 14 },
		{ "length 0", "\x03\x00\x03\x02\x04\x05\xb4\x00", 0, -1 },
		{ "length 1", "\x08\x01\x02\x04\x05\xb4\x00\x00", 0, -1 },
		{ "longer than there is", "\x02\x04\x05\xb4\x08\x0a\x00\x00", 1460, -1 },
		{ "unknown", "\xfe\x04\x00\x00\x02\x04\x05\xb4", 1460, -1 },
		{ "mss of a wrong length", "\x02\x03\x05\x03\x03\x07\x00\x00", 0, 7 },
		{ "a kind without a length", "\x01\x01\x01\x01\x01\x01\x01\x02", 0, -1 },
	};
	static const char head[] = IP4("\x00\x30", "\x40\x00", "\x06") TCP("\x70", "\x12");
	struct guard guard = guard_open();
	char bytes[48];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(option_rows); i++) {
		struct packet_headers headers;

		memcpy(bytes, head, 40);
		memcpy(bytes + 40, option_rows[i].options, 8);
		CHECK_INT(option_rows[i].name,
			  packet_parse(guard_bytes(&guard, bytes, sizeof(bytes)), sizeof(bytes), sizeof(bytes),
				       &headers),
			  0);
		CHECK_INT(option_rows[i].name, headers.packet.mss, option_rows[i].mss);
		CHECK_INT(option_rows[i].name, headers.packet.wscale, option_rows[i].wscale);
	}
	guard_close(&guard);
}

/* What an ICMP error quotes is our packet. Only its first 8 bytes need be there. */
static void test_icmp(void **state)
{
	static const char v4[] = IP4("\x00\x38", "\x00\x00", "\x01") "\x03\x03\x00\x00\x00\x00\x00\x00"
				 IP4("\x05\x00", "\x00\x00", "\x11") UDP("\x04\xec");
	static const char v6[] = IP6("\x00\x38", "\x3a") "\x01\x04\x00\x00\x00\x00\x00\x00" IP6("\x04\x00", "\x06")
				 PORTS "\x00\x00\x00\x07";
	struct packet_headers headers;
	char words[ADDR_TEXT_MAX];
	struct text text;

	(void)state;
	assert_int_equal(packet_parse(v4, sizeof(v4) - 1, sizeof(v4) - 1, &headers), 0);
	assert_int_equal(headers.packet.protocol, IPPROTO_ICMP);
	assert_true(packet_is_icmp(&headers.packet));
	assert_int_equal(headers.packet.icmp_type, 3);
	assert_int_equal(headers.packet.icmp_code, 3);
	assert_int_equal(headers.quoted_protocol, IPPROTO_UDP);
	assert_string_equal(addr_format(&headers.source, words, sizeof(words)), "127.0.0.1:0");
	assert_string_equal(addr_format(&headers.quoted_source, words, sizeof(words)), "127.0.0.1:51834");
	assert_string_equal(addr_format(&headers.quoted_destination, words, sizeof(words)), "127.0.0.2:9000");
	headers.packet.icmp_sender = &headers.source;
	text_init(&text, words, sizeof(words));
	packet_icmp_add(&headers.packet, &text);
	assert_string_equal(words, "port unreachable from 127.0.0.1");

	assert_int_equal(packet_parse(v6, sizeof(v6) - 1, sizeof(v6) - 1, &headers), 0);
	assert_int_equal(headers.packet.protocol, IPPROTO_ICMPV6);
	assert_int_equal(headers.quoted_protocol, IPPROTO_TCP);
	assert_string_equal(addr_format(&headers.quoted_destination, words, sizeof(words)), "[fe80::2]:9000");
}

static void test_flags(void **state)
{
	static const struct {
		int flags;
		const char *want;
	} flag_rows[] = {
		{ TH_SYN, "[S]" }, { TH_SYN | TH_ACK, "[SA]" }, { TH_ACK, "[A]" }, { TH_PUSH | TH_ACK, "[PA]" },
		{ TH_FIN | TH_ACK, "[FA]" }, { TH_RST, "[R]" }, { TH_RST | TH_ACK, "[RA]" }, { 0, "[]" },
		{ 255, "[FSRPAUEC]" },
	};
	char words[PACKET_FLAGS_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(flag_rows); i++)
		assert_string_equal(packet_flags_format((uint8_t)flag_rows[i].flags, words, sizeof(words)),
				    flag_rows[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_a_syn),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_icmp),
		cmocka_unit_test(test_flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
