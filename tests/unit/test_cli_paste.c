/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys and what is pasted, told apart. */
#include "cli/paste.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

#include "check.h"

/* What a terminal sends, and what comes of it: <...> is pasted, the rest is keys. */
static const struct {
	const char *in;
	const char *out;
} rows[] = {
	{ "abc", "abc" },
	{ "\033[200~abc\033[201~", "<abc>" },
	{ "a\033[200~b\033[201~c", "a<b>c" },
	{ "\033[200~\033[201~", "<>" },
	/* Returns were newlines; one that kept its newline is text. */
	{ "\033[200~a\rb\r\rc\r\nd\r\033[201~", "<a\nb\n\nc\r\nd\n>" },
	/* What only looks like a mark. */
	{ "\033[A\033[B", "\033[A\033[B" },
	{ "\033[20~x", "\033[20~x" },
	{ "\033[201~x", "\033[201~x" },
	{ "\033\033[200~a\033[201~", "\033<a>" },
	{ "\033[2\033[200~a\033[201~", "\033[2<a>" },
	{ "\033[200~a\033[200~b\033[201~", "<a\033[200~b>" },
	{ "\033[200~a\033\033[201~", "<a\033>" },
	{ "\033[200~/help\r\033[201~", "</help\n>" },
};

static void take_all(struct paste *paste, const char *in, char *out, size_t size)
{
	for (; *in != '\0'; in++) {
		size_t len = strlen(out);

		switch (paste_take(paste, *in)) {
		case PASTE_NOTHING:
			break;
		case PASTE_KEYS:
			snprintf(out + len, size - len, "%.*s", (int)paste->key_count, paste->keys);
			break;
		case PASTE_TEXT:
			snprintf(out + len, size - len, "<%.*s>", (int)paste->text.len, buf_peek(&paste->text));
			buf_clear(&paste->text);
			break;
		case PASTE_TOO_LONG:
			snprintf(out + len, size - len, "!");
			break;
		}
	}
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct paste paste = { 0 };
		char out[128] = "";

		take_all(&paste, rows[i].in, out, sizeof(out));
		assert_string_equal(out, rows[i].out);
		buf_clear(&paste.text);
	}
}

/* One longer than is taken is gone as a whole, and the next is as if nothing had been. */
static void test_too_long(void **state)
{
	struct paste paste = { 0 };
	char out[64] = "";

	(void)state;
	take_all(&paste, "\033[200~", out, sizeof(out));
	for (size_t i = 0; i < PASTE_MAX + 1; i++)
		assert_int_equal(paste_take(&paste, 'x'), PASTE_NOTHING);
	assert_int_equal(paste.text.len, 0);
	take_all(&paste, "\033[201~a\033[200~b\033[201~", out, sizeof(out));
	assert_string_equal(out, "!a<b>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
