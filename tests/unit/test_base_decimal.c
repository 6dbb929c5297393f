/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decimal numbers. */
#include "base/decimal.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/util.h"
#include "check.h"

static void test_numbers(void **state)
{
	static const uint64_t numbers[] = { 0, 1, 9, 10, 99, 100, 999, 1000, 65535, UINT32_MAX, UINT64_MAX / 10,
					    UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		for (int width = 1; width < DECIMAL_MAX; width++) {
			char got[DECIMAL_MAX], want[64];
			int len = snprintf(want, sizeof(want), "%0*" PRIu64, width, numbers[i]);

			CHECK_INT(want, decimal_write_padded(numbers[i], (size_t)width, got), len);
			assert_string_equal(got, want);
			if (width == 1) {
				CHECK_INT(want, decimal_write(numbers[i], got), len);
				assert_string_equal(got, want);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
