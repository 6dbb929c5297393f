/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One connection through a relay: who sends, who takes, who echoes, and who measures round trips. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool.h"

#define SEND_BLOCK (256 * 1024)
#define TAKE_BLOCK (1024 * 1024)
#define ECHO_BLOCK (256 * 1024)
/* Who sends more at a time sends bulk: from then on it is taken, and nothing is sent back. */
#define ECHO_MOST 4096
#define ECHO_EVENTS 256
#define ECHO_CLIENTS (1 << 20)

int run_target(int report, char **argv)
{
	static char block[TAKE_BLOCK];
	int flags = strcmp(argv[0], "drop") == 0 ? MSG_TRUNC : 0;
	long long want = strtoll(argv[1], NULL, 10), total = 0;
	int listener = open_port(report, SOCK_STREAM), fd;
	bool is_told = false;
	ssize_t got;

	if (listener == -1)
		return complain("listen");
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd == -1)
		return complain("accept");
	while ((got = recv(fd, block, sizeof(block), flags)) > 0) {
		total += got;
		if (total < want || is_told)
			continue;
		/* The relay's CPU time is read now: connections that end would take it with them. */
		dprintf(report, "%lld %lld\n", total, (long long)now_ns());
		is_told = true;
	}
	if (!is_told)
		dprintf(report, "%lld %lld\n", total, (long long)now_ns());
	return got == -1 ? complain("recv") : 0;
}

/* Send so many bytes to a port, at a rate in bytes a second that the kernel keeps; 0: as fast as can be. */
static int send_bulk(int report, const char *port, long long left, unsigned rate)
{
	static char block[SEND_BLOCK];
	int fd = open_client(SOCK_STREAM, (unsigned)strtoul(port, NULL, 10));

	if (fd == -1)
		return complain("connect");
	if (rate > 0 && setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof(rate)) == -1)
		return complain("setsockopt");
	dprintf(report, "%lld\n", (long long)now_ns());
	while (left > 0) {
		ssize_t sent = send(fd, block, left < SEND_BLOCK ? (size_t)left : SEND_BLOCK, MSG_NOSIGNAL);

		if (sent == -1)
			return complain("send");
		left -= sent;
	}
	wait_for_end();
	return 0;
}

int run_bulk(int report, char **argv)
{
	return send_bulk(report, argv[0], strtoll(argv[1], NULL, 10), 0);
}

int run_paced(int report, char **argv)
{
	return send_bulk(report, argv[0], strtoll(argv[1], NULL, 10), (unsigned)strtoul(argv[2], NULL, 10));
}

/* Who of the clients sends bulk, by descriptor. */
struct echo {
	int epoll_fd, listener;
	bool *is_bulk;
};

/* Take all who wait. */
static void echo_accept(const struct echo *echo)
{
	struct epoll_event event = { .events = EPOLLIN };
	const int on = 1;
	int fd;

	while ((fd = accept4(echo->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) != -1) {
		if (fd >= ECHO_CLIENTS) {
			close(fd);
			continue;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		echo->is_bulk[fd] = false;
		event.data.fd = fd;
		epoll_ctl(echo->epoll_fd, EPOLL_CTL_ADD, fd, &event);
	}
}

/* Something has come from a client, or it has ended. */
static void echo_serve(const struct echo *echo, int fd)
{
	static char block[ECHO_BLOCK];
	ssize_t got = recv(fd, block, sizeof(block), 0);

	if (got == -1 && errno == EAGAIN)
		return;
	if (got > ECHO_MOST)
		echo->is_bulk[fd] = true;
	/* What is sent back is small: it always has room. */
	if (got <= 0 || (!echo->is_bulk[fd] && send(fd, block, (size_t)got, MSG_NOSIGNAL) != got))
		close(fd);
}

int run_echo(int report, char **argv)
{
	struct epoll_event events[ECHO_EVENTS], event = { .events = EPOLLIN };
	struct echo echo = {
		.epoll_fd = epoll_create1(EPOLL_CLOEXEC),
		.listener = open_port(report, SOCK_STREAM | SOCK_NONBLOCK),
		.is_bulk = calloc(ECHO_CLIENTS, sizeof(bool)),
	};

	(void)argv;
	event.data.fd = echo.listener;
	if (echo.is_bulk == NULL || !raise_files() ||
	    epoll_ctl(echo.epoll_fd, EPOLL_CTL_ADD, echo.listener, &event) == -1)
		return complain("listen");
	for (;;) {
		int count = epoll_wait(echo.epoll_fd, events, ECHO_EVENTS, -1);

		if (count == -1 && errno != EINTR)
			return complain("epoll_wait");
		for (int i = 0; i < count; i++) {
			if (events[i].data.fd == echo.listener)
				echo_accept(&echo);
			else
				echo_serve(&echo, events[i].data.fd);
		}
	}
}

static int compare_times(const void *one, const void *other)
{
	int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;

	return a < b ? -1 : a > b;
}

/* Send len bytes and take them back. Returns false where the connection has failed. */
static bool ping_once(int fd, char *block, size_t len)
{
	size_t have = 0;

	if (send(fd, block, len, MSG_NOSIGNAL) != (ssize_t)len)
		return false;
	while (have < len) {
		ssize_t got = recv(fd, block, len - have, 0);

		if (got <= 0)
			return false;
		have += (size_t)got;
	}
	return true;
}

int run_ping(int report, char **argv)
{
	size_t count = strtoul(argv[1], NULL, 10), len = strtoul(argv[2], NULL, 10), warm = count / 10 + 1;
	int fd = open_client(SOCK_STREAM, (unsigned)strtoul(argv[0], NULL, 10));
	int64_t *times = calloc(count, sizeof(*times));
	char *block = calloc(1, len);
	const int on = 1;

	if (fd == -1 || times == NULL || block == NULL || count == 0)
		return complain("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	for (size_t i = 0; i < warm + count; i++) {
		int64_t start = now_ns();

		if (!ping_once(fd, block, len))
			return complain("the connection has ended");
		if (i >= warm)
			times[i - warm] = now_ns() - start;
	}
	qsort(times, count, sizeof(*times), compare_times);
	dprintf(report, "%lld %lld %lld\n", (long long)times[count / 2], (long long)times[count * 99 / 100],
		(long long)times[0]);
	free(times);
	free(block);
	return 0;
}
