/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Headers of the PROXY protocol: what is written, what is read, and that no byte behind a header is looked at. The
 * examples are those of HAProxy's doc/proxy-protocol.txt, sections 2.1 and 2.2.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/util.h"
#include "stream/proxy_header.h"

#include "check.h"
#include "guard.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
/* A string with zeros in it, and its length. */
#define BYTES(string) (string), sizeof(string) - 1
#define Z4 "\0\0\0\0"
#define Z8 Z4 Z4
#define Z16 Z8 Z8
#define Z32 Z16 Z16
#define Z100 Z32 Z32 Z32 Z4
#define A27 "aaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define FULL A27 A27 A27 A27

/* All that a header says, in one line. */
static const char *describe(const struct proxy_header *header, char *dst, size_t size)
{
	char source[ADDR_TEXT_MAX], destination[ADDR_TEXT_MAX];

	snprintf(dst, size, "v%d %s%s > %s", header->version, header->is_local ? "local " : "",
		 addr_format(&header->source, source, sizeof(source)),
		 addr_format(&header->destination, destination, sizeof(destination)));
	return dst;
}

/* ---- Reading ------------------------------------------------------------------------------------------------ */

static const struct {
	const char *bytes;
	size_t len;
	const char *want; /* the description; or NULL: refused */
	const char *why;  /* a part of the reason */
} read_rows[] = {
	/* 2.1: the example, and the longest lines. */
	{ BYTES("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n"), "v1 192.168.0.1:56324 > 192.168.0.11:443", NULL },
	{ BYTES("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"),
	  "v1 255.255.255.255:65535 > 255.255.255.255:65535", NULL },
	{ BYTES("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 "
		"65535\r\n"),
	  "v1 [ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535 > [ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
	  NULL },
	{ BYTES("PROXY UNKNOWN\r\n"), "v1 (none) > (none)", NULL },
	{ BYTES("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 "
		"65535\r\n"),
	  "v1 (none) > (none)", NULL },
	{ BYTES("PROXY UNKNOWN \n\r \0 what?\r\n"), "v1 (none) > (none)", NULL },
	{ BYTES("PROXY TCP6 2001:DB8::1 ::1 0 1\r\n"), "v1 [2001:db8::1]:0 > [::1]:1", NULL },
	/* HAProxy on a socket for both families writes so. */
	{ BYTES("PROXY TCP6 ::ffff:10.0.0.1 ::ffff:10.0.0.2 1 2\r\n"), "v1 [::ffff:10.0.0.1]:1 > [::ffff:10.0.0.2]:2",
	  NULL },
	{ BYTES("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\n"), NULL, "a byte" },
	{ BYTES("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\r\n"), NULL, "a byte" },
	{ BYTES("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443 \r\n"), NULL, "two addresses" },
	{ BYTES("PROXY TCP4 192.168.0.1 192.168.0.11 56324\r\n"), NULL, "two addresses" },
	{ BYTES("PROXY TCP4  192.168.0.11 56324 443\r\n"), NULL, "an address" },
	{ BYTES("PROXY TCP4 \r\n"), NULL, "two addresses" },
	{ BYTES("PROXY TCP4 192.168.0.01 192.168.0.11 56324 443\r\n"), NULL, "an address" },
	{ BYTES("PROXY TCP4 192.168.0.256 192.168.0.11 56324 443\r\n"), NULL, "an address" },
	{ BYTES("PROXY TCP4 192.168.1 192.168.0.11 56324 443\r\n"), NULL, "an address" },
	{ BYTES("PROXY TCP4 ::1 ::1 56324 443\r\n"), NULL, "an address" },
	{ BYTES("PROXY TCP6 192.168.0.1 192.168.0.11 56324 443\r\n"), NULL, "an address" },
	{ BYTES("PROXY TCP6 ::1::2 ::1 56324 443\r\n"), NULL, "an address" },
	{ BYTES("PROXY TCP6 fe80::1%lo ::1 56324 443\r\n"), NULL, "a byte" },
	{ BYTES("PROXY TCP4 192.168.0.1\0 192.168.0.11 56324 443\r\n"), NULL, "a byte" },
	{ BYTES("PROXY TCP4 192.168.0.1 192.168.0.11 56324 65536\r\n"), NULL, "a port" },
	{ BYTES("PROXY TCP4 192.168.0.1 192.168.0.11 056324 443\r\n"), NULL, "a port" },
	{ BYTES("PROXY TCP4 192.168.0.1 192.168.0.11 00 443\r\n"), NULL, "a port" },
	{ BYTES("PROXY TCP4 192.168.0.1 192.168.0.11 -1 443\r\n"), NULL, "a byte" },
	{ BYTES("PROXY TCP4 192.168.0.1 192.168.0.11 a 443\r\n"), NULL, "a port" },
	{ BYTES("PROXY TCP4 192.168.0.1 192.168.0.11 1 \r\n"), NULL, "a port" },
	{ BYTES("PROXY TCP4 192.168.0.1 192.168.0.11 1 4294967296\r\n"), NULL, "a port" },
	{ BYTES("PROXY TCP5 192.168.0.1 192.168.0.11 56324 443\r\n"), NULL, "a protocol" },
	{ BYTES("PROXY UDP4 192.168.0.1 192.168.0.11 56324 443\r\n"), NULL, "a protocol" },
	{ BYTES("PROXY UNKNOWNS\r\n"), NULL, "a protocol" },
	{ BYTES("PROXY  TCP4 192.168.0.1 192.168.0.11 56324 443\r\n"), NULL, "a protocol" },
	{ BYTES("proxy TCP4 192.168.0.1 192.168.0.11 56324 443\r\n"), NULL, "other bytes" },
	{ BYTES("GET / HTTP/1.1\r\n"), NULL, "other bytes" },
	{ BYTES("PROXY UNKNOWN " Z100 "\r\n"), NULL, "107" },
	{ BYTES("PROXY UNKNOWN " Z32 Z32 Z16 Z8 "123\r\n"), "v1 (none) > (none)", NULL },
	{ BYTES("PROXY UNKNOWN " Z32 Z32 Z16 Z8 "1234\r\n"), NULL, "107" },
	{ BYTES("PROXY TCP4 11111111111111111111111111111111111111111111111111111111111111111111111111111111111111111"
		"11111111111\r\n"), NULL, "107" },

	/* 2.2: each of the bytes that are expected. */
	{ BYTES(SIGNATURE "\x20\x00\x00\x00"), "v2 local (none) > (none)", NULL },
	{ BYTES(SIGNATURE "\x20\xff\x00\x04" "junk"), "v2 local (none) > (none)", NULL },
	{ BYTES(SIGNATURE "\x21\x00\x00\x00"), "v2 (none) > (none)", NULL },
	{ BYTES(SIGNATURE "\x21\x00\x00\x05" "\x01\x02\x03\x04\x05"), "v2 (none) > (none)", NULL },
	{ BYTES(SIGNATURE "\x21\x11\x00\x0c" "\x0a\x00\x00\x01\x0a\x00\x00\x02\xdc\x04\x01\xbb"),
	  "v2 10.0.0.1:56324 > 10.0.0.2:443", NULL },
	{ BYTES(SIGNATURE "\x21\x12\x00\x0c" "\x0a\x00\x00\x01\x0a\x00\x00\x02\xdc\x04\x01\xbb"), "v2 (none) > (none)",
	  NULL },
	{ BYTES(SIGNATURE "\x21\x10\x00\x0c" "\x0a\x00\x00\x01\x0a\x00\x00\x02\xdc\x04\x01\xbb"), "v2 (none) > (none)",
	  NULL },
	{ BYTES(SIGNATURE "\x21\x21\x00\x24" "\x20\x01\x0d\xb8" Z8 "\0\0\0\1" "\x20\x01\x0d\xb8" Z8 "\0\0\0\2"
		"\xdc\x04\x01\xbb"), "v2 [2001:db8::1]:56324 > [2001:db8::2]:443", NULL },
	{ BYTES(SIGNATURE "\x21\x22\x00\x24" Z16 Z16 Z4), "v2 (none) > (none)", NULL },
	{ BYTES(SIGNATURE "\x21\x31\x00\xd8" "/run/x!!" Z100 "/run/y!!" Z100), "v2 /run/x!! > /run/y!!", NULL },
	{ BYTES(SIGNATURE "\x21\x31\x00\xd8" "\0name!!!" Z100 Z8 Z100), "v2 @name!!! > (unnamed)", NULL },
	{ BYTES(SIGNATURE "\x21\x31\x00\xd8" FULL FULL), "v2 " FULL " > " FULL, NULL },
	{ BYTES(SIGNATURE "\x21\x32\x00\xd8" "/run/x!!" Z100 "/run/y!!" Z100), "v2 (none) > (none)", NULL },
	/* 2.2.4: three TLVs behind the addresses, one of them empty. */
	{ BYTES(SIGNATURE "\x21\x11\x00\x18" "\x0a\x00\x00\x01\x0a\x00\x00\x02\xdc\x04\x01\xbb" "\x04\x00\x00"
		"\x04\x00\x01\x00" "\xee\x00\x02\x01\x02"), "v2 10.0.0.1:56324 > 10.0.0.2:443", NULL },
	{ BYTES(SIGNATURE "\x21\x11\x00\x0e" "\x0a\x00\x00\x01\x0a\x00\x00\x02\xdc\x04\x01\xbb" "\x04\x00"), NULL,
	  "not whole" },
	{ BYTES(SIGNATURE "\x21\x11\x00\x10" "\x0a\x00\x00\x01\x0a\x00\x00\x02\xdc\x04\x01\xbb" "\x04\x00\x02\x00"),
	  NULL, "not whole" },
	{ BYTES(SIGNATURE "\x21\x11\x00\x0b" "\x0a\x00\x00\x01\x0a\x00\x00\x02\xdc\x04\x01"), NULL, "too short" },
	{ BYTES(SIGNATURE "\x21\x21\x00\x0c" Z8 Z4), NULL, "too short" },
	{ BYTES(SIGNATURE "\x21\x31\x00\x0c" Z8 Z4), NULL, "too short" },
	{ BYTES(SIGNATURE "\x11\x11\x00\x0c" Z8 Z4), NULL, "version" },
	{ BYTES(SIGNATURE "\x31\x11\x00\x0c" Z8 Z4), NULL, "version" },
	{ BYTES(SIGNATURE "\x22\x11\x00\x0c" Z8 Z4), NULL, "LOCAL nor PROXY" },
	{ BYTES(SIGNATURE "\x21\x41\x00\x0c" Z8 Z4), NULL, "a family" },
	{ BYTES(SIGNATURE "\x21\x13\x00\x0c" Z8 Z4), NULL, "a protocol" },
	{ BYTES(SIGNATURE "\x21\x11\xff\xff"), NULL, "longer" },
	{ BYTES(SIGNATURE "\x20\x00\x10\xd9"), NULL, "longer" },
	{ BYTES("\r\n\r\n\0\r\nQUIET"), NULL, "other bytes" },
};

/* Read a copy of the first len bytes that ends where memory does. Returns what the reading does. */
static ssize_t read_part(const void *bytes, size_t len, struct proxy_header *header, const char **reason)
{
	struct guard guard = guard_open();
	char poison[sizeof(*header)];
	const char *untouched = "untouched";
	ssize_t ret;

	memset(header, 0x5a, sizeof(*header));
	memset(poison, 0x5a, sizeof(poison));
	*reason = untouched;
	ret = proxy_header_read((const uint8_t *)guard_bytes(&guard, bytes, len), len, header, reason);
	assert_true(ret >= 0 || ret == -EPROTO);
	assert_true((ret < 0) == (*reason != untouched));
	assert_true((ret > 0) == (memcmp(header, poison, sizeof(poison)) != 0));
	guard_close(&guard);
	return ret;
}

static void reads_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(read_rows); i++) {
		struct proxy_header header;
		char row[32], got[600];
		const char *reason;
		ssize_t ret;

		snprintf(row, sizeof(row), "row %zu", i);
		ret = read_part(read_rows[i].bytes, read_rows[i].len, &header, &reason);
		if (read_rows[i].want == NULL) {
			CHECK_INT(row, ret, -EPROTO);
			if (strstr(reason, read_rows[i].why) == NULL)
				fail_msg("%s: \"%s\" has no \"%s\"", row, reason, read_rows[i].why);
			continue;
		}
		CHECK_INT(row, ret, read_rows[i].len);
		CHECK_STRING(row, describe(&header, got, sizeof(got)), read_rows[i].want);
	}
}

/* Every beginning of a right header asks for more; of a wrong one: more, and from some byte on a refusal that stays. */
static void cut_at_every_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(read_rows); i++) {
		bool is_refused = false;

		for (size_t len = 0; len < read_rows[i].len; len++) {
			struct proxy_header header;
			const char *reason;
			ssize_t ret = read_part(read_rows[i].bytes, len, &header, &reason);

			if (ret > 0 || (ret < 0 && read_rows[i].want != NULL) || (ret == 0 && is_refused))
				fail_msg("row %zu cut to %zu bytes: got %zd", i, len, ret);
			is_refused = ret < 0;
		}
	}
}

/* What follows a header changes nothing, whatever it is. */
static void ends_where_it_ends(void **state)
{
	static const char *const tails[] = { "G", "\n", "\r\n", "PROXY UNKNOWN\r\n", SIGNATURE, "0", " " };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(read_rows); i++)
		for (size_t t = 0; t < ARRAY_LEN(tails) && read_rows[i].want != NULL; t++) {
			uint8_t both[PROXY_HEADER_MAX];
			struct proxy_header header;
			const char *reason;
			size_t len = read_rows[i].len;

			memcpy(both, read_rows[i].bytes, len);
			memcpy(both + len, tails[t], strlen(tails[t]));
			CHECK_INT(tails[t], read_part(both, len + strlen(tails[t]), &header, &reason), len);
		}
}

/* A wrong bit is refused or changes what it is of; one in the signature is always refused. Nothing is read behind. */
static void survives_flipped_bits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(read_rows); i++)
		for (size_t bit = 0; bit < read_rows[i].len * 8; bit++) {
			uint8_t bytes[PROXY_HEADER_MAX];
			struct proxy_header header;
			const char *reason;
			ssize_t ret;

			memcpy(bytes, read_rows[i].bytes, read_rows[i].len);
			bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
			ret = read_part(bytes, read_rows[i].len, &header, &reason);
			assert_true(ret <= (ssize_t)read_rows[i].len);
			if (bit / 8 < 5)
				assert_int_equal(ret, -EPROTO);
		}
}

/* 2.2.3: with its CRC32c (computed with another program) every flipped bit is found. */
static void checks_the_checksum(void **state)
{
	static const uint8_t whole[] = SIGNATURE "\x21\x11\x00\x13" "\x0a\x00\x00\x01\x0a\x00\x00\x02\xdc\x04\x01\xbb"
						 "\x03\x00\x04" "\xa1\x07\x3b\xa9";
	const size_t len = sizeof(whole) - 1;
	struct proxy_header header;
	const char *reason;

	(void)state;
	assert_int_equal(read_part(whole, len, &header, &reason), len);
	for (size_t bit = 0; bit < len * 8; bit++) {
		uint8_t bytes[sizeof(whole)];
		size_t at = bit / 8;
		ssize_t ret;

		memcpy(bytes, whole, len);
		bytes[at] ^= (uint8_t)(1U << bit % 8);
		ret = read_part(bytes, len, &header, &reason);
		/* LOCAL, another family, another length, or another kind of TLV: no checksum is looked for. */
		if (at < 16 || at == 28)
			continue;
		if (ret != -EPROTO)
			fail_msg("bit %zu of byte %zu: got %zd", bit % 8, at, ret);
	}
}

/* The longest header that is put up with, cut at each place where something changes. */
static void reads_the_longest(void **state)
{
	uint8_t bytes[PROXY_HEADER_MAX] = SIGNATURE "\x21\x31\x10\xd8";
	const char *reason;
	struct proxy_header header;

	(void)state;
	memcpy(bytes + 16, "/a", 2);
	memcpy(bytes + 16 + 216, "\x04\x0f\xfd", 3);
	assert_int_equal(read_part(bytes, sizeof(bytes) - 1, &header, &reason), 0);
	assert_int_equal(read_part(bytes, sizeof(bytes), &header, &reason), PROXY_HEADER_MAX);
}

/* ---- Writing ------------------------------------------------------------------------------------------------ */

/* An address from text: IP with a port, a Unix path, or "" for none. */
static struct addr make_addr(const char *text)
{
	struct addr addr = { .len = 0 };
	char host[64];
	const char *hash = strchr(text, '#');

	if (text[0] == '/' || text[0] == '@') {
		assert_int_equal(addr_set_unix(&addr, text), 0);
	} else if (hash != NULL) {
		snprintf(host, sizeof(host), "%.*s", (int)(hash - text), text);
		assert_int_equal(addr_parse_ip(&addr, host, (uint16_t)strtoul(hash + 1, NULL, 10)), 0);
	}
	return addr;
}

static const struct {
	const char *source, *destination;
	bool is_local;
	const char *v1;
	const char *v2;
	size_t v2_len;
} write_rows[] = {
	{ "192.168.0.1#56324", "192.168.0.11#443", false, "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n",
	  BYTES(SIGNATURE "\x21\x11\x00\x0c" "\xc0\xa8\x00\x01\xc0\xa8\x00\x0b\xdc\x04\x01\xbb") },
	{ "2001:db8::1#0", "::1#65535", false, "PROXY TCP6 2001:db8::1 ::1 0 65535\r\n",
	  BYTES(SIGNATURE "\x21\x21\x00\x24" "\x20\x01\x0d\xb8" Z8 "\0\0\0\1" Z8 Z4 "\0\0\0\1" "\x00\x00\xff\xff") },
	/* A client of a socket for both families is told as what it is. */
	{ "::ffff:10.0.0.1#1", "::ffff:10.0.0.2#2", false, "PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n",
	  BYTES(SIGNATURE "\x21\x11\x00\x0c" "\x0a\x00\x00\x01\x0a\x00\x00\x02\x00\x01\x00\x02") },
	{ "::ffff:10.0.0.1#1", "2001:db8::2#2", false, "PROXY TCP6 ::ffff:10.0.0.1 2001:db8::2 1 2\r\n",
	  BYTES(SIGNATURE "\x21\x21\x00\x24" Z8 "\0\0\xff\xff\x0a\0\0\1" "\x20\x01\x0d\xb8" Z8 "\0\0\0\2" "\0\1\0\2") },
	{ "10.0.0.1#1", "2001:db8::2#2", false, "PROXY TCP6 ::ffff:10.0.0.1 2001:db8::2 1 2\r\n",
	  BYTES(SIGNATURE "\x21\x21\x00\x24" Z8 "\0\0\xff\xff\x0a\0\0\1" "\x20\x01\x0d\xb8" Z8 "\0\0\0\2" "\0\1\0\2") },
	{ "fe80::1%1#1", "fe80::2%1#2", false, "PROXY TCP6 fe80::1 fe80::2 1 2\r\n",
	  BYTES(SIGNATURE "\x21\x21\x00\x24" "\xfe\x80" Z8 Z4 "\0\1" "\xfe\x80" Z8 Z4 "\0\2" "\0\1\0\2") },
	{ "/run/x!!", "@name!!!", false, "PROXY UNKNOWN\r\n",
	  BYTES(SIGNATURE "\x21\x31\x00\xd8" "/run/x!!" Z100 "\0name!!!" Z100) },
	{ "/run/x!!", "10.0.0.1#1", false, "PROXY UNKNOWN\r\n", BYTES(SIGNATURE "\x21\x00\x00\x00") },
	{ "", "", false, "PROXY UNKNOWN\r\n", BYTES(SIGNATURE "\x21\x00\x00\x00") },
	{ "10.0.0.1#1", "", false, "PROXY UNKNOWN\r\n", BYTES(SIGNATURE "\x21\x00\x00\x00") },
	{ "10.0.0.1#1", "10.0.0.2#1", true, "PROXY UNKNOWN\r\n", BYTES(SIGNATURE "\x20\x00\x00\x00") },
};

/* Write a header where memory ends, and read it again. */
static void check_written(const char *row, struct proxy_header *header, const void *want, size_t want_len)
{
	struct guard guard = guard_open();
	uint8_t *dst = (uint8_t *)guard_room(&guard, PROXY_WRITTEN_MAX);
	struct proxy_header again;
	const char *reason = "";
	size_t len = proxy_header_write(header, dst);

	CHECK_INT(row, len, want_len);
	if (memcmp(dst, want, want_len) != 0)
		fail_msg("%s: v%d: other bytes than expected", row, header->version);
	CHECK_INT(row, proxy_header_read(dst, len, &again, &reason), len);
	CHECK_INT(row, again.version, header->version);
	guard_close(&guard);
}

static void writes_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(write_rows); i++) {
		struct proxy_header header = {
			.version = PROXY_V1,
			.is_local = write_rows[i].is_local,
			.source = make_addr(write_rows[i].source),
			.destination = make_addr(write_rows[i].destination),
		};
		char row[32];

		snprintf(row, sizeof(row), "row %zu", i);
		check_written(row, &header, write_rows[i].v1, strlen(write_rows[i].v1));
		header.version = PROXY_V2;
		check_written(row, &header, write_rows[i].v2, write_rows[i].v2_len);
	}
}

/* What a header says is what was put into it, for every address that both versions know. */
static void reads_what_it_wrote(void **state)
{
	static const char *const texts[] = { "0.0.0.0#0", "255.255.255.255#65535", "::#0", "::1#80",
					     "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff#65535", "1:0:0:2::3#443" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		for (enum proxy_version version = PROXY_V1; version <= PROXY_V2; version++) {
			struct proxy_header header = { .version = version, .source = make_addr(texts[i]) }, again;
			uint8_t dst[PROXY_WRITTEN_MAX];
			const char *reason;
			size_t len;

			header.destination = header.source;
			len = proxy_header_write(&header, dst);
			CHECK_INT(texts[i], proxy_header_read(dst, len, &again, &reason), len);
			assert_true(addr_equal(&again.source, &header.source));
			assert_true(addr_equal(&again.destination, &header.destination));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_headers),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(ends_where_it_ends),
		cmocka_unit_test(survives_flipped_bits),
		cmocka_unit_test(checks_the_checksum),
		cmocka_unit_test(reads_the_longest),
		cmocka_unit_test(writes_headers),
		cmocka_unit_test(reads_what_it_wrote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
