/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of the benchmark that must not be in its way: a fast source, a cheap sink, a server that echoes and closes,
 * and a runner that says what one process has used. Compiled when the benchmark starts.
 *
 *   tool source BYTES           write BYTES zeros to standard output, 128 KiB a call
 *   tool sink FD                take all of standard input; then "BYTES NANOSECONDS\n" on FD (CLOCK_MONOTONIC)
 *   tool serve FD               listen on 127.0.0.1, "PORT\n" on FD; each client: read once, reply, close
 *   tool run FD PROGRAM ARG...  run it; then "STATUS WALL_NS CPU_US MAXRSS_KIB\n" on FD
 *
 * For relays; all that listen do so on 127.0.0.1 and first write "PORT\n" on FD:
 *
 *   tool target FD read|drop BYTES        take one connection; with all bytes, or its end: "BYTES NANOSECONDS\n"
 *   tool bulk FD PORT BYTES               "NANOSECONDS\n", then send BYTES; hold on until standard input ends
 *   tool paced FD PORT BYTES RATE         the same, RATE bytes a second
 *   tool echo FD                          send back what comes, to any number of clients; bulk is only taken
 *   tool ping FD PORT COUNT SIZE          round trips; "P50 P99 MIN\n" in nanoseconds
 *   tool connections FD PORT N TOGETHER SIZE   N connections, SIZE bytes each way; "NANOSECONDS GOOD FAILED\n"
 *   tool idle FD PORT N                   open N, a byte each way; "GOOD FAILED\n"; hold till standard input ends
 *   tool count FD                         count datagrams; "ready\n" at the probe, "N BYTES LAST_NS\n" in the end
 *   tool blast FD PORT N SIZE             send a probe; when standard input ends N; "START_NS END_NS SENT\n"
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tool.h"

#define SOURCE_BLOCK (128 * 1024)
#define SINK_BLOCK (1024 * 1024)
#define BACKLOG 4096

extern char **environ;

int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int complain(const char *what)
{
	fprintf(stderr, "tool: %s: %s\n", what, strerror(errno));
	return 1;
}

int open_port(int report, int type)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	bool is_stream = (type & ~SOCK_NONBLOCK) == SOCK_STREAM;

	if (fd == -1 || bind(fd, (struct sockaddr *)&addr, len) == -1 ||
	    (is_stream && listen(fd, BACKLOG) == -1) || getsockname(fd, (struct sockaddr *)&addr, &len) == -1)
		return -1;
	dprintf(report, "%u\n", (unsigned)ntohs(addr.sin_port));
	return fd;
}

int open_client(int type, unsigned port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) },
				    .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -1;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == -1 && errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	return fd;
}

void wait_for_end(void)
{
	char block[64];

	while (read(STDIN_FILENO, block, sizeof(block)) > 0)
		continue;
}

static int run_source(long long left)
{
	static char block[SOURCE_BLOCK];

	while (left > 0) {
		size_t len = left < SOURCE_BLOCK ? (size_t)left : SOURCE_BLOCK;
		ssize_t written = write(STDOUT_FILENO, block, len);

		if (written == -1)
			return complain("write");
		left -= written;
	}
	return 0;
}

/* Into /dev/null by splice where the input is a pipe, so that the sink's own copying does not decide the race. */
static int run_sink(int report, char **argv)
{
	static char block[SINK_BLOCK];
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	bool may_splice = null != -1;
	long long total = 0;

	(void)argv;
	for (;;) {
		ssize_t got = -1;

		if (may_splice)
			got = splice(STDIN_FILENO, NULL, null, NULL, SINK_BLOCK, SPLICE_F_MOVE);
		if (got == -1) {
			may_splice = false;
			got = read(STDIN_FILENO, block, sizeof(block));
		}
		if (got == -1)
			return complain("read");
		if (got == 0)
			break;
		total += got;
	}
	dprintf(report, "%lld %lld\n", total, (long long)now_ns());
	return 0;
}

static int run_serve(int report, char **argv)
{
	int listener = open_port(report, SOCK_STREAM);
	char block[4096];

	(void)argv;
	if (listener == -1)
		return complain("listen");
	close(report);
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		ssize_t got;

		if (fd == -1)
			return complain("accept");
		got = recv(fd, block, sizeof(block), 0);
		if (got > 0)
			send(fd, block, (size_t)got, MSG_NOSIGNAL);
		close(fd);
	}
}

static int run_program(int report, char **argv)
{
	struct rusage used;
	int64_t start, end;
	pid_t pid;
	int status;

	if (fcntl(report, F_SETFD, FD_CLOEXEC) == -1)
		return complain("the descriptor for the report");
	start = now_ns();
	errno = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (errno != 0)
		return complain(argv[0]);
	/* The child's ends of pipes must be the only ones. */
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	if (wait4(pid, &status, 0, &used) == -1)
		return complain("wait4");
	end = now_ns();
	dprintf(report, "%d %lld %lld %ld\n",
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), (long long)(end - start),
		(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000LL + used.ru_utime.tv_usec +
			used.ru_stime.tv_usec,
		used.ru_maxrss);
	return 0;
}

/* What is run with FD as its first word. */
static const struct subcommand {
	const char *name;
	int (*run)(int report, char **argv);
	int argc; /* behind FD; run takes any more */
} subcommands[] = {
	{ "sink", run_sink, 0 },
	{ "serve", run_serve, 0 },
	{ "run", run_program, 1 },
	{ "target", run_target, 2 },
	{ "bulk", run_bulk, 2 },
	{ "paced", run_paced, 3 },
	{ "echo", run_echo, 0 },
	{ "ping", run_ping, 3 },
	{ "connections", run_connections, 4 },
	{ "idle", run_idle, 2 },
	{ "count", run_count, 0 },
	{ "blast", run_blast, 3 },
};

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "source") == 0)
		return run_source(strtoll(argv[2], NULL, 10));
	for (size_t i = 0; i < sizeof(subcommands) / sizeof(subcommands[0]); i++) {
		const struct subcommand *command = &subcommands[i];

		if (argc >= 3 + command->argc && strcmp(argv[1], command->name) == 0)
			return command->run((int)strtol(argv[2], NULL, 10), argv + 3);
	}
	fprintf(stderr, "usage: tool SUBCOMMAND ...: see tool.c\n");
	return 2;
}
