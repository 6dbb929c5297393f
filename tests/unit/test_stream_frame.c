/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes cut into messages: lines, sizes, reads, over a layer whose reads are written down. */
#include "stream/frame_layer.h"

#include "base/util.h"

#include <errno.h>

#include "check.h"
#include "guard.h"
#include "scripted.h"

#define WRITTEN_MAX 8

/* What the layer gives: a message, "" for the end, or an -errno. */
struct answer {
	const char *message;
	int error;
};

#define DATA(string) { .data = (string), .len = sizeof(string) - 1 }
#define END { .data = "", .len = 0 }
#define ERROR(number) { .error = (number) }

static const struct {
	const char *name;
	enum frame_mode mode;
	size_t max;
	struct scripted_read reads[8];
	size_t read_count;
	struct answer answers[WRITTEN_MAX];
	size_t answer_count;
} rows[] = {
	{ "one read is one message", FRAME_READ, 100, { DATA("a\nb"), DATA("c"), END }, 3,
	  { { "a\nb", 0 }, { "c", 0 }, { "", 0 } }, 3 },
	{ "a read of at most max", FRAME_READ, 2, { DATA("abcde"), END }, 2,
	  { { "ab", 0 }, { "cd", 0 }, { "e", 0 }, { "", 0 } }, 4 },
	{ "a read that fails", FRAME_READ, 100, { ERROR(-EIO) }, 1, { { NULL, -EIO } }, 1 },
	{ "a read that waits", FRAME_READ, 100, { ERROR(-EAGAIN), DATA("a") }, 2, { { NULL, -EAGAIN }, { "a", 0 } },
	  2 },
	{ "lines of one read", FRAME_LINE, 100, { DATA("one\ntwo\n\nfour"), END }, 2,
	  { { "one\n", 0 }, { "two\n", 0 }, { "\n", 0 }, { "four", 0 }, { "", 0 } }, 5 },
	{ "a line of several reads", FRAME_LINE, 100, { DATA("o"), DATA("n"), DATA("e\ntwo"), DATA("\n"), END }, 5,
	  { { "one\n", 0 }, { "two\n", 0 }, { "", 0 }, { "", 0 } }, 4 },
	{ "a line that waits", FRAME_LINE, 100, { DATA("on"), ERROR(-EAGAIN), DATA("e\n"), ERROR(STEP_HELD), END }, 5,
	  { { NULL, -EAGAIN }, { "one\n", 0 }, { NULL, STEP_HELD }, { "", 0 } }, 4 },
	{ "a line at the limit", FRAME_LINE, 4, { DATA("abc\nabc\n"), END }, 2,
	  { { "abc\n", 0 }, { "abc\n", 0 }, { "", 0 } }, 3 },
	{ "a last line at the limit", FRAME_LINE, 4, { DATA("abcd"), END }, 2, { { "abcd", 0 }, { "", 0 } }, 2 },
	{ "a line over the limit", FRAME_LINE, 4, { DATA("ab\nabcd\n"), END }, 2,
	  { { "ab\n", 0 }, { NULL, -EMSGSIZE } }, 2 },
	{ "over the limit without its newline", FRAME_LINE, 4, { DATA("abcde"), END }, 2, { { NULL, -EMSGSIZE } }, 1 },
	{ "a line over the limit in single bytes", FRAME_LINE, 2, { DATA("a"), DATA("b"), DATA("c") }, 3,
	  { { NULL, -EMSGSIZE } }, 1 },
	{ "it fails again", FRAME_LINE, 2, { DATA("abc") }, 1, { { NULL, -EMSGSIZE }, { NULL, -EMSGSIZE } }, 2 },
	{ "an error behind a whole line", FRAME_LINE, 100, { DATA("a\nb"), ERROR(-EIO) }, 2,
	  { { "a\n", 0 }, { NULL, -EIO } }, 2 },
	{ "sizes", FRAME_SIZE, 3, { DATA("abcdefgh"), END }, 2, { { "abc", 0 }, { "def", 0 }, { "gh", 0 }, { "", 0 } },
	  4 },
	{ "a size of several reads", FRAME_SIZE, 3, { DATA("a"), DATA("b"), ERROR(-EAGAIN), DATA("cd"), END }, 5,
	  { { NULL, -EAGAIN }, { "abc", 0 }, { "d", 0 }, { "", 0 } }, 4 },
	{ "exactly one size", FRAME_SIZE, 3, { DATA("abc"), END }, 2, { { "abc", 0 }, { "", 0 } }, 2 },
	{ "size 1", FRAME_SIZE, 1, { DATA("ab"), END }, 2, { { "a", 0 }, { "b", 0 }, { "", 0 } }, 3 },
	{ "no input at all", FRAME_LINE, 3, { END }, 1, { { "", 0 } }, 1 },
};

static void test_messages(void **state)
{
	struct guard guard = guard_open();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scripted below;
		struct frame_layer fl;

		scripted_init(&below);
		below.reads = rows[i].reads;
		below.read_count = rows[i].read_count;
		frame_layer_init(&fl, &below.layer, rows[i].mode, rows[i].max);
		for (size_t k = 0; k < rows[i].answer_count; k++) {
			const struct answer *want = &rows[i].answers[k];
			size_t len = want->message == NULL ? 0 : strlen(want->message);
			/* Room for the longest message, and not for a byte more. */
			char *room = guard_room(&guard, rows[i].max);
			unsigned flags = 0;

			CHECK_INT(rows[i].name, layer_read(&fl.layer, NULL, room, rows[i].max, &flags),
				  want->message == NULL ? want->error : (int)len);
			if (want->message == NULL)
				continue;
			CHECK_INT(rows[i].name, flags, len > 0 ? LAYER_EOM : 0);
			CHECK_INT(rows[i].name, memcmp(room, want->message, len), 0);
		}
		layer_close(&fl.layer, NULL);
		CHECK_INT(rows[i].name, below.closes, 1);
	}
	guard_close(&guard);
}

/* A message that is whole already may be read though nothing more comes. */
static void test_wants(void **state)
{
	static const struct scripted_read reads[] = { DATA("one\ntwo\nth"), ERROR(-EAGAIN), END };
	struct scripted below;
	struct frame_layer fl;
	unsigned flags = 0;
	char buf[16];

	(void)state;
	scripted_init(&below);
	below.reads = reads;
	below.read_count = ARRAY_LEN(reads);
	frame_layer_init(&fl, &below.layer, FRAME_LINE, sizeof(buf));
	assert_int_equal(layer_read(&fl.layer, NULL, buf, sizeof(buf), &flags), 4);
	below.is_readable = false;
	assert_int_equal(layer_wants(&fl.layer, HALF_READ), 0);
	assert_int_equal(layer_pending(&fl.layer, HALF_READ), 6);
	assert_int_equal(layer_read(&fl.layer, NULL, buf, sizeof(buf), &flags), 4);
	assert_int_equal(layer_wants(&fl.layer, HALF_READ), READY_IN);
	assert_int_equal(layer_read(&fl.layer, NULL, buf, sizeof(buf), &flags), -EAGAIN);
	below.is_readable = true;
	assert_int_equal(layer_read(&fl.layer, NULL, buf, sizeof(buf), &flags), 2);
	assert_int_equal(layer_pending(&fl.layer, HALF_READ), 0);
	below.is_readable = false;
	/* The end has been seen: it can be told again at any time. */
	assert_int_equal(layer_wants(&fl.layer, HALF_READ), 0);
	layer_close(&fl.layer, NULL);
}

/* The other direction is not its business. */
static void test_write_passes(void **state)
{
	static const int writes[] = { 2, -EAGAIN };
	struct scripted below;
	struct frame_layer fl;

	(void)state;
	scripted_init(&below);
	below.writes = writes;
	below.write_count = ARRAY_LEN(writes);
	frame_layer_init(&fl, &below.layer, FRAME_LINE, 10);
	assert_int_equal(layer_write(&fl.layer, NULL, "abc", 3), 2);
	assert_int_equal(layer_write(&fl.layer, NULL, "c", 1), -EAGAIN);
	assert_int_equal(layer_wants(&fl.layer, HALF_WRITE), READY_OUT);
	assert_int_equal(layer_shut_write(&fl.layer, NULL), 0);
	assert_int_equal(layer_abort(&fl.layer, NULL), 0);
	assert_int_equal(layer_handshake(&fl.layer, NULL), 0);
	assert_int_equal(below.shuts, 1);
	assert_int_equal(below.aborts, 1);
	assert_null(layer_raw(&fl.layer, HALF_READ));
	layer_close(&fl.layer, NULL);
	scripted_clear(&below);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_wants),
		cmocka_unit_test(test_write_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
