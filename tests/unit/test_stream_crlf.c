/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Line ends of what is sent, and the limit of what is read: nothing is lost, doubled or read too much. */
#include <errno.h>
#include <stdlib.h>

#include "base/util.h"
#include "check.h"
#include "scripted.h"
#include "stream/crlf_layer.h"
#include "stream/limit_layer.h"

static void check_written(const char *name, const struct scripted *below, const char *want)
{
	CHECK_INT(name, below->written.len, strlen(want));
	if (memcmp(buf_peek(&below->written), want, strlen(want)) != 0)
		fail_msg("%s: the wrong bytes", name);
}

static const struct {
	const char *name, *data, *written;
} rows[] = {
	{ "plain", "hello\n", "hello\r\n" },
	{ "no line", "hello", "hello" },
	{ "CR LF is left alone", "a\r\nb\r\n", "a\r\nb\r\n" },
	{ "only newlines", "\n\n\n", "\r\n\r\n\r\n" },
	{ "CR alone", "a\rb\r", "a\rb\r" },
	{ "CR CR LF", "a\r\r\n", "a\r\r\n" },
	{ "LF CR LF", "\n\r\n", "\r\n\r\n" },
	{ "mixed", "a\nb\r\nc\rd\n", "a\r\nb\r\nc\rd\r\n" },
};

/* However the data are cut, the result is the same. */
static void test_every_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t len = strlen(rows[i].data);

		for (size_t cut = 0; cut <= len; cut++) {
			struct scripted below;
			struct crlf_layer crlf;

			scripted_init(&below);
			crlf_layer_init(&crlf, &below.layer, false);
			CHECK_INT(rows[i].name, layer_write(&crlf.layer, NULL, rows[i].data, cut), cut);
			CHECK_INT(rows[i].name, layer_write(&crlf.layer, NULL, rows[i].data + cut, len - cut),
				  len - cut);
			CHECK_INT(rows[i].name, layer_shut_write(&crlf.layer, NULL), 0);
			CHECK_INT(rows[i].name, crlf.added, strlen(rows[i].written) - len);
			check_written(rows[i].name, &below, rows[i].written);
			layer_close(&crlf.layer, NULL);
			scripted_clear(&below);
		}
	}
}

/* The connection takes a byte at a time, now and then none. */
static void test_short_writes(void **state)
{
	static const int patterns[][4] = {
		{ 1, 1, 1, 1 },
		{ 1, -EAGAIN, 2, -EAGAIN },
		{ STEP_HELD, 1, STEP_HELD, 5 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(patterns) * ARRAY_LEN(rows); i++) {
		size_t row = i / ARRAY_LEN(patterns), len = strlen(rows[row].data), at = 0;
		struct scripted below;
		struct crlf_layer crlf;
		int writes[100], ret, waits = 0;

		for (size_t k = 0; k < ARRAY_LEN(writes); k++)
			writes[k] = patterns[i % ARRAY_LEN(patterns)][k % 4];
		scripted_init(&below);
		below.writes = writes;
		below.write_count = ARRAY_LEN(writes);
		crlf_layer_init(&crlf, &below.layer, false);
		while (at < len || layer_pending(&crlf.layer, HALF_WRITE) > 0) {
			ssize_t n = layer_write(&crlf.layer, NULL, rows[row].data + at, len - at);

			if (n > 0)
				at += (size_t)n;
			assert_true(++waits < 100);
			scripted_edge(&below);
		}
		while ((ret = layer_shut_write(&crlf.layer, NULL)) != 0)
			scripted_edge(&below);
		check_written(rows[row].name, &below, rows[row].written);
		layer_close(&crlf.layer, NULL);
		scripted_clear(&below);
	}
}

/*
 * An error is met by the write that has taken bytes: they are waiting, and whoever gave them must not keep them. The
 * next write returns it; a lack of memory passes.
 */
static void test_errors(void **state)
{
	static const int writes[] = { 1, -ENOBUFS, 100, 2, -ECONNRESET, -EPIPE };
	struct scripted below;
	struct crlf_layer crlf;

	(void)state;
	scripted_init(&below);
	below.writes = writes;
	below.write_count = ARRAY_LEN(writes);
	crlf_layer_init(&crlf, &below.layer, false);
	assert_int_equal(layer_write(&crlf.layer, NULL, "a\nb", 3), 3);
	assert_int_equal(layer_pending(&crlf.layer, HALF_WRITE), 3);
	assert_int_equal(layer_write(&crlf.layer, NULL, "c\nd", 3), 3);
	check_written("errors", &below, "a\r\nbc\r");
	assert_int_equal(crlf.waiting.len, 2);
	assert_memory_equal(buf_peek(&crlf.waiting), "\nd", 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(layer_write(&crlf.layer, NULL, "e", i), -ECONNRESET);
		assert_int_equal(layer_shut_write(&crlf.layer, NULL), -ECONNRESET);
	}
	assert_int_equal(crlf.waiting.len, 2);
	layer_close(&crlf.layer, NULL);
	scripted_clear(&below);
}

/* A message is taken whole or not at all, and one that was not taken leaves no trace. */
static void test_messages(void **state)
{
	static const int writes[] = { -EAGAIN, 100, -EMSGSIZE, 100, 100 };
	struct scripted below;
	struct crlf_layer crlf;

	(void)state;
	scripted_init(&below);
	below.writes = writes;
	below.write_count = ARRAY_LEN(writes);
	crlf_layer_init(&crlf, &below.layer, true);
	assert_int_equal(layer_write(&crlf.layer, NULL, "a\nb\n", 4), -EAGAIN);
	scripted_edge(&below);
	assert_int_equal(layer_write(&crlf.layer, NULL, "a\nb\n", 4), 4);
	assert_int_equal(layer_write(&crlf.layer, NULL, "too long\r", 9), -EMSGSIZE);
	assert_int_equal(layer_write(&crlf.layer, NULL, "\n", 1), 1);
	assert_int_equal(layer_write(&crlf.layer, NULL, "", 0), 0);
	assert_int_equal(below.message_count, 3);
	assert_int_equal(below.messages[0], 6);
	assert_int_equal(below.messages[1], 2);
	assert_int_equal(below.messages[2], 0);
	assert_int_equal(layer_pending(&crlf.layer, HALF_WRITE), 0);
	check_written("messages", &below, "a\r\nb\r\n\r\n");
	layer_close(&crlf.layer, NULL);
	scripted_clear(&below);
}

/* Behind the limit is the end, and nothing behind it is read. */
static void test_limit(void **state)
{
	static const struct scripted_read reads[] = { { .data = "hello", .len = 5 }, { .data = "world", .len = 5 } };
	struct limit_layer limited;
	struct scripted below;
	unsigned flags = 0;
	char got[16];

	(void)state;
	scripted_init(&below);
	below.reads = reads;
	below.read_count = ARRAY_LEN(reads);
	limit_layer_init(&limited, &below.layer, 7, LIMIT_NONE, false);
	assert_int_equal(layer_read(&limited.layer, NULL, got, sizeof(got), &flags), 5);
	assert_int_equal(layer_read(&limited.layer, NULL, got, sizeof(got), &flags), 2);
	assert_int_equal(layer_read(&limited.layer, NULL, got, sizeof(got), &flags), 0);
	assert_int_equal(below.read_used, 2);
	below.is_readable = false;
	assert_int_equal(layer_wants(&limited.layer, HALF_READ), 0);
	layer_close(&limited.layer, NULL);
	scripted_clear(&below);
}

/* A message is not cut: the one that reaches the limit is the last. */
static void test_limit_of_messages(void **state)
{
	static const struct scripted_read reads[] = {
		{ .data = "hello", .len = 5, .is_message = true },
		{ .data = "world", .len = 5, .is_message = true },
		{ .data = "more", .len = 4, .is_message = true },
	};
	struct limit_layer limited;
	struct scripted below;
	unsigned flags = 0;
	char got[16];

	(void)state;
	scripted_init(&below);
	below.reads = reads;
	below.read_count = ARRAY_LEN(reads);
	limit_layer_init(&limited, &below.layer, 7, LIMIT_NONE, true);
	assert_int_equal(layer_read(&limited.layer, NULL, got, sizeof(got), &flags), 5);
	assert_int_equal(layer_read(&limited.layer, NULL, got, sizeof(got), &flags), 5);
	flags = 0;
	assert_int_equal(layer_read(&limited.layer, NULL, got, sizeof(got), &flags), 0);
	assert_int_equal(flags, 0);
	layer_close(&limited.layer, NULL);
	scripted_clear(&below);
}

/* Messages are counted, an empty one too, and no further one is taken. */
static void test_limit_of_their_count(void **state)
{
	static const struct scripted_read reads[] = {
		{ .data = "hello", .len = 5, .is_message = true },
		{ .data = "", .len = 0, .is_message = true },
		{ .data = "more", .len = 4, .is_message = true },
	};
	struct limit_layer limited;
	struct scripted below;
	unsigned flags = 0;
	char got[16];

	(void)state;
	scripted_init(&below);
	below.reads = reads;
	below.read_count = ARRAY_LEN(reads);
	limit_layer_init(&limited, &below.layer, LIMIT_NONE, 2, true);
	assert_int_equal(layer_read(&limited.layer, NULL, got, sizeof(got), &flags), 5);
	assert_false(limit_layer_is_reached(&limited));
	flags = 0;
	assert_int_equal(layer_read(&limited.layer, NULL, got, sizeof(got), &flags), 0);
	assert_int_equal(flags, LAYER_EOM);
	assert_true(limit_layer_is_reached(&limited));
	flags = 0;
	assert_int_equal(layer_read(&limited.layer, NULL, got, sizeof(got), &flags), 0);
	assert_int_equal(flags, 0);
	assert_int_equal(below.read_at, 2);
	layer_close(&limited.layer, NULL);
	scripted_clear(&below);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_cut), cmocka_unit_test(test_short_writes),
		cmocka_unit_test(test_messages),  cmocka_unit_test(test_limit),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_limit_of_their_count),
		cmocka_unit_test(test_limit_of_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
