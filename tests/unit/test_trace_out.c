/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where sinks write: whole records, never waiting, never O_NONBLOCK on what is shared, owning up to what was lost. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "trace/bus.h"
#include "trace/sink.h"
#include "trace/sink_out.h"

#define KIB ((size_t)1024)

/* A record of len bytes, 'a' to the newline. */
static char *record_of(size_t len)
{
	char *record = malloc(len);

	assert_non_null(record);
	memset(record, 'a', len);
	record[len - 1] = '\n';
	return record;
}

/* An output on one end of a pipe, of our own number as --trace text:fd:N names it. */
static struct sink_out *open_fd(int fd)
{
	struct sink_out *out;
	char name[16];

	snprintf(name, sizeof(name), "fd:%d", fd);
	assert_int_equal(sink_out_open(name, &out), 0);
	return out;
}

/* Read what is there, without waiting. Returns the number of bytes; checks that records are whole where asked. */
static size_t take(int fd, bool must_be_whole)
{
	static char buf[256 * KIB];
	size_t total = 0;
	ssize_t n;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		total += (size_t)n;
		if (must_be_whole)
			assert_int_equal(buf[n - 1], '\n');
	}
	return total;
}

static void test_a_file_is_made_anew(void **state)
{
	char path[] = "/tmp/sockt-out-XXXXXX";
	struct sink_out *out;
	char text[32] = "";
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, "something longer\n", 17), 17);
	assert_int_equal(sink_out_open(path, &out), 0);
	assert_int_equal(fcntl(sink_out_fd(out), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	/* It may be somebody else's: only who knows that it is not cuts it off. */
	assert_int_equal(pread(fd, text, sizeof(text), 0), 17);
	assert_int_equal(sink_out_empty(out), 0);
	assert_true(sink_out_record(out, "one\n", 4));
	/* Gathered, not written. */
	assert_int_equal(pread(fd, text, sizeof(text), 0), 0);
	sink_out_flush(out);
	assert_int_equal(pread(fd, text, sizeof(text), 0), 4);
	assert_true(sink_out_record(out, "two\n", 4));
	assert_int_equal(sink_out_close(out, NULL, 0), 0);
	assert_int_equal(pread(fd, text, sizeof(text), 0), 8);
	assert_memory_equal(text, "one\ntwo\n", 8);
	close(fd);
	unlink(path);
}

static void test_names_that_cannot_be_opened(void **state)
{
	struct sink_out *out;
	char name[16];
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	snprintf(name, sizeof(name), "fd:%d", pipes[0]);
	assert_int_equal(sink_out_open(name, &out), -EBADF);
	assert_int_equal(sink_out_open("fd:999", &out), -EBADF);
	assert_int_equal(sink_out_open("fd:x", &out), -EINVAL);
	assert_int_equal(sink_out_open("fd:", &out), -EINVAL);
	assert_int_equal(sink_out_open("/nonexistent/trace", &out), -ENOENT);
	assert_int_equal(sink_out_open("/", &out), -EISDIR);
	close(pipes[0]);
	close(pipes[1]);
}

/* A full disk is told once, with the file's name. */
static void test_a_full_disk_is_told(void **state)
{
	struct sink_out *out;
	char file[32] = "";

	(void)state;
	assert_int_equal(sink_out_open("/dev/full", &out), 0);
	sink_out_record(out, "one\n", 4);
	assert_int_equal(sink_out_close(out, file, sizeof(file)), -ENOSPC);
	assert_string_equal(file, "/dev/full");
}

/* A file that may not grow further ends with a whole record. */
static void test_a_cut_record_is_taken_back(void **state)
{
	char path[] = "/tmp/sockt-out-XXXXXX";
	char *record = record_of(1000);
	struct rlimit old, small = { 2500, RLIM_INFINITY };
	struct sink_out *out;
	struct stat st;

	(void)state;
	close(mkstemp(path));
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small.rlim_max = old.rlim_max;
	assert_int_equal(sink_out_open(path, &out), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (int i = 0; i < 4; i++)
		sink_out_record(out, record, 1000);
	assert_int_equal(sink_out_close(out, NULL, 0), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 2000);
	unlink(path);
	free(record);
}

/* The length of a block is its first four bytes; newlines mean nothing in it. */
static size_t block_len(const char *data, size_t len)
{
	uint32_t block;

	assert_true(len >= sizeof(block));
	memcpy(&block, data, sizeof(block));
	return block;
}

/* A block of len bytes, full of newlines. */
static void make_block(char *block, uint32_t len)
{
	memset(block, '\n', len);
	memcpy(block, &len, sizeof(len));
}

/* What is cut is a block, whatever bytes it has, also where its beginning was written by a call before. */
static void test_a_cut_block_is_taken_back(void **state)
{
	static const rlim_t limits[] = { 2500, 2000, 70500, 71000, 70001 };
	static const off_t sizes[] = { 2000, 2000, 2000, 71000, 2000 };
	static char block[69000];

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		char path[] = "/tmp/sockt-out-XXXXXX";
		struct rlimit old, small = { limits[i], RLIM_INFINITY };
		struct sink_out *out;
		struct stat st;

		close(mkstemp(path));
		assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
		small.rlim_max = old.rlim_max;
		assert_int_equal(sink_out_open(path, &out), 0);
		sink_out_set_blocks(out, block_len);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
		make_block(block, 1000);
		for (int n = 0; n < 2; n++)
			sink_out_record(out, block, 1000);
		make_block(block, sizeof(block));
		for (int n = 0; n < 2; n++)
			sink_out_record(out, block, sizeof(block));
		assert_int_equal(sink_out_close(out, NULL, 0), -EFBIG);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_size, sizes[i]);
		unlink(path);
	}
}

/* To a pipe whole blocks go, as many as it takes at once; longer ones in their order. */
static void test_a_pipe_gets_whole_blocks(void **state)
{
	static char block[20000], got[128 * 1024];
	struct sink_out *out;
	int pipes[2];
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(fcntl(pipes[0], F_SETFL, O_NONBLOCK), 0);
	out = open_fd(pipes[1]);
	sink_out_set_blocks(out, block_len);
	make_block(block, 3000);
	for (int i = 0; i < 3; i++)
		sink_out_record(out, block, 3000);
	make_block(block, sizeof(block));
	sink_out_record(out, block, sizeof(block));
	make_block(block, 8);
	sink_out_record(out, block, 8);
	assert_int_equal(sink_out_close(out, NULL, 0), 0);
	n = read(pipes[0], got, sizeof(got));
	assert_int_equal(n, 3 * 3000 + sizeof(block) + 8);
	for (ssize_t at = 0; at < n; at += (ssize_t)block_len(got + at, (size_t)(n - at)))
		assert_true(at == 29000 || at % 3000 == 0);
	close(pipes[0]);
}

/* Behind a block that was cut by a write the next write ends with a block again. */
static void test_a_write_after_a_cut_block(void **state)
{
	static char block[5000];
	struct sink_out *out;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	out = open_fd(ends[1]);
	sink_out_set_blocks(out, block_len);
	make_block(block, 5000);
	sink_out_record(out, block, 5000);
	make_block(block, 1500);
	for (int i = 0; i < 3; i++)
		sink_out_record(out, block, 1500);
	assert_int_equal(sink_out_close(out, NULL, 0), 0);
	assert_int_equal(read(ends[0], block, sizeof(block)), 4096);
	assert_int_equal(read(ends[0], block, sizeof(block)), 904 + 2 * 1500);
	assert_int_equal(read(ends[0], block, sizeof(block)), 1500);
	close(ends[0]);
}

/* A pipe that nobody reads takes nothing, loses whole records, and O_NONBLOCK stays off. */
static void test_a_full_pipe_loses_whole_records(void **state)
{
	char *record = record_of(3 * KIB);
	struct sink_out *out;
	int pipes[2], taken = 0;
	uint64_t lost;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	out = open_fd(dup(pipes[1]));
	for (int i = 0; i < 1000; i++)
		taken += sink_out_record(out, record, 3 * KIB);
	sink_out_flush(out);
	assert_int_equal(fcntl(pipes[1], F_GETFL) & O_NONBLOCK, 0);
	lost = sink_out_lost(out);
	assert_true(lost > 0);
	assert_int_equal(lost + (uint64_t)taken, 1000);
	assert_int_equal(sink_out_lost(out), 0);
	/* 1 MiB is held, beside what the pipe took. */
	assert_in_range((size_t)taken * 3 * KIB, 1000 * KIB, 1200 * KIB);
	assert_true(take(pipes[0], true) > 0);
	close(pipes[0]);
	close(pipes[1]);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(sink_out_close(out, NULL, 0), -EPIPE);
	free(record);
}

/* After a loss nothing is taken before half of the buffer is free; then it goes on. */
static void test_an_output_that_comes_back(void **state)
{
	char *record = record_of(3 * KIB);
	struct sink_out *out;
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	out = open_fd(pipes[1]);
	while (sink_out_record(out, record, 3 * KIB))
		continue;
	assert_false(sink_out_record(out, "short\n", 6));
	take(pipes[0], true);
	sink_out_flush(out);
	assert_false(sink_out_record(out, "short\n", 6));
	for (int i = 0; i < 12; i++) {
		take(pipes[0], true);
		sink_out_flush(out);
	}
	assert_true(sink_out_record(out, "short\n", 6));
	while (take(pipes[0], true) > 0)
		sink_out_flush(out);
	assert_int_equal(sink_out_close(out, NULL, 0), 0);
	close(pipes[0]);
	free(record);
}

/* What can be opened only once (a socket) is asked before each write. */
static void test_a_socket_that_nobody_reads(void **state)
{
	char *record = record_of(3 * KIB);
	struct sink_out *out;
	int pair[2], refused = 0;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	out = open_fd(dup(pair[1]));
	for (int i = 0; i < 1000; i++)
		refused += !sink_out_record(out, record, 3 * KIB);
	assert_true(refused > 0);
	assert_int_equal(fcntl(pair[1], F_GETFL) & O_NONBLOCK, 0);
	while (take(pair[0], true) > 0)
		sink_out_flush(out);
	close(pair[1]);
	assert_int_equal(sink_out_close(out, NULL, 0), 0);
	close(pair[0]);
	free(record);
}

/* A record larger than the bound goes alone; nothing of it is kept back. */
static void test_a_record_beyond_the_bound(void **state)
{
	char *record = record_of(3072 * KIB);
	char path[] = "/tmp/sockt-out-XXXXXX";
	struct sink_out *out;
	struct stat st;

	(void)state;
	close(mkstemp(path));
	assert_int_equal(sink_out_open(path, &out), 0);
	assert_true(sink_out_record(out, "before\n", 7));
	assert_true(sink_out_record(out, record, 3072 * KIB));
	assert_int_equal(sink_out_lost(out), 0);
	assert_int_equal(sink_out_close(out, NULL, 0), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 3072 * KIB + 7);
	unlink(path);
	free(record);
}

/* Closing waits for a reader, but not for ever. */
static void test_closing_gives_up(void **state)
{
	char *record = record_of(100 * KIB);
	struct sink_out *out;
	char file[32] = "", want[32];
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	snprintf(want, sizeof(want), "fd:%d", pipes[1]);
	out = open_fd(pipes[1]);
	assert_true(sink_out_record(out, record, 100 * KIB));
	assert_int_equal(sink_out_close(out, file, sizeof(file)), SINK_OUT_UNREAD);
	assert_string_equal(file, want);
	close(pipes[0]);
	free(record);
}

/* Standard error gets each record at once, and is not closed. */
static void test_standard_error(void **state)
{
	struct sink_out *out;
	int pipes[2], saved = dup(STDERR_FILENO);
	char text[16];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(dup2(pipes[1], STDERR_FILENO), STDERR_FILENO);
	assert_int_equal(sink_out_open(NULL, &out), 0);
	assert_int_equal(sink_out_fd(out), STDERR_FILENO);
	sink_out_record(out, "now\n", 4);
	assert_int_equal(read(pipes[0], text, sizeof(text)), 4);
	assert_int_equal(sink_out_close(out, NULL, 0), 0);
	assert_int_equal(write(STDERR_FILENO, "still\n", 6), 6);
	assert_int_equal(fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK, 0);
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	close(saved);
	close(pipes[0]);
	close(pipes[1]);
}

#define TEXT_MAX (4096 * KIB)

/*
 * Read what there is into text, behind len bytes of it. Returns how many there are then. A bit at a time: valgrind
 * looks at each byte of room that is offered, and four mebibytes at each of 40000 reads took it two minutes.
 */
static size_t read_on(int fd, char *text, size_t len)
{
	ssize_t n;

	do {
		size_t room = TEXT_MAX - 1 - len;

		n = read(fd, text + len, room < 4 * KIB ? room : 4 * KIB);
		len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	return len;
}

/* Count the records of a JSON trace: the notes of ours, and those that an own note says are lost. */
static void count_records(char *text, unsigned long *written, unsigned long *lost)
{
	unsigned long last_seq = 0;

	for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		const char *seq, *count;

		*end = '\0';
		seq = strstr(line, "\"seq\":");
		assert_int_equal(line[0], '{');
		assert_int_equal(end[-1], '}');
		if (seq == NULL)
			continue;
		if (strtoul(seq + 6, NULL, 10) <= last_seq)
			fail_msg("after number %lu: %s", last_seq, line);
		last_seq = strtoul(seq + 6, NULL, 10);
		count = strstr(line, "\"lost\":");
		if (count != NULL)
			*lost += strtoul(count + 7, NULL, 10);
		else
			*written += 1;
	}
}

/*
 * A sink whose output stalled says how many records were lost, in their place: every event is written or counted, every
 * number is larger than the one before.
 */
static void test_a_sink_says_what_was_lost(void **state)
{
	struct sink_options options = { .level = 1, .version = "1" };
	static char text[TEXT_MAX];
	unsigned long written = 0, lost = 0;
	struct sink *sink;
	struct bus bus;
	size_t len = 0;
	char name[16];
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	snprintf(name, sizeof(name), "fd:%d", pipes[1]);
	options.file = name;
	bus_init(&bus, 0);
	assert_int_equal(sink_open(&sink_json, &options, &sink), 0);
	bus_add(&bus, sink);
	for (int i = 0; i < 20000; i++)
		bus_note(&bus, 1, 0, "a note that nobody reads: number %d", i);
	/* The reader comes back. */
	fcntl(pipes[0], F_SETFL, O_NONBLOCK);
	for (int i = 0; i < 20000; i++) {
		bus_note(&bus, 1, 0, "a note that is read: number %d", i);
		len = read_on(pipes[0], text, len);
		bus_flush(&bus);
	}
	len = read_on(pipes[0], text, len);
	assert_int_equal(bus_clear(&bus, NULL, 0), 0);
	len = read_on(pipes[0], text, len);
	close(pipes[0]);
	count_records(text, &written, &lost);
	assert_true(lost > 0);
	assert_int_equal(written + lost, 40000);
}

/* In a process of its own: 20000 notes into a pipe that nobody reads yet; then a word on ready, and the end. */
static int write_unread(int fd, int ready)
{
	struct sink_options options = { .level = 1, .version = "1" };
	struct sink *sink;
	struct bus bus;
	char name[16];

	snprintf(name, sizeof(name), "fd:%d", fd);
	options.file = name;
	bus_init(&bus, 0);
	if (sink_open(&sink_json, &options, &sink) != 0)
		return 1;
	bus_add(&bus, sink);
	for (int i = 0; i < 20000; i++)
		bus_note(&bus, 1, 0, "a note that nobody reads: number %d", i);
	if (write(ready, "x", 1) != 1)
		return 1;
	return bus_clear(&bus, NULL, 0) == 0 ? 0 : 1;
}

/* What is lost at the very end is said too. */
static void test_a_loss_at_the_end_is_said(void **state)
{
	static char text[TEXT_MAX];
	unsigned long written = 0, lost = 0;
	int pipes[2], ready[2], status;
	size_t len = 0;
	char word;
	pid_t writer;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(pipe(ready), 0);
	writer = fork();
	assert_int_not_equal(writer, -1);
	if (writer == 0)
		_exit(write_unread(pipes[1], ready[1]));
	close(pipes[1]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &word, 1), 1);
	len = read_on(pipes[0], text, len);
	assert_int_equal(waitpid(writer, &status, 0), writer);
	assert_int_equal(status, 0);
	close(pipes[0]);
	close(ready[0]);
	count_records(text, &written, &lost);
	assert_true(lost > 0);
	assert_int_equal(written + lost, 20000);
}

/* The first event is written at once; those that follow soon are written together, and not forgotten. */
static void test_a_file_is_written_now_and_then(void **state)
{
	char path[] = "/tmp/sockt-out-XXXXXX";
	const struct sink_options options = { .file = path, .level = 1 };
	bool was_soon = false;
	struct sink *sink;
	struct stat st;
	struct bus bus;

	(void)state;
	close(mkstemp(path));
	bus_init(&bus, clock_now_ns());
	assert_int_equal(sink_open(&sink_text, &options, &sink), 0);
	bus_add(&bus, sink);
	/* Where this process stood still meanwhile it was not soon: once more. */
	for (int i = 0; i < 100 && !was_soon; i++) {
		uint64_t begin_ns, due_ns;
		off_t size;

		bus_note(&bus, clock_now_ns(), 0, "%s", "a line");
		while (bus_flush(&bus) != UINT64_MAX)
			;
		begin_ns = clock_now_ns();
		assert_int_equal(stat(path, &st), 0);
		size = st.st_size;
		bus_note(&bus, clock_now_ns(), 0, "%s", "another");
		due_ns = bus_flush(&bus);
		was_soon = due_ns != UINT64_MAX;
		assert_int_equal(stat(path, &st), 0);
		assert_true(size > 0 && (was_soon ? st.st_size == size : st.st_size > size));
		assert_true(!was_soon || due_ns <= begin_ns + 20 * NS_PER_MS);
	}
	assert_true(was_soon);
	assert_int_equal(bus_clear(&bus, NULL, 0), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 0);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file_is_made_anew),
		cmocka_unit_test(test_a_file_is_written_now_and_then),
		cmocka_unit_test(test_names_that_cannot_be_opened),
		cmocka_unit_test(test_a_full_disk_is_told),
		cmocka_unit_test(test_a_cut_record_is_taken_back),
		cmocka_unit_test(test_a_cut_block_is_taken_back),
		cmocka_unit_test(test_a_pipe_gets_whole_blocks),
		cmocka_unit_test(test_a_write_after_a_cut_block),
		cmocka_unit_test(test_a_full_pipe_loses_whole_records),
		cmocka_unit_test(test_an_output_that_comes_back),
		cmocka_unit_test(test_a_socket_that_nobody_reads),
		cmocka_unit_test(test_a_record_beyond_the_bound),
		cmocka_unit_test(test_closing_gives_up),
		cmocka_unit_test(test_standard_error),
		cmocka_unit_test(test_a_sink_says_what_was_lost),
		cmocka_unit_test(test_a_loss_at_the_end_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
