/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages between two processes: whole and in order, however they arrive; one who has gone, or who talks nonsense. */
#include "engine/link.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/util.h"
#include "check.h"
#include "engine/worker.h"

/* Both ends in one loop. */
struct bench {
	struct bus bus;
	struct stepper st;
	struct loop *loop;
	struct end {
		struct bench *bench;
		struct sock sock;
		struct link link;
		struct buf record; /* types and bytes of what came */
		unsigned messages, stop_at;
		bool is_closed;
	} ends[2];
};

static void on_message(void *ctx, uint32_t type, const void *data, size_t len)
{
	struct end *end = ctx;

	buf_append(&end->record, &type, sizeof(type));
	buf_append(&end->record, data, len);
	end->messages++;
	if (end->messages == end->stop_at)
		loop_stop(end->bench->loop);
}

static void on_closed(void *ctx)
{
	struct end *end = ctx;

	assert_false(end->is_closed);
	end->is_closed = true;
	loop_stop(end->bench->loop);
}

static void bench_open(struct bench *bench)
{
	struct failure fail = { .domain = FAILURE_NONE };
	int fds[2];

	*bench = (struct bench){ .st = { .bus = &bench->bus, .env = &env_system } };
	bus_init(&bench->bus, 0);
	assert_int_equal(loop_open(&bench->st, &bench->loop, &fail), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	for (int i = 0; i < 2; i++) {
		struct end *end = &bench->ends[i];
		const struct link_settings settings = {
			.loop = bench->loop, .message = on_message, .closed = on_closed, .ctx = end,
		};

		end->bench = bench;
		sock_init(&end->sock);
		end->sock.fd = fds[i];
		assert_int_equal(link_open(&end->link, &settings, &end->sock), 0);
	}
}

static void bench_close(struct bench *bench)
{
	for (int i = 0; i < 2; i++) {
		link_clear(&bench->ends[i].link);
		buf_clear(&bench->ends[i].record);
		if (bench->ends[i].sock.fd != -1)
			close(bench->ends[i].sock.fd);
	}
	loop_close(bench->loop);
}

static void test_messages_come_as_they_were_sent(void **state)
{
	static const char want[] = "\1\0\0\0hello\2\0\0\0\3\0\0\0!";
	struct bench bench;

	(void)state;
	bench_open(&bench);
	link_send(&bench.ends[0].link, 1, "hello", 5);
	link_send(&bench.ends[0].link, 2, NULL, 0);
	link_send(&bench.ends[0].link, 3, "!", 1);
	bench.ends[1].stop_at = 3;
	assert_int_equal(loop_run(bench.loop), 0);
	assert_int_equal(bench.ends[1].record.len, sizeof(want) - 1);
	assert_memory_equal(buf_peek(&bench.ends[1].record), want, sizeof(want) - 1);
	bench_close(&bench);
}

/* Far more than a socket holds: nothing waits, and nothing is lost. */
static void test_what_is_not_taken_is_held(void **state)
{
	const size_t len = (size_t)3 << 20;
	char *large = malloc(len);
	struct bench bench;

	(void)state;
	assert_non_null(large);
	for (size_t i = 0; i < len; i++)
		large[i] = (char)(i * 31 + i / 253);
	bench_open(&bench);
	link_send(&bench.ends[0].link, 7, large, len);
	link_send(&bench.ends[0].link, 8, "x", 1);
	assert_true(bench.ends[0].link.out.len > 0);
	bench.ends[1].stop_at = 2;
	assert_int_equal(loop_run(bench.loop), 0);
	assert_int_equal(bench.ends[1].record.len, 4 + len + 4 + 1);
	assert_memory_equal(buf_peek(&bench.ends[1].record) + 4, large, len);
	assert_int_equal(bench.ends[0].link.out.len, 0);
	bench_close(&bench);
	free(large);
}

static void test_the_last_words_of_one_that_is_gone(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench);
	link_send(&bench.ends[0].link, 1, "good", 4);
	link_send(&bench.ends[0].link, 1, "bye", 3);
	link_clear(&bench.ends[0].link);
	close(bench.ends[0].sock.fd);
	bench.ends[0].sock.fd = -1;
	assert_int_equal(loop_run(bench.loop), 0);
	assert_int_equal(bench.ends[1].messages, 2);
	assert_true(bench.ends[1].is_closed);
	/* To nobody: dropped. */
	link_send(&bench.ends[1].link, 1, "?", 1);
	assert_int_equal(bench.ends[1].link.out.len, 0);
	bench_close(&bench);
}

/* Somebody who shares the loop with a link. */
struct other {
	struct task task;
	struct bench *bench;
	unsigned messages; /* how many had come before its turn */
};

static void other_run(struct task *task)
{
	struct other *other = CONTAINER_OF(task, struct other, task);

	other->messages = other->bench->ends[1].messages;
	loop_stop(other->bench->loop);
}

/* Each message is followed by the next before it has been dealt with. */
static void on_message_send_next(void *ctx, uint32_t type, const void *data, size_t len)
{
	struct end *end = ctx;

	(void)data;
	(void)len;
	end->messages++;
	if (end->messages < 1000)
		link_send(&end->bench->ends[0].link, type, NULL, 0);
}

static void test_a_stream_of_messages_starves_nobody(void **state)
{
	struct bench bench;
	struct other other = { .task = { .run = other_run }, .bench = &bench };

	(void)state;
	bench_open(&bench);
	bench.ends[1].link.settings.message = on_message_send_next;
	link_send(&bench.ends[0].link, 1, NULL, 0);
	loop_post_later(bench.loop, &other.task);
	assert_int_equal(loop_run(bench.loop), 0);
	assert_in_range(other.messages, 0, 2);
	bench_close(&bench);
}

/* What a worker says while its parent stands still: it holds some of it, and tells how much is missing. */
static void test_what_is_said_to_one_that_stands_still(void **state)
{
	struct worker worker = { .lost = 0 };
	struct link_settings settings = { .loop = NULL };
	struct bench bench;
	uint64_t held;
	size_t said;

	(void)state;
	bench_open(&bench);
	settings.loop = bench.loop;
	link_clear(&bench.ends[0].link);
	assert_int_equal(link_open(&worker.link, &settings, &bench.ends[0].sock), 0);
	for (int i = 0; i < 100000; i++)
		worker_say(&worker, "one of many lines");
	assert_in_range(worker.link.out.len, 1, 512 * 1024);
	assert_in_range(worker.lost, 1, 99999);
	held = 100000 - worker.lost;
	bench.ends[1].stop_at = (unsigned)held;
	assert_int_equal(loop_run(bench.loop), 0);
	said = bench.ends[1].record.len;
	worker_say(&worker, "the last");
	bench.ends[1].stop_at = (unsigned)held + 2;
	assert_int_equal(loop_run(bench.loop), 0);
	buf_append(&bench.ends[1].record, "", 1);
	assert_non_null(strstr(buf_peek(&bench.ends[1].record) + said + 4, " lines are left out here"));
	link_clear(&worker.link);
	bench_close(&bench);
}

/* Writing into a pipe without a reader must not be a signal, and is told by reading. */
static void test_sending_to_one_that_has_gone(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench);
	link_clear(&bench.ends[0].link);
	close(bench.ends[0].sock.fd);
	bench.ends[0].sock.fd = -1;
	link_send(&bench.ends[1].link, 1, "?", 1);
	assert_int_equal(loop_run(bench.loop), 0);
	assert_true(bench.ends[1].is_closed);
	bench_close(&bench);
}

static void test_nonsense_closes_it(void **state)
{
	static const uint32_t head[] = { 1, UINT32_MAX };
	struct bench bench;

	(void)state;
	bench_open(&bench);
	assert_int_equal(write(bench.ends[0].sock.fd, head, sizeof(head)), sizeof(head));
	assert_int_equal(loop_run(bench.loop), 0);
	assert_true(bench.ends[1].is_closed);
	assert_int_equal(bench.ends[1].messages, 0);
	bench_close(&bench);
}

/* Before a process ends it may wait a little for what it has to say. */
static void test_draining_ends(void **state)
{
	static char large[1 << 20];
	struct bench bench;

	(void)state;
	bench_open(&bench);
	link_send(&bench.ends[0].link, 1, large, sizeof(large));
	link_drain(&bench.ends[0].link, 20);
	assert_true(bench.ends[0].link.out.len > 0);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages_come_as_they_were_sent),
		cmocka_unit_test(test_what_is_not_taken_is_held),
		cmocka_unit_test(test_the_last_words_of_one_that_is_gone),
		cmocka_unit_test(test_a_stream_of_messages_starves_nobody),
		cmocka_unit_test(test_what_is_said_to_one_that_stands_still),
		cmocka_unit_test(test_sending_to_one_that_has_gone),
		cmocka_unit_test(test_nonsense_closes_it),
		cmocka_unit_test(test_draining_ends),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
