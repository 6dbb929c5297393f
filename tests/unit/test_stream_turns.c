/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Layers that may read and read without anything to give: they stop, and go on behind all others. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"
#include "check.h"
#include "scripted.h"
#include "stream/body_layer.h"
#include "stream/http_head.h"
#include "stream/telnet_layer.h"

#define WATCHDOG_S 60
#define READS 1000

/* One who reads a layer, and somebody else on the same loop. */
struct bench {
	struct bus bus;
	struct stepper st;
	struct loop *loop;
	struct task reader, other;
	struct layer *layer;
	struct scripted below;
	struct scripted_read reads[READS];
	ssize_t n; /* what the last read gave */
	char got[64];
	size_t reads_before; /* how many reads there had been when the other had its turn */
	bool has_other_run;
};

static void on_reader(struct task *task)
{
	struct bench *bench = CONTAINER_OF(task, struct bench, reader);
	unsigned flags = 0;

	bench->n = layer_read(bench->layer, &bench->st, bench->got, sizeof(bench->got), &flags);
	if (bench->n != -EAGAIN)
		loop_stop(bench->loop);
}

static void on_other(struct task *task)
{
	struct bench *bench = CONTAINER_OF(task, struct bench, other);

	bench->reads_before = bench->below.read_at;
	bench->has_other_run = true;
}

/* All reads but the last give what the layer has nothing to give of. */
static void bench_open(struct bench *bench, const char *nothing, const struct scripted_read *last)
{
	struct failure fail = { .domain = FAILURE_NONE };

	memset(bench, 0, sizeof(*bench));
	bench->st = (struct stepper){ .bus = &bench->bus, .env = &env_system };
	bus_init(&bench->bus, 0);
	assert_int_equal(loop_open(&bench->st, &bench->loop, &fail), 0);
	bench->reader.run = on_reader;
	bench->other.run = on_other;
	for (size_t i = 0; i < READS - 1; i++)
		bench->reads[i] = (struct scripted_read){ .data = nothing, .len = strlen(nothing) };
	bench->reads[READS - 1] = *last;
	scripted_init(&bench->below);
	bench->below.reads = bench->reads;
	bench->below.read_count = READS;
}

/* Let both run: the other one has its turn early, and the reader gets to the last read all the same. */
static void bench_check(struct bench *bench)
{
	loop_post(bench->loop, &bench->reader);
	loop_post(bench->loop, &bench->other);
	assert_int_equal(loop_run(bench->loop), 0);
	assert_true(bench->has_other_run);
	assert_in_range(bench->reads_before, 1, READS / 10);
	assert_int_equal(bench->below.read_at, READS - (bench->n == 0));
	loop_close(bench->loop);
	scripted_clear(&bench->below);
	bus_clear(&bench->bus, NULL, 0);
}

static void test_commands_of_telnet(void **state)
{
	struct bench *bench = malloc(sizeof(*bench));
	struct telnet_layer telnet;

	(void)state;
	bench_open(bench, "\377\361\377\361", &(struct scripted_read){ .data = "data", .len = 4 });
	telnet_layer_init(&telnet, &bench->below.layer, 1, bench->loop, &bench->reader);
	bench->layer = &telnet.layer;
	bench_check(bench);
	assert_int_equal(bench->n, 4);
	assert_memory_equal(bench->got, "data", 4);
	free(bench);
}

static void test_what_comes_behind_a_body(void **state)
{
	struct bench *bench = malloc(sizeof(*bench));
	const struct http_body whole = { .is_whole = true };
	struct body_layer body = { .thrown = 0 };

	(void)state;
	bench_open(bench, "GET / HTTP/1.1\r\n", &(struct scripted_read){ .data = "", .len = 0 });
	body_layer_init(&body, &bench->below.layer, &whole, bench->loop, &bench->reader);
	bench->layer = &body.layer;
	bench_check(bench);
	assert_int_equal(bench->n, 0);
	assert_int_equal(body.thrown, 16 * (READS - 1));
	free(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands_of_telnet),
		cmocka_unit_test(test_what_comes_behind_a_body),
	};

	/* Who forgets to ask for a turn waits for ever. */
	alarm(WATCHDOG_S);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
