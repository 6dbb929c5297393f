/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Access rules: the grammar, who is admitted, and how many clients a host has. */
#include "base/util.h"
#include "engine/access.h"
#include "engine/hosts.h"

#include "check.h"
#include "guard.h"

#include <errno.h>
#include <stdio.h>

static struct addr address(const char *text)
{
	struct addr addr;

	assert_int_equal(addr_parse_ip(&addr, text, 9000), 0);
	return addr;
}

/* Rules of one list, and whether an address is in it. */
static const struct {
	const char *rules, *address;
	bool is_in;
} rows[] = {
	{ "127.0.0.1", "127.0.0.1", true },
	{ "127.0.0.1", "127.0.0.2", false },
	{ "127.0.0.1", "::ffff:127.0.0.1", true },
	{ "::ffff:127.0.0.1", "127.0.0.1", true },
	{ "127.0.0.1", "::1", false },
	{ "::1", "::1", true },
	{ "[::1]", "::1", true },
	{ "::1", "0.0.0.1", false },
	{ "10.0.0.0/8", "10.255.255.255", true },
	{ "10.0.0.0/8", "11.0.0.0", false },
	{ "10.0.0.0/8", "9.255.255.255", false },
	{ "10.1.2.3/24", "10.1.2.255", true },
	{ "10.1.2.3/23", "10.1.3.1", true },
	{ "10.1.2.3/23", "10.1.4.0", false },
	{ "10.1.2.3/32", "10.1.2.3", true },
	{ "10.1.2.3/32", "10.1.2.2", false },
	{ "0.0.0.0/0", "255.255.255.255", true },
	{ "0.0.0.0/0", "::1", false },
	{ "::/0", "2001:db8::1", true },
	{ "::/0", "127.0.0.1", false },
	{ "::ffff:0:0/96", "127.0.0.1", true },
	{ "::ffff:10.0.0.0/104", "10.1.2.3", true },
	{ "::ffff:10.0.0.0/104", "11.1.2.3", false },
	{ "2001:db8::/33", "2001:db8:7fff::", true },
	{ "2001:db8::/33", "2001:db8:8000::", false },
	{ "127.0.0.2-4", "127.0.0.2", true },
	{ "127.0.0.2-4", "127.0.0.4", true },
	{ "127.0.0.2-4", "127.0.0.5", false },
	{ "127.0.0.2-4", "127.0.0.1", false },
	{ "127.0.0.2-127.0.1.4", "127.0.0.255", true },
	{ "127.0.0.2-127.0.1.4", "127.0.1.5", false },
	{ "10.*.0.1", "10.200.0.1", true },
	{ "10.*.0.1", "10.200.1.1", false },
	{ "10.0.*.*", "10.0.7.8", true },
	{ "10.0.*.*", "10.1.7.8", false },
	{ "10.0-3.*.5-6", "10.2.9.6", true },
	{ "10.0-3.*.5-6", "10.2.9.7", false },
	{ "*.*.*.*", "1.2.3.4", true },
	{ "2001:db8::2-2001:db8::ff", "2001:db8::80", true },
	{ "2001:db8::2-2001:db8::ff", "2001:db8::1", false },
	{ "2001:db8::2-ff", "2001:db8::ff", true },
	{ "2001:db8::2-ff", "2001:db8::100", false },
	{ "fe80::1%lo", "fe80::1%lo", true },
	{ "fe80::1%lo", "fe80::1%7", false },
	{ "fe80::%lo/10", "fe80::9%lo", true },
	{ "fe80::%lo/10", "fe80::9%7", false },
	{ "fe80::/10", "fe80::9%7", true },
	{ "1.1.1.1,2.2.2.2 , 3.3.3.3", "3.3.3.3", true },
	{ "1.1.1.1\t2.2.2.2\n", "2.2.2.2", true },
	/* The one that reaches furthest is not the last that begins before it. */
	{ "10.0.0.0/8 10.1.0.0/16 10.1.1.1", "10.200.0.1", true },
	{ "10.1.1.1 10.1.0.0/16 10.0.0.0-10.0.0.9", "10.1.255.1", true },
	{ "10.1.1.1 10.1.0.0/16 10.0.0.0-10.0.0.9", "10.0.0.10", false },
};

static void test_what_a_rule_has(void **state)
{
	struct guard guard = guard_open();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct addr addr = address(rows[i].address);
		struct access *allow = access_new(), *deny = access_new();
		size_t len = strlen(rows[i].rules);
		char name[128], error[ACCESS_ERROR_MAX];

		snprintf(name, sizeof(name), "%s has %s", rows[i].rules, rows[i].address);
		CHECK_INT(name, access_add(allow, ACCESS_ALLOW, NULL, guard_bytes(&guard, rows[i].rules, len), len,
					   error), 0);
		CHECK_INT(name, access_add(deny, ACCESS_DENY, NULL, rows[i].rules, len, error), 0);
		CHECK_INT(name, access_decide(allow, &addr).is_admitted, rows[i].is_in);
		CHECK_INT(name, access_decide(deny, &addr).is_admitted, !rows[i].is_in);
		access_free(allow);
		access_free(deny);
	}
	guard_close(&guard);
}

static const struct {
	const char *rules, *error;
} mistakes[] = {
	{ "", "--deny: \"\": there is no rule" },
	{ " ,", "--deny: \"\": there is no rule" },
	{ "1.2.3", "--deny: \"1.2.3\": an IPv4 address is four numbers from 0 to 255, as in 127.0.0.1" },
	{ "1.2.3.4.5", "--deny: \"1.2.3.4.5\": an IPv4 address is four numbers from 0 to 255, as in 127.0.0.1" },
	{ "1.2.3.256", "--deny: \"1.2.3.256\": an IPv4 address is four numbers from 0 to 255, as in 127.0.0.1" },
	{ "1.2.3.", "--deny: \"1.2.3.\": an IPv4 address is four numbers from 0 to 255, as in 127.0.0.1" },
	{ "1.2.3.9-4", "--deny: \"1.2.3.9-4\": the range ends before it begins" },
	{ "1.2.3.9-1.2.3.4", "--deny: \"1.2.3.9-1.2.3.4\": the range ends before it begins" },
	{ "::1-1.2.3.4", "--deny: \"::1-1.2.3.4\": a range has two addresses of one family" },
	{ "::9-4", "--deny: \"::9-4\": the range ends before it begins" },
	{ "10.0.0.0/33", "--deny: \"10.0.0.0/33\": behind the slash stands a number of bits from 0 to 32" },
	{ "10.0.0.0/", "--deny: \"10.0.0.0/\": behind the slash stands a number of bits from 0 to 32" },
	{ "::1/129", "--deny: \"::1/129\": behind the slash stands a number of bits from 0 to 128" },
	{ "localhost/8", "--deny: \"localhost/8\": a prefix is an address and a number of bits, as in 10.0.0.0/8" },
	{ "127.0.0.1:80", "--deny: \"127.0.0.1:80\": this is no IPv6 address; a rule has no port" },
	{ "[127.0.0.1]", "--deny: \"[127.0.0.1]\": brackets are for IPv6 addresses only" },
	{ "::1%nowhere", "--deny: \"::1%nowhere\": there is no such network interface" },
	{ "a..b", "--deny: \"a..b\": a part of the name of a host has 1 to 63 characters" },
	{ "a\033b", "--deny: \"a\\033b\": this is neither an address nor the name of a host" },
	{ "1.1.1.1 b\xc3\xbc", "--deny: \"b\\xc3\\xbc\": this is neither an address nor the name of a host" },
};

static void test_a_bad_rule_names_itself(void **state)
{
	char error[ACCESS_ERROR_MAX], longer[ACCESS_RULE_MAX + 2];
	struct access *access = access_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		CHECK_INT(mistakes[i].rules,
			  access_add(access, ACCESS_DENY, NULL, mistakes[i].rules, strlen(mistakes[i].rules), error),
			  -EINVAL);
		CHECK_STRING(mistakes[i].rules, error, mistakes[i].error);
	}
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(access_add(access, ACCESS_ALLOW, NULL, longer, strlen(longer), error), -EINVAL);
	assert_int_equal(access_add(access, ACCESS_ALLOW, NULL, "1.1.1.1\0b", 9, error), -EINVAL);
	assert_string_equal(error, "--allow: \"1.1.1.1\\0b\": this is neither an address nor the name of a host");
	access_free(access);
}

static void test_files(void **state)
{
	const char good[] = "# nobody\n10.0.0.0/8  ::1 # a comment\n\n127.0.0.1#close\n";
	const char bad[] = "1.1.1.1\n# 300.0.0.0\n\n2.2.2.2 300.0.0.0\n";
	struct addr near = address("127.0.0.1"), far = address("8.8.8.8");
	struct access *access = access_new();
	char error[ACCESS_ERROR_MAX];

	(void)state;
	assert_int_equal(access_add(access, ACCESS_ALLOWFILE, "rules", good, strlen(good), error), 0);
	assert_true(access_decide(access, &near).is_admitted);
	assert_false(access_decide(access, &far).is_admitted);
	assert_int_equal(access_add(access, ACCESS_DENYFILE, "my rules", bad, strlen(bad), error), -EINVAL);
	assert_string_equal(error, "my rules line 4: \"300.0.0.0\": an IPv4 address is four numbers from 0 to 255, as "
				   "in 127.0.0.1");
	access_free(access);
	/* An allow list without a rule admits nobody; a deny list without one everybody. */
	access = access_new();
	assert_int_equal(access_add(access, ACCESS_DENYFILE, "empty", "", 0, error), 0);
	assert_true(access_decide(access, &near).is_admitted);
	assert_int_equal(access_add(access, ACCESS_ALLOWFILE, "empty", "# nobody", 8, error), 0);
	assert_false(access_decide(access, &near).is_admitted);
	access_free(access);
}

static void test_deny_wins_and_says_which(void **state)
{
	struct addr both = address("127.0.0.1"), one = address("127.0.0.2"), none = address("::1");
	struct access *access = access_new();
	struct access_verdict verdict;
	char error[ACCESS_ERROR_MAX];

	(void)state;
	access_add(access, ACCESS_ALLOW, NULL, "127.0.0.0/8", 11, error);
	access_add(access, ACCESS_DENYFILE, "f", "127.0.0.1/32", 12, error);
	verdict = access_decide(access, &both);
	assert_false(verdict.is_admitted);
	assert_string_equal(access_option_name(verdict.option), "denyfile");
	assert_string_equal(verdict.rule, "127.0.0.1/32");
	assert_true(access_decide(access, &one).is_admitted);
	verdict = access_decide(access, &none);
	assert_false(verdict.is_admitted);
	assert_string_equal(access_option_name(verdict.option), "allow");
	assert_null(verdict.rule);
	access_free(access);
}

static void test_names_stand_for_their_addresses(void **state)
{
	struct addr v4 = address("192.0.2.1"), v6 = address("2001:db8::1"), other = address("192.0.2.2");
	struct access *access = access_new();
	char error[ACCESS_ERROR_MAX];

	(void)state;
	assert_int_equal(access_add(access, ACCESS_DENY, NULL, "host.example,1.2.3.4", 20, error), 0);
	assert_int_equal(access_name_count(access), 1);
	assert_string_equal(access_name(access, 0), "host.example");
	assert_int_equal(access_name_option(access, 0), ACCESS_DENY);
	assert_true(access_decide(access, &v4).is_admitted);
	assert_int_equal(access_set_name(access, 0, &v4), 0);
	assert_int_equal(access_set_name(access, 0, &v6), 0);
	assert_string_equal(access_decide(access, &v4).rule, "host.example");
	assert_string_equal(access_decide(access, &v6).rule, "host.example");
	assert_true(access_decide(access, &other).is_admitted);
	access_free(access);
}

/* Many rules: none is missed, and none too many found. */
static void test_a_long_list(void **state)
{
	struct access *access = access_new();
	char rule[32], error[ACCESS_ERROR_MAX];

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		unsigned at = i * 7919 % 5000;

		snprintf(rule, sizeof(rule), "10.%u.%u.8/29", at / 250, at % 250);
		assert_int_equal(access_add(access, ACCESS_DENY, NULL, rule, strlen(rule), error), 0);
	}
	for (unsigned i = 0; i < 5000; i++) {
		struct addr in, out;

		snprintf(rule, sizeof(rule), "10.%u.%u.15", i / 250, i % 250);
		in = address(rule);
		snprintf(rule, sizeof(rule), "10.%u.%u.16", i / 250, i % 250);
		out = address(rule);
		assert_false(access_decide(access, &in).is_admitted);
		assert_true(access_decide(access, &out).is_admitted);
	}
	access_free(access);
}

static void test_clients_of_hosts(void **state)
{
	struct hosts hosts = { .seed = 7 };
	struct addr near = address("127.0.0.1"), mapped = address("::ffff:127.0.0.1"), other = address("::1");
	struct host *held[100], *first;
	char text[32];

	(void)state;
	assert_int_equal(hosts_count(&hosts, &near), 0);
	first = hosts_enter(&hosts, &near);
	addr_set_port(&mapped, 77);
	assert_ptr_equal(hosts_enter(&hosts, &mapped), first);
	assert_int_equal(hosts_count(&hosts, &near), 2);
	assert_int_equal(hosts_count(&hosts, &other), 0);
	for (unsigned i = 0; i < ARRAY_LEN(held); i++) {
		snprintf(text, sizeof(text), "10.0.0.%u", i);
		struct addr addr = address(text);

		held[i] = hosts_enter(&hosts, &addr);
		assert_int_equal(hosts_count(&hosts, &addr), 1);
	}
	for (unsigned i = 0; i < ARRAY_LEN(held) - 1; i++)
		hosts_leave(&hosts, held[i]);
	assert_int_equal(hosts.count, 2);
	hosts_leave(&hosts, first);
	assert_int_equal(hosts_count(&hosts, &near), 1);
	hosts_leave(&hosts, first);
	assert_int_equal(hosts_count(&hosts, &near), 0);
	hosts_clear(&hosts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_rule_has),
		cmocka_unit_test(test_a_bad_rule_names_itself),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_deny_wins_and_says_which),
		cmocka_unit_test(test_names_stand_for_their_addresses),
		cmocka_unit_test(test_a_long_list),
		cmocka_unit_test(test_clients_of_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
