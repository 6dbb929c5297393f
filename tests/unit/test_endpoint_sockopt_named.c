/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Socket options by their names: found, their values read as people write them, and shown as the kernel gives them. */
#include "endpoint/sockopt_named.h"

#include "endpoint/sockopt_value.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/time.h>

#include "base/parse.h"
#include "base/util.h"

#include "check.h"

static struct sockopt named_of(const char *name)
{
	struct sockopt named;

	if (!sockopt_named_find(name, &named))
		fail_msg("%s is not found", name);
	return named;
}

static void test_find(void **state)
{
	static const struct {
		const char *name;
		int level, optname;
		enum sockopt_type type;
	} rows[] = {
		{ "SO_SNDBUF", SOL_SOCKET, SO_SNDBUF, SOCKOPT_SIZE },
		{ "so_rcvtimeo", SOL_SOCKET, SO_RCVTIMEO, SOCKOPT_TIME },
		{ "SO_LINGER", SOL_SOCKET, SO_LINGER, SOCKOPT_LINGER },
		{ "TCP_CONGESTION", IPPROTO_TCP, TCP_CONGESTION, SOCKOPT_WORD },
		{ "TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY, SOCKOPT_BOOL },
		{ "IPV6_V6ONLY", IPPROTO_IPV6, IPV6_V6ONLY, SOCKOPT_BOOL },
		{ "IP_TTL", IPPROTO_IP, IP_TTL, SOCKOPT_INT },
	};
	struct sockopt named;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		named = named_of(rows[i].name);
		assert_int_equal(named.level, rows[i].level);
		assert_int_equal(named.optname, rows[i].optname);
		assert_int_equal(named.type, rows[i].type);
	}
	assert_string_equal(named_of("so_sndbuf").constant, "SO_SNDBUF");
	assert_false(sockopt_named_find("SO_SNDBUFF", &named));
	assert_false(sockopt_named_find("", &named));
}

/* All names are found again, each as itself, and behind the last there is none. */
static void test_all(void **state)
{
	const char *name;
	size_t count = 0;

	(void)state;
	for (; (name = sockopt_named_at(NULL, count)) != NULL; count++)
		assert_string_equal(named_of(name).constant, name);
	assert_true(count > 50);
	assert_null(sockopt_named_at(NULL, count + 1));
}

/* Sockt's own words, those without a prefix, and misspelt ones are told as the manual pages have them. */
static void test_near(void **state)
{
	(void)state;
	assert_string_equal(sockopt_named_near("nodelay"), "TCP_NODELAY");
	assert_string_equal(sockopt_named_near("interface"), "SO_BINDTODEVICE");
	assert_string_equal(sockopt_named_near("RCVBUF"), "SO_RCVBUF");
	assert_string_equal(sockopt_named_near("so-rcvbuf"), "SO_RCVBUF");
	assert_string_equal(sockopt_named_near("SO_SNDBUFF"), "SO_SNDBUF");
	assert_null(sockopt_named_near("nothing-of-the-kind"));
	assert_null(sockopt_named_near(""));
}

/* Read text as the value of an option; what it must be is len bytes. */
static void parse_as(const char *name, const char *text, const void *want, size_t want_len)
{
	const struct sockopt named = named_of(name);
	struct sockopt_value value;
	char error[PARSE_ERROR_MAX];

	if (sockopt_parse(&named, named.constant, text, true, &value, error) != 0)
		fail_msg("%s %s: %s", name, text, error);
	assert_int_equal(value.len, want_len);
	assert_memory_equal(value.bytes, want, want_len);
}

static void parse_int(const char *name, const char *text, int want)
{
	parse_as(name, text, &want, sizeof(want));
}

static void test_parse(void **state)
{
	const struct timeval quarter = { .tv_usec = 250000 }, none = { .tv_sec = 0 };
	const struct linger off = { .l_onoff = 0 }, three = { .l_onoff = 1, .l_linger = 3 }, zero = { .l_onoff = 1 };

	(void)state;
	parse_int("TCP_NODELAY", "on", 1);
	parse_int("TCP_NODELAY", "off", 0);
	parse_int("SO_SNDBUF", "64k", 65536);
	parse_int("IP_TTL", "-1", -1);
	parse_as("SO_RCVTIMEO", "250ms", &quarter, sizeof(quarter));
	parse_as("SO_SNDTIMEO", "0", &none, sizeof(none));
	parse_as("SO_LINGER", "off", &off, sizeof(off));
	parse_as("SO_LINGER", "3s", &three, sizeof(three));
	parse_as("SO_LINGER", "0", &zero, sizeof(zero));
	parse_as("TCP_CONGESTION", "cubic", "cubic", 5);
	parse_as("SO_BINDTODEVICE", "fifteen-letters", "fifteen-letters", 15);
}

static void test_parse_refuses(void **state)
{
	static const struct {
		const char *name, *text, *why;
		int error;
	} rows[] = {
		{ "SO_SNDBUF", "much", "SO_SNDBUF", -EINVAL },
		{ "SO_SNDBUF", "", "SO_SNDBUF", -EINVAL },
		{ "SO_SNDBUF", "--1", "SO_SNDBUF", -EINVAL },
		{ "SO_SNDBUF", "4G", "SO_SNDBUF", -ERANGE },
		{ "SO_RCVTIMEO", "soon", "SO_RCVTIMEO", -EINVAL },
		{ "SO_LINGER", "250ms", "SO_LINGER counts in whole seconds", -EINVAL },
		{ "TCP_CONGESTION", "", "a word of at most 15 letters", -EINVAL },
		{ "TCP_CONGESTION", "\x1b[31mcubic, and more", "not \"\\x1b[31mcubic", -EINVAL },
	};
	struct sockopt_value value;
	char error[PARSE_ERROR_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct sockopt named = named_of(rows[i].name);
		int ret = sockopt_parse(&named, named.constant, rows[i].text, true, &value, error);

		if (ret != rows[i].error)
			fail_msg("%s %s: %d", rows[i].name, rows[i].text, ret);
		if (strstr(error, rows[i].why) == NULL)
			fail_msg("%s %s: %s", rows[i].name, rows[i].text, error);
	}
}

/* What the kernel gave: a number, or words. */
static void test_read(void **state)
{
	const struct linger off = { .l_onoff = 0, .l_linger = 7 }, three = { .l_onoff = 1, .l_linger = 3 };
	const struct timeval time = { .tv_sec = 2, .tv_usec = 250999 };
	const int integer = -5;
	struct sockopt named = named_of("SO_SNDBUF");
	char words[64] = "";
	int64_t number = 0;

	(void)state;
	assert_true(sockopt_read(&named, &integer, sizeof(integer), &number, words, sizeof(words)));
	assert_int_equal(number, -5);
	/* Some are no int at all: their size is told. */
	assert_false(sockopt_read(&named, "abc", 3, &number, words, sizeof(words)));
	assert_string_equal(words, "3 bytes");
	named = named_of("SO_RCVTIMEO");
	assert_true(sockopt_read(&named, &time, sizeof(time), &number, words, sizeof(words)));
	assert_int_equal(number, 2250);
	named = named_of("SO_LINGER");
	assert_true(sockopt_read(&named, &three, sizeof(three), &number, words, sizeof(words)));
	assert_int_equal(number, 3);
	assert_false(sockopt_read(&named, &off, sizeof(off), &number, words, sizeof(words)));
	assert_string_equal(words, "off");
	named = named_of("TCP_CONGESTION");
	assert_false(sockopt_read(&named, "reno\0\0\0", 7, &number, words, sizeof(words)));
	assert_string_equal(words, "reno");
	assert_false(sockopt_read(&named, "\x1b[3", 3, &number, words, sizeof(words)));
	assert_string_equal(words, "\\x1b[3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_near),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_refuses),
		cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
