/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an answer that is none says; and name servers that are silent. */
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "base/util.h"
#include "check.h"
#include "step/resolve.h"
#include "step/resolver.h"

static void test_failure(void **state)
{
	static const struct {
		struct resolve_answer answer;
		enum failure_domain domain;
		int code;
	} rows[] = {
		{ { .error = EAI_NONAME }, FAILURE_RESOLVER, EAI_NONAME },
		{ { .error = EAI_AGAIN, .system_error = EMFILE }, FAILURE_RESOLVER, EAI_AGAIN },
		/* It stands for an errno: that is the reason. */
		{ { .error = EAI_SYSTEM, .system_error = EMFILE }, FAILURE_ERRNO, EMFILE },
		{ { .error = EAI_SYSTEM }, FAILURE_RESOLVER, EAI_SYSTEM },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct failure fail = { .domain = FAILURE_NONE };

		resolve_set_failure(&rows[i].answer, "host.example", &fail);
		assert_int_equal(fail.domain, rows[i].domain);
		assert_int_equal(fail.code, rows[i].code);
		assert_int_equal(fail.step, STEP_RESOLVE);
		assert_string_equal(fail.target, "host.example");
	}
}

/* A resolver that answers nobody before it may. */
static pthread_mutex_t silence = PTHREAD_MUTEX_INITIALIZER;
static atomic_uint working, asked;

static int silent_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
			      struct addrinfo **found)
{
	(void)node;
	(void)service;
	(void)hints;
	(void)found;
	atomic_fetch_add(&working, 1);
	atomic_fetch_add(&asked, 1);
	pthread_mutex_lock(&silence);
	pthread_mutex_unlock(&silence);
	atomic_fetch_sub(&working, 1);
	return EAI_NONAME;
}

static void on_answer(void *ctx, const struct resolve_answer *answer)
{
	assert_int_equal(answer->error, EAI_NONAME);
	loop_stop(ctx);
}

/* Who asks and leaves, again and again, has no more threads than there may be; who waits gets an answer. */
static void test_silent_name_servers(void **state)
{
	static const struct resolve_question question = { .node = "host.example", .service = "9" };
	struct env env = env_system;
	struct stepper st = { .env = &env };
	struct failure fail = { .domain = FAILURE_NONE };
	struct resolve *requests[RESOLVER_THREADS + 100], *last;
	struct loop *loop;
	struct bus bus;

	(void)state;
	env.getaddrinfo = silent_getaddrinfo;
	st.bus = &bus;
	bus_init(&bus, 0);
	assert_int_equal(loop_open(&st, &loop, &fail), 0);
	pthread_mutex_lock(&silence);
	for (size_t i = 0; i < ARRAY_LEN(requests); i++)
		assert_int_equal(resolve_start(&st, loop, &question, on_answer, loop, &requests[i]), 0);
	while (atomic_load(&working) < RESOLVER_THREADS)
		sched_yield();
	/* From both ends, and the middle: those that stand in line go at once. */
	for (size_t i = 0; i < ARRAY_LEN(requests); i++)
		resolve_cancel(requests[i % 2 == 0 ? i : ARRAY_LEN(requests) - i]);
	assert_int_equal(resolve_start(&st, loop, &question, on_answer, loop, &last), 0);
	assert_int_equal(atomic_load(&working), RESOLVER_THREADS);
	pthread_mutex_unlock(&silence);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(atomic_load(&asked), RESOLVER_THREADS + 1);
	while (atomic_load(&working) > 0)
		sched_yield();
	loop_close(loop);
	bus_clear(&bus, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_silent_name_servers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
