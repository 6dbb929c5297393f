/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The event loop: the run queue, timers, the facts that are set, descriptors that epoll refuses, signals. */
#include "step/loop.h"

#include "base/clock.h"
#include "base/util.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

#define LOG_MAX 64

struct bench;

/* A task that writes its letter into the record, and then does as it is told. */
struct noted {
	struct task task;
	struct bench *bench;
	char letter;
	int runs;
	struct noted *posts, *unposts;
	bool is_hasty; /* what it posts runs before the next look */
	bool is_last; /* stops the loop */
};

struct bench {
	struct bus bus;
	struct stepper st;
	struct loop *loop;
	struct noted noted[8];
	char record[LOG_MAX + 1];
	size_t recorded;
};

static void noted_run(struct task *task)
{
	struct noted *noted = CONTAINER_OF(task, struct noted, task);
	struct bench *bench = noted->bench;

	assert_false(task->is_queued);
	noted->runs++;
	if (bench->recorded < LOG_MAX)
		bench->record[bench->recorded++] = noted->letter;
	if (noted->posts != NULL)
		(noted->is_hasty ? loop_post : loop_post_later)(bench->loop, &noted->posts->task);
	if (noted->unposts != NULL)
		loop_unpost(bench->loop, &noted->unposts->task);
	if (noted->is_last)
		loop_stop(bench->loop);
}

static void bench_open(struct bench *bench)
{
	struct failure fail = { .domain = FAILURE_NONE };

	memset(bench, 0, sizeof(*bench));
	bus_init(&bench->bus, clock_now_ns());
	bench->st = (struct stepper){ .bus = &bench->bus, .env = &env_system };
	assert_int_equal(loop_open(&bench->st, &bench->loop, &fail), 0);
	for (size_t i = 0; i < ARRAY_LEN(bench->noted); i++)
		bench->noted[i] = (struct noted){
			.task = { .run = noted_run }, .bench = bench, .letter = (char)('a' + (int)i),
		};
}

/* The tasks whose letters are written, each posted. */
static void bench_post(struct bench *bench, const char *letters)
{
	for (; *letters != '\0'; letters++)
		loop_post(bench->loop, &bench->noted[*letters - 'a'].task);
}

static void bench_unpost(struct bench *bench, const char *letters)
{
	for (; *letters != '\0'; letters++)
		loop_unpost(bench->loop, &bench->noted[*letters - 'a'].task);
}

/* Two connected sockets that do not block. */
static void pair_open(int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
}

static void test_queue(void **state)
{
	static const struct {
		const char *name, *post, *unpost, *post_more, *runs;
	} rows[] = {
		{ "in order", "abcd", "", "h", "abcdh" },
		{ "once", "aabab", "", "h", "abh" },
		{ "the first taken out", "abc", "a", "h", "bch" },
		{ "one within taken out", "abc", "b", "h", "ach" },
		{ "the last taken out", "abc", "c", "h", "abh" },
		{ "the last taken out and another posted", "abc", "c", "dh", "abdh" },
		{ "all taken out", "abc", "bac", "dh", "dh" },
		{ "one that is not there", "ab", "g", "h", "abh" },
		{ "out and in again: to the end", "abc", "a", "ah", "bcah" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bench bench;

		bench_open(&bench);
		bench.noted['h' - 'a'].is_last = true;
		bench_post(&bench, rows[i].post);
		bench_unpost(&bench, rows[i].unpost);
		bench_post(&bench, rows[i].post_more);
		CHECK_INT(rows[i].name, loop_run(bench.loop), 0);
		CHECK_STRING(rows[i].name, bench.record, rows[i].runs);
		loop_close(bench.loop);
	}
}

/* A task that posts another at once has it run before the next look; but not for ever. */
static void test_post_at_once(void **state)
{
	struct bench bench;
	struct sock sk;
	int fds[2];

	(void)state;
	bench_open(&bench);
	pair_open(fds);
	sock_init(&sk);
	sk.fd = fds[0];
	bench.noted[0].posts = &bench.noted[1];
	bench.noted[0].is_hasty = true;
	bench.noted[2].posts = &bench.noted[2];
	bench.noted[2].is_hasty = true;
	bench.noted['h' - 'a'].is_last = true;
	assert_int_equal(loop_watch(bench.loop, &sk, &bench.noted['h' - 'a'].task), 0);
	bench_post(&bench, "ac");
	assert_int_equal(loop_run(bench.loop), 0);
	assert_memory_equal(bench.record, "acbc", 4);
	assert_int_equal(bench.noted['h' - 'a'].runs, 1);
	loop_unwatch(bench.loop, &sk);
	loop_close(bench.loop);
	close(fds[0]);
	close(fds[1]);
}

/* A task that posts itself for later has its next turn behind the others, and behind those that a look brings. */
static void test_post_from_within(void **state)
{
	struct bench bench;
	struct sock sk;
	int fds[2];

	(void)state;
	bench_open(&bench);
	pair_open(fds);
	sock_init(&sk);
	sk.fd = fds[0];
	bench.noted[0].posts = &bench.noted[0];
	bench.noted['h' - 'a'].is_last = true;
	assert_int_equal(loop_watch(bench.loop, &sk, &bench.noted['h' - 'a'].task), 0);
	bench_post(&bench, "ab");
	assert_int_equal(loop_run(bench.loop), 0);
	/* The socket was writable from the start: what the look has brought comes before what had reached its bound. */
	assert_string_equal(bench.record, "abh");
	loop_unwatch(bench.loop, &sk);
	loop_close(bench.loop);
	close(fds[0]);
	close(fds[1]);
}

/* The last of a round is taken out by another: those that post themselves still leave room for a look. */
static void test_unpost_the_last_from_within(void **state)
{
	struct bench bench;
	struct sock sk;
	int fds[2];

	(void)state;
	bench_open(&bench);
	pair_open(fds);
	sock_init(&sk);
	sk.fd = fds[0];
	bench.noted[0].posts = &bench.noted[0];
	bench.noted[0].unposts = &bench.noted[1];
	bench.noted['h' - 'a'].is_last = true;
	assert_int_equal(loop_watch(bench.loop, &sk, &bench.noted['h' - 'a'].task), 0);
	bench_post(&bench, "ab");
	assert_int_equal(loop_run(bench.loop), 0);
	assert_true(bench.recorded < 8);
	assert_int_equal(bench.noted[1].runs, 0);
	loop_unwatch(bench.loop, &sk);
	loop_close(bench.loop);
	close(fds[0]);
	close(fds[1]);
}

/* Nothing runs behind a stop. */
static void test_stop(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench);
	bench.noted[1].is_last = true;
	bench_post(&bench, "abc");
	assert_int_equal(loop_run(bench.loop), 0);
	assert_string_equal(bench.record, "ab");
	loop_close(bench.loop);
}

/* What is done to a pair of sockets before the loop looks, and the facts that the first of them then has. */
static void peer_nothing(int fd)
{
	(void)fd;
}

static void peer_sends(int fd)
{
	assert_int_equal(send(fd, "x", 1, 0), 1);
}

static void peer_shuts(int fd)
{
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
}

static void peer_sends_and_shuts(int fd)
{
	peer_sends(fd);
	peer_shuts(fd);
}

static void test_facts(void **state)
{
	static const struct {
		const char *name;
		void (*act)(int fd);
		bool is_closed; /* the peer closes then */
		uint8_t ready;
	} rows[] = {
		{ "quiet", peer_nothing, false, READY_OUT },
		{ "data", peer_sends, false, READY_IN | READY_OUT },
		{ "half-closed", peer_shuts, false, READY_IN | READY_OUT | READY_END },
		{ "data and half-closed", peer_sends_and_shuts, false, READY_IN | READY_OUT | READY_END },
		{ "closed", peer_nothing, true, READY_IN | READY_OUT | READY_END | READY_HUP },
		{ "data and closed", peer_sends, true, READY_IN | READY_OUT | READY_END | READY_HUP },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bench bench;
		struct sock sk;
		int fds[2];

		bench_open(&bench);
		pair_open(fds);
		sock_init(&sk);
		sk.fd = fds[0];
		bench.noted[0].is_last = true;
		rows[i].act(fds[1]);
		if (rows[i].is_closed)
			close(fds[1]);
		CHECK_INT(rows[i].name, loop_watch(bench.loop, &sk, &bench.noted[0].task), 0);
		CHECK_INT(rows[i].name, loop_run(bench.loop), 0);
		CHECK_INT(rows[i].name, sk.ready, rows[i].ready);
		CHECK_INT(rows[i].name, bench.noted[0].runs, 1);
		loop_unwatch(bench.loop, &sk);
		loop_close(bench.loop);
		close(fds[0]);
		if (!rows[i].is_closed)
			close(fds[1]);
	}
}

/* An error on a socket: a reset while there is something unread at the other side. */
static void test_fact_error(void **state)
{
	struct bench bench;
	struct sock sk;
	int fds[2];

	(void)state;
	bench_open(&bench);
	pair_open(fds);
	assert_int_equal(send(fds[0], "unread", 6, 0), 6);
	close(fds[1]);
	sock_init(&sk);
	sk.fd = fds[0];
	bench.noted[0].is_last = true;
	assert_int_equal(loop_watch(bench.loop, &sk, &bench.noted[0].task), 0);
	assert_int_equal(loop_run(bench.loop), 0);
	assert_int_equal(sk.ready & READY_ERR, READY_ERR);
	loop_unwatch(bench.loop, &sk);
	loop_close(bench.loop);
	close(fds[0]);
}

/* What was taken out brings nothing any more, and may be watched again. */
static void test_unwatch(void **state)
{
	struct bench bench;
	struct sock sk, other;
	int fds[2];

	(void)state;
	bench_open(&bench);
	pair_open(fds);
	sock_init(&sk);
	sock_init(&other);
	sk.fd = fds[0];
	other.fd = fds[1];
	bench.noted[1].is_last = true;
	loop_unwatch(bench.loop, &sk);
	assert_int_equal(loop_watch(bench.loop, &sk, &bench.noted[0].task), 0);
	loop_unwatch(bench.loop, &sk);
	assert_false(sk.is_watched);
	assert_int_equal(loop_watch(bench.loop, &other, &bench.noted[1].task), 0);
	assert_int_equal(loop_run(bench.loop), 0);
	assert_string_equal(bench.record, "b");
	loop_close(bench.loop);
	close(fds[0]);
	close(fds[1]);
}

/* A sock that has moved in memory is known by its new place. */
static void test_watch_moved(void **state)
{
	struct bench bench;
	struct sock old, moved;
	int fds[2];

	(void)state;
	bench_open(&bench);
	pair_open(fds);
	sock_init(&old);
	old.fd = fds[0];
	assert_int_equal(loop_watch(bench.loop, &old, &bench.noted[0].task), 0);
	moved = old;
	sock_init(&old);
	bench.noted[1].posts = &bench.noted[2];
	bench.noted[2].is_last = true;
	assert_int_equal(loop_watch(bench.loop, &moved, &bench.noted[1].task), 0);
	assert_int_equal(loop_run(bench.loop), 0);
	/* Once since it has moved, once since it is writable. */
	assert_string_equal(bench.record, "bbc");
	assert_int_equal(moved.ready, READY_OUT);
	assert_int_equal(old.ready, 0);
	loop_unwatch(bench.loop, &moved);
	loop_close(bench.loop);
	close(fds[0]);
	close(fds[1]);
}

static void test_unpollable(void **state)
{
	static const char *const paths[] = { "/dev/null", "/proc/self/exe" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct bench bench;
		struct sock sk;

		bench_open(&bench);
		sock_init(&sk);
		sk.fd = open(paths[i], O_RDONLY | O_CLOEXEC);
		CHECK_INT(paths[i], sk.fd != -1, 1);
		bench.noted[0].is_last = true;
		CHECK_INT(paths[i], loop_watch(bench.loop, &sk, &bench.noted[0].task), 0);
		CHECK_INT(paths[i], sk.is_unpollable, 1);
		CHECK_INT(paths[i], sk.is_watched, 0);
		CHECK_INT(paths[i], sk.ready, READY_IN | READY_OUT);
		/* Its task runs without any descriptor to wait for. */
		CHECK_INT(paths[i], loop_run(bench.loop), 0);
		CHECK_STRING(paths[i], bench.record, "a");
		CHECK_INT(paths[i], loop_watch(bench.loop, &sk, &bench.noted[1].task), 0);
		loop_unwatch(bench.loop, &sk);
		loop_close(bench.loop);
		close(sk.fd);
	}
}

static void test_watch_fails(void **state)
{
	struct bench bench;
	struct sock sk;

	(void)state;
	bench_open(&bench);
	sock_init(&sk);
	assert_int_equal(loop_watch(bench.loop, &sk, &bench.noted[0].task), -EBADF);
	assert_false(sk.is_watched);
	assert_false(sk.is_unpollable);
	loop_close(bench.loop);
}

/* A timer that posts a task. */
struct noted_timer {
	struct timer timer;
	struct noted *noted;
};

static void noted_timer_fire(struct timer *timer)
{
	struct noted_timer *at = CONTAINER_OF(timer, struct noted_timer, timer);

	loop_post(at->noted->bench->loop, &at->noted->task);
}

/* The clock of the loop: moved by the test, and a read of it counted. */
static uint64_t fake_now_ns;
static int fake_reads;

static uint64_t fake_clock(void)
{
	fake_reads++;
	return fake_now_ns;
}

static const struct env fake_env = { .now_ns = fake_clock };

static void test_timers(void **state)
{
	struct bench bench;
	struct noted_timer late = { .timer = { .fire = noted_timer_fire }, .noted = &bench.noted[0] };
	struct noted_timer soon = { .timer = { .fire = noted_timer_fire }, .noted = &bench.noted[1] };
	struct noted_timer never = { .timer = { .fire = noted_timer_fire }, .noted = &bench.noted[2] };
	uint64_t now_ns;

	(void)state;
	bench_open(&bench);
	bench.noted[0].is_last = true;
	now_ns = clock_now_ns();
	loop_timer_set(bench.loop, &late.timer, now_ns + 2 * NS_PER_MS);
	loop_timer_set(bench.loop, &soon.timer, now_ns + NS_PER_MS);
	loop_timer_set(bench.loop, &never.timer, now_ns + NS_PER_MS);
	loop_timer_clear(bench.loop, &never.timer);
	loop_timer_clear(bench.loop, &never.timer);
	assert_int_equal(loop_run(bench.loop), 0);
	assert_string_equal(bench.record, "ba");
	assert_true(clock_now_ns() >= now_ns + 2 * NS_PER_MS);
	loop_close(bench.loop);
}

/* By a clock of the test's own nothing has to be waited for: one moment in the past, one that comes. */
static void test_time_of_loop(void **state)
{
	struct bench bench;
	struct noted_timer due = { .timer = { .fire = noted_timer_fire }, .noted = &bench.noted[0] };
	struct noted_timer later = { .timer = { .fire = noted_timer_fire }, .noted = &bench.noted[1] };

	(void)state;
	bench_open(&bench);
	bench.st.env = &fake_env;
	bench.noted[0].is_last = true;
	fake_now_ns = 1000;
	fake_reads = 0;
	assert_int_equal(loop_now_ns(bench.loop), 1000);
	fake_now_ns = 2000;
	/* Read once between two waits. */
	assert_int_equal(loop_now_ns(bench.loop), 1000);
	assert_int_equal(fake_reads, 1);
	loop_timer_set(bench.loop, &due.timer, 1000);
	loop_timer_set(bench.loop, &later.timer, 1001);
	assert_int_equal(loop_run(bench.loop), 0);
	assert_string_equal(bench.record, "a");
	assert_true(timer_is_set(&later.timer));
	loop_timer_clear(bench.loop, &later.timer);
	loop_close(bench.loop);
}

/* A signal that has come, and one that was ignored when the program started. */
struct caught {
	struct bench *bench;
	int numbers[4];
	size_t count;
};

static void caught_signal(void *ctx, int number)
{
	struct caught *caught = ctx;

	assert_true(caught->count < ARRAY_LEN(caught->numbers));
	caught->numbers[caught->count++] = number;
	loop_stop(caught->bench->loop);
}

static void test_signals(void **state)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	struct bench bench;
	struct caught caught = { .bench = &bench };
	sigset_t set, mask, blocked;

	(void)state;
	bench_open(&bench);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &mask), 0);
	assert_int_equal(sigaction(SIGHUP, &ignore, &old), 0);
	assert_int_equal(loop_signals(bench.loop, &set, caught_signal, &caught), 0);
	assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &blocked), 0);
	assert_int_equal(sigismember(&blocked, SIGTERM), 1);
	assert_int_equal(sigismember(&blocked, SIGHUP), 0);
	assert_int_equal(kill(getpid(), SIGHUP), 0);
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	assert_int_equal(loop_run(bench.loop), 0);
	assert_int_equal(caught.count, 1);
	assert_int_equal(caught.numbers[0], SIGTERM);
	loop_close(bench.loop);
	assert_int_equal(sigaction(SIGHUP, &old, NULL), 0);
	assert_int_equal(sigprocmask(SIG_SETMASK, &mask, NULL), 0);
}

/* One signal is followed by the next before it has been dealt with: others have their turn all the same. */
static void next_signal(void *ctx, int number)
{
	struct noted *other = ctx;

	if (other->runs == 0 && ++other->bench->recorded < 1000)
		assert_int_equal(kill(getpid(), number), 0);
	else
		loop_stop(other->bench->loop);
}

static void test_a_stream_of_signals_starves_nobody(void **state)
{
	struct noted *other;
	struct bench bench;
	sigset_t set, mask;

	(void)state;
	bench_open(&bench);
	other = &bench.noted[0];
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &mask), 0);
	assert_int_equal(loop_signals(bench.loop, &set, next_signal, other), 0);
	assert_int_equal(kill(getpid(), SIGUSR1), 0);
	loop_post_later(bench.loop, &other->task);
	assert_int_equal(loop_run(bench.loop), 0);
	assert_int_equal(other->runs, 1);
	assert_in_range(bench.recorded, 0, 10);
	loop_close(bench.loop);
	assert_int_equal(sigprocmask(SIG_SETMASK, &mask, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queue),
		cmocka_unit_test(test_post_at_once),
		cmocka_unit_test(test_post_from_within),
		cmocka_unit_test(test_unpost_the_last_from_within),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_fact_error),
		cmocka_unit_test(test_unwatch),
		cmocka_unit_test(test_watch_moved),
		cmocka_unit_test(test_unpollable),
		cmocka_unit_test(test_watch_fails),
		cmocka_unit_test(test_timers),
		cmocka_unit_test(test_time_of_loop),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_a_stream_of_signals_starves_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
