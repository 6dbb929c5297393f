/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A crowd that talks: what one sends all others get, in order, within bounds; who is slow is dropped. */
#include "base/clock.h"
#include "base/util.h"
#include "engine/broker.h"

#include <errno.h>
#include <stdlib.h>

#include "check.h"
#include "scripted.h"

#define RING ((size_t)1 << 20)
#define CLIENTS 3

#define DATA(string) { .data = (string), .len = sizeof(string) - 1 }
#define END { .data = "", .len = 0 }

struct bench;

/* A step of a test; between two of them the loop does what is to be done. */
typedef void phase_fn(struct bench *bench);

/* A client: its place over our end of its session. */
struct client {
	struct scripted end;
	struct place *place;
	struct task task;
	int wakes;
	bool was_dropped;
};

struct bench {
	struct bus bus;
	struct stepper st;
	struct loop *loop;
	struct engine engine;
	struct broker *broker;
	struct client clients[CLIENTS];
	struct task driver;
	phase_fn *const *phases;
	size_t phase_count, phase;
};

static uint64_t fake_now_ns;

static uint64_t fake_clock(void)
{
	return fake_now_ns;
}

static const struct env fake_env = { .now_ns = fake_clock };

static void client_wake(struct task *task)
{
	CONTAINER_OF(task, struct client, task)->wakes++;
}

static void leave(struct bench *bench, uint32_t number)
{
	broker_leave(bench->clients[number - 1].place);
	bench->clients[number - 1].place = NULL;
}

static void client_drop(void *owner)
{
	struct client *client = owner;

	client->was_dropped = true;
	broker_leave(client->place);
	client->place = NULL;
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

static void bench_run(struct broker_settings settings, phase_fn *const *phases, size_t phase_count)
{
	struct bench bench = { .phases = phases, .phase_count = phase_count, .driver = { .run = bench_next } };
	struct failure fail = { .domain = FAILURE_NONE };

	fake_now_ns = NS_PER_S;
	bus_init(&bench.bus, 0);
	bench.st = (struct stepper){ .bus = &bench.bus, .env = &fake_env };
	assert_int_equal(loop_open(&bench.st, &bench.loop, &fail), 0);
	engine_init(&bench.engine, &bench.st, bench.loop);
	settings.engine = &bench.engine;
	settings.drop = client_drop;
	bench.broker = broker_open(&settings);
	loop_post(bench.loop, &bench.driver);
	assert_int_equal(loop_run(bench.loop), 0);
	for (size_t i = 0; i < CLIENTS; i++) {
		loop_unpost(bench.loop, &bench.clients[i].task);
		broker_leave(bench.clients[i].place);
		scripted_clear(&bench.clients[i].end);
	}
	broker_close(bench.broker);
	engine_clear(&bench.engine);
	loop_close(bench.loop);
}

#define RUN(phases, ...) bench_run((struct broker_settings){ __VA_ARGS__ }, phases, ARRAY_LEN(phases))

/* The client with that number, from 1, comes in; what its end gives is scripted. */
static void join(struct bench *bench, uint32_t number, const struct scripted_read *reads, size_t count)
{
	struct client *client = &bench->clients[number - 1];

	client->task.run = client_wake;
	scripted_init(&client->end);
	client->end.reads = reads;
	client->end.read_count = count;
	client->place = broker_join(bench->broker, number, &client->task, &client->end.layer, client);
}

static struct layer *layer_of(struct bench *bench, uint32_t number)
{
	return broker_layer(bench->clients[number - 1].place);
}

/* The client sends. */
static void sends(struct bench *bench, uint32_t number, const char *data, ssize_t want)
{
	assert_int_equal(layer_write(layer_of(bench, number), &bench->st, data, strlen(data)), want);
}

/* What is for a client, in pieces of at most size bytes; want NULL: nothing now. */
static void gets(struct bench *bench, uint32_t number, size_t size, const char *want)
{
	char buf[512] = "";
	unsigned flags = 0;
	ssize_t n = layer_read(layer_of(bench, number), &bench->st, buf, size < sizeof(buf) ? size : sizeof(buf) - 1,
			       &flags);

	if (want == NULL) {
		CHECK_INT(buf, n, -EAGAIN);
		return;
	}
	CHECK_INT(want, n, strlen(want));
	CHECK_STRING(want, buf, want);
}

static void check_end(const struct bench *bench, uint32_t number, const char *want)
{
	const struct buf *written = &bench->clients[number - 1].end.written;

	CHECK_INT(want, written->len, strlen(want));
	if (written->len > 0)
		assert_memory_equal(buf_peek(written), want, strlen(want));
}

static void join_three(struct bench *bench)
{
	for (uint32_t number = 1; number <= CLIENTS; number++)
		join(bench, number, NULL, 0);
}

/* ---- Bytes ---- */

static void talk(struct bench *bench)
{
	sends(bench, 1, "from one", 8);
	sends(bench, 2, "from two", 8);
	check_end(bench, 1, "from one");
	check_end(bench, 2, "from two");
	gets(bench, 1, 99, "from two");
	gets(bench, 1, 99, NULL);
	gets(bench, 2, 99, "from one");
	gets(bench, 2, 99, NULL);
	gets(bench, 3, 5, "from ");
	/* What could not be sent is read again. */
	layer_of(bench, 3)->ops->give_back(layer_of(bench, 3), 2);
	gets(bench, 3, 99, "m onefrom two");
	layer_of(bench, 3)->ops->give_back(layer_of(bench, 3), 13);
	gets(bench, 3, 99, "m onefrom two");
	layer_of(bench, 3)->ops->give_back(layer_of(bench, 3), 10);
	gets(bench, 3, 4, "nefr");
	layer_of(bench, 3)->ops->give_back(layer_of(bench, 3), 1);
	gets(bench, 3, 99, "rom two");
	layer_of(bench, 3)->ops->give_back(layer_of(bench, 3), 7);
	gets(bench, 3, 99, "rom two");
	gets(bench, 3, 99, NULL);
	leave(bench, 1);
	sends(bench, 2, "only three", 10);
	gets(bench, 3, 99, "only three");
	sends(bench, 2, "and more", 8);
	sends(bench, 2, ", later", 7);
}

/* Who has not read it all is woken, once for all that was sent; and not who has sent it. */
static void talk_woke(struct bench *bench)
{
	assert_int_equal(bench->clients[0].wakes, 0);
	assert_int_equal(bench->clients[1].wakes, 0);
	assert_int_equal(bench->clients[2].wakes, 1);
	gets(bench, 3, 99, "and more, later");
}

static void test_all_others_get_it(void **state)
{
	static phase_fn *const phases[] = { join_three, talk, talk_woke };

	(void)state;
	RUN(phases, .is_dropping = true);
}

/* Of many short pieces that nobody has looked at yet each takes no more of the ring than it is long. */
static void talk_little(struct bench *bench)
{
	size_t len = 0;

	join(bench, 1, NULL, 0);
	join(bench, 2, NULL, 0);
	for (int i = 0; i < 200000; i++)
		sends(bench, 1, "x", 1);
	scripted_clear(&bench->clients[0].end);
	/* From here on the others have looked: what comes is behind that, for who comes now as well. */
	gets(bench, 2, 3, "xxx");
	join(bench, 3, NULL, 0);
	sends(bench, 1, "end", 3);
	gets(bench, 3, 99, "end");
	while (len < 200000 - 3) {
		char buf[99];
		unsigned flags = 0;
		ssize_t n = layer_read(layer_of(bench, 2), &bench->st, buf, sizeof(buf), &flags);

		assert_true(n > 0);
		len += (size_t)n;
	}
	gets(bench, 2, 99, len == 200000 - 3 ? "end" : NULL);
}

static void test_little_by_little(void **state)
{
	static phase_fn *const phases[] = { talk_little };

	(void)state;
	RUN(phases, .is_dropping = false);
}

/* What our end gives is for one client; its end ends nobody, unless the client has ended too. */
static void ends(struct bench *bench)
{
	static const struct scripted_read reads[] = { DATA("to one"), END };

	join(bench, 1, reads, ARRAY_LEN(reads));
	join(bench, 2, NULL, 0);
	gets(bench, 1, 99, "to one");
	gets(bench, 1, 99, NULL);
	assert_int_equal(layer_wants(layer_of(bench, 1), HALF_READ), READY_IN);
	sends(bench, 2, "later", 5);
	assert_int_equal(layer_wants(layer_of(bench, 1), HALF_READ), 0);
	assert_int_equal(layer_shut_write(layer_of(bench, 1), &bench->st), 0);
	gets(bench, 1, 99, "later");
	gets(bench, 1, 99, "");
	gets(bench, 2, 99, NULL);
}

static void own_ends(struct bench *bench)
{
	static const struct scripted_read reads[] = { END };

	join(bench, 1, NULL, 0);
	join(bench, 2, reads, ARRAY_LEN(reads));
	sends(bench, 1, "never", 5);
	gets(bench, 2, 99, "");
}

static void test_ends(void **state)
{
	static phase_fn *const phases[] = { ends };
	static phase_fn *const own_phases[] = { own_ends };

	(void)state;
	RUN(phases, .is_dropping = true);
	RUN(own_phases, .has_own_ends = true);
}

/* Messages stay whole, empty ones too. */
static void messages(struct bench *bench)
{
	join_three(bench);
	sends(bench, 1, "first", 5);
	sends(bench, 1, "", 0);
	sends(bench, 1, "second", 6);
	gets(bench, 2, 99, "first");
	layer_of(bench, 2)->ops->give_back(layer_of(bench, 2), 5);
	gets(bench, 2, 99, "first");
	gets(bench, 2, 99, "");
	gets(bench, 2, 99, "second");
	gets(bench, 2, 99, NULL);
}

static void test_messages(void **state)
{
	static phase_fn *const phases[] = { messages };

	(void)state;
	RUN(phases, .is_messages = true);
}

/* ---- The slow ---- */

static char block[30000];

/* Client 1 sends until it may not: that is most of a ring, and not more. */
static size_t flood(struct bench *bench)
{
	size_t sent = 0;
	ssize_t n;

	memset(block, 'x', sizeof(block));
	while ((n = layer_write(layer_of(bench, 1), &bench->st, block, sizeof(block))) > 0)
		sent += (size_t)n;
	assert_int_equal(n, -EAGAIN);
	assert_int_equal(layer_wants(layer_of(bench, 1), HALF_WRITE), READY_OUT);
	return sent;
}

/* A client reads all there is; returns how much. */
static size_t drain(struct bench *bench, uint32_t number)
{
	static char buf[1 << 16];
	unsigned flags = 0;
	size_t all = 0;
	ssize_t n;

	while ((n = layer_read(layer_of(bench, number), &bench->st, buf, sizeof(buf), &flags)) > 0)
		all += (size_t)n;
	return all;
}

static void slow_fill(struct bench *bench)
{
	size_t sent;

	join_three(bench);
	sent = flood(bench);
	assert_true(sent > RING - 2 * 65536 - 2 * sizeof(block) && sent < RING);
	assert_int_equal(drain(bench, 2), sent);
	bench->clients[0].wakes = 0;
	assert_int_equal(layer_write(layer_of(bench, 1), &bench->st, "more", 4), -EAGAIN);
}

static void slow_gone(struct bench *bench)
{
	assert_true(bench->clients[2].was_dropped && !bench->clients[0].was_dropped && !bench->clients[1].was_dropped);
	assert_true(bench->clients[0].wakes > 0);
	sends(bench, 1, "on", 2);
	gets(bench, 2, 99, "on");
}

static void slow_kept(struct bench *bench)
{
	assert_false(bench->clients[2].was_dropped);
	assert_int_equal(layer_write(layer_of(bench, 1), &bench->st, "more", 4), -EAGAIN);
	assert_true(drain(bench, 3) > 0);
}

static void slow_went_on(struct bench *bench)
{
	sends(bench, 1, "on", 2);
	gets(bench, 3, 99, "on");
}

static void test_who_is_slow_is_dropped(void **state)
{
	static phase_fn *const phases[] = { slow_fill, slow_gone };
	static phase_fn *const waiting[] = { slow_fill, slow_kept, slow_went_on };

	(void)state;
	RUN(phases, .is_dropping = true);
	RUN(waiting, .is_dropping = false);
}

/* All are behind: who sends is fast. Who stands still for a second is dropped, who reads on is not. */
static void stuck_fill(struct bench *bench)
{
	join_three(bench);
	flood(bench);
}

static void stuck_later(struct bench *bench)
{
	static char buf[100];
	unsigned flags = 0;

	assert_int_equal(layer_read(layer_of(bench, 2), &bench->st, buf, sizeof(buf), &flags), sizeof(buf));
	while (layer_read(layer_of(bench, 2), &bench->st, buf, sizeof(buf), &flags) > 0 &&
	       layer_pending(layer_of(bench, 2), HALF_READ) > RING * 3 / 4)
		;
	assert_false(bench->clients[2].was_dropped);
	fake_now_ns += 2 * NS_PER_S;
}

static void stuck_gone(struct bench *bench)
{
	assert_true(bench->clients[2].was_dropped && !bench->clients[1].was_dropped);
}

static void nothing(struct bench *bench)
{
	(void)bench;
}

static void test_who_stands_still_is_dropped(void **state)
{
	static phase_fn *const phases[] = { stuck_fill, nothing, stuck_later, nothing, nothing, stuck_gone };

	(void)state;
	RUN(phases, .is_dropping = true);
}

/* ---- Chat ---- */

static void chat(struct bench *bench)
{
	static const struct scripted_read reads[] = { DATA("half a "), DATA("line\nlast"), END };

	join(bench, 1, NULL, 0);
	gets(bench, 1, 99, "* you are user1; nobody else is here\n");
	join(bench, 2, reads, ARRAY_LEN(reads));
	gets(bench, 1, 99, "* user2 has come\n");
	/* Our end's lines are for the client alone, and never in the middle of another's. */
	gets(bench, 2, 99, "* you are user2; here are: user1\n");
	gets(bench, 2, 99, NULL);
	gets(bench, 2, 10, "<server> h");
	sends(bench, 1, "he", 2);
	gets(bench, 2, 99, "alf a line\n");
	sends(bench, 1, "llo\x1b\r\nrest", 10);
	gets(bench, 2, 99, "<server> last\n");
	gets(bench, 2, 99, "<user1> hello\\x1b\n");
	check_end(bench, 1, "<user1> hello\\x1b\n");
	assert_int_equal(layer_shut_write(layer_of(bench, 1), &bench->st), 0);
	gets(bench, 2, 99, "<user1> rest\n");
	leave(bench, 1);
	gets(bench, 2, 99, "* user1 has left\n");
	gets(bench, 2, 99, NULL);
}

static void test_chat(void **state)
{
	static phase_fn *const phases[] = { chat };

	(void)state;
	RUN(phases, .is_chat = true, .is_dropping = true);
}

/* Our end takes little at a time: nothing is lost of what is shown there. */
static void chat_slow_end(struct bench *bench)
{
	static const int writes[] = { 3, -EAGAIN, 4 };

	join(bench, 1, NULL, 0);
	bench->clients[0].end.writes = writes;
	bench->clients[0].end.write_count = ARRAY_LEN(writes);
	sends(bench, 1, "hello\n", 6);
	check_end(bench, 1, "<us");
	assert_true(layer_pending(layer_of(bench, 1), HALF_WRITE) > 0);
	scripted_edge(&bench->clients[0].end);
	sends(bench, 1, "", 0);
	check_end(bench, 1, "<user1> hello\n");
	assert_int_equal(layer_pending(layer_of(bench, 1), HALF_WRITE), 0);
}

static void test_chat_with_a_slow_end(void **state)
{
	static phase_fn *const phases[] = { chat_slow_end };

	(void)state;
	RUN(phases, .is_chat = true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_others_get_it),
		cmocka_unit_test(test_little_by_little),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_who_is_slow_is_dropped),
		cmocka_unit_test(test_who_stands_still_is_dropped),
		cmocka_unit_test(test_chat),
		cmocka_unit_test(test_chat_with_a_slow_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
