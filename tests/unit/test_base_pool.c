/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Objects of a pool: each its own memory, zeroed, used again, given back together. */
#include "base/pool.h"

#include <stdbool.h>
#include <stdint.h>

#include "check.h"

#define COUNT 1000

struct object {
	uint64_t number;
	char filling[48];
};

static void test_empty(void **state)
{
	struct pool pool = { .size = sizeof(struct object) };

	(void)state;
	pool_give(&pool, NULL);
	pool_clear(&pool);
	assert_int_equal(pool.used, 0);
	assert_null(pool.chunks);
}

/* Nobody's writing is seen by another. */
static void test_apart(void **state)
{
	struct pool pool = { .size = sizeof(struct object) };
	static struct object *objects[COUNT];

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		objects[i] = pool_take(&pool);
		assert_int_equal((uintptr_t)objects[i] % _Alignof(uint64_t), 0);
		assert_int_equal(objects[i]->number, 0);
		memset(objects[i], (int)(i % 251) + 1, sizeof(*objects[i]));
	}
	assert_int_equal(pool.used, COUNT);
	for (size_t i = 0; i < COUNT; i++)
		for (size_t k = 0; k < sizeof(*objects[i]); k++)
			assert_int_equal(((unsigned char *)objects[i])[k], i % 251 + 1);
	pool_clear(&pool);
}

/* What was given back is taken again, zeroed, before there is more memory. */
static void test_again(void **state)
{
	struct pool pool = { .size = sizeof(struct object) };
	struct object *first, *second, *again;

	(void)state;
	first = pool_take(&pool);
	second = pool_take(&pool);
	memset(first, 0xff, sizeof(*first));
	pool_give(&pool, first);
	assert_int_equal(pool.used, 1);
	again = pool_take(&pool);
	assert_ptr_equal(again, first);
	for (size_t k = 0; k < sizeof(*again); k++)
		assert_int_equal(((unsigned char *)again)[k], 0);
	assert_ptr_not_equal(again, second);
	pool_clear(&pool);
}

/* Objects that were out together lie side by side, however much was allocated between. */
static void test_side_by_side(void **state)
{
	struct pool pool = { .size = sizeof(struct object) };
	char *one = pool_take(&pool), *other;
	void *between = test_malloc(sizeof(struct object));

	(void)state;
	other = pool_take(&pool);
	assert_ptr_equal(other, one + sizeof(struct object));
	test_free(between);
	pool_clear(&pool);
}

/* When the last one is back the memory of a crowd is given back; that of a few is kept. */
static void test_gives_back(void **state)
{
	struct pool pool = { .size = sizeof(struct object) };
	static void *objects[COUNT];

	(void)state;
	objects[0] = pool_take(&pool);
	pool_give(&pool, objects[0]);
	assert_non_null(pool.chunks);
	for (size_t i = 0; i < COUNT; i++)
		objects[i] = pool_take(&pool);
	for (size_t i = 0; i < COUNT; i++) {
		assert_non_null(pool.chunks);
		pool_give(&pool, objects[i]);
	}
	assert_null(pool.chunks);
	assert_int_equal(pool.size, sizeof(struct object));
	assert_non_null(pool_take(&pool));
	pool_clear(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_apart),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_side_by_side),
		cmocka_unit_test(test_gives_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
