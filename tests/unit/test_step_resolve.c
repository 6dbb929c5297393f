/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an answer that is none says. */
#include <errno.h>
#include <netdb.h>

#include "base/util.h"
#include "check.h"
#include "step/resolve.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_failure) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
