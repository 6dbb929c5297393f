/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TELNET refused, and whole lines: nothing of the data is lost, and nothing else gets among them. */
#include <errno.h>
#include <stdlib.h>

#include "base/util.h"
#include "check.h"
#include "scripted.h"
#include "stream/line_layer.h"
#include "stream/telnet.h"
#include "stream/telnet_layer.h"

static const struct {
	const char *name, *data;
	size_t len;
	const char *kept;
	size_t kept_len, commands;
} rows[] = {
	{ "data", "hello\r\n", 7, "hello\r\n", 7, 0 },
	{ "WILL, DO", "a\377\373\001b\377\375\030c", 9, "abc", 3, 2 },
	{ "IAC IAC", "a\377\377b", 4, "a\377b", 3, 0 },
	{ "CR NUL", "a\r\000b\r\nc\000", 8, "a\rb\r\nc\000", 7, 0 },
	{ "subnegotiation", "a\377\372\030\001x\377\377y\377\360b", 12, "ab", 2, 1 },
	{ "a command of two bytes", "a\377\361b", 4, "ab", 2, 1 },
	{ "subnegotiation of nothing", "a\377\372\377\360b\377\361c", 9, "abc", 3, 2 },
	{ "of option 255", "a\377\372\377\375\030\377\360b", 9, "ab", 2, 1 },
	{ "of option 255, doubled", "a\377\372\377\377x\377\360b", 9, "ab", 2, 1 },
	{ "without SE, WILL behind it", "a\377\372\030x\377\373\001b", 9, "ab", 2, 2 },
	{ "without SE, NOP behind it", "a\377\372\030x\377\361b", 8, "ab", 2, 1 },
	{ "without SE, another behind it", "a\377\372\030x\377\372\037yz\377\360b", 13, "ab", 2, 2 },
	{ "SE alone", "a\377\360b", 4, "ab", 2, 1 },
	{ "cut off", "a\377\373", 3, "a", 1, 0 },
};

/* However what arrives is cut, data and commands are the same. */
static void test_take(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (size_t step = 1; step <= rows[i].len; step++) {
			struct telnet_parser parser = { 0 };
			size_t at = 0, kept = 0, more, commands = 0;
			uint8_t dst[64];

			while (at < rows[i].len) {
				size_t part = rows[i].len - at < step ? rows[i].len - at : step;
				struct telnet_command command;

				at += telnet_take(&parser, (const uint8_t *)rows[i].data + at, part, dst + kept, &more,
						  &command);
				kept += more;
				commands += command.verb != 0;
			}
			CHECK_INT(rows[i].name, kept, rows[i].kept_len);
			CHECK_INT(rows[i].name, commands, rows[i].commands);
			assert_memory_equal(dst, rows[i].kept, kept);
		}
	}
}

/* Which option it is of. */
static void test_options(void **state)
{
	static const struct {
		const char *data;
		size_t len;
		struct telnet_command want;
	} commands[] = {
		{ "\377\372\377\360", 4, { TELNET_SB, 0, true } },
		{ "\377\372\000\377\360", 5, { TELNET_SB, 0, false } },
		{ "\377\372\377\373\001\377\360", 7, { TELNET_SB, 255, false } },
		{ "\377\372\030\377\373", 5, { TELNET_SB, 24, false } },
		{ "\377\372\030\377\361", 5, { TELNET_SE + 1, 0, false } },
		{ "\377\373\377", 3, { TELNET_WILL, 255, false } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		struct telnet_parser parser = { 0 };
		struct telnet_command command;
		uint8_t dst[8];
		size_t kept;

		assert_int_equal(telnet_take(&parser, (const uint8_t *)commands[i].data, commands[i].len, dst, &kept,
					     &command), commands[i].len);
		assert_int_equal(kept, 0);
		assert_int_equal(command.verb, commands[i].want.verb);
		assert_int_equal(command.option, commands[i].want.option);
		assert_int_equal(command.is_empty, commands[i].want.is_empty);
	}
}

static void test_send(void **state)
{
	static const struct {
		const char *data, *want;
		size_t len, want_len;
	} sent[] = {
		{ "a\r\nb", "a\r\nb", 4, 4 },
		{ "\377", "\377\377", 1, 2 },
		{ "a\rb", "a\r\000b", 3, 4 },
		{ "\r\r\n", "\r\000\r\n", 3, 4 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sent); i++) {
		uint8_t dst[64];
		bool was_cr = false;
		size_t n = 0;

		for (size_t at = 0; at < sent[i].len; at++)
			n += telnet_send(&was_cr, (const uint8_t *)sent[i].data + at, 1, dst + n);
		assert_int_equal(n, sent[i].want_len);
		assert_memory_equal(dst, sent[i].want, n);
	}
}

static void test_names(void **state)
{
	char words[8];

	(void)state;
	assert_string_equal(telnet_verb_name(TELNET_WILL, words, sizeof(words)), "WILL");
	assert_string_equal(telnet_verb_name(TELNET_SE, words, sizeof(words)), "SE");
	assert_string_equal(telnet_verb_name(0, words, sizeof(words)), "0");
	assert_string_equal(telnet_option_name(31, words, sizeof(words)), "NAWS");
	assert_string_equal(telnet_option_name(2, words, sizeof(words)), "2");
	assert_string_equal(telnet_option_name(255, words, sizeof(words)), "255");
}

/* A line is given once its newline has come; the last at the end, or before an error. */
static void test_lines(void **state)
{
	static const struct scripted_read reads[] = {
		{ .data = "on", .len = 2 },	    { .data = "e\ntwo\nth", .len = 8 }, { .error = -EAGAIN },
		{ .data = "ree and more\nfo", .len = 15 }, { .error = -ECONNRESET },
	};
	struct line_layer lines;
	struct scripted below;
	unsigned flags = 0;
	char got[64];

	(void)state;
	scripted_init(&below);
	below.reads = reads;
	below.read_count = ARRAY_LEN(reads);
	line_layer_init(&lines, &below.layer);
	assert_int_equal(layer_read(&lines.layer, NULL, got, sizeof(got), &flags), 8);
	assert_memory_equal(got, "one\ntwo\n", 8);
	assert_int_equal(layer_read(&lines.layer, NULL, got, sizeof(got), &flags), -EAGAIN);
	scripted_edge(&below);
	/* What does not fit is cut at a line where there is one, and given without another read. */
	assert_int_equal(layer_read(&lines.layer, NULL, got, sizeof(got), &flags), 15);
	assert_memory_equal(got, "three and more\n", 15);
	assert_int_equal(layer_read(&lines.layer, NULL, got, 1, &flags), 1);
	assert_int_equal(layer_wants(&lines.layer, HALF_READ), 0);
	assert_int_equal(layer_read(&lines.layer, NULL, got + 1, 63, &flags), 1);
	assert_memory_equal(got, "fo", 2);
	assert_int_equal(layer_read(&lines.layer, NULL, got, sizeof(got), &flags), -ECONNRESET);
	layer_close(&lines.layer, NULL);
	scripted_clear(&below);
}

/* An error is met by the write that has taken bytes: they are waiting, and the next write returns it. */
static void test_errors(void **state)
{
	static const int writes[] = { -ENOMEM, 1, -ECONNRESET, -EPIPE };
	struct telnet_layer telnet;
	struct scripted below;

	(void)state;
	scripted_init(&below);
	below.writes = writes;
	below.write_count = ARRAY_LEN(writes);
	telnet_layer_init(&telnet, &below.layer, 1, NULL, NULL);
	assert_int_equal(layer_write(&telnet.layer, NULL, "a", 1), 1);
	assert_int_equal(layer_write(&telnet.layer, NULL, "b\xff", 2), 2);
	assert_int_equal(below.written.len, 1);
	assert_int_equal(telnet.waiting.len, 3);
	assert_int_equal(layer_write(&telnet.layer, NULL, "", 0), -ECONNRESET);
	assert_int_equal(layer_write(&telnet.layer, NULL, "c", 1), -ECONNRESET);
	assert_int_equal(layer_shut_write(&telnet.layer, NULL), -ECONNRESET);
	assert_int_equal(telnet.waiting.len, 3);
	layer_close(&telnet.layer, NULL);
	scripted_clear(&below);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_send),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
