/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses: read, written in each of three ways, compared, asked. */
#include "base/addr.h"
#include "base/util.h"

#include "check.h"
#include "guard.h"

#include <errno.h>
#include <stdio.h>

static void test_parse_ip(void **state)
{
	static const struct {
		const char *text;
		int want;
		const char *traced;
		const char *words;
		const char *host;
	} rows[] = {
		{ "127.0.0.1", 0, "127.0.0.1:9000", "127.0.0.1 port 9000", "127.0.0.1" },
		{ "0.0.0.0", 0, "0.0.0.0:9000", "0.0.0.0 port 9000", "0.0.0.0" },
		{ "::1", 0, "[::1]:9000", "::1 port 9000", "::1" },
		{ "::", 0, "[::]:9000", ":: port 9000", "::" },
		{ "2001:DB8:0:0::1", 0, "[2001:db8::1]:9000", "2001:db8::1 port 9000", "2001:db8::1" },
		{ "::ffff:10.0.0.1", 0, "[::ffff:10.0.0.1]:9000", "10.0.0.1 port 9000", "10.0.0.1" },
		{ "fe80::1%lo", 0, "[fe80::1%lo]:9000", "fe80::1%lo port 9000", "fe80::1%lo" },
		{ "fe80::1%1", 0, "[fe80::1%lo]:9000", "fe80::1%lo port 9000", "fe80::1%lo" },
		{ "fe80::1%4294967295", 0, "[fe80::1%4294967295]:9000", NULL, NULL },
		{ "fe80::1%4294967296", -ENODEV, NULL, NULL, NULL },
		{ "fe80::1%0", -ENODEV, NULL, NULL, NULL },
		{ "fe80::1%", -EINVAL, NULL, NULL, NULL },
		{ "fe80::1%no_such_device0", -ENODEV, NULL, NULL, NULL },
		{ "fe80::1%nodev0", -ENODEV, NULL, NULL, NULL },
		{ "127.0.0.1%lo", -EINVAL, NULL, NULL, NULL },
		{ "[::1]", -EINVAL, NULL, NULL, NULL },
		{ "", -EINVAL, NULL, NULL, NULL },
		{ "%lo", -EINVAL, NULL, NULL, NULL },
		{ "localhost", -EINVAL, NULL, NULL, NULL },
		{ "127.1", -EINVAL, NULL, NULL, NULL },
		{ "127.0.0.01", -EINVAL, NULL, NULL, NULL },
		{ "127.0.0.256", -EINVAL, NULL, NULL, NULL },
		{ "1.2.3.4.5", -EINVAL, NULL, NULL, NULL },
		{ " ::1", -EINVAL, NULL, NULL, NULL },
		{ "::1:2:3:4:5:6:7:8:9", -EINVAL, NULL, NULL, NULL },
		{ "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", -EINVAL, NULL, NULL, NULL },
	};
	struct guard guard = guard_open();
	char dst[ADDR_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct addr addr = { .len = 1 };
		const char *row = rows[i].text;
		CHECK_INT(row, addr_parse_ip(&addr, guard_string(&guard, row), 9000), rows[i].want);
		if (rows[i].want != 0) {
			CHECK_INT(row, addr.len, 1);
			continue;
		}
		CHECK_INT(row, addr_port(&addr), 9000);
		CHECK_STRING(row, addr_format(&addr, dst, sizeof(dst)), rows[i].traced);
		if (rows[i].words != NULL)
			CHECK_STRING(row, addr_format_words(&addr, dst, sizeof(dst)), rows[i].words);
		if (rows[i].host != NULL)
			CHECK_STRING(row, addr_format_host(&addr, dst, sizeof(dst)), rows[i].host);
	}
	guard_close(&guard);
}

static void test_unix(void **state)
{
	char path[120];
	struct addr addr;
	char dst[ADDR_TEXT_MAX];
	struct guard guard = guard_open();

	(void)state;
	assert_int_equal(addr_set_unix(&addr, ""), -EINVAL);
	assert_int_equal(addr_set_unix(&addr, "@"), -EINVAL);

	assert_int_equal(addr_set_unix(&addr, "/run/x.sock"), 0);
	assert_int_equal(addr.len, offsetof(struct sockaddr_un, sun_path) + sizeof("/run/x.sock"));
	assert_string_equal(addr_format(&addr, dst, sizeof(dst)), "/run/x.sock");
	assert_string_equal(addr_format_words(&addr, dst, sizeof(dst)), "/run/x.sock");
	assert_string_equal(addr_format_host(&addr, dst, sizeof(dst)), "/run/x.sock");
	assert_int_equal(addr_family(&addr), AF_UNIX);
	assert_int_equal(addr_port(&addr), 0);

	assert_int_equal(addr_set_unix(&addr, "@name"), 0);
	assert_int_equal(addr.len, offsetof(struct sockaddr_un, sun_path) + 5);
	assert_int_equal(addr.un.sun_path[0], 0);
	assert_string_equal(addr_format(&addr, dst, sizeof(dst)), "@name");

	/* 107 bytes fit, with the NUL of a path behind or that of an abstract name in front. */
	memset(path, 'p', sizeof(path));
	path[107] = '\0';
	assert_int_equal(addr_set_unix(&addr, path), 0);
	assert_int_equal(addr.len, sizeof(struct sockaddr_un));
	assert_string_equal(addr_format(&addr, dst, sizeof(dst)), path);
	path[107] = 'p';
	path[108] = '\0';
	assert_int_equal(addr_set_unix(&addr, path), -ENAMETOOLONG);
	path[0] = '@';
	assert_int_equal(addr_set_unix(&addr, path), 0);
	assert_string_equal(addr_format(&addr, dst, sizeof(dst)), path);
	path[108] = 'p';
	path[109] = '\0';
	assert_int_equal(addr_set_unix(&addr, path), -ENAMETOOLONG);

	/* The worst name fills its room to the last byte. */
	memset(path, '\x1f', sizeof(path));
	path[0] = '@';
	path[108] = '\0';
	assert_int_equal(addr_set_unix(&addr, path), 0);
	char *room = guard_room(&guard, ADDR_TEXT_MAX);
	assert_int_equal(strlen(addr_format(&addr, room, ADDR_TEXT_MAX)), 1 + 107 * 4);
	guard_close(&guard);
}

/* As the kernel gives them: unnamed, a path that fills sun_path without NUL, longer than there is room for, none. */
static void test_set(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_storage other = { .ss_family = AF_NETLINK };
	struct addr addr;
	char dst[ADDR_TEXT_MAX];
	char path[sizeof(un.sun_path) + 1] = "";

	(void)state;
	addr_set(&addr, NULL, 0);
	assert_int_equal(addr_family(&addr), AF_UNSPEC);
	assert_string_equal(addr_format(&addr, dst, sizeof(dst)), "(none)");

	addr_set(&addr, (struct sockaddr *)&un, sizeof(un.sun_family));
	assert_string_equal(addr_format(&addr, dst, sizeof(dst)), "(unnamed)");

	memset(un.sun_path, 'x', sizeof(un.sun_path));
	memset(path, 'x', sizeof(un.sun_path));
	addr_set(&addr, (struct sockaddr *)&un, sizeof(un));
	assert_string_equal(addr_format(&addr, dst, sizeof(dst)), path);

	memcpy(un.sun_path, "a\"\n\xff", 5);
	addr_set(&addr, (struct sockaddr *)&un, sizeof(un));
	assert_string_equal(addr_format(&addr, dst, sizeof(dst)), "a\\\"\\n\\xff");

	addr_set(&addr, (struct sockaddr *)&other, sizeof(other));
	assert_true(addr.len <= sizeof(addr) - offsetof(struct addr, sa));
	assert_string_equal(addr_format(&addr, dst, sizeof(dst)), "(family 16)");
}

static struct addr make(const char *text, uint16_t port)
{
	struct addr addr;
	int ret = text[0] == '/' || text[0] == '@' ? addr_set_unix(&addr, text) : addr_parse_ip(&addr, text, port);
	assert_int_equal(ret, 0);
	return addr;
}

static void test_equal(void **state)
{
	static const struct {
		const char *a, *b;
		uint16_t a_port, b_port;
		bool want;
	} rows[] = {
		{ "127.0.0.1", "127.0.0.1", 1, 1, true },  { "127.0.0.1", "127.0.0.1", 1, 2, false },
		{ "127.0.0.1", "127.0.0.2", 1, 1, false }, { "::1", "::1", 1, 1, true },
		{ "::1", "::1", 1, 2, false },		   { "::1", "::2", 1, 1, false },
		{ "fe80::1%1", "fe80::1%2", 1, 1, false }, { "fe80::1%2", "fe80::1%2", 1, 1, true },
		{ "127.0.0.1", "::ffff:127.0.0.1", 1, 1, false },
		{ "/a", "/a", 0, 0, true },		   { "/a", "/ab", 0, 0, false },
		{ "@a", "@a", 0, 0, true },		   { "@a", "@b", 0, 0, false },
		{ "/a", "@a", 0, 0, false },		   { "/a", "::1", 0, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct addr a = make(rows[i].a, rows[i].a_port), b = make(rows[i].b, rows[i].b_port);
		CHECK_INT(rows[i].a, addr_equal(&a, &b), rows[i].want);
		CHECK_INT(rows[i].a, addr_equal(&b, &a), rows[i].want);
	}

	/* A path as the kernel gives it may or may not have its NUL counted. */
	struct addr with = make("/run/s", 0), without = with;
	without.len--;
	assert_true(addr_equal(&with, &without));
}

static void test_questions(void **state)
{
	static const struct {
		const char *text;
		bool is_loopback, is_wildcard, is_v4mapped;
	} rows[] = {
		{ "127.0.0.1", true, false, false },	   { "127.255.255.255", true, false, false },
		{ "126.0.0.1", false, false, false },	   { "128.0.0.1", false, false, false },
		{ "::1", true, false, false },		   { "::2", false, false, false },
		{ "::ffff:127.0.0.1", true, false, true }, { "::ffff:1.2.3.4", false, false, true },
		{ "0.0.0.0", false, true, false },	   { "::", false, true, false },
		{ "::ffff:0.0.0.0", false, true, true },   { "/x", false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct addr addr = make(rows[i].text, 1);
		CHECK_INT(rows[i].text, addr_is_loopback(&addr), rows[i].is_loopback);
		CHECK_INT(rows[i].text, addr_is_wildcard(&addr), rows[i].is_wildcard);
		CHECK_INT(rows[i].text, addr_is_v4mapped(&addr), rows[i].is_v4mapped);
	}
}

static void test_any_and_port(void **state)
{
	struct addr addr;
	char dst[ADDR_TEXT_MAX];

	(void)state;
	addr_set_any(&addr, AF_INET, 80);
	assert_int_equal(addr.len, sizeof(struct sockaddr_in));
	assert_string_equal(addr_format(&addr, dst, sizeof(dst)), "0.0.0.0:80");
	addr_set_any(&addr, AF_INET6, 65535);
	assert_int_equal(addr.len, sizeof(struct sockaddr_in6));
	assert_string_equal(addr_format(&addr, dst, sizeof(dst)), "[::]:65535");
	addr_set_port(&addr, 0);
	assert_int_equal(addr_port(&addr), 0);
	addr_set_port(&addr, 258);
	assert_int_equal(addr.in6.sin6_port, htons(258));

	addr_set_unix(&addr, "/x");
	addr_set_port(&addr, 80);
	assert_string_equal(addr_format(&addr, dst, sizeof(dst)), "/x");
	assert_string_equal(addr_format(&addr, dst, 2), "/");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_ip),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_any_and_port),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
