/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of ports: read as they are meant, or refused with the item that is wrong. */
#include "endpoint/port_list.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/util.h"

#include "check.h"

/* Services of a test's own. */
static uint16_t lookup(void *ctx, const char *name)
{
	(void)ctx;
	if (strcmp(name, "https") == 0)
		return 443;
	if (strcmp(name, "ms-sql-s") == 0)
		return 1433;
	return strcmp(name, "9pfs") == 0 ? 564 : 0;
}

/* As a list of numbers with blanks between; long ones by their ends and count. */
static const char *show(const struct port_list *list, char *dst, size_t size)
{
	struct text text;

	text_init(&text, dst, size);
	for (size_t i = 0; i < list->count && i < 8; i++)
		text_addf(&text, "%s%u", i == 0 ? "" : " ", list->ports[i]);
	if (list->count > 8)
		text_addf(&text, " ... %u (%zu)", list->ports[list->count - 1], list->count);
	return dst;
}

static void test_lists(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "22", "22" },
		{ "20-23,80,https", "20 21 22 23 80 443" },
		{ "80,22", "80 22" },
		{ "22,20-23,22", "22 20 21 23" },
		{ "7-7", "7" },
		{ "65535", "65535" },
		{ "0080", "80" },
		{ "ms-sql-s,9pfs", "1433 564" },
		{ "1-65535", "1 2 3 4 5 6 7 8 ... 65535 (65535)" },
		{ "60000-65535,1-60001", "60000 60001 60002 60003 60004 60005 60006 60007 ... 59999 (65535)" },
	};
	char error[PORT_LIST_ERROR_MAX], shown[256];
	struct port_list list;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(port_list_parse(&list, rows[i].text, lookup, NULL, error), 0);
		CHECK_STRING(rows[i].text, show(&list, shown, sizeof(shown)), rows[i].want);
		port_list_clear(&list);
		assert_int_equal(list.count, 0);
	}
}

static void test_mistakes(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "", "an item is empty" },
		{ ",", "an item is empty" },
		{ "22,", "an item is empty" },
		{ "22,,23", "an item is empty" },
		{ "0", "port 0" },
		{ "0-3", "port 0" },
		{ "65536", "65536 is no port" },
		{ "1-65536", "65536 is no port" },
		{ "99999999999999999999999", "is no port" },
		{ "30-20", "write 20-30" },
		{ "20-", "write 20-65535" },
		{ "-20", "-20 is neither" },
		{ "20-30-40", "20-30-40 is neither" },
		{ "20 - 30", "is neither" },
		{ "no-such", "no-such is neither" },
		{ "22, 23", " 23 is neither" },
		{ "2\x1b[31m", "is neither" },
	};
	char error[PORT_LIST_ERROR_MAX];
	struct port_list list;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(port_list_parse(&list, rows[i].text, lookup, NULL, error), -EINVAL);
		if (strstr(error, rows[i].want) == NULL)
			fail_msg("%s: %s", rows[i].text, error);
		assert_int_equal(strncmp(error, "ports \"", 7), 0);
		assert_null(strchr(error, '\x1b'));
		assert_null(list.ports);
	}
	assert_int_equal(port_list_parse(&list, "22,https", NULL, NULL, error), -EINVAL);
	assert_non_null(strstr(error, "-n looks up none"));
}

/* An order of the same ports, another for another seed. */
static void test_shuffle(void **state)
{
	struct port_list list, same, other;
	char error[PORT_LIST_ERROR_MAX];
	bool is_there[101] = { false };

	(void)state;
	assert_int_equal(port_list_parse(&list, "1-100", NULL, NULL, error), 0);
	assert_int_equal(port_list_parse(&same, "1-100", NULL, NULL, error), 0);
	assert_int_equal(port_list_parse(&other, "1-100", NULL, NULL, error), 0);
	port_list_shuffle(&list, 1);
	port_list_shuffle(&same, 1);
	port_list_shuffle(&other, 2);
	assert_memory_equal(list.ports, same.ports, 100 * sizeof(*list.ports));
	assert_memory_not_equal(list.ports, other.ports, 100 * sizeof(*list.ports));
	for (size_t i = 0; i < 100; i++) {
		assert_true(list.ports[i] >= 1 && list.ports[i] <= 100 && !is_there[list.ports[i]]);
		is_there[list.ports[i]] = true;
	}
	port_list_clear(&list);
	port_list_clear(&same);
	port_list_clear(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_shuffle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
