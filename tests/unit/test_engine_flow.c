/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A flow by copying: what it does next as a table, and its runs over streams that do as they are told. Splicing is in
 * test_engine_splice.c.
 */
#include "engine/flow.h"

#include "base/clock.h"
#include "base/util.h"
#include "stream/escape_layer.h"

#include <errno.h>
#include <stdlib.h>

#include "check.h"
#include "scripted.h"

#define DATA(string) { .data = (string), .len = sizeof(string) - 1 }
#define MESSAGE(string) { .data = (string), .len = sizeof(string) - 1, .is_message = true }
#define END { .data = "", .len = 0 }
#define ERROR(number) { .error = (number) }

static void test_next(void **state)
{
	static const struct {
		enum flow_state state;
		bool holds, can_read, can_write;
		enum flow_act act;
	} rows[] = {
		{ FLOW_OPEN, false, false, false, FLOW_ACT_WAIT },
		{ FLOW_OPEN, false, true, false, FLOW_ACT_WAIT },
		{ FLOW_OPEN, false, false, true, FLOW_ACT_WAIT },
		{ FLOW_OPEN, false, true, true, FLOW_ACT_READ },
		{ FLOW_OPEN, true, false, false, FLOW_ACT_WAIT },
		{ FLOW_OPEN, true, true, false, FLOW_ACT_WAIT },
		{ FLOW_OPEN, true, false, true, FLOW_ACT_WRITE },
		{ FLOW_OPEN, true, true, true, FLOW_ACT_WRITE },
		{ FLOW_DRAIN, false, false, false, FLOW_ACT_DRAINED },
		{ FLOW_DRAIN, false, true, true, FLOW_ACT_DRAINED },
		{ FLOW_DRAIN, true, true, false, FLOW_ACT_WAIT },
		{ FLOW_DRAIN, true, false, true, FLOW_ACT_WRITE },
		{ FLOW_SHUT, false, true, true, FLOW_ACT_DONE },
		{ FLOW_SHUT, true, true, true, FLOW_ACT_DONE },
		{ FLOW_CLOSED, false, true, true, FLOW_ACT_DONE },
		{ FLOW_CLOSED, true, true, true, FLOW_ACT_DONE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct flow_view view = {
			.state = rows[i].state,
			.holds = rows[i].holds,
			.can_read = rows[i].can_read,
			.can_write = rows[i].can_write,
		};

		CHECK_INT(flow_state_name(rows[i].state), flow_next(&view), rows[i].act);
	}
}

/* A flow between two layers that do as they are told. */
struct bench {
	struct bus bus;
	struct stepper st;
	struct engine engine;
	struct talk talk;
	struct scripted source, sink;
	struct stream from, to;
	struct flow flow;
	struct fault fault;
};

static void bench_init(struct bench *bench, const struct scripted_read *reads, size_t read_count, bool is_messages)
{
	memset(bench, 0, sizeof(*bench));
	bus_init(&bench->bus, clock_now_ns());
	bench->st = (struct stepper){ .bus = &bench->bus, .env = &env_system };
	engine_init(&bench->engine, &bench->st, NULL);
	scripted_init(&bench->source);
	scripted_init(&bench->sink);
	bench->source.reads = reads;
	bench->source.read_count = read_count;
	bench->from = (struct stream){ .top = &bench->source.layer, .is_messages = is_messages, .has_end = true };
	bench->to = (struct stream){ .top = &bench->sink.layer, .is_messages = is_messages, .has_end = true };
	flow_init(&bench->flow, &bench->engine, &bench->talk, &bench->from, &bench->to, true);
}

static void bench_clear(struct bench *bench)
{
	flow_close(&bench->flow);
	engine_clear(&bench->engine);
	scripted_clear(&bench->sink);
}

/* Run until it ends, fails, or has nothing to do for long; every wait is followed by an edge. */
static enum flow_result bench_run(struct bench *bench)
{
	enum flow_result result = FLOW_WAITS;

	for (int waits = 0; waits < 20 && (result == FLOW_WAITS || result == FLOW_MORE); waits++) {
		result = flow_run(&bench->flow);
		scripted_edge(&bench->source);
		scripted_edge(&bench->sink);
	}
	return result;
}

static void check_written(const char *name, const struct bench *bench, const char *want)
{
	CHECK_INT(name, bench->sink.written.len, strlen(want));
	if (want[0] != '\0' && memcmp(buf_peek(&bench->sink.written), want, strlen(want)) != 0)
		fail_msg("%s: the wrong bytes", name);
}

static void test_bytes(void **state)
{
	static const struct {
		const char *name;
		struct scripted_read reads[4];
		size_t read_count;
		int writes[6];
		size_t write_count;
		const char *written;
		enum flow_result result;
		int error;
	} rows[] = {
		{ "nothing", { END }, 1, { 0 }, 0, "", FLOW_ENDED, 0 },
		{ "plain", { DATA("hello"), DATA("world"), END }, 3, { 0 }, 0, "helloworld", FLOW_ENDED, 0 },
		{ "short writes", { DATA("hello"), END }, 2, { 1, 2, 1 }, 3, "hello", FLOW_ENDED, 0 },
		{ "a full output", { DATA("hello"), DATA("world"), END }, 3, { 2, -EAGAIN, -EAGAIN, 1 }, 4,
		  "helloworld",
		  FLOW_ENDED, 0 },
		{ "held writes", { DATA("hello"), END }, 2, { STEP_HELD, 2, STEP_HELD, STEP_HELD, 1 }, 5, "hello",
		  FLOW_ENDED,
		  0 },
		{ "reads that wait", { ERROR(-EAGAIN), DATA("a"), ERROR(STEP_HELD), END }, 4, { 0 }, 0, "a", FLOW_ENDED,
		  0 },
		{ "never an end", { DATA("a") }, 1, { 0 }, 0, "a", FLOW_WAITS, 0 },
		{ "reading fails", { DATA("abc"), ERROR(-ECONNRESET) }, 2, { 0 }, 0, "abc", FLOW_FAILED_FROM,
		  ECONNRESET },
		{ "reading fails while bytes are held", { DATA("abc"), ERROR(-ECONNRESET) }, 2,
		  { 1, -EAGAIN, -EAGAIN, 1 }, 4,
		  "abc", FLOW_FAILED_FROM, ECONNRESET },
		{ "writing fails", { DATA("abc"), END }, 2, { 1, -EPIPE }, 2, "a", FLOW_FAILED_TO, EPIPE },
		{ "writing fails at once", { DATA("abc"), END }, 2, { -ENOSPC }, 1, "", FLOW_FAILED_TO, ENOSPC },
		{ "writing fails behind a wait", { DATA("abc"), END }, 2, { -EAGAIN, -ENOSPC }, 2, "", FLOW_FAILED_TO,
		  ENOSPC },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bench bench;

		bench_init(&bench, rows[i].reads, rows[i].read_count, false);
		bench.sink.writes = rows[i].writes;
		bench.sink.write_count = rows[i].write_count;
		CHECK_INT(rows[i].name, bench_run(&bench), rows[i].result);
		CHECK_INT(rows[i].name, bench.flow.error, rows[i].error);
		check_written(rows[i].name, &bench, rows[i].written);
		CHECK_INT(rows[i].name, bench.flow.bytes, strlen(rows[i].written));
		CHECK_INT(rows[i].name, flow_holds(&bench.flow), rows[i].result == FLOW_FAILED_TO);
		bench_clear(&bench);
	}
}

/* Each call in turn waits or is held: the same comes of it. */
static void test_faults_everywhere(void **state)
{
	static const struct scripted_read reads[] = { DATA("one"), DATA("two"), ERROR(-EAGAIN), DATA("three"), END };
	static const int answers[] = { -EAGAIN, STEP_HELD };
	static const int writes[] = { 1, 1, 2, 1, 2 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		for (size_t at = 0, calls = 1; at < calls; at++) {
			struct bench bench;

			bench_init(&bench, reads, ARRAY_LEN(reads), false);
			bench.fault = (struct fault){ .at = at, .answer = answers[i] };
			bench.source.fault = &bench.fault;
			bench.sink.fault = &bench.fault;
			bench.sink.writes = writes;
			bench.sink.write_count = ARRAY_LEN(writes);
			assert_int_equal(bench_run(&bench), FLOW_ENDED);
			check_written("faults", &bench, "onetwothree");
			calls = bench.fault.calls - 1;
			bench_clear(&bench);
		}
	}
}

/* Nothing is read while something is held: what waits, waits where it slows the sender. */
static void test_backpressure(void **state)
{
	static const struct scripted_read reads[] = { DATA("one"), DATA("two"), END };
	static const int writes[] = { 1, -EAGAIN };
	struct bench bench;

	(void)state;
	bench_init(&bench, reads, ARRAY_LEN(reads), false);
	bench.sink.writes = writes;
	bench.sink.write_count = ARRAY_LEN(writes);
	assert_int_equal(flow_run(&bench.flow), FLOW_WAITS);
	assert_int_equal(flow_run(&bench.flow), FLOW_WAITS);
	assert_int_equal(bench.source.read_at, 1);
	assert_true(flow_holds(&bench.flow));
	scripted_edge(&bench.sink);
	assert_int_equal(flow_run(&bench.flow), FLOW_ENDED);
	check_written("backpressure", &bench, "onetwo");
	bench_clear(&bench);
}

static void check_messages(const char *name, const struct bench *bench, const size_t *lens, size_t count)
{
	CHECK_INT(name, bench->sink.message_count, count);
	for (size_t i = 0; i < count; i++)
		CHECK_INT(name, bench->sink.messages[i], lens[i]);
}

/* Messages stay what they are, empty ones too, whatever waits or is held, and however long. */
static void test_messages(void **state)
{
	static const struct scripted_read reads[] = {
		MESSAGE("one"), MESSAGE(""), MESSAGE("twothree"), MESSAGE(""), END,
	};
	static const size_t lens[] = { 3, 0, 8, 0 };
	static const int answers[] = { 0, -EAGAIN, STEP_HELD };
	static const int waits[] = { -EAGAIN, -EAGAIN, STEP_HELD, -EAGAIN };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		for (size_t at = 0, calls = 1; at < calls; at++) {
			struct bench bench;

			bench_init(&bench, reads, ARRAY_LEN(reads), true);
			bench.fault = (struct fault){ .at = at, .answer = answers[i] };
			bench.source.fault = &bench.fault;
			bench.sink.fault = &bench.fault;
			bench.sink.writes = waits;
			bench.sink.write_count = at % 5;
			assert_int_equal(bench_run(&bench), FLOW_ENDED);
			check_messages("messages", &bench, lens, ARRAY_LEN(lens));
			check_written("messages", &bench, "onetwothree");
			calls = bench.fault.calls - 1;
			bench_clear(&bench);
		}
	}
}

/* An empty message is nothing to a byte stream: no end, no write. */
static void test_empty_message_to_bytes(void **state)
{
	static const struct scripted_read reads[] = { MESSAGE("one"), MESSAGE(""), MESSAGE("two"), END };
	static const size_t lens[] = { 3, 3 };
	struct bench bench;

	(void)state;
	bench_init(&bench, reads, ARRAY_LEN(reads), true);
	bench.to.is_messages = false;
	assert_int_equal(bench_run(&bench), FLOW_ENDED);
	check_messages("to bytes", &bench, lens, ARRAY_LEN(lens));
	bench_clear(&bench);
}

/* A message that cannot be written is forgotten, and the next one goes. */
static void test_drop_held(void **state)
{
	static const struct scripted_read reads[] = { MESSAGE("too long"), MESSAGE("two"), END };
	static const int writes[] = { -EMSGSIZE };
	struct bench bench;

	(void)state;
	bench_init(&bench, reads, ARRAY_LEN(reads), true);
	bench.sink.writes = writes;
	bench.sink.write_count = 1;
	assert_int_equal(flow_run(&bench.flow), FLOW_FAILED_TO);
	assert_int_equal(bench.flow.error, EMSGSIZE);
	assert_int_equal(bench.flow.held_len, 8);
	flow_drop_held(&bench.flow);
	bench.flow.error = 0;
	assert_int_equal(bench_run(&bench), FLOW_ENDED);
	check_written("drop", &bench, "two");
	bench_clear(&bench);
}

/* A turn is bounded in bytes: one busy flow starves nobody. */
static void test_budget_bytes(void **state)
{
	enum { READS = 100, BOUND = 1 << 20 };
	static struct scripted_read reads[READS];
	char *block = calloc(1, ENGINE_READ_SIZE);
	struct bench bench;
	int turns = 0;

	(void)state;
	for (size_t i = 0; i < READS; i++)
		reads[i] = (struct scripted_read){ .data = block, .len = i == READS - 1 ? 0 : ENGINE_READ_SIZE };
	bench_init(&bench, reads, READS, false);
	while (flow_run(&bench.flow) == FLOW_MORE) {
		turns++;
		assert_true(bench.flow.bytes >= (uint64_t)turns * BOUND);
		assert_true(bench.flow.bytes < (uint64_t)turns * BOUND + ENGINE_READ_SIZE);
	}
	assert_int_equal(turns, 6);
	assert_int_equal(bench.flow.bytes, (READS - 1) * ENGINE_READ_SIZE);
	bench_clear(&bench);
	free(block);
}

/* ... and in moves: a flood of tiny or empty messages does not either. */
static void test_budget_moves(void **state)
{
	enum { READS = 20000 };
	static struct scripted_read reads[READS];
	static const size_t lens[] = { 0, 1 };

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(lens); k++) {
		struct bench bench;
		int turns = 0;

		for (size_t i = 0; i < READS; i++)
			reads[i] = (struct scripted_read){ .data = "x", .len = lens[k], .is_message = true };
		bench_init(&bench, reads, READS, true);
		while (flow_run(&bench.flow) == FLOW_MORE)
			turns++;
		assert_true(turns >= 2);
		assert_int_equal(bench.sink.message_count, READS);
		bench_clear(&bench);
	}
}

/* A remainder leaves the buffer free for others, or takes it along where it is long. */
static void test_held_memory(void **state)
{
	static const size_t lens[] = { 10, 16 * 1024, 16 * 1024 + 1, ENGINE_READ_SIZE };
	char *block = malloc(ENGINE_READ_SIZE);

	(void)state;
	for (size_t i = 0; i < ENGINE_READ_SIZE; i++)
		block[i] = (char)(i * 7 >> 3);
	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		const struct scripted_read reads[] = { { .data = block, .len = lens[i] }, END };
		static const int writes[] = { 5, -EAGAIN };
		struct bench bench;

		bench_init(&bench, reads, ARRAY_LEN(reads), false);
		bench.sink.writes = writes;
		bench.sink.write_count = ARRAY_LEN(writes);
		assert_int_equal(flow_run(&bench.flow), FLOW_WAITS);
		assert_int_equal(bench.flow.held_len, lens[i] - 5);
		assert_int_equal(bench.engine.buffer == NULL, lens[i] - 5 > 16 * 1024);
		scripted_edge(&bench.sink);
		assert_int_equal(flow_run(&bench.flow), FLOW_ENDED);
		assert_non_null(bench.engine.buffer);
		assert_int_equal(bench.sink.written.len, lens[i]);
		assert_memory_equal(buf_peek(&bench.sink.written), block, lens[i]);
		bench_clear(&bench);
	}
	free(block);
}

/* Turns of a conversation are counted by its two flows together. */
static void test_talk(void **state)
{
	static const struct {
		const char *order; /* o: out, i: in */
		uint32_t turns;
		enum who first;
	} rows[] = {
		{ "", 0, WHO_NONE }, { "o", 1, WHO_LOCAL }, { "ooo", 1, WHO_LOCAL }, { "oi", 2, WHO_LOCAL },
		{ "iioi", 3, WHO_REMOTE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct talk talk = { .turns = 0 };
		struct flow out, in;

		flow_init(&out, NULL, &talk, NULL, NULL, true);
		flow_init(&in, NULL, &talk, NULL, NULL, false);
		for (const char *at = rows[i].order; *at != '\0'; at++)
			flow_count(*at == 'o' ? &out : &in, 3, *at == 'o');
		CHECK_INT(rows[i].order, talk.turns, rows[i].turns);
		CHECK_INT(rows[i].order, talk.first, rows[i].first);
	}
}

/* Bytes that a layer has taken and not yet written go out as soon as there is room, without more to come. */
static void test_pending_below(void **state)
{
	static const struct scripted_read reads[] = { DATA("prompt> ") };
	static const int writes[] = { 3, -EAGAIN };
	struct escape_layer el;
	struct bench bench;

	(void)state;
	bench_init(&bench, reads, ARRAY_LEN(reads), false);
	bench.sink.writes = writes;
	bench.sink.write_count = ARRAY_LEN(writes);
	escape_layer_init(&el, &bench.sink.layer);
	bench.to.top = &el.layer;
	assert_int_equal(flow_run(&bench.flow), FLOW_WAITS);
	check_written("pending", &bench, "pro");
	scripted_edge(&bench.sink);
	assert_int_equal(flow_run(&bench.flow), FLOW_WAITS);
	check_written("pending", &bench, "prompt> ");
	bench_clear(&bench);
	layer_close(&el.layer, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_faults_everywhere),
		cmocka_unit_test(test_backpressure),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_empty_message_to_bytes),
		cmocka_unit_test(test_drop_held),
		cmocka_unit_test(test_budget_bytes),
		cmocka_unit_test(test_budget_moves),
		cmocka_unit_test(test_held_memory),
		cmocka_unit_test(test_talk),
		cmocka_unit_test(test_pending_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
