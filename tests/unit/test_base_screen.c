/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A terminal that several write to: what goes there, in which order. */
#include "base/screen.h"

#include <locale.h>
#include <string.h>

#include "check.h"

/* Stands for an editor: <hide> is where the line is taken off. */
static void hide(void *ctx)
{
	screen_put(ctx, "<hide>", 6);
}

static void expect(struct screen *screen, const char *want)
{
	char held[256];

	assert_true(screen->held.len < sizeof(held));
	memcpy(held, buf_peek(&screen->held), screen->held.len);
	held[screen->held.len] = '\0';
	assert_string_equal(held, want);
	screen_clear(screen);
}

static void init(struct screen *screen, bool has_editor)
{
	*screen = (struct screen){ .fd = -1, .columns = 10, .hide = has_editor ? hide : NULL, .ctx = screen };
}

static void receive(struct screen *screen, const char *text)
{
	screen_receive(screen, text, strlen(text));
}

static void test_lines(void **state)
{
	struct screen screen;

	(void)state;
	init(&screen, true);
	receive(&screen, "one\n");
	screen_say(&screen, SCREEN_SAID, "said");
	assert_true(screen_lines(&screen, "trace\n", 6));
	expect(&screen, "<hide>one\n<hide>said\n<hide>trace\n");
	screen.is_colored = true;
	screen_say(&screen, SCREEN_SAID, "two\nlines\n");
	expect(&screen, "<hide>\033[33mtwo\nlines\033[0m\n");
}

/* What has no newline yet is continued, unless something comes between. */
static void test_unfinished(void **state)
{
	struct screen screen;

	(void)state;
	init(&screen, false);
	receive(&screen, "login: ");
	screen_step_below(&screen);
	screen_put(&screen, "[typed]", 7);
	screen_step_back(&screen);
	receive(&screen, "now");
	expect(&screen, "login: \n[typed]\033[A\r\033[7Cnow");
	screen_say(&screen, SCREEN_SAID, "said");
	receive(&screen, "more");
	expect(&screen, "\nsaid\nmore");
}

static void expect_column(const char *text, unsigned column)
{
	struct screen screen;

	init(&screen, false);
	receive(&screen, text);
	assert_int_equal(screen.column, column);
	screen_clear(&screen);
}

static void test_columns(void **state)
{
	(void)state;
	expect_column("abc", 3);
	expect_column("abc\n", 0);
	expect_column("abc\ndefg", 4);
	expect_column("a\tb", 9);
	expect_column("0123456789", 10);
	expect_column("0123456789a", 1);
	expect_column("abc\rd", 1);
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return;
	expect_column("\xed\x95\x9c\xea\xb8\x80", 4);
	/* A wide character that does not fit begins a row. */
	expect_column("012345678\xed\x95\x9c", 2);
	expect_column("e\xcc\x81", 1);
}

/* A full row: the next one is begun already. */
static void test_full_row(void **state)
{
	struct screen screen;

	(void)state;
	init(&screen, false);
	receive(&screen, "0123456789");
	screen_step_below(&screen);
	screen_step_back(&screen);
	receive(&screen, "a");
	expect(&screen, "0123456789\na");
	assert_int_equal(screen.column, 1);
}

/* A trace is refused where too much waits. */
static void test_bounds(void **state)
{
	static char much[SCREEN_MAX + 1];
	struct screen screen;

	(void)state;
	init(&screen, false);
	assert_true(screen_has_room(&screen));
	screen_put(&screen, much, sizeof(much));
	assert_false(screen_has_room(&screen));
	assert_false(screen_lines(&screen, "trace\n", 6));
	screen_clear(&screen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_unfinished),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_full_row),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
