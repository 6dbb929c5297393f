/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard input and output shared by a crowd: the ring, whole messages, the slow, tags, who may write. */
#include "engine/hub.h"

#include "base/clock.h"
#include "base/util.h"

#include <errno.h>
#include <stdlib.h>

#include "check.h"
#include "scripted.h"

#define RING ((size_t)1 << 20)
#define MEMBERS 3

#define DATA(string) { .data = (string), .len = sizeof(string) - 1 }
#define MESSAGE(string) { .data = (string), .len = sizeof(string) - 1, .is_message = true }
#define END { .data = "", .len = 0 }

struct bench;

/* A step of a test; between two of them the loop does what is to be done. */
typedef void phase_fn(struct bench *bench);

/* A member with the task of its session. */
struct place {
	struct hub_member member;
	struct task task;
	int wakes;
	bool is_in, was_dropped;
};

/* A hub between a scripted standard input and output, and a task that goes through the phases of a test. */
struct bench {
	struct bus bus;
	struct stepper st;
	struct loop *loop;
	struct engine engine;
	struct scripted io;
	struct sock none;
	struct hub *hub;
	struct place places[MEMBERS];
	struct task driver;
	phase_fn *const *phases;
	size_t phase_count, phase;
	int failed;
};

/* The clock of these tests: moved by them. */
static uint64_t fake_now_ns;

static uint64_t fake_clock(void)
{
	return fake_now_ns;
}

static const struct env fake_env = { .now_ns = fake_clock };

static void place_wake(struct task *task)
{
	CONTAINER_OF(task, struct place, task)->wakes++;
}

static void bench_drop(void *ctx, struct hub_member *member)
{
	struct place *place = CONTAINER_OF(member, struct place, member);

	(void)ctx;
	place->was_dropped = true;
	place->is_in = false;
	layer_close(&member->layer, NULL);
}

static void bench_failed(void *ctx, int error)
{
	((struct bench *)ctx)->failed = error;
}

static void bench_next(struct task *task)
{
	struct bench *bench = CONTAINER_OF(task, struct bench, driver);

	if (bench->phase == bench->phase_count) {
		loop_stop(bench->loop);
		return;
	}
	bench->phases[bench->phase++](bench);
	loop_post_later(bench->loop, task);
}

struct wishes {
	bool is_messages, is_tag, is_dropping;
};

static void bench_run(const struct scripted_read *reads, size_t read_count, struct wishes wishes,
		      phase_fn *const *phases, size_t phase_count)
{
	struct bench bench = { .phases = phases, .phase_count = phase_count, .driver = { .run = bench_next } };
	struct hub_settings settings = {
		.engine = &bench.engine,
		.io = { .top = &bench.io.layer, .has_end = true },
		.in = &bench.none,
		.out = &bench.none,
		.is_messages = wishes.is_messages,
		.is_tag = wishes.is_tag,
		.is_dropping = wishes.is_dropping,
		.drop = bench_drop,
		.failed = bench_failed,
		.ctx = &bench,
	};
	struct failure fail = { .domain = FAILURE_NONE };

	fake_now_ns = NS_PER_S;
	bus_init(&bench.bus, 0);
	bench.st = (struct stepper){ .bus = &bench.bus, .env = &fake_env };
	assert_int_equal(loop_open(&bench.st, &bench.loop, &fail), 0);
	engine_init(&bench.engine, &bench.st, bench.loop);
	scripted_init(&bench.io);
	sock_init(&bench.none);
	bench.io.reads = reads;
	bench.io.read_count = read_count;
	assert_int_equal(hub_open(&settings, &bench.hub), 0);
	loop_post(bench.loop, &bench.driver);
	assert_int_equal(loop_run(bench.loop), 0);
	for (size_t i = 0; i < MEMBERS; i++)
		if (bench.places[i].is_in)
			layer_close(&bench.places[i].member.layer, NULL);
	hub_close(bench.hub);
	engine_clear(&bench.engine);
	loop_close(bench.loop);
	scripted_clear(&bench.io);
}

/* The member with that number, from 1, comes in. */
static void join(struct bench *bench, uint32_t number)
{
	struct place *place = &bench->places[number - 1];

	place->task.run = place_wake;
	place->is_in = true;
	hub_join(bench->hub, &place->member, number, &place->task);
}

static struct layer *member(struct bench *bench, uint32_t number)
{
	return &bench->places[number - 1].member.layer;
}

static void leave(struct bench *bench, uint32_t number)
{
	bench->places[number - 1].is_in = false;
	layer_close(member(bench, number), NULL);
}

/* What a member reads, in pieces of at most size bytes; want NULL: nothing now. */
static void check_read(struct bench *bench, uint32_t number, size_t size, const char *want)
{
	char buf[64];
	unsigned flags = 0;
	ssize_t n = layer_read(member(bench, number), NULL, buf, size, &flags);

	if (want == NULL) {
		assert_int_equal(n, -EAGAIN);
		return;
	}
	assert_int_equal(n, strlen(want));
	assert_memory_equal(buf, want, strlen(want));
}

static void check_write(struct bench *bench, uint32_t number, const char *data, ssize_t want)
{
	assert_int_equal(layer_write(member(bench, number), NULL, data, strlen(data)), want);
}

static void check_output(const struct bench *bench, const char *want)
{
	assert_int_equal(bench->io.written.len, strlen(want));
	assert_memory_equal(buf_peek(&bench->io.written), want, strlen(want));
}

#define RUN(reads, count, phases, ...) \
	bench_run(reads, count, (struct wishes){ __VA_ARGS__ }, phases, ARRAY_LEN(phases))

/* Only let the loop do what is to be done. */
static void rest(struct bench *bench)
{
	(void)bench;
}

/* Nobody is there: nothing is read. Then each reads at its own place. */
static void places_wait(struct bench *bench)
{
	hub_wake(bench->hub);
}

static void places_join(struct bench *bench)
{
	assert_int_equal(bench->io.read_at, 0);
	join(bench, 1);
	join(bench, 2);
}

static void places_read(struct bench *bench)
{
	assert_true(bench->places[0].wakes > 0);
	check_read(bench, 1, 3, "hel");
	check_read(bench, 1, 64, "loworld");
	check_read(bench, 2, 64, "helloworld");
	join(bench, 3);
}

static void places_end(struct bench *bench)
{
	/* Who comes late has missed it; the end is everybody's. */
	for (uint32_t number = 1; number <= 3; number++)
		check_read(bench, number, 64, "");
	assert_int_equal(layer_wants(member(bench, 3), HALF_READ), 0);
}

static void test_places(void **state)
{
	static const struct scripted_read reads[] = { DATA("hello"), DATA("world"), END };
	static phase_fn *const phases[] = { places_wait, places_join, rest, places_read, rest, places_end };

	(void)state;
	RUN(reads, ARRAY_LEN(reads), phases, .is_tag = false);
}

/* There may be thousands: all are woken when there is something for all, and when one of them could not write. */
static void wakes_join(struct bench *bench)
{
	join(bench, 1);
	join(bench, 2);
}

static void wakes_read(struct bench *bench)
{
	assert_int_equal(bench->places[0].wakes, 1);
	assert_int_equal(bench->places[1].wakes, 1);
	check_read(bench, 1, 64, "hello");
	check_read(bench, 2, 64, "hello");
	join(bench, 3);
}

static void wakes_leave(struct bench *bench)
{
	check_write(bench, 1, "out", 3);
	leave(bench, 3);
}

static void wakes_block(struct bench *bench)
{
	static const int writes[] = { -EAGAIN };

	assert_int_equal(bench->places[0].wakes, 1);
	assert_int_equal(bench->places[1].wakes, 1);
	bench->io.writes = writes;
	bench->io.write_at = 0;
	bench->io.write_count = 1;
	check_write(bench, 2, "out", -EAGAIN);
	scripted_edge(&bench->io);
	hub_wake(bench->hub);
}

static void wakes_all(struct bench *bench)
{
	assert_int_equal(bench->places[0].wakes, 2);
	assert_int_equal(bench->places[1].wakes, 2);
}

static void test_wakes(void **state)
{
	static const struct scripted_read reads[] = { DATA("hello") };
	static phase_fn *const phases[] = {
		wakes_join, rest, wakes_read, rest, wakes_leave, rest, wakes_block, rest, wakes_all
	};

	(void)state;
	RUN(reads, ARRAY_LEN(reads), phases, .is_tag = false);
}

/* The slowest holds standard input back, a ring behind at most. */
static char block[ENGINE_READ_SIZE];
static struct scripted_read blocks[64];

static void fill_blocks(void)
{
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (char)(i * 13 + i / 1021);
	for (size_t i = 0; i < ARRAY_LEN(blocks); i++)
		blocks[i] = (struct scripted_read){ .data = block, .len = sizeof(block) };
}

/* Read len bytes in odd pieces, and look at them. */
static void read_blocks(struct bench *bench, uint32_t number, size_t len)
{
	static char buf[70001];
	unsigned flags = 0;

	while (len > 0) {
		uint64_t at = bench->places[number - 1].member.at;
		ssize_t n = layer_read(member(bench, number), NULL, buf, len < sizeof(buf) ? len : sizeof(buf), &flags);

		assert_true(n > 0);
		for (ssize_t i = 0; i < n; i++)
			if (buf[i] != block[(at + (size_t)i) % sizeof(block)])
				fail_msg("byte %zu is wrong", (size_t)at + (size_t)i);
		len -= (size_t)n;
	}
}

static void slow_join(struct bench *bench)
{
	join(bench, 1);
	join(bench, 2);
}

static void slow_full(struct bench *bench)
{
	assert_int_equal(bench->io.read_at, RING / sizeof(block));
	read_blocks(bench, 1, RING);
}

static void slow_still_full(struct bench *bench)
{
	assert_int_equal(bench->io.read_at, RING / sizeof(block));
	check_read(bench, 1, 64, NULL);
	assert_int_equal(layer_wants(member(bench, 1), HALF_READ), READY_IN);
	read_blocks(bench, 2, 100000);
}

static void slow_went_on(struct bench *bench)
{
	assert_int_equal(layer_pending(member(bench, 1), HALF_READ), 100000);
	read_blocks(bench, 1, 100000);
	read_blocks(bench, 2, RING);
	leave(bench, 2);
}

static void test_slowest_holds_back(void **state)
{
	static phase_fn *const phases[] = {
		slow_join, rest, slow_full, rest, slow_still_full, rest, slow_went_on,
	};

	(void)state;
	fill_blocks();
	RUN(blocks, ARRAY_LEN(blocks), phases, .is_tag = false);
}

/* One has read all while another is a ring behind: that one is dropped, at once. */
static void drop_fast(struct bench *bench)
{
	assert_int_equal(bench->io.read_at, RING / sizeof(block));
	assert_false(bench->places[1].was_dropped);
	read_blocks(bench, 1, RING);
}

static void drop_done(struct bench *bench)
{
	assert_true(bench->places[1].was_dropped);
	assert_false(bench->places[0].was_dropped);
	assert_true(bench->io.read_at > RING / sizeof(block));
	read_blocks(bench, 1, RING);
}

static void test_slow_drop(void **state)
{
	static phase_fn *const phases[] = { slow_join, rest, drop_fast, rest, drop_done };

	(void)state;
	fill_blocks();
	RUN(blocks, ARRAY_LEN(blocks), phases, .is_dropping = true);
}

/* All are behind: standard input is fast, and only who stands still for a second is dropped. */
static void stuck_some(struct bench *bench)
{
	read_blocks(bench, 1, 1000);
	hub_wake(bench->hub);
}

static void stuck_later(struct bench *bench)
{
	assert_false(bench->places[0].was_dropped || bench->places[1].was_dropped);
	fake_now_ns += 2 * NS_PER_S;
}

static void stuck_done(struct bench *bench)
{
	assert_true(bench->places[1].was_dropped);
	assert_false(bench->places[0].was_dropped);
}

static void test_stuck_drop(void **state)
{
	static phase_fn *const phases[] = {
		slow_join, rest, stuck_some, rest, stuck_later, rest, rest, stuck_done,
	};

	(void)state;
	fill_blocks();
	RUN(blocks, ARRAY_LEN(blocks), phases, .is_dropping = true);
}

/* Who moves within the second stays. */
static void stuck_moves(struct bench *bench)
{
	read_blocks(bench, 1, 1000);
	read_blocks(bench, 2, 1000);
	fake_now_ns += 2 * NS_PER_S;
}

static void stuck_nobody(struct bench *bench)
{
	assert_false(bench->places[0].was_dropped || bench->places[1].was_dropped);
}

static void test_moving_is_kept(void **state)
{
	static phase_fn *const phases[] = { slow_join, rest, stuck_moves, rest, rest, stuck_nobody };

	(void)state;
	fill_blocks();
	RUN(blocks, ARRAY_LEN(blocks), phases, .is_dropping = true);
}

/* Messages are given whole, round the end of the ring too. */
static void message_read(struct bench *bench)
{
	static char buf[ENGINE_READ_SIZE];
	unsigned flags = 0;
	ssize_t n;

	while ((n = layer_read(member(bench, 1), NULL, buf, sizeof(buf), &flags)) > 0) {
		assert_int_equal(flags, LAYER_EOM);
		assert_int_equal(n, 60001);
		assert_memory_equal(buf, block, (size_t)n);
		flags = 0;
	}
	assert_int_equal(n, bench->io.read_at == ARRAY_LEN(blocks) ? n : -EAGAIN);
}

static void message_join(struct bench *bench)
{
	join(bench, 1);
}

static void message_done(struct bench *bench)
{
	assert_int_equal(bench->io.read_at, ARRAY_LEN(blocks));
}

static void test_messages(void **state)
{
	static phase_fn *const phases[] = {
		message_join, message_read, message_read, message_read, message_read, message_read, message_read,
		message_read, message_read, message_read, message_read, message_done,
	};

	(void)state;
	fill_blocks();
	for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
		blocks[i].len = 60001;
		blocks[i].is_message = true;
	}
	RUN(blocks, ARRAY_LEN(blocks), phases, .is_messages = true);
}

/* Standard input fails: told, and an end to all. */
static void failure_done(struct bench *bench)
{
	assert_int_equal(bench->failed, EIO);
	check_read(bench, 1, 64, "a");
	check_read(bench, 1, 64, "");
}

static void test_input_fails(void **state)
{
	static const struct scripted_read reads[] = { DATA("a"), { .error = -EIO } };
	static phase_fn *const phases[] = { message_join, rest, failure_done };

	(void)state;
	RUN(reads, ARRAY_LEN(reads), phases, .is_tag = false);
}

/* Who has begun to write finishes first. */
static void lock_write(struct bench *bench)
{
	static const int writes[] = { 2, -EAGAIN, 3 };

	join(bench, 1);
	join(bench, 2);
	bench->io.writes = writes;
	bench->io.write_count = ARRAY_LEN(writes);
	check_write(bench, 1, "hello", 2);
	check_write(bench, 2, "world", -EAGAIN);
	check_write(bench, 1, "llo", -EAGAIN);
	scripted_edge(&bench->io);
	assert_int_equal(layer_wants(member(bench, 2), HALF_WRITE), READY_OUT);
	assert_int_equal(layer_wants(member(bench, 1), HALF_WRITE), 0);
	bench->places[1].wakes = 0;
	check_write(bench, 1, "llo", 3);
}

static void lock_free(struct bench *bench)
{
	assert_int_equal(bench->places[1].wakes, 1);
	assert_int_equal(layer_wants(member(bench, 2), HALF_WRITE), 0);
	check_write(bench, 2, "world", 5);
	check_output(bench, "helloworld");
}

static void test_writer_lock(void **state)
{
	static phase_fn *const phases[] = { lock_write, lock_free };

	(void)state;
	RUN(NULL, 0, phases, .is_tag = false);
}

/* The one that has begun leaves: the others are not locked out. */
static void lock_leave(struct bench *bench)
{
	static const int writes[] = { 2 };

	join(bench, 1);
	join(bench, 2);
	bench->io.writes = writes;
	bench->io.write_count = ARRAY_LEN(writes);
	check_write(bench, 1, "hello", 2);
	leave(bench, 1);
	check_write(bench, 2, "x", 1);
	check_output(bench, "hex");
	/* Standard output is everybody's: no member closes it. */
	assert_int_equal(layer_shut_write(member(bench, 2), NULL), 0);
	assert_int_equal(bench->io.shuts, 0);
}

static void test_writer_leaves(void **state)
{
	static phase_fn *const phases[] = { lock_leave };

	(void)state;
	RUN(NULL, 0, phases, .is_tag = false);
}

static void tag_write(struct bench *bench)
{
	join(bench, 1);
	join(bench, 2);
	check_write(bench, 1, "one\ntw", 6);
	check_write(bench, 1, "o\n", 2);
	check_write(bench, 2, "x", 1);
	check_write(bench, 1, "three\n\n", 7);
	check_write(bench, 2, "y\n", 2);
	check_output(bench, "[1] one\n[1] two\n[2] x\n[1] three\n[1] \n[2] y\n");
}

static void test_tags(void **state)
{
	static phase_fn *const phases[] = { tag_write };

	(void)state;
	RUN(NULL, 0, phases, .is_tag = true);
}

/* Tagged bytes that met a full output go out when there is room, and no line is broken for it. */
static void tag_wait(struct bench *bench)
{
	static const int writes[] = { 4, -EAGAIN, -EAGAIN };

	join(bench, 1);
	join(bench, 2);
	bench->io.writes = writes;
	bench->io.write_count = ARRAY_LEN(writes);
	check_write(bench, 1, "half a li", 9);
	assert_int_equal(layer_pending(member(bench, 1), HALF_WRITE), 9);
	check_write(bench, 2, "x", -EAGAIN);
	scripted_edge(&bench->io);
	check_write(bench, 2, "", 0);
	check_output(bench, "[1] half a li");
	check_write(bench, 1, "ne\n", 3);
	check_output(bench, "[1] half a line\n");
}

static void test_tags_wait(void **state)
{
	static phase_fn *const phases[] = { tag_wait };

	(void)state;
	RUN(NULL, 0, phases, .is_tag = true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_wakes),
		cmocka_unit_test(test_slowest_holds_back),
		cmocka_unit_test(test_slow_drop),
		cmocka_unit_test(test_stuck_drop),
		cmocka_unit_test(test_moving_is_kept),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_input_fails),
		cmocka_unit_test(test_writer_lock),
		cmocka_unit_test(test_writer_leaves),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_tags_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
