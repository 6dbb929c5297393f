/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What workers share: numbers that nobody else has, and room for so many clients, whoever dies in the middle. */
#include "engine/commons.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define PROCESSES 4
#define ROUNDS 20000

static int open_commons(unsigned workers, uint64_t max_conns, struct commons **commons)
{
	const struct commons_settings settings = { .workers = workers, .max_conns = max_conns };

	return commons_open(&settings, commons);
}

static void test_room_is_that_of_all(void **state)
{
	struct commons *commons;

	(void)state;
	assert_int_equal(open_commons(3, 2, &commons), 0);
	assert_true(commons_claim(commons, 0));
	assert_true(commons_claim(commons, 1));
	assert_false(commons_claim(commons, 0));
	assert_false(commons_claim(commons, 2));
	/* Who releases knows of itself; but 2 waits as well. */
	assert_true(commons_release(commons, 0));
	assert_true(commons_claim(commons, 2));
	assert_false(commons_take_waiting(commons, 2));
	assert_true(commons_release(commons, 1));
	assert_true(commons_claim(commons, 0));
	assert_false(commons_release(commons, 0));
	commons_close(commons);
}

/* One that stands still is told of room once, and nobody has to be told that it waits, until it has asked again. */
static void test_who_waits_is_told_once(void **state)
{
	struct commons *commons;

	(void)state;
	assert_int_equal(open_commons(2, 1, &commons), 0);
	assert_true(commons_claim(commons, 0));
	assert_false(commons_claim(commons, 1));
	assert_false(commons_take_waiting(commons, 1));
	assert_true(commons_release(commons, 0));
	assert_true(commons_take_waiting(commons, 1));
	assert_false(commons_take_waiting(commons, 1));
	for (int i = 0; i < 3; i++) {
		assert_true(commons_claim(commons, 0));
		assert_false(commons_release(commons, 0));
	}
	assert_true(commons_claim(commons, 0));
	assert_false(commons_claim(commons, 1));
	assert_true(commons_release(commons, 0));
	assert_true(commons_take_waiting(commons, 1));
	commons_close(commons);
}

static void test_what_a_dead_one_held_is_free(void **state)
{
	struct commons *commons;

	(void)state;
	assert_int_equal(open_commons(2, 3, &commons), 0);
	assert_true(commons_claim(commons, 1));
	assert_true(commons_claim(commons, 1));
	assert_true(commons_claim(commons, 0));
	assert_false(commons_claim(commons, 1));
	commons_forget(commons, 1);
	assert_false(commons_take_waiting(commons, 1));
	assert_true(commons_claim(commons, 0));
	assert_true(commons_claim(commons, 0));
	assert_false(commons_claim(commons, 0));
	commons_close(commons);
}

/* A host has its clients in all workers together, and those of a dead one are given back. */
static void test_a_host_has_so_many_in_all(void **state)
{
	const struct commons_settings settings = {
		.workers = 3, .max_conns = UINT64_MAX, .max_per_host = 2, .clients = 100, .seed = 7
	};
	struct commons *commons;
	struct addr host, other;

	(void)state;
	assert_int_equal(addr_parse_ip(&host, "192.0.2.1", 1), 0);
	assert_int_equal(addr_parse_ip(&other, "192.0.2.2", 1), 0);
	assert_int_equal(commons_open(&settings, &commons), 0);
	assert_true(commons_enter_host(commons, 0, &host));
	assert_true(commons_enter_host(commons, 2, &host));
	assert_false(commons_enter_host(commons, 1, &host));
	assert_true(commons_enter_host(commons, 1, &other));
	commons_leave_host(commons, 0, &host);
	assert_true(commons_enter_host(commons, 1, &host));
	assert_false(commons_enter_host(commons, 0, &host));
	commons_forget(commons, 2);
	assert_true(commons_enter_host(commons, 2, &host));
	assert_false(commons_enter_host(commons, 0, &host));
	commons_close(commons);
}

static void test_what_a_dead_one_counted_is_there(void **state)
{
	const struct relay_counts counts = { .opened = 7, .up_bytes = 99 }, less = { .opened = 7, .up_bytes = 5 };
	const struct relay_counts none = { .opened = 0 };
	struct relay_counts told;
	struct commons *commons;

	(void)state;
	assert_int_equal(open_commons(2, UINT64_MAX, &commons), 0);
	commons_tell(commons, 1, &counts);
	/* The bytes of open sessions are not in it every time. */
	commons_tell(commons, 1, &less);
	told = commons_forget(commons, 0);
	assert_memory_equal(&told, &none, sizeof(told));
	told = commons_forget(commons, 1);
	assert_memory_equal(&told, &counts, sizeof(told));
	told = commons_forget(commons, 1);
	assert_memory_equal(&told, &none, sizeof(told));
	commons_close(commons);
}

static void test_no_limit(void **state)
{
	struct commons *commons;

	(void)state;
	assert_int_equal(open_commons(1, UINT64_MAX, &commons), 0);
	for (int i = 0; i < 1000; i++)
		assert_true(commons_claim(commons, 0));
	assert_false(commons_release(commons, 0));
	commons_close(commons);
}

/* Fork, run work in the child, and end it there. */
static pid_t start(void (*work)(struct commons *commons, unsigned worker, uint32_t *out), struct commons *commons,
		   unsigned worker, uint32_t *out)
{
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		work(commons, worker, out);
		_exit(0);
	}
	return pid;
}

static void take_numbers(struct commons *commons, unsigned worker, uint32_t *out)
{
	for (int i = 0; i < ROUNDS; i++)
		out[worker * ROUNDS + (unsigned)i] = commons_number(commons);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void test_numbers_are_of_one(void **state)
{
	const size_t count = PROCESSES * ROUNDS;
	const int flags = MAP_SHARED | MAP_ANONYMOUS;
	uint32_t *numbers = mmap(NULL, count * sizeof(*numbers), PROT_READ | PROT_WRITE, flags, -1, 0);
	struct commons *commons;

	(void)state;
	assert_true(numbers != MAP_FAILED);
	assert_int_equal(open_commons(PROCESSES, UINT64_MAX, &commons), 0);
	for (unsigned i = 0; i < PROCESSES; i++)
		start(take_numbers, commons, i, numbers);
	for (unsigned i = 0; i < PROCESSES; i++)
		assert_int_not_equal(wait(NULL), -1);
	qsort(numbers, count, sizeof(*numbers), by_value);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(numbers[i], i + 1);
	munmap(numbers, count * sizeof(*numbers));
	commons_close(commons);
}

/* Claim and release for ever. */
static void churn(struct commons *commons, unsigned worker, uint32_t *out)
{
	for (;;) {
		if (!commons_claim(commons, worker))
			continue;
		if (__atomic_add_fetch(out, 1, __ATOMIC_SEQ_CST) > 2)
			__atomic_store_n(out + 1, 1, __ATOMIC_SEQ_CST);
		__atomic_sub_fetch(out, 1, __ATOMIC_SEQ_CST);
		commons_release(commons, worker);
	}
}

static void test_killed_in_the_middle(void **state)
{
	uint32_t *seen = mmap(NULL, sizeof(*seen) * 2, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct commons *commons;

	(void)state;
	assert_true(seen != MAP_FAILED);
	assert_int_equal(open_commons(2, 2, &commons), 0);
	for (int round = 0; round < 200; round++) {
		pid_t pid = start(churn, commons, 0, seen);

		/* In the meantime this process takes the lock, wherever the other one is. */
		for (int i = 0; i < 20 + round; i++)
			if (commons_claim(commons, 1))
				commons_release(commons, 1);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		commons_forget(commons, 0);
		*seen = 0;
		assert_true(commons_claim(commons, 1));
		assert_true(commons_claim(commons, 1));
		assert_false(commons_claim(commons, 1));
		commons_release(commons, 1);
		commons_release(commons, 1);
	}
	assert_int_equal(seen[1], 0);
	munmap(seen, sizeof(*seen) * 2);
	commons_close(commons);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room_is_that_of_all),
		cmocka_unit_test(test_a_host_has_so_many_in_all),
		cmocka_unit_test(test_who_waits_is_told_once),
		cmocka_unit_test(test_what_a_dead_one_held_is_free),
		cmocka_unit_test(test_what_a_dead_one_counted_is_there),
		cmocka_unit_test(test_no_limit),
		cmocka_unit_test(test_numbers_are_of_one),
		cmocka_unit_test(test_killed_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
