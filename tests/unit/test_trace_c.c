/* SPDX-License-Identifier: GPL-3.0-or-later */
/* C programs of runs: literals and comments that hold whatever they are made of, and which calls become statements. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/util.h"
#include "trace/c_program.h"
#include "trace_samples.h"

#include "check.h"

struct row {
	const char *data;
	size_t len;
	const char *want;
};

#define ROW(literal, want) { (literal), sizeof(literal) - 1, (want) }

/* What was written; it is freed with the source. */
static const char *written(struct source *source)
{
	buf_append(&source->text, "", 1);
	return buf_peek(&source->text);
}

static void test_strings(void **state)
{
	static const struct row rows[] = {
		ROW("", "\"\""),
		ROW("hello\n", "\"hello\\n\""),
		ROW("\"\\\r\t%", "\"\\\"\\\\\\r\\t%\""),
		ROW("\0" "1", "\"\\0001\""),
		ROW("\x01" "f", "\"\\1f\""),
		ROW("\x1b" "F", "\"\\033F\""),
		ROW("a?" "?/b", "\"a?\\?/b\""),
		ROW("?" "?" "?" "?", "\"?\\?\\?\\?\""),
		ROW("?" "?" "?/", "\"?\\?\\?/\""),
		ROW("\xff\x7f", "\"\\xff\\x7f\""),
		/* 48 bytes are one literal; what follows is another, in which no escape goes on and no trigraph. */
		ROW("0123456789012345678901234567890123456789012345\x01?" "?/",
		    "\"0123456789012345678901234567890123456789012345\\1?\" \"?/\""),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct source source = { .depth = 0 };

		source_string(&source, rows[i].data, rows[i].len);
		CHECK_STRING(rows[i].want, written(&source), rows[i].want);
		buf_clear(&source.text);
	}
}

static void test_strings_in_lines(void **state)
{
	struct source source = { .depth = 1 };
	static const char request[] = "GET / HTTP/1.0\r\n\r\n0123456789012345678901234567890123456789012345678";

	(void)state;
	source_strings(&source, request, sizeof(request) - 1);
	assert_string_equal(written(&source), "\t\"GET / HTTP/1.0\\r\\n\"\n"
					      "\t\"\\r\\n\"\n"
					      "\t\"012345678901234567890123456789012345678901234567\"\n"
					      "\t\"8\"");
	buf_clear(&source.text);
}

static void test_comments(void **state)
{
	static const struct row rows[] = {
		ROW("why", "/* why */\n"),
		ROW("a */ b /* c", "/* a * / b / * c */\n"),
		ROW("**//", "/* ** // */\n"),
		ROW("what?" "?/", "/* what? ?/ */\n"),
		ROW("\x1b[0m\x01", "/* \\x1b[0m\\x01 */\n"),
		ROW("one\ntwo", "/*\n * one\n *\n * two\n */\n"),
		ROW("one\n" SOURCE_AS_IT_IS "cc  -o x", "/*\n * one\n *\n *     cc  -o x\n */\n"),
		ROW("0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 01234567",
		    "/*\n * 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789\n"
		    " * 01234567\n */\n"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct source source = { .depth = 0 };

		source_comment(&source, rows[i].data);
		CHECK_STRING(rows[i].want, written(&source), rows[i].want);
		buf_clear(&source.text);
	}
}

/* A program and the events that it is made of. */
struct bench {
	struct program program;
	char out[4096];
};

static void give(struct bench *bench, enum step_id step, int fd, int64_t result, union step_args *args, int error)
{
	const struct event event = {
		.step = step,
		.session = 1,
		.side = SIDE_CLIENT,
		.fd = fd,
		.args = args,
		.result = error == 0 ? result : -1,
		.has_result = true,
		.error = error,
		.protocol = PROTOCOL_TCP,
		.remote = step == STEP_ACCEPT ? sample_addr("127.0.0.1", 1) : NULL,
		.data = args != NULL && step == STEP_SEND ? args->io.data : args != NULL ? args->io.buf : NULL,
	};

	program_event(&bench->program, &event, NULL);
}

static void give_socket(struct bench *bench, int fd, int error)
{
	union step_args args = { .socket = { AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0 } };

	give(bench, STEP_SOCKET, -1, fd, &args, error);
}

static void give_connect(struct bench *bench, int fd, const char *ip, int error)
{
	union step_args args = { .name = { sample_addr(ip, 9) } };

	give(bench, STEP_CONNECT, fd, 0, &args, error);
}

static void give_data(struct bench *bench, enum step_id step, int fd, const char *data)
{
	union step_args args = { .io = { .data = data, .buf = (char *)(uintptr_t)data, .len = strlen(data) } };

	give(bench, step, fd, (int64_t)strlen(data), &args, 0);
}

/* The statements, each a word and what tells it from others: "send 5 (6)". */
static const char *told(struct bench *bench)
{
	static const char *const words[PROGRAM_OP_COUNT] = {
		"remark",  "socket",    "setsockopt", "unlink", "fchmod", "bind", "chown",   "chmod",   "port",
		"listen",  "accept",    "connect",
		"connected", "nonblock", "poll",      "name",   "getsockopt", "send",  "receive", "forward",
		"exchange", "pass",    "failed",    "left out",  "shutdown", "close",
	};
	struct text text;

	text_init(&text, bench->out, sizeof(bench->out));
	for (const struct program_statement *at = bench->program.list.first; at != NULL; at = at->next) {
		text_addf(&text, "%s%s %d", text.len > 0 ? ", " : "", words[at->op], at->socket->fd);
		if (at->op >= PROGRAM_SEND && at->op <= PROGRAM_PASS)
			text_addf(&text, " (%d)%s", (int)at->bytes, at->has_end ? "$" : "");
		if (at->op == PROGRAM_EXCHANGE || at->op == PROGRAM_PASS)
			text_addf(&text, " (%d)", (int)at->bytes_back);
		if (at->error != 0)
			text_add(&text, " failed");
	}
	return bench->out;
}

/* Addresses that race stand one after the other: who failed, then who answered, each with all of its calls. */
static void test_race(void **state)
{
	struct bench bench;

	(void)state;
	program_init(&bench.program, false);
	give_socket(&bench, 3, 0);
	give_connect(&bench, 3, "10.0.0.1", EINPROGRESS);
	give_socket(&bench, 4, 0);
	give_connect(&bench, 4, "10.0.0.2", EINPROGRESS);
	give(&bench, STEP_CONNECTED, 3, 0, NULL, ECONNREFUSED);
	give(&bench, STEP_CLOSE, 3, 0, NULL, 0);
	give(&bench, STEP_CONNECTED, 4, 0, NULL, 0);
	assert_string_equal(told(&bench), "socket 3, connect 3 failed, close 3, socket 4, connect 4");
	assert_true(program_goes_on(bench.program.list.first->next));
	program_clear(&bench.program);
}

/* Moves in one direction are one; the end belongs to what was received before it. */
static void test_moves(void **state)
{
	struct bench bench;

	(void)state;
	program_init(&bench.program, false);
	give_socket(&bench, 3, 0);
	give_connect(&bench, 3, "10.0.0.1", 0);
	give_data(&bench, STEP_SEND, 3, "ab");
	give_data(&bench, STEP_SEND, 3, "c");
	give_data(&bench, STEP_RECV, 3, "xyz");
	give_data(&bench, STEP_SEND, 3, "d");
	give_data(&bench, STEP_RECV, 3, "xy");
	give_data(&bench, STEP_RECV, 3, "");
	assert_string_equal(told(&bench), "socket 3, connect 3, send 3 (3), receive 3 (3), send 3 (1), receive 3 (2)$");
	assert_memory_equal(bench.program.list.first->next->next->data, "abc", 3);
	program_clear(&bench.program);
}

/* More turns than are written down are one exchange; nothing of what passed is lost. */
static void test_fold(void **state)
{
	struct bench bench;

	(void)state;
	program_init(&bench.program, false);
	give_socket(&bench, 3, 0);
	give_connect(&bench, 3, "10.0.0.1", 0);
	for (int i = 0; i < PROGRAM_STEPS_MAX; i++) {
		give_data(&bench, STEP_SEND, 3, "ab");
		give_data(&bench, STEP_RECV, 3, "xyz");
	}
	give_data(&bench, STEP_RECV, 3, "");
	assert_true(bench.program.is_bulk);
	assert_string_equal(told(&bench), "socket 3, connect 3, exchange 3 (512) (768), receive 3 (0)$");
	program_clear(&bench.program);
}

/* A send of a whole program that takes a part of its bytes. */
static void give_part(struct bench *bench, int fd, const char *data, size_t len, size_t taken)
{
	union step_args args = { .io = { .data = data, .len = len } };

	give(bench, STEP_SEND, fd, (int64_t)taken, &args, 0);
}

/* Of a whole program: what others overtake is begun and ended apart; a send that waits is joined with its receives. */
static void test_whole(void **state)
{
	union step_args flags = { .fcntl = { .cmd = F_SETFL, .flags = O_RDWR | O_NONBLOCK } };
	struct bench bench;
	char data[4096];

	(void)state;
	memset(data, 'x', sizeof(data));
	program_init(&bench.program, false);
	bench.program.is_whole = true;
	give_socket(&bench, 3, 0);
	give_socket(&bench, 4, 0);
	give_connect(&bench, 3, "10.0.0.1", EINPROGRESS);
	give_connect(&bench, 4, "10.0.0.1", EINPROGRESS);
	give(&bench, STEP_CONNECTED, 4, 0, NULL, 0);
	give(&bench, STEP_CONNECTED, 3, 0, NULL, ECONNREFUSED);
	give_part(&bench, 4, data, sizeof(data), 1000);
	give_data(&bench, STEP_RECV, 3, "xx");
	give_data(&bench, STEP_RECV, 3, "x");
	give_part(&bench, 4, data + 1000, sizeof(data) - 1000, sizeof(data) - 1000);
	give_data(&bench, STEP_RECV, 3, "xxxx");
	give(&bench, STEP_FCNTL, 4, 0, &flags, 0);
	give_part(&bench, 4, data, sizeof(data), 1000);
	assert_string_equal(told(&bench),
			    "socket 3, socket 4, connect 3, connect 4, connected 3 failed, pass 4 (4096) (3), "
			    "receive 3 (4), nonblock 4, send 4 (4096)");
	assert_int_equal(bench.program.list.last->taken, 1000);
	assert_int_equal(bench.program.list.last->period, 1);
	program_clear(&bench.program);
}

/* Of a whole program what a person looked at is part of it; what sockt looks at by itself is not. */
static void test_looks(void **state)
{
	union step_args option = { .sockopt = { .level = SOL_SOCKET, .optname = SO_ERROR, .optlen = 4 } };
	union step_args peek = { .io = { .len = 10, .flags = MSG_PEEK } };
	struct addr addr = { .len = 0 };
	union step_args name = { .name = { &addr } };
	struct event look = { .step = STEP_GETSOCKNAME, .fd = 3, .args = &name, .is_look = true };
	struct bench bench;

	(void)state;
	for (int i = 0; i < 2; i++) {
		program_init(&bench.program, false);
		bench.program.is_whole = i == 0;
		give_socket(&bench, 3, 0);
		give_connect(&bench, 3, "10.0.0.1", EINPROGRESS);
		/* That is how the answer to connect() is asked for. */
		give(&bench, STEP_GETSOCKOPT, 3, 0, &option, 0);
		give(&bench, STEP_CONNECTED, 3, 0, NULL, 0);
		assert_false(program_event(&bench.program, &look, NULL));
		give(&bench, STEP_GETPEERNAME, 3, 0, &name, 0);
		give(&bench, STEP_GETSOCKOPT, 3, 0, &option, 0);
		give(&bench, STEP_RECV, 3, 4, &peek, 0);
		give(&bench, STEP_RECV, 3, -1, &peek, EAGAIN);
		assert_string_equal(told(&bench), i == 0 ? "socket 3, connect 3, name 3, getsockopt 3, receive 3 (10)"
							 : "socket 3, connect 3");
		program_clear(&bench.program);
	}
}

/* A relay forwards what it received; what it sends of its own is written down, before it or between. */
static void test_relay(void **state)
{
	union step_args accept = { .accept = { .flags = 0 } };
	struct bench bench;

	(void)state;
	program_init(&bench.program, true);
	give(&bench, STEP_ACCEPT, 3, 4, &accept, 0);
	give_socket(&bench, 5, 0);
	give_connect(&bench, 5, "10.0.0.1", 0);
	give_data(&bench, STEP_RECV, 4, "question");
	give_data(&bench, STEP_SEND, 5, "PROXY\r\n");
	give_data(&bench, STEP_SEND, 5, "quest");
	give_data(&bench, STEP_RECV, 4, "");
	give_data(&bench, STEP_SEND, 5, "ion");
	give_data(&bench, STEP_RECV, 5, "answer");
	give_data(&bench, STEP_SEND, 4, "answer");
	assert_string_equal(told(&bench), "socket 3, accept 3, socket 5, connect 5, send 5 (7), forward 4 (8)$, "
					  "forward 5 (6)");
	program_clear(&bench.program);
}

/* What a parent, or a worker, does with a listening socket that others have too. */
static void give_shared(struct bench *bench, enum step_id step, int fd, union step_args *args)
{
	const struct event event = {
		.step = step,
		.fd = step == STEP_SOCKET ? -1 : fd,
		.args = args,
		.result = step == STEP_SOCKET ? fd : 0,
		.has_result = true,
		.protocol = PROTOCOL_TCP,
		.local = step == STEP_BIND ? sample_addr("127.0.0.1", 7) : NULL,
		.is_passed = step == STEP_CLOSE,
	};

	program_event(&bench->program, &event, NULL);
}

/* Workers have a listening socket each, and sockets of the same number: the program has one of the first kind. */
static void test_relay_of_workers(void **state)
{
	union step_args make = { .socket = { AF_INET, SOCK_STREAM, 0 } }, accept = { .accept = { .flags = 0 } };
	union step_args name = { .name = { sample_addr("127.0.0.1", 7) } }, listen = { .listen = { 5 } };
	struct bench bench;

	(void)state;
	program_init(&bench.program, true);
	for (int fd = 3; fd < 6; fd++) {
		give_shared(&bench, STEP_SOCKET, fd, &make);
		give_shared(&bench, STEP_BIND, fd, &name);
		give_shared(&bench, STEP_LISTEN, fd, &listen);
	}
	/* The second worker accepts, and has a socket whose number is that of the first one's listening socket. */
	give_shared(&bench, STEP_CLOSE, 3, NULL);
	give(&bench, STEP_ACCEPT, 4, 3, &accept, 0);
	give_socket(&bench, 5, 0);
	give_connect(&bench, 5, "10.0.0.1", 0);
	give_data(&bench, STEP_RECV, 3, "question");
	give_data(&bench, STEP_SEND, 5, "question");
	give_shared(&bench, STEP_CLOSE, 5, NULL);
	give(&bench, STEP_CLOSE, 3, 0, NULL, 0);
	give_shared(&bench, STEP_CLOSE, 4, NULL);
	assert_string_equal(told(&bench), "socket 3, bind 3, listen 3, accept 3, socket 5, connect 5, forward 3 (8), "
					  "close 3");
	program_clear(&bench.program);
}

/* The same with explanations: the socket of any worker is called what the one that stands for them is. */
static void test_names_of_workers(void **state)
{
	union step_args args[] = {
		[STEP_SOCKET] = { .socket = { AF_INET, SOCK_STREAM, 0 } },
		[STEP_BIND] = { .name = { sample_addr("127.0.0.1", 7) } },
		[STEP_LISTEN] = { .listen = { 5 } },
		[STEP_ACCEPT] = { .accept = { .flags = 0 } },
	};
	static const enum step_id steps[] = { STEP_SOCKET, STEP_BIND, STEP_LISTEN };
	struct capture capture;
	char *text;

	(void)state;
	capture_open_relay(&capture, &sink_c, 3);
	for (int i = 0; i < 7; i++) {
		enum step_id step = i == 6 ? STEP_ACCEPT : steps[i % 3];
		int fd = i < 3 ? 6 : 7;
		struct event event = {
			.step = step,
			.session = i == 6,
			.side = SIDE_SERVER,
			.protocol = PROTOCOL_TCP,
			.fd = step == STEP_SOCKET ? -1 : fd,
			.args = &args[step],
			.result = step == STEP_SOCKET ? fd : step == STEP_ACCEPT ? 8 : 0,
			.has_result = true,
			.local = step == STEP_BIND ? sample_addr("127.0.0.1", 7) : NULL,
			.remote = step == STEP_ACCEPT ? sample_addr("127.0.0.1", 8) : NULL,
		};

		bus_emit(&capture.bus, &event);
	}
	text = capture_close(&capture, NULL);
	assert_non_null(strstr(text, "listener stays the one"));
	free(text);
}

/* A Unix socket whose accept queue is full: the connect() that is made again and again is one that waits. */
static void test_connect_again(void **state)
{
	union step_args args = { .name = { sample_unix("s") } };
	struct bench bench;

	(void)state;
	program_init(&bench.program, false);
	give_socket(&bench, 3, 0);
	for (int i = 0; i < 3; i++)
		give(&bench, STEP_CONNECT, 3, 0, &args, EAGAIN);
	give(&bench, STEP_CONNECT, 3, 0, &args, 0);
	assert_string_equal(told(&bench), "socket 3, connect 3");
	assert_true(program_has_winner(&bench.program));
	program_clear(&bench.program);
}

/* Receives that fail, as those of a relay to a port that refuses datagrams: they are counted, as moves are. */
static void test_failures(void **state)
{
	union step_args receive = { .io = { .len = 10 } };
	struct source source = { .depth = 0 };
	const struct c_run run = { .argc = 0 };
	struct bench bench;
	size_t statements = 0;
	const char *first;

	(void)state;
	program_init(&bench.program, true);
	for (int i = 0; i < 2000; i++) {
		give_data(&bench, STEP_SEND, 3, "x");
		give(&bench, STEP_RECV, 3, -1, &receive, ECONNREFUSED);
	}
	for (const struct program_statement *at = bench.program.list.first; at != NULL; at = at->next)
		statements++;
	assert_in_range(statements, PROGRAM_STEPS_MAX, PROGRAM_STEPS_MAX + 4);
	assert_int_equal(bench.program.list.last->op, PROGRAM_LEFT_OUT);
	c_program_write(&source, &bench.program, &run);
	first = strstr(written(&source), "char byte;");
	assert_non_null(first);
	assert_null(strstr(first + 1, "char byte;"));
	buf_clear(&source.text);
	program_clear(&bench.program);
}

/* Whatever events hold or lack: a program without control characters, and with nothing wrong in memory. */
static void test_samples(void **state)
{
	void (*const samples[])(struct bus *) = { sample_client, sample_server, sample_hostile, sample_bare,
						  sample_proxy, sample_faults };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		struct capture capture;
		char *text;
		size_t len;

		capture_open(&capture, &sink_c, 3, 0);
		samples[i](&capture.bus);
		text = capture_close(&capture, &len);
		assert_non_null(strstr(text, "int main(void)\n{\n"));
		assert_string_equal(text + len - 3, ";\n}\n" + 1);
		for (size_t at = 0; at < len; at++)
			assert_true((unsigned char)text[at] >= ' ' || text[at] == '\n' || text[at] == '\t');
		free(text);
	}
}

/* One session is explained: what happens in others first takes no comment from it. */
static void test_others_are_not_explained(void **state)
{
	struct capture capture;
	char *text;

	(void)state;
	capture_open(&capture, &sink_c, 3, 0);
	for (uint32_t i = 0; i < 3; i++) {
		static const struct {
			enum step_id step;
			uint32_t session;
			int fd;
		} steps[] = { { STEP_SOCKET, 1, 5 }, { STEP_SOCKET, 2, 6 }, { STEP_SHUTDOWN, 2, 6 } };
		union step_args args = { .socket = { AF_INET, SOCK_STREAM, 0 } };
		struct event event = { .step = steps[i].step, .session = steps[i].session, .side = SIDE_CLIENT,
				       .protocol = PROTOCOL_TCP, .args = &args, .has_result = true };

		if (event.step == STEP_SHUTDOWN)
			args = (union step_args){ .shutdown = { SHUT_WR } };
		event.fd = event.step == STEP_SOCKET ? -1 : steps[i].fd;
		event.result = event.step == STEP_SOCKET ? steps[i].fd : 0;
		bus_emit(&capture.bus, &event);
	}
	{
		union step_args args = { .shutdown = { SHUT_WR } };
		struct event event = { .step = STEP_SHUTDOWN, .session = 1, .side = SIDE_CLIENT, .fd = 5, .args = &args,
				       .protocol = PROTOCOL_TCP, .has_result = true };

		bus_emit(&capture.bus, &event);
	}
	text = capture_close(&capture, NULL);
	assert_non_null(strstr(text, "shutdown(SHUT_WR) ends the sending direction"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_strings_in_lines),
		cmocka_unit_test(test_comments),
		cmocka_unit_test(test_race),
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_relay),
		cmocka_unit_test(test_relay_of_workers),
		cmocka_unit_test(test_names_of_workers),
		cmocka_unit_test(test_connect_again),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_others_are_not_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
