/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clients of each host in a table without pointers: whoever enters and leaves in whatever order, each is counted. */
#include "engine/shared_hosts.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "check.h"

#define HOSTS 60
#define ROUNDS 20000

static struct shared_hosts *make(uint64_t clients, uint32_t seed)
{
	struct shared_hosts *hosts = mmap(NULL, shared_hosts_size(clients), PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(hosts != MAP_FAILED);
	shared_hosts_init(hosts, clients, seed);
	return hosts;
}

static struct addr host(unsigned number)
{
	struct addr addr;
	char text[64];

	if (number % 2 == 0)
		snprintf(text, sizeof(text), "10.0.0.%u", number);
	else
		snprintf(text, sizeof(text), "2001:db8::%x", number);
	assert_int_equal(addr_parse_ip(&addr, text, (uint16_t)(1000 + number)), 0);
	return addr;
}

/* The same as a plain list of counts, with a table as full as it may be. */
static void test_counts(void **state)
{
	uint32_t counts[HOSTS] = { 0 }, random = 1;

	(void)state;
	for (uint32_t seed = 0; seed < 4; seed++) {
		struct shared_hosts *hosts = make(1, seed);

		for (unsigned i = 0; i < ROUNDS; i++) {
			unsigned number;
			struct addr addr;

			random = random * 1664525 + 1013904223;
			number = (random >> 16) % HOSTS;
			addr = host(number);
			if (counts[number] > 0 && (random >> 8) % 2 == 0) {
				counts[number]--;
				shared_hosts_leave(hosts, &addr);
			} else if (counts[number] < 3) {
				counts[number]++;
				assert_true(shared_hosts_enter(hosts, &addr));
			}
			number = (random >> 4) % HOSTS;
			addr = host(number);
			assert_int_equal(shared_hosts_count(hosts, &addr), counts[number]);
		}
		for (unsigned number = 0; number < HOSTS; number++) {
			struct addr addr = host(number);

			for (; counts[number] > 0; counts[number]--)
				shared_hosts_leave(hosts, &addr);
			assert_int_equal(shared_hosts_count(hosts, &addr), 0);
		}
		munmap(hosts, shared_hosts_size(1));
	}
}

static void test_full_and_cleared(void **state)
{
	struct shared_hosts *hosts = make(64, 3);
	struct addr addr;
	unsigned count = 0;

	(void)state;
	for (addr = host(count); shared_hosts_enter(hosts, &addr); addr = host(++count))
		;
	assert_int_equal(count, 64);
	addr = host(0);
	assert_true(shared_hosts_enter(hosts, &addr));
	shared_hosts_clear(hosts);
	assert_int_equal(shared_hosts_count(hosts, &addr), 0);
	addr = host(65);
	assert_true(shared_hosts_enter(hosts, &addr));
	assert_int_equal(shared_hosts_count(hosts, &addr), 1);
	munmap(hosts, shared_hosts_size(64));
}

static void test_what_is_one_host(void **state)
{
	static const struct {
		const char *one, *other;
		uint32_t count;
	} rows[] = {
		{ "192.0.2.1", "::ffff:192.0.2.1", 1 },
		{ "192.0.2.1", "192.0.2.2", 0 },
		{ "::1", "::2", 0 },
		{ "::", "0.0.0.0", 0 },
	};
	struct shared_hosts *hosts = make(1, 0);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct addr one, other;

		assert_int_equal(addr_parse_ip(&one, rows[i].one, 1), 0);
		assert_int_equal(addr_parse_ip(&other, rows[i].other, 2), 0);
		assert_true(shared_hosts_enter(hosts, &one));
		CHECK_INT(rows[i].other, shared_hosts_count(hosts, &other), rows[i].count);
		shared_hosts_leave(hosts, &one);
	}
	munmap(hosts, shared_hosts_size(1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_full_and_cleared),
		cmocka_unit_test(test_what_is_one_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
